//! Names of headers: printable ASCII without blanks and colons, as a header line needs them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A header's name, such as `Nats-Msg-Id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderName(Cow<'static, str>);

/// A text cannot be the name of a header: it is empty, or has other than printable ASCII, or a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidHeaderName;

impl fmt::Display for InvalidHeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header's name is printable ASCII without blanks and colons")
    }
}

impl std::error::Error for InvalidHeaderName {}

impl HeaderName {
    /// A name known when the program is written.
    ///
    /// ```
    /// use nats_proto::HeaderName;
    ///
    /// const TRACE: HeaderName = HeaderName::from_static("Trace");
    /// assert_eq!(TRACE.as_str(), "Trace");
    /// ```
    ///
    /// # Panics
    /// If it cannot be a name; in a constant that is an error of the build.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_valid(name.as_bytes()), "a header's name is printable ASCII without blanks and colons");
        Self(Cow::Borrowed(name))
    }

    /// A name as it came from a server, whatever it is.
    pub(super) fn from_received(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }

    /// The name.
    ///
    /// ```
    /// assert_eq!(nats_proto::header::NATS_MESSAGE_ID.as_str(), "Nats-Msg-Id");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_valid(name: &[u8]) -> bool {
    let mut at = 0;
    while at < name.len() {
        if name[at] == b':' || !name[at].is_ascii_graphic() {
            return false;
        }
        at += 1;
    }
    !name.is_empty()
}

impl FromStr for HeaderName {
    type Err = InvalidHeaderName;

    fn from_str(name: &str) -> Result<Self, InvalidHeaderName> {
        if is_valid(name.as_bytes()) { Ok(Self(Cow::Owned(name.to_owned()))) } else { Err(InvalidHeaderName) }
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for HeaderName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// What can be given where a header's name is wanted.
pub trait IntoHeaderName {
    /// The name.
    ///
    /// # Panics
    /// If a text cannot be one.
    fn into_header_name(self) -> HeaderName;
}

impl IntoHeaderName for HeaderName {
    fn into_header_name(self) -> HeaderName {
        self
    }
}

impl IntoHeaderName for &str {
    fn into_header_name(self) -> HeaderName {
        match self.parse() {
            Ok(name) => name,
            Err(error) => panic!("{error}, and not {self:?}"),
        }
    }
}

impl IntoHeaderName for String {
    fn into_header_name(self) -> HeaderName {
        self.as_str().into_header_name()
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)+) => {
        $($(#[$doc])* pub const $constant: HeaderName = HeaderName::from_static($name);)+
    };
}

names! {
    /// A stream stores one message of each id within its duplicate window.
    NATS_MESSAGE_ID = "Nats-Msg-Id";
    /// The stream that a publisher expects to store the message.
    NATS_EXPECTED_STREAM = "Nats-Expected-Stream";
    /// The sequence that a publisher expects to be the stream's last.
    NATS_EXPECTED_LAST_SEQUENCE = "Nats-Expected-Last-Sequence";
    /// The sequence that a publisher expects to be the subject's last.
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";
    /// The id that a publisher expects the stream's last message to have.
    NATS_EXPECTED_LAST_MESSAGE_ID = "Nats-Expected-Last-Msg-Id";
    /// Whether a message replaces all earlier ones, of its subject (`sub`) or of the stream (`all`).
    NATS_ROLLUP = "Nats-Rollup";
    /// Why the server put a marker in the place of a message.
    NATS_MARKER_REASON = "Nats-Marker-Reason";
    /// How long a message is to be kept; async-nats' name of it.
    NATS_MESSAGE_TTL = "Nats-TTL";
    /// How long a message is to be kept.
    NATS_TTL = "Nats-TTL";
    /// The stream that a message was read from.
    NATS_STREAM = "Nats-Stream";
    /// The subject that a message was stored under.
    NATS_SUBJECT = "Nats-Subject";
    /// The sequence that a message was stored under.
    NATS_SEQUENCE = "Nats-Sequence";
    /// When a message was stored, in RFC 3339.
    NATS_TIME_STAMP = "Nats-Time-Stamp";
    /// How many more messages match.
    NATS_NUM_PENDING = "Nats-Num-Pending";
    /// The sequence before this one in the answer.
    NATS_LAST_SEQUENCE = "Nats-Last-Sequence";
    /// The sequence up to which an answer looked.
    NATS_UP_TO_SEQUENCE = "Nats-UpTo-Sequence";
}

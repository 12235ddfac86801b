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

/// async-nats' name of it.
pub type ParseHeaderNameError = InvalidHeaderName;

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

impl AsRef<[u8]> for HeaderName {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl TryFrom<&str> for HeaderName {
    type Error = InvalidHeaderName;

    fn try_from(name: &str) -> Result<Self, InvalidHeaderName> {
        name.parse()
    }
}

impl TryFrom<String> for HeaderName {
    type Error = InvalidHeaderName;

    fn try_from(name: String) -> Result<Self, InvalidHeaderName> {
        name.parse()
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

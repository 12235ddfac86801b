//! Subjects: what messages are published to, and the filters that subscriptions name.
//! Names and signatures follow `async_nats::Subject`.

use std::fmt;
use std::ops::Deref;
use std::str::Utf8Error;

use bytes::Bytes;
use bytestring::ByteString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is no subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubjectError {
    /// It is empty, has white space, or has an empty token (`a..b`, `.a`, `a.`).
    InvalidFormat,
}

impl fmt::Display for SubjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid subject format")
    }
}

impl std::error::Error for SubjectError {}

/// An immutable subject in UTF-8, cheap to clone; a received one shares the bytes it came in.
///
/// ```
/// use nats_proto::Subject;
///
/// assert!(Subject::validated("orders.eu.new")?.is_publishable());
/// assert!(Subject::validated("orders.*.>")?.is_valid());
/// assert!(!Subject::from("orders.*.>").is_publishable());
/// assert!(Subject::validated("no spaces").is_err());
/// # Ok::<(), nats_proto::SubjectError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Subject {
    text: ByteString,
}

impl Subject {
    /// A subject from a text that lives as long as the program. It is not validated.
    ///
    /// ```
    /// const CREATED: nats_proto::Subject = nats_proto::Subject::from_static("orders.created");
    /// assert_eq!(CREATED.as_str(), "orders.created");
    /// ```
    #[must_use]
    pub const fn from_static(input: &'static str) -> Self {
        Self { text: ByteString::from_static(input) }
    }

    /// A subject from a text that lives as long as the program, if it is one that may be subscribed to.
    ///
    /// ```
    /// const CREATED: nats_proto::Subject = nats_proto::Subject::from_static_validated("orders.created");
    /// ```
    ///
    /// # Panics
    /// If it is none; in a constant that is an error of the build.
    #[must_use]
    pub const fn from_static_validated(subject: &'static str) -> Self {
        let bytes = subject.as_bytes();
        let (mut at, mut length) = (0, 0);
        while at < bytes.len() {
            assert!(!is_blank(bytes[at]), "a subject has no white space");
            assert!(bytes[at] != b'.' || length > 0, "a subject has no empty token");
            length = if bytes[at] == b'.' { 0 } else { length + 1 };
            at += 1;
        }
        assert!(length > 0, "a subject has no empty token");
        Self::from_static(subject)
    }

    /// A subject from bytes that should be UTF-8. It is not validated otherwise.
    ///
    /// ```
    /// use nats_proto::Subject;
    ///
    /// assert_eq!(Subject::from_utf8("orders.new").unwrap().as_str(), "orders.new");
    /// assert!(Subject::from_utf8(vec![0xff]).is_err());
    /// ```
    pub fn from_utf8<T: Into<Bytes>>(input: T) -> Result<Self, Utf8Error> {
        ByteString::try_from(input.into()).map(|text| Self { text })
    }

    /// A subject from a text, if it is one that may be subscribed to.
    ///
    /// ```
    /// use nats_proto::{Subject, SubjectError};
    ///
    /// assert!(Subject::validated("orders.*").is_ok());
    /// assert_eq!(Subject::validated("orders..new"), Err(SubjectError::InvalidFormat));
    /// ```
    pub fn validated(text: impl AsRef<str>) -> Result<Self, SubjectError> {
        let text = text.as_ref();
        if is_valid(text) { Ok(Self::from(text)) } else { Err(SubjectError::InvalidFormat) }
    }

    /// A received subject. A server passes on any bytes but white space, so what is not UTF-8 is replaced, and one
    /// publisher cannot break everyone's connection.
    #[inline]
    pub(crate) fn from_received(chunk: &Bytes, range: std::ops::Range<usize>) -> Self {
        match ByteString::try_from(chunk.slice(range.clone())) {
            Ok(text) => Self { text },
            Err(_) => Self::from(String::from_utf8_lossy(&chunk[range]).into_owned()),
        }
    }

    /// The whole subject.
    ///
    /// ```
    /// assert_eq!(nats_proto::Subject::from("orders.new").as_str(), "orders.new");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        self
    }

    /// The whole subject as a string of its own.
    ///
    /// ```
    /// assert_eq!(nats_proto::Subject::from("orders.new").into_string(), "orders.new".to_owned());
    /// ```
    #[must_use]
    pub fn into_string(self) -> String {
        self.as_str().to_owned()
    }

    /// Whether it may be subscribed to: no white space, no empty token.
    ///
    /// ```
    /// use nats_proto::Subject;
    ///
    /// assert!(Subject::from("orders.*").is_valid() && !Subject::from("two words").is_valid());
    /// ```
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.check() != Checked::Invalid
    }

    /// Whether it may be published to: valid, and without the wildcards `*` and `>` as tokens.
    ///
    /// ```
    /// use nats_proto::Subject;
    ///
    /// assert!(Subject::from("orders.new").is_publishable() && !Subject::from("orders.*").is_publishable());
    /// ```
    #[must_use]
    pub fn is_publishable(&self) -> bool {
        self.check() == Checked::Publishable
    }

    /// Whether it is one argument of a protocol line: not empty, no white space.
    ///
    /// ```
    /// use nats_proto::Subject;
    ///
    /// assert!(Subject::from("orders..new").fits_protocol() && !Subject::from("two words").fits_protocol());
    /// ```
    #[must_use]
    pub fn fits_protocol(&self) -> bool {
        !self.text.is_empty() && !self.text.bytes().any(is_blank)
    }

    fn check(&self) -> Checked {
        check(self.text.as_bytes())
    }
}

/// What a text is as a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checked {
    Invalid,
    /// It may be subscribed to only.
    Filter,
    Publishable,
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Looks at each byte once, as every publish pays for it.
fn check(subject: &[u8]) -> Checked {
    let (mut length, mut wild, mut checked) = (0, false, Checked::Publishable);
    for byte in subject {
        match byte {
            b'.' if length == 0 => return Checked::Invalid,
            b'.' => {
                if wild && length == 1 {
                    checked = Checked::Filter;
                }
                (length, wild) = (0, false);
            }
            byte if is_blank(*byte) => return Checked::Invalid,
            byte => {
                wild = matches!(byte, b'*' | b'>');
                length += 1;
            }
        }
    }
    match length {
        0 => Checked::Invalid,
        1 if wild => Checked::Filter,
        _ => checked,
    }
}

fn is_valid(subject: &str) -> bool {
    check(subject.as_bytes()) != Checked::Invalid
}

/// Whether a queue group's name fits into a protocol line: not empty, no white space.
///
/// ```
/// use nats_proto::subject::is_valid_queue_group;
///
/// assert!(is_valid_queue_group("workers") && !is_valid_queue_group("two words"));
/// ```
#[must_use]
pub fn is_valid_queue_group(name: &str) -> bool {
    !name.is_empty() && !name.bytes().any(is_blank)
}

impl Deref for Subject {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Subject {
    fn as_ref(&self) -> &str {
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl From<&str> for Subject {
    fn from(text: &str) -> Self {
        Self { text: text.into() }
    }
}

impl From<String> for Subject {
    fn from(text: String) -> Self {
        Self { text: text.into() }
    }
}

impl TryFrom<Bytes> for Subject {
    type Error = Utf8Error;

    fn try_from(bytes: Bytes) -> Result<Self, Utf8Error> {
        Self::from_utf8(bytes)
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// What can be given where a subject is wanted.
pub trait ToSubject {
    /// The subject; not validated.
    fn to_subject(&self) -> Subject;
}

impl ToSubject for Subject {
    fn to_subject(&self) -> Subject {
        self.clone()
    }
}

impl ToSubject for &'static str {
    fn to_subject(&self) -> Subject {
        Subject::from_static(self)
    }
}

impl ToSubject for String {
    fn to_subject(&self) -> Subject {
        Subject::from(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_subscribed_to_and_published_to() {
        for (text, valid, publishable) in [
            ("a", true, true),
            ("a.b-c_d.$JS", true, true),
            ("a.*.b", true, false),
            ("a.>", true, false),
            (">", true, false),
            ("a*.b>", true, true),
            ("", false, false),
            (".", false, false),
            (".a", false, false),
            ("a.", false, false),
            ("a..b", false, false),
            ("a b", false, false),
            ("a\tb", false, false),
            ("a\r\nPUB b 0", false, false),
        ] {
            let subject = Subject::from(text);
            assert_eq!(subject.is_valid(), valid, "{text:?}");
            assert_eq!(subject.is_publishable(), publishable, "{text:?}");
            assert_eq!(Subject::validated(text).is_ok(), valid, "{text:?}");
        }
    }

    #[test]
    fn a_received_subject_is_never_refused() {
        let subject = Subject::from_received(&Bytes::from_static(b"a.\xff.b"), 0..5);
        assert_eq!(subject.as_str(), "a.\u{fffd}.b");
    }
}

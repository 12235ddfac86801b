//! Values of headers: owned ones for sending, and views into a received block.
//! A value is any text without line breaks.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// A value to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HeaderValue(String);

/// A text cannot be the value of a header: it has a line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidHeaderValue;

/// async-nats' name of it.
pub type ParseHeaderValueError = InvalidHeaderValue;

impl fmt::Display for InvalidHeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header's value has no line breaks")
    }
}

impl std::error::Error for InvalidHeaderValue {}

impl HeaderValue {
    /// An empty value.
    ///
    /// ```
    /// assert_eq!(nats_proto::HeaderValue::new().as_str(), "");
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value.
    ///
    /// ```
    /// assert_eq!(nats_proto::HeaderValue::from(7).as_str(), "7");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HeaderValue {
    type Err = InvalidHeaderValue;

    fn from_str(value: &str) -> Result<Self, InvalidHeaderValue> {
        if value.contains(['\r', '\n']) { Err(InvalidHeaderValue) } else { Ok(Self(value.to_owned())) }
    }
}

impl From<&str> for HeaderValue {
    /// # Panics
    /// If it has a line break.
    fn from(value: &str) -> Self {
        match value.parse() {
            Ok(value) => value,
            Err(error) => panic!("{error}, and {value:?} has"),
        }
    }
}

impl From<String> for HeaderValue {
    /// # Panics
    /// If it has a line break.
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

macro_rules! from_numbers {
    ($($number:ty),+) => {
        $(impl From<$number> for HeaderValue {
            fn from(value: $number) -> Self {
                Self(value.to_string())
            }
        })+
    };
}

from_numbers!(i16, i32, i64, isize, u16, u32, u64, usize);

impl fmt::Display for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for HeaderValue {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for HeaderValue {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What can be given where a header's value is wanted.
pub trait IntoHeaderValue {
    /// The value.
    ///
    /// # Panics
    /// If a text has a line break.
    fn into_header_value(self) -> HeaderValue;
}

impl IntoHeaderValue for HeaderValue {
    fn into_header_value(self) -> HeaderValue {
        self
    }
}

impl IntoHeaderValue for &str {
    fn into_header_value(self) -> HeaderValue {
        self.into()
    }
}

impl IntoHeaderValue for String {
    fn into_header_value(self) -> HeaderValue {
        self.into()
    }
}

/// A value in a header map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueRef<'a>(&'a str);

impl<'a> ValueRef<'a> {
    pub(super) const fn new(value: &'a str) -> Self {
        Self(value)
    }

    /// The value, for as long as the map lives.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.insert("Trace", "7");
    /// assert_eq!(headers.get("Trace").map(|value| value.as_str()), Some("7"));
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl Deref for ValueRef<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl AsRef<str> for ValueRef<'_> {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl AsRef<[u8]> for ValueRef<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl PartialEq<str> for ValueRef<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for ValueRef<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Debug for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

//! The inline status of a message without a publisher: `NATS/1.0 503`, `NATS/1.0 204 EOB`.
//! Names and signatures follow `async_nats::StatusCode`.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

/// A status from 100 to 999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusCode(NonZeroU16);

/// A number was no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidStatusCode;

impl fmt::Display for InvalidStatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid status code")
    }
}

impl std::error::Error for InvalidStatusCode {}

impl StatusCode {
    /// Nothing to deliver, and all is well.
    pub const IDLE_HEARTBEAT: Self = Self::constant(100);
    /// All is well.
    pub const OK: Self = Self::constant(200);
    /// A batch ends here (`204 EOB`).
    pub const NO_CONTENT: Self = Self::constant(204);
    /// A request that cannot be read.
    pub const BAD_REQUEST: Self = Self::constant(400);
    /// There is no such message.
    pub const NOT_FOUND: Self = Self::constant(404);
    /// A request ended before it was answered in full; from direct get, one that asks for nothing.
    pub const TIMEOUT: Self = Self::constant(408);
    /// A pull request ended early.
    pub const REQUEST_TERMINATED: Self = Self::constant(409);
    /// More results than one answer may have.
    pub const TOO_MANY_RESULTS: Self = Self::constant(413);
    /// A pull request names another client than the one that the consumer is pinned to.
    pub const PIN_ID_MISMATCH: Self = Self::constant(423);
    /// Nobody listens on the subject of a request.
    pub const NO_RESPONDERS: Self = Self::constant(503);

    const fn constant(code: u16) -> Self {
        match NonZeroU16::new(code) {
            Some(code) => Self(code),
            None => panic!("a status is not zero"),
        }
    }

    /// A status from a number of 100 to 999.
    ///
    /// ```
    /// use nats_proto::StatusCode;
    ///
    /// assert_eq!(StatusCode::from_u16(503), Ok(StatusCode::NO_RESPONDERS));
    /// assert!(StatusCode::from_u16(99).is_err());
    /// ```
    pub fn from_u16(code: u16) -> Result<Self, InvalidStatusCode> {
        match NonZeroU16::new(code) {
            Some(code) if (100..1000).contains(&code.get()) => Ok(Self(code)),
            _ => Err(InvalidStatusCode),
        }
    }

    /// A status from its three digits.
    ///
    /// ```
    /// use nats_proto::StatusCode;
    ///
    /// assert_eq!(StatusCode::from_bytes(b"404"), Ok(StatusCode::NOT_FOUND));
    /// assert!(StatusCode::from_bytes(b"40").is_err());
    /// ```
    pub fn from_bytes(digits: &[u8]) -> Result<Self, InvalidStatusCode> {
        let code = if digits.len() == 3 { crate::control_line::number(digits) } else { None };
        code.and_then(|code| u16::try_from(code).ok()).ok_or(InvalidStatusCode).and_then(Self::from_u16)
    }

    /// The number.
    ///
    /// ```
    /// assert_eq!(nats_proto::StatusCode::NO_RESPONDERS.as_u16(), 503);
    /// ```
    #[must_use]
    pub fn as_u16(&self) -> u16 {
        self.0.get()
    }

    /// Whether it is 100 to 199.
    ///
    /// ```
    /// assert!(nats_proto::StatusCode::IDLE_HEARTBEAT.is_informational());
    /// ```
    #[must_use]
    pub fn is_informational(&self) -> bool {
        (100..200).contains(&self.as_u16())
    }

    /// Whether it is 200 to 299.
    ///
    /// ```
    /// use nats_proto::StatusCode;
    ///
    /// assert!(StatusCode::OK.is_success() && !StatusCode::NOT_FOUND.is_success());
    /// ```
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.as_u16())
    }

    /// Whether it is 300 to 399.
    ///
    /// ```
    /// assert!(!nats_proto::StatusCode::OK.is_redirection());
    /// ```
    #[must_use]
    pub fn is_redirection(&self) -> bool {
        (300..400).contains(&self.as_u16())
    }

    /// Whether it is 400 to 499.
    ///
    /// ```
    /// assert!(nats_proto::StatusCode::NOT_FOUND.is_client_error());
    /// ```
    #[must_use]
    pub fn is_client_error(&self) -> bool {
        (400..500).contains(&self.as_u16())
    }

    /// Whether it is 500 to 599.
    ///
    /// ```
    /// assert!(nats_proto::StatusCode::NO_RESPONDERS.is_server_error());
    /// ```
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        (500..600).contains(&self.as_u16())
    }
}

impl Default for StatusCode {
    fn default() -> Self {
        Self::OK
    }
}

impl fmt::Debug for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl PartialEq<u16> for StatusCode {
    fn eq(&self, other: &u16) -> bool {
        self.as_u16() == *other
    }
}

impl PartialEq<StatusCode> for u16 {
    fn eq(&self, other: &StatusCode) -> bool {
        *self == other.as_u16()
    }
}

impl From<StatusCode> for u16 {
    fn from(status: StatusCode) -> u16 {
        status.as_u16()
    }
}

impl TryFrom<u16> for StatusCode {
    type Error = InvalidStatusCode;

    fn try_from(code: u16) -> Result<Self, InvalidStatusCode> {
        Self::from_u16(code)
    }
}

impl TryFrom<&[u8]> for StatusCode {
    type Error = InvalidStatusCode;

    fn try_from(digits: &[u8]) -> Result<Self, InvalidStatusCode> {
        Self::from_bytes(digits)
    }
}

impl TryFrom<&str> for StatusCode {
    type Error = InvalidStatusCode;

    fn try_from(digits: &str) -> Result<Self, InvalidStatusCode> {
        Self::from_bytes(digits.as_bytes())
    }
}

impl FromStr for StatusCode {
    type Err = InvalidStatusCode;

    fn from_str(digits: &str) -> Result<Self, InvalidStatusCode> {
        Self::from_bytes(digits.as_bytes())
    }
}

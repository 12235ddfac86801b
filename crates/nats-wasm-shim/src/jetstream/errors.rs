//! What JetStream's API answers when it refuses something: a status, a code of its own, and words.

mod codes;

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A code of JetStream's own.
#[derive(Debug, PartialEq, Eq, Clone, Copy, Deserialize, Serialize, Default)]
pub struct ErrorCode(pub u64);

impl ErrorCode {
    /// The request cannot be read.
    pub const BAD_REQUEST: Self = Self(10003);
    /// The server has no room.
    pub const INSUFFICIENT_RESOURCES: Self = Self(10023);
    /// There is no such message.
    pub const NO_MESSAGE_FOUND: Self = Self(10037);
    /// The account has no JetStream.
    pub const JETSTREAM_NOT_ENABLED_FOR_ACCOUNT: Self = Self(10039);
    /// The stream's configuration makes no sense.
    pub const STREAM_INVALID_CONFIG: Self = Self(10052);
    /// The message is larger than the stream accepts.
    pub const STREAM_MESSAGE_EXCEEDS_MAXIMUM: Self = Self(10054);
    /// There is another stream of this name with another configuration.
    pub const STREAM_NAME_EXIST: Self = Self(10058);
    /// There is no such stream.
    pub const STREAM_NOT_FOUND: Self = Self(10059);
    /// Another stream of the message's subject was expected.
    pub const STREAM_NOT_MATCH: Self = Self(10060);
    /// Another stream has some of these subjects.
    pub const STREAM_SUBJECT_OVERLAP: Self = Self(10065);
    /// The last message has another id than was expected.
    pub const STREAM_WRONG_LAST_MESSAGE_ID: Self = Self(10070);
    /// The last sequence is another than was expected.
    pub const STREAM_WRONG_LAST_SEQUENCE: Self = Self(10071);
    /// The server has no JetStream.
    pub const JETSTREAM_NOT_ENABLED: Self = Self(10076);
    /// The message could not be stored.
    pub const STREAM_STORE_FAILED: Self = Self(10077);
}

/// A refusal of JetStream's API.
#[derive(Debug, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct Error {
    code: usize,
    #[serde(default)]
    err_code: ErrorCode,
    description: Option<String>,
}

impl Error {
    /// The status, such as 404.
    ///
    /// ```
    /// # fn example(error: nats_wasm_shim::jetstream::Error) {
    /// let is_gone = error.code() == 404;
    /// # }
    /// ```
    #[must_use]
    pub fn code(&self) -> usize {
        self.code
    }

    /// JetStream's own code.
    ///
    /// ```
    /// # fn example(error: nats_wasm_shim::jetstream::Error) {
    /// let is_gone = error.error_code() == nats_wasm_shim::jetstream::ErrorCode::STREAM_NOT_FOUND;
    /// # }
    /// ```
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        self.err_code
    }

    /// JetStream's own code.
    ///
    /// ```
    /// # fn example(error: nats_wasm_shim::jetstream::Error) {
    /// let is_gone = error.kind() == nats_wasm_shim::jetstream::ErrorCode::STREAM_NOT_FOUND;
    /// # }
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorCode {
        self.err_code
    }

    /// The server's words.
    ///
    /// ```
    /// # fn example(error: nats_wasm_shim::jetstream::Error) {
    /// println!("{}", error.description());
    /// # }
    /// ```
    #[must_use]
    pub fn description(&self) -> &str {
        self.description.as_deref().unwrap_or("unknown")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {}, error code {})", self.description(), self.code, self.err_code.0)
    }
}

impl std::error::Error for Error {}

#[derive(Deserialize)]
struct Refusal {
    error: Option<Error>,
}

/// Reads an answer of the API: what was asked for, or the refusal.
pub(super) fn read<T: DeserializeOwned>(payload: &Bytes) -> Result<Result<T, Error>, serde_json::Error> {
    if let Refusal { error: Some(error) } = serde_json::from_slice(payload)? {
        return Ok(Err(error));
    }
    serde_json::from_slice(payload).map(Ok)
}

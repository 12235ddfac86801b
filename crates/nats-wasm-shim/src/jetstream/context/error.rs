//! What can go wrong with JetStream's API. Kinds that async-nats has are named as there.

use std::fmt;

use crate::error::Error;
use crate::jetstream::errors::{self, ErrorCode};

/// Why a request to the API has no answer.
pub type RequestError = Error<RequestErrorKind>;

/// What went wrong with a request to the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestErrorKind {
    /// Nobody answers there: no JetStream, no such stream, or another prefix.
    NoResponders,
    /// No answer came in time.
    TimedOut,
    /// A name does not fit into a subject.
    InvalidSubject,
    /// The server does not let this user ask that.
    PermissionDenied,
    /// The connection was lost before the answer came.
    Disconnected,
    /// Something else; see the source, which is an [`errors::Error`] if the API refused the request.
    Other,
}

impl fmt::Display for RequestErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoResponders => "requested JetStream resource does not exist",
            Self::TimedOut => "timed out",
            Self::InvalidSubject => "invalid subject",
            Self::PermissionDenied => "permission denied",
            Self::Disconnected => "disconnected before the answer",
            Self::Other => "request failed",
        })
    }
}

impl From<crate::RequestError> for RequestError {
    fn from(error: crate::RequestError) -> Self {
        use crate::RequestErrorKind as Kind;

        let kind = match error.kind() {
            Kind::NoResponders => return Self::new(RequestErrorKind::NoResponders),
            Kind::TimedOut => RequestErrorKind::TimedOut,
            Kind::InvalidSubject => RequestErrorKind::InvalidSubject,
            Kind::PermissionDenied => RequestErrorKind::PermissionDenied,
            Kind::Disconnected => RequestErrorKind::Disconnected,
            _ => RequestErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<errors::Error> for RequestError {
    fn from(error: errors::Error) -> Self {
        Self::with_source(RequestErrorKind::Other, error)
    }
}

/// Why the account's use is not known.
pub type AccountError = Error<AccountErrorKind>;

/// What went wrong with asking for the account's use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountErrorKind {
    /// No answer came in time.
    TimedOut,
    /// The API refused it.
    JetStream(errors::Error),
    /// The server or the account has no JetStream.
    JetStreamUnavailable,
    /// The server does not let this user ask that.
    PermissionDenied,
    /// Something else; see the source.
    Other,
}

impl fmt::Display for AccountErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("timed out"),
            Self::JetStream(error) => write!(f, "jetstream error: {error}"),
            Self::JetStreamUnavailable => f.write_str("JetStream unavailable"),
            Self::PermissionDenied => f.write_str("permission denied"),
            Self::Other => f.write_str("error"),
        }
    }
}

impl From<RequestError> for AccountError {
    fn from(error: RequestError) -> Self {
        let kind = match error.kind() {
            RequestErrorKind::NoResponders => AccountErrorKind::JetStreamUnavailable,
            RequestErrorKind::TimedOut => AccountErrorKind::TimedOut,
            RequestErrorKind::PermissionDenied => AccountErrorKind::PermissionDenied,
            _ => AccountErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<errors::Error> for AccountError {
    fn from(error: errors::Error) -> Self {
        Self::new(match error.error_code() {
            ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => {
                AccountErrorKind::JetStreamUnavailable
            }
            _ => AccountErrorKind::JetStream(error),
        })
    }
}

/// Why a stream was not created or changed.
pub type CreateStreamError = Error<CreateStreamErrorKind>;
/// Why a stream was not changed.
pub type UpdateStreamError = CreateStreamError;
/// What went wrong with changing a stream.
pub type UpdateStreamErrorKind = CreateStreamErrorKind;

/// What went wrong with creating or changing a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateStreamErrorKind {
    /// A stream needs a name.
    EmptyStreamName,
    /// A stream's name has no dots, wildcards, slashes or white space.
    InvalidStreamName,
    /// Another stream has both a domain and the way to it.
    DomainAndExternalSet,
    /// There is no such stream to change.
    NotFound,
    /// The API refused it.
    JetStream(errors::Error),
    /// Nobody answers there.
    JetStreamUnavailable,
    /// No answer came in time.
    TimedOut,
    /// The server does not let this user do that.
    PermissionDenied,
    /// Something else; see the source.
    Response,
}

impl fmt::Display for CreateStreamErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyStreamName => f.write_str("stream name cannot be empty"),
            Self::InvalidStreamName => {
                f.write_str("stream name cannot contain dots, wildcards, slashes or white space")
            }
            Self::DomainAndExternalSet => f.write_str("domain and external are both set"),
            Self::NotFound => f.write_str("stream not found"),
            Self::JetStream(error) => write!(f, "jetstream error: {error}"),
            Self::JetStreamUnavailable => f.write_str("jetstream unavailable"),
            Self::TimedOut => f.write_str("jetstream request timed out"),
            Self::PermissionDenied => f.write_str("permission denied"),
            Self::Response => f.write_str("response error"),
        }
    }
}

impl From<RequestError> for CreateStreamError {
    fn from(error: RequestError) -> Self {
        let kind = match error.kind() {
            RequestErrorKind::NoResponders => CreateStreamErrorKind::JetStreamUnavailable,
            RequestErrorKind::TimedOut => CreateStreamErrorKind::TimedOut,
            RequestErrorKind::InvalidSubject => CreateStreamErrorKind::InvalidStreamName,
            RequestErrorKind::PermissionDenied => CreateStreamErrorKind::PermissionDenied,
            _ => CreateStreamErrorKind::Response,
        };
        Self::with_source(kind, error)
    }
}

impl From<errors::Error> for CreateStreamError {
    fn from(error: errors::Error) -> Self {
        Self::new(match error.error_code() {
            ErrorCode::STREAM_NOT_FOUND => CreateStreamErrorKind::NotFound,
            _ => CreateStreamErrorKind::JetStream(error),
        })
    }
}

/// Why there is no stream to be had.
pub type GetStreamError = Error<GetStreamErrorKind>;
/// Why a stream was not deleted.
pub type DeleteStreamError = GetStreamError;
/// What went wrong with deleting a stream.
pub type DeleteStreamErrorKind = GetStreamErrorKind;

/// What went wrong with getting a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GetStreamErrorKind {
    /// A stream needs a name.
    EmptyName,
    /// A stream's name has no dots, wildcards, slashes or white space.
    InvalidStreamName,
    /// The API refused it; with [`ErrorCode::STREAM_NOT_FOUND`] if there is no such stream.
    JetStream(errors::Error),
    /// The server does not let this user do that.
    PermissionDenied,
    /// The request has no answer: nobody answers there, or not in time, or the connection was lost; the source, a
    /// [`RequestError`], says which.
    Request,
}

impl GetStreamErrorKind {
    /// Whether the API refused it with this code.
    ///
    /// ```
    /// # fn example(error: nats_wasm_shim::jetstream::context::GetStreamError) {
    /// let is_gone = error.kind().is(nats_wasm_shim::jetstream::ErrorCode::STREAM_NOT_FOUND);
    /// # }
    /// ```
    #[must_use]
    pub fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::JetStream(error) if error.error_code() == code)
    }
}

impl fmt::Display for GetStreamErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyName => f.write_str("stream name cannot be empty"),
            Self::InvalidStreamName => f.write_str("invalid stream name"),
            Self::JetStream(error) => write!(f, "jetstream error: {error}"),
            Self::PermissionDenied => f.write_str("permission denied"),
            Self::Request => f.write_str("request error"),
        }
    }
}

impl From<RequestError> for GetStreamError {
    fn from(error: RequestError) -> Self {
        let kind = match error.kind() {
            RequestErrorKind::PermissionDenied => GetStreamErrorKind::PermissionDenied,
            _ => GetStreamErrorKind::Request,
        };
        Self::with_source(kind, error)
    }
}

impl From<errors::Error> for GetStreamError {
    fn from(error: errors::Error) -> Self {
        Self::new(GetStreamErrorKind::JetStream(error))
    }
}

//! What can go wrong with a client's calls. Kinds that async-nats has are named as there.

use std::fmt;

use nats_proto::connection::{RequestFailure, SendError};

use crate::error::Error;

/// Why a message was not published.
pub type PublishError = Error<PublishErrorKind>;

/// What went wrong with publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishErrorKind {
    /// Headers and payload are larger than the server accepts.
    MaxPayloadExceeded,
    /// The subject is empty, has white space, an empty token or a wildcard.
    InvalidSubject,
    /// There is no connection, and what is kept until there is one is full.
    PendingLimitExceeded,
    /// The connection is over.
    Send,
}

impl fmt::Display for PublishErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MaxPayloadExceeded => "max payload size exceeded",
            Self::InvalidSubject => "invalid subject",
            Self::PendingLimitExceeded => "too much is waiting for a connection",
            Self::Send => "failed to send message",
        })
    }
}

impl From<SendError> for PublishError {
    fn from(error: SendError) -> Self {
        let kind = match &error {
            SendError::MaxPayloadExceeded { .. } => PublishErrorKind::MaxPayloadExceeded,
            SendError::InvalidSubject => PublishErrorKind::InvalidSubject,
            SendError::PendingLimitExceeded { .. } => PublishErrorKind::PendingLimitExceeded,
            _ => PublishErrorKind::Send,
        };
        Self::with_source(kind, error)
    }
}

/// Why a subscription did not come about.
pub type SubscribeError = Error<SubscribeErrorKind>;

/// What went wrong with subscribing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubscribeErrorKind {
    /// The subject is empty, has white space or an empty token.
    InvalidSubject,
    /// The queue group's name is empty or has white space.
    InvalidQueueName,
    /// The connection is over.
    Other,
}

impl fmt::Display for SubscribeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidSubject => "invalid subject",
            Self::InvalidQueueName => "invalid queue name",
            Self::Other => "subscribe failed",
        })
    }
}

impl From<SendError> for SubscribeError {
    fn from(error: SendError) -> Self {
        let kind = match &error {
            SendError::InvalidSubject => SubscribeErrorKind::InvalidSubject,
            SendError::InvalidQueueGroup => SubscribeErrorKind::InvalidQueueName,
            _ => SubscribeErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

/// Why a request has no answer.
pub type RequestError = Error<RequestErrorKind>;

/// What went wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestErrorKind {
    /// Nobody answered in time.
    TimedOut,
    /// Nobody listens on its subject.
    NoResponders,
    /// The subject is empty, has white space or an empty token.
    InvalidSubject,
    /// Headers and payload are larger than the server accepts.
    MaxPayloadExceeded,
    /// The server does not let this user publish there, or listen for answers.
    PermissionDenied,
    /// The connection was lost before the answer came; whether the request was handled is unknown.
    Disconnected,
    /// The connection is over, or too much is waiting for one.
    Other,
}

impl fmt::Display for RequestErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "request timed out",
            Self::NoResponders => "no responders",
            Self::InvalidSubject => "invalid subject",
            Self::MaxPayloadExceeded => "max payload size exceeded",
            Self::PermissionDenied => "permission denied",
            Self::Disconnected => "disconnected before the answer",
            Self::Other => "request failed",
        })
    }
}

impl From<SendError> for RequestError {
    fn from(error: SendError) -> Self {
        let kind = match &error {
            SendError::MaxPayloadExceeded { .. } => RequestErrorKind::MaxPayloadExceeded,
            SendError::InvalidSubject => RequestErrorKind::InvalidSubject,
            _ => RequestErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<RequestFailure> for RequestError {
    fn from(failure: RequestFailure) -> Self {
        Self::new(match failure {
            RequestFailure::TimedOut => RequestErrorKind::TimedOut,
            RequestFailure::NoResponders => RequestErrorKind::NoResponders,
            RequestFailure::PermissionDenied => RequestErrorKind::PermissionDenied,
            RequestFailure::Disconnected => RequestErrorKind::Disconnected,
            _ => RequestErrorKind::Other,
        })
    }
}

impl From<PublishError> for RequestError {
    fn from(error: PublishError) -> Self {
        let kind = match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => RequestErrorKind::MaxPayloadExceeded,
            PublishErrorKind::InvalidSubject => RequestErrorKind::InvalidSubject,
            _ => RequestErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<SubscribeError> for RequestError {
    fn from(error: SubscribeError) -> Self {
        let kind = match error.kind() {
            SubscribeErrorKind::InvalidSubject => RequestErrorKind::InvalidSubject,
            _ => RequestErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

/// Why a flush was not confirmed.
pub type FlushError = Error<FlushErrorKind>;

/// What went wrong with a flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushErrorKind {
    /// The connection is over.
    SendError,
    /// The connection ended before the server confirmed.
    FlushError,
}

impl fmt::Display for FlushErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SendError => "failed to send flush request",
            Self::FlushError => "flush failed",
        })
    }
}

/// The connection is over already, or draining.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainError;

impl fmt::Display for DrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed, or about to be")
    }
}

impl std::error::Error for DrainError {}

/// The connection is over, and cannot be made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReconnectError;

impl fmt::Display for ReconnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed")
    }
}

impl std::error::Error for ReconnectError {}

//! What can go wrong with consumers. Kinds are named as in async-nats, where most of them belong to `stream`.

use crate::error::{Error, kinds};
use crate::jetstream::context::{RequestError, RequestErrorKind};
use crate::jetstream::errors::{self, ErrorCode};

/// Why there is no consumer to be had.
pub type ConsumerError = Error<ConsumerErrorKind>;
/// Why a consumer was not changed.
pub type ConsumerUpdateError = Error<ConsumerUpdateErrorKind>;
/// Why a consumer was not created.
pub type ConsumerCreateStrictError = Error<ConsumerCreateStrictErrorKind>;
/// Why a stream of messages did not come about.
pub type StreamError = Error<StreamErrorKind>;

kinds! {
    /// What went wrong with a consumer.
    ConsumerErrorKind {
        /// No answer came in time.
        TimedOut => "timed out",
        /// The request has no answer: nobody answers there, it is not permitted, or the connection was lost; the source
        /// says which.
        Request => "request failed",
        /// It is a consumer of another kind.
        InvalidConsumerType => "invalid consumer type",
        /// A consumer's name has no dots, wildcards, slashes or white space.
        InvalidName => "invalid consumer name",
        /// The API refused it.
        JetStream(errors::Error) => "JetStream error",
        /// Something else; see the source.
        Other => "consumer error",
    }
}

kinds! {
    /// What went wrong with changing a consumer.
    ConsumerUpdateErrorKind {
        /// No answer came in time.
        TimedOut => "timed out",
        /// The request has no answer; see the source.
        Request => "request failed",
        /// It is a consumer of another kind.
        InvalidConsumerType => "invalid consumer type",
        /// A consumer's name has no dots, wildcards, slashes or white space.
        InvalidName => "invalid consumer name",
        /// There is no such consumer.
        DoesNotExist => "consumer does not exist",
        /// The API refused it.
        JetStream(errors::Error) => "JetStream error",
        /// Something else; see the source.
        Other => "consumer error",
    }
}

kinds! {
    /// What went wrong with creating a consumer that must be new.
    ConsumerCreateStrictErrorKind {
        /// No answer came in time.
        TimedOut => "timed out",
        /// The request has no answer; see the source.
        Request => "request failed",
        /// It is a consumer of another kind.
        InvalidConsumerType => "invalid consumer type",
        /// A consumer's name has no dots, wildcards, slashes or white space.
        InvalidName => "invalid consumer name",
        /// There is one of this name.
        AlreadyExists => "consumer already exists",
        /// The API refused it.
        JetStream(errors::Error) => "JetStream error",
        /// Something else; see the source.
        Other => "consumer error",
    }
}

kinds! {
    /// What went wrong with beginning to read.
    #[derive(Copy)]
    StreamErrorKind {
        /// No answer came in time.
        TimedOut => "timed out",
        /// Something else; see the source.
        Other => "failed",
    }
}

impl From<RequestError> for ConsumerError {
    fn from(error: RequestError) -> Self {
        match error.kind() {
            RequestErrorKind::TimedOut => Self::new(ConsumerErrorKind::TimedOut),
            _ => Self::with_source(ConsumerErrorKind::Request, error),
        }
    }
}

impl From<errors::Error> for ConsumerError {
    fn from(error: errors::Error) -> Self {
        Self::new(ConsumerErrorKind::JetStream(error))
    }
}

impl From<ConsumerError> for ConsumerUpdateError {
    fn from(error: ConsumerError) -> Self {
        let kind = match error.kind() {
            ConsumerErrorKind::JetStream(refusal) => match refusal.error_code() {
                ErrorCode::CONSUMER_DOES_NOT_EXIST => ConsumerUpdateErrorKind::DoesNotExist,
                _ => return Self::new(ConsumerUpdateErrorKind::JetStream(refusal)),
            },
            ConsumerErrorKind::TimedOut => ConsumerUpdateErrorKind::TimedOut,
            ConsumerErrorKind::Request => ConsumerUpdateErrorKind::Request,
            ConsumerErrorKind::InvalidConsumerType => ConsumerUpdateErrorKind::InvalidConsumerType,
            ConsumerErrorKind::InvalidName => ConsumerUpdateErrorKind::InvalidName,
            ConsumerErrorKind::Other => ConsumerUpdateErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<ConsumerError> for ConsumerCreateStrictError {
    fn from(error: ConsumerError) -> Self {
        let kind = match error.kind() {
            ConsumerErrorKind::JetStream(refusal) => match refusal.error_code() {
                ErrorCode::CONSUMER_ALREADY_EXISTS => ConsumerCreateStrictErrorKind::AlreadyExists,
                _ => return Self::new(ConsumerCreateStrictErrorKind::JetStream(refusal)),
            },
            ConsumerErrorKind::TimedOut => ConsumerCreateStrictErrorKind::TimedOut,
            ConsumerErrorKind::Request => ConsumerCreateStrictErrorKind::Request,
            ConsumerErrorKind::InvalidConsumerType => ConsumerCreateStrictErrorKind::InvalidConsumerType,
            ConsumerErrorKind::InvalidName => ConsumerCreateStrictErrorKind::InvalidName,
            ConsumerErrorKind::Other => ConsumerCreateStrictErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

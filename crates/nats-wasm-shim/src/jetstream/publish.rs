//! Publishing to a stream: the acknowledgement, and waiting for it.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use serde::Deserialize;

use crate::client::{RequestError, RequestErrorKind, Responses};
use crate::error::Error;

use super::errors::{self, ErrorCode};

/// That a message is stored.
#[derive(Debug, Default, Deserialize, Clone, PartialEq, Eq)]
pub struct PublishAck {
    /// The stream that stored it.
    pub stream: String,
    /// Its sequence; of a duplicate, the first one's.
    #[serde(rename = "seq")]
    pub sequence: u64,
    /// The domain of the stream.
    #[serde(default)]
    pub domain: String,
    /// A message with the same `Nats-Msg-Id` is stored already, and this one was not.
    #[serde(default)]
    pub duplicate: bool,
    /// The value of a counter.
    #[serde(default, rename = "val")]
    pub value: Option<String>,
}

/// Why a message is not known to be stored.
pub type PublishError = Error<PublishErrorKind>;

/// What went wrong with publishing to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishErrorKind {
    /// No stream has this subject.
    StreamNotFound,
    /// The last message has another id than was expected.
    WrongLastMessageId,
    /// The last sequence is another than was expected.
    WrongLastSequence,
    /// No acknowledgement came in time; the message may be stored.
    TimedOut,
    /// The connection was lost before the acknowledgement came; the message may be stored.
    BrokenPipe,
    /// Headers and payload are larger than the server accepts.
    MaxPayloadExceeded,
    /// The server does not let this user publish there.
    PermissionDenied,
    /// Something else; see the source, which is an [`errors::Error`] if the stream refused the message.
    Other,
}

impl fmt::Display for PublishErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StreamNotFound => "no stream found for given subject",
            Self::WrongLastMessageId => "wrong last message id",
            Self::WrongLastSequence => "wrong last sequence",
            Self::TimedOut => "timed out: didn't receive ack in time",
            Self::BrokenPipe => "the connection was lost before the ack",
            Self::MaxPayloadExceeded => "max payload size exceeded",
            Self::PermissionDenied => "permission denied",
            Self::Other => "publish failed",
        })
    }
}

impl From<RequestError> for PublishError {
    fn from(error: RequestError) -> Self {
        let kind = match error.kind() {
            RequestErrorKind::NoResponders => return Self::new(PublishErrorKind::StreamNotFound),
            RequestErrorKind::TimedOut => PublishErrorKind::TimedOut,
            RequestErrorKind::Disconnected => PublishErrorKind::BrokenPipe,
            RequestErrorKind::MaxPayloadExceeded => PublishErrorKind::MaxPayloadExceeded,
            RequestErrorKind::PermissionDenied => PublishErrorKind::PermissionDenied,
            _ => PublishErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<errors::Error> for PublishError {
    fn from(error: errors::Error) -> Self {
        let kind = match error.error_code() {
            ErrorCode::STREAM_WRONG_LAST_MESSAGE_ID => PublishErrorKind::WrongLastMessageId,
            ErrorCode::STREAM_WRONG_LAST_SEQUENCE => PublishErrorKind::WrongLastSequence,
            _ => PublishErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

/// The acknowledgement to come. The message is on its way whether or not this is awaited. But one that times out before
/// there was a connection to send it over is not sent later: it can be published again. Where it had been sent, nobody
/// knows whether it is stored: it needs a message id to be published again.
#[must_use = "only the acknowledgement says that the message is stored"]
pub struct PublishAckFuture(pub(super) Responses);

impl fmt::Debug for PublishAckFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublishAckFuture")
    }
}

impl IntoFuture for PublishAckFuture {
    type Output = Result<PublishAck, PublishError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let answer = self.0.answer(None).await?;
            let unreadable = |error| PublishError::with_source(PublishErrorKind::Other, error);
            Ok(errors::read::<PublishAck>(&answer.payload).map_err(unreadable)??)
        })
    }
}

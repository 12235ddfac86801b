//! What can go wrong with pulling.

use crate::error::{Error, kinds};

/// Why a stream of messages stumbled.
pub type MessagesError = Error<MessagesErrorKind>;
/// Why an ordered stream of messages stumbled.
pub type OrderedError = Error<OrderedErrorKind>;
/// Why a batch did not come about.
pub type BatchError = Error<BatchErrorKind>;
/// Why a request for a batch was not sent.
pub type BatchRequestError = Error<BatchRequestErrorKind>;

kinds! {
    /// What went wrong with a stream of messages.
    #[derive(Copy)]
    MessagesErrorKind {
        /// The server has shown no sign of life for twice the heartbeat.
        MissingHeartbeat => "missed idle heartbeat",
        /// Somebody has deleted the consumer; the stream of messages ends.
        ConsumerDeleted => "consumer deleted",
        /// More messages could not be asked for: it is not permitted, or the connection is over; the source says which.
        Pull => "pull request failed",
        /// The consumer pushes; the stream of messages ends.
        PushBasedConsumer => "cannot use with push consumer",
        /// Nobody answers there: the consumer or its stream is gone.
        NoResponders => "no responders",
        /// The consumer does not allow pulls as large or as long as these; the stream of messages ends.
        RequestLimitExceeded => "pull request exceeds a limit of the consumer",
        /// Something else; see the source.
        Other => "error",
    }
}

kinds! {
    /// What went wrong with an ordered stream of messages.
    #[derive(Copy)]
    OrderedErrorKind {
        /// The server has shown no sign of life for twice the heartbeat.
        MissingHeartbeat => "missed idle heartbeat",
        /// Somebody has deleted the consumer.
        ConsumerDeleted => "consumer deleted",
        /// More messages could not be asked for: it is not permitted, or the connection is over; the source says which.
        Pull => "pull request failed",
        /// The consumer pushes.
        PushBasedConsumer => "cannot use with push consumer",
        /// The consumer cannot be made anew: its stream is gone, or it is not permitted; the source says which.
        Recreate => "consumer recreation failed",
        /// Nobody answers there.
        NoResponders => "no responders",
        /// The consumer does not allow pulls as large or as long as these.
        RequestLimitExceeded => "pull request exceeds a limit of the consumer",
        /// Something else; see the source.
        Other => "error",
    }
}

kinds! {
    /// What went wrong with a batch.
    #[derive(Copy)]
    BatchErrorKind {
        /// Nobody can listen for its messages.
        Subscribe => "subscribe failed",
        /// The request was not sent.
        Pull => "pull request failed",
        /// What was sent is not confirmed.
        Flush => "flush failed",
        /// The request cannot be written.
        Serialize => "serialize failed",
        /// A consumer that pins a client is read as a stream.
        PinnedClient => "pinned client consumers need a pull stream",
    }
}

kinds! {
    /// What went wrong with a request for a batch.
    #[derive(Copy)]
    BatchRequestErrorKind {
        /// It was not sent.
        Publish => "publish failed",
        /// What was sent is not confirmed.
        Flush => "flush failed",
        /// It cannot be written.
        Serialize => "serialize failed",
    }
}

impl From<MessagesError> for OrderedError {
    fn from(error: MessagesError) -> Self {
        let kind = match error.kind() {
            MessagesErrorKind::MissingHeartbeat => OrderedErrorKind::MissingHeartbeat,
            MessagesErrorKind::ConsumerDeleted => OrderedErrorKind::ConsumerDeleted,
            MessagesErrorKind::Pull => OrderedErrorKind::Pull,
            MessagesErrorKind::PushBasedConsumer => OrderedErrorKind::PushBasedConsumer,
            MessagesErrorKind::NoResponders => OrderedErrorKind::NoResponders,
            MessagesErrorKind::RequestLimitExceeded => OrderedErrorKind::RequestLimitExceeded,
            MessagesErrorKind::Other => OrderedErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

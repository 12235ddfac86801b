//! What can go wrong with buckets. Kinds are named as in async-nats.

use crate::error::{Error, kinds};
use crate::jetstream::consumer::pull::OrderedError;
use crate::jetstream::consumer::{ConsumerError, ConsumerErrorKind, StreamError, StreamErrorKind};
use crate::jetstream::publish::{PublishError, PublishErrorKind};
use crate::jetstream::stream::{
    DirectGetError, DirectGetErrorKind, LastRawMessageError, LastRawMessageErrorKind,
};

/// Why a bucket's state is not known.
pub type StatusError = Error<StatusErrorKind>;
/// Why a key was not created.
pub type CreateError = Error<CreateErrorKind>;
/// Why a value was not put.
pub type PutError = Error<PutErrorKind>;
/// Why a key is not known.
pub type EntryError = Error<EntryErrorKind>;
/// Why a value was not replaced.
pub type UpdateError = Error<UpdateErrorKind>;
/// Why a key was not deleted.
pub type DeleteError = UpdateError;
/// What went wrong with deleting a key.
pub type DeleteErrorKind = UpdateErrorKind;
/// Why a key was not purged.
pub type PurgeError = UpdateError;
/// What went wrong with purging a key.
pub type PurgeErrorKind = UpdateErrorKind;
/// Why a watch did not come about.
pub type WatchError = Error<WatchErrorKind>;
/// Why the history of a key, or the list of keys, did not come about.
pub type HistoryError = WatchError;
/// What went wrong with a history or a list of keys.
pub type HistoryErrorKind = WatchErrorKind;
/// Why a watch stumbled.
pub type WatcherError = Error<WatcherErrorKind>;

kinds! {
    /// What went wrong with asking for a bucket's state.
    #[non_exhaustive]
    StatusErrorKind {
        /// The API refused it, or the request has no answer; see the source.
        JetStream(crate::jetstream::Error) => "jetstream request failed",
        /// No answer came in time.
        TimedOut => "timed out",
        /// The request has no answer; see the source.
        Request => "request failed",
    }
}

kinds! {
    /// What went wrong with creating a key.
    #[derive(Copy)]
    CreateErrorKind {
        /// The key has a value.
        AlreadyExists => "key already exists",
        /// It cannot be a key.
        InvalidKey => "key cannot be empty or start/end with `.`",
        /// It was not sent, or not in time.
        Publish => "failed to create key in store",
        /// It is not known to be stored.
        Ack => "ack error",
        /// Something else; see the source.
        Other => "other error",
    }
}

kinds! {
    /// What went wrong with putting a value.
    #[derive(Copy)]
    PutErrorKind {
        /// It cannot be a key.
        InvalidKey => "key cannot be empty or start/end with `.`",
        /// It was not sent.
        Publish => "failed to put key into store",
        /// It is not known to be stored; see the source.
        Ack => "ack error",
    }
}

kinds! {
    /// What went wrong with getting a key.
    #[derive(Copy)]
    EntryErrorKind {
        /// It cannot be a key.
        InvalidKey => "key cannot be empty or start/end with `.`",
        /// No answer came in time.
        TimedOut => "timed out",
        /// Something else; see the source.
        Other => "failed getting entry",
    }
}

kinds! {
    /// What went wrong with replacing a value.
    #[derive(Copy)]
    UpdateErrorKind {
        /// It cannot be a key.
        InvalidKey => "key cannot be empty or start/end with `.`",
        /// No acknowledgement came in time.
        TimedOut => "timed out",
        /// The key has another revision than was expected.
        WrongLastRevision => "wrong last revision",
        /// Something else; see the source.
        Other => "failed updating entry",
    }
}

kinds! {
    /// What went wrong with beginning a watch.
    #[derive(Copy)]
    WatchErrorKind {
        /// It cannot be a key.
        InvalidKey => "key cannot be empty or start/end with `.`",
        /// No answer came in time.
        TimedOut => "timed out",
        /// There is no consumer to be had.
        ConsumerCreate => "watch consumer creation failed",
        /// Something else; see the source.
        Other => "watch failed",
    }
}

kinds! {
    /// What went wrong with a watch.
    #[derive(Copy)]
    WatcherErrorKind {
        /// The consumer stumbled; see the source.
        Consumer => "watcher consumer error",
        /// Something else; see the source.
        Other => "watcher error",
    }
}

impl From<UpdateError> for CreateError {
    fn from(error: UpdateError) -> Self {
        let kind = match error.kind() {
            UpdateErrorKind::InvalidKey => CreateErrorKind::InvalidKey,
            UpdateErrorKind::TimedOut => CreateErrorKind::Publish,
            UpdateErrorKind::WrongLastRevision => CreateErrorKind::AlreadyExists,
            UpdateErrorKind::Other => CreateErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<EntryError> for CreateError {
    fn from(error: EntryError) -> Self {
        let kind = match error.kind() {
            EntryErrorKind::InvalidKey => CreateErrorKind::InvalidKey,
            EntryErrorKind::TimedOut => CreateErrorKind::Publish,
            EntryErrorKind::Other => CreateErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<PublishError> for UpdateError {
    fn from(error: PublishError) -> Self {
        let kind = match error.kind() {
            PublishErrorKind::TimedOut => UpdateErrorKind::TimedOut,
            PublishErrorKind::WrongLastSequence => UpdateErrorKind::WrongLastRevision,
            _ => UpdateErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<DirectGetError> for EntryError {
    fn from(error: DirectGetError) -> Self {
        let kind = match error.kind() {
            DirectGetErrorKind::TimedOut => EntryErrorKind::TimedOut,
            _ => EntryErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<LastRawMessageError> for EntryError {
    fn from(error: LastRawMessageError) -> Self {
        let kind = match error.kind() {
            LastRawMessageErrorKind::InvalidSubject => EntryErrorKind::InvalidKey,
            _ => EntryErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<ConsumerError> for WatchError {
    fn from(error: ConsumerError) -> Self {
        let kind = match error.kind() {
            ConsumerErrorKind::TimedOut => WatchErrorKind::TimedOut,
            _ => WatchErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<StreamError> for WatchError {
    fn from(error: StreamError) -> Self {
        let kind = match error.kind() {
            StreamErrorKind::TimedOut => WatchErrorKind::TimedOut,
            StreamErrorKind::Other => WatchErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<OrderedError> for WatcherError {
    fn from(error: OrderedError) -> Self {
        Self::with_source(WatcherErrorKind::Consumer, error)
    }
}

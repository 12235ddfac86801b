//! Reading a bucket: a key, one of its past values, and the bucket's state.

use bytes::Bytes;

use super::bucket::Status;
use super::{
    Entry, EntryError, EntryErrorKind, Operation, StatusError, StatusErrorKind, Store, is_valid_key,
};
use crate::jetstream::context::{RequestError, RequestErrorKind};
use crate::jetstream::errors;
use crate::jetstream::message::StreamMessage;
use crate::jetstream::stream::{DirectGetErrorKind, LastRawMessageErrorKind};

impl From<RequestError> for StatusError {
    fn from(error: RequestError) -> Self {
        let refusal =
            std::error::Error::source(&error).and_then(|source| source.downcast_ref::<errors::Error>());
        match (error.kind(), refusal) {
            (_, Some(refusal)) => Self::new(StatusErrorKind::JetStream(refusal.clone())),
            (RequestErrorKind::TimedOut, None) => Self::new(StatusErrorKind::TimedOut),
            (_, None) => Self::with_source(StatusErrorKind::Request, error),
        }
    }
}

impl Store {
    /// What the server knows of the bucket now.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} values", store.status().await?.values());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn status(&self) -> Result<Status, StatusError> {
        Ok(Status { info: self.stream.get_info().await?, bucket: self.name.clone() })
    }

    /// A key's value; `None` if it has none.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(value) = store.get("theme").await? {
    ///     println!("{value:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get<T: Into<String>>(&self, key: T) -> Result<Option<Bytes>, EntryError> {
        let entry = self.entry(key).await?;
        Ok(entry.filter(|entry| entry.operation == Operation::Put).map(|entry| entry.value))
    }

    /// A key as it is, also if it was deleted; `None` if it never was, or all of it is gone.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(entry) = store.entry("theme").await? {
    ///     println!("{:?} at revision {}", entry.operation, entry.revision);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn entry<T: Into<String>>(&self, key: T) -> Result<Option<Entry>, EntryError> {
        self.find(key.into(), None).await
    }

    /// A key as it was at a revision; `None` if that is not there, or is another key's.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let before = store.entry_for_revision("theme", 7).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn entry_for_revision<T: Into<String>>(
        &self,
        key: T,
        revision: u64,
    ) -> Result<Option<Entry>, EntryError> {
        self.find(key.into(), Some(revision)).await
    }

    async fn find(&self, key: String, revision: Option<u64>) -> Result<Option<Entry>, EntryError> {
        if !is_valid_key(&key) {
            return Err(EntryErrorKind::InvalidKey.into());
        }
        let subject = format!("{}{key}", self.prefix);
        let found = if self.stream.cached_info().config.allow_direct {
            self.find_directly(&subject, revision).await?
        } else {
            self.find_by_leader(&subject, revision).await?
        };
        let found = found.filter(|message| message.subject.as_str() == subject);
        Ok(found.map(|message| Entry {
            bucket: self.name.clone(),
            key,
            operation: Operation::of(&message.headers),
            value: message.payload,
            revision: message.sequence,
            delta: 0,
            created: message.time,
            seen_current: false,
        }))
    }

    async fn find_directly(
        &self,
        subject: &str,
        revision: Option<u64>,
    ) -> Result<Option<StreamMessage>, EntryError> {
        let found = match revision {
            Some(revision) => self.stream.direct_get(revision).await,
            None => self.stream.direct_get_last_for_subject(subject).await,
        };
        match found {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn find_by_leader(
        &self,
        subject: &str,
        revision: Option<u64>,
    ) -> Result<Option<StreamMessage>, EntryError> {
        let found = match revision {
            Some(revision) => self.stream.get_raw_message(revision).await,
            None => self.stream.get_last_raw_message_by_subject(subject).await,
        };
        match found {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

//! Changing a bucket: every change is a message, and which revision it must follow is the message's expectation.

use std::time::Duration;

use bytes::Bytes;
use nats_proto::header::NATS_ROLLUP;

use super::{
    CreateError, CreateErrorKind, DeleteError, OPERATION, Operation, PurgeError, PutError, PutErrorKind,
    Store, UpdateError, UpdateErrorKind, is_valid_key,
};
use crate::jetstream::message::PublishMessage;

impl Store {
    /// Gives a key a value, whatever it had. Returns the revision.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let revision = store.put("theme", "dark".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn put<T: AsRef<str>>(&self, key: T, value: Bytes) -> Result<u64, PutError> {
        let subject = self.subject(key.as_ref()).ok_or(PutErrorKind::InvalidKey)?;
        let sent = self.stream.context.publish(subject, value).await;
        let ack = sent.map_err(|error| PutError::with_source(PutErrorKind::Publish, error))?.await;
        Ok(ack.map_err(|error| PutError::with_source(PutErrorKind::Ack, error))?.sequence)
    }

    /// Gives a key a value that has none. Returns the revision.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) {
    /// use nats_wasm_shim::jetstream::kv::CreateErrorKind;
    ///
    /// match store.create("leader", "me".into()).await {
    ///     Ok(revision) => println!("mine, at revision {revision}"),
    ///     Err(error) if error.kind() == CreateErrorKind::AlreadyExists => println!("somebody else's"),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # }
    /// ```
    pub async fn create<T: AsRef<str>>(&self, key: T, value: Bytes) -> Result<u64, CreateError> {
        self.create_anew(key.as_ref(), value, None).await
    }

    /// Gives a key a value that has none, for a while in whole seconds. The bucket must have `limit_markers`, and a server
    /// makes a while that is shorter than these as long.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// let revision = store.create_with_ttl("leader", "me".into(), Duration::from_secs(10)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_with_ttl<T: AsRef<str>>(
        &self,
        key: T,
        value: Bytes,
        ttl: Duration,
    ) -> Result<u64, CreateError> {
        self.create_anew(key.as_ref(), value, Some(ttl)).await
    }

    async fn create_anew(&self, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<u64, CreateError> {
        let error = match self.follow(key, value.clone(), 0, ttl).await {
            Ok(revision) => return Ok(revision),
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => error,
            Err(error) => return Err(error.into()),
        };
        // A key that was deleted has a last message all the same.
        match self.entry(key).await? {
            Some(entry) if entry.operation == Operation::Put => Err(CreateErrorKind::AlreadyExists.into()),
            Some(entry) => Ok(self.follow(key, value, entry.revision, ttl).await?),
            None => Err(error.into()),
        }
    }

    /// Replaces a key's value if it is still at this revision. Returns the new one.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let revision = store.put("count", "1".into()).await?;
    /// store.update("count", "2".into(), revision).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update<T: AsRef<str>>(
        &self,
        key: T,
        value: Bytes,
        revision: u64,
    ) -> Result<u64, UpdateError> {
        self.follow(key.as_ref(), value, revision, None).await
    }

    async fn follow(
        &self,
        key: &str,
        value: Bytes,
        revision: u64,
        ttl: Option<Duration>,
    ) -> Result<u64, UpdateError> {
        let message = PublishMessage::build().payload(value).expected_last_subject_sequence(revision);
        self.change(key, message, ttl).await
    }

    /// Deletes a key; its past values stay.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// store.delete("theme").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete<T: AsRef<str>>(&self, key: T) -> Result<(), DeleteError> {
        self.delete_expect_revision(key, None).await
    }

    /// Deletes a key if it is still at this revision; its past values stay.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// store.delete_expect_revision("theme", Some(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_expect_revision<T: AsRef<str>>(
        &self,
        key: T,
        revison: Option<u64>,
    ) -> Result<(), DeleteError> {
        self.end(key.as_ref(), "DEL", revison, None).await
    }

    /// Deletes a key with its past values.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// store.purge("theme").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn purge<T: AsRef<str>>(&self, key: T) -> Result<(), PurgeError> {
        self.end(key.as_ref(), "PURGE", None, None).await
    }

    /// Deletes a key with its past values; that it was there is forgotten after a while in whole seconds.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// store.purge_with_ttl("theme", std::time::Duration::from_secs(60)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn purge_with_ttl<T: AsRef<str>>(&self, key: T, ttl: Duration) -> Result<(), PurgeError> {
        self.end(key.as_ref(), "PURGE", None, Some(ttl)).await
    }

    /// Deletes a key with its past values, if it is still at this revision.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// store.purge_expect_revision("theme", Some(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn purge_expect_revision<T: AsRef<str>>(
        &self,
        key: T,
        revision: Option<u64>,
    ) -> Result<(), PurgeError> {
        self.end(key.as_ref(), "PURGE", revision, None).await
    }

    /// Both [`Store::purge_expect_revision`] and [`Store::purge_with_ttl`].
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// store.purge_expect_revision_with_ttl("theme", 7, Duration::from_secs(60)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn purge_expect_revision_with_ttl<T: AsRef<str>>(
        &self,
        key: T,
        revision: u64,
        ttl: Duration,
    ) -> Result<(), PurgeError> {
        self.end(key.as_ref(), "PURGE", Some(revision), Some(ttl)).await
    }

    async fn end(
        &self,
        key: &str,
        operation: &str,
        revision: Option<u64>,
        ttl: Option<Duration>,
    ) -> Result<(), UpdateError> {
        let mut message = PublishMessage::build().header(OPERATION, operation);
        if operation == "PURGE" {
            message = message.header(NATS_ROLLUP, "sub");
        }
        if let Some(revision) = revision {
            message = message.expected_last_subject_sequence(revision);
        }
        self.change(key, message, ttl).await.map(|_| ())
    }

    async fn change(
        &self,
        key: &str,
        message: PublishMessage,
        ttl: Option<Duration>,
    ) -> Result<u64, UpdateError> {
        let subject = self.subject(key).ok_or(UpdateErrorKind::InvalidKey)?;
        let message = match ttl {
            Some(ttl) => message.ttl(ttl),
            None => message,
        };
        Ok(self.stream.context.send_publish(subject, message).await?.await?.sequence)
    }

    /// What a change of this key is published to; `None` if it cannot be a key.
    fn subject(&self, key: &str) -> Option<String> {
        let prefix = self.put_prefix.as_ref().unwrap_or(&self.prefix);
        is_valid_key(key).then(|| {
            if self.use_jetstream_prefix {
                format!("{}.{prefix}{key}", self.stream.context.prefix())
            } else {
                format!("{prefix}{key}")
            }
        })
    }
}

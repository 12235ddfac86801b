//! The account's buckets of keys and values.

use super::{Context, CreateStreamErrorKind, UpdateStreamErrorKind};
use crate::error::{Error, kinds};
use crate::jetstream::account::Account;
use crate::jetstream::kv::{self, Store, is_valid_bucket_name};
use crate::jetstream::stream::{self, Compression, DeleteStatus, DiscardPolicy, Stream};

/// Why there is no bucket to be had.
pub type KeyValueError = Error<KeyValueErrorKind>;
/// Why a bucket was not created.
pub type CreateKeyValueError = Error<CreateKeyValueErrorKind>;
/// Why a bucket was not changed.
pub type UpdateKeyValueError = Error<UpdateKeyValueErrorKind>;

kinds! {
    /// What went wrong with getting or deleting a bucket.
    #[derive(Copy)]
    KeyValueErrorKind {
        /// A bucket's name has letters, digits, `-` and `_`; and its stream keeps a value of each key.
        InvalidStoreName => "invalid Key Value Store name",
        /// Its stream is not to be had; see the source.
        GetBucket => "failed to get the bucket",
        /// The API refused it, or has not answered; see the source.
        JetStream => "JetStream error",
    }
}

kinds! {
    /// What went wrong with creating a bucket.
    #[derive(Copy)]
    CreateKeyValueErrorKind {
        /// A bucket's name has letters, digits, `-` and `_`.
        InvalidStoreName => "invalid Key Value Store name",
        /// A bucket keeps at most 64 values of a key.
        TooLongHistory => "too long history",
        /// The account is not to be known; see the source.
        JetStream => "JetStream error",
        /// Its stream was not created; see the source.
        BucketCreate => "bucket creation failed",
        /// No answer came in time.
        TimedOut => "timed out",
        /// The server is too old for marks in the place of values.
        LimitMarkersNotSupported => "limit markers not supported",
    }
}

kinds! {
    /// What went wrong with changing a bucket.
    #[derive(Copy)]
    UpdateKeyValueErrorKind {
        /// A bucket's name has letters, digits, `-` and `_`.
        InvalidStoreName => "invalid Key Value Store name",
        /// A bucket keeps at most 64 values of a key.
        TooLongHistory => "too long history",
        /// The API refused it, or has not answered; see the source.
        JetStream => "JetStream error",
        /// Its stream was not changed; see the source.
        BucketUpdate => "bucket update failed",
        /// No answer came in time.
        TimedOut => "timed out",
        /// The server is too old for marks in the place of values.
        LimitMarkersNotSupported => "limit markers not supported",
        /// There is no such bucket.
        NotFound => "bucket does not exist",
    }
}

/// What cannot be the configuration of a bucket.
enum Impossible {
    TooLongHistory,
    LimitMarkersNotSupported,
}

impl From<Impossible> for CreateKeyValueError {
    fn from(impossible: Impossible) -> Self {
        Self::new(match impossible {
            Impossible::TooLongHistory => CreateKeyValueErrorKind::TooLongHistory,
            Impossible::LimitMarkersNotSupported => CreateKeyValueErrorKind::LimitMarkersNotSupported,
        })
    }
}

impl From<Impossible> for UpdateKeyValueError {
    fn from(impossible: Impossible) -> Self {
        Self::new(match impossible {
            Impossible::TooLongHistory => UpdateKeyValueErrorKind::TooLongHistory,
            Impossible::LimitMarkersNotSupported => UpdateKeyValueErrorKind::LimitMarkersNotSupported,
        })
    }
}

/// How many values of a key a bucket keeps at most.
const MAX_HISTORY: i64 = 64;

/// A bucket as a stream.
fn stream_config(config: kv::Config, account: &Account) -> Result<stream::Config, Impossible> {
    if config.history > MAX_HISTORY {
        return Err(Impossible::TooLongHistory);
    }
    if config.limit_markers.is_some() && account.requests.level < 1 {
        return Err(Impossible::LimitMarkersNotSupported);
    }
    let (mut mirror, mut sources, mut subjects) = (config.mirror, config.sources, Vec::new());
    for source in mirror.iter_mut().chain(sources.iter_mut().flatten()) {
        if !source.name.starts_with("KV_") {
            source.name = format!("KV_{}", source.name);
        }
    }
    if mirror.is_none() && sources.is_none() {
        subjects.push(format!("$KV.{}.>", config.bucket));
    }
    Ok(stream::Config {
        name: format!("KV_{}", config.bucket),
        description: Some(config.description),
        subjects,
        max_messages_per_subject: config.history.max(1),
        max_bytes: config.max_bytes,
        max_age: config.max_age,
        max_message_size: config.max_value_size,
        storage: config.storage,
        republish: config.republish,
        allow_rollup: true,
        deny_delete: true,
        allow_direct: true,
        mirror_direct: config.mirror_direct || mirror.is_some(),
        mirror,
        sources,
        num_replicas: config.num_replicas.max(1),
        discard: DiscardPolicy::New,
        compression: config.compression.then_some(Compression::S2),
        placement: config.placement,
        allow_message_ttl: config.limit_markers.is_some(),
        subject_delete_marker_ttl: config.limit_markers,
        ..stream::Config::default()
    })
}

impl Context {
    /// A bucket that is there.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let store = jetstream.get_key_value("settings").await?;
    /// println!("{:?}", store.get("theme").await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_key_value<T: Into<String>>(&self, bucket: T) -> Result<Store, KeyValueError> {
        let bucket = bucket.into();
        if !is_valid_bucket_name(&bucket) {
            return Err(KeyValueErrorKind::InvalidStoreName.into());
        }
        let stream = self.get_stream(format!("KV_{bucket}")).await;
        let stream =
            stream.map_err(|error| KeyValueError::with_source(KeyValueErrorKind::GetBucket, error))?;
        if stream.cached_info().config.max_messages_per_subject < 1 {
            return Err(KeyValueErrorKind::InvalidStoreName.into());
        }
        Ok(Store::new(stream, bucket))
    }

    /// Creates a bucket. Doing so again with the same configuration succeeds.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::kv::Config;
    ///
    /// let store = jetstream.create_key_value(Config { bucket: "settings".into(), ..Default::default() }).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_key_value(&self, config: kv::Config) -> Result<Store, CreateKeyValueError> {
        if !is_valid_bucket_name(&config.bucket) {
            return Err(CreateKeyValueErrorKind::InvalidStoreName.into());
        }
        let bucket = config.bucket.clone();
        let stream = self.create_stream(stream_config(config, &self.account_for_bucket().await?)?).await;
        let stream = stream.map_err(|error| {
            let kind = match error.kind() {
                CreateStreamErrorKind::TimedOut => CreateKeyValueErrorKind::TimedOut,
                _ => CreateKeyValueErrorKind::BucketCreate,
            };
            CreateKeyValueError::with_source(kind, error)
        })?;
        Ok(Store::new(stream, bucket))
    }

    /// Changes a bucket's configuration.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::kv::Config;
    ///
    /// let config = Config { bucket: "settings".into(), history: 10, ..Default::default() };
    /// let store = jetstream.update_key_value(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_key_value(&self, config: kv::Config) -> Result<Store, UpdateKeyValueError> {
        if !is_valid_bucket_name(&config.bucket) {
            return Err(UpdateKeyValueErrorKind::InvalidStoreName.into());
        }
        let bucket = config.bucket.clone();
        let account = self.query_account().await;
        let account = account
            .map_err(|error| UpdateKeyValueError::with_source(UpdateKeyValueErrorKind::JetStream, error))?;
        let info = self.update_stream(stream_config(config, &account)?).await.map_err(|error| {
            let kind = match error.kind() {
                UpdateStreamErrorKind::NotFound => UpdateKeyValueErrorKind::NotFound,
                _ => UpdateKeyValueErrorKind::JetStream,
            };
            UpdateKeyValueError::with_source(kind, error)
        })?;
        Ok(Store::new(Stream::new(self.clone(), info.config.name.clone(), info), bucket))
    }

    /// Changes a bucket's configuration, or creates the bucket if there is none of its name.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::kv::Config;
    ///
    /// let config = Config { bucket: "settings".into(), history: 10, ..Default::default() };
    /// let store = jetstream.create_or_update_key_value(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_or_update_key_value(&self, config: kv::Config) -> Result<Store, CreateKeyValueError> {
        if !is_valid_bucket_name(&config.bucket) {
            return Err(CreateKeyValueErrorKind::InvalidStoreName.into());
        }
        let bucket = config.bucket.clone();
        let config = stream_config(config, &self.account_for_bucket().await?)?;
        let info = self.create_or_update_stream(config).await;
        let info = info
            .map_err(|error| CreateKeyValueError::with_source(CreateKeyValueErrorKind::JetStream, error))?;
        Ok(Store::new(Stream::new(self.clone(), info.config.name.clone(), info), bucket))
    }

    /// Deletes a bucket with everything in it.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// jetstream.delete_key_value("settings").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_key_value<T: AsRef<str>>(&self, bucket: T) -> Result<DeleteStatus, KeyValueError> {
        if !is_valid_bucket_name(bucket.as_ref()) {
            return Err(KeyValueErrorKind::InvalidStoreName.into());
        }
        let deleted = self.delete_stream(format!("KV_{}", bucket.as_ref())).await;
        deleted.map_err(|error| KeyValueError::with_source(KeyValueErrorKind::JetStream, error))
    }

    async fn account_for_bucket(&self) -> Result<Account, CreateKeyValueError> {
        let account = self.query_account().await;
        account.map_err(|error| CreateKeyValueError::with_source(CreateKeyValueErrorKind::JetStream, error))
    }
}

//! Pulls, put together.

use std::time::Duration;

use super::{Batch, BatchConfig, BatchError, Config, Consumer, Stream};
use crate::jetstream::consumer::{StreamError, StreamErrorKind};

/// How many messages one pull asks for, unless said otherwise.
const BATCH: usize = 200;
/// How long one pull waits, unless said otherwise.
const EXPIRES: Duration = Duration::from_secs(30);

/// The methods that all who put a pull together have.
macro_rules! common {
    ($builder:ident) => {
        /// After how long without a message the server shows a sign of life.
        ///
        /// ```
        #[doc = concat!("# fn example(builder: nats_wasm_shim::jetstream::consumer::pull::", stringify!($builder), "<'_>) {")]
        /// let builder = builder.heartbeat(std::time::Duration::from_secs(5));
        /// # }
        /// ```
        #[must_use]
        pub fn heartbeat(mut self, heartbeat: Duration) -> Self {
            self.config.idle_heartbeat = heartbeat;
            self
        }

        /// Only while at least this many messages wait, for a consumer with priority groups.
        ///
        /// ```
        #[doc = concat!("# fn example(builder: nats_wasm_shim::jetstream::consumer::pull::", stringify!($builder), "<'_>) {")]
        /// let builder = builder.min_pending(100);
        /// # }
        /// ```
        #[must_use]
        pub fn min_pending(mut self, min_pending: usize) -> Self {
            self.config.min_pending = Some(min_pending);
            self
        }

        /// Only while at least this many messages are not acknowledged, for a consumer with priority groups.
        ///
        /// ```
        #[doc = concat!("# fn example(builder: nats_wasm_shim::jetstream::consumer::pull::", stringify!($builder), "<'_>) {")]
        /// let builder = builder.min_ack_pending(100);
        /// # }
        /// ```
        #[must_use]
        pub fn min_ack_pending(mut self, min_ack_pending: usize) -> Self {
            self.config.min_ack_pending = Some(min_ack_pending);
            self
        }

        /// The group that pulls, for a consumer with priority groups.
        ///
        /// ```
        #[doc = concat!("# fn example(builder: nats_wasm_shim::jetstream::consumer::pull::", stringify!($builder), "<'_>) {")]
        /// let builder = builder.group("europe");
        /// # }
        /// ```
        #[must_use]
        pub fn group<T: Into<String>>(mut self, group: T) -> Self {
            self.config.group = Some(group.into());
            self
        }

        /// What goes first in its group: 0 before 9.
        ///
        /// ```
        #[doc = concat!("# fn example(builder: nats_wasm_shim::jetstream::consumer::pull::", stringify!($builder), "<'_>) {")]
        /// let builder = builder.priority(1);
        /// # }
        /// ```
        #[must_use]
        pub fn priority(mut self, priority: usize) -> Self {
            self.config.priority = Some(priority);
            self
        }
    };
}

/// A long stream of messages, put together; made by [`Consumer::stream`].
///
/// ```
/// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
/// use std::time::Duration;
///
/// let messages = consumer
///     .stream()
///     .max_messages_per_batch(100)
///     .expires(Duration::from_secs(30))
///     .heartbeat(Duration::from_secs(5))
///     .messages()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct StreamBuilder<'a> {
    config: BatchConfig,
    /// Which of these the consumer's limits do not touch.
    batch_is_set: bool,
    expires_is_set: bool,
    consumer: &'a Consumer<Config>,
}

impl<'a> StreamBuilder<'a> {
    /// A stream of messages of this consumer.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// use nats_wasm_shim::jetstream::consumer::pull::StreamBuilder;
    ///
    /// let builder = StreamBuilder::new(&consumer);
    /// # }
    /// ```
    #[must_use]
    pub fn new(consumer: &'a Consumer<Config>) -> Self {
        let config = BatchConfig { batch: BATCH, expires: Some(EXPIRES), ..BatchConfig::default() };
        Self { config, batch_is_set: false, expires_is_set: false, consumer }
    }

    /// How many bytes one pull asks for.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.stream().max_bytes_per_batch(1_000_000);
    /// # }
    /// ```
    #[must_use]
    pub fn max_bytes_per_batch(mut self, max_bytes: usize) -> Self {
        self.config.max_bytes = max_bytes;
        self
    }

    /// How many messages one pull asks for (200, unless set).
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.stream().max_messages_per_batch(100);
    /// # }
    /// ```
    #[must_use]
    pub fn max_messages_per_batch(mut self, batch: usize) -> Self {
        self.config.batch = batch;
        self.batch_is_set = true;
        self
    }

    /// How long one pull waits (30 seconds, unless set).
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.stream().expires(std::time::Duration::from_secs(10));
    /// # }
    /// ```
    #[must_use]
    pub fn expires(mut self, expires: Duration) -> Self {
        self.config.expires = Some(expires);
        self.expires_is_set = true;
        self
    }

    common!(StreamBuilder);

    /// Begins to read.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// let messages = consumer.stream().messages().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn messages(self) -> Result<Stream, StreamError> {
        let limited = self.config.clone().within(&self.consumer.info.config);
        let mut config = self.config;
        if !self.batch_is_set {
            config.batch = limited.batch;
        }
        if !self.expires_is_set {
            (config.expires, config.idle_heartbeat) = (limited.expires, limited.idle_heartbeat);
        }
        Stream::new(config, self.consumer)
            .map_err(|error| StreamError::with_source(StreamErrorKind::Other, error))
    }
}

/// A batch of what is there, put together; made by [`Consumer::fetch`].
///
/// ```
/// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
/// use futures_util::TryStreamExt;
///
/// let mut messages = consumer.fetch().max_messages(100).messages().await?;
/// while let Some(message) = messages.try_next().await? {
///     message.ack().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FetchBuilder<'a> {
    config: BatchConfig,
    consumer: &'a Consumer<Config>,
}

impl<'a> FetchBuilder<'a> {
    /// A batch of what this consumer has.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// use nats_wasm_shim::jetstream::consumer::pull::FetchBuilder;
    ///
    /// let builder = FetchBuilder::new(&consumer);
    /// # }
    /// ```
    #[must_use]
    pub fn new(consumer: &'a Consumer<Config>) -> Self {
        Self { config: BatchConfig { batch: BATCH, no_wait: true, ..BatchConfig::default() }, consumer }
    }

    /// How many bytes at most.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.fetch().max_bytes(1_000_000);
    /// # }
    /// ```
    #[must_use]
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.config.max_bytes = max_bytes;
        self
    }

    /// How many messages at most (200, unless set).
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.fetch().max_messages(10);
    /// # }
    /// ```
    #[must_use]
    pub fn max_messages(mut self, batch: usize) -> Self {
        self.config.batch = batch;
        self
    }

    /// How long to wait if there is nothing.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.fetch().expires(std::time::Duration::from_secs(10));
    /// # }
    /// ```
    #[must_use]
    pub fn expires(mut self, expires: Duration) -> Self {
        self.config.expires = Some(expires);
        self
    }

    common!(FetchBuilder);

    /// Asks for it.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// let messages = consumer.fetch().messages().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn messages(self) -> Result<Batch, BatchError> {
        Batch::new(&self.config, self.consumer)
    }
}

/// A batch that is waited for, put together; made by [`Consumer::batch`].
///
/// ```
/// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
/// use std::time::Duration;
/// use futures_util::TryStreamExt;
///
/// let mut messages =
///     consumer.batch().max_messages(100).expires(Duration::from_secs(10)).messages().await?;
/// while let Some(message) = messages.try_next().await? {
///     message.ack().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct BatchBuilder<'a> {
    config: BatchConfig,
    consumer: &'a Consumer<Config>,
}

impl<'a> BatchBuilder<'a> {
    /// A batch of this consumer.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// use nats_wasm_shim::jetstream::consumer::pull::BatchBuilder;
    ///
    /// let builder = BatchBuilder::new(&consumer);
    /// # }
    /// ```
    #[must_use]
    pub fn new(consumer: &'a Consumer<Config>) -> Self {
        let config = BatchConfig { batch: BATCH, expires: Some(Duration::ZERO), ..BatchConfig::default() };
        Self { config, consumer }
    }

    /// How many bytes at most.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.batch().max_bytes(1_000_000);
    /// # }
    /// ```
    #[must_use]
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.config.max_bytes = max_bytes;
        self
    }

    /// How many messages at most (200, unless set).
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.batch().max_messages(10);
    /// # }
    /// ```
    #[must_use]
    pub fn max_messages(mut self, batch: usize) -> Self {
        self.config.batch = batch;
        self
    }

    /// How long to wait for as many.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// let builder = consumer.batch().expires(std::time::Duration::from_secs(10));
    /// # }
    /// ```
    #[must_use]
    pub fn expires(mut self, expires: Duration) -> Self {
        self.config.expires = Some(expires);
        self
    }

    common!(BatchBuilder);

    /// Asks for it.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// let messages = consumer.batch().messages().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn messages(self) -> Result<Batch, BatchError> {
        Batch::new(&self.config, self.consumer)
    }
}

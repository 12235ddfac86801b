//! Consumers: what reads a stream on somebody's behalf, and remembers how far it has come.
//!
//! | module | holds |
//! | --- | --- |
//! | [`pull`] | consumers that are asked for messages: fetched in batches, as one long stream, or in order |
//! | [`push`] | consumers that push messages to a subject |
//!
//! ```
//! # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), nats_wasm_shim::Error> {
//! use futures_util::TryStreamExt;
//! use nats_wasm_shim::jetstream::consumer::pull;
//!
//! let config = pull::Config { durable_name: Some("worker".into()), ..Default::default() };
//! let consumer = stream.get_or_create_consumer("worker", config).await?;
//! let mut messages = consumer.messages().await?;
//! while let Some(message) = messages.try_next().await? {
//!     println!("{}", message.subject);
//!     message.ack().await?;
//! }
//! # Ok(())
//! # }
//! ```

mod config;
mod error;
mod info;
mod ordered;
pub mod pull;
pub mod push;

use crate::jetstream::Context;
use crate::jetstream::context::ConsumerInfoError;

pub use config::{AckPolicy, Config, DeliverPolicy, PriorityPolicy, ReplayPolicy};
pub use error::{
    ConsumerCreateStrictError, ConsumerCreateStrictErrorKind, ConsumerError, ConsumerErrorKind,
    ConsumerUpdateError, ConsumerUpdateErrorKind, StreamError, StreamErrorKind,
};
pub use info::{Info, PriorityGroupState, SequenceInfo};

/// A consumer that is pulled.
pub type PullConsumer = Consumer<pull::Config>;
/// A consumer that pushes.
pub type PushConsumer = Consumer<push::Config>;
/// A consumer that pushes, and keeps the order of the stream whatever happens.
pub type OrderedPushConsumer = Consumer<push::OrderedConfig>;
/// A consumer that is pulled, and keeps the order of the stream whatever happens.
pub type OrderedPullConsumer = Consumer<pull::OrderedConfig>;

/// What can be the configuration of a consumer.
pub trait IntoConsumerConfig {
    /// The configuration as the server has it.
    fn into_consumer_config(self) -> Config;
}

/// What can be read from the configuration of a consumer.
pub trait FromConsumer: Sized {
    /// Reads it; the error says why it is a consumer of another kind.
    fn try_from_consumer_config(config: Config) -> Result<Self, crate::Error>;
}

/// A consumer; made by [`crate::jetstream::stream::Stream::create_consumer`] and its like.
#[derive(Debug, Clone)]
pub struct Consumer<T: IntoConsumerConfig> {
    config: T,
    info: Info,
    context: Context,
}

impl<T: IntoConsumerConfig> Consumer<T> {
    /// A consumer of which all is known.
    ///
    /// ```
    /// # fn example(info: nats_wasm_shim::jetstream::consumer::Info, context: nats_wasm_shim::jetstream::Context) {
    /// use nats_wasm_shim::jetstream::consumer::{Consumer, pull::Config};
    ///
    /// let consumer = Consumer::new(Config::default(), info, context);
    /// # }
    /// ```
    pub fn new(config: T, info: Info, context: Context) -> Self {
        Self { config, info, context }
    }

    /// What the server last said of the consumer.
    ///
    /// ```
    /// # fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) {
    /// println!("{} more", consumer.cached_info().num_pending);
    /// # }
    /// ```
    #[must_use]
    pub fn cached_info(&self) -> &Info {
        &self.info
    }

    /// What the server knows of the consumer now.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// println!("{} not acknowledged", consumer.get_info().await?.num_ack_pending);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_info(&self) -> Result<Info, ConsumerInfoError> {
        self.context.consumer_info(&self.info.stream_name, &self.info.name).await
    }

    /// Asks the server anew what it knows of the consumer, and keeps it.
    ///
    /// ```
    /// # async fn example(mut consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// println!("{} more", consumer.info().await?.num_pending);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn info(&mut self) -> Result<&Info, ConsumerInfoError> {
        self.info = self.get_info().await?;
        Ok(&self.info)
    }
}

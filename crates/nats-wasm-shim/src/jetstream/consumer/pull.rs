//! Consumers that are asked for messages.
//!
//! | to read | ask | it ends |
//! | --- | --- | --- |
//! | what is there now | [`Consumer::fetch`] | with what is there |
//! | as many as come in a while | [`Consumer::batch`] | with as many, or after the while |
//! | for good | [`Consumer::messages`], [`Consumer::stream`] | with the client |
//! | for good, and in order whatever happens | `messages` of [`OrderedConfig`] | with the client |

mod arrivals;
mod batch;
mod builder;
mod config;
mod error;
mod ordered;
mod ordered_config;
mod puller;
mod request;
mod stream;

use std::time::Duration;

use nats_proto::Subject;

use super::{Consumer, StreamError, StreamErrorKind};

pub use super::ordered::{ConsumerRecreateError, ConsumerRecreateErrorKind};
pub use batch::{Batch, Sequence};
pub use builder::{BatchBuilder, FetchBuilder, StreamBuilder};
pub use config::Config;
pub use error::{
    BatchError, BatchErrorKind, BatchRequestError, BatchRequestErrorKind, MessagesError, MessagesErrorKind,
    OrderedError, OrderedErrorKind,
};
pub use ordered::Ordered;
pub use ordered_config::OrderedConfig;
pub use request::BatchConfig;
pub use stream::Stream;

/// After how long without a message the server shows a sign of life, unless said otherwise.
const HEARTBEAT: Duration = Duration::from_secs(15);

impl Consumer<Config> {
    /// All messages, as they come.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut messages = consumer.messages().await?;
    /// while let Some(message) = messages.try_next().await? {
    ///     message.ack().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn messages(&self) -> Result<Stream, StreamError> {
        self.stream().heartbeat(HEARTBEAT).messages().await
    }

    /// All messages, as they come, and how they are asked for.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// let messages = consumer.stream().max_messages_per_batch(50).messages().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn stream(&self) -> StreamBuilder<'_> {
        StreamBuilder::new(self)
    }

    /// What is there now.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// let messages = consumer.fetch().max_messages(10).messages().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fetch(&self) -> FetchBuilder<'_> {
        FetchBuilder::new(self)
    }

    /// As many messages as come in a while.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// use std::time::Duration;
    ///
    /// let messages = consumer.batch().max_messages(10).expires(Duration::from_secs(2)).messages().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn batch(&self) -> BatchBuilder<'_> {
        BatchBuilder::new(self)
    }

    /// Batches one after the other, each of at most this many messages and a minute.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut batches = consumer.sequence(50)?;
    /// while let Some(mut batch) = batches.try_next().await? {
    ///     while let Some(message) = batch.try_next().await? {
    ///         message.ack().await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn sequence(&self, batch: usize) -> Result<Sequence, BatchError> {
        Sequence::new(batch, self)
    }

    /// Asks for messages to be sent to an inbox that somebody listens on.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client, consumer: nats_wasm_shim::jetstream::consumer::PullConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// use nats_wasm_shim::jetstream::consumer::pull::BatchConfig;
    ///
    /// let inbox = client.new_inbox();
    /// let messages = client.subscribe(inbox.clone()).await?;
    /// consumer.request_batch(BatchConfig { batch: 10, ..Default::default() }, inbox.into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn request_batch<I: Into<BatchConfig>>(
        &self,
        batch: I,
        inbox: Subject,
    ) -> Result<(), BatchRequestError> {
        let body = batch
            .into()
            .to_json(None)
            .map_err(|error| BatchRequestError::with_source(BatchRequestErrorKind::Serialize, error))?;
        let (stream, name) = (&self.info.stream_name, &self.info.name);
        let subject = format!("{}.CONSUMER.MSG.NEXT.{stream}.{name}", self.context.prefix());
        let sent = self.context.through().send(&subject.into(), Some(&inbox), &body);
        sent.map_err(|error| BatchRequestError::with_source(BatchRequestErrorKind::Publish, error))
    }
}

impl Consumer<OrderedConfig> {
    /// All messages in the order of the stream, without gap and without any twice, whatever happens to the connection,
    /// the server and the consumer.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), nats_wasm_shim::Error> {
    /// use futures_util::TryStreamExt;
    /// use nats_wasm_shim::jetstream::consumer::pull::OrderedConfig;
    ///
    /// let mut messages = stream.create_consumer(OrderedConfig::default()).await?.messages().await?;
    /// while let Some(message) = messages.try_next().await? {
    ///     println!("{} {}", message.info()?.stream_sequence, message.subject);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn messages(self) -> Result<Ordered, StreamError> {
        Ordered::new(self).map_err(|error| StreamError::with_source(StreamErrorKind::Other, error))
    }
}

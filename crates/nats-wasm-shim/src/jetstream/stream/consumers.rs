//! A stream's consumers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    ConsumerCreateStrictError, ConsumerError, ConsumerErrorKind, ConsumerUpdateError, DeleteStatus, Stream,
};
use crate::jetstream::consumer::{Consumer, FromConsumer, Info, IntoConsumerConfig};
use crate::jetstream::context::{ConsumerInfoError, Paged, StreamsError, StreamsErrorKind, is_valid_name};
use crate::jetstream::nanos;

/// The names of a stream's consumers.
pub type ConsumerNames = Paged<String>;
/// A stream's consumers, with what the server knows of each.
pub type Consumers = Paged<Info>;
/// Why a list of consumers ends early.
pub type ConsumersError = StreamsError;
/// What went wrong with a list of consumers.
pub type ConsumersErrorKind = StreamsErrorKind;

/// Whether a consumer delivers.
#[derive(Debug, Deserialize, Clone, PartialEq, Eq)]
pub struct PauseResponse {
    /// It delivers nothing for now.
    pub paused: bool,
    /// Until when, in nanoseconds since 1970 in UTC; `None` if it does not pause.
    #[serde(default, deserialize_with = "nanos::moment")]
    pub pause_until: Option<i64>,
    /// For how long yet.
    #[serde(default, with = "nanos::option")]
    pub pause_remaining: Option<Duration>,
}

#[derive(Serialize)]
struct Pause {
    #[serde(serialize_with = "nanos::write_moment", skip_serializing_if = "Option::is_none")]
    pause_until: Option<i64>,
}

#[derive(Serialize)]
struct Unpin<'a> {
    group: &'a str,
}

impl<T> Stream<T> {
    /// Creates a consumer, or changes the one of its name.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::consumer::pull::Config;
    ///
    /// let config = Config { durable_name: Some("worker".into()), ..Default::default() };
    /// let consumer = stream.create_consumer(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_consumer<C: IntoConsumerConfig + FromConsumer>(
        &self,
        config: C,
    ) -> Result<Consumer<C>, ConsumerError> {
        self.context.create_consumer_on_stream(config, &self.name).await
    }

    /// Changes a consumer that is there.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::consumer::pull::Config;
    ///
    /// let config = Config { durable_name: Some("worker".into()), max_deliver: 5, ..Default::default() };
    /// let consumer = stream.update_consumer(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_consumer<C: IntoConsumerConfig + FromConsumer>(
        &self,
        config: C,
    ) -> Result<Consumer<C>, ConsumerUpdateError> {
        self.context.update_consumer_on_stream(config, &self.name).await
    }

    /// Creates a consumer, unless there is one of its name and another configuration.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::consumer::pull::Config;
    ///
    /// let config = Config { durable_name: Some("worker".into()), ..Default::default() };
    /// let consumer = stream.create_consumer_strict(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_consumer_strict<C: IntoConsumerConfig + FromConsumer>(
        &self,
        config: C,
    ) -> Result<Consumer<C>, ConsumerCreateStrictError> {
        self.context.create_consumer_strict_on_stream(config, &self.name).await
    }

    /// What the server knows of a consumer.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} more", stream.consumer_info("worker").await?.num_pending);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn consumer_info<N: AsRef<str>>(&self, name: N) -> Result<Info, ConsumerInfoError> {
        self.context.consumer_info(&self.name, name.as_ref()).await
    }

    /// A consumer that is there.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), nats_wasm_shim::Error> {
    /// use nats_wasm_shim::jetstream::consumer::PullConsumer;
    ///
    /// let consumer: PullConsumer = stream.get_consumer("worker").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_consumer<C: FromConsumer + IntoConsumerConfig>(
        &self,
        name: &str,
    ) -> Result<Consumer<C>, crate::Error> {
        let info = self.consumer_info(name).await?;
        Ok(Consumer::new(C::try_from_consumer_config(info.config.clone())?, info, self.context.clone()))
    }

    /// A consumer as it is, or a new one with this configuration if there is none of this name.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::consumer::pull::Config;
    ///
    /// let config = Config { durable_name: Some("worker".into()), ..Default::default() };
    /// let consumer = stream.get_or_create_consumer("worker", config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_or_create_consumer<C: FromConsumer + IntoConsumerConfig>(
        &self,
        name: &str,
        config: C,
    ) -> Result<Consumer<C>, ConsumerError> {
        if !is_valid_name(name) {
            return Err(ConsumerErrorKind::InvalidName.into());
        }
        let subject = format!("CONSUMER.INFO.{}.{name}", self.name);
        match self.context.call::<_, Info>(&subject, &()).await? {
            Ok(info) => self.context.consumer(info),
            Err(refusal) if refusal.code() == 404 => self.create_consumer(config).await,
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Deletes a consumer. Whoever reads it is told.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// stream.delete_consumer("worker").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_consumer(&self, name: &str) -> Result<DeleteStatus, ConsumerError> {
        self.context.delete_consumer_from_stream(name, &self.name).await
    }

    /// Lets a consumer deliver nothing until a moment, in nanoseconds since 1970 in UTC.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream, at: i64) -> Result<(), Box<dyn std::error::Error>> {
    /// let paused = stream.pause_consumer("worker", at).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn pause_consumer(&self, name: &str, pause_until: i64) -> Result<PauseResponse, ConsumerError> {
        self.pause(name, Some(pause_until)).await
    }

    /// Lets a consumer deliver again.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// stream.resume_consumer("worker").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resume_consumer(&self, name: &str) -> Result<PauseResponse, ConsumerError> {
        self.pause(name, None).await
    }

    async fn pause(&self, name: &str, pause_until: Option<i64>) -> Result<PauseResponse, ConsumerError> {
        if !is_valid_name(name) {
            return Err(ConsumerErrorKind::InvalidName.into());
        }
        let subject = format!("CONSUMER.PAUSE.{}.{name}", self.name);
        Ok(self.context.call::<_, PauseResponse>(&subject, &Pause { pause_until }).await??)
    }

    /// Lets a consumer that pins one client of a group pin another.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// stream.unpin_consumer("worker", "group").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unpin_consumer(&self, name: &str, group: &str) -> Result<(), ConsumerError> {
        if !is_valid_name(name) {
            return Err(ConsumerErrorKind::InvalidName.into());
        }
        let subject = format!("CONSUMER.UNPIN.{}.{name}", self.name);
        self.context.call::<_, serde::de::IgnoredAny>(&subject, &Unpin { group }).await??;
        Ok(())
    }

    /// The names of all consumers.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let names: Vec<String> = stream.consumer_names().try_collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn consumer_names(&self) -> ConsumerNames {
        Paged::new(self.context.clone(), format!("CONSUMER.NAMES.{}", self.name), None)
    }

    /// All consumers, with what the server knows of each.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut consumers = stream.consumers();
    /// while let Some(info) = consumers.try_next().await? {
    ///     println!("{}: {} more", info.name, info.num_pending);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn consumers(&self) -> Consumers {
        Paged::new(self.context.clone(), format!("CONSUMER.LIST.{}", self.name), None)
    }
}

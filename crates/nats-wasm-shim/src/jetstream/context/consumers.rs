//! The consumers of the account's streams.

use serde::Serialize;

use super::{Context, RequestError, RequestErrorKind, is_valid_name};
use crate::error::{Error, kinds};
use crate::jetstream::consumer::{
    Config, Consumer, ConsumerCreateStrictError, ConsumerError, ConsumerErrorKind, ConsumerUpdateError,
    FromConsumer, Info, IntoConsumerConfig,
};
use crate::jetstream::errors::{self, ErrorCode};
use crate::jetstream::stream::DeleteStatus;

/// Why a consumer's state is not known.
pub type ConsumerInfoError = Error<ConsumerInfoErrorKind>;

kinds! {
    /// What went wrong with asking for a consumer's state.
    ConsumerInfoErrorKind {
        /// A consumer's name has no dots, wildcards, slashes or white space.
        InvalidName => "invalid consumer name",
        /// The server that has it is away.
        Offline => "consumer is offline",
        /// There is no such consumer.
        NotFound => "consumer not found",
        /// There is no such stream.
        StreamNotFound => "stream not found",
        /// The request has no answer: it is not permitted, or the connection was lost; the source says which.
        Request => "request failed",
        /// The API refused it.
        JetStream(errors::Error) => "JetStream error",
        /// No answer came in time.
        TimedOut => "timed out",
        /// Nobody answers there.
        NoResponders => "no responders",
    }
}

impl From<RequestError> for ConsumerInfoError {
    fn from(error: RequestError) -> Self {
        let kind = match error.kind() {
            RequestErrorKind::TimedOut => ConsumerInfoErrorKind::TimedOut,
            RequestErrorKind::InvalidSubject => ConsumerInfoErrorKind::InvalidName,
            RequestErrorKind::NoResponders => ConsumerInfoErrorKind::NoResponders,
            _ => ConsumerInfoErrorKind::Request,
        };
        Self::with_source(kind, error)
    }
}

impl From<errors::Error> for ConsumerInfoError {
    fn from(error: errors::Error) -> Self {
        Self::new(match error.error_code() {
            ErrorCode::CONSUMER_NOT_FOUND => ConsumerInfoErrorKind::NotFound,
            ErrorCode::STREAM_NOT_FOUND => ConsumerInfoErrorKind::StreamNotFound,
            ErrorCode::CONSUMER_OFFLINE => ConsumerInfoErrorKind::Offline,
            _ => ConsumerInfoErrorKind::JetStream(error),
        })
    }
}

/// Whether the consumer may be there already.
#[derive(Serialize, Clone, Copy)]
enum Action {
    #[serde(rename = "")]
    CreateOrUpdate,
    #[serde(rename = "create")]
    Create,
    #[serde(rename = "update")]
    Update,
}

#[derive(Serialize)]
struct Create<'a> {
    stream_name: &'a str,
    config: &'a Config,
    action: Action,
}

impl Context {
    /// A consumer of a stream that is there.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::consumer::PullConsumer;
    ///
    /// let consumer: PullConsumer = jetstream.get_consumer_from_stream("worker", "orders").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_consumer_from_stream<T, C, S>(
        &self,
        consumer: C,
        stream: S,
    ) -> Result<Consumer<T>, ConsumerError>
    where
        T: FromConsumer + IntoConsumerConfig,
        S: AsRef<str>,
        C: AsRef<str>,
    {
        check(consumer.as_ref(), stream.as_ref())?;
        let subject = format!("CONSUMER.INFO.{}.{}", stream.as_ref(), consumer.as_ref());
        self.consumer(self.call::<_, Info>(&subject, &()).await??)
    }

    /// Deletes a consumer of a stream.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// jetstream.delete_consumer_from_stream("worker", "orders").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_consumer_from_stream<C: AsRef<str>, S: AsRef<str>>(
        &self,
        consumer: C,
        stream: S,
    ) -> Result<DeleteStatus, ConsumerError> {
        check(consumer.as_ref(), stream.as_ref())?;
        let subject = format!("CONSUMER.DELETE.{}.{}", stream.as_ref(), consumer.as_ref());
        Ok(self.call::<_, DeleteStatus>(&subject, &()).await??)
    }

    /// Creates a consumer on a stream, or changes the one of its name.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::consumer::pull::Config;
    ///
    /// let config = Config { durable_name: Some("worker".into()), ..Default::default() };
    /// let consumer = jetstream.create_consumer_on_stream(config, "orders").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_consumer_on_stream<C: IntoConsumerConfig + FromConsumer, S: AsRef<str>>(
        &self,
        config: C,
        stream: S,
    ) -> Result<Consumer<C>, ConsumerError> {
        let info = self
            .create_consumer(config.into_consumer_config(), stream.as_ref(), Action::CreateOrUpdate)
            .await?;
        self.consumer(info)
    }

    /// Changes a consumer that is there.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::consumer::pull::Config;
    ///
    /// let config =
    ///     Config { durable_name: Some("worker".into()), description: Some("new".into()), ..Default::default() };
    /// let consumer = jetstream.update_consumer_on_stream(config, "orders").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_consumer_on_stream<C: IntoConsumerConfig + FromConsumer, S: AsRef<str>>(
        &self,
        config: C,
        stream: S,
    ) -> Result<Consumer<C>, ConsumerUpdateError> {
        let info =
            self.create_consumer(config.into_consumer_config(), stream.as_ref(), Action::Update).await?;
        Ok(self.consumer(info)?)
    }

    /// Creates a consumer on a stream that has none of its name and another configuration.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::consumer::pull::Config;
    ///
    /// let config = Config { durable_name: Some("worker".into()), ..Default::default() };
    /// let consumer = jetstream.create_consumer_strict_on_stream(config, "orders").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_consumer_strict_on_stream<C: IntoConsumerConfig + FromConsumer, S: AsRef<str>>(
        &self,
        config: C,
        stream: S,
    ) -> Result<Consumer<C>, ConsumerCreateStrictError> {
        let info =
            self.create_consumer(config.into_consumer_config(), stream.as_ref(), Action::Create).await?;
        Ok(self.consumer(info)?)
    }

    /// What the server knows of a consumer.
    pub(in crate::jetstream) async fn consumer_info(
        &self,
        stream: &str,
        consumer: &str,
    ) -> Result<Info, ConsumerInfoError> {
        if !is_valid_name(consumer) {
            return Err(ConsumerInfoErrorKind::InvalidName.into());
        }
        Ok(self.call::<_, Info>(&format!("CONSUMER.INFO.{stream}.{consumer}"), &()).await??)
    }

    async fn create_consumer(
        &self,
        config: Config,
        stream: &str,
        action: Action,
    ) -> Result<Info, ConsumerError> {
        let name = config.name.as_deref().or(config.durable_name.as_deref());
        if !is_valid_name(stream) || name.is_some_and(|name| !is_valid_name(name)) {
            return Err(ConsumerErrorKind::InvalidName.into());
        }
        let mut subject = format!("CONSUMER.CREATE.{stream}");
        if let Some(name) = name {
            subject = format!("{subject}.{name}");
            // With it in the subject, permissions can tell who may read what.
            if !config.filter_subject.is_empty() {
                subject = format!("{subject}.{}", config.filter_subject);
            }
        }
        Ok(self.call::<_, Info>(&subject, &Create { stream_name: stream, config: &config, action }).await??)
    }

    pub(in crate::jetstream) fn consumer<C>(&self, info: Info) -> Result<Consumer<C>, ConsumerError>
    where
        C: IntoConsumerConfig + FromConsumer,
    {
        let config = C::try_from_consumer_config(info.config.clone())
            .map_err(|error| ConsumerError::with_source(ConsumerErrorKind::InvalidConsumerType, error))?;
        Ok(Consumer::new(config, info, self.clone()))
    }
}

fn check(consumer: &str, stream: &str) -> Result<(), ConsumerError> {
    if !is_valid_name(consumer) {
        return Err(ConsumerErrorKind::InvalidName.into());
    }
    if !is_valid_name(stream) {
        return Err(ConsumerError::with_source(ConsumerErrorKind::InvalidName, "invalid stream"));
    }
    Ok(())
}

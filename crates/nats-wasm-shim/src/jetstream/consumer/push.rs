//! Consumers that push messages to a subject, to whoever listens there.
//!
//! | to read | ask | it ends |
//! | --- | --- | --- |
//! | for good | `messages` of [`Config`] | with the client |
//! | for good, and in order whatever happens | `messages` of [`OrderedConfig`] | with the client |

mod config;
mod ordered;
mod ordered_config;

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;

use super::{Consumer, StreamError, StreamErrorKind};
use crate::Subscriber;
use crate::alarm::Alarm;
use crate::error::{Error, kinds};
use crate::jetstream::{Context, Message};

pub use super::ordered::{ConsumerRecreateError, ConsumerRecreateErrorKind};
pub use config::Config;
pub use ordered::{Ordered, OrderedError, OrderedErrorKind};
pub use ordered_config::OrderedConfig;

/// Why a stream of messages stumbled.
pub type MessagesError = Error<MessagesErrorKind>;

kinds! {
    /// What went wrong with a stream of messages.
    #[derive(Copy)]
    MessagesErrorKind {
        /// The server has shown no sign of life for twice the heartbeat.
        MissingHeartbeat => "missed idle heartbeat",
        /// Somebody has deleted the consumer.
        ConsumerDeleted => "consumer deleted",
        /// The consumer is pulled.
        PullBasedConsumer => "cannot use with pull consumer",
        /// Something else; see the source.
        Other => "error",
    }
}

impl Consumer<Config> {
    /// All messages, as they come. One of a `deliver_group` gets its share of them.
    ///
    /// ```
    /// # async fn example(consumer: nats_wasm_shim::jetstream::consumer::PushConsumer) -> Result<(), nats_wasm_shim::Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut messages = consumer.messages().await?;
    /// while let Some(message) = messages.try_next().await? {
    ///     message.ack().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn messages(&self) -> Result<Messages, StreamError> {
        let config = &self.info.config;
        let Some(subject) = config.deliver_subject.clone() else {
            return Err(StreamError::with_source(StreamErrorKind::Other, "the consumer is pulled"));
        };
        let client = self.context.through();
        let subscriber = match config.deliver_group.clone() {
            Some(group) => client.queue_subscribe(subject, group).await,
            None => client.subscribe(subject).await,
        };
        let subscriber =
            subscriber.map_err(|error| StreamError::with_source(StreamErrorKind::Other, error))?;
        Ok(Messages::new(subscriber, self.context.clone(), config.idle_heartbeat))
    }
}

impl Consumer<OrderedConfig> {
    /// All messages in the order of the stream, without gap and without any twice, whatever happens to the connection,
    /// the server and the consumer.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client, stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), nats_wasm_shim::Error> {
    /// use futures_util::TryStreamExt;
    /// use nats_wasm_shim::jetstream::consumer::push::OrderedConfig;
    ///
    /// let config = OrderedConfig { deliver_subject: client.new_inbox(), ..Default::default() };
    /// let mut messages = stream.create_consumer(config).await?.messages().await?;
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

/// The messages that a consumer pushes; made by `messages` of a [`Consumer`] of [`Config`]. It ends with the client.
pub struct Messages {
    subscriber: Subscriber,
    context: Context,
    /// Something has come since the alarm was put off.
    heard: bool,
    alarm: Alarm,
}

/// What comes of listening.
enum Step {
    /// A message.
    Message(crate::Message),
    /// The server is alive, and has nothing; how many deliveries there have been, if it says so.
    Heartbeat(Option<u64>),
    /// The server has shown no sign of life for twice the heartbeat.
    Silence,
    /// Nothing more will come.
    Ended,
}

impl Messages {
    fn new(subscriber: Subscriber, context: Context, heartbeat: Duration) -> Self {
        let alarm = Alarm::new(heartbeat.saturating_mul(2));
        Self { subscriber, context, heard: false, alarm }
    }

    fn poll(&mut self, context: &mut task::Context<'_>) -> Poll<Step> {
        if let Poll::Ready(message) = self.subscriber.poll_next_unpin(context) {
            let Some(message) = message else { return Poll::Ready(Step::Ended) };
            self.heard = true;
            // What a publisher gave a status is delivered like any other message.
            let delivered = message.reply.as_ref().is_some_and(|reply| reply.starts_with("$JS.ACK."));
            if delivered || message.status.is_none() {
                return Poll::Ready(Step::Message(message));
            }
            return Poll::Ready(Step::Heartbeat(self.answer(&message)));
        }
        if std::mem::take(&mut self.heard) {
            self.alarm.put_off();
        }
        self.alarm.poll(context).map(|()| Step::Silence)
    }

    /// The server wants to know whether what it pushes arrives: an answer says so. After a while without one it stalls,
    /// and says in its heartbeats where it waits for that. Gives how many deliveries there have been, if it says so.
    fn answer(&self, message: &crate::Message) -> Option<u64> {
        let header =
            |name: &str| message.headers.as_ref()?.get_last(name).map(|value| value.as_str().to_owned());
        let asked = message.reply.clone().or_else(|| header("Nats-Consumer-Stalled").map(Into::into));
        if let Some(asked) = asked {
            // A connection that is over has nothing to arrive.
            let _ = self.context.through().send(&asked, None, &Bytes::new());
        }
        header("Nats-Last-Consumer")?.parse().ok()
    }
}

impl futures_util::Stream for Messages {
    type Item = Result<Message, MessagesError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.poll(context)) {
                Step::Message(message) => Some(Ok(Message { message, context: self.context.clone() })),
                Step::Heartbeat(_) => continue,
                Step::Silence => Some(Err(MessagesErrorKind::MissingHeartbeat.into())),
                Step::Ended => None,
            });
        }
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("subscriber", &self.subscriber).finish_non_exhaustive()
    }
}

//! Consumers that push messages to a subject, to whoever listens there.
//!
//! A consumer that keeps the order is pulled here: see [`super::pull::OrderedConfig`].

mod config;

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};

use bytes::Bytes;
use futures_util::StreamExt;

use super::{Consumer, StreamError, StreamErrorKind};
use crate::Subscriber;
use crate::alarm::Alarm;
use crate::error::{Error, kinds};
use crate::jetstream::{Context, Message};

pub use config::Config;

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
        Ok(Messages {
            subscriber: subscriber
                .map_err(|error| StreamError::with_source(StreamErrorKind::Other, error))?,
            context: self.context.clone(),
            heard: false,
            alarm: Alarm::new(config.idle_heartbeat.saturating_mul(2)),
        })
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

impl Messages {
    /// The server wants to know whether what it pushes arrives: an answer says so. After a while without one it stalls,
    /// and says in its heartbeats where it waits for that.
    fn answer(&self, message: &crate::Message) {
        let stalled = message.headers.as_ref().and_then(|headers| headers.get_last("Nats-Consumer-Stalled"));
        let asked = message.reply.clone().or_else(|| stalled.map(|subject| subject.as_str().into()));
        if let Some(asked) = asked {
            // A connection that is over has nothing to arrive.
            let _ = self.context.through().send(&asked, None, &Bytes::new());
        }
    }
}

impl futures_util::Stream for Messages {
    type Item = Result<Message, MessagesError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        while let Poll::Ready(message) = self.subscriber.poll_next_unpin(context) {
            let Some(message) = message else { return Poll::Ready(None) };
            self.heard = true;
            let delivered = message.reply.as_ref().is_some_and(|reply| reply.starts_with("$JS.ACK."));
            if delivered || message.status.is_none() {
                return Poll::Ready(Some(Ok(Message { message, context: self.context.clone() })));
            }
            self.answer(&message);
        }
        if std::mem::take(&mut self.heard) {
            self.alarm.put_off();
        }
        self.alarm.poll(context).map(|()| Some(Err(MessagesErrorKind::MissingHeartbeat.into())))
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("subscriber", &self.subscriber).finish_non_exhaustive()
    }
}

//! The messages of a stream in its order, pushed.

use std::pin::Pin;
use std::task::{self, Poll};

use futures_util::Stream;
use nats_proto::connection::State;

use super::{Messages, OrderedConfig, Step};
use crate::SubscribeError;
use crate::error::{Error, kinds};
use crate::event::{ConnectionEvent, ConnectionEvents};
use crate::jetstream::consumer::ordered::{Event, Reader, Source, Trouble};
use crate::jetstream::consumer::{Consumer, DeliverPolicy, Info};
use crate::jetstream::{Context, Message};

/// Why an ordered stream of messages stumbled.
pub type OrderedError = Error<OrderedErrorKind>;

kinds! {
    /// What went wrong with an ordered stream of messages.
    #[derive(Copy)]
    OrderedErrorKind {
        /// The server has shown no sign of life for twice the heartbeat.
        MissingHeartbeat => "missed idle heartbeat",
        /// Somebody has deleted the consumer.
        ConsumerDeleted => "consumer deleted",
        /// The consumer is pulled.
        PullBasedConsumer => "cannot use with pull consumer",
        /// The consumer cannot be made anew: its stream is gone, or it is not permitted; the source says which.
        Recreate => "consumer recreation failed",
        /// Something else; see the source.
        Other => "error",
    }
}

/// What a consumer pushes, and what becomes of the connection it comes over.
struct Pushed {
    messages: Messages,
    events: ConnectionEvents,
    connected: bool,
    /// The client has been told to end.
    draining: bool,
    /// The consumer's name between dots, as its reply subjects have it: one that was replaced pushes to the same subject.
    name: String,
}

impl Source for Pushed {
    type Config = OrderedConfig;
    type Error = OrderedError;

    fn open(context: &Context, consumer: &Info) -> Result<Self, SubscribeError> {
        let client = context.through();
        let subject = consumer.config.deliver_subject.clone().unwrap_or_default();
        let subscriber = client.listen_bounded(&subject.into())?;
        let events = client.events();
        let connected = client.connection_state() == State::Connected;
        let messages = Messages::new(subscriber, context.clone(), consumer.config.idle_heartbeat);
        let name = format!(".{}.", consumer.name);
        Ok(Self { messages, events, connected, draining: false, name })
    }

    fn poll(&mut self, context: &mut task::Context<'_>) -> Poll<Event<OrderedError>> {
        loop {
            match self.messages.poll(context) {
                Poll::Pending => break,
                Poll::Ready(Step::Message(message)) => {
                    if message.reply.as_ref().is_some_and(|reply| reply.contains(&self.name)) {
                        return Poll::Ready(Event::Message(message));
                    }
                }
                Poll::Ready(Step::Heartbeat(delivered)) => return Poll::Ready(Event::Heartbeat(delivered)),
                // Without a connection nothing can come, and a new one is told.
                Poll::Ready(Step::Silence) if !self.connected => {}
                Poll::Ready(Step::Silence) => return Poll::Ready(Event::Broken),
                Poll::Ready(Step::Ended) => return Poll::Ready(self.why_ended(context)),
            }
        }
        self.poll_event(context)
    }

    fn policy(config: &OrderedConfig) -> DeliverPolicy {
        config.deliver_policy
    }

    fn renamed(
        context: &Context,
        config: &OrderedConfig,
        name: String,
        policy: DeliverPolicy,
    ) -> OrderedConfig {
        let deliver_subject = context.through().new_inbox();
        OrderedConfig { name: Some(name), deliver_policy: policy, deliver_subject, ..config.clone() }
    }
}

/// What it means that a subscription has ended, and the client goes on.
const REFUSED: &str = "permission denied: the server does not let this user listen there";

impl Pushed {
    /// The subscription has ended: with the client, or by itself.
    fn why_ended(&mut self, context: &mut task::Context<'_>) -> Event<OrderedError> {
        loop {
            match self.poll_event(context) {
                Poll::Ready(Event::Ended) => return Event::Ended,
                Poll::Ready(_) => {}
                Poll::Pending if self.draining => return Event::Ended,
                Poll::Pending => {
                    return Event::Fatal(OrderedError::with_source(OrderedErrorKind::Other, REFUSED));
                }
            }
        }
    }

    fn poll_event(&mut self, context: &mut task::Context<'_>) -> Poll<Event<OrderedError>> {
        loop {
            match Pin::new(&mut self.events).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None | Some(ConnectionEvent::Closed(_))) => return Poll::Ready(Event::Ended),
                Poll::Ready(Some(ConnectionEvent::Disconnected(_))) => self.connected = false,
                Poll::Ready(Some(ConnectionEvent::Draining)) => self.draining = true,
                // What was on its way is lost.
                Poll::Ready(Some(ConnectionEvent::Connected)) if !self.connected => {
                    return Poll::Ready(Event::Broken);
                }
                Poll::Ready(Some(_)) => {}
            }
        }
    }
}

/// The messages of a stream in its order; made by `messages` of a [`Consumer`] of [`OrderedConfig`].
///
/// It ends with the client, or after an error that cannot pass: the stream is gone, or reading it is not permitted.
#[derive(Debug)]
pub struct Ordered(Reader<Pushed>);

impl Ordered {
    pub(super) fn new(consumer: Consumer<OrderedConfig>) -> Result<Self, SubscribeError> {
        Ok(Self(Reader::new(consumer)?))
    }
}

impl From<Trouble<OrderedError>> for OrderedError {
    fn from(trouble: Trouble<OrderedError>) -> Self {
        match trouble {
            Trouble::Recreate(error) => Self::with_source(OrderedErrorKind::Recreate, error),
            Trouble::Malformed => Self::with_source(OrderedErrorKind::Other, "a delivery without sequences"),
            Trouble::Source(error) => error,
        }
    }
}

impl Stream for Ordered {
    type Item = Result<Message, OrderedError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll(context).map(|next| next.map(|message| message.map_err(OrderedError::from)))
    }
}

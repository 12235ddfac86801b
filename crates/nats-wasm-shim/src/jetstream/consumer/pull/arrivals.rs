//! What arrives for the pulls of one reader: messages, and what becomes of the connection they come over.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};

use bytes::Bytes;
use futures_util::Stream;
use nats_proto::Subject;
use nats_proto::connection::{Operation, State};

use crate::event::{ConnectionEvent, ConnectionEvents};
use crate::jetstream::Context;
use crate::{Client, Message, PublishError, SubscribeError, Subscriber};

/// Something that arrives.
#[derive(Debug)]
pub(super) enum Arrival {
    /// A message, or a word of the server.
    Message(Message),
    /// The connection is lost, and with it what was asked for.
    Lost,
    /// There is a connection again.
    Back,
    /// The server does not let this user ask, or listen for the answer.
    Refused,
    /// The connection is over for good.
    Closed,
}

/// What arrives for the pulls of one reader.
pub(super) struct Arrivals {
    client: Client,
    /// Where to ask.
    pull: Subject,
    /// Where the answers come.
    inbox: Subject,
    subscriber: Subscriber,
    events: ConnectionEvents,
    connected: bool,
}

impl Arrivals {
    pub(super) fn new(context: &Context, stream: &str, consumer: &str) -> Result<Self, SubscribeError> {
        let client = context.client();
        let pull = format!("{}.CONSUMER.MSG.NEXT.{stream}.{consumer}", context.prefix()).into();
        let inbox = client.new_inbox().into();
        let subscriber = client.listen(&inbox)?;
        let events = client.events();
        let connected = client.connection_state() == State::Connected;
        Ok(Self { client, pull, inbox, subscriber, events, connected })
    }

    /// Asks for messages.
    pub(super) fn ask(&self, request: &Bytes) -> Result<(), PublishError> {
        self.client.send(&self.pull, Some(&self.inbox), request)
    }

    /// Whether there is a connection, as far as has been told.
    pub(super) fn is_connected(&self) -> bool {
        self.connected
    }

    pub(super) fn poll(&mut self, context: &mut task::Context<'_>) -> Poll<Arrival> {
        // What has arrived comes first, whatever has become of the connection since.
        match Pin::new(&mut self.subscriber).poll_next(context) {
            Poll::Ready(Some(message)) => Poll::Ready(Arrival::Message(message)),
            Poll::Ready(None) => match self.poll_event(context) {
                Poll::Ready(arrival @ Arrival::Refused) => Poll::Ready(arrival),
                _ => Poll::Ready(Arrival::Closed),
            },
            Poll::Pending => self.poll_event(context),
        }
    }

    #[cold]
    fn poll_event(&mut self, context: &mut task::Context<'_>) -> Poll<Arrival> {
        loop {
            let event = match Pin::new(&mut self.events).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Arrival::Closed),
                Poll::Ready(Some(event)) => event,
            };
            match event {
                ConnectionEvent::Connected if !self.connected => {
                    self.connected = true;
                    return Poll::Ready(Arrival::Back);
                }
                ConnectionEvent::Disconnected(_) if self.connected => {
                    self.connected = false;
                    return Poll::Ready(Arrival::Lost);
                }
                ConnectionEvent::Closed(_) => return Poll::Ready(Arrival::Closed),
                ConnectionEvent::PermissionViolation { operation, subject } => {
                    let own = match operation {
                        Operation::Publish => &self.pull,
                        Operation::Subscribe => &self.inbox,
                    };
                    if subject == *own {
                        return Poll::Ready(Arrival::Refused);
                    }
                }
                _ => {}
            }
        }
    }
}

impl fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrivals").field("pull", &self.pull).finish_non_exhaustive()
    }
}

/// Whether a message is a word of the server rather than a delivery, and which. What a publisher gave a status is
/// delivered like any other message, with a subject to acknowledge it to.
pub(super) fn status(message: &Message) -> Option<u16> {
    match &message.reply {
        Some(reply) if reply.starts_with("$JS.ACK.") => None,
        _ => message.status.map(u16::from),
    }
}

//! What happens to a connection: in async-nats' words for a callback, and in full for whoever shows it to a person.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use nats_proto::Subject;
use nats_proto::connection::{CloseReason, DisconnectReason, Operation};

use crate::mailbox::Receiver;

/// What happens to a connection, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionEvent {
    /// The server has accepted the client.
    Connected,
    /// The connection is lost.
    Disconnected(DisconnectReason),
    /// An attempt to connect has failed.
    ConnectFailed(DisconnectReason),
    /// The next attempt follows.
    Reconnecting {
        /// Which one since the last success it will be, from 1.
        attempt: u32,
        /// How long until then.
        delay: Duration,
    },
    /// The connection is over for good.
    Closed(CloseReason),
    /// The server is about to shut down.
    LameDuckMode,
    /// The client is ending its subscriptions, and then the connection.
    Draining,
    /// This subscription has lost messages, as its reader is too far behind.
    SlowConsumer(u64),
    /// The server refused a publish or a subscription.
    PermissionViolation {
        /// Which of the two.
        operation: Operation,
        /// Its subject.
        subject: Subject,
    },
    /// The server complained.
    ServerError(String),
}

impl ConnectionEvent {
    /// Whether it says where the connection is, rather than what happened on it.
    pub(crate) fn is_state(&self) -> bool {
        !matches!(
            self,
            Self::SlowConsumer(_)
                | Self::PermissionViolation { .. }
                | Self::ServerError(_)
                | Self::LameDuckMode
        )
    }

    /// The same in async-nats' words, if it has any; two events of there may be one here.
    pub(crate) fn to_events(&self) -> [Option<Event>; 2] {
        let gave_up = matches!(self, Self::Closed(CloseReason::MaxReconnects(_)));
        [gave_up.then_some(Event::ClientError(ClientError::MaxReconnects)), self.to_event()]
    }

    fn to_event(&self) -> Option<Event> {
        Some(match self {
            Self::Connected => Event::Connected,
            Self::Disconnected(_) => Event::Disconnected,
            Self::ConnectFailed(reason) => Event::ClientError(ClientError::Other(reason.to_string())),
            Self::Reconnecting { .. } => return None,
            Self::Closed(_) => Event::Closed,
            Self::LameDuckMode => Event::LameDuckMode,
            Self::Draining => Event::Draining,
            Self::SlowConsumer(sid) => Event::SlowConsumer(*sid),
            Self::PermissionViolation { operation, subject } => {
                let what = match operation {
                    Operation::Publish => "Publish",
                    Operation::Subscribe => "Subscription",
                };
                let words = format!("Permissions Violation for {what} to \"{subject}\"");
                Event::ServerError(ServerError::Other(words))
            }
            Self::ServerError(words) if words.eq_ignore_ascii_case("authorization violation") => {
                Event::ServerError(ServerError::AuthorizationViolation)
            }
            Self::ServerError(words) => Event::ServerError(ServerError::Other(words.clone())),
        })
    }
}

/// The stream of [`ConnectionEvent`]s that [`crate::Client::events`] gives. It ends after `Closed`.
#[derive(Debug)]
pub struct ConnectionEvents(pub(crate) Receiver<ConnectionEvent>);

impl Stream for ConnectionEvents {
    type Item = ConnectionEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ConnectionEvent>> {
        self.0.poll(context)
    }
}

/// What happens to a connection, in async-nats' words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The server has accepted the client.
    Connected,
    /// The connection is lost.
    Disconnected,
    /// The server is about to shut down.
    LameDuckMode,
    /// The client is ending its subscriptions, and then the connection.
    Draining,
    /// The connection is over for good.
    Closed,
    /// This subscription has lost messages.
    SlowConsumer(u64),
    /// The server complained.
    ServerError(ServerError),
    /// Something went wrong on this side.
    ClientError(ClientError),
}

/// A complaint of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerError {
    /// It refuses the credentials.
    AuthorizationViolation,
    /// It gave this subscription up.
    SlowConsumer(u64),
    /// Something else, in its words.
    Other(String),
}

/// Something that went wrong on the client's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientError {
    /// What it was.
    Other(String),
    /// As many attempts to connect as allowed have failed.
    MaxReconnects,
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorizationViolation => f.write_str("authorization violation"),
            Self::SlowConsumer(sid) => write!(f, "subscription {sid} is a slow consumer"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for ServerError {}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(words) => f.write_str(words),
            Self::MaxReconnects => f.write_str("max reconnects reached"),
        }
    }
}

impl std::error::Error for ClientError {}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("connected"),
            Self::Disconnected => f.write_str("disconnected"),
            Self::LameDuckMode => f.write_str("lame duck mode detected"),
            Self::Draining => f.write_str("draining"),
            Self::Closed => f.write_str("closed"),
            Self::SlowConsumer(sid) => write!(f, "slow consumers for subscription {sid}"),
            Self::ServerError(error) => write!(f, "server error: {error}"),
            Self::ClientError(error) => write!(f, "client error: {error}"),
        }
    }
}

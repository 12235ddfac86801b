//! What a connection tells its driver and its user, in the order in which it happened.

use std::fmt;
use std::time::Duration;

use crate::{DecodeError, Message, Subject, Unread};

use super::{FlushId, RequestId};

/// Something happened, or something is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// To be done: open a new link to the server, and say so by [`handle_open`](super::Connection::handle_open) or
    /// [`handle_close`](super::Connection::handle_close).
    Dial,
    /// To be done: find credentials for this link, and give them to
    /// [`authenticate`](super::Connection::authenticate). Only if asked for by
    /// [`Config::asks_credentials`](super::Config::asks_credentials).
    Authenticate {
        /// What the server wants to have signed; empty if nothing.
        nonce: String,
    },
    /// To be done: say how long to wait before the next attempt, by
    /// [`reconnect_after`](super::Connection::reconnect_after). Only with [`Backoff::Asked`](super::Backoff::Asked).
    AskDelay {
        /// Which attempt it will be, as [`Backoff::Custom`](super::Backoff::Custom) would be told.
        attempt: u32,
    },
    /// To be done: close the link, if one is open, and pass on nothing more of it.
    HangUp,
    /// The server has accepted the client; [`server_info`](super::Connection::server_info) says which server it is.
    Connected,
    /// The link that was connected is lost.
    Disconnected(DisconnectReason),
    /// A link that was being opened did not get as far as connected.
    ConnectFailed(DisconnectReason),
    /// The next attempt to connect follows after a while.
    Reconnecting {
        /// Which attempt since the last success it will be, from 1.
        attempt: u32,
        /// How long until then.
        delay: Duration,
    },
    /// The connection is over for good; nothing follows but the end of what was pending.
    Closed(CloseReason),
    /// The server is about to shut down.
    LameDuckMode,
    /// Subscriptions are being ended, and the connection closes when the server has caught up.
    Draining,
    /// The server refused a publish or a subscription.
    PermissionViolation {
        /// What was refused.
        operation: Operation,
        /// Its subject.
        subject: Subject,
    },
    /// The server complained; it closes the connection after some complaints.
    ServerError(String),
    /// A message for a subscription.
    Message {
        /// The subscription.
        sid: u64,
        /// The message.
        message: Unread,
    },
    /// A subscription gets no more messages.
    SubscriptionEnded {
        /// The subscription.
        sid: u64,
    },
    /// A request was answered, or never will be.
    Response {
        /// The request.
        request: RequestId,
        /// The answer. One that may have many answers goes on after each message, and not after an error.
        result: Result<Message, RequestFailure>,
    },
    /// The server has handled everything that was sent before a flush over its link; or that will never be known, as that
    /// link was lost, or the connection is over.
    Flushed {
        /// The flush.
        flush: FlushId,
        /// Whether the server has, for certain.
        completed: bool,
    },
}

/// What a permission was missing for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Publishing, requests included.
    Publish,
    /// Subscribing.
    Subscribe,
}

/// Why a link was lost or did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// It could not be opened, or the other side closed it; what is known about that.
    Closed(String),
    /// It was not connected within the time allowed.
    TimedOut,
    /// The server has not answered several pings.
    Stale,
    /// The server refused the credentials; its words.
    Authorization(String),
    /// No credentials could be had; why, in the words of whoever was asked for them.
    Credentials(String),
    /// The server ended it with these words.
    Server(String),
    /// The server does not speak the protocol.
    Protocol(DecodeError),
    /// The client asked for a new link.
    Requested,
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(detail) if detail.is_empty() => f.write_str("the connection was closed"),
            Self::Closed(detail) => write!(f, "the connection was closed: {detail}"),
            Self::TimedOut => f.write_str("the server did not answer in time"),
            Self::Stale => f.write_str("the server no longer answers"),
            Self::Authorization(words) => write!(f, "the server refused the credentials: {words}"),
            Self::Credentials(words) => write!(f, "no credentials could be had: {words}"),
            Self::Server(words) => write!(f, "the server ended the connection: {words}"),
            Self::Protocol(error) => write!(f, "the server does not speak NATS: {error}"),
            Self::Requested => f.write_str("a new connection was asked for"),
        }
    }
}

impl std::error::Error for DisconnectReason {}

/// Why a connection is over for good.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client closed or drained it.
    Requested,
    /// A server has refused the same credentials for seconds with the same words, so asking on would only hammer it.
    Authorization(String),
    /// The first attempt failed, and no other was asked for.
    InitialConnect(DisconnectReason),
    /// As many attempts as are allowed have failed; why the last one did.
    MaxReconnects(DisconnectReason),
    /// It was drained, and had no link for so long that what was still to be sent is given up.
    DrainTimedOut,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => f.write_str("the connection was closed by the client"),
            Self::Authorization(words) => write!(f, "the server refused the credentials: {words}"),
            Self::InitialConnect(reason) => write!(f, "no connection came about: {reason}"),
            Self::MaxReconnects(reason) => {
                write!(f, "no connection came about in as many attempts as allowed: {reason}")
            }
            Self::DrainTimedOut => f.write_str("no connection came about to send the rest over"),
        }
    }
}

impl std::error::Error for CloseReason {}

/// Why a request gets no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestFailure {
    /// Nobody answered in time.
    TimedOut,
    /// Nobody listens on its subject.
    NoResponders,
    /// The server does not let this client publish to its subject, or listen for answers.
    PermissionDenied,
    /// The link was lost before an answer came; whether the request was handled is unknown.
    Disconnected,
    /// The connection is over for good.
    Closed,
}

impl fmt::Display for RequestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "nobody answered in time",
            Self::NoResponders => "nobody listens on its subject",
            Self::PermissionDenied => "the server does not permit it",
            Self::Disconnected => "the connection was lost before an answer came",
            Self::Closed => "the connection is closed",
        })
    }
}

impl std::error::Error for RequestFailure {}

/// Why something is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The subject cannot be published or subscribed to.
    InvalidSubject,
    /// The name of a queue group does not fit into the protocol.
    InvalidQueueGroup,
    /// Headers and payload are larger than the server accepts.
    MaxPayloadExceeded {
        /// Their size in bytes.
        size: usize,
        /// The most accepted, in bytes.
        limit: usize,
    },
    /// There is no connection, and this would not fit into what is kept until there is one.
    PendingLimitExceeded {
        /// The most kept, in bytes.
        limit: usize,
    },
    /// The connection is over, or about to be.
    Closed,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidSubject => f.write_str("invalid subject"),
            Self::InvalidQueueGroup => f.write_str("invalid name of a queue group"),
            Self::MaxPayloadExceeded { size, limit } => {
                write!(f, "a message of {size} bytes is over the server's limit of {limit}")
            }
            Self::PendingLimitExceeded { limit } => {
                write!(f, "no connection, and the {limit} bytes kept until there is one are full")
            }
            Self::Closed => f.write_str("the connection is closed"),
        }
    }
}

impl std::error::Error for SendError {}

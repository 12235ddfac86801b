//! A client's connection as a state machine: bytes, the time and a user's wishes go in; bytes to send, events and a
//! deadline come out. It does no input or output, and knows the time only as the `now` that it is given.
//!
//! `now` is the time since any fixed moment, and never goes back. After every call into it a driver does, in order:
//! [`Connection::poll_event`] until `None`; send what [`Connection::poll_transmit`] gives; and call
//! [`Connection::handle_timeout`] no later than [`Connection::poll_timeout`].
//!
//! ```text
//!            Dial                INFO               PONG
//! Waiting ─────────▶ Dialing ─────────▶ Greeting ─────────▶ Connected      any ──▶ Closed
//!    ▲                  │                  │                    │
//!    └──────────────────┴──── link lost ───┴────────────────────┘
//! ```

mod auth;
mod backoff;
mod commands;
mod event;
mod link;
mod operations;
mod outbox;
mod requests;
mod server_error;
mod session;

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::nkey::Signer;
use crate::{ConnectInfo, ServerInfo, Unread};

pub use auth::Auth;
pub use backoff::Backoff;
pub use event::{CloseReason, DisconnectReason, Event, Operation, RequestFailure, SendError};
pub use requests::{Answers, RequestId};
pub use session::FlushId;

use backoff::Jitter;
use link::{Link, Refusal};
use session::Session;

/// How a connection behaves. What is secret of it is never printed.
pub struct Config {
    /// What the client says of itself, credentials included.
    pub connect: ConnectInfo,
    /// The key that signs what the server asks to have signed, if signing in with one.
    pub key: Option<Box<dyn Signer>>,
    /// Whether credentials are asked for anew for every link, by [`Event::Authenticate`].
    pub asks_credentials: bool,
    /// What the reply subjects of this connection's requests begin with, such as `_INBOX.x7Pq…`. It must be unique
    /// and hard to guess: who knows it can answer.
    pub inbox: String,
    /// How long opening a link may take until the server has accepted the client.
    pub connect_timeout: Duration,
    /// How long a silent link goes without a ping.
    pub ping_interval: Duration,
    /// How many pings may go unanswered before the link counts as dead.
    pub max_pings_out: u32,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// After how many failed attempts in a row to give up; never if `None`.
    pub max_reconnects: Option<u32>,
    /// Whether to go on when the very first attempt fails.
    pub retry_on_initial_connect: bool,
    /// How many attempts the first connection may take without that: one for each server that may be tried.
    pub initial_attempts: u32,
    /// Whether subjects that are published to are not checked, but for what would break the protocol.
    pub skip_subject_validation: bool,
    /// How many bytes of publishes are kept while there is no connection.
    pub pending_limit: usize,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("connect", &self.connect).finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect: ConnectInfo::default(),
            key: None,
            asks_credentials: false,
            inbox: "_INBOX".to_owned(),
            connect_timeout: Duration::from_secs(5),
            ping_interval: Duration::from_secs(60),
            max_pings_out: 2,
            backoff: Backoff::default(),
            max_reconnects: None,
            retry_on_initial_connect: false,
            initial_attempts: 1,
            skip_subject_validation: false,
            pending_limit: 8 * 1024 * 1024,
        }
    }
}

/// Where a connection is, as a user sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It has not been connected yet.
    Pending,
    /// It is connected.
    Connected,
    /// It was connected, and tries to be so again.
    Disconnected,
    /// It is over for good.
    Closed,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::Closed => "closed",
        })
    }
}

/// A client's connection. Neither credentials nor what it carries are ever printed.
pub struct Connection {
    config: Config,
    /// What survives a reconnect.
    session: Session,
    /// What does not.
    link: Link,
    phase: Phase,
    info: Option<Box<ServerInfo>>,
    /// Attempts since the last success.
    attempts: u32,
    /// Links in a row that were lost as soon as they were there.
    short_lived: u32,
    /// The refusal of credentials that is watched, since anything else happened.
    refusal: Option<Refusal>,
    draining: bool,
    /// A drain gives up then, if there is no link.
    drain_by: Duration,
    jitter: Jitter,
    now: Duration,
    events: VecDeque<Event>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("phase", &self.phase)
            .field("attempts", &self.attempts)
            .field("draining", &self.draining)
            .field("pending_bytes", &self.pending_bytes())
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting { until: Duration },
    Dialing { deadline: Duration },
    Greeting { deadline: Duration },
    Connected,
    Closed,
}

impl Connection {
    /// A connection that wants to be opened: its first event is [`Event::Dial`]. `seed` spreads the waits between
    /// attempts of different clients.
    #[must_use]
    pub fn new(config: Config, seed: u64, now: Duration) -> Self {
        let mut connection = Self {
            config,
            session: Session::default(),
            link: Link::default(),
            phase: Phase::Waiting { until: now },
            info: None,
            attempts: 0,
            short_lived: 0,
            refusal: None,
            draining: false,
            drain_by: Duration::ZERO,
            jitter: Jitter::new(seed),
            now,
            events: VecDeque::new(),
        };
        connection.dial();
        connection
    }

    /// The link is open; the server speaks first.
    pub fn handle_open(&mut self, now: Duration) {
        self.now = now;
        self.link.last_heard = now;
    }

    /// Bytes have come in over the link, cut anywhere. They are read by [`Connection::poll_event`].
    pub fn handle_bytes(&mut self, now: Duration, bytes: Bytes) {
        self.now = now;
        if matches!(self.phase, Phase::Waiting { .. } | Phase::Closed) {
            return;
        }
        self.link.last_heard = now;
        self.link.pings_out = 0;
        self.link.check_by = None;
        self.link.decoder.push(bytes);
    }

    /// Some of what stood in line to leave has left, and what the server is asked for may stand behind the rest: a sign
    /// of life, as no dead link takes much. What a link takes at once says nothing, as a dead one does so, too. What has
    /// left may be on its way for as long as `behind`, and what was asked after it comes later than that.
    pub fn handle_progress(&mut self, now: Duration, behind: Duration) {
        self.now = now;
        self.link.last_heard = now;
        self.link.pings_out = 0;
        if let Some(check_by) = &mut self.link.check_by {
            *check_by = now.saturating_add(self.link.check_within).saturating_add(behind);
        }
    }

    /// The link could not be opened or has been closed by the other side; `detail` says what is known about it.
    /// Events that came before must have been polled.
    pub fn handle_close(&mut self, now: Duration, detail: &str) {
        self.now = now;
        if matches!(self.phase, Phase::Waiting { .. } | Phase::Closed) {
            return;
        }
        let reason = self.link.blame(now).unwrap_or_else(|| DisconnectReason::Closed(detail.to_owned()));
        self.lose(&reason);
    }

    /// The time that [`Connection::poll_timeout`] gave has come; calling it earlier does no harm.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        for request in self.session.requests.take_expired(&mut self.session.outbox, now) {
            self.events.push_back(Event::Response { request, result: Err(RequestFailure::TimedOut) });
        }
        match self.phase {
            Phase::Waiting { until } if until <= now => self.dial(),
            Phase::Dialing { deadline } | Phase::Greeting { deadline } if deadline <= now => {
                let reason = self.link.blame(now).unwrap_or(DisconnectReason::TimedOut);
                self.lose(&reason);
            }
            Phase::Connected if self.link.check_by.is_some_and(|check_by| check_by <= now) => {
                self.lose(&DisconnectReason::Stale);
            }
            Phase::Connected if self.link.next_ping <= now => self.keep_alive(),
            _ => {}
        }
    }

    /// When [`Connection::handle_timeout`] must be called next; never if `None`.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let phase = match self.phase {
            Phase::Waiting { until } => Some(until),
            Phase::Dialing { deadline } | Phase::Greeting { deadline } => Some(deadline),
            Phase::Connected => Some(self.link.next_ping),
            Phase::Closed => None,
        };
        [phase, self.link.check_by, self.session.requests.next_deadline()].into_iter().flatten().min()
    }

    /// What is to be sent now, in as few pieces as can be; call it until `None`. As long as it is not connected this may
    /// be credentials: [`wipe`](crate::secret::wipe) it when it has been sent.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.link.owes_pong = false;
        if let Some(opening) = self.link.opening.take() {
            return Some(opening);
        }
        if self.phase != Phase::Connected {
            return None;
        }
        let bytes = self.session.outbox.take()?;
        self.session.requests.mark_sent();
        Some(bytes)
    }

    /// Hands over the messages for subscriptions that come next, as [`Event::Message`] would one by one, but without
    /// carrying each through it. It stops at everything else, which [`Connection::poll_event`] then gives; so a driver
    /// may call it before that, and again after each event.
    #[inline]
    pub fn poll_messages(&mut self, mut deliver: impl FnMut(u64, Unread)) {
        if !self.events.is_empty() || self.phase != Phase::Connected {
            return;
        }
        while let Some((sid, message)) = self.link.decoder.whole_message() {
            if self.session.inbox_sid == Some(sid) {
                let response = self.handle_response(message.read());
                self.events.extend(response);
            } else if let Some(ends) = self.session.count_delivered(sid) {
                deliver(sid, message);
                if ends {
                    self.end_subscription(sid);
                }
            }
            if !self.events.is_empty() {
                return;
            }
        }
    }

    /// The next thing that happened or is to be done.
    #[inline]
    pub fn poll_event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            // Messages are decoded here, one by one, so that a frame full of them is never queued a second time.
            if matches!(self.phase, Phase::Waiting { .. } | Phase::Closed) {
                return None;
            }
            match self.link.decoder.next() {
                Ok(None) => return None,
                Ok(Some(operation)) => {
                    if let Some(event) = self.handle_operation(operation) {
                        return Some(event);
                    }
                }
                Err(error) => self.lose(&DisconnectReason::Protocol(error)),
            }
        }
    }

    /// Where the connection is.
    #[must_use]
    pub fn state(&self) -> State {
        match self.phase {
            Phase::Closed => State::Closed,
            Phase::Connected => State::Connected,
            _ if self.info.is_some() => State::Disconnected,
            _ => State::Pending,
        }
    }

    /// The server of the present link, or of the last one; `None` before the first has accepted the client.
    #[must_use]
    pub fn server_info(&self) -> Option<&ServerInfo> {
        self.info.as_deref()
    }

    /// How long the last ping took to be answered; `None` before one was.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.link.round_trip
    }

    /// How many bytes wait to be sent.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.session.outbox.len()
    }
}

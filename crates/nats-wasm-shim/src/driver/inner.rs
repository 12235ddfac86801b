//! The state machine's other half: gives it bytes and the time, routes what it tells, and does what it wants done.
//! A frame is handled whole and at once, and everyone who got something of it is woken once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::Duration;

use gloo_timers::callback::Timeout;
use nats_proto::connection::{FlushId, RequestId, State};
use nats_proto::numbered::Numbered;
use nats_proto::secret::wipe;
use nats_proto::{Connection, Event, Unread};
use send_wrapper::SendWrapper;

use super::line::Line;
use super::{Delay, Response};
use crate::browser;
use crate::event::ConnectionEvent;
use crate::mailbox::{Refused, Sender};
use crate::options::AuthCallback;
use crate::servers::Servers;
use crate::socket::{Socket, SocketEvent};
use crate::statistics::{Received, Statistics};
use crate::waking::Waking;

/// With this much to send it is sent at once, rather than when the current turn of the event loop ends.
const SEND_AT_ONCE: usize = 256 * 1024;

/// The largest frame sent, in bytes. A server with compression closes the connection at a frame that unpacks to more
/// than its `max_payload` (tried on 2.15.1), so a message of that size must not travel in one piece with its own line.
const MAX_FRAME: usize = 64 * 1024;

/// The browser is given no more to send while it has this many bytes that it has not sent yet.
const MOST_BUFFERED: u32 = 4 * 1024 * 1024;

/// How often it is looked then whether it has sent them: a browser does not tell.
const LOOK: Duration = Duration::from_millis(2);

/// A publish waits while a connected client has this many bytes to send that the browser does not take, so that a loop
/// that publishes cannot fill the memory.
const MOST_PENDING: usize = 1024 * 1024;

/// An observer that has left so many events unread is told only whether there is a connection: the newest of these takes
/// the place of the one before, but that it is there again comes after that it was lost.
const MOST_UNREAD: usize = 256;

/// What the handles of one connection share.
pub(super) struct Inner {
    pub(super) connection: Connection,
    pub(super) servers: Servers,
    pub(super) auth: Option<AuthCallback>,
    pub(super) delay: Option<Delay>,
    pub(super) me: Weak<Mutex<Inner>>,
    // A page has one thread, so what belongs to JavaScript is never touched from another.
    pub(super) socket: Option<SendWrapper<Socket>>,
    /// Counts the sockets, so that what an old one still has to say is not taken for the present one's.
    pub(super) generation: u64,
    pub(super) line: Line,
    pub(super) timer: Option<(Duration, SendWrapper<Timeout>)>,
    pub(super) waking: Option<SendWrapper<Waking>>,
    /// Whether sending has been put off to the end of this turn of the event loop.
    pub(super) scheduled: bool,
    pub(super) subscribers: Numbered<u64, Subscribed>,
    pub(super) responses: Numbered<RequestId, Sender<Response>>,
    pub(super) flushes: Numbered<FlushId, Sender<()>>,
    pub(super) observers: Vec<Sender<ConnectionEvent>>,
    pub(super) latest: Option<ConnectionEvent>,
    pub(super) statistics: Arc<Statistics>,
    /// The browser has enough to send for now; then it is looked again.
    pub(super) congested: Option<SendWrapper<Timeout>>,
    /// Who waits until there is room for more to send.
    pub(super) waiting: Vec<Waker>,
}

/// One subscription's reader.
pub(super) struct Subscribed {
    pub(super) sender: Sender<Unread>,
    /// It has lost messages since it was last empty enough.
    pub(super) slow: bool,
}

impl Subscribed {
    /// Delivers a message. Whether it is the first that is lost because the reader is too far behind.
    #[inline]
    fn loses(&mut self, message: Unread) -> bool {
        match self.sender.send(message) {
            Ok(()) => self.slow = false,
            Err(Refused::Closed) => {}
            Err(Refused::Full) => return !std::mem::replace(&mut self.slow, true),
        }
        false
    }
}

pub(super) fn lock(shared: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does something with the driver, if it is still there, and then all that follows from it.
pub(super) fn with(me: &Weak<Mutex<Inner>>, what: impl FnOnce(&mut Inner)) {
    if let Some(shared) = me.upgrade() {
        let mut inner = lock(&shared);
        what(&mut inner);
        inner.pump();
    }
}

/// What was published and could leave does so, though nobody is left to see to it; the browser sends what it has been
/// given before it closes the socket.
impl Drop for Inner {
    fn drop(&mut self) {
        self.transmit();
    }
}

impl Inner {
    /// Puts sending off to the end of this turn, so that many small commands leave as one frame.
    pub(super) fn schedule(&mut self) {
        if self.connection.pending_bytes() > SEND_AT_ONCE && self.connection.state() == State::Connected {
            self.pump();
        }
        if !std::mem::replace(&mut self.scheduled, true) {
            let me = Weak::clone(&self.me);
            wasm_bindgen_futures::spawn_local(async move { with(&me, |inner| inner.scheduled = false) });
        }
    }

    /// Everything that follows from what the state machine has been told.
    pub(super) fn pump(&mut self) {
        loop {
            self.receive();
            let Some(event) = self.connection.poll_event() else { break };
            self.route(event);
        }
        self.transmit();
        self.arm();
    }

    /// Gives the browser what is to be sent, as long as it does not have too much already.
    fn transmit(&mut self) {
        // Without one that takes it, what is to be sent stays for the next.
        while let Some(socket) = self.socket.as_ref().filter(|socket| socket.is_open()) {
            let buffered = socket.buffered();
            if buffered >= MOST_BUFFERED && self.me.strong_count() > 0 {
                return self.look_again();
            }
            let Some(bytes) = self.connection.poll_transmit() else { break };
            self.line.takes(browser::now(), buffered, bytes.len());
            for frame in bytes.chunks(self.connection.max_payload().clamp(1, MAX_FRAME)) {
                socket.send(frame);
            }
            // Credentials lie in it. They are few, and what follows them is much and not secret.
            if self.connection.state() != State::Connected {
                wipe(bytes);
            }
        }
        if !self.waiting.is_empty() && !self.is_full() {
            for waker in std::mem::take(&mut self.waiting) {
                waker.wake();
            }
        }
    }

    /// Whether a connected client has more to send than the browser takes. What waits for a connection has a bound of
    /// its own, and fails beyond it.
    pub(super) fn is_full(&self) -> bool {
        self.connection.pending_bytes() > MOST_PENDING && self.connection.state() == State::Connected
    }

    fn look_again(&mut self) {
        if self.congested.is_none() {
            let me = Weak::clone(&self.me);
            let millis = u32::try_from(LOOK.as_millis()).unwrap_or(1);
            let timer = Timeout::new(millis, move || with(&me, |inner| inner.congested = None));
            self.congested = Some(SendWrapper::new(timer));
        }
    }

    /// Hands the messages that have come to their subscribers: the one thing that happens often.
    fn receive(&mut self) {
        let (subscribers, mut slow, mut received) = (&mut self.subscribers, Vec::new(), Received::default());
        self.connection.poll_messages(|sid, message| {
            received.count(message.length());
            if let Some(subscribed) = subscribers.get_mut(sid)
                && subscribed.loses(message)
            {
                slow.push(sid);
            }
        });
        self.statistics.received(&received);
        for sid in slow {
            self.announce(&ConnectionEvent::SlowConsumer(sid));
        }
    }

    #[inline]
    fn route(&mut self, event: Event) {
        match event {
            Event::Message { sid, message } => self.deliver(sid, message),
            Event::Response { request, result } => self.respond(request, result),
            other => self.route_rare(other),
        }
    }

    /// Everything but messages and answers; kept apart, so that what handles those stays small.
    #[inline(never)]
    fn route_rare(&mut self, event: Event) {
        let told = match event {
            Event::Message { .. } | Event::Response { .. } => return,
            Event::SubscriptionEnded { sid } => {
                self.subscribers.remove(sid);
                return;
            }
            Event::Flushed { flush, completed } => {
                if let Some(sender) = self.flushes.remove(flush)
                    && completed
                {
                    // Nobody may be waiting any more, which is fine.
                    let _ = sender.send(());
                }
                return;
            }
            Event::Dial => return self.dial(),
            Event::HangUp => return self.hang_up(),
            Event::Authenticate { nonce } => return self.authenticate(nonce),
            Event::AskDelay { attempt } => {
                if let Some(delay) = &self.delay {
                    delay.0(&self.me, attempt);
                }
                return;
            }
            Event::Connected => {
                self.statistics.connected();
                self.servers.accepted();
                ConnectionEvent::Connected
            }
            Event::Disconnected(reason) => ConnectionEvent::Disconnected(reason),
            Event::ConnectFailed(reason) => ConnectionEvent::ConnectFailed(reason),
            Event::Reconnecting { attempt, delay } => ConnectionEvent::Reconnecting { attempt, delay },
            Event::Closed(reason) => ConnectionEvent::Closed(reason),
            Event::LameDuckMode => ConnectionEvent::LameDuckMode,
            Event::Draining => ConnectionEvent::Draining,
            Event::PermissionViolation { operation, subject } => {
                ConnectionEvent::PermissionViolation { operation, subject }
            }
            Event::ServerError(words) => ConnectionEvent::ServerError(words),
        };
        self.announce(&told);
    }

    fn deliver(&mut self, sid: u64, message: Unread) {
        self.count(message.length());
        if self.subscribers.get_mut(sid).is_some_and(|subscribed| subscribed.loses(message)) {
            self.announce(&ConnectionEvent::SlowConsumer(sid));
        }
    }

    fn count(&self, length: usize) {
        let mut received = Received::default();
        received.count(length);
        self.statistics.received(&received);
    }

    fn respond(&mut self, request: RequestId, result: Response) {
        if let Ok(message) = &result {
            self.count(message.length);
        }
        let Some(sender) = self.responses.get(request) else { return };
        let last = result.is_err();
        // Nobody may be waiting any more; then the request is cancelled by whoever stopped.
        let _ = sender.send(result);
        if last {
            self.responses.remove(request);
        }
    }

    fn announce(&mut self, event: &ConnectionEvent) {
        let lasts = matches!(
            event,
            ConnectionEvent::Connected
                | ConnectionEvent::Disconnected(_)
                | ConnectionEvent::Draining
                | ConnectionEvent::Closed(_)
        );
        self.observers.retain(|observer| match observer.send_within(MOST_UNREAD, event.clone()) {
            Ok(()) => true,
            Err(Refused::Closed) => false,
            Err(Refused::Full) => {
                if lasts {
                    // A connection that is there again is news only to whoever was told that it was lost.
                    observer.squeeze(MOST_UNREAD, event.clone(), |newest| {
                        matches!(
                            (newest, event),
                            (ConnectionEvent::Disconnected(_), ConnectionEvent::Connected)
                        )
                    });
                }
                true
            }
        });
        if event.is_state() {
            self.latest = Some(event.clone());
        }
        if matches!(event, ConnectionEvent::Closed(_)) {
            self.observers.clear();
            self.waking = None;
        }
    }

    fn dial(&mut self) {
        self.hang_up();
        let (me, generation) = (Weak::clone(&self.me), self.generation);
        let listener = move |event| {
            with(&me, |inner| {
                if inner.generation == generation {
                    inner.heard(event);
                }
            });
        };
        if let Some(info) = self.connection.server_info() {
            self.servers.learn(info);
        }
        match Socket::open(self.servers.next(&mut self.connection), listener) {
            Ok(socket) => self.socket = Some(SendWrapper::new(socket)),
            Err(reason) => self.connection.handle_close(browser::now(), &reason),
        }
    }

    /// Asks for credentials, and passes them on if the link is still the one that wants them.
    fn authenticate(&mut self, nonce: String) {
        let Some(auth) = self.auth.clone() else { return };
        let (me, generation) = (Weak::clone(&self.me), self.generation);
        wasm_bindgen_futures::spawn_local(async move {
            let answer = auth.ask(nonce).await.map_err(|error| error.to_string());
            with(&me, |inner| {
                if inner.generation == generation {
                    inner.connection.authenticate(browser::now(), answer);
                }
            });
        });
    }

    fn hang_up(&mut self) {
        self.generation += 1;
        self.socket = None;
        self.line = Line::default();
    }

    fn heard(&mut self, event: SocketEvent) {
        let now = browser::now();
        match event {
            SocketEvent::Open => self.connection.handle_open(now),
            SocketEvent::Bytes(bytes) => self.connection.handle_bytes(now, bytes),
            SocketEvent::Closed(reason) => self.connection.handle_close(now, &reason),
        }
    }

    /// Doubts the link. The question goes out behind what has been sent just before.
    pub(super) fn check(&mut self, within: Duration) {
        let behind = self.look_at_line();
        self.connection.check(browser::now(), within, behind);
    }

    /// Looks how the browser gets on with what it was given, and so how long what is sent now may take to leave.
    fn look_at_line(&mut self) -> Duration {
        let Some(socket) = &self.socket else { return Duration::ZERO };
        let now = browser::now();
        let (moves, behind) = self.line.look(now, socket.buffered());
        if moves {
            self.connection.handle_progress(now, behind);
        }
        behind
    }

    /// Sees to it that the state machine is called no later than it wants. A timer that goes off too early asks again,
    /// which costs less than replacing it with every request.
    fn arm(&mut self) {
        let Some(deadline) = self.connection.poll_timeout() else {
            self.timer = None;
            return;
        };
        if self.timer.as_ref().is_some_and(|(armed, _)| *armed <= deadline) {
            return;
        }
        let wait = deadline.saturating_sub(browser::now()).as_millis().saturating_add(1);
        let me = Weak::clone(&self.me);
        let timer = Timeout::new(u32::try_from(wait).unwrap_or(u32::MAX).min(1 << 30), move || {
            with(&me, |inner| {
                inner.timer = None;
                inner.look_at_line();
                inner.connection.handle_timeout(browser::now());
            });
        });
        self.timer = Some((deadline, SendWrapper::new(timer)));
    }
}

//! Carries bytes, time and events between the socket, the state machine and whoever waits for something.
//! A frame is handled whole and at once, and everyone who got something of it is woken once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker};
use std::time::Duration;

use gloo_timers::callback::Timeout;
use nats_proto::connection::{Answers, FlushId, RequestFailure, RequestId, SendError, State};
use nats_proto::numbered::Numbered;
use nats_proto::{Config, Connection, Event, HeaderMap, Message, Subject, encode};
use send_wrapper::SendWrapper;

use crate::browser;
use crate::event::ConnectionEvent;
use crate::mailbox::{Receiver, Refused, Sender, mailbox};
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

/// So long a server has to give a sign of life when the page may have slept, or its network may be another.
const DOUBT: Duration = Duration::from_secs(2);

/// Where the answers to a request go.
pub(crate) type Response = Result<Message, RequestFailure>;

/// The driver of one connection, shared by its clients and subscribers. It ends with the last of them.
#[derive(Clone)]
pub(crate) struct Driver(Arc<Mutex<Inner>>);

struct Inner {
    connection: Connection,
    servers: Servers,
    auth: Option<AuthCallback>,
    me: Weak<Mutex<Inner>>,
    // A page has one thread, so what belongs to JavaScript is never touched from another.
    socket: Option<SendWrapper<Socket>>,
    /// Counts the sockets, so that what an old one still has to say is not taken for the present one's.
    generation: u64,
    timer: Option<(Duration, SendWrapper<Timeout>)>,
    waking: Option<SendWrapper<Waking>>,
    /// Whether sending has been put off to the end of this turn of the event loop.
    scheduled: bool,
    subscribers: Numbered<u64, Subscribed>,
    responses: Numbered<RequestId, Sender<Response>>,
    flushes: Numbered<FlushId, Sender<()>>,
    observers: Vec<Sender<ConnectionEvent>>,
    latest: Option<ConnectionEvent>,
    statistics: Arc<Statistics>,
    /// The browser has enough to send for now; then it is looked again.
    congested: Option<SendWrapper<Timeout>>,
    /// Who waits until there is room for more to send.
    waiting: Vec<Waker>,
}

/// Whether there is room for more to send.
pub(crate) enum Room {
    Enough,
    Full,
}

struct Subscribed {
    sender: Sender<Message>,
    /// It has lost messages since it was last empty enough.
    slow: bool,
}

impl Subscribed {
    /// Delivers a message. Whether it is the first that is lost because the reader is too far behind.
    #[inline]
    fn loses(&mut self, message: Message) -> bool {
        match self.sender.send(message) {
            Ok(()) => self.slow = false,
            Err(Refused::Closed) => {}
            Err(Refused::Full) => return !std::mem::replace(&mut self.slow, true),
        }
        false
    }
}

impl Driver {
    /// Starts to connect. Returns with it what happens to the connection.
    pub(crate) fn start(
        servers: Servers,
        auth: Option<AuthCallback>,
        config: Config,
    ) -> (Self, Receiver<ConnectionEvent>) {
        let (observer, events) = mailbox(usize::MAX);
        let shared = Arc::new_cyclic(|me| {
            Mutex::new(Inner {
                connection: Connection::new(config, browser::seed(), browser::now()),
                servers,
                auth,
                me: Weak::clone(me),
                socket: None,
                generation: 0,
                timer: None,
                waking: None,
                scheduled: false,
                subscribers: Numbered::new(),
                responses: Numbered::new(),
                flushes: Numbered::new(),
                observers: vec![observer],
                latest: None,
                statistics: Arc::default(),
                congested: None,
                waiting: Vec::new(),
            })
        });
        let driver = Self(shared);
        let me = Arc::downgrade(&driver.0);
        let waking = Waking::listen(move || with(&me, |inner| inner.connection.check(browser::now(), DOUBT)));
        let mut inner = driver.lock();
        inner.waking = Some(SendWrapper::new(waking));
        inner.pump();
        drop(inner);
        (driver, events)
    }

    /// What happens to the connection from now on, beginning with where it is.
    pub(crate) fn observe(&self) -> Receiver<ConnectionEvent> {
        let (observer, events) = mailbox(usize::MAX);
        let mut inner = self.lock();
        if let Some(latest) = &inner.latest {
            // The mailbox is new and has room.
            let _ = observer.send(latest.clone());
        }
        if inner.connection.state() != State::Closed {
            inner.observers.push(observer);
        }
        events
    }

    /// Looks at the connection, and changes nothing.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Connection) -> R) -> R {
        look(&self.lock().connection)
    }

    pub(crate) fn publish(
        &self,
        subject: &Subject,
        reply: Option<&Subject>,
        headers: Option<&HeaderMap>,
        payload: &bytes::Bytes,
    ) -> Result<Room, SendError> {
        self.command(|inner| {
            inner.connection.publish(subject, reply, headers, payload)?;
            inner.statistics.sent(encode::message_size(headers, payload));
            Ok(())
        })?;
        let inner = self.lock();
        Ok(if inner.is_full() { Room::Full } else { Room::Enough })
    }

    /// Waits until there is room for more to send, or no connection.
    pub(crate) async fn room(&self) {
        std::future::poll_fn(|context| {
            let mut inner = self.lock();
            if !inner.is_full() {
                return Poll::Ready(());
            }
            inner.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// What has gone over the connection so far.
    pub(crate) fn statistics(&self) -> Arc<Statistics> {
        Arc::clone(&self.lock().statistics)
    }

    /// Sends a request; its answers arrive in the mailbox.
    pub(crate) fn request(
        &self,
        subject: &Subject,
        headers: Option<&HeaderMap>,
        payload: &bytes::Bytes,
        answers: Answers,
        timeout: Option<Duration>,
    ) -> Result<(RequestId, Receiver<Response>), SendError> {
        self.command(|inner| {
            let now = browser::now();
            let request = inner.connection.request(now, subject, headers, payload, answers, timeout)?;
            inner.statistics.sent(encode::message_size(headers, payload));
            let (sender, receiver) = mailbox(usize::MAX);
            inner.responses.insert(request, sender);
            Ok((request, receiver))
        })
    }

    /// Nobody waits for the answers to a request any more.
    pub(crate) fn cancel(&self, request: RequestId) {
        let mut inner = self.lock();
        if let Some(sender) = inner.responses.remove(request) {
            inner.connection.cancel_request(request);
            drop(inner);
            drop(sender);
        }
    }

    pub(crate) fn subscribe(
        &self,
        subject: &Subject,
        queue: Option<&str>,
        capacity: usize,
    ) -> Result<(u64, Receiver<Message>), SendError> {
        self.command(|inner| {
            let sid = inner.connection.subscribe(subject, queue)?;
            let (sender, receiver) = mailbox(capacity);
            inner.subscribers.insert(sid, Subscribed { sender, slow: false });
            Ok((sid, receiver))
        })
    }

    /// Any other command that leads to events or to something to send.
    pub(crate) fn tell<R>(&self, tell: impl FnOnce(&mut Connection) -> R) -> R {
        self.command(|inner| tell(&mut inner.connection))
    }

    /// Asks the server to confirm all that was sent; the mailbox gets an item when it has, and ends without if not.
    pub(crate) fn flush(&self) -> Result<Receiver<()>, SendError> {
        self.command(|inner| {
            let flush = inner.connection.flush()?;
            let (sender, receiver) = mailbox(1);
            inner.flushes.insert(flush, sender);
            Ok(receiver)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    fn command<R>(&self, command: impl FnOnce(&mut Inner) -> R) -> R {
        let mut inner = self.lock();
        let result = command(&mut inner);
        inner.schedule();
        result
    }
}

fn lock(shared: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does something with the driver, if it is still there, and then all that follows from it.
fn with(me: &Weak<Mutex<Inner>>, what: impl FnOnce(&mut Inner)) {
    if let Some(shared) = me.upgrade() {
        let mut inner = lock(&shared);
        what(&mut inner);
        inner.pump();
    }
}

impl Inner {
    /// Puts sending off to the end of this turn, so that many small commands leave as one frame.
    fn schedule(&mut self) {
        if self.connection.pending_bytes() > SEND_AT_ONCE && self.connection.state() == State::Connected {
            self.pump();
        }
        if !std::mem::replace(&mut self.scheduled, true) {
            let me = Weak::clone(&self.me);
            wasm_bindgen_futures::spawn_local(async move { with(&me, |inner| inner.scheduled = false) });
        }
    }

    /// Everything that follows from what the state machine has been told.
    fn pump(&mut self) {
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
        loop {
            if self.socket.as_ref().is_some_and(|socket| socket.buffered() >= MOST_BUFFERED) {
                return self.look_again();
            }
            let Some(bytes) = self.connection.poll_transmit() else { break };
            let Some(socket) = &self.socket else { continue };
            for frame in bytes.chunks(self.connection.max_payload().clamp(1, MAX_FRAME)) {
                socket.send(frame);
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
    fn is_full(&self) -> bool {
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
            received.count(&message);
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
            Event::Connected => {
                self.statistics.connected();
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

    fn deliver(&mut self, sid: u64, message: Message) {
        self.count(&message);
        if self.subscribers.get_mut(sid).is_some_and(|subscribed| subscribed.loses(message)) {
            self.announce(&ConnectionEvent::SlowConsumer(sid));
        }
    }

    fn count(&self, message: &Message) {
        let mut received = Received::default();
        received.count(message);
        self.statistics.received(&received);
    }

    fn respond(&mut self, request: RequestId, result: Response) {
        if let Ok(message) = &result {
            self.count(message);
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
        self.observers.retain(|observer| observer.send(event.clone()).is_ok());
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
        match Socket::open(self.servers.next(), listener) {
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
    }

    fn heard(&mut self, event: SocketEvent) {
        let now = browser::now();
        match event {
            SocketEvent::Open => self.connection.handle_open(now),
            SocketEvent::Bytes(bytes) => self.connection.handle_bytes(now, bytes),
            SocketEvent::Closed(reason) => self.connection.handle_close(now, &reason),
        }
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
                inner.connection.handle_timeout(browser::now());
            });
        });
        self.timer = Some((deadline, SendWrapper::new(timer)));
    }
}

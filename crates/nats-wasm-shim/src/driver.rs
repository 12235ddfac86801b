//! What clients and subscribers share: the driver of one connection, as they see it. What it does for them stands in
//! `inner`.

mod inner;
mod line;

use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use nats_proto::connection::{Answers, RequestFailure, RequestId, SendError, State};
use nats_proto::numbered::Numbered;
use nats_proto::{Config, Connection, HeaderMap, Message, Subject, Unread, encode};
use send_wrapper::SendWrapper;

use crate::browser;
use crate::event::ConnectionEvent;
use crate::mailbox::{Receiver, mailbox};
use crate::options::AuthCallback;
use crate::servers::Servers;
use crate::statistics::Statistics;
use crate::waking::Waking;

use inner::{Inner, Subscribed, lock, with};
use line::Line;

/// So long a server has to give a sign of life when the page may have slept, or its network may be another.
const DOUBT: Duration = Duration::from_secs(2);

/// Where the answers to a request go.
pub(crate) type Response = Result<Message, RequestFailure>;

/// The driver of one connection, shared by its clients and subscribers. It ends with the last of them.
#[derive(Clone)]
pub(crate) struct Driver(Arc<Mutex<Inner>>);

/// A user's rule for the waits between attempts, and how it is asked; a page without one does not carry it.
pub(crate) struct Delay(Box<AskDelay>);

type AskDelay = dyn Fn(&Weak<Mutex<Inner>>, u32) + Send + Sync;

impl std::fmt::Debug for Delay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Delay")
    }
}

impl Delay {
    /// The rule may look at the client, so it is asked outside of the lock.
    pub(crate) fn new(rule: impl Fn(usize) -> Duration + Send + Sync + 'static) -> Self {
        let rule = Arc::new(rule);
        Self(Box::new(move |me, attempt| {
            let (rule, me) = (Arc::clone(&rule), Weak::clone(me));
            wasm_bindgen_futures::spawn_local(async move {
                let delay = rule(attempt as usize);
                with(&me, |inner| inner.connection.reconnect_after(browser::now(), delay));
            });
        }))
    }
}

impl Driver {
    /// Starts to connect. Returns with it what happens to the connection.
    pub(crate) fn start(
        servers: Servers,
        auth: Option<AuthCallback>,
        delay: Option<Delay>,
        config: Config,
    ) -> (Self, Receiver<ConnectionEvent>) {
        let (observer, events) = mailbox(usize::MAX);
        let shared = Arc::new_cyclic(|me| {
            Mutex::new(Inner {
                connection: Connection::new(config, browser::seed(), browser::now()),
                servers,
                auth,
                delay,
                me: Weak::clone(me),
                socket: None,
                generation: 0,
                line: Line::default(),
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
        let waking = Waking::listen(move || with(&me, |inner| inner.check(DOUBT)));
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
            inner.observers.retain(|observer| !observer.is_closed());
            inner.observers.push(observer);
        }
        events
    }

    /// Ends the connection when what was sent before is through, and keeps it until then, whoever drops it.
    pub(crate) fn drain(&self) -> Result<(), SendError> {
        self.tell(|connection| connection.drain(browser::now()))?;
        let (mut events, driver) = (self.observe(), self.clone());
        wasm_bindgen_futures::spawn_local(async move {
            while std::future::poll_fn(|context| events.poll(context)).await.is_some() {}
            drop(driver);
        });
        Ok(())
    }

    /// Doubts the connection: the server has to give a sign of life.
    pub(crate) fn check(&self, within: Duration) {
        self.command(|inner| inner.check(within));
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
    ) -> Result<(), SendError> {
        self.command(|inner| {
            inner.connection.publish(subject, reply, headers, payload)?;
            inner.statistics.sent(encode::message_size(headers, payload));
            Ok(())
        })
    }

    /// Waits until there is room for more to send, or no connection.
    pub(crate) async fn room(&self) {
        std::future::poll_fn(|context| self.poll_room(context)).await;
    }

    #[inline(never)]
    pub(crate) fn poll_room(&self, context: &Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if !inner.is_full() {
            return Poll::Ready(());
        }
        if !inner.waiting.iter().any(|waiting| waiting.will_wake(context.waker())) {
            inner.waiting.push(context.waker().clone());
        }
        Poll::Pending
    }

    /// What has gone over the connection so far.
    pub(crate) fn statistics(&self) -> Arc<Statistics> {
        Arc::clone(&self.lock().statistics)
    }

    /// Sends a request; its answers arrive in the mailbox, or else in an inbox of its own.
    pub(crate) fn request(
        &self,
        subject: &Subject,
        inbox: Option<&Subject>,
        headers: Option<&HeaderMap>,
        payload: &bytes::Bytes,
        answers: Answers,
        timeout: Option<Duration>,
    ) -> Result<(RequestId, Receiver<Response>), SendError> {
        self.command(|inner| {
            let now = browser::now();
            let connection = &mut inner.connection;
            let request = match inbox {
                None => connection.request(now, subject, headers, payload, answers, timeout),
                Some(inbox) => connection.request_by_inbox(now, subject, inbox, headers, payload, timeout),
            }?;
            inner.statistics.sent(encode::message_size(headers, payload));
            let (sender, receiver) = mailbox(usize::MAX);
            inner.responses.insert(request, sender);
            Ok((request, receiver))
        })
    }

    /// Nobody waits for the answers to a request any more; whether it is sent if it has not been.
    pub(crate) fn cancel(&self, request: RequestId, is_sent: bool) {
        let mut inner = self.lock();
        if let Some(sender) = inner.responses.remove(request) {
            if is_sent {
                inner.connection.leave_request(request);
            } else {
                inner.connection.cancel_request(request);
            }
            drop(inner);
            drop(sender);
        }
    }

    pub(crate) fn subscribe(
        &self,
        subject: &Subject,
        queue: Option<&str>,
        capacity: usize,
    ) -> Result<(u64, Receiver<Unread>), SendError> {
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

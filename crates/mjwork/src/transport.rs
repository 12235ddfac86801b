//! The one place that says which NATS client carries the messages: `async_nats` on native, `nats_wasm_shim` in the
//! browser. Both have the same names, so everything above is written once.

use crate::Duration;
use nats_proto::direct_get::{DirectGetError, Reply, Stored};
use std::pin::Pin;

#[cfg(not(target_arch = "wasm32"))]
pub use async_nats::{
    Client, HeaderMap, Message, Subject, Subscriber,
    client::{Request, RequestError, RequestErrorKind},
    connection::State,
};
#[cfg(target_arch = "wasm32")]
pub use nats_wasm_shim::{
    Client, HeaderMap, Message, State, Subject, Subscriber,
    client::{Request, RequestError, RequestErrorKind},
};

/// A future that can be kept: one that other threads may poll, where there are any.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) type Kept<T> = Pin<Box<dyn Future<Output = T> + Send + Sync>>;
/// A future that can be kept: one that other threads may poll, where there are any.
#[cfg(target_arch = "wasm32")]
pub(crate) type Kept<T> = Pin<Box<dyn Future<Output = T>>>;

/// A stream that can be kept and handed on: one that other threads may poll, where there are any.
#[cfg(not(target_arch = "wasm32"))]
pub type BoxStream<T> = futures_util::stream::BoxStream<'static, T>;
/// A stream that can be kept and handed on: one that other threads may poll, where there are any.
#[cfg(target_arch = "wasm32")]
pub type BoxStream<T> = futures_util::stream::LocalBoxStream<'static, T>;

/// Waits: the reader's own ticks, and between tries. Decides nothing but when to ask again.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Waits: the reader's own ticks, and between tries. Decides nothing but when to ask again.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn sleep(duration: Duration) {
    gloo_timers::future::TimeoutFuture::new(u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)).await;
}

/// Time that has passed since some moment of this process: steady on native, as good as the clock of the machine in the
/// browser.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn elapsed() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// Time that has passed since some moment of this process: steady on native, as good as the clock of the machine in the
/// browser.
#[cfg(target_arch = "wasm32")]
pub(crate) fn elapsed() -> Duration {
    Duration::try_from_secs_f64(js_sys::Date::now() / 1_000.0).unwrap_or_default()
}

/// Where work goes on that nobody waits for.
#[derive(Clone)]
pub(crate) struct Spawner {
    #[cfg(not(target_arch = "wasm32"))]
    runtime: tokio::runtime::Handle,
}

#[cfg(not(target_arch = "wasm32"))]
impl Spawner {
    /// This runtime. Must be called within one.
    pub fn here() -> Self {
        Self { runtime: tokio::runtime::Handle::current() }
    }

    /// Begins `work`; from any thread.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.runtime.spawn(work));
    }

    /// Does what would hold a thread up, on one that nobody needs. None when the runtime ends.
    pub async fn block<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Option<R> {
        self.runtime.spawn_blocking(work).await.ok()
    }
}

#[cfg(target_arch = "wasm32")]
impl Spawner {
    /// This page.
    pub fn here() -> Self {
        Self {}
    }

    /// Begins `work`.
    #[expect(clippy::unused_self, reason = "as on native")]
    pub fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(work);
    }
}

/// `work` without tokio's turns: those who wait for one are woken in the reverse order, and what is to leave in an order
/// would not.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn in_order<F: Future>(work: F) -> impl Future<Output = F::Output> {
    tokio::task::unconstrained(work)
}

/// `work` as it is: in the browser there are no turns.
#[cfg(target_arch = "wasm32")]
pub(crate) fn in_order<F: Future>(work: F) -> impl Future<Output = F::Output> {
    work
}

/// What became of the connection since one looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It was lost.
    Down,
    /// It was lost and is there again, or is there for the first time.
    Up,
}

/// A connection that is looked at now and then: a cut that was mended in between shows, too.
pub(crate) struct Link {
    is_up: bool,
    #[cfg(not(target_arch = "wasm32"))]
    connects: u64,
    #[cfg(not(target_arch = "wasm32"))]
    client: Client,
    #[cfg(target_arch = "wasm32")]
    events: nats_wasm_shim::event::ConnectionEvents,
}

impl Link {
    /// Whether the connection was there when one last looked.
    pub fn is_up(&self) -> bool {
        self.is_up
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Link {
    /// The connection of `client`, as it is now.
    pub fn of(client: &Client) -> Self {
        let connects = Self::connects(client);
        Self { is_up: client.connection_state() == State::Connected, connects, client: client.clone() }
    }

    /// What became of it since.
    pub fn look(&mut self) -> Option<Turn> {
        let is_up = self.client.connection_state() == State::Connected;
        let connects = Self::connects(&self.client);
        let turn = match (self.is_up, is_up) {
            (_, false) => self.is_up.then_some(Turn::Down),
            (false, true) => Some(Turn::Up),
            (true, true) => (connects != self.connects).then_some(Turn::Up),
        };
        (self.is_up, self.connects) = (is_up, connects);
        turn
    }

    fn connects(client: &Client) -> u64 {
        client.statistics().connects.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[cfg(target_arch = "wasm32")]
impl Link {
    /// The connection of `client`, as it is now.
    pub fn of(client: &Client) -> Self {
        let mut link = Self { is_up: false, events: client.events() };
        link.look();
        link
    }

    /// What became of it since.
    pub fn look(&mut self) -> Option<Turn> {
        use futures_util::{FutureExt, StreamExt};
        use nats_wasm_shim::ConnectionEvent::{Closed, Connected, Disconnected};
        let mut turn = None;
        while let Some(Some(event)) = self.events.next().now_or_never() {
            match event {
                Connected => (self.is_up, turn) = (true, Some(Turn::Up)),
                Disconnected(_) | Closed(_) => (self.is_up, turn) = (false, Some(Turn::Down)),
                _ => {}
            }
        }
        turn
    }
}

/// What a direct get answered, or what a republished message says of itself.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn reply(message: &Message) -> Result<Reply<'_>, DirectGetError> {
    let headers = message.headers.as_ref();
    Reply::read(message.status.map(|s| s.as_u16()), message.description.as_deref(), |name| {
        headers.into_iter().flat_map(move |h| h.get_all(name)).map(async_nats::HeaderValue::as_str)
    })
}

/// What a direct get answered, or what a republished message says of itself.
#[cfg(target_arch = "wasm32")]
pub(crate) fn reply(message: &Message) -> Result<Reply<'_>, DirectGetError> {
    Reply::of(message)
}

/// The subject of a stored message, kept; shares the message's bytes where the client can.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn subject(stored: &Stored<'_>, _message: &Message) -> Subject {
    Subject::from(stored.subject)
}

/// The subject of a stored message, kept; shares the message's bytes where the client can.
#[cfg(target_arch = "wasm32")]
pub(crate) fn subject(stored: &Stored<'_>, message: &Message) -> Subject {
    stored.shared_subject(message)
}

/// Whether the server, or the client on its word, said that this user may not publish there.
pub(crate) fn is_denied(error: &RequestError) -> bool {
    #[cfg(target_arch = "wasm32")]
    return error.kind() == RequestErrorKind::PermissionDenied;
    #[cfg(not(target_arch = "wasm32"))]
    {
        // On native the word comes apart from the request, which then only times out.
        let _ = error;
        false
    }
}

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

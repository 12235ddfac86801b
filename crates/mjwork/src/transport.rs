//! The one place that says which NATS client carries the messages: `async_nats` on native, `nats_wasm_shim` in the
//! browser. Both have the same names, so everything above is written once.

use crate::Duration;
use nats_proto::direct_get::{DirectGetError, Reply};
use std::pin::Pin;

#[cfg(not(target_arch = "wasm32"))]
pub use async_nats::{
    Client, HeaderMap, Message, Subscriber,
    client::{Request, RequestError, RequestErrorKind},
    connection::State,
};
#[cfg(target_arch = "wasm32")]
pub use nats_wasm_shim::{
    Client, HeaderMap, Message, Subscriber,
    client::{Request, RequestError, RequestErrorKind},
    connection::State,
};

/// A future that can be kept: one that other threads may poll, where there are any.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) type Kept<T> = Pin<Box<dyn Future<Output = T> + Send + Sync>>;
/// A future that can be kept: one that other threads may poll, where there are any.
#[cfg(target_arch = "wasm32")]
pub(crate) type Kept<T> = Pin<Box<dyn Future<Output = T>>>;

/// Waits.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Waits.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn sleep(duration: Duration) {
    gloo_timers::future::TimeoutFuture::new(u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)).await;
}

/// What a direct get answered, or what a republished message says of itself.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn reply(message: &Message) -> Result<Reply<'_>, DirectGetError> {
    let headers = message.headers.as_ref();
    Reply::read(message.status.map(|s| s.as_u16()), message.description.as_deref(), |name| {
        headers.and_then(|h| h.get_last(name)).map(async_nats::HeaderValue::as_str)
    })
}

/// What a direct get answered, or what a republished message says of itself.
#[cfg(target_arch = "wasm32")]
pub(crate) fn reply(message: &Message) -> Result<Reply<'_>, DirectGetError> {
    Reply::of(message)
}

/// How often `name` stands in the headers.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn count(headers: &HeaderMap, name: &str) -> usize {
    headers.get_all(name).count()
}

/// How often `name` stands in the headers.
#[cfg(target_arch = "wasm32")]
pub(crate) fn count(headers: &HeaderMap, name: &str) -> usize {
    headers.entries().filter(|(n, _)| *n == name).count()
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

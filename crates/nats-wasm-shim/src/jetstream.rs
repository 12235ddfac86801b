//! JetStream: publishing with acknowledgement, managing streams, reading them by consumers and by direct get, and
//! buckets of keys and values. Names and signatures follow `async_nats::jetstream`; batched direct get, which it does
//! not have, is added. Moments are nanoseconds since 1970 in UTC.
//!
//! ```
//! # async fn example(client: nats_wasm_shim::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use nats_wasm_shim::jetstream::{self, stream};
//!
//! let jetstream = jetstream::new(client);
//! let config = stream::Config { name: "events".into(), subjects: vec!["events.>".into()], ..Default::default() };
//! jetstream.get_or_create_stream(config).await?;
//! let ack = jetstream.publish("events.created", "{}".into()).await?.await?;
//! println!("stored as {}", ack.sequence);
//! # Ok(())
//! # }
//! ```

pub mod account;
pub mod consumer;
pub mod context;
pub mod errors;
pub mod kv;
pub mod message;
mod nanos;
pub mod publish;
pub mod response;
pub mod stream;

pub use context::{Context, ContextBuilder};
pub use errors::{Error, ErrorCode};
pub use message::{AckKind, Message};

use crate::Client;

/// JetStream of the account that the client signed in to.
///
/// ```
/// # fn example(client: nats_wasm_shim::Client) {
/// let jetstream = nats_wasm_shim::jetstream::new(client);
/// # }
/// ```
#[must_use]
pub fn new(client: Client) -> Context {
    Context::new(client, "$JS.API".to_owned())
}

/// JetStream whose API is reached under another prefix than `$JS.API`, such as one that another account exports.
///
/// ```
/// # fn example(client: nats_wasm_shim::Client) {
/// let jetstream = nats_wasm_shim::jetstream::with_prefix(client, "mjapi");
/// # }
/// ```
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "async-nats' signature")]
pub fn with_prefix<T: ToString>(client: Client, prefix: T) -> Context {
    Context::new(client, prefix.to_string())
}

/// JetStream of another domain, reached over leaf nodes.
///
/// ```
/// # fn example(client: nats_wasm_shim::Client) {
/// let jetstream = nats_wasm_shim::jetstream::with_domain(client, "hub");
/// # }
/// ```
#[must_use]
pub fn with_domain<T: AsRef<str>>(client: Client, domain: T) -> Context {
    Context::new(client, format!("$JS.{}.API", domain.as_ref()))
}

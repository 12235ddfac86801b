//! NATS in the browser: a client that speaks to a server's own WebSocket listener, with async-nats' names and
//! signatures, so that code above it can be written once for both.
//!
//! On other targets than `wasm32` the crate is empty; use async-nats there.
//!
//! ```
//! # #[cfg(target_arch = "wasm32")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use futures_util::StreamExt;
//!
//! let client = nats_wasm_shim::connect("ws://localhost:8080").await?;
//! let mut greetings = client.subscribe("greet.*").await?;
//! client.publish("greet.joe", "hello".into()).await?;
//! if let Some(message) = greetings.next().await {
//!     assert_eq!(message.payload, "hello");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | `socket` | the only place that knows of WebSockets |
//! | `waking` | when the browser says that the page has slept, or that its network may be another |
//! | `driver` | carries bytes, time and events between the socket, [`nats_proto::Connection`] and the users |
//! | [`client`] | the cloneable handle |
//! | [`connection`] | where a connection is |
//! | [`options`] | how to connect |
//! | `servers` | addresses, and the list of servers that may be tried |
//! | [`event`] | what happens to a connection |
//! | `statistics` | what has gone over a connection |
//! | [`subscriber`] | the messages of one subscription, as a stream |
//! | [`jetstream`] | publishing with acknowledgement, managing streams, reading them |
#![cfg(target_arch = "wasm32")]

mod alarm;
mod browser;
pub mod client;
pub mod connection;
mod driver;
pub mod error;
pub mod event;
pub mod jetstream;
mod mailbox;
pub mod options;
mod servers;
mod socket;
mod statistics;
pub mod subscriber;
mod waking;

pub use client::{
    Client, FlushError, PublishError, PublishErrorKind, Request, RequestError, RequestErrorKind,
    SubscribeError, SubscribeErrorKind,
};
pub use event::{ClientError, ConnectionEvent, Event, ServerError};
pub use nats_proto::connection::{CloseReason, DisconnectReason, Operation, State};
pub use nats_proto::{
    HeaderMap, HeaderName, HeaderValue, Message, ServerInfo, StatusCode, Subject, SubjectError, ToSubject,
    credentials, direct_get, header, message, status, subject, timestamp,
};
pub use options::{Auth, AuthError, ConnectError, ConnectErrorKind, ConnectOptions};
pub use servers::{ServerAddr, ToServerAddrs};
pub use statistics::Statistics;
pub use subscriber::{Subscriber, UnsubscribeError};

/// Any error, as the source of a more precise one.
pub type Error = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Connects to a server's WebSocket listener (`ws://host:port` or `wss://host:port`), or to one of several, without
/// credentials unless an address has them.
///
/// ```
/// # async fn example() -> Result<(), nats_wasm_shim::ConnectError> {
/// let client = nats_wasm_shim::connect("ws://localhost:8080").await?;
/// # Ok(())
/// # }
/// ```
pub async fn connect<A: ToServerAddrs>(addrs: A) -> Result<Client, ConnectError> {
    ConnectOptions::new().connect(addrs).await
}

/// Connects to a server, or to one of several; the same as [`ConnectOptions::connect`].
///
/// ```
/// # async fn example() -> Result<(), nats_wasm_shim::ConnectError> {
/// use nats_wasm_shim::ConnectOptions;
///
/// let options = ConnectOptions::new().name("board");
/// let client = nats_wasm_shim::connect_with_options("ws://localhost:8080", options).await?;
/// # Ok(())
/// # }
/// ```
pub async fn connect_with_options<A: ToServerAddrs>(
    addrs: A,
    options: ConnectOptions,
) -> Result<Client, ConnectError> {
    options.connect(addrs).await
}

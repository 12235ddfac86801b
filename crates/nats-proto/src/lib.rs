//! The NATS client protocol as a state machine: bytes and a clock go in; bytes, events and a deadline come out.
//! It has no sockets, no clock, no randomness and no async of its own, so the same code runs natively and in a browser.
//!
//! | module | holds |
//! | --- | --- |
//! | [`decode`] | bytes from a server, cut anywhere, become [`ServerOp`]s without copying payloads twice |
//! | [`encode`] | what a client says: `CONNECT`, `PUB`, `HPUB`, `SUB`, `UNSUB`, `PING`, `PONG` |
//! | [`connection`] | the client: subscriptions, requests, pings, reconnecting and what survives it |
//! | [`header`] | message headers, looked up in the received block rather than unpacked |
//! | [`subject`] | subjects and subscription filters |
//! | [`message`], [`status`] | a received message, and its inline status |
//! | [`server_info`], [`connect_info`] | the two halves of the handshake |
//! | [`credentials`], [`nkey`], [`secret`] | who signs in with a key, and what nobody may see |
//! | [`direct_get`] | JetStream's direct get: requests, and what the answers mean |
//! | [`delivery`] | what a JetStream consumer says of a message in its reply subject |
//! | [`timestamp`] | RFC 3339 times with nanoseconds |
//!
//! ```
//! use nats_proto::{Decoder, ServerOp};
//!
//! let mut decoder = Decoder::new();
//! decoder.push("MSG greet 1 5\r\nhel".into());
//! assert_eq!(decoder.next(), Ok(None));
//! decoder.push("lo\r\nPING\r\n".into());
//! let Ok(Some(ServerOp::Message { subject, payload, .. })) = decoder.next() else { panic!() };
//! assert_eq!((subject.as_str(), &payload[..]), ("greet", &b"hello"[..]));
//! assert_eq!(decoder.next(), Ok(Some(ServerOp::Ping)));
//! ```

pub mod connect_info;
pub mod connection;
mod control_line;
pub mod credentials;
pub mod decode;
pub mod delivery;
pub mod direct_get;
pub mod encode;
pub mod header;
mod json;
pub mod message;
pub mod nkey;
pub mod numbered;
mod radix;
pub mod secret;
pub mod server_info;
pub mod status;
pub mod subject;
pub mod timestamp;

pub use connect_info::ConnectInfo;
pub use connection::{Config, Connection, Event};
pub use credentials::Credentials;
pub use decode::{DecodeError, Decoder, ServerOp};
pub use header::{HeaderMap, HeaderName, HeaderValue};
pub use message::{Message, Unread};
pub use nkey::UserKey;
pub use secret::Secret;
pub use server_info::ServerInfo;
pub use status::StatusCode;
pub use subject::{Subject, SubjectError, ToSubject};

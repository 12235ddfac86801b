//! One queue of work for fleets of agents: a JetStream stream of events, and the pure fold that turns it into a
//! board on which every reader agrees.
//!
//! The wire contract is `PROTOCOL.md`. From the wire to the state a message takes one way:
//! [`reader`] brings stored messages into stream order, [`event`] types them, [`board`] folds them.

pub mod access;
pub mod board;
pub mod draft;
pub mod event;
mod fields;
mod id;
pub mod reader;
mod scan;
mod send;
pub mod setup;
mod text;
mod time;
pub mod transport;

pub use id::{AgentId, TaskId};
pub use send::{Ack, SendError, send};
pub use text::Text;
pub use time::{Duration, Timestamp};

/// A position in the stream: the sequence that the server gave a stored message, from 1 up.
pub type Sequence = u64;

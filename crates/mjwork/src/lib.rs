//! One queue of work for fleets of agents: a JetStream stream of events, and the pure fold that turns it into a
//! board on which every reader agrees.
//!
//! The wire contract is `PROTOCOL.md`. From the wire to the state a message takes one way:
//! [`reader`] brings stored messages into stream order, [`event`] types them, [`board`] folds them.
//!
//! Who takes part opens one [`Mirror`] per process and puts on it what he needs: a [`TaskPublisher`], any number of
//! [`WorkerClient`]s, a [`MonitorClient`].

pub mod access;
pub mod board;
pub mod draft;
pub mod event;
mod fields;
mod id;
pub mod import;
pub mod mirror;
pub mod monitor;
pub mod publisher;
pub mod reader;
pub mod replay;
pub mod scan;
mod send;
pub mod setup;
mod text;
mod time;
pub mod transport;
pub mod worker;

pub use id::{AgentId, InvalidId, TaskId};
pub use mirror::{Mirror, Outcome, Recorded, Ticket};
pub use monitor::MonitorClient;
pub use publisher::{NewTask, PublishError, Published, TaskPublisher};
pub use send::{Ack, SendError, send};
pub use text::Text;
pub use time::{Duration, Timestamp};
pub use worker::{Claim, ClaimError, FailureKind, HoldError, Lost, WorkerClient, WorkerError};

/// A position in the stream: the sequence that the server gave a stored message, from 1 up.
pub type Sequence = u64;

//! Where a connection is, and why it is not where it should be. `State` stands where async-nats has it, and at the root.

pub use nats_proto::connection::{CloseReason, DisconnectReason, Operation, State};

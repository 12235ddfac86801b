//! The coordination engine on a real server: publisher, worker and monitor, with what may go wrong between them.

mod claims;
mod monitor;
mod outage;
mod owners;
mod publisher;
mod stage;

//! The accounts of the shipped `nats-server.conf`, on a real server: who may do what, and that nobody who may only
//! read can have anything written, in whatever way they ask.

mod attacks;
mod doors;
mod rights;
mod stage;

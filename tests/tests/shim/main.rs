//! A page of the shim where one server is not enough.

mod cluster;
mod stage;

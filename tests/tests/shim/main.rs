//! A page of the shim where one server is not enough, where its server must be told of an operator, or where the network
//! is poor.

mod cluster;
mod sign_in;
mod slow;
mod stage;

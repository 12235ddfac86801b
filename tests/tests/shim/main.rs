//! A page of the shim where one server is not enough, or where its server must be told of an operator.

mod cluster;
mod sign_in;
mod stage;

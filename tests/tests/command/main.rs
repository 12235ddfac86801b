//! The command `mjwork`, as built, on a real server: what it does, prints and ends with.

mod acts;
mod batch;
mod connection;
mod doctor;
mod looks;
mod readme;
mod stage;
mod terminal;
mod work;

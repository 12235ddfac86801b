//! The project's own commands, in the order in which a new machine meets them.
//! `main.rs` reads the command line; [`host`] is used by the end-to-end tests, too.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`step`] | a named piece of work: what it is, how long it took, how it ended |
//! | [`process`] | other programs: run to their end, kept running, stopped together |
//! | [`tools`] | what is needed, in which version, and whether it is there |
//! | [`install`] | how each of them is got, pinned |
//! | [`board`] | the release bundle: built when its sources changed, weighed |
//! | [`pack`] | what makes it smaller behind wasm-opt |
//! | [`host`] | a static host for it |
//! | [`ports`] | whether a port is free, and who has it if not |
//! | [`password`] | the operator's password, made once |
//! | [`server`] | nats-server as `run` starts it |
//! | [`run`], [`test`] | the two commands |

pub mod board;
pub mod host;
pub mod install;
pub mod pack;
pub mod password;
pub mod ports;
pub mod process;
pub mod run;
pub mod server;
pub mod step;
pub mod test;
pub mod tools;

use std::path::{Path, PathBuf};

/// What went wrong, in a sentence or two for the person at the terminal: nobody but them acts on it.
pub type Failure = String;

/// The root of the repository.
///
/// # Panics
/// When this package has been moved out of it.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies one below the root").to_path_buf()
}

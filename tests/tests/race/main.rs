//! Many worker processes on one queue, and everything that can go wrong: who owns what, by the raw stream.
//!
//! The full sizes run by `cargo xtask bench race`, and ten minutes of them by `cargo xtask bench soak`.

mod acknowledgements;
mod race;
mod retention;
mod zombie;

use mjwork_tests::fleet::Program;

/// The worker process.
fn racer() -> Program {
    Program { path: env!("CARGO_BIN_EXE_racer").into(), words: Vec::new() }
}

//! What the end-to-end tests stand on: real servers, a real host of static files, a real browser, foreign clients.
//! Everything listens on loopback, on free ports, in a folder of its own, and is gone when its value is dropped.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`server`] | a nats-server with the project's own configuration; kill it, restart it |
//! | [`operator`] | an operator with an account and its users, as a server is told of them |
//! | [`placement`] | that configuration, moved to other ports and another folder |
//! | [`site`] | the built bundle on a static host, under any path, with any `config.json` |
//! | [`browser`] | Chromium, driven through chromedriver |
//! | [`program`] | the command `mjwork`, built |
//! | [`shell`] | the same, as a person or a script runs it |
//! | [`gallery`] | every screen of the board, and how a person gets there |
//! | [`stranger`] | clients that nobody here wrote: Python scripts with nats-py |
//! | [`wait`] | waiting for a condition with a deadline, instead of sleeping |
//! | [`cluster`] | three servers that keep the stream together, or take browsers in |
//! | [`race`] | a race from the start to the judgement |
//! | [`fleet`] | many worker processes in a race, and the work that they race for |
//! | [`racer`] | what each of them runs |
//! | [`audit`] | what really happened, by the raw messages and a second reading of the rules |
//! | [`proxy`] | a line between client and server that loses what it is told to lose |
//! | [`traffic`] | what a fleet says, as a history or as live traffic |
//! | [`layout`] | what overlaps, is cut off, or is too small |
//! | [`memory`] | what a tab takes |
//! | [`example`] | examples of the shim as pages |
//! | [`soak`] | a page of the shim through restarts and cuts |
//! | [`http`] | one request, answered: for health checks, and for what a browser would not send |

#![expect(
    clippy::missing_panics_doc,
    reason = "a harness panics to fail its test; documented where it matters"
)]

pub mod audit;
pub mod browser;
pub mod cluster;
pub mod example;
pub mod fleet;
pub mod gallery;
pub mod http;
pub mod layout;
pub mod memory;
pub mod operator;
pub mod placement;
pub mod program;
pub mod proxy;
pub mod race;
pub mod racer;
pub mod server;
pub mod shell;
pub mod site;
pub mod soak;
pub mod stranger;
pub mod traffic;
pub mod wait;

use std::path::{Path, PathBuf};

/// The root of the repository, where `nats-server.conf` lies and `dist/` is built.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie one below the root").to_path_buf()
}

/// A program of the project's own tools (`.tools/bin`), or the one on `PATH`.
#[must_use]
pub fn tool(name: &str) -> PathBuf {
    let own = repository().join(".tools/bin").join(name);
    if own.exists() { own } else { PathBuf::from(name) }
}

//! What the engine has to say beside its answers, on the standard error.

use std::io::{IsTerminal as _, stderr};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// From now on its warnings are shown; more of it, or of others, where `RUST_LOG` asks for that (`mjwork=debug`).
pub fn begin() {
    let asked = std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let targets = asked.unwrap_or_else(|| Targets::new().with_target("mjwork", LevelFilter::WARN));
    let colours = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|text| text.is_empty());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .with_ansi(colours)
        .with_target(false)
        .without_time()
        .compact();
    // Another one can only be there already in a test of this program.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
}

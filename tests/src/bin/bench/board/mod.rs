//! The board with a hundred thousand tasks and a million events behind it, in Chromium.
//!
//! | part | what |
//! | --- | --- |
//! | `a` | a thousand events a second arrive while somebody scrolls |
//! | `b` | from a publisher's call to the changed card |
//! | `c` | opened again where it was seen before |
//! | `d` | memory of the tab |
//! | `e` | the same history in a page of nats.js and React |
//!
//! `MJWORK_BENCH_PROFILE=FILE` keeps what the page's processor did in part `a`, or the last time that `c` opened it.

mod crowd;
mod pixel;
mod reopen;
mod rival;
mod stage;

use stage::Stage;

/// The parts by name, after `board-`.
pub const PARTS: [&str; 5] = ["a", "b", "c", "d", "e"];
/// What is compared alternates; each counts by its median of so many: five, or what `MJWORK_BENCH_ROUNDS` says for who
/// only wants to see.
fn rounds() -> usize {
    std::env::var("MJWORK_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5)
}

/// Runs these parts.
pub async fn run(parts: &[&str]) -> bool {
    let mut stage = Stage::set().await;
    let mut held = true;
    // What changes the stream comes last.
    if parts.contains(&"e") {
        held &= rival::run(&stage).await;
    }
    if parts.contains(&"c") {
        held &= reopen::run(&mut stage).await;
    }
    if parts.contains(&"b") {
        held &= pixel::run(&mut stage).await;
    }
    if parts.contains(&"a") || parts.contains(&"d") {
        held &= crowd::run(&mut stage, parts.contains(&"a"), parts.contains(&"d")).await;
    }
    held
}

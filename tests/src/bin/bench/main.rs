//! The project's measurements, against real servers and in a real browser. What is compared alternates in one run,
//! and what counts are medians and ratios: the machine has other things to do.
//!
//! `bench [NAME …]`: all but the soak, or those named.

mod board;
mod day;
mod engine;
mod fold;
mod history;
mod latency;
mod race;
mod shim;
mod statistics;

/// Those that end in `soak` only where they are named, as they take minutes. `board-a` and the like are one part of `board`.
const BENCHES: [&str; 12] = [
    "history",
    "latency",
    "board",
    "day",
    "engine",
    "claims",
    "hearing",
    "fold",
    "race",
    "soak",
    "shim",
    "shim-soak",
];

/// What the command has, too.
#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let mut named: Vec<String> = std::env::args().skip(1).collect();
    // The worker processes of a race are this program, too.
    if named.first().is_some_and(|word| word == "racer") {
        mjwork_tests::racer::run(named.drain(1..)).await;
        return std::process::ExitCode::SUCCESS;
    }
    if let Some(unknown) = named.iter().find(|name| !BENCHES.contains(&name.as_str()) && !is_part(name)) {
        eprintln!("no bench is named {unknown}; there are: {}", BENCHES.join(", "));
        return std::process::ExitCode::from(2);
    }
    let wanted = |name: &str| named.is_empty() || named.iter().any(|n| n == name);
    let mut held = true;
    if wanted("history") {
        held &= history::run().await;
    }
    if wanted("latency") {
        held &= latency::run().await;
    }
    // Of what has parts, all of them or those named.
    let parts = |of: &str, all: &[&'static str]| -> Vec<&'static str> {
        let is_named = |part: &str| named.iter().any(|name| *name == format!("{of}-{part}"));
        all.iter().copied().filter(|part| wanted(of) || is_named(part)).collect()
    };
    let of_board = parts("board", &board::PARTS);
    if !of_board.is_empty() {
        held &= board::run(&of_board).await;
    }
    let of_shim = parts("shim", &shim::PARTS);
    if !of_shim.is_empty() {
        held &= shim::run(&of_shim).await;
    }
    if wanted("day") {
        held &= day::run().await;
    }
    // The engine's parts, each by itself where only that is wanted.
    let of_engine = |name: &str| wanted(name) || wanted("engine");
    if of_engine("claims") {
        held &= engine::claims().await;
    }
    if of_engine("hearing") {
        held &= engine::hearing().await;
    }
    if of_engine("fold") {
        held &= fold::run();
    }
    if wanted("race") {
        held &= race::run().await;
    }
    if named.iter().any(|name| name == "soak") {
        held &= race::soak().await;
    }
    if named.iter().any(|name| name == "shim-soak") {
        held &= shim::soak().await;
    }
    if held { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

/// Whether it is a part of a bench, such as `board-a`.
fn is_part(name: &str) -> bool {
    let parts: [(&str, &[&str]); 2] = [("board-", &board::PARTS), ("shim-", &shim::PARTS)];
    parts.iter().any(|(of, parts)| name.strip_prefix(of).is_some_and(|part| parts.contains(&part)))
}

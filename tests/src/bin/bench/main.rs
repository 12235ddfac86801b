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
mod statistics;

/// The last only where it is named: it takes ten minutes. `board-a` and the like are one part of `board`.
const BENCHES: [&str; 10] =
    ["history", "latency", "board", "day", "engine", "claims", "hearing", "fold", "race", "soak"];

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
    if let Some(unknown) = named.iter().find(|name| !BENCHES.contains(&name.as_str()) && part(name).is_none())
    {
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
    let parts: Vec<&str> = if wanted("board") {
        board::PARTS.to_vec()
    } else {
        board::PARTS.into_iter().filter(|known| named.iter().any(|name| part(name) == Some(known))).collect()
    };
    if !parts.is_empty() {
        held &= board::run(&parts).await;
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
    if held { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

/// The part of `board` that a name such as `board-a` means.
fn part(name: &str) -> Option<&str> {
    name.strip_prefix("board-").filter(|part| board::PARTS.contains(part))
}

//! The project's measurements, against real servers and in a real browser. What is compared alternates in one run,
//! and what counts are medians and ratios: the machine has other things to do.
//!
//! `bench [NAME …]`: all, or those named.

mod history;
mod latency;
mod statistics;

const BENCHES: [&str; 2] = ["history", "latency"];

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let named: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = named.iter().find(|name| !BENCHES.contains(&name.as_str())) {
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
    if held { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

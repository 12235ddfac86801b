//! The shim against the official client for JavaScript, in one page of Chromium, with a bare WebSocket beside both.
//!
//! | part | what |
//! | --- | --- |
//! | `a` | receiving messages of 128 bytes |
//! | `b` | requests, 64 under way at a time |
//! | `c` | publishing messages of 128 bytes |
//!
//! `MJWORK_BENCH_BUILD` names another profile to build the shim by than the board's, `MJWORK_BENCH_PROFILE=FILE` keeps
//! what the page's processor did in the last measurement of the shim.

mod feeder;
mod line;
mod stage;

use crate::statistics::{median, verdict_at_least};
use serde_json::{Value, json};
use stage::Stage;

/// The parts by name, after `shim-`.
pub const PARTS: [&str; 3] = ["a", "b", "c"];

/// What one part compares.
struct Part {
    name: &'static str,
    what: &'static str,
    kind: &'static str,
    count: u32,
    given: Value,
    /// How many times as fast as the official client it must be.
    budget: f64,
}

fn parts() -> [Part; 3] {
    let (many, fewer) = (500_000, 100_000);
    [
        Part {
            name: "a",
            what: "receiving",
            kind: "receive",
            count: many,
            given: json!(["bench.in", many]),
            budget: 2.0,
        },
        Part {
            name: "b",
            what: "requests",
            kind: "request",
            count: fewer,
            given: json!([fewer, 64]),
            budget: 1.5,
        },
        Part {
            name: "c",
            what: "publishing",
            kind: "publish",
            count: many,
            given: json!([many]),
            budget: 1.5,
        },
    ]
}

fn rounds() -> usize {
    std::env::var("MJWORK_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5)
}

/// Runs these parts.
pub async fn run(names: &[&str]) -> bool {
    let stage = Stage::set(std::env::var_os("NOCOMP").is_none()).await;
    let mut held = true;
    for part in parts().iter().filter(|part| names.contains(&part.name)) {
        held &= compare(&stage, part).await;
    }
    stage.browser.assert_no_panic().await;
    held
}

async fn compare(stage: &Stage, part: &Part) -> bool {
    let (mut shim, mut rival, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds() {
        let took = (
            rate(stage, part, "shim").await,
            rate(stage, part, "rival").await,
            rate(stage, part, "floor").await,
        );
        // The first round warms the page's compilers and the server.
        if round > 0 {
            println!(
                "  {}: shim {:>9.0}, nats.js {:>9.0}, floor {:>9.0} a second",
                part.what, took.0, took.1, took.2
            );
            shim.push(took.0);
            rival.push(took.1);
            floor.push(took.2);
        }
    }
    if let Some(file) = std::env::var_os("MJWORK_BENCH_PROFILE") {
        std::fs::write(file, stage.profile("shim", part.kind, part.given.clone()).await).expect("a file");
    }
    let (shim, rival, floor) = (median(&shim), median(&rival), median(&floor));
    println!("{} a second: shim {shim:.0}, nats.js {rival:.0}, a bare WebSocket {floor:.0}", part.what);
    verdict_at_least(&format!("shim {}: to nats.js", part.name), shim / rival, part.budget, "x")
}

/// How many of them one side does in a second.
async fn rate(stage: &Stage, part: &Part, side: &str) -> f64 {
    let before = stage.taken_in().await;
    let busy = stage.busy().await;
    let took = stage.measure(side, part.kind, part.given.clone()).await;
    println!("    {side}: {took:.0} ms, busy {:.0} ms", stage.busy().await - busy);
    let taken_in = stage.taken_in().await - before;
    assert!(taken_in >= u64::from(part.count), "{side}: the server had {taken_in} messages");
    f64::from(part.count) / took * 1e3
}

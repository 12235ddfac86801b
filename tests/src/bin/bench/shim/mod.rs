//! The shim against the official client for JavaScript, in one page of Chromium, with a bare WebSocket beside both.
//!
//! | part | what |
//! | --- | --- |
//! | `a` | receiving messages of 128 bytes |
//! | `b` | requests, 64 under way at a time |
//! | `c` | publishing messages of 128 bytes |
//! | `d` | reading stored messages of 128 bytes by an ordered consumer |
//! | `size` | what the client adds to what a page loads |
//! | `soak` | restarts and cuts without end (only where it is named) |
//!
//! The server compresses, as the project's own does: then a frame is as large as what the server sends at once, while
//! without compression it is cut at 4096 bytes, and the browser's own work on each is most of what there is. With
//! `MJWORK_BENCH_UNCOMPRESSED=1` that is measured.
//! `MJWORK_BENCH_BUILD` names another profile to build the shim by than the board's, `MJWORK_BENCH_PROFILE=FILE` keeps
//! what the page's processor did in the last measurement of the shim.

mod feeder;
mod line;
mod size;
mod stage;

use crate::statistics::{median, verdict_at_least};
use serde_json::{Value, json};
use stage::{STREAM, Stage};

/// The parts by name, after `shim-`.
pub const PARTS: [&str; 5] = ["a", "b", "c", "d", "size"];

/// Who does it.
const SIDES: [&str; 3] = ["shim", "rival", "floor"];

/// What one part compares.
#[derive(Clone)]
struct Part {
    name: &'static str,
    what: &'static str,
    kind: &'static str,
    count: u32,
    given: Value,
    /// How many times as fast as the official client it must be.
    budget: f64,
}

fn parts() -> [Part; 4] {
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
        Part {
            name: "d",
            what: "reading a stream",
            kind: "ordered",
            count: fewer,
            given: json!([STREAM, fewer]),
            budget: 1.5,
        },
    ]
}

fn rounds() -> usize {
    std::env::var("MJWORK_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5)
}

/// Runs these parts.
pub async fn run(names: &[&str]) -> bool {
    let mut held = !names.contains(&"size") || size::run();
    if names == ["size"] {
        return held;
    }
    let stage = Stage::set(std::env::var_os("MJWORK_BENCH_UNCOMPRESSED").is_none()).await;
    if names.contains(&"d") {
        stage.store(100_000).await;
    }
    for part in parts().iter().filter(|part| names.contains(&part.name)) {
        held &= compare(&stage, part).await;
    }
    stage.browser.assert_no_panic().await;
    held
}

/// What one side did.
#[derive(Clone, Copy)]
struct Rate {
    /// Messages a second.
    rate: f64,
    /// How long the page's own thread was busy with them, in ms.
    busy: f64,
}

/// Thirty restarts of the server and thirty cuts of the line to it.
pub async fn soak() -> bool {
    let report = mjwork_tests::soak::run(30, "web").await;
    println!("{report}");
    println!("shim soak: held");
    true
}

async fn compare(stage: &Stage, part: &Part) -> bool {
    let mut all: [Vec<Rate>; 3] = Default::default();
    let mut iterated = Vec::new();
    for round in 0..=rounds() {
        // Each is the first in turn, as what ran before may leave something behind.
        for place in 0..SIDES.len() {
            let place = (place + round) % SIDES.len();
            let (side, rates) = (SIDES[place], &mut all[place]);
            let rate = rate(stage, part, side).await;
            // The first round warms the page's compilers and the server.
            if round > 0 {
                rates.push(rate);
            }
        }
        // As items of an iterator, as the shim gives them; slower than the callback that it is compared with.
        if part.kind == "receive" {
            iterated.push(rate(stage, &Part { kind: "iterate", ..part.clone() }, "rival").await.rate);
        }
        if let [Some(shim), Some(rival), Some(floor)] = all.each_ref().map(|rates| rates.last()) {
            println!(
                "  {}: shim {:>9.0}, nats.js {:>9.0}, floor {:>9.0} a second",
                part.what, shim.rate, rival.rate, floor.rate
            );
        }
    }
    if let Some(file) = std::env::var_os("MJWORK_BENCH_PROFILE") {
        std::fs::write(file, stage.profile("shim", part.kind, part.given.clone()).await).expect("a file");
    }
    let of = |value: fn(&Rate) -> f64| {
        all.each_ref().map(|rates| median(&rates.iter().map(value).collect::<Vec<_>>()))
    };
    let ([shim, rival, floor], busy) = (of(|rate| rate.rate), of(|rate| rate.busy));
    println!(
        "{} a second: shim {shim:.0}, nats.js {rival:.0}, a bare WebSocket {floor:.0}; the page's thread was busy for \
         {:.0}, {:.0} and {:.0} ms",
        part.what, busy[0], busy[1], busy[2]
    );
    if !iterated.is_empty() {
        println!("{} a second by an iterator of nats.js: {:.0}", part.what, median(&iterated));
    }
    verdict_at_least(&format!("shim {}: to nats.js", part.name), shim / rival, part.budget, "x")
}

/// How many of them one side does in a second.
async fn rate(stage: &Stage, part: &Part, side: &str) -> Rate {
    let before = stage.taken_in().await;
    let busy = stage.busy().await;
    let took = stage.measure(side, part.kind, part.given.clone()).await;
    let busy = stage.busy().await - busy;
    let taken_in = stage.taken_in().await - before;
    assert!(
        part.kind == "ordered" || taken_in >= u64::from(part.count),
        "{side}: the server had {taken_in} messages"
    );
    Rate { rate: f64::from(part.count) / took * 1e3, busy }
}

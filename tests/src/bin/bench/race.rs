//! The races of tests/tests/race at their full size, each with its own faults; and again and again for ten minutes.

use mjwork_tests::cluster::Cluster;
use mjwork_tests::fleet::{Program, Size};
use mjwork_tests::race::{self, Race, Servers};
use mjwork_tests::server::{NatsServer, Options};
use std::time::{Duration, Instant};

const SIZE: Size = Size { workers: 50, tasks: 2_000, dependencies: 300 };
const SOAK: Duration = Duration::from_secs(600);

/// What can go wrong.
const KINDS: [&str; 5] = ["plain", "killed workers", "killed server", "no headers", "cluster"];

/// Each kind once, or those whose name contains what `MJWORK_RACE` says.
pub async fn run() -> bool {
    let wanted = std::env::var("MJWORK_RACE").unwrap_or_default();
    let mut held = true;
    for kind in KINDS.iter().filter(|kind| kind.contains(&wanted)) {
        held &= one(kind, seed()).await;
    }
    held
}

/// One after another with ever other seeds, for ten minutes.
pub async fn soak() -> bool {
    let began = Instant::now();
    let (mut held, mut races) = (true, 0);
    while began.elapsed() < SOAK {
        for kind in KINDS {
            held &= one(kind, seed() + races).await;
            races += 1;
        }
    }
    println!(
        "soak: {races} races in {:.0} s {}",
        began.elapsed().as_secs_f64(),
        if held { "held" } else { "MISSED" }
    );
    held
}

/// The first seed: 1, or what `MJWORK_RACE_SEED` says.
fn seed() -> u64 {
    std::env::var("MJWORK_RACE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

async fn one(kind: &str, seed: u64) -> bool {
    let plain = Race { within: Duration::from_secs(400), ..Race::new(SIZE, seed) };
    let race = match kind {
        "killed workers" => Race { kills: true, linger: 100, ..plain },
        "killed server" => Race { restarts: 3, linger: 30, ..plain },
        "no headers" => Race { bare: true, ..plain },
        "cluster" => Race { restarts: 1, linger: 30, ..plain },
        _ => plain,
    };
    let mut servers = match kind {
        "cluster" => Servers::Three(Cluster::start().await),
        _ => Servers::One(NatsServer::start(Options::default()).await),
    };
    let path = std::env::current_exe().expect("this program lies somewhere");
    let program = Program { path, words: vec!["racer".to_owned()] };
    let report = race::run(race, &mut servers, &program).await;
    let held = report.problems.is_empty();
    println!("race, {kind}, seed {seed}: {report} {}", if held { "held" } else { "MISSED" });
    held
}

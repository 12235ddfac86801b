//! `mjwork simulate`: a made fleet at work on a real server. It publishes a plan, and runs agents that take its tasks,
//! report, talk, fail, stall, crash and come back, at given rates; for tests, for a board to look at, and for who
//! wants to see how the queue behaves before trusting it with work.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`plan`] | the plan, from a seed |
//! | [`fate`] | what happens to a task when it is taken, from the seed, too |
//! | [`agent`] | the life of one agent: a connection and a process of its own, as far as the server sees |
//! | [`lead`] | who publishes the plan and puts back what failed or stalled |
//! | [`report`] | what came of it, counted from the stream |
//! | [`vocabulary`] | the words that all of it is written in |

mod agent;
mod fate;
mod lead;
mod plan;
mod report;
mod vocabulary;

use crate::connect::Settings;
use crate::connect::client;
use crate::failure::Failure;
use fate::Rates;
use mjwork::board::Board;
use mjwork::{Mirror, TaskPublisher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Who publishes the plan, as the board shows it.
const LEAD: &str = "lead";
/// When it is to end, each agent has so long to give back what it holds.
const STOPPING: Duration = Duration::from_secs(3);

/// The words of `mjwork simulate`.
#[derive(Clone, Debug, clap::Args)]
pub struct Words {
    /// How many agents, each with a connection of its own.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    agents: u16,
    /// How many tasks the plan has.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    tasks: u32,
    /// What everything is drawn from: the same seed makes the same plan and the same mishaps. By default another each
    /// time.
    #[arg(long)]
    seed: Option<u64>,
    /// Which share of attempts fails.
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    failures: f64,
    /// Which share stalls: the agent lives, holds on to the task and reports no more, until the lead takes it back.
    #[arg(long, default_value_t = 0.01, value_name = "SHARE")]
    stalls: f64,
    /// Which share ends with the agent's process vanishing without a word. Another one takes its place.
    #[arg(long, default_value_t = 0.01, value_name = "SHARE")]
    crashes: f64,
    /// Which share ends so, too, and the same agent starts again.
    #[arg(long, default_value_t = 0.01, value_name = "SHARE")]
    restarts: f64,
    /// Seconds that a task takes on average.
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS", value_parser = positive)]
    duration: f64,
    /// How many times faster than that everything goes.
    #[arg(long, default_value_t = 1.0, value_name = "TIMES", value_parser = positive)]
    speed: f64,
    /// Seconds between heartbeats, 1 at least: an agent counts as lost after three of these.
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS", value_parser = heartbeat)]
    interval: f64,
    /// End when the plan is done, instead of publishing another one.
    #[arg(long)]
    until_idle: bool,
    /// Start although the queue has unfinished tasks which no simulation made: its agents will take them.
    #[arg(long)]
    take_any: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    if number > 0.0 && number <= 1e6 { Ok(number) } else { Err("it is more than 0".to_owned()) }
}

fn heartbeat(text: &str) -> Result<f64, String> {
    positive(text)
        .and_then(|s| if (1.0..=3_600.0).contains(&s) { Ok(s) } else { Err("it is 1 to 3600".to_owned()) })
}

/// What all agents share.
struct Fleet {
    settings: Settings,
    agents: usize,
    seed: u64,
    rates: Rates,
    /// How long a task takes on average.
    mean: Duration,
    /// Between two heartbeats.
    interval: Duration,
    /// Everybody is to stop.
    stop: CancellationToken,
    tally: Tally,
}

/// What was done on purpose.
#[derive(Debug, Default)]
struct Tally {
    failures: AtomicUsize,
    stalls: AtomicUsize,
    crashes: AtomicUsize,
    restarts: AtomicUsize,
    messages: AtomicUsize,
}

/// One more of these.
fn count(of: &AtomicUsize) {
    of.fetch_add(1, Ordering::Relaxed);
}

/// Simulates until the plan is done, or until a signal.
pub async fn run(settings: Settings, words: Words, json: bool) -> Result<(), Failure> {
    let rates = Rates {
        failures: words.failures,
        stalls: words.stalls,
        crashes: words.crashes,
        restarts: words.restarts,
    };
    rates.check().map_err(Failure::Usage)?;
    let mirror = Mirror::open(client(&settings).await?, settings.source.clone()).await?;
    if !words.take_any {
        mirror.read(only_made)?;
    }
    let fleet = Arc::new(Fleet {
        settings,
        agents: words.agents.into(),
        seed: words.seed.unwrap_or_else(some_seed),
        rates,
        mean: Duration::from_secs_f64(words.duration / words.speed),
        interval: Duration::from_secs_f64(words.interval),
        stop: CancellationToken::new(),
        tally: Tally::default(),
    });
    let started = Instant::now();
    stop_on_signal(fleet.stop.clone());
    eprintln!("mjwork simulate: seed {}, {} agents, {} tasks", fleet.seed, words.agents, words.tasks);
    let mut agents = JoinSet::new();
    for slot in 0..fleet.agents {
        agents.spawn(agent::life(fleet.clone(), slot));
    }
    let publisher = TaskPublisher::new(mirror.clone(), Some(LEAD.to_owned()));
    let led = lead::lead(&fleet, &publisher, words.tasks, words.until_idle).await;
    fleet.stop.cancel();
    let _ = tokio::time::timeout(STOPPING, async { while agents.join_next().await.is_some() {} }).await;
    let plan = led?;
    let report = mirror.read(|board| report::Report::of(&fleet, board, &plan, started.elapsed()));
    report.print(json);
    Ok(())
}

/// A queue with work in it that somebody means is not played with.
fn only_made(board: &Board) -> Result<(), Failure> {
    let meant =
        board.tasks().filter(|task| !task.status.is_finished() && !plan::is_made(task.id.as_str())).count();
    if meant == 0 {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "the queue has {meant} unfinished tasks that no simulation made, and the made agents would take them and hand in \
         made results. Use another stream (--stream, --prefix and --live-prefix, after `mjwork setup` with the same), \
         or say --take-any"
    )))
}

/// Another one each time, and one that is easily typed again.
fn some_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    now.as_secs() % 1_000_000
}

fn stop_on_signal(stop: CancellationToken) {
    tokio::spawn(async move {
        crate::signals::any().await;
        eprintln!("mjwork simulate: stopping, and giving back what is held");
        stop.cancel();
        // Whoever asks twice does not want to wait.
        crate::signals::any().await;
        std::process::exit(130);
    });
}

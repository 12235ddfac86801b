//! A race from the start to the judgement: work is published, worker processes fall upon it, faults come at seeded
//! moments, and the raw stream says what really happened. Tests run small ones, `cargo xtask bench race` the full ones.

use crate::audit::{Report, Rules, audit, raw};
use crate::cluster::Cluster;
use crate::fleet::{self, Journal, Program, Racer, Size};
use crate::server::NatsServer;
use fastrand::Rng;
use mjwork::board::Status;
use mjwork::reader::Source;
use mjwork::{Mirror, TaskPublisher};
use nix::sys::signal::Signal;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A race, and what goes wrong in it.
#[derive(Clone, Copy, Debug)]
pub struct Race {
    /// So much of everything.
    pub size: Size,
    /// What all that is random comes from.
    pub seed: u64,
    /// A task is held for a random time up to this, in milliseconds.
    pub linger: u64,
    /// Every tenth worker is killed with -9.
    pub kills: bool,
    /// They are killed at work, and not at any moment.
    pub at_work: bool,
    /// So often nats-server is killed with -9 and started again; on a cluster, the server that leads the stream.
    pub restarts: usize,
    /// Every tenth worker is a client that sends no headers.
    pub bare: bool,
    /// So long it may take.
    pub within: Duration,
}

impl Race {
    /// A race in which nothing goes wrong.
    #[must_use]
    pub fn new(size: Size, seed: u64) -> Self {
        let within = Duration::from_secs(120);
        Self { size, seed, linger: 10, kills: false, at_work: false, restarts: 0, bare: false, within }
    }
}

/// What goes wrong, and once so many tasks are completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Kill(usize),
    Restart,
}

/// Where it is run.
pub enum Servers {
    /// One server.
    One(NatsServer),
    /// Three, and the stream on each of them.
    Three(Cluster),
}

impl Servers {
    /// What clients connect to: addresses with commas between them.
    #[must_use]
    pub fn urls(&self) -> String {
        match self {
            Self::One(server) => server.tcp_url(),
            Self::Three(cluster) => cluster.urls(),
        }
    }

    /// On how many servers the stream is kept.
    #[must_use]
    pub fn replicas(&self) -> u8 {
        match self {
            Self::One(_) => 1,
            Self::Three(_) => 3,
        }
    }

    async fn restart(&mut self) {
        match self {
            Self::One(server) => server.restart().await,
            Self::Three(cluster) => cluster.restart_leader().await,
        }
    }

    /// A client of its own.
    pub async fn client(&self) -> async_nats::Client {
        let urls = self.urls();
        let urls: Vec<&str> = urls.split(',').collect();
        async_nats::ConnectOptions::new().retry_on_initial_connect().connect(urls).await.expect("addresses")
    }

    /// A reader that begins at the beginning.
    pub async fn fresh(&self) -> Mirror {
        Mirror::open(self.client().await, Source::default()).await.expect("the stream can be read")
    }
}

/// Runs a race on these servers, and judges it. The stream is made where there is none.
///
/// # Panics
/// When a worker ends badly, or it takes too long.
pub async fn run(race: Race, servers: &mut Servers, program: &Program) -> Report {
    let client = servers.client().await;
    mjwork::setup::setup(&client, &Source::default(), servers.replicas()).await.expect("the stream is made");
    let observer = servers.fresh().await;
    let publisher = TaskPublisher::new(observer.clone(), Some("race".into()));
    let stored = publisher.publish_tasks(fleet::plan(race.size, race.seed)).await;
    assert_eq!(stored.expect("the plan is in order").len(), race.size.tasks);

    let is_bare = |n: usize| race.bare && n % 10 == 5;
    let words = |n: usize| {
        let mut words = vec!["--linger-ms".to_owned(), race.linger.to_string()];
        words.extend(is_bare(n).then(|| "--bare".to_owned()));
        words
    };
    let mut racers = fleet::start(program, race.size.workers, &servers.urls(), race.seed, words).await;
    let began = Instant::now();
    for racer in &mut racers {
        racer.go().await;
    }
    for (at, fault) in faults(race) {
        completed(&observer, at, race.within).await;
        match fault {
            Fault::Kill(n) => {
                if race.at_work {
                    works(&observer, &racers[n].name, race.within).await;
                }
                racers[n].signal(Signal::SIGKILL);
            }
            Fault::Restart => servers.restart().await,
        }
    }
    let journals = finish(racers, race.within).await;
    let took = began.elapsed();

    let fresh = servers.fresh().await;
    let messages = raw(&servers.client().await).await;
    let rules = Rules { bare: race.bare, ..Rules::strict(race.size.tasks) };
    let mut report = fresh.read(|board| audit(&messages, board, &journals, rules));
    // The one that was open all along has seen the same.
    caught_up(&observer, fresh.read(mjwork::board::Board::last_seq)).await;
    report.problems.extend(observer.read(|board| audit(&messages, board, &[], rules)).problems);
    let (tasks, seconds) = (race.size.tasks, took.as_secs_f64());
    println!("{} workers, {tasks} tasks: {seconds:.1} s", race.size.workers);
    report
}

/// The faults of a race in the order in which they come, each with how many tasks are completed by then.
fn faults(race: Race) -> VecDeque<(usize, Fault)> {
    let mut rng = Rng::with_seed(race.seed ^ 0xfa17);
    let mut faults = Vec::new();
    let tasks = race.size.tasks;
    for n in (0..race.size.workers).filter(|n| race.kills && n % 10 == 3) {
        faults.push((rng.usize(tasks / 20..tasks * 8 / 10), Fault::Kill(n)));
    }
    for nth in 0..race.restarts {
        let share = tasks / (race.restarts + 1);
        faults.push((share * nth + rng.usize(share / 3..share), Fault::Restart));
    }
    faults.sort();
    faults.into()
}

async fn completed(observer: &Mirror, count: usize, within: Duration) {
    let waiting = async {
        let mut ticket = observer.ticket();
        while observer.read(|board| board.counts().of(Status::Completed)) < count {
            ticket = observer.changed(ticket).await;
        }
    };
    let in_time = tokio::time::timeout(within, waiting).await;
    let counts = observer.read(mjwork::board::Board::counts);
    assert!(in_time.is_ok(), "{count} were not completed within {within:?}: {counts:?}");
}

/// Waits until a worker owns a task that is in progress.
async fn works(observer: &Mirror, name: &str, within: Duration) {
    let owns = |task: &mjwork::board::Task| {
        let owner = task.owner.as_ref().map(|owner| owner.agent.as_str());
        task.status == Status::InProgress && owner == Some(name)
    };
    let waiting = async {
        let mut ticket = observer.ticket();
        while !observer.read(|board| board.tasks().any(owns)) {
            ticket = observer.changed(ticket).await;
        }
    };
    let in_time = tokio::time::timeout(within, waiting).await;
    assert!(in_time.is_ok(), "{name} took nothing within {within:?}");
}

async fn caught_up(mirror: &Mirror, seq: u64) {
    let waiting = async {
        let mut ticket = mirror.ticket();
        while mirror.read(mjwork::board::Board::last_seq) < seq {
            ticket = mirror.changed(ticket).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    assert!(in_time.is_ok(), "a reader that was open did not read on to {seq}");
}

async fn finish(racers: Vec<Racer>, within: Duration) -> Vec<Journal> {
    let deadline = Instant::now() + within;
    let mut journals = Vec::with_capacity(racers.len());
    for racer in racers {
        journals.push(racer.finish(deadline.saturating_duration_since(Instant::now())).await);
    }
    journals
}

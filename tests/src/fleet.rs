//! A fleet of worker processes in a race, and the work that they race for. All that is random comes from one seed.

use crate::wait;
use fastrand::Rng;
use mjwork::{NewTask, TaskId};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinHandle;

/// So long a process may take until it is ready: fifty of them start at once.
const START: Duration = Duration::from_secs(90);

/// So much of everything.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Worker processes.
    pub workers: usize,
    /// Tasks.
    pub tasks: usize,
    /// Dependencies among them.
    pub dependencies: usize,
}

/// Tasks with priorities and with dependencies that make no cycle.
#[must_use]
pub fn plan(size: Size, seed: u64) -> Vec<NewTask> {
    let mut rng = Rng::with_seed(seed);
    let id = |n: usize| TaskId::new(format!("t{n:05}")).expect("a short text");
    let mut tasks: Vec<NewTask> = (0..size.tasks)
        .map(|n| {
            let mut task = NewTask::new(id(n), format!("Task {n}"));
            task.priority = rng.choice(["critical", "high", "normal", "low", "odd"]).map(ToOwned::to_owned);
            task.max_attempts = Some(100);
            task
        })
        .collect();
    let mut edges = BTreeSet::new();
    while edges.len() < size.dependencies {
        let later = rng.usize(1..size.tasks);
        edges.insert((later, rng.usize(0..later)));
    }
    for (later, earlier) in edges {
        tasks[later].blocked_by.push(id(earlier));
    }
    // In an order in which blockers may come after what they block.
    rng.shuffle(&mut tasks);
    tasks
}

/// The program that each of the fleet runs: [`racer`](crate::racer), by whatever name.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file.
    pub path: PathBuf,
    /// Words that come first.
    pub words: Vec<String>,
}

/// One worker process, and what it has said so far.
pub struct Racer {
    /// Its name.
    pub name: String,
    process: Child,
    stdin: Option<ChildStdin>,
    journal: Arc<Mutex<Vec<Value>>>,
    reading: JoinHandle<()>,
    killed: bool,
}

/// What a worker process said of itself.
#[derive(Clone, Debug)]
pub struct Journal {
    /// Its name.
    pub name: String,
    /// Whether it was killed, so that the last words may be missing.
    pub killed: bool,
    /// Its words, in order.
    pub words: Vec<Value>,
}

impl Racer {
    /// Starts a process; more words after its name and its server's address.
    #[must_use]
    pub fn start(program: &Program, name: &str, server: &str, words: &[&str]) -> Self {
        let mut process = Command::new(&program.path)
            .args(&program.words)
            .args(["--name", name, "--server", server])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.path.display()));
        let stdin = process.stdin.take();
        let out = process.stdout.take().expect("it is piped");
        let journal = Arc::new(Mutex::new(Vec::new()));
        let into = journal.clone();
        let reading = tokio::spawn(async move {
            let mut lines = BufReader::new(out).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                // A line that a kill cut short is no word.
                if let Ok(word) = serde_json::from_str(&line) {
                    into.lock().unwrap_or_else(PoisonError::into_inner).push(word);
                }
            }
        });
        Self { name: name.to_owned(), process, stdin, journal, reading, killed: false }
    }

    /// What it has said so far.
    #[must_use]
    pub fn words(&self) -> Vec<Value> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it says something of this kind, and gives the first such word.
    pub async fn says(&self, kind: &str, within: Duration) -> Value {
        wait::until(&format!("{} to say {kind}", self.name), within, async || {
            let is_over = self.reading.is_finished();
            let words = self.words();
            let found = words.iter().find(|word| !word[kind].is_null()).cloned();
            assert!(found.is_some() || !is_over, "{} ended without having said {kind}: {words:?}", self.name);
            found.ok_or_else(|| format!("{words:?}"))
        })
        .await
    }

    /// Lets it go on: a line on its stdin.
    pub async fn go(&mut self) {
        if let Some(stdin) = &mut self.stdin {
            // One that is gone is found out by its journal.
            let _ = stdin.write_all(b"go\n").await;
            let _ = stdin.flush().await;
        }
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is gone.
    pub fn signal(&mut self, signal: Signal) {
        self.killed |= signal == Signal::SIGKILL;
        let id = self.process.id().and_then(|id| i32::try_from(id).ok()).expect("it runs");
        kill(Pid::from_raw(id), signal).expect("a child of this process can be signalled");
    }

    /// Whether it was killed.
    #[must_use]
    pub fn killed(&self) -> bool {
        self.killed
    }

    /// Waits until it has ended, and gives all that it said.
    ///
    /// # Panics
    /// When it does not end in time, or ends badly without having been killed.
    pub async fn finish(mut self, within: Duration) -> Journal {
        let ended = tokio::time::timeout(within, self.process.wait()).await;
        let words = self.words();
        let last: Vec<_> = words.iter().rev().take(4).collect();
        let status =
            ended.unwrap_or_else(|_| panic!("{} did not end within {within:?}: {last:?}", self.name));
        let status = status.expect("a child of this process can be waited for");
        assert!(self.killed || status.success(), "{}: {status}, after {last:?}", self.name);
        let _ = (&mut self.reading).await;
        Journal { name: self.name.clone(), killed: self.killed, words: self.words() }
    }
}

/// Starts racers that differ in name and seed, and waits until all are ready. `more` gives further words for each.
pub async fn start(
    program: &Program,
    count: usize,
    server: &str,
    seed: u64,
    more: impl Fn(usize) -> Vec<String>,
) -> Vec<Racer> {
    let mut racers = Vec::with_capacity(count);
    for n in 0..count {
        let own = format!("{}", seed.wrapping_mul(1_000).wrapping_add(n as u64));
        let more = more(n);
        let mut words = vec!["--seed", own.as_str()];
        words.extend(more.iter().map(String::as_str));
        racers.push(Racer::start(program, &format!("racer-{n:02}"), server, &words));
    }
    for racer in &racers {
        racer.says("ready", START).await;
    }
    racers
}

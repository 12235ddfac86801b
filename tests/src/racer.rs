//! A worker process of a race: claims what comes, holds it for a while, completes it, until nothing is left. It writes
//! down what it believes, a JSON object a line on stdout, for [`audit`](crate::audit) to hold against the stream:
//! `{"ready":true}`, `{"claimed":ID,"seq":N}`, `{"completed":ID,"seq":N,"claim":N}`,
//! `{"refused":ID,"claim":N,"why":…,"late":N}`, `{"lost":ID,"claim":N,"why":…}`, `{"idle":true}`.
//!
//! It begins when a line comes on stdin, so that all of a race can begin at once.

use async_nats::ConnectOptions;
use fastrand::Rng;
use futures_util::future::{Either, select};
use mjwork::board::Status;
use mjwork::reader::Source;
use mjwork::worker::{Claim, HoldError, WorkerError};
use mjwork::{AgentId, Mirror, TaskId, WorkerClient};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

/// How a racer is told to be, as words of its command line: `--name NAME --server URL[,URL] …`.
struct Orders {
    name: String,
    server: String,
    /// Between two heartbeats.
    interval: Duration,
    seed: u64,
    /// Holds a task for a random time up to this.
    linger: u64,
    /// Waits for a line on stdin before it completes a task, however late that is.
    hold: bool,
    /// Publishes by hand, with the required fields alone and no header.
    bare: bool,
    /// Where completions wait on disk; in memory only without.
    spool: Option<String>,
}

impl Orders {
    fn read(words: impl Iterator<Item = String>) -> Self {
        let words: Vec<String> = words.collect();
        let (mut pairs, mut flags) = (HashMap::new(), Vec::new());
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "--hold" | "--bare" => flags.push(word),
                _ => {
                    pairs.insert(word, words.next().unwrap_or_else(|| panic!("{word} wants a value")));
                }
            }
        }
        let text = |name: &str| pairs.get(name).unwrap_or_else(|| panic!("{name} is missing")).to_string();
        let number = |name: &str, usual: u64| {
            pairs
                .get(name)
                .map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
        };
        Self {
            name: text("--name"),
            server: text("--server"),
            interval: Duration::from_millis(number("--interval-ms", 1_000)),
            seed: number("--seed", 1),
            linger: number("--linger-ms", 0),
            hold: flags.contains(&"--hold"),
            bare: flags.contains(&"--bare"),
            spool: pairs.get("--spool").map(ToString::to_string),
        }
    }
}

/// Races with the words of the command line, until nothing is left.
///
/// # Panics
/// When the words are wrong or the stream cannot be read.
pub async fn run(words: impl Iterator<Item = String>) {
    let orders = Orders::read(words);
    let servers: Vec<&str> = orders.server.split(',').collect();
    let client = ConnectOptions::new()
        .name(&orders.name)
        .retry_on_initial_connect()
        .ping_interval(Duration::from_secs(2))
        .connect(servers)
        .await
        .expect("addresses of servers");
    let mirror = Mirror::open(client, Source::default()).await.expect("the stream can be read");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    if orders.bare {
        note(&json!({"ready": true}));
        let _ = lines.next_line().await;
        race_by_hand(&orders, &mirror).await;
    } else {
        let worker = start(&orders, mirror).await;
        note(&json!({"ready": true}));
        let _ = lines.next_line().await;
        race(&orders, &worker, &mut lines).await;
        worker.stop().await;
    }
    note(&json!({"idle": true}));
}

/// A worker; a start that falls into an outage or an election is tried again.
async fn start(orders: &Orders, mirror: Mirror) -> WorkerClient {
    let mut tries = 0;
    loop {
        let agent = AgentId::new(&orders.name).expect("an agent's name");
        let builder = WorkerClient::builder(agent).interval(orders.interval);
        let builder = match &orders.spool {
            Some(folder) => builder.spool(folder),
            None => builder.no_spool(),
        };
        tries += 1;
        match builder.start(mirror.clone()).await {
            Ok(worker) => return worker,
            Err(WorkerError::Send(error)) if tries < 4 => eprintln!("{}: {error}", orders.name),
            Err(error) => panic!("{}: {error}", orders.name),
        }
    }
}

/// Written at once: a kill may follow.
fn note(word: &Value) {
    let mut out = std::io::stdout().lock();
    // Fails only where nobody reads it any more.
    let _ = writeln!(out, "{word}").and_then(|()| out.flush());
}

async fn race(orders: &Orders, worker: &WorkerClient, lines: &mut Lines<BufReader<Stdin>>) {
    let mut rng = Rng::with_seed(orders.seed);
    loop {
        // A claim that is at hand goes first.
        let claim = match select(pin!(worker.claim_next()), pin!(worker.until_idle())).await {
            Either::Left((claim, _)) => claim.unwrap_or_else(|error| panic!("{}: {error}", orders.name)),
            Either::Right(((), _)) => return,
        };
        note(&json!({"claimed": claim.id().as_str(), "seq": claim.seq()}));
        if orders.hold {
            hold(claim, lines).await;
            continue;
        }
        // The work itself: so long the task takes.
        let pause = tokio::time::sleep(Duration::from_millis(rng.u64(0..=orders.linger)));
        let lost = match select(pin!(pause), pin!(claim.lost())).await {
            Either::Left(_) => None,
            Either::Right((lost, _)) => Some(lost),
        };
        match lost {
            Some(lost) => {
                note(&json!({"lost": claim.id().as_str(), "claim": claim.seq(), "why": lost.to_string()}));
            }
            None => complete(&orders.name, claim).await,
        }
    }
}

/// Notes when the task is lost, and hands a result in all the same once it is told to.
async fn hold(claim: Claim, lines: &mut Lines<BufReader<Stdin>>) {
    let (id, seq, lost) = (claim.id().clone(), claim.seq(), claim.lost());
    let watching = tokio::spawn(async move {
        note(&json!({"lost": id.as_str(), "claim": seq, "why": lost.await.to_string()}));
    });
    let _ = lines.next_line().await;
    complete("late", claim).await;
    watching.abort();
}

async fn complete(by: &str, claim: Claim) {
    let (id, claimed) = (claim.id().clone(), claim.seq());
    let result = RawValue::from_string(json!({"by": by, "claim": claimed}).to_string()).ok();
    note(&match claim.complete(result).await {
        Ok(seq) => json!({"completed": id.as_str(), "seq": seq, "claim": claimed}),
        Err(HoldError::Refused { refusal, late }) => {
            json!({"refused": id.as_str(), "claim": claimed, "why": refusal.to_string(), "late": late})
        }
        Err(error) => json!({"unsent": id.as_str(), "claim": claimed, "why": error.to_string()}),
    });
}

/// As any client in any language may: looks at the board, publishes, looks again. It takes what it likes of all that is
/// available, and never beats.
async fn race_by_hand(orders: &Orders, mirror: &Mirror) {
    let mut rng = Rng::with_seed(orders.seed);
    let mut ticket = mirror.ticket();
    loop {
        let (chosen, is_over) = mirror.read(|board| {
            let mut free: Vec<TaskId> =
                board.tasks().filter(|t| t.status == Status::Available).map(|t| t.id.clone()).collect();
            free.sort();
            let counts = board.counts();
            let moving = counts.of(Status::Available) + counts.of(Status::InProgress);
            (rng.choice(free), moving == 0)
        });
        match chosen {
            Some(id) => by_hand(orders, mirror, &id, &mut rng).await,
            None if is_over => return,
            None => ticket = mirror.changed(ticket).await,
        }
    }
}

async fn by_hand(orders: &Orders, mirror: &Mirror, id: &TaskId, rng: &mut Rng) {
    let store = async |verb: &str, body: Value| {
        let subject = format!("mjwork.tasks.{verb}");
        let answer = mirror.client().request(subject, body.to_string().into()).await.expect("stored");
        let ack: Value = serde_json::from_slice(&answer.payload).expect("an acknowledgement");
        let seq = ack["seq"].as_u64().unwrap_or_else(|| panic!("{ack}"));
        (seq, mirror.outcome(seq).await)
    };
    let body = json!({"task_id": id.as_str(), "agent_id": orders.name});
    let (claim, change) = store("claimed", body.clone()).await;
    if change.verdict.refusal().is_some() {
        return;
    }
    note(&json!({"claimed": id.as_str(), "seq": claim}));
    // The work itself.
    tokio::time::sleep(Duration::from_millis(rng.u64(0..=orders.linger))).await;
    let (seq, change) = store("completed", body).await;
    note(&match change.verdict.refusal() {
        None => json!({"completed": id.as_str(), "seq": seq, "claim": claim}),
        Some(refusal) => json!({"refused": id.as_str(), "claim": claim, "why": refusal.to_string()}),
    });
}

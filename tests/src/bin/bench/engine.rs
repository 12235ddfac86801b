//! The engine against what anyone could build in an afternoon: claims against a key-value `create` a task, and how soon
//! another worker hears of a task against a bare subscription of core NATS.

use crate::statistics::{median, percentile, verdict, verdict_at_least};
use async_nats::jetstream::{self, kv};
use futures_util::StreamExt;
use mjwork::reader::Source;
use mjwork::{Mirror, NewTask, TaskId, TaskPublisher, WorkerClient};
use mjwork_tests::server::{NatsServer, Options};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Barrier, watch};

const WORKERS: usize = 50;
const TASKS: usize = 1_000;
const ROUNDS: usize = 5;
/// Claims a second, times those by a key-value bucket whose list everybody walks in order.
const CLAIMS: f64 = 2.0;
/// Messages of each kind in a round of the latency.
const MESSAGES: usize = 200;
/// Times a bare subscription, at the median and at the 99th percentile.
const LATENCY: f64 = 1.5;

/// Claims a second.
pub async fn claims() -> bool {
    let (mut engine, mut in_order, mut scattered) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let rates = (by_engine().await, by_bucket(false).await, by_bucket(true).await);
        // The first round warms the machine.
        if round > 0 {
            println!(
                "  claims a second: engine {:>5.0}, bucket in order {:>5.0}, bucket from random places {:>5.0}",
                rates.0, rates.1, rates.2
            );
            engine.push(rates.0);
            in_order.push(rates.1);
            scattered.push(rates.2);
        }
    }
    let (engine, in_order, scattered) = (median(&engine), median(&in_order), median(&scattered));
    println!(
        "claims a second, {WORKERS} workers, {TASKS} tasks, median of {ROUNDS}: engine {engine:.0}, bucket in order \
         {in_order:.0}, bucket from random places {scattered:.0} (which keeps neither order nor priority; {:.2}x)",
        engine / scattered
    );
    verdict_at_least("engine: claims to bucket in order", engine / in_order, CLAIMS, "x")
}

async fn connect(server: &NatsServer) -> async_nats::Client {
    async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials")
}

/// Says when everything is taken.
struct Finish {
    taken: AtomicUsize,
    over: watch::Sender<bool>,
}

impl Finish {
    fn new() -> Arc<Self> {
        Arc::new(Self { taken: AtomicUsize::new(0), over: watch::Sender::new(false) })
    }

    fn took(&self) {
        if self.taken.fetch_add(1, Ordering::SeqCst) + 1 == TASKS {
            self.over.send_replace(true);
        }
    }

    async fn over(&self) {
        // The sender is our own.
        let _ = self.over.subscribe().wait_for(|over| *over).await.is_ok();
    }
}

#[expect(clippy::cast_precision_loss, reason = "a thousand")]
fn rate(took: Duration) -> f64 {
    TASKS as f64 / took.as_secs_f64()
}

/// All tasks are there, all workers have read them; from the start to the last task's owner knowing that it is.
async fn by_engine() -> f64 {
    let server = NatsServer::start(Options::default()).await;
    let client = connect(&server).await;
    mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
    let mirror = Mirror::open(client, Source::default()).await.expect("readable");
    let task = |n: usize| NewTask::new(TaskId::new(format!("t{n:05}")).expect("an id"), "T");
    TaskPublisher::new(mirror, None).publish_tasks((0..TASKS).map(task)).await.expect("published");
    let (finish, start) = (Finish::new(), Arc::new(Barrier::new(WORKERS + 1)));
    let mut working = Vec::new();
    for n in 0..WORKERS {
        let mirror = Mirror::open(connect(&server).await, Source::default()).await.expect("readable");
        let agent = format!("w{n:02}").parse().expect("a name");
        let worker = WorkerClient::builder(agent).no_spool().start(mirror).await.expect("it registers");
        let (finish, start) = (finish.clone(), start.clone());
        working.push(tokio::spawn(async move {
            start.wait().await;
            // Held until the end: to drop one would give it back.
            let mut held = Vec::new();
            loop {
                tokio::select! {
                    claim = worker.claim_next() => {
                        held.push(claim.expect("a claim"));
                        finish.took();
                    }
                    () = finish.over() => return (worker, held),
                }
            }
        }));
    }
    start.wait().await;
    let began = Instant::now();
    finish.over().await;
    let took = began.elapsed();
    let mut held = Vec::new();
    for work in working {
        held.push(work.await.expect("it does not panic"));
    }
    assert_eq!(held.iter().map(|(_, held)| held.len()).sum::<usize>(), TASKS);
    rate(took)
}

/// The same with `create` in a bucket of the same server, stored as safely. Each worker walks the list of all tasks and
/// goes on to the next where it loses: in order, or from a random place on.
async fn by_bucket(scattered: bool) -> f64 {
    let server = NatsServer::start(Options::default()).await;
    let config = kv::Config { bucket: "claims".into(), ..kv::Config::default() };
    jetstream::new(connect(&server).await).create_key_value(config).await.expect("a bucket");
    let (finish, start) = (Finish::new(), Arc::new(Barrier::new(WORKERS + 1)));
    let mut working = Vec::new();
    for n in 0..WORKERS {
        let bucket =
            jetstream::new(connect(&server).await).get_key_value("claims").await.expect("the bucket");
        let (finish, start) = (finish.clone(), start.clone());
        let first = if scattered { fastrand::usize(0..TASKS) } else { 0 };
        working.push(tokio::spawn(async move {
            start.wait().await;
            for at in 0..TASKS {
                let key = format!("t{:05}", (first + at) % TASKS);
                match bucket.create(key, format!("w{n:02}").into()).await {
                    Ok(_) => finish.took(),
                    Err(error) if error.kind() == kv::CreateErrorKind::AlreadyExists => {}
                    Err(error) => panic!("{error}"),
                }
                if *finish.over.borrow() {
                    return;
                }
            }
        }));
    }
    start.wait().await;
    let began = Instant::now();
    finish.over().await;
    let took = began.elapsed();
    for work in working {
        work.await.expect("it does not panic");
    }
    rate(took)
}

/// From the publish of a task to a worker that waits for one, and to a bare subscription to the same subject. Both ways
/// the stream stores the task; alternating, one at a time, in milliseconds.
pub async fn hearing() -> bool {
    let server = NatsServer::start(Options::default()).await;
    let client = connect(&server).await;
    mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
    let mut names = 0..;
    let (mut watched, mut bare, mut sent_on) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let a = by_subscription(&server, &client, "mjwork.tasks.available", &mut names).await;
        let b = by_worker(&server, &client, &mut names).await;
        let c = by_subscription(&server, &client, "mjboard.tasks.available", &mut names).await;
        if round > 0 {
            bare.extend(a);
            watched.extend(b);
            sent_on.extend(c);
        }
    }
    for (what, samples) in [
        ("bare subscription", &bare),
        ("watch_tasks", &watched),
        ("bare subscription to what the stream sends on", &sent_on),
    ] {
        println!(
            "latency of {} to a {what}: median {:.3} ms, p99 {:.3} ms",
            samples.len(),
            median(samples),
            percentile(samples, 99.0)
        );
    }
    let beside = |percent| percentile(&watched, percent) / percentile(&sent_on, percent);
    println!(
        "watch_tasks to what the stream sends on: median {:.2}x, p99 {:.2}x",
        beside(50.0),
        beside(99.0)
    );
    let at = |percent| percentile(&watched, percent) / percentile(&bare, percent);
    let median = verdict("engine: watch_tasks to bare subscription, median", at(50.0), LATENCY, "x");
    verdict("engine: watch_tasks to bare subscription, p99", at(99.0), LATENCY, "x") && median
}

/// Publishes a task, and gives when.
async fn publish(client: &async_nats::Client, n: u64) -> Instant {
    let body = json!({"task_id": format!("m{n:06}"), "title": "T"}).to_string();
    let began = Instant::now();
    client.publish("mjwork.tasks.available", body.into()).await.expect("published");
    client.flush().await.expect("flushed");
    began
}

async fn by_worker(
    server: &NatsServer,
    client: &async_nats::Client,
    names: &mut std::ops::RangeFrom<u64>,
) -> Vec<f64> {
    let mirror = Mirror::open(connect(server).await, Source::default()).await.expect("readable");
    let worker = WorkerClient::builder("watcher".parse().expect("a name")).no_spool();
    let worker = worker.start(mirror).await.expect("it registers");
    let known = worker.mirror().read(|board| board.tasks().len());
    let mut tasks = worker.watch_tasks().skip(known);
    let mut samples = Vec::with_capacity(MESSAGES);
    for n in names.take(MESSAGES) {
        let watching = tokio::spawn(async move {
            let task = tasks.next().await.expect("a task");
            (Instant::now(), task, tasks)
        });
        let began = publish(client, n).await;
        let (came, task, rest) = watching.await.expect("it does not panic");
        assert_eq!(task.id.as_str(), format!("m{n:06}"));
        samples.push(came.duration_since(began).as_secs_f64() * 1e3);
        tasks = rest;
    }
    worker.stop().await;
    samples
}

async fn by_subscription(
    server: &NatsServer,
    client: &async_nats::Client,
    subject: &'static str,
    names: &mut std::ops::RangeFrom<u64>,
) -> Vec<f64> {
    let subscriber = connect(server).await;
    let mut messages = subscriber.subscribe(subject).await.expect("subscribed");
    // A flush does not wait for the server. A message that goes there and back on this connection does.
    let inbox = subscriber.new_inbox();
    let mut back = subscriber.subscribe(inbox.clone()).await.expect("subscribed");
    subscriber.publish(inbox, "".into()).await.expect("published");
    back.next().await.expect("it comes back");
    let mut samples = Vec::with_capacity(MESSAGES);
    for n in names.take(MESSAGES) {
        let watching = tokio::spawn(async move {
            let message = messages.next().await.expect("a message");
            (Instant::now(), message, messages)
        });
        let began = publish(client, n).await;
        let (came, message, rest) = watching.await.expect("it does not panic");
        assert!(String::from_utf8_lossy(&message.payload).contains(&format!("m{n:06}")), "another message");
        samples.push(came.duration_since(began).as_secs_f64() * 1e3);
        messages = rest;
    }
    samples
}

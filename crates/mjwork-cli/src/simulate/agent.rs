//! The life of one agent. As far as the server and everybody else can tell it is a process of its own: it has its own
//! connection, reads the stream itself, and when it crashes nothing is heard of it any more.

use super::fate::{Attempt, End, rng};
use super::vocabulary::{AGENTS, PROBLEMS, REMARKS, ROLES};
use super::{Fleet, count};
use crate::connect::client;
use crate::names;
use fastrand::Rng;
use mjwork::draft::Draft;
use mjwork::event::Problem;
use mjwork::{AgentId, Claim, FailureKind, Mirror, TaskId, WorkerClient};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// How an agent leaves.
enum Left {
    /// In order: it gave back what it held.
    Stopped,
    /// Without a word, for good.
    Crashed,
    /// Without a word, and it starts again.
    Restarted,
}

/// What happened while the agent worked.
enum Meanwhile {
    Nothing,
    /// The task was taken away.
    Lost,
    /// Everybody is to stop.
    Stop,
}

/// An agent, and those who take its place, until everybody is to stop.
pub async fn life(fleet: Arc<Fleet>, slot: usize) {
    let mut rng = rng(fleet.seed, "agent", u32::try_from(slot).unwrap_or(0));
    let mut generation = 0;
    let mut name: Option<AgentId> = None;
    // A fleet does not come at once.
    let mut pause = fleet.mean.min(Duration::from_secs(2)).mul_f64(rng.f64());
    loop {
        tokio::select! {
            () = sleep(pause) => {}
            () = fleet.stop.cancelled() => return,
        }
        let worker = match join(&fleet, slot, generation, name.take()).await {
            Ok(worker) => worker,
            Err(why) => {
                eprintln!("mjwork simulate: {why}");
                pause = fleet.interval;
                continue;
            }
        };
        match shift(&fleet, &worker, &mut rng).await {
            Left::Stopped => return worker.stop().await,
            Left::Crashed => {
                generation += 1;
                pause = fleet.interval.mul_f64(1.0 + rng.f64());
            }
            Left::Restarted => {
                name = Some(worker.agent().clone());
                pause = fleet.mean.mul_f64(0.2);
            }
        }
    }
}

/// Connects and registers: under this name if it starts again, else under one that is free.
async fn join(
    fleet: &Fleet,
    slot: usize,
    generation: usize,
    name: Option<AgentId>,
) -> Result<WorkerClient, String> {
    let client = client(&fleet.settings).await.map_err(|failure| failure.to_string())?;
    let mirror =
        Mirror::open(client, fleet.settings.source.clone()).await.map_err(|fault| fault.to_string())?;
    let name = if let Some(name) = name {
        name
    } else {
        let number = slot + 1 + generation * fleet.agents;
        let wanted = AgentId::new(format!("{}-{number:02}", AGENTS[slot % AGENTS.len()]));
        let wanted = wanted.map_err(|rule| rule.to_string())?;
        let now = mirror.now();
        mirror.read(|board| names::free(board, &wanted, now))
    };
    let worker = WorkerClient::builder(name)
        .interval(fleet.interval)
        .description(ROLES[slot % ROLES.len()])
        .host("simulated")
        .version(concat!("mjwork ", env!("CARGO_PKG_VERSION")))
        .no_spool();
    worker.start(mirror).await.map_err(|error| error.to_string())
}

/// Takes one task after another.
async fn shift(fleet: &Fleet, worker: &WorkerClient, rng: &mut Rng) -> Left {
    loop {
        let claim = tokio::select! {
            () = fleet.stop.cancelled() => return Left::Stopped,
            claim = worker.claim_next() => claim,
        };
        let left = match claim {
            Ok(claim) => work(fleet, worker, claim).await,
            Err(why) => {
                eprintln!("mjwork simulate: {}: {why}", worker.agent());
                // No connection, most likely.
                sleep(Duration::from_secs(1)).await;
                None
            }
        };
        if let Some(left) = left {
            return left;
        }
        // Nobody starts the next thing in the same moment.
        tokio::select! {
            () = fleet.stop.cancelled() => return Left::Stopped,
            () = sleep(fleet.mean.mul_f64(0.2 * rng.f64())) => {}
        }
    }
}

/// Works on one task; the answer is how the agent left, if it did.
async fn work(fleet: &Fleet, worker: &WorkerClient, claim: Claim) -> Option<Left> {
    let task = claim.task();
    let (id, attempts) = (task.id.clone(), task.attempts);
    let attempt = Attempt::draw(fleet.seed, id.as_str(), attempts, &fleet.rates);
    let mut rng = rng(fleet.seed, id.as_str(), u32::MAX - attempts);
    if rng.f64() < 0.15 {
        say(fleet, worker, &mut rng, &id).await;
    }
    let steps = u32::try_from(attempt.notes.len() + 1).unwrap_or(1);
    let step = fleet.mean.mul_f64(attempt.length) / steps;
    for (done, note) in (1..).zip(&attempt.notes) {
        match pause(fleet, &claim, step).await {
            Meanwhile::Nothing => {}
            Meanwhile::Lost => return None,
            Meanwhile::Stop => return Some(give_back(claim).await),
        }
        if rng.f64() < 0.04 {
            report_problem(worker, &mut rng, &id).await;
        }
        let percent = (100.0 * f64::from(done) / f64::from(steps)).round();
        if claim.progress(Some(percent), Some(note)).await.is_err() {
            return None;
        }
    }
    match pause(fleet, &claim, step).await {
        Meanwhile::Nothing => {}
        Meanwhile::Lost => return None,
        Meanwhile::Stop => return Some(give_back(claim).await),
    }
    match attempt.end {
        End::Completes => {
            let result = json!({
                "summary": format!("{}: done on attempt {attempts}", claim.task().definition.title),
                "branch": format!("work/{id}"),
                "files": rng.u8(1..30),
                "tests": {"passed": rng.u16(20..400), "failed": 0},
            });
            // What is refused was taken away a moment ago; the report counts it.
            let _ = claim.complete(serde_json::value::to_raw_value(&result).ok()).await;
        }
        End::Fails(kind, error) => {
            count(&fleet.tally.failures);
            let kind = match kind {
                "fatal" => FailureKind::Fatal,
                "rate_limited" => FailureKind::RateLimited,
                _ => FailureKind::Retryable,
            };
            let _ = claim.fail(error, kind).await;
        }
        End::Stalls => {
            count(&fleet.tally.stalls);
            let lost = claim.lost();
            tokio::select! {
                _ = lost => {}
                () = fleet.stop.cancelled() => return Some(give_back(claim).await),
            }
        }
        End::Crashes => {
            count(&fleet.tally.crashes);
            worker.abandon();
            return Some(Left::Crashed);
        }
        End::Restarts => {
            count(&fleet.tally.restarts);
            worker.abandon();
            return Some(Left::Restarted);
        }
    }
    None
}

/// Works for a while, unless something comes between.
async fn pause(fleet: &Fleet, claim: &Claim, time: Duration) -> Meanwhile {
    tokio::select! {
        () = sleep(time) => Meanwhile::Nothing,
        _ = claim.lost() => Meanwhile::Lost,
        () = fleet.stop.cancelled() => Meanwhile::Stop,
    }
}

async fn give_back(claim: Claim) -> Left {
    // What cannot be given back now, the worker gives back as it stops.
    let _ = claim.release(Some("the simulation ends")).await;
    Left::Stopped
}

async fn say(fleet: &Fleet, worker: &WorkerClient, rng: &mut Rng, id: &TaskId) {
    let remark = REMARKS[rng.usize(..REMARKS.len())].replace("{}", id.as_str());
    if worker.say(&remark).await.is_ok() {
        count(&fleet.tally.messages);
    }
}

async fn report_problem(worker: &WorkerClient, rng: &mut Rng, id: &TaskId) {
    let (level, message) = PROBLEMS[rng.usize(..PROBLEMS.len())];
    let body = Problem {
        message: message.into(),
        agent_id: Some(worker.agent().as_str().into()),
        task_id: Some(id.as_str().into()),
        level: Some(level.into()),
        stack: None,
    };
    if let Ok(payload) = serde_json::to_vec(&body) {
        let draft = Draft {
            subject: worker.mirror().subjects().errors(),
            headers: Vec::new(),
            payload: payload.into(),
        };
        // An error that nobody hears of changes nothing.
        let _ = worker.mirror().send(draft).await;
    }
}

//! A week of a fleet at work, made: what a planner, forty agents and an operator publish, guards and all, with the
//! races, mishaps and refusals that there are. The same seed makes the same log, byte by byte.

use fastrand::Rng;
use mjwork::board::{Board, Status, Task};
use mjwork::event::{
    Available, Cancelled, Claimed, Completed, Coordination, Event, Failed, Heartbeat, Problem, Progress,
    Requeue, Subjects,
};
use mjwork::{Sequence, Text, Timestamp};
use serde::Serialize;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::collections::VecDeque;

const AGENTS: usize = 40;
/// So many tasks wait to be taken, at the least.
const AHEAD: usize = 400;
/// Milliseconds between two events: a million of them in six days.
const BETWEEN: i64 = 500;
/// In November 2026, in milliseconds.
const BEGAN: i64 = 1_795_000_000_000;

/// A message as the stream stored it.
pub struct Stored {
    pub seq: Sequence,
    pub time: Timestamp,
    pub subject: Box<str>,
    pub body: Box<[u8]>,
}

/// What an agent is at.
#[derive(Clone, Default)]
struct Hands {
    /// The task, the claim and the reports that are still to come.
    holds: Option<(usize, Sequence, u32)>,
    session: u32,
}

struct Maker {
    rng: Rng,
    subjects: Subjects,
    /// Guards are taken from it.
    board: Board,
    log: Vec<Stored>,
    published: usize,
    /// Tasks that may be there to be taken, and others.
    open: VecDeque<usize>,
    agents: Vec<Hands>,
}

const EVENTS: usize = 1_000_000;
const SEED: u64 = 48;

/// The log that is measured.
pub fn log() -> Vec<Stored> {
    make(SEED, EVENTS)
}

/// The board that a log makes.
pub fn fold(log: &[Stored]) -> Board {
    let subjects = Subjects::default();
    let mut board = Board::new();
    for stored in log {
        let event = Event::decode(subjects.topic(&stored.subject), &stored.body);
        board.apply(stored.seq, stored.time, &stored.subject, &event);
    }
    board
}

fn make(seed: u64, events: usize) -> Vec<Stored> {
    let mut maker = Maker {
        rng: Rng::with_seed(seed),
        subjects: Subjects::default(),
        board: Board::new(),
        log: Vec::with_capacity(events),
        published: 0,
        open: VecDeque::new(),
        agents: vec![Hands::default(); AGENTS],
    };
    while maker.log.len() < events {
        maker.turn();
    }
    maker.log.truncate(events);
    maker.log
}

fn task_id(n: usize) -> String {
    format!("wk48-{}-{n:06}", ["core", "web", "docs", "infra"][n % 4])
}

fn agent_id(n: usize) -> String {
    format!("Agent-{n:02}")
}

impl Maker {
    fn turn(&mut self) {
        if self.open.len() < AHEAD {
            self.plan();
        }
        let agent = self.rng.usize(0..AGENTS);
        match self.rng.u32(0..1_000) {
            0..60 => self.beat(agent),
            60..66 => self.say(agent),
            66..69 => self.complain(agent),
            69..71 => self.operate(),
            _ => self.work(agent),
        }
    }

    fn put(&mut self, subject: &str, body: &impl Serialize) -> Sequence {
        let at = self.log.len();
        let stored = Stored {
            seq: at as Sequence + 1,
            time: Timestamp::from_millis(
                BEGAN + i64::try_from(at).expect("few events") * BETWEEN + self.rng.i64(0..400),
            ),
            subject: format!("mjwork.{subject}").into(),
            body: serde_json::to_vec(body).expect("a body").into(),
        };
        let event = Event::decode(self.subjects.topic(&stored.subject), &stored.body);
        self.board.apply(stored.seq, stored.time, &stored.subject, &event);
        self.log.push(stored);
        at as Sequence + 1
    }

    fn known(&self, n: usize) -> &Task {
        self.board.task(&task_id(n)).expect("it was published")
    }

    /// The planner publishes a phase.
    fn plan(&mut self) {
        for _ in 0..100 {
            let n = self.published;
            self.define(n, 0, None, None);
            self.published += 1;
            self.open.push_back(n);
        }
    }

    fn define(&mut self, n: usize, after: Sequence, priority: Option<&str>, requeue: Option<&str>) {
        const PARTS: [&str; 8] = [
            "parser",
            "scheduler",
            "session store",
            "search index",
            "invoice export",
            "login form",
            "cache",
            "report",
        ];
        let (part, step) = (PARTS[n % PARTS.len()], n / PARTS.len());
        let (title, phase) =
            (format!("Port the {part} to the new interface, step {step}"), format!("phase-{}", n % 7));
        let description = format!(
            "Change every call in the {part}, run its tests, and say what was left.\n\nThe old interface stays until \
             step {} is done; do not remove what others still use.",
            step + 1
        );
        let (id, blockers) = (task_id(n), [7, 12].map(|before| task_id(n.saturating_sub(before))));
        let usual = [Some("high"), Some("low")].get(n % 10).copied().flatten();
        let body = Available {
            task_id: id.as_str().into(),
            title: title.as_str().into(),
            description: Some(description.as_str().into()),
            blocked_by: blockers
                .iter()
                .filter(|_| n > 20 && n.is_multiple_of(5))
                .map(|id| id.as_str().into())
                .collect(),
            priority: priority.or(usual).map(Text::from),
            tags: vec!["port".into(), part.into(), phase.as_str().into()],
            by: Some("planner".into()),
            after: Some(after),
            requeue: requeue.map(|reason| Requeue { reason: Some(reason.into()) }),
            ..Available::default()
        };
        self.put("tasks.available", &body);
    }

    fn beat(&mut self, agent: usize) {
        let hands = self.agents[agent].clone();
        let task = hands.holds.map(|(task, ..)| task_id(task));
        let (id, session, host) = (agent_id(agent), session(&hands), format!("box-{}", agent % 5));
        let body = Heartbeat {
            agent_id: id.as_str().into(),
            session: Some(session.as_str().into()),
            status: Some(if task.is_some() { "working" } else { "idle" }.into()),
            task_id: task.as_deref().map(Text::from),
            description: Some("writes and reviews code".into()),
            interval_s: Some(30.0),
            host: Some(host.as_str().into()),
            version: Some("0.1.0".into()),
        };
        self.put(&format!("heartbeat.{id}"), &body);
    }

    fn say(&mut self, agent: usize) {
        let (id, about) = (agent_id(agent), task_id(self.rng.usize(0..self.published)));
        let message = format!("{about} changes the interface of what you are at; pull before you push.");
        let body = Coordination { agent_id: id.as_str().into(), message: message.as_str().into() };
        self.put("coordination", &body);
    }

    fn complain(&mut self, agent: usize) {
        let (id, about) = (agent_id(agent), task_id(self.rng.usize(0..self.published)));
        let body = Problem {
            message: "the test runner ended with signal 9".into(),
            agent_id: Some(id.as_str().into()),
            task_id: Some(about.as_str().into()),
            level: Some("error".into()),
            stack: Some("run\n  tests\n    wait".into()),
        };
        self.put("errors", &body);
    }

    /// An operator withdraws something, or edits it.
    fn operate(&mut self) {
        let n = self.open[self.rng.usize(0..self.open.len())];
        let (id, version) = (task_id(n), self.known(n).version);
        if self.rng.bool() {
            let body = Cancelled {
                task_id: id.as_str().into(),
                by: "operator".into(),
                reason: Some("no longer needed".into()),
                after: Some(version),
            };
            self.put("tasks.cancelled", &body);
        } else {
            self.define(n, version, Some("critical"), None);
        }
    }

    fn work(&mut self, agent: usize) {
        match self.agents[agent].holds {
            None => self.claim(agent),
            Some((task, claim, left)) if left > 0 => {
                self.agents[agent].holds = Some((task, claim, left - 1));
                self.report(agent, task, claim, left);
            }
            Some((task, claim, _)) => {
                self.agents[agent].holds = None;
                self.end(agent, task, claim);
            }
        }
    }

    fn claim(&mut self, agent: usize) {
        // What waits for something goes to the end of the line.
        let mut tries = self.open.len();
        let n = loop {
            let Some(n) = self.open.pop_front() else { return };
            match self.known(n).status {
                Status::Available => break n,
                Status::Blocked if tries > 0 => self.open.push_back(n),
                _ => {}
            }
            tries = tries.saturating_sub(1);
        };
        let version = self.known(n).version;
        let claim = self.take(agent, n, version);
        self.agents[agent].holds = Some((n, claim, self.rng.u32(2..6)));
        // Sometimes two are as quick.
        if self.rng.u32(0..40) == 0 {
            self.take((agent + 1) % AGENTS, n, version);
        }
    }

    fn take(&mut self, agent: usize, n: usize, version: Sequence) -> Sequence {
        let (id, who, session) = (task_id(n), agent_id(agent), session(&self.agents[agent]));
        let body = Claimed {
            task_id: id.as_str().into(),
            agent_id: who.as_str().into(),
            session: Some(session.as_str().into()),
            after: Some(version),
            seen: Some(self.log.len() as Sequence),
        };
        self.put("tasks.claimed", &body)
    }

    fn report(&mut self, agent: usize, n: usize, claim: Sequence, left: u32) {
        const NOTES: [&str; 5] = [
            "calls changed, tests running",
            "reading the old interface",
            "41 of 60 tests pass",
            "writing the new calls",
            "waiting for the build",
        ];
        let (id, who, session) = (task_id(n), agent_id(agent), session(&self.agents[agent]));
        let body = Progress {
            task_id: id.as_str().into(),
            agent_id: who.as_str().into(),
            session: Some(session.as_str().into()),
            claim: Some(claim),
            percent: Some(f64::from(100 / (left + 1))),
            note: NOTES.get(self.rng.usize(0..NOTES.len() + 2)).map(|note| Text::from(*note)),
        };
        self.put("tasks.progress", &body);
    }

    fn end(&mut self, agent: usize, n: usize, claim: Sequence) {
        let (id, who, session) = (task_id(n), agent_id(agent), session(&self.agents[agent]));
        let result = json!({"changed": n % 17, "left": [], "commit": format!("{:08x}", self.rng.u32(..))});
        let result = to_raw_value(&result).expect("JSON");
        let done = Completed {
            task_id: id.as_str().into(),
            agent_id: Some(who.as_str().into()),
            session: Some(session.as_str().into()),
            claim: Some(claim),
            result: Some(&result),
            ..Completed::default()
        };
        match self.rng.u32(0..100) {
            0..5 => {
                let body = Failed {
                    task_id: id.as_str().into(),
                    agent_id: Some(who.as_str().into()),
                    error: "2 of 60 tests fail: the old interface is gone".into(),
                    session: Some(session.as_str().into()),
                    claim: Some(claim),
                    kind: Some("retryable".into()),
                    ..Failed::default()
                };
                self.put("tasks.failed", &body);
                if self.rng.u32(0..3) > 0 {
                    self.requeue(n, "worth another try");
                }
            }
            5..7 => {
                // It is taken for lost, comes back with its result, and goes on in another process.
                self.requeue(n, "owner lost");
                self.put("tasks.completed", &done);
                self.agents[agent].session += 1;
            }
            _ => {
                self.put("tasks.completed", &done);
            }
        }
    }

    fn requeue(&mut self, n: usize, reason: &str) {
        let version = self.known(n).version;
        self.define(n, version, None, Some(reason));
        self.open.push_front(n);
    }
}

fn session(hands: &Hands) -> String {
    format!("b7c1d2e3-{:04}", hands.session)
}

//! A week of a fleet at work, made: what a planner, forty agents and an operator publish, guards and all, with the
//! races, mishaps and refusals that there are. The same seed makes the same log, byte by byte.

use fastrand::Rng;
use mjwork::board::{Board, Status, Task};
use mjwork::event::{Event, Subjects};
use mjwork::{Sequence, Timestamp};
use serde_json::{Value, json};
use std::collections::VecDeque;

const AGENTS: usize = 40;
/// So many tasks wait to be taken, at the least.
const AHEAD: usize = 400;
/// Milliseconds between two events: a million of them in six days.
const BETWEEN: i64 = 500;
/// 24 November 2026, in seconds.
const BEGAN: i64 = 1_795_000_000;

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

/// A log of so many events.
pub fn log(seed: u64, events: usize) -> Vec<Stored> {
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

    fn put(&mut self, subject: &str, body: &Value) -> Sequence {
        let seq = self.log.len() as Sequence + 1;
        let stored = Stored {
            seq,
            time: Timestamp::from_millis(
                BEGAN * 1_000 + self.log.len() as i64 * BETWEEN + self.rng.i64(0..400),
            ),
            subject: format!("mjwork.{subject}").into(),
            body: body.to_string().into_bytes().into(),
        };
        let event = Event::decode(self.subjects.topic(&stored.subject), &stored.body);
        self.board.apply(seq, stored.time, &stored.subject, &event);
        self.log.push(stored);
        seq
    }

    fn known(&self, n: usize) -> &Task {
        self.board.task(&task_id(n)).expect("it was published")
    }

    fn definition(&mut self, n: usize) -> Value {
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
        let part = PARTS[n % PARTS.len()];
        let mut task = json!({
            "task_id": task_id(n),
            "title": format!("Port the {part} to the new interface, step {}", n / PARTS.len()),
            "description": format!(
                "Change every call in the {part}, run its tests, and say what was left.\n\nThe old interface stays \
                 until step {} is done; do not remove what others still use.", n / PARTS.len() + 1
            ),
            "tags": ["port", part, format!("phase-{}", n % 7)],
            "by": "planner",
        });
        match n % 10 {
            0 => task["priority"] = "high".into(),
            1 => task["priority"] = "low".into(),
            _ => {}
        }
        if n > 20 && n % 5 == 0 {
            task["blocked_by"] = json!([task_id(n - 7), task_id(n - 12)]);
        }
        task
    }

    /// The planner publishes a phase.
    fn plan(&mut self) {
        for _ in 0..100 {
            let n = self.published;
            let mut task = self.definition(n);
            task["after"] = 0.into();
            self.put("tasks.available", &task);
            self.published += 1;
            self.open.push_back(n);
        }
    }

    fn beat(&mut self, agent: usize) {
        let hands = self.agents[agent].clone();
        let mut beat = json!({
            "agent_id": agent_id(agent), "session": session(&hands), "interval_s": 30, "host": format!("box-{}", agent % 5),
            "version": "0.1.0", "status": if hands.holds.is_some() { "working" } else { "idle" },
            "description": "writes and reviews code",
        });
        if let Some((task, ..)) = hands.holds {
            beat["task_id"] = task_id(task).into();
        }
        self.put(&format!("heartbeat.{}", agent_id(agent)), &beat);
    }

    fn say(&mut self, agent: usize) {
        let about = task_id(self.rng.usize(0..self.published));
        let message = format!("{about} changes the interface of what you are at; pull before you push.");
        self.put("coordination", &json!({"agent_id": agent_id(agent), "message": message}));
    }

    fn complain(&mut self, agent: usize) {
        let about = task_id(self.rng.usize(0..self.published));
        self.put(
            "errors",
            &json!({
                "agent_id": agent_id(agent), "task_id": about, "level": "error",
                "message": "the test runner ended with signal 9", "stack": "run\n  tests\n    wait",
            }),
        );
    }

    /// An operator withdraws something, or edits it.
    fn operate(&mut self) {
        let Some(&n) = self.open.get(self.rng.usize(0..self.open.len())) else { return };
        let version = self.known(n).version;
        if self.rng.bool() {
            let body = json!({"task_id": task_id(n), "by": "operator", "reason": "no longer needed", "after": version});
            self.put("tasks.cancelled", &body);
        } else {
            let mut task = self.definition(n);
            (task["priority"], task["after"]) = ("critical".into(), version.into());
            self.put("tasks.available", &task);
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
        let seen = self.log.len();
        let claim = |agent: usize, hands: &Hands, after: Sequence| {
            json!({"task_id": task_id(n), "agent_id": agent_id(agent), "session": session(hands), "after": after,
                "seen": seen})
        };
        let version = self.known(n).version;
        let body = claim(agent, &self.agents[agent], version);
        let seq = self.put("tasks.claimed", &body);
        self.agents[agent].holds = Some((n, seq, self.rng.u32(2..6)));
        // Sometimes two are as quick.
        if self.rng.u32(0..40) == 0 {
            let other = (agent + 1) % AGENTS;
            let body = claim(other, &self.agents[other], version);
            self.put("tasks.claimed", &body);
        }
    }

    fn report(&mut self, agent: usize, n: usize, claim: Sequence, left: u32) {
        const NOTES: [&str; 5] = [
            "calls changed, tests running",
            "reading the old interface",
            "41 of 60 tests pass",
            "writing the new calls",
            "waiting for the build",
        ];
        let mut body = json!({"task_id": task_id(n), "agent_id": agent_id(agent),
            "session": session(&self.agents[agent]), "claim": claim, "percent": 100 / (left + 1)});
        if self.rng.u32(0..4) > 0 {
            body["note"] = NOTES[self.rng.usize(0..NOTES.len())].into();
        }
        self.put("tasks.progress", &body);
    }

    fn end(&mut self, agent: usize, n: usize, claim: Sequence) {
        let mut body = json!({"task_id": task_id(n), "agent_id": agent_id(agent),
            "session": session(&self.agents[agent]), "claim": claim});
        match self.rng.u32(0..100) {
            0..5 => {
                body["error"] = "2 of 60 tests fail: the old interface is gone".into();
                body["kind"] = "retryable".into();
                self.put("tasks.failed", &body);
                if self.rng.u32(0..3) > 0 {
                    self.requeue(n, "worth another try");
                }
            }
            5..7 => {
                // It is taken for lost, and comes back with its result in another process.
                self.requeue(n, "owner lost");
                body["result"] = json!({"changed": n % 17, "left": []});
                self.put("tasks.completed", &body);
                self.agents[agent].session += 1;
            }
            _ => {
                body["result"] =
                    json!({"changed": n % 17, "left": [], "commit": format!("{:08x}", self.rng.u32(..))});
                self.put("tasks.completed", &body);
            }
        }
    }

    fn requeue(&mut self, n: usize, reason: &str) {
        let mut task = self.definition(n);
        task["after"] = self.known(n).version.into();
        task["requeue"] = json!({"reason": reason});
        self.put("tasks.available", &task);
        self.open.push_front(n);
    }
}

fn session(hands: &Hands) -> String {
    format!("b7c1d2e3-{:04}", hands.session)
}

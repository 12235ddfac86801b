//! What a fleet says, event by event, with the guards that workers write: a history to be read, or live traffic.
//! All that is random comes from one seed, and whoever publishes nothing else knows every sequence beforehand.

use async_nats::Client;
use fastrand::Rng;
use serde_json::Value;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Agents at work.
const AGENTS: usize = 300;
/// After so many messages the server is asked whether it has stored them all: more at once it would drop.
const WINDOW: u64 = 2_000;
/// How late a paced publisher may be before the measurement is void.
const LAG: Duration = Duration::from_secs(2);

/// Where a task stands; the order is that of [`Traffic::counts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Blocked,
    Available,
    InProgress,
    Failed,
    Completed,
    Cancelled,
}

/// Tasks by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting for others.
    pub blocked: usize,
    /// Free to be taken.
    pub available: usize,
    /// Taken.
    pub in_progress: usize,
    /// Given up by their owner.
    pub failed: usize,
    /// Done.
    pub completed: usize,
    /// Withdrawn.
    pub cancelled: usize,
}

#[derive(Debug)]
struct Task {
    status: Status,
    version: u64,
    blocked_by: Vec<usize>,
    blocks: Vec<usize>,
    edits: u32,
}

/// What an agent holds.
#[derive(Debug)]
struct Held {
    task: usize,
    claim: u64,
    reports: u32,
    left: u32,
}

/// One message to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where to.
    pub subject: String,
    /// Its body: JSON.
    pub body: String,
}

/// A fleet at work. Each message is taken to be stored at the sequence after the one before it.
#[derive(Debug)]
pub struct Traffic {
    rng: Rng,
    seq: u64,
    tasks: Vec<Task>,
    ready: VecDeque<usize>,
    failed: VecDeque<usize>,
    agents: Vec<Option<Held>>,
    counts: [usize; 6],
    pace: Pace,
}

/// How work comes in.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Of a thousand messages so many are new tasks.
    new: u32,
    /// A new task names only so many of the last ones as its blockers.
    near: usize,
    /// Whether some of it is never done.
    leaves: bool,
}

impl Traffic {
    /// A fleet that begins on a stream without messages. More work comes in than it does, and some of what fails is
    /// left alone.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with(seed, Pace { new: 100, near: 2_000, leaves: true })
    }

    /// The same, but all of it is done soon after it came in.
    #[must_use]
    pub fn steady(seed: u64) -> Self {
        Self::with(seed, Pace { new: 70, near: 200, leaves: false })
    }

    fn with(seed: u64, pace: Pace) -> Self {
        Self {
            pace,
            rng: Rng::with_seed(seed),
            seq: 0,
            tasks: Vec::new(),
            ready: VecDeque::new(),
            failed: VecDeque::new(),
            agents: (0..AGENTS).map(|_| None).collect(),
            counts: [0; 6],
        }
    }

    /// The sequence of the last message.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// How many tasks there are by now.
    #[must_use]
    pub const fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// How they stand once everything has been read.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        let [blocked, available, in_progress, failed, completed, cancelled] = self.counts;
        Counts { blocked, available, in_progress, failed, completed, cancelled }
    }

    /// A task that is in progress, its owner and the sequence of the claim: what that owner would publish.
    #[must_use]
    pub fn held(&self) -> Option<(String, String, u64)> {
        let first = |(n, held): (usize, &Option<Held>)| held.as_ref().map(|held| (n, held.claim, held.task));
        let (agent, claim, task) =
            self.agents.iter().enumerate().filter_map(first).min_by_key(|(_, claim, _)| *claim)?;
        Some((task_id(task), agent_id(agent), claim))
    }

    /// Notes a message that somebody else published.
    pub const fn skip(&mut self) {
        self.seq += 1;
    }

    /// The next message.
    ///
    /// | of a thousand | what |
    /// | --- | --- |
    /// | 100, or 70 where all is done | a new task |
    /// | 4 | a requeue of what failed, or a withdrawal of what waits |
    /// | 60 | a heartbeat |
    /// | 12 | something that is said |
    /// | 4 | an error |
    /// | the others | a claim, a report, or an end |
    pub fn next_message(&mut self) -> Message {
        self.seq += 1;
        match self.rng.u32(0..1_000) {
            0..4 => self.steer(),
            4..64 => self.beat(),
            64..76 => self.say(),
            76..80 => self.report(),
            n if n < 80 + self.pace.new => self.publish(),
            _ => self.work(),
        }
    }

    fn publish(&mut self) -> Message {
        let n = self.tasks.len();
        let mut blocked_by = Vec::new();
        if n > 0 && self.rng.u32(0..4) == 0 {
            for _ in 0..self.rng.u32(1..=2) {
                let blocker = self.rng.usize(n.saturating_sub(self.pace.near)..n);
                if !blocked_by.contains(&blocker) {
                    blocked_by.push(blocker);
                }
            }
        }
        let is_blocked = blocked_by.iter().any(|b| self.tasks[*b].status != Status::Completed);
        let status = if is_blocked { Status::Blocked } else { Status::Available };
        for blocker in &blocked_by {
            self.tasks[*blocker].blocks.push(n);
        }
        let task = Task { status, version: self.seq, blocked_by, blocks: Vec::new(), edits: 0 };
        let body = definition(n, &task, "planner", ",\"after\":0");
        self.tasks.push(task);
        self.counts[status as usize] += 1;
        if status == Status::Available {
            self.ready.push_back(n);
        }
        message("tasks.available", body)
    }

    fn steer(&mut self) -> Message {
        if let Some(n) = self.failed.pop_front().filter(|_| !self.pace.leaves || self.rng.bool()) {
            let after = self.tasks[n].version;
            let open = self.tasks[n].blocked_by.iter().any(|b| self.tasks[*b].status != Status::Completed);
            self.move_to(n, if open { Status::Blocked } else { Status::Available });
            let more = format!(r#","after":{after},"requeue":{{"reason":"looked at, try again"}}"#);
            return message("tasks.available", definition(n, &self.tasks[n], "operator", &more));
        }
        let waiting = self.ready.back().copied();
        let waiting = waiting.filter(|n| self.pace.leaves && self.tasks[*n].status == Status::Available);
        let Some(n) = waiting else { return self.beat() };
        let after = self.tasks[n].version;
        self.move_to(n, Status::Cancelled);
        let body = format!(
            r#"{{"task_id":"{}","by":"operator","reason":"not wanted any more","after":{after}}}"#,
            task_id(n)
        );
        message("tasks.cancelled", body)
    }

    fn beat(&mut self) -> Message {
        let n = self.rng.usize(0..AGENTS);
        let agent = agent_id(n);
        let doing = match &self.agents[n] {
            Some(held) => format!(r#""status":"working","task_id":"{}""#, task_id(held.task)),
            None => r#""status":"idle""#.to_owned(),
        };
        let body = format!(
            r#"{{"agent_id":"{agent}","session":"s{n}",{doing},"interval_s":30,"host":"build-{}","version":"1.4.0"}}"#,
            n % 12
        );
        message(&format!("heartbeat.{agent}"), body)
    }

    fn say(&mut self) -> Message {
        let agent = agent_id(self.rng.usize(0..AGENTS));
        let words = *self.rng.choice(WORDS.iter()).unwrap_or(&"");
        message("coordination", format!(r#"{{"agent_id":"{agent}","message":"{words}"}}"#))
    }

    fn report(&mut self) -> Message {
        let agent = agent_id(self.rng.usize(0..AGENTS));
        let fault = *self.rng.choice(FAULTS.iter()).unwrap_or(&"");
        message("errors", format!(r#"{{"agent_id":"{agent}","level":"error","message":"{fault}"}}"#))
    }

    fn work(&mut self) -> Message {
        let n = self.rng.usize(0..AGENTS);
        let Some(held) = self.agents[n].take() else { return self.claim(n) };
        let who = format!(
            r#""task_id":"{}","agent_id":"{}","session":"s{n}","claim":{}"#,
            task_id(held.task),
            agent_id(n),
            held.claim
        );
        if held.left > 0 {
            let reports = held.reports + 1;
            let percent = reports * 100 / (reports + held.left);
            let note = NOTES[self.rng.usize(0..NOTES.len())];
            self.agents[n] = Some(Held { reports, left: held.left - 1, ..held });
            let body = format!(r#"{{{who},"percent":{percent},"note":"{note}"}}"#);
            return message("tasks.progress", body);
        }
        if self.rng.u32(0..20) == 0 {
            let fault = *self.rng.choice(FAULTS.iter()).unwrap_or(&"");
            self.move_to(held.task, Status::Failed);
            self.failed.push_back(held.task);
            return message("tasks.failed", format!(r#"{{{who},"error":"{fault}","kind":"retryable"}}"#));
        }
        self.move_to(held.task, Status::Completed);
        for next in self.tasks[held.task].blocks.clone() {
            let task = &self.tasks[next];
            if task.status == Status::Blocked
                && task.blocked_by.iter().all(|b| self.tasks[*b].status == Status::Completed)
            {
                self.move_to(next, Status::Available);
            }
        }
        let result = format!(
            r#"{{"changed":{},"left":[],"commit":"{:016x}"}}"#,
            self.rng.u32(1..40),
            self.rng.u64(..)
        );
        message("tasks.completed", format!(r#"{{{who},"result":{result}}}"#))
    }

    fn claim(&mut self, agent: usize) -> Message {
        while let Some(n) = self.ready.pop_front() {
            if self.tasks[n].status != Status::Available {
                continue;
            }
            let after = self.tasks[n].version;
            self.move_to(n, Status::InProgress);
            let left = self.rng.u32(4..12);
            self.agents[agent] = Some(Held { task: n, claim: self.seq, reports: 0, left });
            let body = format!(
                r#"{{"task_id":"{}","agent_id":"{}","session":"s{agent}","after":{after}}}"#,
                task_id(n),
                agent_id(agent)
            );
            return message("tasks.claimed", body);
        }
        self.beat()
    }

    fn move_to(&mut self, n: usize, status: Status) {
        let task = &mut self.tasks[n];
        self.counts[task.status as usize] -= 1;
        self.counts[status as usize] += 1;
        task.status = status;
        task.version = self.seq;
        task.edits += 1;
        if status == Status::Available {
            self.ready.push_back(n);
        }
    }
}

/// Publishes so many messages as fast as the server stores them. There must be no other publisher.
///
/// # Panics
/// When the stream holds something else than what was published.
pub async fn fill(client: &Client, traffic: &mut Traffic, messages: u64) {
    for n in 1..=messages {
        let Message { subject, body } = traffic.next_message();
        if n % WINDOW != 0 && n != messages {
            client.publish(subject, body.into()).await.expect("published");
            continue;
        }
        let answer = client.request(subject, body.into()).await.expect("the stream answers");
        let ack: Value = serde_json::from_slice(&answer.payload).expect("JSON");
        assert_eq!(ack["seq"], traffic.seq(), "the stream has all that was published: {ack}");
    }
}

/// Publishes so many messages a second by a clock that never goes back, for so long. Gives how many that were.
///
/// # Panics
/// When the machine cannot keep that pace.
pub async fn pace(client: &Client, traffic: &mut Traffic, per_second: u32, time: Duration) -> u64 {
    let began = Instant::now();
    let mut sent = 0_u64;
    let mut ticks = tokio::time::interval(Duration::from_millis(2));
    loop {
        ticks.tick().await;
        let passed = began.elapsed().min(time);
        let due = u64::try_from(passed.as_micros()).unwrap_or(u64::MAX) * u64::from(per_second) / 1_000_000;
        while sent < due {
            let Message { subject, body } = traffic.next_message();
            client.publish(subject, body.into()).await.expect("published");
            sent += 1;
        }
        client.flush().await.expect("flushed");
        if passed == time {
            assert!(began.elapsed() < time + LAG, "the publisher kept its pace");
            return sent;
        }
    }
}

fn task_id(n: usize) -> String {
    format!("task-{n:06}")
}

fn agent_id(n: usize) -> String {
    format!("agent-{n:03}")
}

fn message(subject: &str, body: String) -> Message {
    Message { subject: format!("mjwork.{subject}"), body }
}

/// The body of a task's definition, with more fields at its end. A requeue repeats it as it was.
fn definition(n: usize, task: &Task, by: &str, more: &str) -> String {
    let priority = match n % 20 {
        0 => "critical",
        1..5 => "high",
        5..16 => "normal",
        _ => "low",
    };
    let mut body = format!(
        r#"{{"task_id":"{}","title":"{} in module {n}","description":"{}","priority":"{priority}","tags":["{}","phase-{}"],"by":"{by}""#,
        task_id(n),
        TITLES[n % TITLES.len()],
        "Work in small steps, run the tests after each, and hand in what you changed and what you left.",
        TAGS[n % TAGS.len()],
        n % 9
    );
    for (place, blocker) in task.blocked_by.iter().enumerate() {
        // Writing to a text cannot fail.
        let _ =
            write!(body, r#"{}"{}""#, if place == 0 { ",\"blocked_by\":[" } else { "," }, task_id(*blocker));
    }
    if !task.blocked_by.is_empty() {
        body.push(']');
    }
    body.push_str(more);
    body.push('}');
    body
}

const TITLES: [&str; 7] = [
    "Port every call to the new interface",
    "Keep the position of each parse error",
    "Measure against the last release",
    "Write what the tutorial leaves out",
    "Find out why the test fails at times",
    "Move the settings to one file",
    "Drop what nobody has called for a year",
];
const TAGS: [&str; 6] = ["frontend", "backend", "docs", "infra", "bug", "perf"];
const NOTES: [&str; 6] = [
    "calls changed, tests running",
    "third of nine crates",
    "reads what is there",
    "two snapshots differ, looking at them",
    "compiles again",
    "asks for a review",
];
const WORDS: [&str; 3] = [
    "The recovery changes two snapshots, I keep the new ones.",
    "Good, I rebase on that.",
    "Who has the build machine? I need it for ten minutes.",
];
const FAULTS: [&str; 4] = [
    "out of disk space on /tmp",
    "rate limited by the model, waiting 20 s",
    "the test passed 400 times in a row, no failure to look at",
    "the linker was killed",
];

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::Timestamp;
    use mjwork::board::{Board, Status as Folded, Verdict};
    use mjwork::event::{Event, Subjects};

    #[test]
    fn the_fold_accepts_everything_and_counts_the_same() {
        let (mut traffic, mut board, subjects) = (Traffic::new(1), Board::default(), Subjects::default());
        for seq in 1..=30_000 {
            let Message { subject, body } = traffic.next_message();
            let event = Event::decode(subjects.topic(&subject), body.as_bytes());
            let time = Timestamp::from_millis(i64::try_from(seq).unwrap());
            let change = board.apply(seq, time, &subject, &event);
            assert_eq!(change.verdict, Verdict::Accepted, "{seq}: {subject} {body}");
        }
        let (said, folded) = (traffic.counts(), board.counts());
        for (status, count) in [
            (Folded::Blocked, said.blocked),
            (Folded::Available, said.available),
            (Folded::InProgress, said.in_progress),
            (Folded::Failed, said.failed),
            (Folded::Completed, said.completed),
            (Folded::Cancelled, said.cancelled),
        ] {
            assert_eq!(folded.of(status), count, "{status}");
            assert!(count > 0, "{status}");
        }
        assert_eq!(traffic.seq(), 30_000);
    }

    #[test]
    fn a_seed_says_the_same_again() {
        let said = |seed| {
            let mut traffic = Traffic::new(seed);
            (0..2_000).map(|_| traffic.next_message()).collect::<Vec<_>>()
        };
        assert_eq!(said(7), said(7));
        assert_ne!(said(7), said(8));
    }
}

//! What really happened in a race, by the raw messages of the stream: read by a client of another kind, and judged by a
//! second, plain reading of PROTOCOL.md's rules that shares no code with the project's own fold.
//!
//! Held against it: the fold of the project, and what every worker believed.

use crate::fleet::Journal;
use async_nats::jetstream::{self, consumer::pull::OrderedConfig};
use futures_util::StreamExt;
use mjwork::board::{Board, Status};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A stored message.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Its sequence.
    pub seq: u64,
    /// Its subject.
    pub subject: String,
    /// Its `Nats-Msg-Id`.
    pub msg_id: Option<String>,
    /// Its body.
    pub body: Value,
}

/// All that the stream holds, by an ordered consumer of async-nats.
pub async fn raw(client: &async_nats::Client) -> Vec<Raw> {
    let stream = jetstream::new(client.clone()).get_stream("MJ_ONLINE_WORK").await.expect("the stream");
    let last = stream.cached_info().state.last_sequence;
    let mut raw = Vec::new();
    if last == 0 {
        return raw;
    }
    let config = OrderedConfig { filter_subject: "mjwork.>".into(), ..OrderedConfig::default() };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let mut messages = consumer.messages().await.expect("messages");
    while let Some(message) = messages.next().await {
        let message = message.expect("a message");
        let seq = message.info().expect("it says its sequence").stream_sequence;
        let headers = message.headers.as_ref();
        raw.push(Raw {
            seq,
            subject: message.subject.to_string(),
            msg_id: headers.and_then(|h| h.get("Nats-Msg-Id")).map(ToString::to_string),
            body: serde_json::from_slice(&message.payload).unwrap_or(Value::Null),
        });
        if seq >= last {
            break;
        }
    }
    raw
}

/// What the race must keep.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// So many tasks there are.
    pub tasks: usize,
    /// Claim messages stored a task, at most.
    pub claims_per_task: f64,
    /// Whether clients without headers took part.
    pub bare: bool,
    /// Completions that may be refused.
    pub late: usize,
}

impl Rules {
    /// Those of a race without clients of other kinds: at most 1.05 claims a task, and no completion refused.
    #[must_use]
    pub fn strict(tasks: usize) -> Self {
        Self { tasks, claims_per_task: 1.05, bare: false, late: 0 }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What should not be.
    pub problems: Vec<String>,
    /// Messages in all.
    pub messages: usize,
    /// Claims that were stored, those with a message id, and those that count.
    pub claims: (usize, usize, usize),
    /// Completions that count, and those refused.
    pub completions: (usize, usize),
    /// Requeues that count.
    pub requeues: usize,
    /// Claims of which was judged whether they left something more urgent lying.
    pub judged: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problems, messages, claims, completions, requeues, judged } = self;
        write!(
            f,
            "{messages} messages; {} claims stored, {} with a message id, {} count, {judged} judged by priority; {} \
             completions count, {} refused; {requeues} requeues; {} problems",
            claims.0,
            claims.1,
            claims.2,
            completions.0,
            completions.1,
            problems.len()
        )?;
        problems.iter().take(12).try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl Report {
    /// Fails the test when there is anything that should not be.
    ///
    /// # Panics
    /// Then.
    pub fn assert_sound(&self, what: &str) {
        println!("{what}: {self}");
        assert!(self.problems.is_empty(), "{what}: {self}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Waiting,
    Free,
    Taken,
    Done,
    Failed,
}

struct Known {
    rank: u8,
    blocked_by: Vec<String>,
    stand: Stand,
    version: u64,
    claim: Option<u64>,
    owner: Option<(String, Option<String>)>,
    attempts: u32,
    /// Since when it can be taken.
    free_since: u64,
    /// The sequences from which and at which it could be taken and no longer.
    free: Vec<(u64, u64)>,
    done: Vec<u64>,
}

/// A claim that counts.
struct Took {
    seq: u64,
    seen: Option<u64>,
    task: String,
    agent: String,
}

#[derive(Default)]
struct Naive {
    tasks: BTreeMap<String, Known>,
    took: Vec<Took>,
    refused: BTreeSet<u64>,
    report: Report,
}

/// Judges a race: the raw messages, what the fold made of them, and what each worker said.
#[must_use]
pub fn audit(raw: &[Raw], board: &Board, journals: &[Journal], rules: Rules) -> Report {
    let mut naive = Naive::default();
    naive.report.messages = raw.len();
    naive.message_ids(raw);
    for message in raw {
        naive.apply(message);
    }
    naive.end(rules);
    naive.blockers();
    naive.priorities();
    naive.agree(board);
    naive.believe(journals);
    naive.report
}

fn text(body: &Value, name: &str) -> Option<String> {
    match &body[name] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Naive {
    fn problem(&mut self, problem: String) {
        self.report.problems.push(problem);
    }

    /// Nothing is stored twice, and what was written later comes later.
    fn message_ids(&mut self, raw: &[Raw]) {
        let mut ids = BTreeMap::new();
        for message in raw {
            let earlier = message.msg_id.as_ref().and_then(|id| ids.insert(id.clone(), message.seq));
            if let Some(earlier) = earlier {
                self.problem(format!(
                    "{} is stored at {earlier} and at {}",
                    message.msg_id.as_deref().unwrap_or_default(),
                    message.seq
                ));
            }
        }
        if !raw.is_sorted_by(|a, b| a.seq < b.seq) {
            self.problem("the messages are not in order".into());
        }
    }

    fn is_done(&self, id: &str) -> bool {
        self.tasks.get(id).is_some_and(|task| task.stand == Stand::Done)
    }

    fn apply(&mut self, message: &Raw) {
        let Raw { seq, subject, msg_id, body } = message;
        let Some(verb) = subject.strip_prefix("mjwork.tasks.") else { return };
        let Some(id) = text(body, "task_id") else {
            return self.problem(format!("{seq} {subject} names no task"));
        };
        let after = body["after"].as_u64();
        let counts = match verb {
            "available" if body["requeue"].is_object() => self.requeue(*seq, &id, after),
            "available" => self.publish(*seq, &id, body),
            "claimed" => {
                self.report.claims.0 += 1;
                self.report.claims.1 += usize::from(msg_id.is_some());
                self.claim(*seq, &id, after, body)
            }
            "completed" if body["accept"].is_null() => {
                let counts = self.complete(*seq, &id, body);
                self.report.completions.0 += usize::from(counts);
                self.report.completions.1 += usize::from(!counts);
                counts
            }
            "failed" if body["by"].is_string() => {
                let task =
                    self.tasks.get_mut(&id).filter(|t| t.stand == Stand::Taken && after == Some(t.version));
                task.is_some_and(|task| {
                    (task.stand, task.version, task.claim) = (Stand::Failed, *seq, None);
                    true
                })
            }
            "progress" => true,
            _ => {
                self.problem(format!("{seq} {subject} has no place in a race"));
                false
            }
        };
        if !counts {
            self.refused.insert(*seq);
        }
    }

    fn publish(&mut self, seq: u64, id: &str, body: &Value) -> bool {
        if self.tasks.contains_key(id) {
            self.problem(format!("{seq} publishes {id} again"));
            return false;
        }
        let rank = match body["priority"].as_str() {
            Some("critical") => 0,
            Some("high") => 1,
            Some("low") => 3,
            _ => 2,
        };
        let blocked_by: Vec<String> = body["blocked_by"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|blocker| blocker.as_str().map(ToOwned::to_owned))
            .collect();
        let stand = if blocked_by.iter().all(|b| self.is_done(b)) { Stand::Free } else { Stand::Waiting };
        let task = Known {
            rank,
            blocked_by,
            stand,
            version: seq,
            claim: None,
            owner: None,
            attempts: 0,
            free_since: seq,
            free: Vec::new(),
            done: Vec::new(),
        };
        self.tasks.insert(id.to_owned(), task);
        true
    }

    fn claim(&mut self, seq: u64, id: &str, after: Option<u64>, body: &Value) -> bool {
        let Some(agent) = text(body, "agent_id") else { return false };
        let Some(task) = self.tasks.get_mut(id) else { return false };
        if task.stand != Stand::Free || after.is_some_and(|after| after != task.version) {
            return false;
        }
        task.free.push((task.free_since, seq));
        (task.stand, task.version, task.claim) = (Stand::Taken, seq, Some(seq));
        task.owner = Some((agent.clone(), text(body, "session")));
        task.attempts += 1;
        self.report.claims.2 += 1;
        self.took.push(Took { seq, seen: body["seen"].as_u64(), task: id.to_owned(), agent });
        true
    }

    fn complete(&mut self, seq: u64, id: &str, body: &Value) -> bool {
        let Some(task) = self.tasks.get_mut(id).filter(|task| task.stand == Stand::Taken) else {
            return false;
        };
        let (agent, session) = (text(body, "agent_id"), text(body, "session"));
        let owner = task.owner.as_ref();
        let same_agent = owner.is_some_and(|(own, _)| agent.as_ref() == Some(own));
        let same_session =
            owner.is_some_and(|(_, own)| own.is_none() || session.is_none() || *own == session);
        let right = match body["claim"].as_u64() {
            Some(claim) => task.claim == Some(claim),
            None => same_agent && same_session,
        };
        if !right {
            return false;
        }
        if !(same_agent && same_session) {
            self.report.problems.push(format!("{seq} completes {id}, and is not its owner's"));
        }
        task.done.push(seq);
        (task.stand, task.version, task.claim) = (Stand::Done, seq, None);
        self.free_what_waits(seq, id);
        true
    }

    fn free_what_waits(&mut self, seq: u64, id: &str) {
        let waits = |t: &Known| t.stand == Stand::Waiting && t.blocked_by.iter().any(|b| b == id);
        let waiting: Vec<String> =
            self.tasks.iter().filter(|(_, t)| waits(t)).map(|(id, _)| id.clone()).collect();
        for id in waiting {
            if self.tasks[&id].blocked_by.iter().all(|b| self.is_done(b))
                && let Some(task) = self.tasks.get_mut(&id)
            {
                (task.stand, task.version, task.free_since) = (Stand::Free, seq, seq);
            }
        }
    }

    fn requeue(&mut self, seq: u64, id: &str, after: Option<u64>) -> bool {
        let known = self.tasks.get_mut(id);
        let Some(task) = known.filter(|t| t.stand == Stand::Taken && after.is_none_or(|a| a == t.version))
        else {
            return false;
        };
        (task.stand, task.version, task.free_since) = (Stand::Free, seq, seq);
        (task.claim, task.owner) = (None, None);
        self.report.requeues += 1;
        true
    }

    /// Every task is done, once, and few messages were needed.
    fn end(&mut self, rules: Rules) {
        if self.tasks.len() != rules.tasks {
            self.problem(format!("{} tasks of {}", self.tasks.len(), rules.tasks));
        }
        let undone: Vec<String> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.done.len() != 1 || task.stand != Stand::Done)
            .map(|(id, task)| format!("{id} is {:?} and was completed at {:?}", task.stand, task.done))
            .collect();
        self.report.problems.extend(undone);
        let (all, with_id, _) = self.report.claims;
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let share = all as f64 / rules.tasks as f64;
        if share > rules.claims_per_task {
            self.problem(format!("{share:.3} claims stored a task"));
        }
        if !rules.bare && all != with_id {
            self.problem(format!("{} claims have no message id", all - with_id));
        }
        if self.report.completions.1 > rules.late {
            self.problem(format!("{} completions were refused", self.report.completions.1));
        }
    }

    /// No claim counts before all that its task waits for is done.
    fn blockers(&mut self) {
        let mut found = Vec::new();
        for took in &self.took {
            for blocker in &self.tasks[&took.task].blocked_by {
                let done = self.tasks.get(blocker).and_then(|t| t.done.first());
                if done.is_none_or(|done| *done > took.seq) {
                    found.push(format!("{} took {} before {blocker} was done", took.seq, took.task));
                }
            }
        }
        self.report.problems.extend(found);
    }

    /// No claim passes over something more urgent that its writer had seen, and that was still there.
    fn priorities(&mut self) {
        for task in self.tasks.values_mut().filter(|task| task.stand == Stand::Free) {
            task.free.push((task.free_since, u64::MAX));
        }
        let mut found = Vec::new();
        for took in &self.took {
            let Some(seen) = took.seen else { continue };
            self.report.judged += 1;
            if seen >= took.seq {
                found.push(format!("{} claims to have seen {seen}", took.seq));
            }
            let rank = self.tasks[&took.task].rank;
            for (id, other) in self.tasks.iter().filter(|(_, other)| other.rank < rank) {
                // Free at `seen`, and the same version still free as the claim was stored.
                if other.free.iter().any(|(from, to)| *from <= seen && *to > took.seq) {
                    found.push(format!(
                        "{} took {} and left {id} lying, having seen {seen}",
                        took.seq, took.task
                    ));
                }
            }
        }
        self.report.problems.extend(found);
    }

    /// The project's fold says the same of every task.
    fn agree(&mut self, board: &Board) {
        let mut found = Vec::new();
        for (id, task) in &self.tasks {
            let Some(known) = board.task(id) else {
                found.push(format!("the fold does not know {id}"));
                continue;
            };
            let status = match task.stand {
                Stand::Waiting => Status::Blocked,
                Stand::Free => Status::Available,
                Stand::Taken => Status::InProgress,
                Stand::Done => Status::Completed,
                Stand::Failed => Status::Failed,
            };
            let owner =
                known.owner.as_ref().map(|o| (o.agent.to_string(), o.session.as_deref().map(Into::into)));
            let same = known.status == status
                && known.version == task.version
                && known.attempts == task.attempts
                && owner == task.owner;
            if !same {
                found.push(format!(
                    "of {id} the fold says {} {} {} {owner:?}, and the rules {status} {} {} {:?}",
                    known.status, known.version, known.attempts, task.version, task.attempts, task.owner
                ));
            }
            for entry in &known.history {
                if entry.refused.is_some() != self.refused.contains(&entry.seq) {
                    found.push(format!("of {} at {id} the fold says {:?}", entry.seq, entry.refused));
                }
            }
        }
        if board.tasks().len() != self.tasks.len() {
            found.push(format!(
                "the fold knows {} tasks, and there are {}",
                board.tasks().len(),
                self.tasks.len()
            ));
        }
        self.report.problems.extend(found);
    }

    /// Workers believe that they own just what they own, and that just those of their results count that do.
    fn believe(&mut self, journals: &[Journal]) {
        if journals.is_empty() {
            return;
        }
        let mut found = Vec::new();
        let mut believed = BTreeMap::new();
        for journal in journals {
            for word in &journal.words {
                if let (Some(id), Some(seq)) = (word["claimed"].as_str(), word["seq"].as_u64()) {
                    if let Some((other, _)) = believed.insert(seq, (journal.name.as_str(), id)) {
                        found.push(format!("{other} and {} both believe in the claim {seq}", journal.name));
                    }
                } else if let (Some(id), Some(seq)) = (word["completed"].as_str(), word["seq"].as_u64()) {
                    if !self.tasks.get(id).is_some_and(|task| task.done.contains(&seq)) {
                        found.push(format!("{} believes that it completed {id} at {seq}", journal.name));
                    }
                } else if !word["unsent"].is_null() {
                    found.push(format!("{}: {word}", journal.name));
                }
            }
        }
        for took in &self.took {
            match believed.remove(&took.seq) {
                Some((name, id)) if name == took.agent && id == took.task => {}
                Some((name, id)) => found.push(format!("{name} believes that {} took {id}", took.seq)),
                // Killed between the claim and the word of it.
                None if journals.iter().any(|j| j.killed && j.name == took.agent) => {}
                None => found
                    .push(format!("{} does not know that it took {} at {}", took.agent, took.task, took.seq)),
            }
        }
        for (seq, (name, id)) in believed {
            found.push(format!("{name} believes that it took {id} at {seq}"));
        }
        self.report.problems.extend(found);
    }
}

#[cfg(test)]
mod tests;

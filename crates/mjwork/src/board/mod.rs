//! The fold: events in stream order become tasks, agents and logs. Pure, total and idempotent; knows nothing of
//! NATS and of no clock but the server's.

mod agent;
mod apply;
mod blockers;
mod carry;
mod forget;
mod history;
mod log;
mod needs;
mod packed;
mod patch;
mod shared;
mod snapshot;
mod task;
mod tasks;
mod upkeep;
mod verdict;

pub use agent::{Agent, Beat, Liveness, beat_lives};
pub use blockers::{Blocker, Why};
pub use forget::Forgotten;
pub use history::{Entry, History, Iter};
pub use log::{Log, ProblemRecord, Said, UnreadableRecord};
pub use needs::Needs;
pub use snapshot::{SnapshotError, SnapshotMaking};
pub use task::{
    DEFAULT_MAX_ATTEMPTS, Definition, LastProgress, LateResult, LateResults, Outcome, Owner, Priority,
    Status, Task, Verb,
};
pub use upkeep::Upkeep;
pub use verdict::{Refusal, Verdict};

use crate::{AgentId, Duration, Sequence, TaskId, Timestamp};
use hashbrown::HashMap;
use shared::Shared;
use tasks::Tasks;

/// Everything that a reader knows after so many events.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// Shared with the boards that were cloned from this one, until one of them changes a task: a clone costs a pointer a
    /// task.
    tasks: Tasks,
    /// Which tasks name a task as their blocker, in no order.
    blocks: HashMap<TaskId, Vec<TaskId>>,
    agents: HashMap<AgentId, Agent>,
    counts: Counts,
    last_seq: Sequence,
    last_time: Timestamp,
    said: Log<Said>,
    problems: Log<ProblemRecord>,
    unreadable: Log<UnreadableRecord>,
    /// So long the stream keeps events; zero until [`Board::forget`] said it.
    max_age: Duration,
    /// No task rests on anything older, nor has an entry that is.
    oldest: Timestamp,
    /// No task that wants a word rests on anything older.
    due: Timestamp,
    shared: Shared,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            tasks: Tasks::default(),
            blocks: HashMap::default(),
            agents: HashMap::default(),
            counts: Counts::default(),
            last_seq: 0,
            last_time: Timestamp::default(),
            said: Log::default(),
            problems: Log::default(),
            unreadable: Log::default(),
            max_age: Duration::ZERO,
            oldest: Timestamp::MAX,
            due: Timestamp::MAX,
            shared: Shared::default(),
        }
    }
}

/// How many tasks have each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; 6]);

impl Counts {
    /// How many have this one.
    #[must_use]
    pub const fn of(&self, status: Status) -> usize {
        self.0[status as usize]
    }

    /// All tasks.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    fn add(&mut self, status: Status) {
        self.0[status as usize] += 1;
    }

    fn remove(&mut self, status: Status) {
        self.0[status as usize] -= 1;
    }
}

/// What one event changed: what a view must look at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The fold's word on the event.
    pub verdict: Verdict,
    /// The task that the event was about, where it is known.
    pub task: Option<TaskId>,
    /// Other tasks whose status changed with it.
    pub others: Vec<TaskId>,
    /// The agent whose row changed.
    pub agent: Option<AgentId>,
}

impl Board {
    /// A board that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The last sequence that was applied; 0 before the first.
    #[must_use]
    pub fn last_seq(&self) -> Sequence {
        self.last_seq
    }

    /// The server's time of the last event that was applied.
    #[must_use]
    pub fn last_time(&self) -> Timestamp {
        self.last_time
    }

    /// How many tasks have each status.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The task with this id.
    #[must_use]
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.get(id)
    }

    /// All tasks, in no order.
    #[must_use]
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = &Task> {
        self.tasks.values()
    }

    /// The agent with this id.
    #[must_use]
    pub fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.get(id)
    }

    /// All agents that beat lately or did something to a task, in no order.
    #[must_use]
    pub fn agents(&self) -> impl ExactSizeIterator<Item = &Agent> {
        self.agents.values()
    }

    /// What agents and operators said.
    #[must_use]
    pub fn said(&self) -> &Log<Said> {
        &self.said
    }

    /// What went wrong, as it was reported.
    #[must_use]
    pub fn problems(&self) -> &Log<ProblemRecord> {
        &self.problems
    }

    /// What could not be read.
    #[must_use]
    pub fn unreadable(&self) -> &Log<UnreadableRecord> {
        &self.unreadable
    }
}

#[cfg(test)]
mod tests;

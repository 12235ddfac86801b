//! What is said, what goes wrong and what cannot be read: the newest of each, and how many there were in all.

use crate::event::Reason;
use crate::{AgentId, Sequence, TaskId, Timestamp};
use std::collections::VecDeque;

/// So many records a log keeps; older ones are in the stream.
pub const LOG_KEEPS: usize = 5_000;

/// What a log keeps: it knows when it was stored.
pub trait Record {
    /// When the server stored it.
    fn time(&self) -> Timestamp;
}

/// The newest records of one kind, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log<T> {
    pub(super) records: VecDeque<T>,
    /// When those were stored that are no longer kept, so that they are counted as long as the stream has them.
    pub(super) dropped: VecDeque<Timestamp>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { records: VecDeque::new(), dropped: VecDeque::new() }
    }
}

impl<T: Record> Log<T> {
    /// How many there are in all, those no longer kept included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.dropped.len() + self.records.len()
    }

    /// Those that are kept, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.records.iter()
    }

    pub(super) fn push(&mut self, record: T) {
        if self.records.len() == LOG_KEEPS {
            self.dropped.extend(self.records.pop_front().map(|record| record.time()));
        }
        self.records.push_back(record);
    }

    /// Drops what is older; it no longer counts.
    pub(super) fn forget(&mut self, cutoff: Timestamp) {
        while self.dropped.front().is_some_and(|time| *time < cutoff) {
            self.dropped.pop_front();
        }
        while self.records.front().is_some_and(|record| record.time() < cutoff) {
            self.records.pop_front();
        }
    }
}

/// Something that an agent or an operator said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where it lies in the stream.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
    /// Who.
    pub agent: AgentId,
    /// What.
    pub message: Box<str>,
}

/// A reported error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemRecord {
    /// Where it lies in the stream.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
    /// What went wrong.
    pub message: Box<str>,
    /// Where.
    pub agent: Option<AgentId>,
    /// At which task.
    pub task: Option<TaskId>,
    /// `error`, `warning` or whatever the writer says.
    pub level: Option<Box<str>>,
    /// The stack, line by line.
    pub stack: Option<Box<str>>,
}

/// A message that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRecord {
    /// Where it lies in the stream.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
    /// Its subject.
    pub subject: Box<str>,
    /// The size of its body in bytes.
    pub size: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

impl Record for Said {
    fn time(&self) -> Timestamp {
        self.time
    }
}

impl Record for ProblemRecord {
    fn time(&self) -> Timestamp {
        self.time
    }
}

impl Record for UnreadableRecord {
    fn time(&self) -> Timestamp {
        self.time
    }
}

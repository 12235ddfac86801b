//! What is said, what goes wrong and what cannot be read: the newest of each, and how many there were in all.

use crate::event::Reason;
use crate::{AgentId, Sequence, TaskId, Timestamp};
use std::collections::VecDeque;

/// So many records a log keeps; older ones are in the stream.
pub const LOG_KEEPS: usize = 5_000;

/// The newest records of one kind, oldest first.
#[derive(Clone, Debug)]
pub struct Log<T> {
    records: VecDeque<T>,
    total: usize,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { records: VecDeque::new(), total: 0 }
    }
}

impl<T> Log<T> {
    /// How many there were in all, those no longer kept included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Those that are kept, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.records.iter()
    }

    pub(super) fn push(&mut self, record: T) {
        if self.records.len() == LOG_KEEPS {
            self.records.pop_front();
        }
        self.records.push_back(record);
        self.total += 1;
    }

    /// Drops from the front while `old` holds; what is dropped no longer counts.
    pub(super) fn forget(&mut self, old: impl Fn(&T) -> bool) {
        while self.records.front().is_some_and(&old) {
            self.records.pop_front();
            self.total -= 1;
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

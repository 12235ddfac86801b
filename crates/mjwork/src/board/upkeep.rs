//! What somebody has to do that nobody was asked to: orphans, and tasks that grow older than the stream remembers.
//! Any worker, or command, does it as it waits; the message ids of [`crate::draft`] see to it that it is done once.

use super::{Board, Task};
use crate::{Duration, TaskId, Timestamp};

/// One thing to do, each by one draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// Its owner is lost: put it back ([`crate::draft::requeue`]).
    Requeue(TaskId),
    /// Its owner is lost, and it has had its attempts: give it up ([`crate::draft::give_up`]).
    GiveUp(TaskId),
    /// It is unfinished, and what it rests on expires soon: carry it ([`crate::draft::carried`]).
    Carry(TaskId),
    /// It is finished, and what it rests on expires soon, but not all that tells of it: say that it is to be
    /// forgotten ([`crate::draft::forget`]).
    Forget(TaskId),
}

impl Upkeep {
    /// The task.
    #[must_use]
    pub const fn task(&self) -> &TaskId {
        match self {
            Self::Requeue(id) | Self::GiveUp(id) | Self::Carry(id) | Self::Forget(id) => id,
        }
    }
}

impl Board {
    /// What has to be done at `now`, by the server's time, on a stream that keeps events for `max_age` (zero: for
    /// ever), what is oldest first.
    ///
    /// | task | its needs are older than 6/7 of `max_age` | to do |
    /// | --- | --- | --- |
    /// | orphaned, fewer attempts than it may have | – | requeue |
    /// | orphaned | – | give up |
    /// | unfinished | yes | carry |
    /// | finished, and told of after its needs | yes | forget |
    ///
    /// Looks at every task, but not before there is something to do; call it every few seconds.
    #[must_use]
    pub fn upkeep(&self, now: Timestamp, max_age: Duration) -> Vec<Upkeep> {
        let due = if max_age.is_zero() { Timestamp::MIN } else { now - max_age / 7 * 6 };
        if self.due > due && self.counts.of(super::Status::InProgress) == 0 {
            return Vec::new();
        }
        let one = |task: &Task| {
            let id = || task.id.clone();
            Some(if self.is_orphaned(task, now) {
                if task.attempts < task.definition.max_attempts {
                    Upkeep::Requeue(id())
                } else {
                    Upkeep::GiveUp(id())
                }
            } else if task.needs.time > due || !task.wants_a_word() {
                return None;
            } else if task.status.is_finished() {
                Upkeep::Forget(id())
            } else {
                Upkeep::Carry(id())
            })
        };
        let mut todo: Vec<_> = self.tasks().filter_map(|task| Some((task.needs, one(task)?))).collect();
        todo.sort_unstable_by(|(a, x), (b, y)| (a, x.task()).cmp(&(b, y.task())));
        todo.into_iter().map(|(_, todo)| todo).collect()
    }
}

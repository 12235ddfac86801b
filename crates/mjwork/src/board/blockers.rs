//! What a task waits for, and why each of these is not done.
//! Worked out when somebody asks, so that the fold pays nothing for it.

use super::{Board, Status, Task};
use crate::TaskId;
use hashbrown::HashSet;
use std::fmt;

/// One thing that a task waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The task that is waited for.
    pub id: TaskId,
    /// Why it is not done.
    pub why: Why,
}

/// Why a blocker is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is blocked itself, available, or in progress: its time will come.
    Unfinished(Status),
    /// It failed: nothing moves until somebody requeues it.
    Failed,
    /// It was cancelled: nothing moves until somebody requeues it.
    Cancelled,
    /// Nobody published it.
    Unknown,
    /// The task names itself.
    Itself,
    /// It waits, through others or directly, for this very task.
    Cycle,
}

impl Why {
    /// Whether it will not be done without somebody's help.
    #[must_use]
    pub const fn is_stuck(self) -> bool {
        !matches!(self, Self::Unfinished(_))
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfinished(status) => status.fmt(f),
            Self::Failed => f.write_str("failed"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Unknown => f.write_str("unknown"),
            Self::Itself => f.write_str("itself"),
            Self::Cycle => f.write_str("part of a cycle"),
        }
    }
}

impl Board {
    /// What `task` waits for: its blockers that are not completed, in the order of its definition.
    #[must_use]
    pub fn blockers(&self, task: &Task) -> Vec<Blocker> {
        task.definition
            .blocked_by
            .iter()
            .filter_map(|id| {
                let why = match self.tasks.get(id) {
                    _ if *id == task.id => Why::Itself,
                    None => Why::Unknown,
                    Some(blocker) => match blocker.status {
                        Status::Completed => return None,
                        Status::Failed => Why::Failed,
                        Status::Cancelled => Why::Cancelled,
                        Status::Blocked if self.waits_for(blocker, &task.id) => Why::Cycle,
                        other => Why::Unfinished(other),
                    },
                };
                Some(Blocker { id: id.clone(), why })
            })
            .collect()
    }

    /// The tasks that name `id` as their blocker, in no order.
    #[must_use]
    pub fn blocked_by(&self, id: &str) -> &[TaskId] {
        self.blocks.get(id).map_or(&[], Vec::as_slice)
    }

    /// The first blocker that is not completed.
    pub(super) fn first_blocker(&self, blocked_by: &[TaskId]) -> Option<TaskId> {
        blocked_by
            .iter()
            .find(|id| self.tasks.get(*id).is_none_or(|b| b.status != Status::Completed))
            .cloned()
    }

    /// Whether `from` waits, through blocked tasks, for `target`.
    fn waits_for(&self, from: &Task, target: &TaskId) -> bool {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut open = vec![from];
        while let Some(task) = open.pop() {
            for id in &task.definition.blocked_by {
                if id == target {
                    return true;
                }
                if let Some(next) = self.tasks.get(id)
                    && next.status == Status::Blocked
                    && seen.insert(id.as_str())
                {
                    open.push(next);
                }
            }
        }
        false
    }
}

//! Publishing tasks, and what else anyone may do to one: edit, requeue, cancel, accept a late result.

use crate::board::Refusal;
use crate::{Mirror, SendError, Sequence, TaskId};
use serde::Deserialize;
use std::fmt;

/// A task to be published. Reads from the JSON of the wire: `{"task_id": "a", "title": "A", "blocked_by": ["b"]}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NewTask {
    /// Its id.
    pub id: TaskId,
    /// What it is called.
    pub title: String,
    /// What is to be done, in Markdown.
    pub description: Option<String>,
    /// The tasks that must be completed first, 1,000 at most.
    pub blocked_by: Vec<TaskId>,
    /// `critical`, `high`, `normal` or `low`; any other text is kept and sorts as `normal`.
    pub priority: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// After so many claims a lost owner's task is given up and not requeued.
    pub max_attempts: Option<u32>,
}

impl NewTask {
    /// A task with nothing but an id and a title.
    #[must_use]
    pub fn new(id: TaskId, title: impl Into<String>) -> Self {
        todo!()
    }
}

/// A task as it stands in the stream after an act of a publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its id.
    pub id: TaskId,
    /// The sequence of the event; of the task's version where nothing needed to be stored.
    pub seq: Sequence,
    /// The same had been published before: nothing changed.
    pub unchanged: bool,
}

/// What is wrong with a task that is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskFault {
    /// It has no title.
    EmptyTitle,
    /// There is a task of this id with another definition.
    Taken,
    /// Its id stands in the batch twice.
    Twice {
        /// Where it stands first, from 0.
        first: usize,
    },
    /// It waits for a task that is neither on the board nor in the batch.
    UnknownBlocker(TaskId),
    /// It waits for itself.
    Itself,
    /// It waits, through others, for itself.
    Cycle(Vec<TaskId>),
    /// It is larger than the server takes.
    TooLarge {
        /// Its size in bytes, headers included.
        size: usize,
        /// How large it may be.
        max: usize,
    },
    /// It names more blockers than a task may have.
    TooManyBlockers {
        /// So many.
        count: usize,
    },
    /// It may not be claimed even once.
    NoAttempts,
}

impl fmt::Display for TaskFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

/// A task that cannot be published, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTask {
    /// Where it stands in the batch, from 0.
    pub index: usize,
    /// Its id.
    pub id: TaskId,
    /// What is wrong with it: at least one.
    pub faults: Vec<TaskFault>,
}

/// Why something is not published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishError {
    /// These tasks cannot be published. Nothing was sent.
    Invalid(Vec<InvalidTask>),
    /// The fold refused it.
    Refused {
        /// The task.
        id: TaskId,
        /// Why.
        refusal: Refusal,
    },
    /// It is not known to be stored. To publish the same again is safe.
    Send {
        /// The task.
        id: TaskId,
        /// So many of the batch are known to be stored.
        stored: usize,
        /// Why.
        error: SendError,
    },
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl std::error::Error for PublishError {}

/// Publishes tasks. Cheap to clone.
#[derive(Clone)]
pub struct TaskPublisher {}

impl TaskPublisher {
    /// A publisher that signs with `by`.
    #[must_use]
    pub fn new(mirror: Mirror, by: Option<String>) -> Self {
        todo!()
    }

    /// The board that it looks at.
    #[must_use]
    pub fn mirror(&self) -> &Mirror {
        todo!()
    }

    /// Publishes a task. To publish the same again changes nothing.
    pub async fn publish_task(&self, task: NewTask) -> Result<Published, PublishError> {
        todo!()
    }

    /// Publishes tasks, in their order; the answer has one entry for each. All are checked before the first is sent, and
    /// everything that is wrong is said at once. They may wait for one another in any order.
    pub async fn publish_tasks(
        &self,
        tasks: impl IntoIterator<Item = NewTask>,
    ) -> Result<Vec<Published>, PublishError> {
        todo!()
    }

    /// The same; `progress` hears after each how many are stored, of how many.
    pub async fn publish_tasks_with(
        &self,
        tasks: impl IntoIterator<Item = NewTask>,
        progress: impl FnMut(usize, usize),
    ) -> Result<Vec<Published>, PublishError> {
        todo!()
    }

    /// Replaces a task's definition, unless somebody changes the task meanwhile.
    pub async fn edit(&self, task: NewTask) -> Result<Published, PublishError> {
        todo!()
    }

    /// Puts a task back that is in progress or finished.
    pub async fn requeue(&self, id: &TaskId, reason: Option<&str>) -> Result<Published, PublishError> {
        todo!()
    }

    /// Withdraws a task.
    pub async fn cancel(&self, id: &TaskId, reason: Option<&str>) -> Result<Published, PublishError> {
        todo!()
    }

    /// Accepts the late result that the refused completion at `seq` brought.
    pub async fn accept(&self, id: &TaskId, seq: Sequence) -> Result<Published, PublishError> {
        todo!()
    }
}

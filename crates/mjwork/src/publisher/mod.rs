//! Publishing tasks, and what else anyone may do to one: edit, requeue, cancel, accept a late result.

mod new_task;
mod validate;

pub use new_task::NewTask;
pub use validate::{Intent, InvalidTask, TaskFault, faults, is_there};

use crate::board::{Refusal, Task, Verdict};
use crate::draft::{self, Draft};
use crate::{Ack, Mirror, Outcome, SendError, Sequence, TaskId, transport};
use futures_util::StreamExt;
use std::fmt;
use std::sync::Arc;

/// So many tasks of a batch are on their way at once.
const IN_FLIGHT: usize = 256;
/// Who nobody is by name.
const NOBODY: &str = "publisher";

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

/// Why something is not published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishError {
    /// These tasks cannot be published. Nothing was sent.
    Invalid(Vec<InvalidTask>),
    /// The fold refused it. What stood before it in the batch is published, and perhaps what stood after it.
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
        match self {
            Self::Invalid(tasks) => {
                let (verb, count) =
                    if tasks.len() == 1 { ("task is", 1) } else { ("tasks are", tasks.len()) };
                write!(f, "{count} {verb} not in order, and nothing was published")?;
                tasks.iter().try_for_each(|task| write!(f, "\n{task}"))
            }
            Self::Refused { id, refusal } => write!(f, "{id}: {refusal}"),
            Self::Send { id, stored: 0, error } => write!(f, "{id}: {error}"),
            Self::Send { id, stored, error } => write!(f, "{id}, after {stored} that are stored: {error}"),
        }
    }
}

impl std::error::Error for PublishError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Send { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// Publishes tasks. Cheap to clone.
#[derive(Clone)]
pub struct TaskPublisher {
    mirror: Mirror,
    by: Option<Arc<str>>,
}

impl TaskPublisher {
    /// A publisher that signs with `by`.
    #[must_use]
    pub fn new(mirror: Mirror, by: Option<String>) -> Self {
        Self { mirror, by: by.map(Into::into) }
    }

    /// The board that it looks at.
    #[must_use]
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Publishes a task. To publish the same again changes nothing.
    pub async fn publish_task(&self, task: NewTask) -> Result<Published, PublishError> {
        let id = task.id.clone();
        let published = self.publish_tasks([task]).await?.pop();
        published.ok_or(PublishError::Refused { id, refusal: Refusal::UnknownTask })
    }

    /// Publishes tasks, in their order; the answer has one entry for each. All are checked before the first is sent, and
    /// everything that is wrong is said at once. They may wait for one another in any order.
    pub async fn publish_tasks(
        &self,
        tasks: impl IntoIterator<Item = NewTask>,
    ) -> Result<Vec<Published>, PublishError> {
        self.publish_tasks_with(tasks, |_, _| {}).await
    }

    /// The same; `progress` hears after each how many are stored, of how many.
    pub async fn publish_tasks_with(
        &self,
        tasks: impl IntoIterator<Item = NewTask>,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Vec<Published>, PublishError> {
        let tasks: Vec<NewTask> = tasks.into_iter().collect();
        // Written after version 0: where somebody else is first with another task of this id, ours is refused.
        let drafts: Vec<Draft> = tasks.iter().map(|task| self.draft(task, 0)).collect();
        let known = self.check(&tasks, &drafts, Intent::Publish)?;
        let of = tasks.len();
        let mut sending = futures_util::stream::iter(tasks.into_iter().zip(drafts).zip(known))
            .map(|((task, draft), known)| async move {
                match known {
                    Some(known) => Ok(known),
                    None => self.first(&task, draft).await,
                }
            })
            .buffered(IN_FLIGHT);
        let mut published = Vec::with_capacity(of);
        while let Some(next) = transport::in_order(sending.next()).await {
            match next {
                Ok(next) => published.push(next),
                Err(PublishError::Send { id, error, .. }) => {
                    return Err(PublishError::Send { id, stored: published.len(), error });
                }
                Err(error) => return Err(error),
            }
            progress(published.len(), of);
        }
        Ok(published)
    }

    /// Everything that is wrong with a batch, without publishing any of it. With `edits`, tasks that are known are to be
    /// edited and not to be new.
    #[must_use]
    pub fn faults(&self, tasks: &[NewTask], edits: bool) -> Vec<InvalidTask> {
        let drafts: Vec<Draft> = tasks.iter().map(|task| self.draft(task, 0)).collect();
        let intent = if edits { Intent::Either } else { Intent::Publish };
        match self.check(tasks, &drafts, intent) {
            Err(PublishError::Invalid(invalid)) => invalid,
            _ => Vec::new(),
        }
    }

    /// Replaces a task's definition, unless somebody changes the task meanwhile.
    pub async fn edit(&self, task: NewTask) -> Result<Published, PublishError> {
        let after = self.mirror.read(|board| board.task(task.id.as_str()).map_or(0, |known| known.version));
        let draft = self.draft(&task, after);
        let known = self.check(std::slice::from_ref(&task), std::slice::from_ref(&draft), Intent::Edit)?;
        match known.into_iter().next().flatten() {
            Some(known) => Ok(known),
            None => self.send(&task.id, draft).await,
        }
    }

    /// Puts a task back that is in progress or finished.
    pub async fn requeue(&self, id: &TaskId, reason: Option<&str>) -> Result<Published, PublishError> {
        self.act(id, |task, by| draft::requeue(self.mirror.subjects(), task, reason, by)).await
    }

    /// Withdraws a task.
    pub async fn cancel(&self, id: &TaskId, reason: Option<&str>) -> Result<Published, PublishError> {
        self.act(id, |task, by| draft::cancel(self.mirror.subjects(), task, reason, by)).await
    }

    /// Accepts the late result that the refused completion at `seq` brought.
    pub async fn accept(&self, id: &TaskId, seq: Sequence) -> Result<Published, PublishError> {
        self.act(id, |task, by| draft::accept(self.mirror.subjects(), task, seq, by)).await
    }

    fn draft(&self, task: &NewTask, after: Sequence) -> Draft {
        task.draft(self.mirror.subjects(), self.by.as_deref(), after)
    }

    /// Checks a batch; for each task that is there already as it is, what there is.
    fn check(
        &self,
        tasks: &[NewTask],
        drafts: &[Draft],
        intent: Intent,
    ) -> Result<Vec<Option<Published>>, PublishError> {
        let max = self.mirror.client().max_payload();
        let sizes: Vec<usize> = drafts.iter().map(Draft::wire_len).collect();
        self.mirror.read(|board| {
            let invalid = faults(board, tasks, &sizes, max, intent);
            if !invalid.is_empty() {
                return Err(PublishError::Invalid(invalid));
            }
            let known = |task: &NewTask| {
                let known = board.task(task.id.as_str()).filter(|_| is_there(board, task))?;
                Some(Published { id: task.id.clone(), seq: known.version, unchanged: true })
            };
            Ok(tasks.iter().map(known).collect())
        })
    }

    /// Publishes a task that nobody knew a moment ago. Where somebody was first with the same one that is as good.
    async fn first(&self, task: &NewTask, draft: Draft) -> Result<Published, PublishError> {
        match self.send(&task.id, draft).await {
            Err(PublishError::Refused { id, refusal: refusal @ Refusal::Stale { .. } }) => {
                self.mirror.read(|board| match board.task(id.as_str()) {
                    Some(known) if is_there(board, task) => {
                        Ok(Published { id: id.clone(), seq: known.version, unchanged: true })
                    }
                    _ => Err(PublishError::Refused { id: id.clone(), refusal: refusal.clone() }),
                })
            }
            other => other,
        }
    }

    /// Does something to a task that is known.
    async fn act(
        &self,
        id: &TaskId,
        draft: impl FnOnce(&Task, &str) -> Draft,
    ) -> Result<Published, PublishError> {
        let by = self.by.as_deref().unwrap_or(NOBODY);
        let draft = self.mirror.read(|board| board.task(id.as_str()).map(|task| draft(task, by)));
        match draft {
            Some(draft) => self.send(id, draft).await,
            None => Err(PublishError::Refused { id: id.clone(), refusal: Refusal::UnknownTask }),
        }
    }

    async fn send(&self, id: &TaskId, draft: Draft) -> Result<Published, PublishError> {
        let failed = |error| PublishError::Send { id: id.clone(), stored: 0, error };
        let (Ack { seq, duplicate, .. }, outcome) = self.mirror.send(draft).await.map_err(failed)?;
        let Outcome { verdict, own } = outcome;
        if let Verdict::Refused(refusal) = verdict {
            return Err(PublishError::Refused { id: id.clone(), refusal });
        }
        let unchanged = verdict == Verdict::Unchanged || (duplicate && !own);
        Ok(Published { id: id.clone(), seq, unchanged })
    }
}

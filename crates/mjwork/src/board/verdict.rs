//! What the fold said of an event: taken in, or refused and why.
//! A refusal is kept with the event and shown, so each says what a person needs to know.

use super::Status;
use crate::{AgentId, Sequence, TaskId};
use std::fmt;

/// The fold's word on one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It changed what it set out to change.
    Accepted,
    /// It was right and changes nothing: the same definition once more, for instance.
    Unchanged,
    /// A guard or a rule stood against it; the task stays as it was.
    Refused(Refusal),
    /// It speaks of no task (a heartbeat, a message, an error), or could not be read.
    Noted,
    /// A sequence that was applied before.
    Repeated,
}

impl Verdict {
    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// Why an event does not count (PROTOCOL.md, the truth table's last column).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Nobody published such a task, or it is forgotten.
    UnknownTask,
    /// A claim for a task that somebody works on.
    Taken {
        /// Who works on it.
        by: AgentId,
    },
    /// A claim for a task that waits for another.
    Blocked {
        /// The first of the blockers that are not completed.
        by: TaskId,
    },
    /// The task is completed, failed or cancelled.
    Finished {
        /// Which of these.
        status: Status,
    },
    /// The task changed after the writer looked.
    Stale {
        /// The version that the writer saw; absent where a guard is required and none came.
        after: Option<Sequence>,
        /// The version that it has.
        version: Sequence,
    },
    /// Only the owner may do this.
    NotOwner {
        /// The owner.
        owner: AgentId,
        /// Whether the name is the owner's, but the session that of another process.
        other_session: bool,
    },
    /// The claim that the writer holds is not the one that counts.
    StaleClaim {
        /// The claim that the writer holds.
        claim: Sequence,
        /// The claim that counts.
        current: Sequence,
    },
    /// Nobody works on the task.
    NotInProgress {
        /// What it is instead.
        status: Status,
    },
    /// A requeue of a task that is not taken, nor finished.
    NothingToRequeue {
        /// What it is.
        status: Status,
    },
    /// The sequence to accept is not that of a refused completion of this task.
    NoLateResult {
        /// The sequence that was named.
        accept: Sequence,
    },
    /// A carried state that names a version or a claim which comes after it in the stream.
    FromTheFuture {
        /// The version or claim.
        version: Sequence,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTask => f.write_str("no such task is known"),
            Self::Taken { by } => write!(f, "taken by {by}"),
            Self::Blocked { by } => write!(f, "blocked by {by}"),
            Self::Finished { status } => write!(f, "already {status}"),
            Self::Stale { after: Some(after), version } => {
                write!(f, "stale: written after version {after}, but the task is at version {version}")
            }
            Self::Stale { after: None, version } => {
                write!(f, "stale: it must say after which version, and the task is at version {version}")
            }
            Self::NotOwner { owner, other_session: false } => {
                write!(f, "not the owner: the task is {owner}'s")
            }
            Self::NotOwner { owner, other_session: true } => {
                write!(f, "not the owner: another session of {owner} has the task")
            }
            Self::StaleClaim { claim, current } => {
                write!(f, "stale claim: it holds claim {claim}, but claim {current} counts")
            }
            Self::NotInProgress { status } => write!(f, "not in progress: the task is {status}"),
            Self::NothingToRequeue { status } => write!(f, "nothing to requeue: the task is {status}"),
            Self::FromTheFuture { version } => {
                write!(f, "from the future: it names version {version}, which comes after it")
            }
            Self::NoLateResult { accept } => write!(f, "{accept} is no refused completion of this task"),
        }
    }
}

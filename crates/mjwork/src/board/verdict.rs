//! What the fold said of an event: taken in, or refused and why.
//! A refusal is kept with the event and shown, so each says what a person needs to know.

use super::Status;
use super::packed::{Unpack, put_count, put_text};
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

/// As histories and snapshots have it: which it is, in one byte, and its fields.
impl Refusal {
    pub(super) fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::UnknownTask => out.push(0),
            Self::Taken { by } => {
                out.push(1);
                put_text(out, by.as_str());
            }
            Self::Blocked { by } => {
                out.push(2);
                put_text(out, by.as_str());
            }
            Self::Finished { status } => out.extend([3, *status as u8]),
            Self::Stale { after, version } => {
                out.push(if after.is_some() { 4 } else { 5 });
                if let Some(after) = after {
                    put_count(out, *after);
                }
                put_count(out, *version);
            }
            Self::NotOwner { owner, other_session } => {
                out.push(if *other_session { 7 } else { 6 });
                put_text(out, owner.as_str());
            }
            Self::StaleClaim { claim, current } => {
                out.push(8);
                put_count(out, *claim);
                put_count(out, *current);
            }
            Self::NotInProgress { status } => out.extend([9, *status as u8]),
            Self::NothingToRequeue { status } => out.extend([10, *status as u8]),
            Self::NoLateResult { accept } => {
                out.push(11);
                put_count(out, *accept);
            }
            Self::FromTheFuture { version } => {
                out.push(12);
                put_count(out, *version);
            }
        }
    }

    pub(super) fn unpack(bytes: &mut Unpack<'_>) -> Option<Self> {
        let agent = |bytes: &mut Unpack<'_>| AgentId::new(bytes.text()?).ok();
        Some(match bytes.byte()? {
            0 => Self::UnknownTask,
            1 => Self::Taken { by: agent(bytes)? },
            2 => Self::Blocked { by: TaskId::new(bytes.text()?).ok()? },
            3 => Self::Finished { status: Status::unpack(bytes)? },
            4 => Self::Stale { after: Some(bytes.count()?), version: bytes.count()? },
            5 => Self::Stale { after: None, version: bytes.count()? },
            tag @ (6 | 7) => Self::NotOwner { owner: agent(bytes)?, other_session: tag == 7 },
            8 => Self::StaleClaim { claim: bytes.count()?, current: bytes.count()? },
            9 => Self::NotInProgress { status: Status::unpack(bytes)? },
            10 => Self::NothingToRequeue { status: Status::unpack(bytes)? },
            11 => Self::NoLateResult { accept: bytes.count()? },
            12 => Self::FromTheFuture { version: bytes.count()? },
            _ => return None,
        })
    }
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

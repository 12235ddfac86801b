//! What becomes of a claim that somebody of this process holds.

use crate::Sequence;
use crate::board::{Entry, Task, Verb};
use std::fmt;

/// How a claim ended that its owner did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// Somebody put the task back.
    Requeued {
        /// Who.
        by: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// An operator withdrew it.
    Cancelled {
        /// Who.
        by: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// Somebody gave it up for its owner, whom they took for lost.
    GivenUp {
        /// Who.
        by: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// It was completed or failed, by whoever.
    Finished {
        /// By whom.
        by: Option<String>,
    },
    /// The board no longer knows the task.
    Forgotten,
    /// It is not lost: this worker finished or released it.
    Ended,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, by, reason) = match self {
            Self::Requeued { by, reason } => ("requeued", by, reason.as_deref()),
            Self::Cancelled { by, reason } => ("cancelled", by, reason.as_deref()),
            Self::GivenUp { by, reason } => ("given up", by, reason.as_deref()),
            Self::Finished { by } => ("finished", by, None),
            Self::Forgotten => return f.write_str("the task is no longer known"),
            Self::Ended => return f.write_str("the claim has ended"),
        };
        write!(f, "the task was {what}")?;
        if let Some(by) = by {
            write!(f, " by {by}")?;
        }
        reason.map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

impl Lost {
    /// What took `task` away from the claim at `claim`: the first that was accepted after it and ends a claim.
    pub(super) fn of(task: Option<&Task>, claim: Sequence) -> Self {
        let ends = |entry: &Entry<'_>| {
            let ends =
                !matches!(entry.verb, Verb::Available | Verb::Claimed | Verb::Progress | Verb::Carried);
            entry.seq > claim && entry.refused.is_none() && ends
        };
        let Some(entry) = task.and_then(|task| task.history.iter().find(ends)) else {
            return Self::Forgotten;
        };
        let (by, reason) = (entry.who.map(Into::into), entry.text.map(Into::into));
        match entry.verb {
            Verb::Requeue => Self::Requeued { by, reason },
            Verb::Cancelled => Self::Cancelled { by, reason },
            Verb::GivenUp => Self::GivenUp { by, reason },
            _ => Self::Finished { by },
        }
    }
}

//! What an operator does, from the click to the fold's verdict.
//! The server's acknowledgement says that it is stored; only the fold says whether it counts.

use mjwork::Sequence;
use mjwork::board::Verdict;

/// How far an act has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Sent, and not yet acknowledged.
    Pending,
    /// Stored at this sequence, and not yet read back.
    Acknowledged(Sequence),
    /// The fold took it in.
    Accepted(Sequence),
    /// It changes nothing: someone said the same before.
    Unchanged(Sequence),
    /// The fold refused it.
    Refused(Sequence, String),
    /// It was not stored, as far as one knows.
    Failed(String),
}

impl Stage {
    /// The stage that a verdict leads to.
    #[must_use]
    pub fn judged(seq: Sequence, verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accepted | Verdict::Noted => Self::Accepted(seq),
            Verdict::Unchanged | Verdict::Repeated => Self::Unchanged(seq),
            Verdict::Refused(refusal) => Self::Refused(seq, refusal.to_string()),
        }
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Pending | Self::Acknowledged(_))
    }

    /// Whether it should stay in sight until somebody has seen it.
    #[must_use]
    pub const fn is_bad(&self) -> bool {
        matches!(self, Self::Refused(..) | Self::Failed(_))
    }

    /// The word for scripts: `data-stage`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Acknowledged(_) => "acknowledged",
            Self::Accepted(_) => "accepted",
            Self::Unchanged(_) => "unchanged",
            Self::Refused(..) => "refused",
            Self::Failed(_) => "failed",
        }
    }
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// A number of its own.
    pub id: u64,
    /// What is done, for people: `Publish`, `Requeue`.
    pub what: &'static str,
    /// To which task.
    pub task: String,
    /// How far it has come.
    pub stage: Stage,
    /// When it came to its end, by the browser's clock in ms.
    pub ended_ms: Option<i64>,
}

impl Act {
    /// What the page says of it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { what, task, .. } = self;
        match &self.stage {
            Stage::Pending => format!("{what} {task}: sending…"),
            Stage::Acknowledged(seq) => format!("{what} {task}: stored as {seq}, waiting for the verdict…"),
            Stage::Accepted(seq) => format!("{what} {task}: accepted ({seq})"),
            Stage::Unchanged(seq) => format!("{what} {task}: changes nothing ({seq})"),
            Stage::Refused(seq, reason) => format!("{what} {task}: refused ({seq}): {reason}"),
            Stage::Failed(why) => format!("{what} {task}: not done. {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::board::Refusal;

    #[test]
    fn each_verdict_ends_an_act() {
        let refused = Verdict::Refused(Refusal::UnknownTask);
        for (verdict, word, bad) in [
            (Verdict::Accepted, "accepted", false),
            (Verdict::Unchanged, "unchanged", false),
            (refused, "refused", true),
        ] {
            let stage = Stage::judged(7, &verdict);
            assert_eq!((stage.as_str(), stage.is_bad(), stage.is_final()), (word, bad, true));
        }
        assert!(!Stage::Pending.is_final() && !Stage::Acknowledged(1).is_final());
    }

    #[test]
    fn a_refusal_says_why() {
        let stage = Stage::judged(7, &Verdict::Refused(Refusal::UnknownTask));
        let act = Act { id: 1, what: "Requeue", task: "t".into(), stage, ended_ms: None };
        assert_eq!(act.sentence(), "Requeue t: refused (7): no such task is known");
    }
}

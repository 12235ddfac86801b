//! What an operator does, from the click to the fold's verdict.
//! The server's acknowledgement says that it is stored; only the fold says whether it counts.

mod queue;

pub use queue::{HELD_MS, Queue};

use crate::format::count;
use mjwork::Sequence;
use mjwork::board::Verdict;
use std::fmt::Write as _;

/// How far an act has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Decided, and held back for a moment in which it can be undone.
    Held,
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
        !matches!(self, Self::Held | Self::Pending | Self::Acknowledged(_))
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
            Self::Held => "held",
            Self::Pending => "pending",
            Self::Acknowledged(_) => "acknowledged",
            Self::Accepted(_) => "accepted",
            Self::Unchanged(_) => "unchanged",
            Self::Refused(..) => "refused",
            Self::Failed(_) => "failed",
        }
    }
}

/// One act, to one task or to many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// A number of its own.
    pub id: u64,
    /// What is done, for people: `Publish`, `Requeue`.
    pub what: &'static str,
    /// To which task; empty where there are many.
    pub task: String,
    /// How far it has come.
    pub stage: Stage,
    /// When it is published, by the browser's clock in ms, while it is held back.
    pub due_ms: i64,
    /// When it came to its end, by the browser's clock in ms.
    pub ended_ms: Option<i64>,
    /// How far the tasks of an act to many have come.
    pub tally: Option<Tally>,
}

/// How many of the tasks of an act to many have come how far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub total: usize,
    /// Stored, whatever came of it.
    pub stored: usize,
    /// Stored, and taken in by the fold or changing nothing.
    pub accepted: usize,
    /// Refused by the fold, or not stored.
    pub bad: usize,
    /// Not sent, as somebody stopped it.
    pub unsent: usize,
    /// Whether somebody stopped it.
    pub is_stopped: bool,
    /// Why the first that went wrong did.
    pub reason: String,
}

impl Tally {
    /// So many are done with.
    #[must_use]
    pub const fn ended(&self) -> usize {
        self.accepted + self.bad + self.unsent
    }
}

impl Act {
    /// In how many seconds it is published; none once it is. `now_ms` may be of a clock that ticks once a second.
    #[must_use]
    pub fn seconds_left(&self, now_ms: i64) -> Option<i64> {
        (self.stage == Stage::Held).then(|| ((self.due_ms - now_ms).clamp(0, HELD_MS) + 999) / 1_000)
    }

    /// What the page says of it.
    #[must_use]
    pub fn sentence(&self) -> String {
        if let Some(tally) = &self.tally {
            return self.sentence_of_many(tally);
        }
        let Self { what, task, .. } = self;
        match &self.stage {
            Stage::Held => format!("{what} {task}"),
            Stage::Pending => format!("{what} {task}: sending…"),
            Stage::Acknowledged(seq) => format!("{what} {task}: stored as {seq}, waiting for the verdict…"),
            Stage::Accepted(seq) => format!("{what} {task}: accepted ({seq})"),
            Stage::Unchanged(seq) => format!("{what} {task}: changes nothing ({seq})"),
            Stage::Refused(seq, reason) => format!("{what} {task}: refused ({seq}): {reason}"),
            Stage::Failed(why) => format!("{what} {task}: not done. {why}"),
        }
    }

    fn sentence_of_many(&self, tally: &Tally) -> String {
        let Tally { total, stored, accepted, bad, unsent, reason, .. } = tally;
        let what = self.what;
        let mut said = match &self.stage {
            Stage::Held => return format!("{what} {}", tasks(*total)),
            stage if stage.is_final() => {
                format!("{what}: {} of {} accepted", count(*accepted), tasks(*total))
            }
            _ => {
                let (stored, accepted) = (count(*stored), count(*accepted));
                format!("{what}: {stored} of {} stored, {accepted} accepted", tasks(*total))
            }
        };
        if *bad > 0 {
            let _ = write!(said, ", {} not, the first because: {reason}", count(*bad));
        }
        if *unsent > 0 {
            let _ = write!(said, ", {} not sent", count(*unsent));
        }
        said
    }
}

/// `1 task`, `1,204 tasks`.
#[must_use]
pub fn tasks(number: usize) -> String {
    format!("{} {}", count(number), if number == 1 { "task" } else { "tasks" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::board::Refusal;

    fn act(stage: Stage) -> Act {
        Act { id: 1, what: "Requeue", task: "t".into(), stage, due_ms: 0, ended_ms: None, tally: None }
    }

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
        for stage in [Stage::Held, Stage::Pending, Stage::Acknowledged(1)] {
            assert!(!stage.is_final() && !stage.is_bad());
        }
    }

    #[test]
    fn a_refusal_says_why() {
        let stage = Stage::judged(7, &Verdict::Refused(Refusal::UnknownTask));
        assert_eq!(act(stage).sentence(), "Requeue t: refused (7): no such task is known");
    }

    #[test]
    fn the_seconds_left_are_whole_and_never_negative() {
        let held = Act { due_ms: 5_000, ..act(Stage::Held) };
        for (now, left) in [(-900, 5), (0, 5), (1, 5), (1_000, 4), (4_999, 1), (5_000, 0), (9_000, 0)] {
            assert_eq!(held.seconds_left(now), Some(left), "{now}");
        }
        assert_eq!(act(Stage::Pending).seconds_left(0), None);
    }

    #[test]
    fn an_act_to_many_counts() {
        let tally = Tally { total: 1_200, stored: 3, accepted: 2, ..Tally::default() };
        let many = Act { tally: Some(tally.clone()), ..act(Stage::Held) };
        assert_eq!(many.sentence(), "Requeue 1,200 tasks");
        let many = Act { stage: Stage::Pending, ..many };
        assert_eq!(many.sentence(), "Requeue: 3 of 1,200 tasks stored, 2 accepted");
        let tally =
            Tally { total: 5, stored: 3, accepted: 3, bad: 1, unsent: 1, reason: "no".into(), ..tally };
        let many = Act { tally: Some(tally), stage: Stage::Failed(String::new()), ..many };
        assert_eq!(
            many.sentence(),
            "Requeue: 3 of 5 tasks accepted, 1 not, the first because: no, 1 not sent"
        );
    }
}

//! What a task went through, out of its history: each attempt with its end, and the way of its states.

use mjwork::board::{Entry, Task, Verb};
use mjwork::{Duration, Sequence, Timestamp};

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It has not.
    Running,
    /// Its owner handed a result in, or a late one was accepted.
    Completed,
    /// Its owner said that it cannot be done.
    Failed,
    /// It was given up for its owner.
    GivenUp,
    /// The task was put back.
    Requeued,
    /// The task was withdrawn.
    Cancelled,
}

impl End {
    /// In a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "in progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::GivenUp => "given up",
            Self::Requeued => "requeued",
            Self::Cancelled => "cancelled",
        }
    }

    fn of(verb: Verb) -> Option<Self> {
        Some(match verb {
            Verb::Completed | Verb::Accept => Self::Completed,
            Verb::Failed => Self::Failed,
            Verb::GivenUp => Self::GivenUp,
            Verb::Requeue => Self::Requeued,
            Verb::Cancelled => Self::Cancelled,
            Verb::Available | Verb::Claimed | Verb::Progress | Verb::Carried => return None,
        })
    }
}

/// One attempt: from a claim that counted to what ended it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The sequence of the claim.
    pub claim: Sequence,
    /// Who took the task.
    pub agent: String,
    /// The process of that agent.
    pub session: Option<String>,
    /// Since when.
    pub from: Timestamp,
    /// Until when; none while it goes on.
    pub to: Option<Timestamp>,
    /// How it ended.
    pub end: End,
    /// The error or the reason that was given at its end.
    pub why: Option<String>,
    /// What its owner reported, oldest first.
    pub notes: Vec<Note>,
}

impl Attempt {
    /// How long it took, or takes until `now`.
    #[must_use]
    pub fn lasted(&self, now: Timestamp) -> Duration {
        self.to.unwrap_or(now).since(self.from)
    }
}

/// What an owner reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it lies in the stream.
    pub seq: Sequence,
    /// When.
    pub time: Timestamp,
    /// In words.
    pub text: String,
}

/// The attempts that a history tells of, oldest first. One whose claim has expired with its event is not among them.
pub fn attempts<'h>(history: impl IntoIterator<Item = Entry<'h>>) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for entry in history {
        if entry.refused.is_some() {
            continue;
        }
        let text = || entry.text.map(ToOwned::to_owned);
        if entry.verb == Verb::Claimed {
            attempts.push(Attempt {
                claim: entry.seq,
                agent: entry.who.unwrap_or_default().to_owned(),
                session: entry.session.map(ToOwned::to_owned),
                from: entry.time,
                to: None,
                end: End::Running,
                why: None,
                notes: Vec::new(),
            });
            continue;
        }
        let Some(attempt) = attempts.last_mut().filter(|attempt| attempt.to.is_none()) else { continue };
        if let Some(end) = End::of(entry.verb) {
            attempt.end = end;
            attempt.to = Some(entry.time);
            attempt.why = text();
        } else if let (Verb::Progress, Some(text)) = (entry.verb, text()) {
            attempt.notes.push(Note { seq: entry.seq, time: entry.time, text });
        }
    }
    attempts
}

/// A step of the way of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened: `published`, `claimed by a`.
    pub what: String,
    /// When.
    pub time: Timestamp,
}

/// So many steps of a way are shown: its first ones, and its last.
const STEPS: (usize, usize) = (2, 6);

/// The way of a task through its states, oldest first, and how many steps are left out behind the first ones.
#[must_use]
pub fn way<'h>(task: &Task, history: impl IntoIterator<Item = Entry<'h>>) -> (Vec<Step>, usize) {
    let mut steps = vec![Step { what: "published".into(), time: task.created }];
    for entry in history {
        let word = match entry.verb {
            _ if entry.refused.is_some() => continue,
            Verb::Available | Verb::Progress | Verb::Carried => continue,
            Verb::Requeue => "requeued",
            Verb::Accept => "late result accepted",
            Verb::Claimed => "claimed",
            Verb::Completed => "completed",
            Verb::Failed => "failed",
            Verb::GivenUp => "given up",
            Verb::Cancelled => "cancelled",
        };
        let what = match &entry.who {
            Some(who) => format!("{word} by {who}"),
            None => word.to_owned(),
        };
        steps.push(Step { what, time: entry.time });
    }
    // What another task did to it is no event of its own.
    if !task.status.is_finished() && steps.last().is_some_and(|last| last.time < task.since) {
        steps.push(Step { what: task.status.to_string(), time: task.since });
    }
    let left_out = steps.len().saturating_sub(STEPS.0 + STEPS.1);
    steps.drain(STEPS.0.min(steps.len())..(STEPS.0 + left_out).min(steps.len()));
    (steps, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    fn script() -> Script {
        let mut script = Script::new();
        script.available("t", "");
        script.publish("tasks.claimed", r#"{"task_id":"t","agent_id":"a","session":"s1"}"#);
        script.claim("t", "b");
        script.publish("tasks.progress", r#"{"task_id":"t","agent_id":"a","note":"half"}"#);
        script.publish("tasks.progress", r#"{"task_id":"t","agent_id":"a","percent":60}"#);
        script.publish("tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"no"}"#);
        script.publish("tasks.available", r#"{"task_id":"t","title":"Title of t","by":"me","requeue":{}}"#);
        script.claim("t", "b");
        script
    }

    #[test]
    fn each_attempt_has_its_owner_its_reports_and_its_end() {
        let mut script = script();
        let task = script.board.task("t").unwrap();
        let found = attempts(task.history.iter());
        assert_eq!(found.len(), 2);
        let first = &found[0];
        assert_eq!((first.claim, first.agent.as_str(), first.session.as_deref()), (2, "a", Some("s1")));
        assert_eq!((first.end, first.why.as_deref()), (End::Failed, Some("no")));
        assert_eq!(first.notes.iter().map(|n| (n.seq, n.text.as_str())).collect::<Vec<_>>(), [(4, "half")]);
        assert_eq!(first.lasted(script.now()), Duration::from_secs(4));
        assert_eq!((found[1].end, found[1].to), (End::Running, None));
        assert_eq!(found[1].lasted(script.now() + Duration::from_secs(7)), Duration::from_secs(7));
        script.publish("tasks.available", r#"{"task_id":"t","title":"T","requeue":{"reason":"owner lost"}}"#);
        let task = script.board.task("t").unwrap();
        let last = attempts(task.history.iter()).pop().unwrap();
        assert_eq!((last.end, last.why.as_deref()), (End::Requeued, Some("owner lost")));
    }

    #[test]
    fn the_way_leads_to_the_present_state_and_is_cut_in_its_middle() {
        let mut script = script();
        let words = |script: &Script, id: &str| {
            let task = script.board.task(id).unwrap();
            let (steps, left_out) = way(task, task.history.iter());
            (steps.into_iter().map(|step| step.what).collect::<Vec<_>>().join(" → "), left_out)
        };
        let expected = "published → claimed by a → failed by a → requeued by me → claimed by b";
        assert_eq!(words(&script, "t"), (expected.to_owned(), 0));
        script.available("u", r#","blocked_by":["t"]"#);
        assert_eq!(words(&script, "u").0, "published");
        script.complete("t", "b");
        assert_eq!(words(&script, "u").0, "published → available");
        for _ in 0..5 {
            script.publish("tasks.available", r#"{"task_id":"t","title":"T","requeue":{}}"#);
            script.claim("t", "b");
        }
        let (way, left_out) = words(&script, "t");
        assert_eq!((way.matches('→').count(), left_out), (7, 8));
        assert!(way.starts_with("published → claimed by a → requeued"), "{way}");
    }
}

//! What may be done to many tasks at once, and to which of them it can be done.

use crate::remedy::{no_cancel, no_requeue};
use mjwork::board::{Board, Task};
use mjwork::draft::{self, Draft};
use mjwork::event::{Available, Subjects};
use mjwork::{Sequence, TaskId};

/// An act to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Put back.
    Requeue,
    /// Withdraw.
    Cancel,
    /// Make as urgent as this word says; the rest of the definition stays.
    Prioritize(&'static str),
}

impl Verb {
    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Requeue => "Requeue",
            Self::Cancel => "Cancel",
            Self::Prioritize(_) => "Change priority of",
        }
    }

    /// Why it cannot be done to a task; none when it can.
    #[must_use]
    pub fn why_not(self, task: &Task) -> Option<&'static str> {
        match self {
            Self::Requeue => no_requeue(task),
            Self::Cancel => no_cancel(task),
            Self::Prioritize(_) if task.status.is_finished() => Some("It is finished."),
            Self::Prioritize(word) if task.definition.priority.as_str() == word => {
                Some("It has that priority.")
            }
            Self::Prioritize(_) => None,
        }
    }

    /// The message that does it.
    #[must_use]
    pub fn draft(self, subjects: &Subjects, task: &Task, by: &str) -> Draft {
        match self {
            Self::Requeue => draft::requeue(subjects, task, None, by),
            Self::Cancel => draft::cancel(subjects, task, None, by),
            Self::Prioritize(word) => {
                let definition = &task.definition;
                let body = Available {
                    task_id: task.id.as_str().into(),
                    title: (&*definition.title).into(),
                    description: definition.description.as_deref().map(Into::into),
                    blocked_by: definition.blocked_by.iter().map(|id| id.as_str().into()).collect(),
                    priority: Some(word.into()),
                    tags: definition.tags.iter().map(|tag| (&**tag).into()).collect(),
                    max_attempts: Some(definition.max_attempts),
                    by: Some(by.into()),
                    after: Some(task.version),
                    requeue: None,
                };
                draft::available(subjects, &body)
            }
        }
    }
}

/// To which of the chosen tasks it can be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// To these, at the version that was seen.
    pub ready: Vec<(TaskId, Sequence)>,
    /// To so many it cannot, and why.
    pub hindered: Vec<(&'static str, usize)>,
}

impl Plan {
    /// Looks at each of these tasks. What the board does not know is left out.
    #[must_use]
    pub fn of<'a>(verb: Verb, board: &Board, ids: impl Iterator<Item = &'a TaskId>) -> Self {
        let mut plan = Self::default();
        for task in ids.filter_map(|id| board.task(id.as_str())) {
            let Some(why) = verb.why_not(task) else {
                plan.ready.push((task.id.clone(), task.version));
                continue;
            };
            match plan.hindered.iter_mut().find(|(other, _)| *other == why) {
                Some((_, number)) => *number += 1,
                None => plan.hindered.push((why, 1)),
            }
        }
        plan.ready.sort_unstable();
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;
    use mjwork::board::{Status, Verdict};

    #[test]
    fn each_task_is_ready_or_it_is_said_why_not() {
        let mut script = Script::new();
        for id in ["a", "b", "c", "d"] {
            script.available(id, r#","priority":"high""#);
        }
        script.claim("a", "x");
        script.complete("a", "x");
        script.claim("b", "x");
        let ids: Vec<TaskId> = ["d", "b", "a", "c", "gone"].map(|id| TaskId::new(id).unwrap()).to_vec();
        let plan = |verb| Plan::of(verb, &script.board, ids.iter());
        let names =
            |plan: Plan| plan.ready.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(names(plan(Verb::Requeue)), "a b");
        assert_eq!(plan(Verb::Requeue).hindered, [("It is available: there is nothing to requeue.", 2)]);
        assert_eq!(names(plan(Verb::Cancel)), "b c d");
        assert_eq!(plan(Verb::Cancel).hindered, [("It is completed.", 1)]);
        assert_eq!(names(plan(Verb::Prioritize("low"))), "b c d");
        let mut why: Vec<_> = plan(Verb::Prioritize("high")).hindered;
        why.sort_unstable();
        assert_eq!(why, [("It has that priority.", 3), ("It is finished.", 1)]);
    }

    #[test]
    fn a_priority_is_changed_and_nothing_else() {
        let mut script = Script::new();
        script.available("b", "");
        script.available("a", r#","blocked_by":["b"],"tags":["x"],"description":"d","max_attempts":7"#);
        let before = script.board.task("a").unwrap().clone();
        let draft = Verb::Prioritize("critical").draft(&Subjects::default(), &before, "me");
        let subject = draft.subject.strip_prefix("mjwork.").unwrap();
        let change = script.publish(subject, std::str::from_utf8(&draft.payload).unwrap());
        let after = script.board.task("a").unwrap();
        assert_eq!((change.verdict, after.status), (Verdict::Accepted, Status::Blocked));
        assert_eq!(after.definition.priority.as_str(), "critical");
        let mut same = after.definition.clone();
        same.priority = before.definition.priority.clone();
        assert_eq!(same, before.definition);
        // Who saw an older version changes nothing.
        let stale = Verb::Prioritize("low").draft(&Subjects::default(), &before, "me");
        let change = script.publish(subject, std::str::from_utf8(&stale.payload).unwrap());
        assert!(matches!(change.verdict, Verdict::Refused(_)));
    }
}

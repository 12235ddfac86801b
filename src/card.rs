//! What a card shows, worked out of the fold when it changes.
//! A plain value that can be compared, so that a card is touched only when what it shows did change.

use crate::format::one_line;
use mjwork::board::{Board, Liveness, Outcome, Status, Task};
use mjwork::{AgentId, TaskId, Timestamp};
use std::fmt::Write as _;

/// So many blockers a card names.
const BLOCKERS_NAMED: usize = 2;

/// A task's card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The task.
    pub id: TaskId,
    /// Where it stands.
    pub status: Status,
    /// What it is called.
    pub title: String,
    /// Its priority's word, unless that is `normal`.
    pub priority: Option<String>,
    /// 0 for the most urgent, 3 for the least.
    pub rank: u8,
    /// Its labels.
    pub tags: Vec<String>,
    /// Who works on it or ended it.
    pub owner: Option<AgentId>,
    /// Whether the owner's process lives, while the task is in progress.
    pub liveness: Option<Liveness>,
    /// How often it was claimed.
    pub attempts: u32,
    /// Since when it stands where it does.
    pub since: Timestamp,
    /// How far its owner is, in whole percent.
    pub percent: Option<u8>,
    /// One more line: blockers and why, the last note, the error, who cancelled.
    pub note: String,
    /// Whether what blocks it will not pass without somebody's help.
    pub is_stuck: bool,
    /// How many late results wait for an operator; what is completed needs none.
    pub late: usize,
}

impl Card {
    /// The card of a task at `now`.
    #[must_use]
    pub fn of(board: &Board, task: &Task, now: Timestamp) -> Self {
        let definition = &task.definition;
        let (note, is_stuck) = match task.status {
            Status::Blocked => blockers(board, task),
            _ => (note(task), false),
        };
        let priority = definition.priority.as_str();
        let progress = task.progress.as_ref().filter(|_| task.status == Status::InProgress);
        Self {
            id: task.id.clone(),
            status: task.status,
            title: one_line(&definition.title, 200),
            priority: (priority != "normal").then(|| one_line(priority, 16)),
            rank: definition.priority.rank(),
            tags: definition.tags.iter().take(4).map(|tag| one_line(tag, 24)).collect(),
            owner: task.owner.as_ref().map(|owner| owner.agent.clone()),
            liveness: board.owner_liveness(task, now),
            attempts: task.attempts,
            since: task.since,
            percent: progress.and_then(|p| p.percent).map(whole_percent),
            note,
            is_stuck,
            late: if task.status == Status::Completed { 0 } else { task.late.len() },
        }
    }
}

/// A share from 0 to 100 without what stands behind the point.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100")]
pub fn whole_percent(percent: f64) -> u8 {
    percent.clamp(0.0, 100.0) as u8
}

fn note(task: &Task) -> String {
    let text = match (&task.outcome, &task.progress) {
        (Some(Outcome::Error { error, .. }), _) => error,
        (Some(Outcome::Cancelled { by, reason }), _) => {
            let reason = reason.as_deref().map(|r| format!(": {r}")).unwrap_or_default();
            return one_line(&format!("by {by}{reason}"), 160);
        }
        (None, Some(progress)) if task.status == Status::InProgress => match &progress.note {
            Some(note) => note,
            None => return String::new(),
        },
        _ => return String::new(),
    };
    one_line(text, 160)
}

fn blockers(board: &Board, task: &Task) -> (String, bool) {
    let blockers = board.blockers(task);
    let mut text = format!("waits for {}", blockers.len());
    let mut separator = ": ";
    for blocker in blockers.iter().take(BLOCKERS_NAMED) {
        let _ = write!(text, "{separator}{} ({})", one_line(blocker.id.as_str(), 40), blocker.why);
        separator = ", ";
    }
    if blockers.len() > BLOCKERS_NAMED {
        text.push_str(", …");
    }
    (text, blockers.iter().any(|b| b.why.is_stuck()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    fn card(script: &Script, id: &str) -> Card {
        Card::of(&script.board, script.board.task(id).unwrap(), script.now())
    }

    #[test]
    fn a_blocked_card_says_what_it_waits_for_and_why() {
        let mut script = Script::new();
        script.available("a", "");
        script.available("b", r#","blocked_by":["a"]"#);
        assert_eq!(card(&script, "b").note, "waits for 1: a (available)");
        assert!(!card(&script, "b").is_stuck);
        script.available("c", r#","blocked_by":["a","nowhere","c"]"#);
        assert_eq!(card(&script, "c").note, "waits for 3: a (available), nowhere (unknown), …");
        assert!(card(&script, "c").is_stuck);
    }

    #[test]
    fn a_card_follows_its_task() {
        let mut script = Script::new();
        script.available("a", r#","priority":"high","tags":["x","y"]"#);
        let fresh = card(&script, "a");
        assert_eq!((fresh.priority.as_deref(), fresh.tags.len(), fresh.owner), (Some("high"), 2, None));
        script.claim("a", "Agent-Alpha");
        script.publish(
            "tasks.progress",
            r#"{"task_id":"a","agent_id":"Agent-Alpha","percent":40,"note":"half\nway"}"#,
        );
        let going = card(&script, "a");
        assert_eq!((going.percent, going.note.as_str(), going.attempts), (Some(40), "half way", 1));
        assert_eq!(going.liveness, Some(Liveness::Silent));
        script.publish("tasks.failed", r#"{"task_id":"a","agent_id":"Agent-Alpha","error":"no"}"#);
        let failed = card(&script, "a");
        assert_eq!((failed.percent, failed.note.as_str(), failed.liveness), (None, "no", None));
        assert_eq!(failed.owner.as_ref().map(AgentId::as_str), Some("Agent-Alpha"));
    }
}

//! What an operator may do to a task in its state, and why not otherwise.
//! The fold has the last word; this only keeps a button from promising what it would refuse.

use mjwork::board::{Status, Task};

/// Why a task cannot be requeued; none when it can.
#[must_use]
pub fn no_requeue(task: &Task) -> Option<&'static str> {
    match task.status {
        Status::Blocked => Some("It is blocked: there is nothing to requeue."),
        Status::Available => Some("It is available: there is nothing to requeue."),
        Status::InProgress | Status::Failed | Status::Completed | Status::Cancelled => None,
    }
}

/// Why a task cannot be cancelled; none when it can.
#[must_use]
pub fn no_cancel(task: &Task) -> Option<&'static str> {
    match task.status {
        Status::Completed => Some("It is completed."),
        Status::Failed => Some("It has failed."),
        Status::Cancelled => Some("It is cancelled."),
        Status::Blocked | Status::Available | Status::InProgress => None,
    }
}

/// Why no late result can be accepted; none when one can.
#[must_use]
pub fn no_accept(task: &Task) -> Option<&'static str> {
    if task.late.is_empty() {
        Some("No result came too late.")
    } else if task.status == Status::Completed {
        Some("It is completed already.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    #[test]
    fn what_is_offered_is_what_the_fold_accepts() {
        let mut script = Script::new();
        script.available("free", "");
        script.available("waits", r#","blocked_by":["nowhere"]"#);
        for id in ["taken", "done", "lost", "gone"] {
            script.available(id, "");
            if id != "gone" {
                script.claim(id, "a");
            }
        }
        script.complete("done", "a");
        script.publish("tasks.failed", r#"{"task_id":"lost","agent_id":"a","error":"e"}"#);
        script.publish("tasks.cancelled", r#"{"task_id":"gone","by":"me"}"#);
        script.complete("lost", "a");
        for id in ["free", "waits", "taken", "done", "lost", "gone"] {
            let task = script.board.task(id).unwrap();
            let late = task.late.first().map_or(0, |late| late.seq);
            for (verb, refused) in [
                ("requeue", no_requeue(task).is_some()),
                ("cancel", no_cancel(task).is_some()),
                ("accept", no_accept(task).is_some()),
            ] {
                let (subject, body) = match verb {
                    "requeue" => ("available", format!(r#"{{"task_id":"{id}","title":"t","requeue":{{}}}}"#)),
                    "cancel" => ("cancelled", format!(r#"{{"task_id":"{id}","by":"me"}}"#)),
                    _ => ("completed", format!(r#"{{"task_id":"{id}","accept":{late},"by":"me"}}"#)),
                };
                let mut tried = Script { board: script.board.clone(), seq: script.seq };
                let change = tried.publish(&format!("tasks.{subject}"), &body);
                assert_eq!(change.verdict.refusal().is_some(), refused, "{verb} {id}");
            }
        }
    }
}

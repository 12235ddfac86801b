//! What a call comes to: an answer with its words and its data, or a sentence that says what to do next. A refusal is a
//! result that says it is an error, and not an error of the protocol, which clients hide from their models.

use mjwork::board::Refusal;
use mjwork::{ClaimError, HoldError, Lost, PublishError, SendError, TaskId};
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use std::fmt::Write as _;

/// What came of a call.
pub type Reply = Result<Answer, Trouble>;

/// An answer: a sentence for the model, and the data of the output schema.
#[derive(Debug)]
pub struct Answer {
    words: String,
    data: serde_json::Value,
}

/// Why there is no answer, in a sentence or two that end with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(pub String);

impl Answer {
    /// These words, and this data.
    pub fn new(words: impl Into<String>, data: &impl Serialize) -> Self {
        // The data are plain structs with text keys: serde_json knows no error for these.
        Self { words: words.into(), data: serde_json::to_value(data).unwrap_or_default() }
    }
}

/// The result as the protocol has it; `notices` is what else the model must hear now.
pub fn result(reply: Reply, notices: Vec<String>) -> CallToolResult {
    let mut result = match reply {
        Ok(Answer { words, data }) => {
            // Clients that know nothing of structured content pass the texts on, so the data stands there, too.
            let mut result = CallToolResult::structured(data);
            result.content.insert(0, ContentBlock::text(words));
            result
        }
        Err(Trouble(words)) => CallToolResult::error(vec![ContentBlock::text(words)]),
    };
    result.content.extend(notices.into_iter().map(ContentBlock::text));
    result
}

impl Trouble {
    /// The fold refused what was to be done to a task that one does not own.
    pub fn refused(id: &TaskId, refusal: &Refusal) -> Self {
        Self(match refusal {
            Refusal::UnknownTask => format!("There is no task `{id}`. Call list_tasks to see what there is."),
            Refusal::Taken { by } => {
                format!("`{id}` is taken by {by}. Call next_task for another one; `say` reaches {by}.")
            }
            Refusal::Blocked { by } => format!(
                "`{id}` cannot be taken yet: it waits for `{by}`. Call next_task for another one, or get_task on `{by}` \
                 to see where that stands."
            ),
            Refusal::Finished { status } => {
                format!("`{id}` is {status} already; there is nothing to do. Call next_task for another one.")
            }
            Refusal::Stale { .. } => {
                format!("`{id}` changed just now ({refusal}). Call get_task to see it, then decide again.")
            }
            other => format!("`{id}`: refused, {other}. Call get_task to see where it stands."),
        })
    }

    /// The fold refused the word of somebody who owned the task once.
    pub fn no_longer_yours(id: &TaskId, refusal: &Refusal, late: Option<u64>) -> Self {
        let mut words = format!("`{id}` is no longer yours: {refusal}. Stop working on it.");
        if let Some(seq) = late {
            let _ = write!(
                words,
                " Your result is kept as a late one (sequence {seq}), which an operator can accept."
            );
        }
        words.push_str(" Call next_task for another one.");
        Self(words)
    }

    /// The stream could not be told.
    pub fn send(error: &SendError) -> Self {
        let next = match error {
            SendError::TimedOut | SendError::NotSent(_) => "Try again in a little while.",
            _ => "This does not pass by itself: tell the people who run the queue.",
        };
        Self(format!("This is not known to be stored: {error}. {next}"))
    }

    /// A claim came to nothing.
    pub fn claim(id: Option<&TaskId>, error: &ClaimError) -> Self {
        match (error, id) {
            (ClaimError::Refused(refusal), Some(id)) => Self::refused(id, refusal),
            (ClaimError::Send(error), _) => Self::send(error),
            (ClaimError::Stopped, _) => {
                Self("This agent is signing off; nothing can be taken any more.".to_owned())
            }
            (error, _) => Self(format!("Nothing was taken: {error}. Call next_task again.")),
        }
    }

    /// The owner's word came to nothing.
    pub fn hold(id: &TaskId, error: &HoldError) -> Self {
        match error {
            HoldError::Refused { refusal, late } => Self::no_longer_yours(id, refusal, *late),
            HoldError::Send(error) => Self::send(error),
            other => Self(format!("`{id}`: {other}. Call get_task to see where it stands.")),
        }
    }

    /// Tasks were not published: everything that is wrong with them.
    pub fn publish(error: &PublishError) -> Self {
        match error {
            PublishError::Invalid(tasks) => {
                let mut words =
                    "Nothing was published. Mend these, and publish all of them again:".to_owned();
                for task in tasks {
                    for fault in &task.faults {
                        let _ = write!(words, "\n- `{}` (tasks[{}]): {fault}", task.id, task.index);
                    }
                }
                Self(words)
            }
            PublishError::Refused { id, refusal } => Self::refused(id, refusal),
            PublishError::Send { id, stored, error } => {
                let Self(why) = Self::send(error);
                Self(format!(
                    "{stored} of the tasks are stored; from `{id}` on they are not known to be. {why} To publish the \
                     same tasks again is safe: what is there already stays as it is."
                ))
            }
            other => Self(format!("Not published: {other}.")),
        }
    }
}

/// What the model hears when a task was taken from it.
pub fn lost(id: &TaskId, why: &Lost) -> String {
    format!(
        "You no longer own `{id}`: {why}. Stop working on it and hand nothing in for it; call next_task for another one."
    )
}

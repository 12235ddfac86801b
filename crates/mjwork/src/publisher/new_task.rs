//! A task as somebody wants it.

use crate::board::{Definition, Task};
use crate::draft::{self, Draft};
use crate::event::{Available, Requeue, Subjects};
use crate::{Sequence, TaskId};
use serde::{Deserialize, Deserializer};

/// A task to be published. Reads from the JSON of the wire: `{"task_id": "a", "title": "A", "blocked_by": ["b"]}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NewTask {
    /// Its id.
    #[serde(rename = "task_id")]
    pub id: TaskId,
    /// What it is called.
    pub title: String,
    /// What is to be done, in Markdown.
    #[serde(default)]
    pub description: Option<String>,
    /// The tasks that must be completed first, 1,000 at most.
    #[serde(default, deserialize_with = "list")]
    pub blocked_by: Vec<TaskId>,
    /// `critical`, `high`, `normal` or `low`; any other text is kept and sorts as `normal`.
    #[serde(default)]
    pub priority: Option<String>,
    /// Free labels.
    #[serde(default, deserialize_with = "list")]
    pub tags: Vec<String>,
    /// After so many claims a lost owner's task is given up and not requeued.
    #[serde(default)]
    pub max_attempts: Option<u32>,
}

/// A list; `null` is the same as none.
fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl NewTask {
    /// A task with nothing but an id and a title.
    #[must_use]
    pub fn new(id: TaskId, title: impl Into<String>) -> Self {
        Self {
            id,
            title: title.into(),
            description: None,
            blocked_by: Vec::new(),
            priority: None,
            tags: Vec::new(),
            max_attempts: None,
        }
    }

    /// What a task is, so that it can be edited.
    #[must_use]
    pub fn of(task: &Task) -> Self {
        let Definition { title, description, blocked_by, priority, tags, max_attempts } = &task.definition;
        Self {
            id: task.id.clone(),
            title: title.to_string(),
            description: description.as_deref().map(ToOwned::to_owned),
            blocked_by: blocked_by.to_vec(),
            priority: Some(priority.as_str().to_owned()),
            tags: tags.iter().map(ToString::to_string).collect(),
            max_attempts: Some(*max_attempts),
        }
    }

    /// What publishes it as a new task, after version 0, or as an edit of the version `after`.
    #[must_use]
    pub fn draft(&self, subjects: &Subjects, by: Option<&str>, after: Sequence) -> Draft {
        draft::available(subjects, &self.body(by, after))
    }

    /// What requeues the task that had the version `after` as this one.
    #[must_use]
    pub fn requeue(&self, subjects: &Subjects, reason: Option<&str>, by: &str, after: Sequence) -> Draft {
        let requeue = Some(Requeue { reason: reason.map(Into::into) });
        draft::requeue_as(subjects, &Available { requeue, ..self.body(Some(by), after) })
    }

    /// The definition that it means.
    #[must_use]
    pub fn definition(&self) -> Definition {
        let tags = self.tags.iter().map(|tag| tag.as_str().into()).collect();
        Definition::of_available(&self.body(None, 0), tags, TaskId::from_checked)
    }

    /// Its body on the wire, written by `by` who has seen version `after`.
    pub(super) fn body<'a>(&'a self, by: Option<&'a str>, after: u64) -> Available<'a> {
        Available {
            task_id: self.id.as_str().into(),
            title: self.title.as_str().into(),
            description: self.description.as_deref().map(Into::into),
            blocked_by: self.blocked_by.iter().map(|id| id.as_str().into()).collect(),
            priority: self.priority.as_deref().map(Into::into),
            tags: self.tags.iter().map(|tag| tag.as_str().into()).collect(),
            max_attempts: self.max_attempts,
            by: by.map(Into::into),
            after: Some(after),
            requeue: None,
        }
    }

    /// Whether `task` is this one. It may wait for less by now: blockers that are no longer `open` are forgotten in time.
    pub(super) fn is(&self, task: &Task, open: impl Fn(&TaskId) -> bool) -> bool {
        let mut wanted = self.definition();
        let known = &task.definition;
        wanted.blocked_by =
            wanted.blocked_by.into_iter().filter(|id| known.blocked_by.contains(id) || open(id)).collect();
        wanted == *known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_the_wire_has() {
        let task: NewTask = serde_json::from_str(
            r#"{"task_id":7,"title":"T","blocked_by":["a",8],"tags":null,"priority":"high","more":1}"#,
        )
        .unwrap();
        let ids: Vec<_> = task.blocked_by.iter().map(TaskId::as_str).collect();
        assert_eq!((task.id.as_str(), ids), ("7", vec!["a", "8"]));
        assert_eq!((task.priority.as_deref(), task.tags.len()), (Some("high"), 0));
        for bad in [r#"{"title":"T"}"#, r#"{"task_id":"","title":"T"}"#, r#"{"task_id":"a"}"#] {
            assert!(serde_json::from_str::<NewTask>(bad).is_err(), "{bad}");
        }
    }
}

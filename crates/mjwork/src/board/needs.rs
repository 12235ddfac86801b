//! What a reader must have read to know a task: nothing older than its *needs*.
//!
//! A reader that came late has only what the stream still holds. It knows a task as everybody does just when the
//! oldest event that the task rests on is among that: the task's own first event (or the last time that it was
//! carried), and those of the blockers whose completion it followed. So:
//!
//! | what happens | the needs of a task |
//! | --- | --- |
//! | it is published, or carried | that event |
//! | one of its blockers is handed in, or it comes to name one that was | no younger than that blocker's |
//! | anything else | as they were |
//!
//! *Handed in* is said of a task from a completion of it on, until it is carried. A refused one counts, too, when the
//! task has been *rewritten*, which is that a late reader may know it from an event after its needs, and so wrongly:
//! that reader may take the completion for good, and make ready what waits for it.

use super::{Board, Status, Task};
use crate::{Sequence, TaskId, Timestamp};

/// The oldest event that a task rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Needs {
    /// Its place in the stream.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
}

impl Board {
    /// Takes in what the blockers that `id` names rest on.
    pub(super) fn rest_on_blockers(&mut self, id: &str) {
        let Some(task) = self.tasks.get(id) else { return };
        let handed_in = |id: &TaskId| self.tasks.get(id).filter(|b| b.handed_in).map(|b| b.needs);
        if let Some(needs) = task.definition.blocked_by.iter().filter_map(handed_in).min() {
            let id = task.id.clone();
            self.rest(vec![id], needs);
        }
    }

    /// What waits for `id`, which was handed in, rests on these needs, too.
    pub(super) fn rest_on(&mut self, id: &str, needs: Option<Needs>) {
        if let Some(needs) = needs {
            self.rest(self.blocked_by(id).to_vec(), needs);
        }
    }

    /// Notes an event that tells a late reader of `id` without what came before.
    pub(super) fn rewrite(&mut self, id: &str) {
        let Self { tasks, due, .. } = self;
        if let Some(task) = tasks.get_mut(id) {
            task.rewritten = true;
            *due = (*due).min(task.needs.time);
        }
    }

    /// Lowers the needs of these tasks, and of what rests on them. It ends, as needs only fall.
    fn rest(&mut self, mut tasks: Vec<TaskId>, needs: Needs) {
        while let Some(id) = tasks.pop() {
            if self.tasks.get(&id).is_none_or(|task| task.needs <= needs) {
                continue;
            }
            let Some(task) = self.tasks.get_mut(&id) else { continue };
            task.needs = needs;
            task.rewritten = true;
            self.due = self.due.min(needs.time);
            if task.handed_in {
                tasks.extend_from_slice(self.blocked_by(id.as_str()));
            }
        }
    }
}

impl Task {
    /// Notes a completion. Gives its needs when they are those of what waits for it from now on.
    pub(super) fn hand_in(&mut self) -> Option<Needs> {
        let counts = !self.handed_in && (self.rewritten || self.status == Status::Completed);
        self.handed_in |= counts;
        counts.then_some(self.needs)
    }

    /// Whether it must have a word before its needs expire: it is to go on, or a late reader would take it for
    /// another.
    pub(super) const fn wants_a_word(&self) -> bool {
        !self.status.is_finished() || self.rewritten
    }
}

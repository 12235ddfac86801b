//! The operator's acts, as the page follows them.

use super::Moved;
use crate::act::{Act, Queue, Stage};
use crate::browser::now_ms;
use mjwork::board::Verdict;
use mjwork::{Sequence, TaskId};
use std::cell::{Ref, RefCell};

/// All acts that are shown.
pub(crate) struct Acts {
    queue: RefCell<Queue>,
    moved: Moved,
}

impl Acts {
    pub(super) fn new() -> Self {
        Self { queue: RefCell::default(), moved: Moved::new() }
    }

    /// All of them, oldest first; asks again whenever one changes.
    #[inline(never)]
    pub(crate) fn get(&self) -> Vec<Act> {
        self.moved.track();
        self.queue().acts().to_vec()
    }

    /// The queue, without being told when it changes.
    #[inline(never)]
    pub(crate) fn queue(&self) -> Ref<'_, Queue> {
        self.queue.borrow()
    }

    /// Changes the queue.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Queue, i64) -> R) -> R {
        let done = change(&mut self.queue.borrow_mut(), now_ms());
        self.moved.step();
        done
    }

    /// A new act that is sent at once; its number.
    pub(crate) fn begin(&self, what: &'static str, task: &str) -> u64 {
        self.change(|queue, _| queue.begin(what, task))
    }

    /// An act has come further.
    pub(crate) fn set(&self, id: u64, stage: Stage) {
        self.change(|queue, now_ms| queue.set(id, stage, now_ms));
    }

    /// Somebody has seen it.
    pub(crate) fn dismiss(&self, id: u64) {
        self.change(|queue, _| queue.dismiss(id));
    }

    /// Looks for the verdict on what was acknowledged; hands over the tasks of acts to many that went well.
    pub(super) fn judge(
        &self,
        verdict: &dyn Fn(Sequence, &str) -> Option<Verdict>,
        went_well: &mut dyn FnMut(&TaskId),
    ) {
        let mut queue = self.queue.borrow_mut();
        let mut judged = |task: &TaskId, stage: &Stage| {
            if !stage.is_bad() {
                went_well(task);
            }
        };
        let has_changed = queue.judge(verdict, &mut judged, now_ms());
        drop(queue);
        if has_changed {
            self.moved.step();
        }
    }

    /// Takes away what went well and was shown long enough.
    pub(super) fn expire(&self, now_ms: i64) {
        if self.queue.borrow_mut().expire(now_ms) {
            self.moved.step();
        }
    }
}

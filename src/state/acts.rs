//! The operator's acts under way and just ended: pending, acknowledged with a sequence, then the fold's verdict.

use super::Moved;
use crate::act::{Act, Stage};
use crate::browser;
use mjwork::Sequence;
use mjwork::board::Verdict;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// An act that went well is shown so long, in ms.
const SHOWN_MS: i64 = 6_000;
/// So many acts are shown at most.
const SHOWN: usize = 5;

/// All acts that are shown, oldest first.
pub(crate) struct Acts {
    list: RwLock<Vec<Act>>,
    begun: AtomicU64,
    moved: Moved,
}

impl Acts {
    pub(super) fn new() -> Self {
        Self { list: RwLock::default(), begun: AtomicU64::new(0), moved: Moved::new() }
    }

    /// All of them; asks again whenever one changes.
    #[inline(never)]
    pub(crate) fn get(&self) -> Vec<Act> {
        self.moved.track();
        self.list().clone()
    }

    fn list(&self) -> RwLockReadGuard<'_, Vec<Act>> {
        self.list.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new act; its number.
    pub(crate) fn begin(&self, what: &'static str, task: &str) -> u64 {
        let id = self.begun.fetch_add(1, Ordering::Relaxed);
        let act = Act { id, what, task: task.to_owned(), stage: Stage::Pending, ended_ms: None };
        self.change(|list| {
            list.push(act);
            while list.len() > SHOWN
                && let Some(ended) = list.iter().position(|act| act.stage.is_final())
            {
                list.remove(ended);
            }
        });
        id
    }

    /// An act has come further.
    pub(crate) fn set(&self, id: u64, stage: Stage) {
        self.change(|list| {
            if let Some(act) = list.iter_mut().find(|act| act.id == id) {
                act.ended_ms = stage.is_final().then(browser::now_ms);
                act.stage = stage;
            }
        });
    }

    /// Somebody has seen it.
    pub(crate) fn dismiss(&self, id: u64) {
        self.change(|list| list.retain(|act| act.id != id));
    }

    /// Looks for the verdict on what was acknowledged.
    pub(super) fn judge(&self, verdict: &dyn Fn(Sequence, &str) -> Option<Verdict>) {
        let stored = |act: &Act| match act.stage {
            Stage::Acknowledged(seq) => Some((act.id, seq, act.task.clone())),
            _ => None,
        };
        let waiting: Vec<(u64, Sequence, String)> = self.list().iter().filter_map(stored).collect();
        for (id, seq, task) in waiting {
            if let Some(verdict) = verdict(seq, &task) {
                self.set(id, Stage::judged(seq, &verdict));
            }
        }
    }

    /// Takes away what went well and was shown long enough. What went wrong stays.
    pub(super) fn expire(&self, now_ms: i64) {
        let is_over =
            |act: &Act| !act.stage.is_bad() && act.ended_ms.is_some_and(|ended| now_ms - ended > SHOWN_MS);
        let any_over = self.list().iter().any(is_over);
        if any_over {
            self.change(|list| list.retain(|act| !is_over(act)));
        }
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Act>)) {
        change(&mut self.list.write().unwrap_or_else(PoisonError::into_inner));
        self.moved.step();
    }
}

//! One signal for each row that exists as a node, made when it appears and dropped when its last node goes.
//! A row is written only when what it shows did change.

use crate::reactive::ArcRwSignal;
use hashbrown::HashMap;
use std::cell::RefCell;
use std::hash::Hash;

/// The signals of rows by key.
pub(crate) struct Rows<K, T>(RefCell<HashMap<K, Row<T>>>);

struct Row<T> {
    signal: ArcRwSignal<T>,
    /// A task that moves between columns is in both for a moment.
    nodes: usize,
}

impl<K, T> Rows<K, T>
where
    K: Clone + Eq + Hash,
    T: PartialEq + 'static,
{
    pub(super) fn new() -> Self {
        Self(RefCell::new(HashMap::new()))
    }

    /// The signal of a row whose node appears; `first` says what it shows when there is none yet.
    pub(super) fn take(&self, key: &K, first: impl FnOnce() -> Option<T>) -> Option<ArcRwSignal<T>> {
        let mut rows = self.0.borrow_mut();
        if let Some(row) = rows.get_mut(key) {
            row.nodes += 1;
            return Some(row.signal.clone());
        }
        let signal = ArcRwSignal::new(first()?);
        rows.insert(key.clone(), Row { signal: signal.clone(), nodes: 1 });
        Some(signal)
    }

    /// Whether no row exists.
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow_mut().is_empty()
    }

    /// A row's node is gone.
    pub(crate) fn drop_node(&self, key: &K) {
        let mut rows = self.0.borrow_mut();
        if let Some(row) = rows.get_mut(key) {
            row.nodes -= 1;
            if row.nodes == 0 {
                rows.remove(key);
            }
        }
    }

    /// Asks of each row what it shows now; none leaves it as it is.
    pub(super) fn refresh(&self, show: &dyn Fn(&K, &T) -> Option<T>) {
        let rows = self.0.borrow_mut();
        for (key, row) in rows.iter() {
            let next = {
                let shown = row.signal.read_untracked();
                show(key, &shown).filter(|next| *next != *shown)
            };
            if let Some(next) = next {
                row.signal.set(next);
            }
        }
    }
}

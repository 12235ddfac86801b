//! All tasks, found by their id. The table holds pointers and nothing else, so that it costs little and grows fast: an
//! id lies in its task.

use super::Task;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::sync::Arc;

/// Tasks, each with an id of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks {
    table: HashTable<Arc<Task>>,
    hasher: DefaultHashBuilder,
}

impl Tasks {
    pub(super) fn get(&self, id: impl AsRef<str>) -> Option<&Task> {
        let id = id.as_ref();
        self.table.find(self.hasher.hash_one(id), |task| task.id.as_str() == id).map(AsRef::as_ref)
    }

    pub(super) fn get_mut(&mut self, id: impl AsRef<str>) -> Option<&mut Task> {
        let id = id.as_ref();
        self.table.find_mut(self.hasher.hash_one(id), |task| task.id.as_str() == id).map(Arc::make_mut)
    }

    /// Takes in a task; no where there is one of its id.
    pub(super) fn insert(&mut self, task: Task) -> bool {
        let Self { table, hasher } = self;
        let hash = hasher.hash_one(task.id.as_str());
        let is_new = table.find(hash, |other| other.id == task.id).is_none();
        if is_new {
            table.insert_unique(hash, Arc::new(task), |task| hasher.hash_one(task.id.as_str()));
        }
        is_new
    }

    pub(super) fn remove(&mut self, id: impl AsRef<str>) -> Option<Arc<Task>> {
        let id = id.as_ref();
        let found = self.table.find_entry(self.hasher.hash_one(id), |task| task.id.as_str() == id).ok()?;
        Some(found.remove().0)
    }

    /// All of them, in no order.
    pub(super) fn values(&self) -> impl ExactSizeIterator<Item = &Task> {
        self.table.iter().map(AsRef::as_ref)
    }

    /// All of them; to change one that another board shares makes it one's own first.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Arc<Task>> {
        self.table.iter_mut()
    }

    /// Drops so many at the most, no matter which. Whether any are left.
    pub(super) fn drop_some(&mut self, most: usize) -> bool {
        self.table.extract_if(|_| true).take(most).for_each(drop);
        !self.table.is_empty()
    }

    /// Room for so many more.
    pub(super) fn reserve(&mut self, more: usize) {
        let Self { table, hasher } = self;
        table.reserve(more, |task| hasher.hash_one(task.id.as_str()));
    }
}

impl PartialEq for Tasks {
    fn eq(&self, other: &Self) -> bool {
        self.table.len() == other.table.len()
            && self.values().all(|task| other.get(&task.id).is_some_and(|other| task == other))
    }
}

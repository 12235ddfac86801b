//! Which task stands where: one sorted column per status, kept as tasks change and never while history is read.
//!
//! | column | order | so that |
//! | --- | --- | --- |
//! | blocked, available | priority, then first published | the next to be taken stands first |
//! | in progress | oldest claim first | what takes long stands first, and new ones appear below |
//! | failed, completed, cancelled | newest first | what just happened stands first |

use crate::sorted::Sorted;
use hashbrown::{HashMap, HashSet};
use mjwork::TaskId;
use mjwork::board::{Board, Status, Task};
use std::ops::Range;

/// Where a task stands in its column: ascending as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    rank: u8,
    /// A sequence; or, where the oldest stands first, the time at which it was published.
    at: u64,
}

impl Key {
    /// Where it belongs.
    #[must_use]
    pub fn of(task: &Task) -> Self {
        let first = || u64::try_from(task.created.as_nanos()).unwrap_or(0);
        match task.status {
            Status::Blocked | Status::Available => {
                Self { rank: task.definition.priority.rank(), at: first() }
            }
            Status::InProgress => Self { rank: 0, at: task.claim.unwrap_or(task.version) },
            Status::Failed | Status::Completed | Status::Cancelled => Self { rank: 0, at: task.version },
        }
    }
}

/// Whether the column shows its last first. It is kept ascending all the same: most that arrives then goes to the end.
const fn is_reversed(status: Status) -> bool {
    status.is_finished()
}

/// The tasks of one status in their order.
#[derive(Clone, Debug, Default)]
pub struct Column(Sorted<(Key, TaskId)>);

impl Column {
    /// How many stand in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing stands in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts a task in.
    pub fn insert(&mut self, key: Key, id: &TaskId) {
        self.0.insert((key, id.clone()));
    }

    /// Takes a task out.
    pub fn remove(&mut self, key: Key, id: &TaskId) {
        self.0.remove(&(key, id.clone()));
    }

    /// The tasks from the top, behind this one; all when it is none.
    pub fn below(
        &self,
        status: Status,
        last: Option<&(Key, TaskId)>,
    ) -> impl Iterator<Item = &(Key, TaskId)> {
        let (up, down) = if is_reversed(status) {
            (None, Some(self.0.before(last)))
        } else {
            (Some(self.0.after(last)), None)
        };
        up.into_iter().flatten().chain(down.into_iter().flatten())
    }

    /// Those that stand at these places from the top.
    #[must_use]
    pub fn slice(&self, status: Status, range: Range<usize>) -> Vec<TaskId> {
        let (start, end) = (range.start.min(self.len()), range.end.min(self.len()));
        let first = if is_reversed(status) { self.len() - end } else { start };
        let mut ids: Vec<TaskId> =
            self.0.from(first).take(end.saturating_sub(start)).map(|(_, id)| id.clone()).collect();
        if is_reversed(status) {
            ids.reverse();
        }
        ids
    }

    /// At which place from the top a task stands.
    #[must_use]
    pub fn position(&self, status: Status, key: Key, id: &TaskId) -> Option<usize> {
        let at = self.0.position(&(key, id.clone()))?;
        Some(if is_reversed(status) { self.len() - 1 - at } else { at })
    }
}

/// The visible order of all tasks.
#[derive(Debug, Default)]
pub struct Orders {
    columns: [Column; 6],
    places: HashMap<TaskId, (Status, Key)>,
}

/// Which columns changed, by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched([bool; 6]);

impl Touched {
    /// Every column.
    pub const ALL: Self = Self([true; 6]);

    /// Whether this one did.
    #[must_use]
    pub const fn has(self, status: Status) -> bool {
        self.0[status as usize]
    }
}

impl Orders {
    /// The order of everything on a board.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        let mut places = HashMap::with_capacity(board.tasks().len());
        let mut columns: [Vec<(Key, TaskId)>; 6] = Default::default();
        for task in board.tasks() {
            let key = Key::of(task);
            columns[task.status as usize].push((key, task.id.clone()));
            places.insert(task.id.clone(), (task.status, key));
        }
        Self { columns: columns.map(|column| Column(Sorted::of(column))), places }
    }

    /// The tasks of a status.
    #[must_use]
    pub const fn column(&self, status: Status) -> &Column {
        &self.columns[status as usize]
    }

    /// How many stand in a column.
    #[must_use]
    pub fn len(&self, status: Status) -> usize {
        self.column(status).len()
    }

    /// Whether nothing stands in a column.
    #[must_use]
    pub fn is_empty(&self, status: Status) -> bool {
        self.column(status).is_empty()
    }

    /// The tasks of a column, from the top.
    pub fn iter(&self, status: Status) -> impl Iterator<Item = &TaskId> {
        self.column(status).below(status, None).map(|(_, id)| id)
    }

    /// Those that stand at these places from the top.
    #[must_use]
    pub fn slice(&self, status: Status, range: Range<usize>) -> Vec<TaskId> {
        self.column(status).slice(status, range)
    }

    /// At which place from the top a task stands in this column, if it does.
    #[must_use]
    pub fn position(&self, status: Status, id: &TaskId) -> Option<usize> {
        let (_, key) = self.places.get(id).filter(|(of, _)| *of == status)?;
        self.column(status).position(status, *key, id)
    }

    /// Puts these tasks where they belong now; those that are gone leave.
    pub fn update(&mut self, board: &Board, ids: &HashSet<TaskId>) -> Touched {
        let mut touched = Touched::default();
        for id in ids {
            let place = board.task(id.as_str()).map(|task| (task.status, Key::of(task)));
            let before = self.places.get(id).copied();
            if place == before {
                continue;
            }
            if let Some((status, key)) = before {
                touched.0[status as usize] = true;
                self.columns[status as usize].remove(key, id);
            }
            match place {
                None => {
                    self.places.remove(id);
                }
                Some((status, key)) => {
                    touched.0[status as usize] = true;
                    self.columns[status as usize].insert(key, id);
                    self.places.insert(id.clone(), (status, key));
                }
            }
        }
        touched
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    fn ids(orders: &Orders, status: Status) -> Vec<String> {
        orders.iter(status).map(ToString::to_string).collect()
    }

    #[test]
    fn available_stands_by_priority_and_then_by_age() {
        let mut script = Script::new();
        for (id, priority) in [("a", "low"), ("b", "normal"), ("c", "critical"), ("d", "odd"), ("e", "high")]
        {
            script.available(id, &format!(r#","priority":"{priority}""#));
        }
        let orders = Orders::of(&script.board);
        assert_eq!(ids(&orders, Status::Available), ["c", "e", "b", "d", "a"]);
        assert_eq!(orders.slice(Status::Available, 1..3).len(), 2);
        assert_eq!(orders.slice(Status::Available, 1..3)[0].as_str(), "e");
        assert!(orders.slice(Status::Available, 9..12).is_empty());
    }

    #[test]
    fn finished_ones_stand_newest_first() {
        let mut script = Script::new();
        for id in ["a", "b", "c"] {
            script.available(id, "");
        }
        for id in ["b", "a", "c"] {
            script.claim(id, "x");
            script.complete(id, "x");
        }
        let orders = Orders::of(&script.board);
        assert_eq!(ids(&orders, Status::Completed), ["c", "a", "b"]);
        let slice: Vec<_> = orders.slice(Status::Completed, 0..2).iter().map(ToString::to_string).collect();
        assert_eq!(slice, ["c", "a"]);
    }

    #[test]
    fn patched_the_order_is_that_of_a_fresh_board() {
        for batch in [1, 7, 300, 5_000] {
            let mut script = Script::new();
            let mut orders = Orders::default();
            let mut dirty = HashSet::new();
            for i in 0..2_000_u32 {
                let id = format!("t{}", i.wrapping_mul(2_654_435_761) % 400);
                match i % 4 {
                    0 => script.available(&id, r#","priority":"high""#),
                    1 | 2 => script.claim(&id, "x"),
                    _ => script.complete(&id, "x"),
                }
                dirty.insert(TaskId::new(&id).unwrap());
                if dirty.len() >= batch {
                    orders.update(&script.board, &dirty);
                    dirty.clear();
                }
            }
            orders.update(&script.board, &dirty);
            let fresh = Orders::of(&script.board);
            for status in Status::ALL {
                assert_eq!(ids(&orders, status), ids(&fresh, status), "{status}, batches of {batch}");
                assert_eq!(orders.len(status), script.board.counts().of(status));
                for (place, id) in orders.iter(status).enumerate() {
                    assert_eq!(orders.position(status, id), Some(place));
                }
            }
        }
    }

    #[test]
    fn only_columns_that_changed_are_touched() {
        let mut script = Script::new();
        script.available("a", "");
        let mut orders = Orders::of(&script.board);
        let a = TaskId::new("a").unwrap();
        let changed = HashSet::from([a]);
        assert_eq!(orders.update(&script.board, &changed), Touched::default());
        script.claim("a", "x");
        let touched = orders.update(&script.board, &changed);
        assert!(touched.has(Status::Available) && touched.has(Status::InProgress));
        assert!(!touched.has(Status::Completed) && orders.is_empty(Status::Available));
    }
}

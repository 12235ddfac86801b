//! Which tasks somebody has chosen, to do something to all of them.
//! Chosen is a task, not a place: it stays chosen wherever the board moves it.

use hashbrown::HashSet;
use mjwork::TaskId;
use std::ops::Range;

/// An order of tasks, as it is at that moment.
pub trait Order {
    /// At which place a task stands.
    fn position(&self, id: &TaskId) -> Option<usize>;
    /// Which tasks stand at these places.
    fn slice(&self, range: Range<usize>) -> Vec<TaskId>;
}

/// The chosen tasks.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    ids: HashSet<TaskId>,
    /// Where a range begins: the task that was chosen or given back last.
    anchor: Option<TaskId>,
    /// What the last range added, so that the next from the same anchor replaces it.
    range: Vec<TaskId>,
}

impl Selection {
    /// How many are chosen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether this one is.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// The chosen ones, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &TaskId> {
        self.ids.iter()
    }

    /// Chooses a task, or gives it back.
    pub fn toggle(&mut self, id: &TaskId) {
        if !self.ids.remove(id) {
            self.ids.insert(id.clone());
        }
        self.anchor = Some(id.clone());
        self.range.clear();
    }

    /// Chooses all from the anchor to this task, as they stand now; only this one where the anchor is not among them.
    pub fn extend(&mut self, id: &TaskId, order: &dyn Order) {
        let anchor = self.anchor.as_ref().and_then(|anchor| order.position(anchor));
        let (Some(from), Some(to)) = (anchor, order.position(id)) else {
            if !self.ids.contains(id) {
                self.toggle(id);
            }
            return;
        };
        for before in self.range.drain(..) {
            self.ids.remove(&before);
        }
        let reached = order.slice(from.min(to)..from.max(to) + 1);
        self.range = reached.into_iter().filter(|id| self.ids.insert(id.clone())).collect();
    }

    /// Chooses these as well.
    pub fn add<'a>(&mut self, ids: impl Iterator<Item = &'a TaskId>) {
        self.ids.extend(ids.cloned());
        self.range.clear();
    }

    /// Gives one back; false when it was not chosen.
    pub fn drop(&mut self, id: &str) -> bool {
        self.ids.remove(id)
    }

    /// Gives all back.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Line(Vec<TaskId>);

    impl Line {
        fn of(names: &str) -> Self {
            Self(names.split(' ').map(id).collect())
        }
    }

    impl Order for Line {
        fn position(&self, id: &TaskId) -> Option<usize> {
            self.0.iter().position(|other| other == id)
        }

        fn slice(&self, range: Range<usize>) -> Vec<TaskId> {
            self.0[range].to_vec()
        }
    }

    fn id(name: &str) -> TaskId {
        TaskId::new(name).unwrap()
    }

    fn chosen(selection: &Selection) -> String {
        let mut ids: Vec<&str> = selection.iter().map(TaskId::as_str).collect();
        ids.sort_unstable();
        ids.join(" ")
    }

    #[test]
    fn a_range_goes_from_the_anchor_and_can_shrink_again() {
        let order = Line::of("a b c d e f");
        let mut selection = Selection::default();
        selection.toggle(&id("f"));
        selection.toggle(&id("c"));
        selection.extend(&id("e"), &order);
        assert_eq!(chosen(&selection), "c d e f");
        selection.extend(&id("d"), &order);
        assert_eq!(chosen(&selection), "c d f");
        selection.extend(&id("a"), &order);
        assert_eq!(chosen(&selection), "a b c f", "what was chosen before the range stays");
        selection.toggle(&id("b"));
        assert_eq!((chosen(&selection).as_str(), selection.len()), ("a c f", 3));
    }

    #[test]
    fn a_range_is_that_of_the_moment() {
        let mut selection = Selection::default();
        selection.toggle(&id("a"));
        selection.extend(&id("c"), &Line::of("c x a b"));
        assert_eq!(chosen(&selection), "a c x");
        // The anchor has left this column, or the board.
        selection.extend(&id("d"), &Line::of("c d e"));
        assert_eq!(chosen(&selection), "a c d x");
        // From there on that one is the anchor.
        selection.extend(&id("e"), &Line::of("c d e"));
        assert_eq!(chosen(&selection), "a c d e x");
        selection.extend(&id("nowhere"), &Line::of("c d e"));
        assert!(selection.has("nowhere"));
    }

    #[test]
    fn what_vanishes_is_given_back_and_the_rest_stays() {
        let order = Line::of("a b c d");
        let mut selection = Selection::default();
        selection.toggle(&id("a"));
        selection.extend(&id("c"), &order);
        assert!(selection.drop("b") && selection.drop("a") && !selection.drop("d"));
        assert_eq!(chosen(&selection), "c");
        selection.extend(&id("d"), &Line::of("c d"));
        assert_eq!(chosen(&selection), "c d");
        selection.add(order.0.iter());
        assert_eq!(selection.len(), 4);
        selection.clear();
        assert!(selection.is_empty() && !selection.has("c"));
    }
}

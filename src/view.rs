//! The part of the board that a search leaves, in lanes where it is grouped.
//!
//! Made in slices, so that a search over 100,000 tasks never holds the page's one thread for long; kept as tasks
//! change, whether it has been made whole or not. Each slice goes on in every column where the last one stopped, from
//! the top, so that what is found first stands where it will stay.

use crate::address::Group;
use crate::order::{Column, Key, Orders};
use crate::search::Search;
use hashbrown::{HashMap, HashSet};
use mjwork::TaskId;
use mjwork::board::{Board, Status, Task};
use std::ops::Range;
use std::sync::Arc;

/// So many tasks of a column are looked at before the next column has its turn, and between two looks at the clock.
const TURN: usize = 64;

/// One lane: the tasks of one agent, or with one tag.
#[derive(Debug)]
struct Lane {
    /// None for those without an agent or tag, and for a board that is not grouped.
    name: Option<Arc<str>>,
    columns: [Column; 6],
    /// Moves with each of its columns.
    moved: [u32; 6],
}

/// Where a task stands.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    status: Status,
    key: Key,
    lanes: Lanes,
}

/// The lanes of a task, by number. Nearly all stand in one, and a hundred thousand boxes would take long to drop.
#[derive(Clone, Debug, PartialEq)]
enum Lanes {
    One([usize; 1]),
    /// It has several tags.
    Many(Box<[usize]>),
}

impl Lanes {
    const fn as_slice(&self) -> &[usize] {
        match self {
            Self::One(lane) => lane,
            Self::Many(lanes) => lanes,
        }
    }
}

/// What is shown of a board.
#[derive(Debug, Default)]
pub struct View {
    search: Search,
    group: Group,
    /// By number: in the order in which they came up. One that is empty again stays, so that nothing moves.
    lanes: Vec<Lane>,
    numbers: HashMap<Option<Arc<str>>, usize>,
    /// The numbers by name, those without one last.
    by_name: Vec<usize>,
    places: HashMap<TaskId, Place>,
    counts: [usize; 6],
    /// The last task of each column that was looked at.
    looked_at: [Option<(Key, TaskId)>; 6],
    looked: usize,
    is_whole: bool,
}

impl View {
    /// A view in which nothing has been looked for yet.
    #[must_use]
    pub fn new(search: Search, group: Group) -> Self {
        let mut view = Self { search, group, ..Self::default() };
        if group == Group::Whole {
            view.lane(None);
        }
        view
    }

    /// What is searched for.
    #[must_use]
    pub const fn search(&self) -> &Search {
        &self.search
    }

    /// By what it is cut into lanes.
    #[must_use]
    pub const fn group(&self) -> Group {
        self.group
    }

    /// Whether every task has been looked at.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// How many tasks have been looked at.
    #[must_use]
    pub const fn looked(&self) -> usize {
        self.looked
    }

    /// How many tasks of a status match, as far as has been looked.
    #[must_use]
    pub const fn count(&self, status: Status) -> usize {
        self.counts[status as usize]
    }

    /// How many tasks match, as far as has been looked.
    #[must_use]
    pub fn total(&self) -> usize {
        self.places.len()
    }

    /// All that match, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &TaskId> {
        self.places.keys()
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.places.contains_key(id)
    }

    /// The number of each lane, in the order in which they stand.
    #[must_use]
    pub fn lanes(&self) -> &[usize] {
        &self.by_name
    }

    /// The number of the lane of this name.
    #[must_use]
    pub fn number(&self, name: Option<&str>) -> Option<usize> {
        let order = |name: Option<&str>| (name.is_none(), name.map(ToOwned::to_owned));
        let wanted = order(name);
        let at = self.by_name.binary_search_by(|lane| order(self.name(*lane)).cmp(&wanted)).ok()?;
        self.by_name.get(at).copied()
    }

    /// The name of a lane; none for what has no agent or tag.
    #[must_use]
    pub fn name(&self, lane: usize) -> Option<&str> {
        self.lanes.get(lane)?.name.as_deref()
    }

    /// A number that moves with a column of a lane.
    #[must_use]
    pub fn moved(&self, lane: usize, status: Status) -> u32 {
        self.lanes.get(lane).map_or(0, |lane| lane.moved[status as usize])
    }

    /// How many tasks of this status stand in a lane.
    #[must_use]
    pub fn len(&self, lane: usize, status: Status) -> usize {
        self.lanes.get(lane).map_or(0, |lane| lane.columns[status as usize].len())
    }

    /// Those that stand at these places from the top.
    #[must_use]
    pub fn slice(&self, lane: usize, status: Status, range: Range<usize>) -> Vec<TaskId> {
        let column = self.lanes.get(lane).map(|lane| &lane.columns[status as usize]);
        column.map_or_else(Vec::new, |column| column.slice(status, range))
    }

    /// At which place from the top a task stands there, if it does.
    #[must_use]
    pub fn position(&self, lane: usize, status: Status, id: &TaskId) -> Option<usize> {
        let place = self.places.get(id).filter(|place| place.status == status)?;
        self.lanes.get(lane)?.columns[status as usize].position(status, place.key, id)
    }

    /// Looks at more tasks until `is_due`; whether all have been looked at then.
    pub fn step(&mut self, board: &Board, orders: &Orders, is_due: &mut dyn FnMut() -> bool) -> bool {
        while !self.is_whole {
            let mut has_more = false;
            for status in Status::ALL {
                let last = self.looked_at[status as usize].take();
                let next: Vec<_> =
                    orders.column(status).below(status, last.as_ref()).take(TURN).cloned().collect();
                has_more |= next.len() == TURN;
                for (_, id) in &next {
                    self.put(board, id);
                }
                self.looked += next.len();
                self.looked_at[status as usize] = next.into_iter().next_back().or(last);
            }
            self.is_whole = !has_more;
            if is_due() {
                break;
            }
        }
        self.is_whole
    }

    /// Looks again at tasks that changed; whether anything shows otherwise than before.
    pub fn update(&mut self, board: &Board, ids: &HashSet<TaskId>) -> bool {
        ids.iter().fold(false, |moved, id| self.put(board, id) | moved)
    }

    /// Puts a task where it belongs.
    fn put(&mut self, board: &Board, id: &TaskId) -> bool {
        let task = board.task(id.as_str()).filter(|task| self.search.matches(task));
        let place =
            task.map(|task| Place { status: task.status, key: Key::of(task), lanes: self.lanes_of(task) });
        if self.places.get(id) == place.as_ref() {
            return false;
        }
        if let Some(Place { status, key, lanes }) = self.places.remove(id) {
            self.counts[status as usize] -= 1;
            for lane in lanes.as_slice() {
                self.lanes[*lane].columns[status as usize].remove(key, id);
                self.lanes[*lane].moved[status as usize] += 1;
            }
        }
        if let Some(place) = place {
            let Place { status, key, lanes } = &place;
            self.counts[*status as usize] += 1;
            for lane in lanes.as_slice() {
                self.lanes[*lane].columns[*status as usize].insert(*key, id);
                self.lanes[*lane].moved[*status as usize] += 1;
            }
            self.places.insert(id.clone(), place);
        }
        true
    }

    fn lanes_of(&mut self, task: &Task) -> Lanes {
        let named: Vec<&str> = match self.group {
            Group::Whole => return Lanes::One([0]),
            Group::Agent => task.owner.iter().map(|owner| owner.agent.as_str()).collect(),
            Group::Tag => task.definition.tags.iter().map(AsRef::as_ref).collect(),
        };
        if named.is_empty() {
            return Lanes::One([self.lane(None)]);
        }
        let mut lanes: Vec<usize> = Vec::with_capacity(named.len());
        for name in named {
            let lane = self.lane(Some(name));
            // A tag that is named twice is one tag.
            if let Err(at) = lanes.binary_search(&lane) {
                lanes.insert(at, lane);
            }
        }
        match *lanes {
            [lane] => Lanes::One([lane]),
            _ => Lanes::Many(lanes.into()),
        }
    }

    /// The lane of this name.
    fn lane(&mut self, name: Option<&str>) -> usize {
        let name: Option<Arc<str>> = name.map(Into::into);
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = self.lanes.len();
        let order = |name: &Option<Arc<str>>| (name.is_none(), name.clone());
        let at = self.by_name.partition_point(|other| order(&self.lanes[*other].name) < order(&name));
        self.by_name.insert(at, number);
        self.numbers.insert(name.clone(), number);
        self.lanes.push(Lane { name, columns: Default::default(), moved: [0; 6] });
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    fn search(text: &str, group: Group) -> View {
        View::new(Search::new(text), group)
    }

    fn whole(text: &str, group: Group, board: &Board, orders: &Orders) -> View {
        let mut view = search(text, group);
        assert!(view.step(board, orders, &mut || false));
        view
    }

    fn ids(view: &View, lane: usize, status: Status) -> Vec<String> {
        view.slice(lane, status, 0..usize::MAX).iter().map(ToString::to_string).collect()
    }

    /// Everything that can be seen of a view, by the names of its lanes that are not empty.
    fn seen(view: &View) -> Vec<(Option<String>, Vec<Vec<String>>)> {
        let of = |lane: usize| Status::ALL.map(|status| ids(view, lane, status)).to_vec();
        let lanes = view.lanes().iter().map(|lane| (view.name(*lane).map(ToOwned::to_owned), of(*lane)));
        lanes.filter(|(_, columns)| columns.iter().any(|column| !column.is_empty())).collect()
    }

    #[test]
    fn lanes_stand_by_name_and_what_has_none_stands_last() {
        let mut script = Script::new();
        script.available("a", r#","tags":["z","b","z"]"#);
        script.available("b", r#","tags":["b"]"#);
        script.available("c", "");
        script.claim("b", "Agent");
        let orders = Orders::of(&script.board);
        let view = whole("", Group::Tag, &script.board, &orders);
        let names: Vec<_> = view.lanes().iter().map(|lane| view.name(*lane)).collect();
        assert_eq!(names, [Some("b"), Some("z"), None]);
        for lane in view.lanes() {
            assert_eq!(view.number(view.name(*lane)), Some(*lane));
        }
        assert_eq!(view.number(Some("nowhere")), None);
        let first = view.lanes()[0];
        assert_eq!(ids(&view, first, Status::Available), ["a"]);
        assert_eq!(ids(&view, first, Status::InProgress), ["b"]);
        // Each task counts once, however many lanes it stands in.
        assert_eq!((view.count(Status::Available), view.total(), view.looked()), (2, 3, 3));
        assert_eq!(seen(&whole("", Group::Agent, &script.board, &orders)).len(), 2);
    }

    #[test]
    fn a_search_in_slices_that_is_overtaken_by_changes_finds_what_one_at_once_finds() {
        for (text, group) in [
            ("", Group::Tag),
            ("status:available,completed t1", Group::Whole),
            ("-tag:t1", Group::Agent),
            ("owner:a1 t", Group::Tag),
        ] {
            let mut script = Script::new();
            for i in 0..1_500 {
                script.available(&format!("t{i}"), &format!(r#","tags":["t{}"]"#, i % 3));
            }
            let mut orders = Orders::of(&script.board);
            let mut view = search(text, group);
            let mut steps = 0;
            for i in 0..900_usize {
                let id = format!("t{}", i * 7_919 % 1_600);
                match i % 5 {
                    0 => script.available(&id, r#","priority":"high","tags":["t1","t2"]"#),
                    1 | 2 => script.claim(&id, &format!("a{}", i % 2)),
                    _ => script.complete(&id, &format!("a{}", i % 2)),
                }
                let changed = HashSet::from([TaskId::new(&id).unwrap()]);
                orders.update(&script.board, &changed);
                view.update(&script.board, &changed);
                if i.is_multiple_of(60) && !view.is_whole() {
                    view.step(&script.board, &orders, &mut || true);
                    steps += 1;
                }
            }
            assert!(steps > 5 || view.is_whole());
            view.step(&script.board, &orders, &mut || false);
            let fresh = whole(text, group, &script.board, &Orders::of(&script.board));
            assert_eq!(seen(&view), seen(&fresh), "{text}");
            assert_eq!((view.counts, view.total()), (fresh.counts, fresh.total()), "{text}");
            for lane in view.lanes() {
                for status in Status::ALL {
                    for (place, id) in view.slice(*lane, status, 0..9).iter().enumerate() {
                        assert_eq!(view.position(*lane, status, id), Some(place));
                    }
                }
            }
        }
    }

    #[test]
    fn it_says_whether_anything_shows_otherwise() {
        let mut script = Script::new();
        script.available("a", "");
        script.available("b", "");
        let orders = Orders::of(&script.board);
        let mut view = whole("a", Group::Whole, &script.board, &orders);
        let changed = |id: &str| HashSet::from([TaskId::new(id).unwrap()]);
        let before = view.moved(0, Status::InProgress);
        script.claim("b", "x");
        assert!(!view.update(&script.board, &changed("b")));
        script.claim("a", "x");
        assert!(view.update(&script.board, &changed("a")) && view.has("a"));
        assert_ne!(view.moved(0, Status::InProgress), before);
        assert!(!view.update(&script.board, &changed("a")));
        assert_eq!(view.update(&Board::new(), &changed("a")), view.iter().next().is_none());
    }
}

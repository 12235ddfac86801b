//! The tasks that can be taken, in the order in which they are: the most urgent first, then the oldest. Kept as the board
//! changes, so that a worker who looks for one pays nothing for the thousands that are not.

use crate::board::{Board, Status, Task};
use crate::{Sequence, TaskId, Timestamp};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// Where a task stands in the order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    rank: u8,
    created: Timestamp,
    /// The task.
    pub id: TaskId,
}

impl Place {
    /// That of `task`.
    pub fn of(task: &Task) -> Self {
        Self { rank: task.definition.priority.rank(), created: task.created, id: task.id.clone() }
    }
}

/// A task at a version at which it can be taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Takable {
    /// Where it stands.
    pub place: Place,
    /// Its version.
    pub version: Sequence,
}

/// What a worker finds who looks for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This one.
    Take(Takable),
    /// None for now.
    Wait,
}

/// All tasks that can be taken.
#[derive(Default)]
pub(super) struct Ready {
    order: BTreeSet<Place>,
    versions: HashMap<TaskId, Takable>,
    /// Those that somebody of this very process is about to take.
    claiming: HashSet<TaskId>,
    /// Those that somebody else has taken, as an acknowledgement told, at a sequence that is not read yet.
    taken: HashMap<TaskId, Sequence>,
    watchers: Vec<mpsc::UnboundedSender<Takable>>,
}

impl Ready {
    /// Begins anew with what `board` has.
    pub fn rebuild(&mut self, board: &Board) {
        self.order.clear();
        self.versions.clear();
        self.taken.clear();
        for task in board.tasks().filter(|task| task.status == Status::Available) {
            self.add(task);
        }
    }

    /// Looks at a task that may have changed. Whether there is one more to be taken.
    pub fn look(&mut self, board: &Board, id: &TaskId) -> bool {
        match board.task(id.as_str()) {
            Some(task) if task.status == Status::Available => {
                let known = self.versions.get(id);
                if known.is_some_and(|k| k.version == task.version && k.place.rank == Place::of(task).rank) {
                    return false;
                }
                self.remove(id);
                self.add(task);
                true
            }
            _ => {
                self.remove(id);
                false
            }
        }
    }

    fn add(&mut self, task: &Task) {
        let takable = Takable { place: Place::of(task), version: task.version };
        self.watchers.retain(|watcher| watcher.send(takable.clone()).is_ok());
        self.order.insert(takable.place.clone());
        self.versions.insert(task.id.clone(), takable);
    }

    fn remove(&mut self, id: &TaskId) {
        if let Some(takable) = self.versions.remove(id) {
            self.order.remove(&takable.place);
        }
    }

    /// All that is there, and all that comes.
    pub fn watch(&mut self) -> mpsc::UnboundedReceiver<Takable> {
        let (sender, receiver) = mpsc::unbounded_channel();
        for takable in self.order.iter().filter_map(|place| self.versions.get(&place.id)) {
            // Fails only where nobody holds the receiver.
            let _ = sender.send(takable.clone());
        }
        self.watchers.push(sender);
        receiver
    }

    /// Chooses one of the most urgent tasks: among the `window` oldest of them the one that `pick` says, given how many
    /// there are. What is known to be taken is passed over; for what somebody of this process is about to take one
    /// waits rather than to take something less urgent.
    pub fn choose(&mut self, window: usize, pick: impl FnOnce(usize) -> usize) -> Choice {
        let mut rank = None;
        let mut at_hand = Vec::new();
        for place in &self.order {
            if self.taken.contains_key(&place.id) {
                continue;
            }
            if *rank.get_or_insert(place.rank) != place.rank || at_hand.len() == window.max(1) {
                break;
            }
            if !self.claiming.contains(&place.id) {
                at_hand.push(place);
            }
        }
        let chosen = at_hand.get(pick(at_hand.len())).or_else(|| at_hand.first());
        let chosen = chosen.and_then(|place| self.versions.get(&place.id)).cloned();
        match chosen {
            Some(takable) => {
                self.claiming.insert(takable.place.id.clone());
                Choice::Take(takable)
            }
            None => Choice::Wait,
        }
    }

    /// Marks a task that somebody of this process is about to take by name. Whether nobody else is.
    pub fn claim(&mut self, id: &TaskId) -> bool {
        self.claiming.insert(id.clone())
    }

    /// What was to be taken is, or is not; `taken` where another has it, at that sequence.
    pub fn claimed(&mut self, id: &TaskId, taken: Option<Sequence>) {
        self.claiming.remove(id);
        if let Some(seq) = taken {
            self.taken.insert(id.clone(), seq);
        }
    }

    /// All up to `seq` is read: what was known to be taken shows now. Whether there is one more to be taken after all.
    pub fn read_to(&mut self, seq: Sequence) -> bool {
        if self.taken.is_empty() {
            return false;
        }
        let Self { taken, versions, .. } = self;
        let mut more = false;
        taken.retain(|id, at| {
            let is_read = *at <= seq;
            more |= is_read && versions.contains_key(id);
            !is_read
        });
        more
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Subjects};

    struct Stage {
        board: Board,
        ready: Ready,
        seq: Sequence,
    }

    impl Stage {
        fn new() -> Self {
            Self { board: Board::new(), ready: Ready::default(), seq: 0 }
        }

        fn apply(&mut self, verb: &str, body: &str) -> bool {
            self.seq += 1;
            let subject = format!("mjwork.tasks.{verb}");
            let event = Event::decode(Subjects::default().topic(&subject), body.as_bytes());
            let time = Timestamp::from_secs(i64::try_from(self.seq).unwrap());
            let change = self.board.apply(self.seq, time, &subject, &event);
            let mut more = false;
            for id in change.task.iter().chain(&change.others) {
                more |= self.ready.look(&self.board, id);
            }
            more
        }

        fn available(&mut self, id: &str, more: &str) -> bool {
            self.apply("available", &format!(r#"{{"task_id":"{id}","title":"T"{more}}}"#))
        }

        fn choose(&mut self, window: usize, at: usize) -> Option<String> {
            match self.ready.choose(window, |len| at.min(len.saturating_sub(1))) {
                Choice::Take(takable) => Some(takable.place.id.to_string()),
                Choice::Wait => None,
            }
        }

        fn release(&mut self, id: &str) {
            self.ready.claimed(&TaskId::new(id).unwrap(), None);
        }
    }

    #[test]
    fn the_most_urgent_and_oldest_comes_first() {
        let mut stage = Stage::new();
        stage.available("low", r#","priority":"low""#);
        stage.available("b", "");
        stage.available("a", "");
        stage.available("top", r#","priority":"critical""#);
        stage.available("later", r#","blocked_by":["a"]"#);
        let order: Vec<_> = std::iter::from_fn(|| {
            let next = stage.choose(1, 0)?;
            stage.apply("claimed", &format!(r#"{{"task_id":"{next}","agent_id":"x"}}"#));
            stage.release(&next);
            Some(next)
        })
        .collect();
        assert_eq!(order, ["top", "b", "a", "low"]);
        assert!(stage.apply("completed", r#"{"task_id":"a","agent_id":"x"}"#), "it made one ready");
        assert_eq!(stage.choose(1, 0).as_deref(), Some("later"));
    }

    #[test]
    fn the_window_has_only_the_most_urgent() {
        let mut stage = Stage::new();
        for n in 0..5 {
            stage.available(&format!("n{n}"), "");
        }
        stage.available("h0", r#","priority":"high""#);
        stage.available("h1", r#","priority":"high""#);
        assert_eq!(stage.choose(10, 9).as_deref(), Some("h1"), "of two, not of seven");
        stage.release("h1");
        assert_eq!(stage.choose(1, 9).as_deref(), Some("h0"), "of one");
    }

    #[test]
    fn one_waits_for_a_sibling_rather_than_to_take_something_less_urgent() {
        let mut stage = Stage::new();
        stage.available("h", r#","priority":"high""#);
        stage.available("n", "");
        assert_eq!(stage.choose(4, 0).as_deref(), Some("h"));
        assert_eq!(stage.choose(4, 0), None);
        // The sibling hears that another has it, at a sequence that is still to be read.
        stage.ready.claimed(&TaskId::new("h").unwrap(), Some(99));
        assert_eq!(stage.choose(4, 0).as_deref(), Some("n"));
        stage.release("n");
        assert!(!stage.ready.read_to(98));
        assert!(stage.ready.read_to(99), "and when that is read it can still be taken");
        assert_eq!(stage.choose(4, 0).as_deref(), Some("h"));
    }

    #[test]
    fn a_watcher_hears_of_each_version_once() {
        let mut stage = Stage::new();
        stage.available("a", "");
        let mut watcher = stage.ready.watch();
        assert!(!stage.available("a", ""), "the same again is no news");
        stage.available("a", r#","priority":"high""#);
        stage.apply("claimed", r#"{"task_id":"a","agent_id":"x"}"#);
        stage.apply("available", r#"{"task_id":"a","title":"T","requeue":{}}"#);
        let heard: Vec<_> = std::iter::from_fn(|| watcher.try_recv().ok()).map(|t| t.version).collect();
        assert_eq!(heard, [1, 3, 5]);
    }

    #[test]
    fn a_rebuilt_index_is_the_one_that_was_kept() {
        let mut stage = Stage::new();
        for n in 0..50 {
            let blocked = if n % 3 == 1 { format!(r#","blocked_by":["t{}"]"#, n - 1) } else { String::new() };
            stage.available(&format!("t{n}"), &blocked);
            stage.apply("claimed", &format!(r#"{{"task_id":"t{}","agent_id":"x"}}"#, n / 2));
            stage.apply("completed", &format!(r#"{{"task_id":"t{}","agent_id":"x"}}"#, n / 4));
        }
        let mut rebuilt = Ready::default();
        rebuilt.rebuild(&stage.board);
        assert!(!rebuilt.order.is_empty());
        assert_eq!(stage.ready.order, rebuilt.order);
        assert_eq!(stage.ready.versions, rebuilt.versions);
    }
}

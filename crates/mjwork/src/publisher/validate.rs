//! What is wrong with a batch of tasks, all of it at once: before the first is sent, as afterwards others may hold some of
//! them already.

use super::NewTask;
use crate::TaskId;
use crate::board::{Board, Status};
use hashbrown::{HashMap, HashSet};
use std::fmt;

/// At most this many blockers a task may name (PROTOCOL.md, "Subjects and bodies").
const MAX_BLOCKERS: usize = 1_000;
/// So much more than the task itself takes who requeues or carries it: a reason, a state.
const RESERVE: usize = 4_096;

/// What is wrong with a task that is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskFault {
    /// It has no title.
    EmptyTitle,
    /// There is a task of this id with another definition.
    Taken,
    /// There is no task of this id to be edited.
    Unknown,
    /// Its id stands in the batch twice.
    Twice {
        /// Where it stands first, from 0.
        first: usize,
    },
    /// It waits for a task that is neither on the board nor in the batch.
    UnknownBlocker(TaskId),
    /// It waits for itself.
    Itself,
    /// It waits, through others, for itself: through these, in this order.
    Cycle(Vec<TaskId>),
    /// It is larger than the server takes.
    TooLarge {
        /// Its size in bytes, headers included.
        size: usize,
        /// How large it may be, so that it can still be requeued.
        max: usize,
    },
    /// It names more blockers than a task may have.
    TooManyBlockers {
        /// So many.
        count: usize,
    },
    /// It may not be claimed even once.
    NoAttempts,
}

impl fmt::Display for TaskFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyTitle => f.write_str("it has no title"),
            Self::Taken => f.write_str("there is a task of this id with another definition"),
            Self::Unknown => f.write_str("there is no task of this id"),
            Self::Twice { first } => write!(f, "its id stands in the batch before, at place {}", first + 1),
            Self::UnknownBlocker(id) => write!(f, "it waits for {id}, which nobody knows"),
            Self::Itself => f.write_str("it waits for itself"),
            Self::Cycle(through) => {
                f.write_str("it waits for itself, through ")?;
                for (place, id) in through.iter().enumerate() {
                    write!(f, "{}{id}", if place == 0 { "" } else { " and " })?;
                }
                Ok(())
            }
            Self::TooLarge { size, max } => {
                write!(f, "it has {size} bytes, and the server takes {max} of a task")
            }
            Self::TooManyBlockers { count } => {
                write!(f, "it waits for {count} tasks, and may for {MAX_BLOCKERS}")
            }
            Self::NoAttempts => f.write_str("max_attempts is at least 1"),
        }
    }
}

/// A task that cannot be published, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTask {
    /// Where it stands in the batch, from 0.
    pub index: usize,
    /// Its id.
    pub id: TaskId,
    /// What is wrong with it: at least one.
    pub faults: Vec<TaskFault>,
}

impl fmt::Display for InvalidTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (place {})", self.id, self.index + 1)?;
        for (place, fault) in self.faults.iter().enumerate() {
            write!(f, "{} {fault}", if place == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

/// Whether the tasks of a batch are to be new, or are edits of known ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// New ones.
    Publish,
    /// Edits.
    Edit,
    /// New where they are not known, and edits where they are.
    Either,
}

/// Whether a task is on the board already as it is, so that there is nothing to publish.
#[must_use]
pub fn is_there(board: &Board, task: &NewTask) -> bool {
    let open = |id: &TaskId| board.task(id.as_str()).is_some_and(|b| b.status != Status::Completed);
    board.task(task.id.as_str()).is_some_and(|known| task.is(known, open))
}

/// Everything that is wrong with `tasks`, of which each has so many bytes ([`crate::draft::Draft::wire_len`]), on a
/// server that takes `max_payload`.
#[must_use]
pub fn faults(
    board: &Board,
    tasks: &[NewTask],
    sizes: &[usize],
    max_payload: usize,
    intent: Intent,
) -> Vec<InvalidTask> {
    let mut first: HashMap<&TaskId, usize> = HashMap::with_capacity(tasks.len());
    for (index, task) in tasks.iter().enumerate() {
        first.entry(&task.id).or_insert(index);
    }
    let batch = Batch { board, tasks, first };
    let mut on_cycle = batch.cycles();
    let max = max_payload.saturating_sub(RESERVE.min(max_payload / 4));
    let mut invalid = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let mut faults = Vec::new();
        let first = batch.first.get(&task.id).copied().unwrap_or(index);
        if first != index {
            faults.push(TaskFault::Twice { first });
        }
        let known = board.task(task.id.as_str());
        let is_there = is_there(board, task);
        match intent {
            Intent::Publish if known.is_some() && !is_there => faults.push(TaskFault::Taken),
            Intent::Edit if known.is_none() => faults.push(TaskFault::Unknown),
            _ => {}
        }
        if task.title.trim().is_empty() {
            faults.push(TaskFault::EmptyTitle);
        }
        if task.max_attempts == Some(0) {
            faults.push(TaskFault::NoAttempts);
        }
        let size = sizes.get(index).copied().unwrap_or(0);
        if size > max {
            faults.push(TaskFault::TooLarge { size, max });
        }
        // What is there already waits for what it waited for, known or forgotten.
        if !is_there {
            batch.blockers(task, &mut faults);
            faults.extend(on_cycle.remove(&index).map(TaskFault::Cycle));
        }
        if !faults.is_empty() {
            invalid.push(InvalidTask { index, id: task.id.clone(), faults });
        }
    }
    invalid
}

/// A batch, and the board that it is to come on.
struct Batch<'a> {
    board: &'a Board,
    tasks: &'a [NewTask],
    /// Where each id stands first.
    first: HashMap<&'a TaskId, usize>,
}

impl<'a> Batch<'a> {
    fn blockers(&self, task: &NewTask, faults: &mut Vec<TaskFault>) {
        if task.blocked_by.len() > MAX_BLOCKERS {
            faults.push(TaskFault::TooManyBlockers { count: task.blocked_by.len() });
        }
        let mut seen = HashSet::with_capacity(task.blocked_by.len());
        for id in task.blocked_by.iter().filter(|id| seen.insert(*id)) {
            if *id == task.id {
                faults.push(TaskFault::Itself);
            } else if !self.first.contains_key(id) && self.board.task(id.as_str()).is_none() {
                faults.push(TaskFault::UnknownBlocker(id.clone()));
            }
        }
    }

    /// What `id` will wait for once the batch is published, itself left out.
    fn waits_for(&self, id: &'a TaskId) -> &'a [TaskId] {
        if let Some(task) = self.first.get(id).and_then(|at| self.tasks.get(*at)) {
            return &task.blocked_by;
        }
        match self.board.task(id.as_str()) {
            Some(task) if task.status != Status::Completed => &task.definition.blocked_by,
            _ => &[],
        }
    }

    /// The tasks of the batch that wait for themselves through others, each with the way there and back: one of the
    /// shortest.
    fn cycles(&self) -> HashMap<usize, Vec<TaskId>> {
        let mut found = HashMap::new();
        for members in self.knots() {
            let inside: HashSet<&TaskId> = members.iter().copied().collect();
            for id in members {
                if let Some(at) = self.first.get(id) {
                    found.insert(*at, self.way_back(id, &inside));
                }
            }
        }
        found
    }

    /// The shortest way from `id` back to it, by these tasks only, without its ends.
    fn way_back(&self, id: &'a TaskId, inside: &HashSet<&'a TaskId>) -> Vec<TaskId> {
        let mut from: HashMap<&TaskId, &TaskId> = HashMap::new();
        let mut open = std::collections::VecDeque::from([id]);
        while let Some(at) = open.pop_front() {
            for next in self.waits_for(at).iter().filter(|next| *next != at) {
                if next == id {
                    let mut way: Vec<TaskId> = std::iter::successors(Some(at), |at| from.get(*at).copied())
                        .take_while(|at| *at != id)
                        .cloned()
                        .collect();
                    way.reverse();
                    return way;
                }
                if inside.contains(next) && !from.contains_key(next) {
                    from.insert(next, at);
                    open.push_back(next);
                }
            }
        }
        Vec::new()
    }

    /// Sets of tasks that all wait for one another (Tarjan's strongly connected components of two or more), as far as
    /// tasks of the batch lead there. Without recursion: a chain may be as long as the batch.
    fn knots(&self) -> Vec<Vec<&'a TaskId>> {
        let mut search = Search::default();
        for root in self.tasks.iter().map(|task| &task.id) {
            if search.seen.contains_key(root) {
                continue;
            }
            search.enter(root);
            let mut way = vec![(root, 0)];
            while let Some((id, next)) = way.last_mut() {
                let (id, blockers) = (*id, self.waits_for(id));
                let Some(blocker) = blockers.get(*next) else {
                    way.pop();
                    search.leave(id, way.last().map(|(above, _)| *above));
                    continue;
                };
                *next += 1;
                match search.seen.get(blocker).copied() {
                    None => {
                        search.enter(blocker);
                        way.push((blocker, 0));
                    }
                    Some(mark) if mark.is_open => search.lower(id, mark.order),
                    Some(_) => {}
                }
            }
        }
        search.knots
    }
}

/// How far the search for knots has come.
#[derive(Default)]
struct Search<'a> {
    seen: HashMap<&'a TaskId, Mark>,
    open: Vec<&'a TaskId>,
    knots: Vec<Vec<&'a TaskId>>,
}

/// When a task was come to, the earliest that one gets back to from it, and whether its knot is still being made.
#[derive(Clone, Copy)]
struct Mark {
    order: usize,
    low: usize,
    is_open: bool,
}

impl<'a> Search<'a> {
    fn enter(&mut self, id: &'a TaskId) {
        let order = self.seen.len();
        self.seen.insert(id, Mark { order, low: order, is_open: true });
        self.open.push(id);
    }

    fn lower(&mut self, id: &'a TaskId, to: usize) {
        if let Some(mark) = self.seen.get_mut(id) {
            mark.low = mark.low.min(to);
        }
    }

    fn leave(&mut self, id: &'a TaskId, above: Option<&'a TaskId>) {
        let Some(mark) = self.seen.get(id).copied() else { return };
        if let Some(above) = above {
            self.lower(above, mark.low);
        }
        if mark.low != mark.order {
            return;
        }
        let start = self.open.iter().rposition(|open| *open == id).unwrap_or(self.open.len());
        let members = self.open.split_off(start);
        for member in &members {
            if let Some(mark) = self.seen.get_mut(*member) {
                mark.is_open = false;
            }
        }
        if members.len() > 1 {
            self.knots.push(members);
        }
    }
}

#[cfg(test)]
mod tests;

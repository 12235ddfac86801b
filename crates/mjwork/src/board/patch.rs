//! How the fold's rows reach into the board: one place for a status, one for a definition, one for what is counted.

use super::agent::Agent;
use super::apply::{At, unknown};
use super::task::{Definition, Owner, Status, Task};
use super::{Board, Change, Counts, Entry, Refusal, Verdict};
use crate::{AgentId, TaskId, Timestamp};
use hashbrown::HashMap;
use std::sync::Arc;

impl Board {
    /// The id that everything else which names this task shares.
    pub(super) fn intern(&self, id: &str) -> TaskId {
        let known = self.tasks.get(id).map(|task| task.id.clone());
        known.unwrap_or_else(|| self.intern_new(id))
    }

    /// The id of a task that is not on the board, but may be named by others.
    pub(super) fn intern_new(&self, id: &str) -> TaskId {
        let named = self.blocks.get_key_value(id).map(|(id, _)| id.clone());
        named.unwrap_or_else(|| TaskId::from_checked(id))
    }

    pub(super) fn agent_entry(&mut self, id: &str) -> AgentId {
        if let Some((id, _)) = self.agents.get_key_value(id) {
            return id.clone();
        }
        let id = AgentId::from_checked(id);
        self.agents.insert(id.clone(), Agent::new(id.clone()));
        id
    }

    /// Notes that an agent did something to a task.
    pub(super) fn acted(&mut self, id: &str, time: Timestamp) -> AgentId {
        self.took(id, false, time)
    }

    /// Notes that an agent owns a task, by a claim or as it is carried; who gives a session with it promises to beat.
    pub(super) fn took(&mut self, id: &str, has_session: bool, time: Timestamp) -> AgentId {
        let promised = has_session.then_some(time);
        if let Some(agent) = self.agents.get_mut(id) {
            agent.acted = Some(time);
            agent.promised = promised.or(agent.promised);
            return agent.id.clone();
        }
        let id = AgentId::from_checked(id);
        let agent = Agent { acted: Some(time), promised, ..Agent::new(id.clone()) };
        self.agents.insert(id.clone(), agent);
        id
    }

    pub(super) fn is_open(&self, blocker: &TaskId) -> bool {
        self.tasks.get(blocker).is_none_or(|b| b.status != Status::Completed)
    }

    pub(super) fn status_by_blockers(&self, blocked_by: &[TaskId]) -> Status {
        if blocked_by.iter().any(|id| self.is_open(id)) { Status::Blocked } else { Status::Available }
    }

    pub(super) fn insert(&mut self, task: Task) -> Change {
        let id = task.id.clone();
        for blocker in &task.definition.blocked_by {
            block(&mut self.blocks, blocker, &id);
        }
        self.counts.add(task.status);
        self.oldest = self.oldest.min(task.needs.time);
        self.due = self.due.min(task.needs.time);
        let waits = !task.definition.blocked_by.is_empty();
        self.tasks.insert(task);
        if waits {
            self.rest_on_blockers(id.as_str());
        }
        Change { verdict: Verdict::Accepted, task: Some(id), others: Vec::new(), agent: None }
    }

    pub(super) fn replace_definition(&mut self, id: &str, definition: Definition) {
        let Some(task) = self.tasks.get_mut(id) else { return };
        if task.definition.blocked_by != definition.blocked_by {
            for blocker in &task.definition.blocked_by {
                if let Some(blocked) = self.blocks.get_mut(blocker) {
                    blocked.retain(|b| *b != task.id);
                    if blocked.is_empty() {
                        self.blocks.remove(blocker);
                    }
                }
            }
            for blocker in &definition.blocked_by {
                block(&mut self.blocks, blocker, &task.id);
            }
        }
        task.definition = definition;
        self.rest_on_blockers(id);
    }

    /// Takes an accepted event in. `f` changes the task and says its new status and owner, if these change.
    pub(super) fn change(
        &mut self,
        id: &str,
        at: At,
        note: &Entry<'_>,
        f: impl FnOnce(&mut Task) -> Option<(Status, Option<Arc<Owner>>)>,
    ) -> Change {
        let Self { tasks, agents, counts, .. } = self;
        let Some(task) = tasks.get_mut(id) else { return unknown() };
        let next = f(task);
        if let Some((status, owner)) = next {
            transition(task, agents, counts, status, owner, at.time);
        }
        accept(task, note)
    }

    pub(super) fn refuse(&mut self, id: &str, note: &Entry<'_>, refusal: Refusal) -> Change {
        match self.tasks.get_mut(id) {
            Some(task) => refuse(task, note, refusal),
            None => Change { verdict: Verdict::Refused(refusal), ..unknown() },
        }
    }

    /// The tasks that waited for `id` alone become available, at this version.
    pub(super) fn make_ready(&mut self, id: &str, at: At) -> Vec<TaskId> {
        let waits_no_more = |id: &&TaskId| {
            self.tasks.get(*id).is_some_and(|t| {
                t.status == Status::Blocked
                    && self.status_by_blockers(&t.definition.blocked_by) == Status::Available
            })
        };
        let ready = self.blocked_by(id).iter().filter(waits_no_more).cloned().collect();
        self.follow(ready, Status::Available, at)
    }

    /// The tasks that `id` blocks and that nobody has claimed wait again, at this version.
    pub(super) fn block_again(&mut self, id: &str, at: At) -> Vec<TaskId> {
        let unclaimed = |id: &&TaskId| self.tasks.get(*id).is_some_and(|t| t.status == Status::Available);
        let blocked = self.blocked_by(id).iter().filter(unclaimed).cloned().collect();
        self.follow(blocked, Status::Blocked, at)
    }

    pub(super) fn follow(&mut self, ids: Vec<TaskId>, status: Status, at: At) -> Vec<TaskId> {
        let Self { tasks, agents, counts, .. } = self;
        for id in &ids {
            if let Some(task) = tasks.get_mut(id) {
                transition(task, agents, counts, status, None, at.time);
                task.version = at.seq;
            }
        }
        ids
    }
}

/// Notes an event that a task has followed.
pub(super) fn accept(task: &mut Task, note: &Entry<'_>) -> Change {
    let change = keep(task, note, Verdict::Accepted);
    if task.status.is_finished() {
        task.history.rest();
    }
    change
}

/// Notes an event that counts for nothing.
pub(super) fn refuse(task: &mut Task, note: &Entry<'_>, refusal: Refusal) -> Change {
    let verdict = Verdict::Refused(refusal.clone());
    keep(task, &Entry { refused: Some(refusal), ..note.clone() }, verdict)
}

/// Notes an event in its task's history.
pub(super) fn keep(task: &mut Task, note: &Entry<'_>, verdict: Verdict) -> Change {
    task.history.push(note);
    Change { verdict, task: Some(task.id.clone()), others: Vec::new(), agent: None }
}

/// Most block one or two: no room for more is made before it is needed.
fn block(blocks: &mut HashMap<TaskId, Vec<TaskId>>, blocker: &TaskId, id: &TaskId) {
    let blocked = blocks.entry(blocker.clone()).or_default();
    if blocked.len() < 4 {
        blocked.reserve_exact(1);
    }
    blocked.push(id.clone());
}

/// The one place where a task's status and owner change, and with them all that is counted by these.
pub(super) fn transition(
    task: &mut Task,
    agents: &mut HashMap<AgentId, Agent>,
    counts: &mut Counts,
    status: Status,
    owner: Option<Arc<Owner>>,
    time: Timestamp,
) {
    tally(task, agents, |n| n.saturating_sub(1));
    counts.remove(task.status);
    if task.status != status {
        task.since = time;
    }
    task.status = status;
    task.owner = owner;
    counts.add(status);
    tally(task, agents, |n| n + 1);
}

/// Counts a completed or failed task at its owner.
pub(super) fn tally(task: &Task, agents: &mut HashMap<AgentId, Agent>, count: impl Fn(usize) -> usize) {
    if !matches!(task.status, Status::Completed | Status::Failed) {
        return;
    }
    let Some(agent) = task.owner.as_ref().and_then(|o| agents.get_mut(&o.agent)) else { return };
    let counted = if task.status == Status::Completed { &mut agent.completed } else { &mut agent.failed };
    *counted = count(*counted);
}

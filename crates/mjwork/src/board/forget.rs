//! What expires in the stream is forgotten here too, so that a board open for a month shows what a fresh one shows.

use super::patch::tally;
use super::{Board, Status, Task};
use crate::event::Event;
use crate::{AgentId, Duration, TaskId, Timestamp};
use hashbrown::HashSet;
use std::sync::Arc;

/// What a board no longer knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Finished tasks.
    pub tasks: Vec<TaskId>,
    /// Agents that neither beat lately nor did anything to a task that is remembered.
    pub agents: Vec<AgentId>,
}

impl Board {
    /// Forgets what the stream no longer holds at `now`, by the server's time: finished tasks whose needs are older
    /// than `max_age`, older entries of what stays, and heartbeats past their time. A `max_age` of zero means that
    /// nothing but heartbeats expires.
    ///
    /// From then on the board knows `max_age`, and an event finds no task that has expired by the event's own time,
    /// however seldom this is called. It looks at every task, but only when something has expired.
    pub fn forget(&mut self, now: Timestamp, max_age: Duration) -> Forgotten {
        self.max_age = max_age;
        let mut forgotten = Forgotten::default();
        if !max_age.is_zero() {
            let cutoff = now - max_age;
            if self.oldest < cutoff {
                forgotten.tasks = self.forget_tasks(cutoff);
            }
            self.said.forget(cutoff);
            self.problems.forget(cutoff);
            self.unreadable.forget(cutoff);
            for agent in self.agents.values_mut() {
                agent.acted = agent.acted.filter(|time| *time >= cutoff);
                agent.promised = agent.promised.filter(|time| *time >= cutoff);
            }
        }
        for agent in self.agents.values_mut() {
            if agent.beat.as_ref().is_some_and(|beat| beat.expires() < now) {
                agent.beat = None;
            }
        }
        if self.agents.values().any(|agent| agent.beat.is_none() && agent.acted.is_none()) {
            forgotten.agents = self.forget_agents();
        }
        forgotten
    }

    fn forget_tasks(&mut self, cutoff: Timestamp) -> Vec<TaskId> {
        let over = self.tasks.values().filter(|t| t.is_over(cutoff)).map(|t| t.id.clone());
        let over: Vec<TaskId> = over.collect();
        for id in &over {
            self.remove(id);
        }
        self.shared.forget();
        (self.oldest, self.due) = (Timestamp::MAX, Timestamp::MAX);
        for task in self.tasks.values_mut() {
            let mut first = task.history.first().map(|entry| entry.time);
            if first.is_some_and(|first| first < cutoff) {
                first = Arc::make_mut(task).history.forget(cutoff);
            }
            let first = first.unwrap_or(task.needs.time);
            // What is unfinished stays, however old; only what can go must be looked for again.
            self.oldest = self.oldest.min(first);
            if task.status.is_finished() {
                self.oldest = self.oldest.min(task.needs.time);
            }
            if task.wants_a_word() {
                self.due = self.due.min(task.needs.time);
            }
        }
        over
    }

    fn forget_agents(&mut self) -> Vec<AgentId> {
        let Self { tasks, agents, .. } = self;
        let at_work = tasks.values().filter(|t| t.status == Status::InProgress);
        let working: HashSet<&str> = at_work.filter_map(|t| Some(t.owner.as_ref()?.agent.as_str())).collect();
        let mut gone = Vec::new();
        agents.retain(|id, agent| {
            let stays = agent.beat.is_some() || agent.acted.is_some() || working.contains(id.as_str());
            if !stays {
                gone.push(id.clone());
            }
            stays
        });
        gone
    }

    /// Forgets the tasks that `event`, stored at `time`, names and that have expired by then, so that every reader
    /// takes the event alike, whenever each last forgot.
    pub(super) fn expire(&mut self, time: Timestamp, event: &Event<'_>) -> Vec<TaskId> {
        let cutoff = time - self.max_age;
        if self.max_age.is_zero() || self.oldest >= cutoff {
            return Vec::new();
        }
        let blockers = match event {
            Event::Available(e) => e.blocked_by.as_slice(),
            _ => &[],
        };
        let named = event.task_id().into_iter().chain(blockers.iter().map(crate::Text::as_str));
        let over =
            |id: &str| self.tasks.get(id).filter(|task| task.is_over(cutoff)).map(|task| task.id.clone());
        let over: Vec<TaskId> = named.filter_map(over).collect();
        for id in &over {
            self.remove(id);
        }
        over
    }

    pub(super) fn remove(&mut self, id: &TaskId) {
        let Some(task) = self.tasks.remove(id) else { return };
        self.counts.remove(task.status);
        tally(&task, &mut self.agents, |n| n.saturating_sub(1));
        for blocker in &task.definition.blocked_by {
            if let Some(blocked) = self.blocks.get_mut(blocker) {
                blocked.retain(|b| b != id);
                if blocked.is_empty() {
                    self.blocks.remove(blocker);
                }
            }
        }
        if task.status == Status::Completed {
            // What waited for it waits no more: to take it for unknown now would block that again.
            for blocked in self.blocks.remove(id).unwrap_or_default() {
                if let Some(task) = self.tasks.get_mut(&blocked) {
                    task.definition.blocked_by =
                        task.definition.blocked_by.iter().filter(|b| *b != id).cloned().collect();
                }
            }
        }
    }
}

impl Task {
    /// Whether a reader that has nothing from before `cutoff` could not know it.
    fn is_over(&self, cutoff: Timestamp) -> bool {
        self.status.is_finished() && self.needs.time < cutoff
    }
}

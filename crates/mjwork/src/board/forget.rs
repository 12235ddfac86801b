//! What expires in the stream is forgotten here too, so that a board open for a month shows what a fresh one shows.

use super::patch::tally;
use super::{Board, Status};
use crate::{AgentId, Duration, TaskId, Timestamp};
use hashbrown::HashSet;

/// What a board no longer knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Finished tasks.
    pub tasks: Vec<TaskId>,
    /// Agents that neither beat lately nor did anything to a task that is remembered.
    pub agents: Vec<AgentId>,
}

impl Board {
    /// Forgets what the stream no longer holds at `now`, by the server's time: finished tasks whose last event is
    /// older than `max_age`, older entries of what stays, and heartbeats past their time. A `max_age` of zero
    /// means that nothing but heartbeats expires.
    ///
    /// Looks at every task; call it about once a minute.
    pub fn forget(&mut self, now: Timestamp, max_age: Duration) -> Forgotten {
        let mut forgotten = Forgotten::default();
        if !max_age.is_zero() {
            let cutoff = now - max_age;
            let over = self.tasks.values().filter(|t| t.status.is_finished() && t.touched < cutoff);
            forgotten.tasks = over.map(|t| t.id.clone()).collect();
            for id in &forgotten.tasks {
                self.remove(id);
            }
            for task in self.tasks.values_mut() {
                let expired = task.history.iter().take_while(|e| e.time < cutoff).count();
                if let Some(last) = task.history.drain(..expired).next_back() {
                    task.late.retain(|late| late.seq > last.seq);
                }
            }
            self.said.forget(|r| r.time < cutoff);
            self.problems.forget(|r| r.time < cutoff);
            self.unreadable.forget(|r| r.time < cutoff);
            for agent in self.agents.values_mut() {
                agent.acted = agent.acted.filter(|time| *time >= cutoff);
            }
        }
        for agent in self.agents.values_mut() {
            if agent.beat.as_ref().is_some_and(|beat| beat.expires() < now) {
                agent.beat = None;
            }
        }
        let Self { tasks, agents, .. } = self;
        let at_work = tasks.values().filter(|t| t.status == Status::InProgress);
        let working: HashSet<&str> = at_work.filter_map(|t| Some(t.owner.as_ref()?.agent.as_str())).collect();
        agents.retain(|id, agent| {
            let stays = agent.beat.is_some() || agent.acted.is_some() || working.contains(id.as_str());
            if !stays {
                forgotten.agents.push(id.clone());
            }
            stays
        });
        forgotten
    }

    fn remove(&mut self, id: &TaskId) {
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

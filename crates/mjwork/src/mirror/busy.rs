//! Which agents work on something: of those who live, the others are after the tasks that can be taken.

use crate::board::{Board, Status};
use crate::{AgentId, TaskId};
use hashbrown::HashMap;

/// The owners of all tasks in progress.
#[derive(Default)]
pub(super) struct Busy {
    owners: HashMap<TaskId, AgentId>,
    /// How many tasks each of them has.
    agents: HashMap<AgentId, usize>,
}

impl Busy {
    /// Begins anew with what `board` has.
    pub fn rebuild(&mut self, board: &Board) {
        *self = Self::default();
        for task in board.tasks() {
            self.look(board, &task.id);
        }
    }

    /// Looks at a task that may have changed.
    pub fn look(&mut self, board: &Board, id: &TaskId) {
        let task = board.task(id.as_str()).filter(|task| task.status == Status::InProgress);
        let owner = task.and_then(|task| task.owner.as_ref()).map(|owner| &owner.agent);
        if self.owners.get(id) == owner {
            return;
        }
        if let Some(before) = self.owners.remove(id)
            && let Some(count) = self.agents.get_mut(&before)
        {
            *count -= 1;
            if *count == 0 {
                self.agents.remove(&before);
            }
        }
        if let Some(owner) = owner {
            self.owners.insert(id.clone(), owner.clone());
            *self.agents.entry(owner.clone()).or_default() += 1;
        }
    }

    /// Whether `agent` works on something.
    pub fn has(&self, agent: &AgentId) -> bool {
        self.agents.contains_key(agent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Subjects};
    use crate::{Sequence, Timestamp};

    #[test]
    fn an_agent_is_busy_until_its_last_task_is_done() {
        let (mut board, mut busy, mut seq) = (Board::new(), Busy::default(), Sequence::default());
        let mut apply = |verb: &str, body: &str| {
            seq += 1;
            let subject = format!("mjwork.tasks.{verb}");
            let event = Event::decode(Subjects::default().topic(&subject), body.as_bytes());
            let change = board.apply(seq, Timestamp::default(), &subject, &event);
            change.task.iter().for_each(|id| busy.look(&board, id));
            let mut rebuilt = Busy::default();
            rebuilt.rebuild(&board);
            assert_eq!((&busy.owners, &busy.agents), (&rebuilt.owners, &rebuilt.agents));
            ["a", "b"].map(|name| busy.has(&AgentId::new(name).unwrap()))
        };
        for id in 1..3 {
            apply("available", &format!(r#"{{"task_id":{id},"title":"T"}}"#));
        }
        apply("claimed", r#"{"task_id":1,"agent_id":"a"}"#);
        assert_eq!(apply("claimed", r#"{"task_id":2,"agent_id":"a"}"#), [true, false]);
        assert_eq!(apply("completed", r#"{"task_id":1,"agent_id":"a"}"#), [true, false]);
        apply("available", r#"{"task_id":2,"title":"T","requeue":{}}"#);
        assert_eq!(apply("claimed", r#"{"task_id":2,"agent_id":"b"}"#), [false, true]);
    }
}

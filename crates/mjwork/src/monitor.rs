//! Watching: what every task and agent is at, what happened, and the board as it was.

use crate::board::{Agent, Board, Liveness, Status, Task};
use crate::reader::Fault;
use crate::transport::BoxStream;
use crate::{Mirror, Recorded, TaskId, Timestamp};
use std::collections::BTreeMap;

/// Watches. Cheap to clone.
#[derive(Clone)]
pub struct MonitorClient {}

impl MonitorClient {
    /// A monitor of what `mirror` shows.
    #[must_use]
    pub fn new(mirror: Mirror) -> Self {
        todo!()
    }

    /// The board that it looks at.
    #[must_use]
    pub fn mirror(&self) -> &Mirror {
        todo!()
    }

    /// The task, if it is known.
    #[must_use]
    pub fn get_task_status(&self, id: &TaskId) -> Option<Task> {
        todo!()
    }

    /// All tasks by state, each list in the order in which workers take them.
    #[must_use]
    pub fn get_all_tasks(&self) -> BTreeMap<Status, Vec<Task>> {
        todo!()
    }

    /// All agents by name, and whether their processes live.
    #[must_use]
    pub fn agents(&self) -> Vec<(Agent, Liveness)> {
        todo!()
    }

    /// Everything that the stream holds, then everything as it comes.
    #[must_use]
    pub fn events(&self) -> BoxStream<Recorded> {
        todo!()
    }

    /// The board as it was at `time`, as far back as the stream goes. Heartbeats expire sooner than tasks, so it may not
    /// know whether agents lived.
    pub async fn board_at(&self, time: Timestamp) -> Result<Board, Fault> {
        todo!()
    }
}

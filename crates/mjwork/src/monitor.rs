//! Watching: what every task and agent is at, what happened, and the board as it was.

use crate::board::{Agent, Board, Liveness, Status, Task};
use crate::reader::{Fault, Reader, Step, Stored};
use crate::replay::{Replay, Replayed};
use crate::transport::BoxStream;
use crate::{Mirror, Recorded, TaskId, Timestamp};
use futures_util::future::{Either, select};
use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;

/// Watches. Cheap to clone.
#[derive(Clone)]
pub struct MonitorClient {
    mirror: Mirror,
}

impl MonitorClient {
    /// A monitor of what `mirror` shows.
    #[must_use]
    pub fn new(mirror: Mirror) -> Self {
        Self { mirror }
    }

    /// The board that it looks at.
    #[must_use]
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// The task, if it is known.
    #[must_use]
    pub fn get_task_status(&self, id: &TaskId) -> Option<Task> {
        self.mirror.read(|board| board.task(id.as_str()).cloned())
    }

    /// All tasks by state, each list in the order in which workers take them.
    #[must_use]
    pub fn get_all_tasks(&self) -> BTreeMap<Status, Vec<Task>> {
        let mut tasks: Vec<Task> = self.mirror.read(|board| board.tasks().cloned().collect());
        let order = |task: &Task| (task.definition.priority.rank(), task.created);
        tasks.sort_unstable_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id)));
        let mut by_state: BTreeMap<Status, Vec<Task>> = BTreeMap::new();
        for task in tasks {
            by_state.entry(task.status).or_default().push(task);
        }
        by_state
    }

    /// All agents by name, and whether their processes live.
    #[must_use]
    pub fn agents(&self) -> Vec<(Agent, Liveness)> {
        let now = self.mirror.now();
        let mut agents: Vec<_> = self
            .mirror
            .read(|board| board.agents().map(|agent| (agent.clone(), agent.liveness(now))).collect());
        agents.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        agents
    }

    /// Everything that the stream holds, then everything as it comes. What is made anew under the stream's name begins
    /// anew here.
    #[must_use]
    pub fn events(&self) -> BoxStream<Recorded> {
        let retold = Retold::new(&self.mirror);
        Box::pin(futures_util::stream::unfold((retold, VecDeque::new()), |(mut retold, mut ready)| async {
            loop {
                if let Some(recorded) = ready.pop_front() {
                    return Some((recorded, (retold, ready)));
                }
                match retold.next().await {
                    Step::Events(events) => ready.extend(events.iter().map(|event| retold.apply(event))),
                    Step::Reset => retold.board = fresh(&retold.mirror),
                    Step::Synced { .. } | Step::Fault(_) => {}
                }
            }
        }))
    }

    /// The board as it was at `time`, as far back as the stream goes. Heartbeats expire sooner than tasks, so it may not
    /// know whether agents lived.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub async fn board_at(&self, time: Timestamp) -> Result<Board, Fault> {
        let mirror = &self.mirror;
        let mut replay = Replay::open(mirror.client().clone(), mirror.source().clone());
        let (mut board, mut ups) = (fresh(mirror), mirror.ups());
        loop {
            let replayed = {
                let next = pin!(replay.next(time));
                match select(next, pin!(mirror.reconnected(ups))).await {
                    Either::Left((replayed, _)) => Some(replayed?),
                    Either::Right(((), _)) => None,
                }
            };
            match replayed {
                Some(Replayed::Events(events)) => {
                    for event in &events {
                        board.apply(event.seq, event.time, event.subject(), &event.event(mirror.subjects()));
                    }
                }
                Some(Replayed::Reached) => {
                    // Without what had expired by then.
                    board.forget(time, mirror.max_age());
                    return Ok(board);
                }
                Some(Replayed::Reset) => board = fresh(mirror),
                None => {
                    ups = mirror.ups();
                    replay.reconnected();
                }
            }
        }
    }
}

/// The stream once more from its beginning, with a board of its own.
struct Retold {
    mirror: Mirror,
    reader: Reader,
    board: Board,
    /// Which connection it reads by.
    ups: u64,
}

impl Retold {
    fn new(mirror: &Mirror) -> Self {
        Self {
            reader: Reader::open(mirror.client().clone(), mirror.source().clone()),
            board: fresh(mirror),
            ups: mirror.ups(),
            mirror: mirror.clone(),
        }
    }

    async fn next(&mut self) -> Step {
        loop {
            let step = {
                let next = pin!(self.reader.next());
                match select(next, pin!(self.mirror.reconnected(self.ups))).await {
                    Either::Left((step, _)) => Some(step),
                    Either::Right(((), _)) => None,
                }
            };
            if let Some(step) = step {
                return step;
            }
            self.ups = self.mirror.ups();
            self.reader.reconnected();
        }
    }

    fn apply(&mut self, event: &Stored) -> Recorded {
        let subjects = self.mirror.subjects();
        let change = self.board.apply(event.seq, event.time, event.subject(), &event.event(subjects));
        Recorded {
            seq: event.seq,
            time: event.time,
            subject: event.subject().to_owned(),
            payload: event.payload().clone(),
            verdict: change.verdict,
        }
    }
}

/// A board that knows nothing yet but how long the stream lasts.
fn fresh(mirror: &Mirror) -> Board {
    let mut board = Board::new();
    board.forget(Timestamp::default(), mirror.max_age());
    board
}

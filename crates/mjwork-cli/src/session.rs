//! A connection with the board that it shows: what a command needs to act and to say what came of it.

use crate::connect::Line;
use crate::failure::Failure;
use mjwork::board::{Refusal, Task};
use mjwork::draft::Draft;
use mjwork::reader::Source;
use mjwork::{Ack, Mirror, TaskId, Timestamp};
use std::time::Duration;

/// So long a command reads at the most before it acts.
const PATIENCE: Duration = Duration::from_secs(60);

/// The board, read to its end.
#[derive(Clone)]
pub struct Session {
    pub mirror: Mirror,
}

impl Session {
    /// Reads all that the stream holds.
    pub async fn open(line: &Line, source: Source) -> Result<Self, Failure> {
        match tokio::time::timeout(PATIENCE, Mirror::open(line.client.clone(), source)).await {
            Ok(mirror) => Ok(Self { mirror: mirror? }),
            Err(_) => Err(Failure::NoAnswer("the stream could not be read within a minute".into())),
        }
    }

    /// The server's time.
    pub fn now(&self) -> Timestamp {
        self.mirror.now()
    }

    /// The task as it stands.
    pub fn task(&self, id: &TaskId) -> Result<Task, Failure> {
        let task = self.mirror.read(|board| board.task(id.as_str()).cloned());
        task.ok_or(Failure::Refused(Refusal::UnknownTask))
    }

    /// Publishes, waits until the stream has stored it, and says where; what the fold refuses is a failure.
    pub async fn send(&self, draft: Draft) -> Result<Ack, Failure> {
        let (ack, outcome) = self.mirror.send(draft).await?;
        match outcome.refusal() {
            Some(refusal) => Err(Failure::Refused(refusal.clone())),
            None => Ok(ack),
        }
    }
}

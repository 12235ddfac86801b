//! A board for unit tests, driven by the bodies that stand on the wire.
//! One second of server time passes with each event.

use mjwork::Timestamp;
use mjwork::board::{Board, Change};
use mjwork::event::{Event, Subjects};

pub(crate) struct Script {
    pub(crate) board: Board,
    pub(crate) seq: u64,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self { board: Board::new(), seq: 0 }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_000 + i64::try_from(self.seq).unwrap())
    }

    pub(crate) fn publish(&mut self, subject: &str, body: &str) -> Change {
        self.seq += 1;
        let subject = format!("mjwork.{subject}");
        let subjects = Subjects::default();
        let event = Event::decode(subjects.topic(&subject), body.as_bytes());
        let now = self.now();
        self.board.apply(self.seq, now, &subject, &event)
    }

    pub(crate) fn available(&mut self, id: &str, more: &str) {
        self.publish("tasks.available", &format!(r#"{{"task_id":"{id}","title":"Title of {id}"{more}}}"#));
    }

    pub(crate) fn claim(&mut self, id: &str, agent: &str) {
        self.publish("tasks.claimed", &format!(r#"{{"task_id":"{id}","agent_id":"{agent}"}}"#));
    }

    pub(crate) fn complete(&mut self, id: &str, agent: &str) {
        self.publish("tasks.completed", &format!(r#"{{"task_id":"{id}","agent_id":"{agent}"}}"#));
    }
}

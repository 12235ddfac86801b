//! The fold against PROTOCOL.md: the truth table row by row, the rules under it, and what holds for any log.

pub(super) mod invariants;
mod liveness;
mod retention;
mod rules;
mod truth_table;

use super::*;
use crate::event::{Event, Subjects};
use crate::{Duration, Timestamp};
use proptest::prelude::ProptestConfig;

/// A board and the log that made it: each event one second after the one before.
pub(in crate::board) struct World {
    pub board: Board,
    pub log: Vec<(Sequence, Timestamp, String, String)>,
}

impl World {
    pub fn new() -> Self {
        Self { board: Board::new(), log: Vec::new() }
    }

    /// Publishes `body` on `mjwork.{subject}`; `$` in it is the version of the task `t`, `#` its claim.
    pub fn publish(&mut self, subject: &str, body: &str) -> Change {
        let version = self.board.task("t").map_or(0, |t| t.version).to_string();
        let claim = self.board.task("t").and_then(|t| t.claim).unwrap_or(0).to_string();
        let body = body.replace('$', &version).replace('#', &claim);
        let seq = self.board.last_seq() + 1;
        self.publish_at(seq, subject, &body)
    }

    pub fn publish_at(&mut self, seq: Sequence, subject: &str, body: &str) -> Change {
        let time = Timestamp::from_secs(i64::try_from(seq).unwrap());
        let subject = format!("mjwork.{subject}");
        let change = apply(&mut self.board, seq, time, &subject, body);
        self.log.push((seq, time, subject, body.to_owned()));
        change
    }

    pub fn all(&mut self, events: &[(&str, &str)]) {
        for (subject, body) in events {
            let change = self.publish(subject, body);
            assert!(
                matches!(change.verdict, Verdict::Accepted | Verdict::Noted),
                "{subject} {body}: {:?}",
                change.verdict
            );
        }
    }

    pub fn status(&self, id: &str) -> Status {
        self.board.task(id).unwrap_or_else(|| panic!("no task {id}")).status
    }
}

pub(in crate::board) fn apply(
    board: &mut Board,
    seq: Sequence,
    time: Timestamp,
    subject: &str,
    body: &str,
) -> Change {
    let event = Event::decode(Subjects::default().topic(subject), body.as_bytes());
    board.apply(seq, time, subject, &event)
}

/// The seconds of the test's own clock.
pub(in crate::board) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

pub(in crate::board) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// So many random cases; more where `PROPTEST_CASES` asks for them.
pub(in crate::board) fn cases(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

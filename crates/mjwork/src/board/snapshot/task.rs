//! Tasks, one after another: what nearly all have, then what a bit says that they have.

use super::super::packed::{put_count, put_option, put_text};
use super::super::task::{
    DEFAULT_MAX_ATTEMPTS, Definition, LastProgress, LateResult, LateResults, Outcome, Owner, Priority,
    Status, Word,
};
use super::super::{History, Needs, Task};
use super::{Open, Pack};
use crate::AgentId;
use std::sync::Arc;

const DESCRIPTION: u64 = 1;
const BLOCKED_BY: u64 = 1 << 1;
const PRIORITY: u64 = 1 << 2;
const MAX_ATTEMPTS: u64 = 1 << 3;
const CLAIM: u64 = 1 << 4;
const OWNER: u64 = 1 << 5;
const HANDED_IN: u64 = 1 << 6;
const REWRITTEN: u64 = 1 << 7;
const WORD: u64 = 1 << 8;
const PROGRESS: u64 = 1 << 9;
const PERCENT: u64 = 1 << 10;
const OUTCOME: u64 = 1 << 11;
const LATE: u64 = 1 << 12;

impl<'b> Pack<'b> {
    pub(super) fn task(&mut self, task: &'b Task) {
        let Task {
            id: _, definition, status, version, claim, owner, attempts, created, since, origin, ..
        } = task;
        let Task { needs, handed_in, rewritten, word, progress, outcome, late, history, .. } = task;
        let Definition { title, description, blocked_by, priority, tags, max_attempts } = definition;
        let bits = [
            (DESCRIPTION, description.is_some()),
            (BLOCKED_BY, !blocked_by.is_empty()),
            (PRIORITY, *priority != Priority::Normal),
            (MAX_ATTEMPTS, *max_attempts != DEFAULT_MAX_ATTEMPTS),
            (CLAIM, claim.is_some()),
            (OWNER, owner.is_some()),
            (HANDED_IN, *handed_in),
            (REWRITTEN, *rewritten),
            (WORD, word.is_some()),
            (PROGRESS, progress.is_some()),
            (PERCENT, progress.as_ref().is_some_and(|progress| progress.percent.is_some())),
            (OUTCOME, outcome.is_some()),
            (LATE, !late.is_empty()),
        ];
        let bits = bits.into_iter().filter(|(_, is_set)| *is_set).fold(0, |bits, (bit, _)| bits | bit);
        put_count(&mut self.out, bits);
        self.out.push(*status as u8);
        self.seq(*origin);
        self.seq(needs.seq);
        self.seq(*version);
        self.time(*created);
        self.time(needs.time);
        self.time(*since);
        put_count(&mut self.out, u64::from(*attempts));
        put_text(&mut self.out, title);
        self.count(tags.len());
        for tag in tags {
            self.name(tag);
        }
        if let Some(description) = description {
            put_text(&mut self.out, description);
        }
        if !blocked_by.is_empty() {
            self.count(blocked_by.len());
            for id in blocked_by {
                self.id(id);
            }
        }
        if *priority != Priority::Normal {
            put_text(&mut self.out, priority.as_str());
        }
        if *max_attempts != DEFAULT_MAX_ATTEMPTS {
            put_count(&mut self.out, u64::from(*max_attempts));
        }
        if let Some(claim) = claim {
            self.seq(*claim);
        }
        if let Some(owner) = owner {
            self.owner(owner);
        }
        if let Some(word) = word {
            for seq in [word.origin, word.version, word.late] {
                self.seq(seq);
            }
        }
        if let Some(LastProgress { time, percent, note }) = progress {
            self.time(*time);
            self.out.extend(percent.iter().flat_map(|percent| percent.to_le_bytes()));
            put_option(&mut self.out, note.as_deref());
        }
        if let Some(outcome) = outcome {
            self.outcome(outcome);
        }
        if !late.is_empty() {
            self.count(late.len());
            for LateResult { seq, owner, result } in late {
                self.seq(*seq);
                self.owner(owner);
                put_option(&mut self.out, result.as_deref());
            }
        }
        history.pack(&mut self.out);
    }

    fn owner(&mut self, owner: &'b Owner) {
        self.name(owner.agent.as_str());
        self.some_name(owner.session.as_deref());
    }

    fn outcome(&mut self, outcome: &'b Outcome) {
        match outcome {
            Outcome::Result(result) => {
                self.out.push(0);
                put_option(&mut self.out, result.as_deref());
            }
            Outcome::Error { error, kind, by } => {
                self.out.push(1);
                put_text(&mut self.out, error);
                put_option(&mut self.out, kind.as_deref());
                put_option(&mut self.out, by.as_deref());
            }
            Outcome::Cancelled { by, reason } => {
                self.out.push(2);
                put_text(&mut self.out, by);
                put_option(&mut self.out, reason.as_deref());
            }
        }
    }
}

impl Open<'_> {
    pub(super) fn task(&mut self, at: usize) -> Option<Task> {
        let id = self.ids.get(at)?.clone();
        let bits = self.bytes.count()?;
        let has = |bit| bits & bit != 0;
        let status = Status::unpack(&mut self.bytes)?;
        let (origin, needs, version) = (self.seq()?, self.seq()?, self.seq()?);
        let (created, needed, since) = (self.time()?, self.time()?, self.time()?);
        let attempts = self.bytes.small()?;
        let title = self.bytes.text()?.into();
        let tags = self.each(Self::name)?.into();
        let description = if has(DESCRIPTION) { Some(self.bytes.text()?.into()) } else { None };
        let blocked_by = if has(BLOCKED_BY) { self.each(Self::id)?.into() } else { Box::default() };
        let priority = if has(PRIORITY) { self.bytes.text()?.into() } else { Priority::Normal };
        let max_attempts = if has(MAX_ATTEMPTS) { self.bytes.small()? } else { DEFAULT_MAX_ATTEMPTS };
        let claim = if has(CLAIM) { Some(self.seq()?) } else { None };
        let owner = if has(OWNER) { Some(self.owner()?) } else { None };
        let word = if has(WORD) {
            Some(Box::new(Word { origin: self.seq()?, version: self.seq()?, late: self.seq()? }))
        } else {
            None
        };
        let progress = if has(PROGRESS) {
            let time = self.time()?;
            let percent = if has(PERCENT) {
                Some(f64::from_le_bytes(self.bytes.bytes(8)?.try_into().ok()?))
            } else {
                None
            };
            Some(LastProgress { time, percent, note: self.bytes.option()?.map(Box::from) })
        } else {
            None
        };
        let outcome = if has(OUTCOME) { Some(self.outcome()?) } else { None };
        let late =
            if has(LATE) { self.each(Self::late)?.into_iter().collect() } else { LateResults::default() };
        let history = History::unpack(&mut self.bytes)?;
        Some(Task {
            id,
            definition: Definition { title, description, blocked_by, priority, tags, max_attempts },
            status,
            version,
            claim,
            owner,
            attempts,
            created,
            since,
            origin,
            needs: Needs { seq: needs, time: needed },
            handed_in: has(HANDED_IN),
            rewritten: has(REWRITTEN),
            word,
            progress,
            outcome,
            late,
            history,
        })
    }

    pub(super) fn agent(&mut self) -> Option<AgentId> {
        AgentId::from_shared(self.name()?)
    }

    fn owner(&mut self) -> Option<Arc<Owner>> {
        let (agent, session) = (self.agent()?, self.some_name()?);
        Some(self.board.shared.owner(agent, session.as_deref()))
    }

    fn late(&mut self) -> Option<LateResult> {
        Some(LateResult { seq: self.seq()?, owner: self.owner()?, result: self.some_text()? })
    }

    #[expect(clippy::option_option, reason = "the outer one says whether the bytes are right")]
    pub(super) fn some_text(&mut self) -> Option<Option<Box<str>>> {
        Some(self.bytes.option()?.map(Box::from))
    }

    fn outcome(&mut self) -> Option<Outcome> {
        Some(match self.bytes.byte()? {
            0 => Outcome::Result(self.some_text()?),
            1 => Outcome::Error {
                error: self.bytes.text()?.into(),
                kind: self.some_text()?,
                by: self.some_text()?,
            },
            2 => Outcome::Cancelled { by: self.bytes.text()?.into(), reason: self.some_text()? },
            _ => return None,
        })
    }
}

//! Agents, and the three logs.

use super::super::packed::{put_count, put_option, put_text};
use super::super::{Agent, Beat, Board, Log, ProblemRecord, Said, UnreadableRecord};
use super::{Open, Pack};
use crate::event::Reason;
use crate::{AgentId, Duration, Timestamp};

impl<'b> Pack<'b> {
    pub(super) fn agents(&mut self, agents: impl ExactSizeIterator<Item = &'b Agent>) {
        self.count(agents.len());
        for Agent { id, beat, acted, promised, completed, failed } in agents {
            self.name(id.as_str());
            self.some_time(*acted);
            self.some_time(*promised);
            self.count(*completed);
            self.count(*failed);
            self.out.push(u8::from(beat.is_some()));
            if let Some(beat) = beat {
                self.beat(beat);
            }
        }
    }

    fn beat(&mut self, beat: &'b Beat) {
        let Beat { time, session, status, task, description, interval, host, version } = beat;
        self.time(*time);
        self.some_name(session.as_deref());
        self.out.push(u8::from(task.is_some()));
        if let Some(task) = task {
            self.id(task);
        }
        put_count(&mut self.out, interval.as_secs());
        put_count(&mut self.out, u64::from(interval.subsec_nanos()));
        for text in [status, description, host, version] {
            put_option(&mut self.out, text.as_deref());
        }
    }

    fn some_time(&mut self, time: Option<Timestamp>) {
        self.out.push(u8::from(time.is_some()));
        if let Some(time) = time {
            self.time(time);
        }
    }

    pub(super) fn logs(&mut self, board: &'b Board) {
        self.log(&board.said, |pack, said| {
            pack.seq(said.seq);
            pack.time(said.time);
            pack.name(said.agent.as_str());
            put_text(&mut pack.out, &said.message);
        });
        self.log(&board.problems, |pack, problem| {
            pack.seq(problem.seq);
            pack.time(problem.time);
            put_text(&mut pack.out, &problem.message);
            pack.some_name(problem.agent.as_ref().map(AgentId::as_str));
            pack.out.push(u8::from(problem.task.is_some()));
            if let Some(task) = &problem.task {
                pack.id(task);
            }
            put_option(&mut pack.out, problem.level.as_deref());
            put_option(&mut pack.out, problem.stack.as_deref());
        });
        self.log(&board.unreadable, |pack, record| {
            pack.seq(record.seq);
            pack.time(record.time);
            put_text(&mut pack.out, &record.subject);
            pack.count(record.size);
            pack.reason(&record.reason);
        });
    }

    fn log<T>(&mut self, log: &'b Log<T>, mut one: impl FnMut(&mut Self, &'b T)) {
        self.count(log.dropped.len());
        for time in &log.dropped {
            self.time(*time);
        }
        self.count(log.records.len());
        for record in &log.records {
            one(self, record);
        }
    }

    fn reason(&mut self, reason: &'b Reason) {
        let (tag, text) = match reason {
            Reason::Empty => (0, ""),
            Reason::NotUtf8 { .. } => (1, ""),
            Reason::NotJson(text) => (2, text.as_str()),
            Reason::NotAnObject => (3, ""),
            Reason::TooDeep => (4, ""),
            Reason::Fields(text) => (5, text.as_str()),
            Reason::UnknownSubject => (6, ""),
            Reason::Forged => (7, ""),
            Reason::Fleeting => (8, ""),
        };
        self.out.push(tag);
        put_text(&mut self.out, text);
        if let Reason::NotUtf8 { at } = reason {
            self.count(*at);
        }
    }
}

impl Open<'_> {
    pub(super) fn agents(&mut self) -> Option<()> {
        for _ in 0..self.bytes.many()? {
            let id = self.agent()?;
            let (acted, promised) = (self.some_time()?, self.some_time()?);
            let (completed, failed) = (self.bytes.size()?, self.bytes.size()?);
            let beat = if self.is_there()? { Some(self.beat()?) } else { None };
            let agent = Agent { id: id.clone(), beat, acted, promised, completed, failed };
            self.board.agents.insert(id, agent);
        }
        Some(())
    }

    fn beat(&mut self) -> Option<Beat> {
        let (time, session) = (self.time()?, self.some_name()?);
        let task = if self.is_there()? { Some(self.id()?) } else { None };
        let (secs, nanos) = (self.bytes.count()?, self.bytes.small()?);
        let interval = Duration::from_secs(secs).checked_add(Duration::from_nanos(nanos.into()))?;
        let (status, description) = (self.some_text()?, self.some_text()?);
        let (host, version) = (self.some_text()?, self.some_text()?);
        Some(Beat { time, session, status, task, description, interval, host, version })
    }

    fn is_there(&mut self) -> Option<bool> {
        Some(self.bytes.byte()? != 0)
    }

    #[expect(clippy::option_option, reason = "the outer one says whether the bytes are right")]
    fn some_time(&mut self) -> Option<Option<Timestamp>> {
        Some(if self.is_there()? { Some(self.time()?) } else { None })
    }

    pub(super) fn logs(&mut self) -> Option<()> {
        self.board.said = self.log(|open| {
            let (seq, time) = (open.seq()?, open.time()?);
            Some(Said { seq, time, agent: open.agent()?, message: open.bytes.text()?.into() })
        })?;
        self.board.problems = self.log(|open| {
            let (seq, time) = (open.seq()?, open.time()?);
            let message = open.bytes.text()?.into();
            let agent = match open.some_name()? {
                Some(agent) => Some(AgentId::from_shared(agent)?),
                None => None,
            };
            let task = if open.is_there()? { Some(open.id()?) } else { None };
            let (level, stack) = (open.some_text()?, open.some_text()?);
            Some(ProblemRecord { seq, time, message, agent, task, level, stack })
        })?;
        self.board.unreadable = self.log(|open| {
            let (seq, time) = (open.seq()?, open.time()?);
            let (subject, size) = (open.bytes.text()?.into(), open.bytes.size()?);
            Some(UnreadableRecord { seq, time, subject, size, reason: open.reason()? })
        })?;
        Some(())
    }

    fn log<T>(&mut self, one: impl FnMut(&mut Self) -> Option<T>) -> Option<Log<T>> {
        let dropped = self.each(Self::time)?.into();
        let records = self.each(one)?.into();
        Some(Log { records, dropped })
    }

    fn reason(&mut self) -> Option<Reason> {
        let (tag, text) = (self.bytes.byte()?, self.bytes.text()?);
        Some(match tag {
            0 => Reason::Empty,
            1 => Reason::NotUtf8 { at: self.bytes.size()? },
            2 => Reason::NotJson(text.to_owned()),
            3 => Reason::NotAnObject,
            4 => Reason::TooDeep,
            5 => Reason::Fields(text.to_owned()),
            6 => Reason::UnknownSubject,
            7 => Reason::Forged,
            8 => Reason::Fleeting,
            _ => return None,
        })
    }
}

//! `log` and `watch`: what happened, and what happens.

use crate::args::{Filter, Log};
use crate::connect::Line;
use crate::failure::Failure;
use crate::output::{EventObject, Out, agent_of, event_line, moment, parse_moment, tell, time_of_day};
use crate::session::Session;
use futures_util::StreamExt as _;
use mjwork::board::Board;
use mjwork::event::{Event, Subjects, Topic};
use mjwork::reader::{Reader, Source, Step};
use mjwork::{Mirror, Recorded, Sequence, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// So long the server may say nothing while history is read.
const PATIENCE: Duration = Duration::from_secs(60);

/// Shows events as they come, until somebody ends it.
pub async fn watch(session: &Session, filter: Filter, out: &mut Out) -> Result<(), Failure> {
    let subjects = session.mirror.subjects().clone();
    let mut printer = Printer { filter, subjects, since: None, is_live: true, keep: None, out };
    follow(&session.mirror, 0, &mut printer).await
}

/// Shows what the stream holds, and with `--follow` what comes then.
pub async fn log(line: &Line, source: Source, words: Log, out: &mut Out) -> Result<(), Failure> {
    // Opened first, so that nothing falls between history and what comes.
    let mirror = if words.follow { Some(Session::open(line, source.clone()).await?.mirror) } else { None };
    let mut coming = mirror.as_ref().map(Mirror::events);
    let subjects = source.subjects.clone();
    let keep = words.limit.map(|limit| (limit, VecDeque::new()));
    let mut printer = Printer { filter: words.filter, subjects, since: None, is_live: false, keep, out };
    let last =
        history(Reader::open(line.client.clone(), source), words.since.as_deref(), &mut printer).await?;
    printer.flush()?;
    match (mirror, coming.take()) {
        (Some(mirror), Some(coming)) => follow_from(&mirror, coming, last, &mut printer).await,
        _ => Ok(()),
    }
}

/// Reads what the stream holds; the last sequence of it.
async fn history(
    mut reader: Reader,
    since: Option<&str>,
    printer: &mut Printer<'_>,
) -> Result<Sequence, Failure> {
    let mut board = Board::new();
    loop {
        let step = tokio::time::timeout(PATIENCE, reader.next())
            .await
            .map_err(|_| Failure::NoAnswer("the stream could not be read within a minute".into()))?;
        if let (None, Some(since), Some(info)) = (printer.since, since, reader.stream_info()) {
            printer.since = Some(parse_moment(since, info.now).map_err(Failure::Usage)?);
        }
        match step {
            Step::Events(events) => {
                for stored in &events {
                    let event = stored.event(&printer.subjects);
                    let change = board.apply(stored.seq, stored.time, stored.subject(), &event);
                    let recorded = Recorded {
                        seq: stored.seq,
                        time: stored.time,
                        subject: stored.subject().to_owned(),
                        payload: stored.payload().clone(),
                        verdict: change.verdict,
                    };
                    printer.show(&recorded, || unreadable(&board, stored.seq))?;
                }
            }
            Step::Synced { seq } => return Ok(seq),
            Step::Reset => board = Board::new(),
            Step::Fault(fault) => return Err(fault.into()),
        }
    }
}

async fn follow(mirror: &Mirror, after: Sequence, printer: &mut Printer<'_>) -> Result<(), Failure> {
    follow_from(mirror, mirror.events(), after, printer).await
}

async fn follow_from(
    mirror: &Mirror,
    mut live: mjwork::transport::BoxStream<Recorded>,
    after: Sequence,
    printer: &mut Printer<'_>,
) -> Result<(), Failure> {
    let (mut ticket, mut synced) = (mirror.ticket(), mirror.is_synced());
    loop {
        tokio::select! {
            event = live.next() => {
                let Some(event) = event else { return Ok(()) };
                if event.seq > after {
                    printer.show(&event, || mirror.read(|board| unreadable(board, event.seq)))?;
                }
            }
            now = mirror.changed(ticket) => {
                ticket = now;
                if mirror.is_synced() != synced {
                    synced = !synced;
                    tell(format_args!("mjwork: {}", if synced { "connected again" } else { "the connection is lost; trying again" }));
                }
            }
        }
    }
}

/// Why the fold could not read the message at `seq`, if so.
fn unreadable(board: &Board, seq: Sequence) -> Option<String> {
    let newest = board.unreadable().iter().rev().take_while(|record| record.seq >= seq).last();
    newest.filter(|record| record.seq == seq).map(|record| record.reason.to_string())
}

/// An event, and why it could not be read, if so.
type Kept = (Recorded, Option<String>);

/// Prints the events that are wanted.
struct Printer<'o> {
    filter: Filter,
    subjects: Subjects,
    since: Option<Timestamp>,
    is_live: bool,
    /// So many of the newest are kept back until all of history has come.
    keep: Option<(usize, VecDeque<Kept>)>,
    out: &'o mut Out,
}

impl Printer<'_> {
    fn show(&mut self, event: &Recorded, why: impl FnOnce() -> Option<String>) -> Result<(), Failure> {
        if self.since.is_some_and(|since| event.time < since) || !self.wants(event) {
            return Ok(());
        }
        match &mut self.keep {
            Some((limit, kept)) => {
                kept.push_back((event.clone(), why()));
                if kept.len() > *limit {
                    kept.pop_front();
                }
                Ok(())
            }
            None => self.print(event, why()),
        }
    }

    /// Prints what was kept back; from now on nothing is.
    fn flush(&mut self) -> Result<(), Failure> {
        let Some((_, kept)) = self.keep.take() else { return Ok(()) };
        kept.into_iter().try_for_each(|(event, why)| self.print(&event, why))
    }

    fn print(&mut self, event: &Recorded, why: Option<String>) -> Result<(), Failure> {
        if self.out.is_json() {
            return self.out.object(&EventObject::new(event, &self.subjects, why));
        }
        // What comes now comes today.
        let time = if self.is_live { time_of_day(event.time) } else { moment(event.time) };
        self.out.line(format_args!("{}", event_line(event, time, &self.subjects, why.as_deref())))
    }

    fn wants(&self, recorded: &Recorded) -> bool {
        let Filter { task, agent, heartbeats } = &self.filter;
        let topic = self.subjects.topic(&recorded.subject);
        if !heartbeats && matches!(topic, Topic::Heartbeat(_)) {
            return false;
        }
        if task.is_none() && agent.is_none() {
            return true;
        }
        let event = Event::decode(topic, &recorded.payload);
        task.as_ref().is_none_or(|task| event.task_id() == Some(task.as_str()))
            && agent.as_ref().is_none_or(|agent| agent_of(&event).as_ref() == Some(agent))
    }
}

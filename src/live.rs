//! What the page knows: the fold, the order in which it shows, the raw log, and what changed since the last frame.
//! Events are applied as they arrive; what changed is only marked, and taken once a frame.

use crate::clock::ServerClock;
use crate::messages::{KEPT, Message, Messages};
use crate::order::{Orders, Touched};
use crate::series::Series;
use hashbrown::HashSet;
use mjwork::board::{Board, Change, Counts, Verdict};
use mjwork::event::Event;
use mjwork::{AgentId, Duration, Sequence, TaskId, Timestamp};
use std::collections::VecDeque;

/// So many of the last verdicts are remembered, for acts whose acknowledgement is slower than their event.
const VERDICTS: usize = 1_024;

/// One stored message, as the reader hands it over.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Where it lies in the stream.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
    /// Its subject.
    pub subject: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

/// What was folded out of the stream, apart from how it shows: what a copy on the device holds, and a moment of the past
/// that one may come back to.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The fold.
    pub board: Board,
    /// What happened when.
    pub series: Series,
    /// How many messages there were.
    pub messages: usize,
}

/// All that the page knows.
#[derive(Debug, Default)]
pub struct Live {
    board: Board,
    orders: Orders,
    messages: Messages,
    series: Series,
    clock: ServerClock,
    /// Whether the history has been read.
    synced: bool,
    /// Whether the order is that of the board, but for what is marked.
    ordered: bool,
    /// How many messages were applied since the reading began.
    read: u64,
    dirty: Dirty,
    verdicts: VecDeque<(Sequence, Verdict)>,
}

#[derive(Debug, Default)]
struct Dirty {
    tasks: HashSet<TaskId>,
    /// Each once: they are few.
    agents: Vec<AgentId>,
    /// Whether everything is to be looked at again.
    all: bool,
}

/// What changed since the last frame.
#[derive(Debug, Default)]
pub struct Changes {
    /// Everything may have changed: after the history was read, or on a new board.
    pub all: bool,
    /// These tasks did.
    pub tasks: HashSet<TaskId>,
    /// These agents did.
    pub agents: Vec<AgentId>,
    /// The order of these columns did.
    pub columns: Touched,
    /// How far the stream is read, and how many of everything there are.
    pub totals: Totals,
}

/// How many of everything there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The last sequence that was applied.
    pub seq: Sequence,
    /// Tasks by status, as the fold counts them.
    pub counts: Counts,
    /// Agents.
    pub agents: usize,
    /// Reported errors.
    pub problems: usize,
    /// Messages that could not be read.
    pub unreadable: usize,
    /// All messages.
    pub messages: usize,
    /// Those that were read since the page was opened, or connected as somebody else.
    pub read: u64,
}

impl Totals {
    /// How many errors were reported, and how many messages could not be read.
    #[must_use]
    pub const fn of_errors(&self) -> (usize, usize) {
        (self.problems, self.unreadable)
    }
}

impl Live {
    /// The fold.
    #[must_use]
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// The order in which tasks show.
    #[must_use]
    pub const fn orders(&self) -> &Orders {
        &self.orders
    }

    /// The raw log.
    #[must_use]
    pub const fn messages(&self) -> &Messages {
        &self.messages
    }

    /// What happened when.
    #[must_use]
    pub const fn series(&self) -> &Series {
        &self.series
    }

    /// What was folded so far. Tasks are shared with the copy until one of both changes them.
    #[must_use]
    pub fn known(&self) -> Known {
        Known { board: self.board.clone(), series: self.series.clone(), messages: self.messages.total() }
    }

    /// Whether all that the stream holds has been applied.
    #[must_use]
    pub const fn is_synced(&self) -> bool {
        self.synced
    }

    /// The server's time when the browser's clock says `local_ms`.
    #[must_use]
    pub fn now(&self, local_ms: i64) -> Timestamp {
        self.clock.now(local_ms)
    }

    /// Applies a message. `after` is how many more stand behind it in the same batch: the log keeps only what would
    /// stay in it anyway.
    pub fn apply(&mut self, arrival: Arrival<'_>, event: &Event<'_>, local_ms: i64, after: usize) {
        let Arrival { seq, time, subject, body } = arrival;
        let change = self.board.apply(seq, time, subject, event);
        if change.verdict == Verdict::Repeated {
            return;
        }
        self.read += 1;
        self.series.note(time, event, &change.verdict, self.board.counts());
        if after < KEPT {
            self.messages.push(Message::new(seq, time, subject, body, event, &change.verdict));
        } else {
            self.messages.skip(1);
        }
        if self.synced {
            self.clock.live(time, local_ms);
        } else {
            self.clock.history(time);
        }
        if self.ordered {
            self.mark(seq, change);
        }
    }

    fn mark(&mut self, seq: Sequence, change: Change) {
        if self.verdicts.len() == VERDICTS {
            self.verdicts.pop_front();
        }
        self.verdicts.push_back((seq, change.verdict));
        self.dirty.tasks.extend(change.task);
        self.dirty.tasks.extend(change.others);
        if let Some(agent) = change.agent.filter(|agent| !self.dirty.agents.contains(agent)) {
            self.dirty.agents.push(agent);
        }
    }

    /// All that the stream holds has been applied.
    pub fn synced(&mut self) {
        if !self.synced {
            self.show();
            self.synced = true;
        }
    }

    /// Puts the order right for what has been applied so far, be it all or not, so that it can be shown.
    pub fn show(&mut self) {
        if self.ordered {
            let tasks = std::mem::take(&mut self.dirty.tasks);
            self.orders.update(&self.board, &tasks);
        } else {
            self.orders = Orders::of(&self.board);
            self.ordered = true;
        }
        self.dirty = Dirty { all: true, ..Dirty::default() };
    }

    /// Begins with what was folded before, and shows it. What comes next is history.
    pub fn restore(&mut self, known: Known) {
        let Known { board, series, messages } = known;
        self.reset();
        self.clock.history(board.last_time());
        (self.board, self.series) = (board, series);
        self.messages.skip(messages);
        self.show();
    }

    /// Takes in the server's own clock, as it said when it described the stream. Live messages tell it better later on.
    pub fn told(&mut self, server: Timestamp, local_ms: i64) {
        if !self.clock.is_set() && server > Timestamp::default() {
            self.clock.live(server, local_ms);
        }
    }

    /// The connection was lost: what comes next is history again.
    pub fn interrupted(&mut self) {
        self.synced = false;
        self.clock.reconnected();
    }

    /// The stream was made anew: whatever was known is void.
    pub fn reset(&mut self) {
        *self = Self { dirty: Dirty { all: true, ..Dirty::default() }, ..Self::default() };
    }

    /// The stream keeps its messages so long: no event finds what had expired by then.
    pub fn lasts(&mut self, max_age: Duration) {
        self.board.forget(Timestamp::default(), max_age);
    }

    /// Forgets what the stream no longer holds.
    pub fn forget(&mut self, now: Timestamp, max_age: Duration) {
        if self.ordered {
            let forgotten = self.board.forget(now, max_age);
            self.dirty.tasks.extend(forgotten.tasks);
            self.dirty.agents.extend(forgotten.agents);
        }
    }

    /// Takes what changed since it was last asked, and puts the order right.
    pub fn flush(&mut self) -> Changes {
        if !self.synced {
            // Between two readings of the history the order stays; what changed is put right when all has been read.
            let all = std::mem::take(&mut self.dirty.all);
            let columns = if all { Touched::ALL } else { Touched::default() };
            return Changes { all, columns, totals: self.totals(), ..Changes::default() };
        }
        let Dirty { tasks, agents, all } = std::mem::take(&mut self.dirty);
        let patched = self.orders.update(&self.board, &tasks);
        let columns = if all { Touched::ALL } else { patched };
        Changes { all, tasks, agents, columns, totals: self.totals() }
    }

    /// How many of everything there are.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals {
            seq: self.board.last_seq(),
            counts: self.board.counts(),
            agents: self.board.agents().len(),
            problems: self.board.problems().total(),
            unreadable: self.board.unreadable().total(),
            messages: self.messages.total(),
            read: self.read,
        }
    }

    /// What the fold said of the event at `seq`, as far back as that is remembered; for an event of a task that is
    /// its history.
    #[must_use]
    pub fn verdict(&self, seq: Sequence, task: &str) -> Option<Verdict> {
        if let Ok(at) = self.verdicts.binary_search_by_key(&seq, |(s, _)| *s) {
            return self.verdicts.get(at).map(|(_, verdict)| verdict.clone());
        }
        self.board.task(task)?.history.find(seq).map(|entry| entry.verdict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::board::Status;
    use mjwork::event::Subjects;

    fn apply(live: &mut Live, seq: u64, subject: &str, body: &str) {
        let subject = format!("mjwork.{subject}");
        let event = Event::decode(Subjects::default().topic(&subject), body.as_bytes());
        let time = Timestamp::from_secs(1_000 + i64::try_from(seq).unwrap());
        let arrival = Arrival { seq, time, subject: &subject, body: body.as_bytes() };
        live.apply(arrival, &event, time.as_millis() + 20, 0);
    }

    fn available(live: &mut Live, seq: u64, id: &str) {
        apply(live, seq, "tasks.available", &format!(r#"{{"task_id":"{id}","title":"t"}}"#));
    }

    fn claimed(live: &mut Live, seq: u64, id: &str) {
        apply(live, seq, "tasks.claimed", &format!(r#"{{"task_id":"{id}","agent_id":"a"}}"#));
    }

    #[test]
    fn while_history_is_read_only_the_fold_moves() {
        let mut live = Live::default();
        available(&mut live, 1, "x");
        let changes = live.flush();
        assert!(!changes.all && changes.tasks.is_empty() && changes.columns == Touched::default());
        assert_eq!((changes.totals.seq, changes.totals.counts.total()), (1, 1));
        assert!(live.orders().is_empty(Status::Available));
        live.synced();
        assert!(live.flush().all);
        assert_eq!(live.orders().len(Status::Available), 1);
    }

    #[test]
    fn once_synced_a_frame_gets_each_task_once() {
        let mut live = Live::default();
        live.synced();
        live.flush();
        available(&mut live, 1, "x");
        claimed(&mut live, 2, "x");
        claimed(&mut live, 3, "x");
        let changes = live.flush();
        assert_eq!((changes.tasks.len(), changes.agents.len(), changes.totals.seq), (1, 1, 3));
        assert!(changes.columns.has(Status::InProgress) && !changes.columns.has(Status::Available));
        assert!(live.flush().tasks.is_empty());
    }

    #[test]
    fn an_act_finds_its_verdict_whichever_comes_first() {
        let mut live = Live::default();
        available(&mut live, 1, "x");
        live.synced();
        claimed(&mut live, 2, "x");
        claimed(&mut live, 3, "x");
        assert_eq!(live.verdict(1, "x"), Some(Verdict::Accepted));
        assert_eq!(live.verdict(2, "x"), Some(Verdict::Accepted));
        assert!(matches!(live.verdict(3, "x"), Some(Verdict::Refused(_))));
        assert_eq!(live.verdict(4, "x"), None);
    }

    #[test]
    fn after_an_interruption_the_order_is_made_anew() {
        let mut live = Live::default();
        live.synced();
        available(&mut live, 1, "x");
        live.flush();
        live.interrupted();
        available(&mut live, 2, "y");
        assert_eq!(live.orders().len(Status::Available), 1);
        live.synced();
        assert!(live.flush().all);
        assert_eq!(live.orders().len(Status::Available), 2);
        live.reset();
        assert!(live.flush().all);
        assert_eq!((live.totals(), live.orders().len(Status::Available)), (Totals::default(), 0));
    }

    #[test]
    fn what_was_known_is_shown_at_once_and_goes_on_from_there() {
        let mut live = Live::default();
        available(&mut live, 1, "x");
        available(&mut live, 2, "y");
        live.synced();
        claimed(&mut live, 3, "x");
        let known = live.known();
        claimed(&mut live, 4, "y");
        assert_eq!(known.board.last_seq(), 3, "it stays as it was");

        let mut again = Live::default();
        again.restore(known);
        let changes = again.flush();
        assert!(changes.all && !again.is_synced());
        assert_eq!((changes.totals.seq, changes.totals.messages, changes.totals.read), (3, 3, 0));
        assert_eq!(again.orders().len(Status::InProgress), 1);
        assert_eq!(again.now(0), Timestamp::from_secs(1_003), "no earlier than what it knows");
        claimed(&mut again, 4, "y");
        assert_eq!(again.orders().len(Status::InProgress), 1, "the order waits until all has been read");
        again.synced();
        assert!(again.flush().all);
        assert_eq!((again.orders().len(Status::InProgress), again.totals().read), (2, 1));
        assert_eq!(again.series(), live.series());
    }

    #[test]
    fn repeated_messages_count_once() {
        let mut live = Live::default();
        available(&mut live, 1, "x");
        available(&mut live, 1, "x");
        assert_eq!(live.totals().messages, 1);
    }
}

//! Many tasks at once: what was read of a text, what is wrong with it, and how far the publishing of the rest has come.

use mjwork::board::{Board, Verdict};
use mjwork::import::{self, Format, Row};
use mjwork::publisher::{InvalidTask, is_there};
use mjwork::{NewTask, Sequence};

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It cannot be published, for these reasons.
    Ill(Vec<String>),
    /// It can be published.
    Ready,
    /// It is on the board already, as it is.
    There,
    /// It is on its way.
    Sent,
    /// The stream has stored it.
    Stored(Sequence),
    /// It is stored, and the fold refused it.
    Refused(String),
    /// It is not known to be stored.
    Failed(String),
}

impl State {
    /// The word for scripts, and for what a row's key moves with.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Ill(_) => "ill",
            Self::Ready => "ready",
            Self::There => "there",
            Self::Sent => "sent",
            Self::Stored(_) => "stored",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
        }
    }

    /// What is said of the row.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Ill(faults) => faults.join("; "),
            Self::Ready => "ready".into(),
            Self::There => "there already, as it is".into(),
            Self::Sent => "sending…".into(),
            Self::Stored(seq) => format!("stored as {seq}"),
            Self::Refused(why) => format!("refused: {why}"),
            Self::Failed(why) => format!("not done: {why}"),
        }
    }

    /// Whether it stands in the way, or went wrong.
    #[must_use]
    pub const fn is_bad(&self) -> bool {
        matches!(self, Self::Ill(_) | Self::Refused(_) | Self::Failed(_))
    }
}

/// How many rows stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All rows.
    pub all: usize,
    /// That cannot be published.
    pub ill: usize,
    /// That can be.
    pub ready: usize,
    /// That are on their way.
    pub sent: usize,
    /// That are stored.
    pub stored: usize,
    /// That were there already.
    pub there: usize,
    /// That went wrong on the way.
    pub failed: usize,
}

/// A text of tasks, and what becomes of it.
#[derive(Debug, Default)]
pub struct Bulk {
    rows: Vec<Row>,
    states: Vec<State>,
    /// From where on a row may be ready.
    next: usize,
}

impl Bulk {
    /// Reads a text, called by the name of its file or by nothing; `check` says what is wrong with the tasks in it.
    ///
    /// # Errors
    /// In words, when it is none of the formats as a whole.
    pub fn read(
        name: &str,
        text: &str,
        board: &Board,
        check: impl FnOnce(&[NewTask]) -> Vec<InvalidTask>,
    ) -> Result<(Self, Format), String> {
        let format = Format::guess(name, text);
        let rows = import::rows(text, format)?;
        let states =
            import::faults(&rows, check).into_iter().zip(&rows).map(|(faults, row)| match &row.task {
                Ok(task) if faults.is_empty() && is_there(board, task) => State::There,
                _ if faults.is_empty() => State::Ready,
                _ => State::Ill(faults),
            });
        Ok((Self { states: states.collect(), rows, next: 0 }, format))
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row, and where it stands.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<(&Row, &State)> {
        self.rows.get(at).zip(self.states.get(at))
    }

    /// The places of what stands in the way or went wrong.
    pub fn bad(&self) -> impl Iterator<Item = usize> {
        self.states.iter().enumerate().filter(|(_, state)| state.is_bad()).map(|(at, _)| at)
    }

    /// How many rows stand where.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally { all: self.states.len(), ..Tally::default() };
        for state in &self.states {
            let count = match state {
                State::Ill(_) => &mut tally.ill,
                State::Ready => &mut tally.ready,
                State::Sent => &mut tally.sent,
                State::Stored(_) => &mut tally.stored,
                State::There => &mut tally.there,
                State::Refused(_) | State::Failed(_) => &mut tally.failed,
            };
            *count += 1;
        }
        tally
    }

    /// The next task that is to be sent, which counts as sent from now on.
    pub fn take(&mut self) -> Option<(usize, NewTask)> {
        let at = self.next + self.states.get(self.next..)?.iter().position(|state| *state == State::Ready)?;
        self.next = at + 1;
        let task = self.rows.get(at)?.task.clone().ok()?;
        self.states[at] = State::Sent;
        Some((at, task))
    }

    /// What became of a task that was sent.
    pub fn sent(&mut self, at: usize, stored: Result<Sequence, String>) {
        if let Some(state) = self.states.get_mut(at) {
            *state = stored.map_or_else(State::Failed, State::Stored);
        }
    }

    /// The last sequence at which one of them is stored; 0 before the first.
    #[must_use]
    pub fn last_stored(&self) -> Sequence {
        let seqs = self.states.iter().map(|state| if let State::Stored(seq) = state { *seq } else { 0 });
        seqs.max().unwrap_or_default()
    }

    /// Looks for the fold's word on what is stored.
    pub fn judge(&mut self, verdict: impl Fn(Sequence, &str) -> Option<Verdict>) {
        for (row, state) in self.rows.iter().zip(&mut self.states) {
            if let (State::Stored(seq), Some(id)) = (&*state, &row.id)
                && let Some(Verdict::Refused(refusal)) = verdict(*seq, id.as_str())
            {
                *state = State::Refused(refusal.to_string());
            }
        }
    }

    /// What failed is ready again, unless it is on the board by now. What was refused stays so: it would be again.
    pub fn retry(&mut self, board: &Board) {
        for (row, state) in self.rows.iter().zip(&mut self.states) {
            if let (State::Failed(_), Ok(task)) = (&*state, &row.task) {
                *state = if is_there(board, task) { State::There } else { State::Ready };
            }
        }
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;
    use mjwork::publisher::{Intent, faults};

    fn read(script: &Script, text: &str) -> Bulk {
        let check =
            |tasks: &[NewTask]| faults(&script.board, tasks, &vec![0; tasks.len()], 1 << 20, Intent::Publish);
        Bulk::read("", text, &script.board, check).unwrap().0
    }

    fn states(bulk: &Bulk) -> String {
        bulk.states.iter().map(State::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_can_be_published_is_and_only_what_failed_again() {
        let mut script = Script::new();
        script.publish("tasks.available", r#"{"task_id":"old","title":"O"}"#);
        let mut bulk = read(&script, "task_id,title,blocked_by\na,A,\nb,,\nold,O,\nc,C,a\nd,D,x\n");
        assert_eq!(states(&bulk), "ready ill there ready ill");
        assert_eq!(bulk.bad().collect::<Vec<_>>(), [1, 4]);
        let (first, task) = bulk.take().unwrap();
        assert_eq!((first, task.id.as_str()), (0, "a"));
        let (second, _) = bulk.take().unwrap();
        assert_eq!(bulk.take(), None);
        assert_eq!(states(&bulk), "sent ill there sent ill");
        bulk.sent(first, Ok(2));
        bulk.sent(second, Err("no answer".into()));
        let tally = Tally { all: 5, ill: 2, ready: 0, sent: 0, stored: 1, there: 1, failed: 1 };
        assert_eq!(bulk.tally(), tally);
        bulk.retry(&script.board);
        assert_eq!(bulk.take().map(|(at, _)| at), Some(second));
        bulk.sent(second, Err("no answer".into()));
        script.publish("tasks.available", r#"{"task_id":"a","title":"A"}"#);
        script.publish("tasks.available", r#"{"task_id":"c","title":"C","blocked_by":["a"]}"#);
        bulk.retry(&script.board);
        assert_eq!(states(&bulk), "stored ill there there ill");
        bulk.judge(|seq, _| (seq == 2).then_some(Verdict::Refused(mjwork::board::Refusal::UnknownTask)));
        assert_eq!(states(&bulk), "refused ill there there ill");
        assert!(bulk.row(0).unwrap().1.sentence().starts_with("refused: "));
    }

    #[test]
    fn a_text_that_is_nothing_is_said_to_be_so() {
        let script = Script::new();
        assert!(Bulk::read("", "what?", &script.board, |_| Vec::new()).is_err());
        assert!(read(&script, "[]").is_empty());
    }
}

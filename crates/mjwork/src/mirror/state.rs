//! What a mirror knows, and who waits for it to know more. Pure but for the channels: the pump feeds it.

use super::busy::Busy;
use super::clock::Clock;
use super::ready::{Choice, Ready, Takable};
use super::{Lost, Recorded};
use crate::board::{Board, Change, Liveness, Status, Verdict};
use crate::event::Subjects;
use crate::reader::{Stored, StreamInfo};
use crate::{Duration, Sequence, TaskId, Timestamp};
use hashbrown::HashMap;
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::{mpsc, oneshot, watch};

/// So many changes are remembered for who asks late.
const REMEMBERED: usize = 4_096;
/// So long it is good enough to know how many agents are after a task.
const IDLE: Duration = Duration::from_millis(100);

/// What a mirror knows.
#[derive(Default)]
pub(super) struct State {
    pub board: Board,
    pub ready: Ready,
    busy: Busy,
    pub clock: Clock,
    pub info: Option<StreamInfo>,
    /// Since when all that the stream holds is applied, while it is.
    pub synced: Option<Duration>,
    /// Whether it ever was: then the order of what is ready is kept.
    kept: bool,
    recent: VecDeque<(Sequence, Change)>,
    waiting: BTreeMap<Sequence, Vec<oneshot::Sender<Change>>>,
    listeners: Vec<mpsc::UnboundedSender<Recorded>>,
    holds: HashMap<TaskId, Vec<Held>>,
    idle: Option<(Duration, usize)>,
}

/// Somebody of this process who works on a task.
struct Held {
    claim: Sequence,
    lost: watch::Sender<Option<Lost>>,
}

/// A change of which nothing is remembered.
pub(super) fn forgotten() -> Change {
    Change { verdict: Verdict::Repeated, task: None, others: Vec::new(), agent: None }
}

impl State {
    /// Takes in what the server said of the stream, before what that holds: the fold must know how long that lasts.
    pub fn learn(&mut self, info: Option<&StreamInfo>, local: Duration) {
        let Some(info) = info.filter(|info| self.info.as_ref() != Some(info)) else { return };
        if info.now > Timestamp::default() {
            self.clock.live(info.now, local);
        }
        self.board.forget(Timestamp::default(), info.max_age());
        self.info = Some(info.clone());
    }

    /// Applies what the reader brought at `local`. Whether a task is there to be taken that was not before.
    pub fn apply(&mut self, events: &[Stored], subjects: &Subjects, local: Duration) -> bool {
        let mut more = false;
        for stored in events {
            more |= self.apply_one(stored, subjects);
        }
        if let Some(last) = events.last() {
            match self.synced {
                Some(_) => self.clock.live(last.time, local),
                None => self.clock.history(last.time),
            }
            more |= self.ready.read_to(last.seq);
        }
        more
    }

    fn apply_one(&mut self, stored: &Stored, subjects: &Subjects) -> bool {
        let change = self.board.apply(stored.seq, stored.time, stored.subject(), &stored.event(subjects));
        if change.verdict == Verdict::Repeated {
            return false;
        }
        let mut more = false;
        if self.kept {
            for id in change.task.iter().chain(&change.others) {
                more |= self.ready.look(&self.board, id);
                self.busy.look(&self.board, id);
                self.look_at_holds(id);
            }
            self.listeners.retain(|listener| {
                let recorded = Recorded {
                    seq: stored.seq,
                    time: stored.time,
                    subject: stored.subject().to_owned(),
                    payload: stored.payload().clone(),
                    verdict: change.verdict.clone(),
                };
                listener.send(recorded).is_ok()
            });
            self.tell(stored.seq, &change);
            if self.recent.len() == REMEMBERED {
                self.recent.pop_front();
            }
            self.recent.push_back((stored.seq, change));
        }
        more
    }

    /// Tells who waits for `seq`, and who waits for what will never come: what lies before it and was not there.
    fn tell(&mut self, seq: Sequence, change: &Change) {
        while let Some(first) = self.waiting.first_entry().filter(|first| *first.key() <= seq) {
            let word = if *first.key() == seq { change.clone() } else { forgotten() };
            for waiter in first.remove() {
                // Fails only where nobody waits any more.
                let _ = waiter.send(word.clone());
            }
        }
    }

    /// All that the stream holds up to `seq` has come: what of it was not there never will.
    pub fn passed(&mut self, seq: Sequence) -> bool {
        self.tell(seq, &forgotten());
        self.ready.read_to(seq)
    }

    /// The first sequence that somebody waits for.
    pub fn wanted(&self) -> Option<Sequence> {
        self.waiting.first_key_value().map(|(seq, _)| *seq)
    }

    /// All that the stream holds has been applied.
    pub fn synced(&mut self, local: Duration) {
        if !self.kept {
            self.kept = true;
            self.ready.rebuild(&self.board);
            self.busy.rebuild(&self.board);
        }
        self.synced = Some(local);
    }

    /// The line was cut, or nothing can be read.
    pub fn interrupted(&mut self) {
        self.synced = None;
    }

    /// The stream was made anew: whatever was known is void.
    pub fn reset(&mut self) {
        (self.board, self.info) = (Board::new(), None);
        self.ready.rebuild(&self.board);
        self.busy.rebuild(&self.board);
        (self.synced, self.kept, self.idle) = (None, false, None);
        self.recent.clear();
        self.tell(Sequence::MAX, &forgotten());
        for held in std::mem::take(&mut self.holds).into_values().flatten() {
            held.lost.send_replace(Some(Lost::Forgotten));
        }
    }

    /// What the event at `seq` changed, or who will be told.
    pub fn outcome(&mut self, seq: Sequence) -> Result<Change, oneshot::Receiver<Change>> {
        if seq <= self.board.last_seq() {
            let found = self.recent.binary_search_by_key(&seq, |(seq, _)| *seq);
            let found = found.ok().and_then(|at| self.recent.get(at));
            return Ok(found.map_or_else(forgotten, |(_, change)| change.clone()));
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.entry(seq).or_default().push(sender);
        Err(receiver)
    }

    /// Everything from now on.
    pub fn listen(&mut self) -> mpsc::UnboundedReceiver<Recorded> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.listeners.push(sender);
        receiver
    }

    /// Somebody of this process works on `id` since the claim at `claim`: what becomes of that.
    pub fn hold(&mut self, id: &TaskId, claim: Sequence) -> watch::Receiver<Option<Lost>> {
        let (lost, receiver) = watch::channel(None);
        self.holds.entry(id.clone()).or_default().push(Held { claim, lost });
        self.look_at_holds(id);
        receiver
    }

    /// Nobody looks at that hold any more.
    pub fn let_go(&mut self, id: &TaskId, claim: Sequence) {
        if let Some(held) = self.holds.get_mut(id) {
            held.retain(|held| held.claim != claim);
            if held.is_empty() {
                self.holds.remove(id);
            }
        }
    }

    fn look_at_holds(&mut self, id: &TaskId) {
        let Some(held) = self.holds.get_mut(id) else { return };
        let task = self.board.task(id.as_str());
        held.retain(|held| {
            let is_held =
                task.is_some_and(|task| task.status == Status::InProgress && task.claim == Some(held.claim));
            if !is_held {
                held.lost.send_replace(Some(Lost::of(task, held.claim)));
            }
            is_held
        });
        if held.is_empty() {
            self.holds.remove(id);
        }
    }

    /// Forgets what the stream no longer holds.
    pub fn forget(&mut self, local: Duration) {
        let (Some(_), Some(info)) = (self.synced, &self.info) else { return };
        let forgotten = self.board.forget(self.clock.now(local), info.max_age());
        for id in forgotten.tasks {
            self.look_at_holds(&id);
        }
    }

    /// A task for a worker to take. The window is twice as wide as agents live that work on nothing, `spread` at the
    /// least: so wide that these seldom choose the same, so narrow that what is old is soon taken.
    pub fn choose(&mut self, local: Duration, spread: usize, pick: impl FnOnce(usize) -> usize) -> Choice {
        let window = (2 * self.idle(local)).max(spread);
        self.ready.choose(window, pick)
    }

    fn idle(&mut self, local: Duration) -> usize {
        if let Some((when, idle)) = self.idle
            && local.saturating_sub(when) < IDLE
        {
            return idle;
        }
        let now = self.clock.now(local);
        let live = self.board.agents().filter(|agent| agent.liveness(now) <= Liveness::Late);
        let idle = live.filter(|agent| !self.busy.has(&agent.id)).count();
        self.idle = Some((local, idle));
        idle
    }

    /// Everything that can be taken, and all that comes.
    pub fn watch(&mut self) -> mpsc::UnboundedReceiver<Takable> {
        self.ready.watch()
    }
}

//! The board, kept up to date: one reader per process, shared by everything in it that publishes, works or watches.

mod busy;
mod clock;
mod lost;
mod pump;
mod random;
mod ready;
mod send;
mod state;

pub use lost::Lost;
pub(crate) use random::Random;
pub(crate) use ready::{Choice, Takable};

use crate::board::{Board, Change, Refusal, Verdict};
use crate::event::Subjects;
use crate::reader::{Fault, Source};
use crate::transport::{self, BoxStream, Client, Spawner};
use crate::{Duration, Sequence, TaskId, Timestamp};
use bytes::Bytes;
use pump::Pump;
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{mpsc, oneshot, watch};

/// A board that follows its stream. Cheap to clone; reading ends with the last clone.
///
/// ```no_run
/// # #[cfg(not(target_arch = "wasm32"))]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use mjwork::reader::Source;
/// use mjwork::{Mirror, MonitorClient, NewTask, TaskId, TaskPublisher, WorkerClient};
///
/// let client = async_nats::connect("127.0.0.1:4222").await?;
/// let mirror = Mirror::open(client, Source::default()).await?;
/// let publisher = TaskPublisher::new(mirror.clone(), Some("somebody".into()));
/// publisher.publish_task(NewTask::new(TaskId::new("parser")?, "Port the parser")).await?;
///
/// let worker = WorkerClient::builder("Agent-Alpha".parse()?).start(mirror.clone()).await?;
/// let claim = worker.claim_next().await?;
/// println!("{} works on {}", worker.agent(), claim.task().definition.title);
/// claim.complete(None).await?;
/// println!("{} tasks are known", MonitorClient::new(mirror).get_all_tasks().len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Mirror {
    inner: Arc<Inner>,
}

/// What the clones of a mirror share.
struct Inner {
    client: Client,
    source: Source,
    state: Mutex<State>,
    /// Counts what was applied.
    changes: watch::Sender<u64>,
    /// Counts the times at which there was more to be taken.
    takable: watch::Sender<u64>,
    link: watch::Sender<LinkState>,
    random: Random,
    /// Who keeps house for all workers of this process; nobody if it is gone.
    keeper: Mutex<Weak<()>>,
    /// Goes with this, and the pump with it.
    _closed: oneshot::Sender<()>,
}

/// The connection, as the pump saw it last.
#[derive(Clone, Copy, Debug)]
struct LinkState {
    is_up: bool,
    /// How often it has come back.
    ups: u64,
}

impl Inner {
    /// What lasts: nothing in there panics, and if it did the board would still be as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_synced(&self) -> bool {
        self.state().synced.is_some()
    }

    /// Wakes who waits; with `more` also who waits for a task.
    fn told(&self, more: bool) {
        self.changes.send_modify(|count| *count += 1);
        if more {
            self.takable.send_modify(|count| *count += 1);
        }
    }
}

/// A moment in a mirror's life: [`Mirror::changed`] waits for what comes after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// A message as the stream stored it, with the fold's word on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its sequence.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
    /// Its subject.
    pub subject: String,
    /// Its body.
    pub payload: Bytes,
    /// What the fold said of it.
    pub verdict: Verdict,
}

/// What became of a message that was sent and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The fold's word on the message at the acknowledged sequence; [`Verdict::Repeated`] if that is so long ago that
    /// nobody remembers.
    pub verdict: Verdict,
    /// Whether that message is the one that was sent (now, or by an earlier try) and not another writer's, who was
    /// first with the same message id: of all who claim a version the server stores one.
    pub own: bool,
}

impl Outcome {
    /// Why the fold did not take it in, if so.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.verdict.refusal()
    }
}

impl Mirror {
    /// Opens a mirror of `source`, and waits until all that the stream holds has been read.
    ///
    /// # Errors
    /// When the stream cannot be read and waiting will not mend it: there is none, it does not allow direct get, or
    /// this user may not. What may pass, a server that does not answer for instance, is waited for: without end while
    /// there is no connection, for half a minute otherwise.
    pub async fn open(client: Client, source: Source) -> Result<Self, Fault> {
        let (closing, closed) = oneshot::channel();
        // Looked at once: of two looks the second could already see a connection that the first did not.
        let line = transport::Link::of(&client);
        let inner = Arc::new(Inner {
            random: Random::new(&client.new_inbox()),
            client,
            source,
            state: Mutex::default(),
            changes: watch::Sender::new(0),
            takable: watch::Sender::new(0),
            link: watch::Sender::new(LinkState { is_up: line.is_up(), ups: 0 }),
            keeper: Mutex::default(),
            _closed: closing,
        });
        let mut pump = Pump::new(&inner, line);
        pump.open(&inner).await?;
        Spawner::here().spawn(pump.run(Arc::downgrade(&inner), closed));
        Ok(Self { inner })
    }

    /// The connection.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// Which stream it mirrors.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.inner.source
    }

    /// The subjects under which its events are stored.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.inner.source.subjects
    }

    /// Looks at the board. Everything else that concerns this mirror waits meanwhile: take what is needed and return.
    pub fn read<R>(&self, look: impl FnOnce(&Board) -> R) -> R {
        look(&self.inner.state().board)
    }

    /// The server's time, as far as messages tell it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.state().clock.now(transport::elapsed())
    }

    /// Whether the stream lets single messages expire.
    #[must_use]
    pub fn allows_ttl(&self) -> bool {
        self.inner.state().info.as_ref().is_some_and(|info| info.config.allow_msg_ttl)
    }

    /// For how long the stream keeps its messages; zero for ever.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        self.inner.state().info.as_ref().map_or(Duration::ZERO, crate::reader::StreamInfo::max_age)
    }

    /// When the stream was made: tells it from another of the same name.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn stream_created(&self) -> String {
        self.inner.state().info.as_ref().map(|info| info.created.clone()).unwrap_or_default()
    }

    /// Whether there is a connection and all that the stream holds has been applied.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.inner.is_synced()
    }

    /// For how long it has been so.
    pub(crate) fn synced_for(&self) -> Option<Duration> {
        self.inner.state().synced.map(|since| transport::elapsed().saturating_sub(since))
    }

    /// This moment.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        Ticket(*self.inner.changes.borrow())
    }

    /// Waits until something was applied, or [`is_synced`](Self::is_synced) changed, after `since`.
    pub async fn changed(&self, since: Ticket) -> Ticket {
        Ticket(passed(self.inner.changes.subscribe(), |count| *count > since.0).await)
    }

    /// Waits until the sequence `seq` has been applied, and says what it changed; [`Verdict::Repeated`] if that was so
    /// long ago that nobody remembers, or if the message expired before it was read.
    pub async fn outcome(&self, seq: Sequence) -> Change {
        let asked = self.inner.state().outcome(seq);
        match asked {
            Ok(change) => change,
            Err(coming) => coming.await.unwrap_or_else(|_| state::forgotten()),
        }
    }

    /// Every message from now on, as it is applied. What is not taken out is kept until it is.
    #[must_use]
    pub fn events(&self) -> BoxStream<Recorded> {
        Box::pin(received(self.inner.state().listen()))
    }

    /// Asks the stream how far it is, and waits until all that has been applied: whatever the connection hides, the board
    /// then is as good as at the time that comes back, the server's.
    pub(crate) async fn refresh(&self) -> Result<Timestamp, Fault> {
        let info = crate::reader::stream_info(self.client(), self.source()).await?;
        self.outcome(info.state.last_seq).await;
        Ok(info.now.max(self.now()))
    }

    /// Waits for a connection, and says which one it is.
    pub(crate) async fn connected(&self) -> u64 {
        passed(self.inner.link.subscribe(), |link| link.is_up).await.ups
    }

    /// Which connection it is, or was last.
    pub(crate) fn ups(&self) -> u64 {
        self.inner.link.borrow().ups
    }

    /// Waits for a connection after that one.
    pub(crate) async fn reconnected(&self, ups: u64) {
        passed(self.inner.link.subscribe(), |link| link.ups > ups).await;
    }

    /// A source of numbers for whoever should not do the same as others at the same moment.
    pub(crate) fn random(&self) -> &Random {
        &self.inner.random
    }

    /// The right to keep house for all workers of this process; none while somebody has it.
    pub(crate) fn keeper(&self) -> Option<Arc<()>> {
        let mut keeper = self.inner.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if keeper.strong_count() > 0 {
            return None;
        }
        let right = Arc::new(());
        *keeper = Arc::downgrade(&right);
        Some(right)
    }

    /// A task for a worker to take, and the sequence up to which this was read. [`claimed`](Self::claimed) must follow.
    /// It is one of the `spread` oldest of the most urgent, or of more where many agents are after them.
    pub(crate) fn choose(&self, random: &Random, spread: usize) -> (Choice, Sequence) {
        let mut state = self.inner.state();
        if state.synced.is_none() {
            return (Choice::Wait, state.board.last_seq());
        }
        let choice = state.choose(transport::elapsed(), spread, |len| random.below(len));
        (choice, state.board.last_seq())
    }

    /// Marks a task as about to be taken by name. [`claimed`](Self::claimed) must follow where nobody else is about to.
    pub(crate) fn claiming(&self, id: &TaskId) -> bool {
        self.inner.state().ready.claim(id)
    }

    /// What was to be taken is, or is not; `taken` where another has it, at that sequence.
    pub(crate) fn claimed(&self, id: &TaskId, taken: Option<Sequence>) {
        {
            let mut state = self.inner.state();
            let read = state.board.last_seq();
            state.ready.claimed(id, taken.filter(|seq| *seq > read));
        }
        self.inner.takable.send_modify(|count| *count += 1);
    }

    /// This moment, for [`takable`](Self::takable).
    pub(crate) fn takable_ticket(&self) -> u64 {
        *self.inner.takable.borrow()
    }

    /// Waits until there may be more to be taken than at `since`.
    pub(crate) async fn takable(&self, since: u64) {
        passed(self.inner.takable.subscribe(), |count| *count > since).await;
    }

    /// Everything that can be taken, and all that comes.
    pub(crate) fn watch(&self) -> mpsc::UnboundedReceiver<Takable> {
        self.inner.state().watch()
    }

    /// What becomes of a claim that somebody of this process holds.
    pub(crate) fn hold(&self, id: &TaskId, claim: Sequence) -> watch::Receiver<Option<Lost>> {
        self.inner.state().hold(id, claim)
    }

    /// Nobody looks at that claim any more.
    pub(crate) fn let_go(&self, id: &TaskId, claim: Sequence) {
        self.inner.state().let_go(id, claim);
    }
}

/// The value as soon as it is `enough`. The sender lives as long as who waits.
async fn passed<T: Clone>(mut values: watch::Receiver<T>, enough: impl FnMut(&T) -> bool) -> T {
    let seen = values.wait_for(enough).await.ok().map(|value| (*value).clone());
    match seen {
        Some(value) => value,
        None => std::future::pending().await,
    }
}

/// What comes by a channel, as a stream.
pub(crate) fn received<T>(channel: mpsc::UnboundedReceiver<T>) -> impl futures_util::Stream<Item = T> {
    futures_util::stream::unfold(channel, |mut channel| async {
        let next = channel.recv().await?;
        Some((next, channel))
    })
}

//! An agent's process: it registers, beats, finds tasks, claims them and hands their results in.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `builder` | how a worker begins |
//! | `take` | the claim of a task, and whose it turns out to be |
//! | `claim` | the hold on a task, until it is finished, given back or lost |
//! | `hand_in` | results on their way into the stream, whatever happens |
//! | `spool` | the same on disk (native) |
//! | `heartbeat` | that the process lives |
//! | `upkeep` | what waiting workers do for tasks whose owner is lost, and against expiry |

mod builder;
mod claim;
mod error;
mod hand_in;
mod heartbeat;
#[cfg(not(target_arch = "wasm32"))]
mod spool;
mod take;
mod upkeep;

pub use crate::mirror::Lost;
pub use builder::Builder;
pub use claim::Claim;
pub use error::{ClaimError, FailureKind, HoldError, WorkerError};
pub use take::claim;

use crate::board::{Status, Task};
use crate::mirror::{Choice, Random, Takable};
use crate::transport::{self, BoxStream, Spawner};
use crate::{AgentId, Duration, Mirror, SendError, Sequence, TaskId, draft};
use futures_util::future::{Either, join_all, select};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use take::{Taken, Taker, Wanted};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};

/// So long a claim by name is waited for; if it comes through later the task is given back.
const CLAIM: Duration = Duration::from_secs(60);
/// So long the end of a worker waits for what is on its way.
const STOP: Duration = Duration::from_secs(10);
/// However many are after the same tasks, one chooses among no more of the oldest.
const MAX_SPREAD: usize = 512;

/// An agent's process. Cheap to clone; it beats until the last clone and the last [`Claim`] are dropped.
#[derive(Clone)]
pub struct WorkerClient {
    worker: Arc<Worker>,
}

/// What the clones of a worker share.
struct Worker {
    agent: AgentId,
    session: Arc<str>,
    mirror: Mirror,
    spawner: Spawner,
    interval: Duration,
    host: Option<String>,
    version: Option<String>,
    description: Mutex<Option<String>>,
    /// The tasks that it works on, by their claims.
    held: Mutex<BTreeMap<Sequence, TaskId>>,
    stopped: watch::Sender<bool>,
    /// It ended without a word, and gives nothing back.
    abandoned: AtomicBool,
    /// How much is on its way that was handed in.
    finishing: watch::Sender<usize>,
    beat_now: Arc<Notify>,
    /// When a heartbeat of this process last went unstored.
    unheard: Mutex<Option<Duration>>,
    random: Random,
    /// Among so many of the oldest tasks it chooses at the least.
    spread: AtomicUsize,
    /// One claim at a time is on its way.
    turn: Arc<Semaphore>,
    #[cfg(not(target_arch = "wasm32"))]
    spool: Option<Arc<spool::Spool>>,
}

impl Worker {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Sequence, TaskId>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn taker(&self) -> Taker<'_> {
        Taker { agent: &self.agent, session: Some(&self.session) }
    }

    fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Whoever loses a task to another turns to more of them, and whoever wins one to fewer: so workers that hold several
    /// tasks, or do not beat, do not get in each other's way either.
    fn learn(&self, tried: &Tried) {
        let spread = self.spread.load(Ordering::Relaxed);
        let next = match tried {
            Tried::Won(_) => spread - spread / 8,
            Tried::Lost(_) => (spread * 2).min(MAX_SPREAD),
        };
        self.spread.store(next, Ordering::Relaxed);
    }

    /// Resolves when the worker is stopped.
    async fn stopping(&self) {
        // The sender is our own.
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await.is_ok();
    }
}

impl WorkerClient {
    /// A worker to be started.
    #[must_use]
    pub fn builder(agent: AgentId) -> Builder {
        Builder::new(agent)
    }

    /// Its name.
    #[must_use]
    pub fn agent(&self) -> &AgentId {
        &self.worker.agent
    }

    /// Its process.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.worker.session
    }

    /// The board that it looks at.
    #[must_use]
    pub fn mirror(&self) -> &Mirror {
        &self.worker.mirror
    }

    /// Says what it is for, with a heartbeat at once.
    pub async fn register(&self, description: impl Into<String>) -> Result<(), SendError> {
        let description = description.into();
        *self.worker.description.lock().unwrap_or_else(PoisonError::into_inner) = Some(description);
        self.worker.register().await
    }

    /// Says something to agents and operators.
    pub async fn say(&self, message: &str) -> Result<Sequence, SendError> {
        let draft = draft::say(self.mirror().subjects(), self.agent(), message);
        Ok(self.mirror().send(draft).await?.0.seq)
    }

    /// Tasks that can be taken, the most urgent first, then the oldest; each version of each once. It waits for more, and
    /// ends when the worker is stopped.
    #[must_use]
    pub fn watch_tasks(&self) -> BoxStream<Task> {
        let watching = Watching {
            mirror: self.mirror().clone(),
            coming: self.mirror().watch(),
            queue: BTreeSet::new(),
            stopped: self.worker.stopped.subscribe(),
        };
        Box::pin(futures_util::stream::unfold(watching, |mut watching| async {
            let task = watching.next().await?;
            Some((task, watching))
        }))
    }

    /// Takes this task.
    pub async fn claim_task(&self, id: &TaskId) -> Result<Claim, ClaimError> {
        let taking = async {
            let turn = self.turn().await?;
            let wanted = self.mirror().read(|board| Wanted::of(board, id)).map_err(ClaimError::Refused)?;
            let is_marked = self.mirror().claiming(id);
            let taking = self.worker.clone().take(wanted, true, is_marked, turn);
            match taking.await.unwrap_or(Err(ClaimError::Stopped))? {
                Tried::Won(claim) => Ok(claim),
                Tried::Lost(error) => Err(error),
            }
        };
        match select(pin!(taking), pin!(transport::sleep(CLAIM))).await {
            Either::Left((claim, _)) => claim,
            Either::Right(((), _)) => Err(ClaimError::Send(SendError::TimedOut)),
        }
    }

    /// Takes one of the most urgent tasks, the oldest if it can; waits for one. May be dropped at any time: what is
    /// taken then is given back.
    pub async fn claim_next(&self) -> Result<Claim, ClaimError> {
        loop {
            let since = self.mirror().takable_ticket();
            if let Some(claim) = self.try_claim_next().await? {
                return Ok(claim);
            }
            let more = pin!(self.mirror().takable(since));
            select(more, pin!(self.worker.stopping())).await;
        }
    }

    /// The same without waiting for a task; none when there is none for now.
    pub async fn try_claim_next(&self) -> Result<Option<Claim>, ClaimError> {
        loop {
            let turn = self.turn().await?;
            let (choice, seen) =
                self.mirror().choose(&self.worker.random, self.worker.spread.load(Ordering::Relaxed));
            let Choice::Take(Takable { place, version }) = choice else { return Ok(None) };
            let wanted = Wanted { task: place.id, version, seen };
            let taking = self.worker.clone().take(wanted, false, true, turn);
            let tried = taking.await.unwrap_or(Err(ClaimError::Stopped))?;
            self.worker.learn(&tried);
            if let Tried::Won(claim) = tried {
                return Ok(Some(claim));
            }
        }
    }

    /// Whether nothing is left that it could ever claim: nothing is available or in progress, so that what is blocked
    /// stays so. Not while the board is not up to date.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let counts = self.mirror().read(crate::board::Board::counts);
        let moving = counts.of(Status::Available) + counts.of(Status::InProgress);
        self.mirror().is_synced() && moving == 0
    }

    /// Waits until [`is_idle`](Self::is_idle).
    pub async fn until_idle(&self) {
        let mut ticket = self.mirror().ticket();
        while !self.is_idle() {
            ticket = self.mirror().changed(ticket).await;
        }
    }

    /// Ends it: gives back what it holds, waits a little for what it handed in, and says so with a last heartbeat. Claims
    /// are refused from then on.
    pub async fn stop(&self) {
        let worker = &self.worker;
        if worker.stopped.send_replace(true) {
            return;
        }
        let held = std::mem::take(&mut *worker.held());
        let giving_back = join_all(held.iter().map(|(seq, id)| worker.give_back(id, *seq, Some("stopped"))));
        let ending = async {
            // What cannot be given back now is taken from us when we are lost.
            let _ = giving_back.await;
            let _ = worker.finishing.subscribe().wait_for(|finishing| *finishing == 0).await.is_ok();
        };
        select(pin!(ending), pin!(transport::sleep(STOP))).await;
        let _ = worker.beat("stopped").await;
    }

    /// Ends it as a process ends that is killed: nothing is given back and no heartbeat says so. Others take it for lost
    /// after three intervals, or as soon as another process goes by its name. For tests and simulations of that.
    pub fn abandon(&self) {
        let worker = &self.worker;
        worker.abandoned.store(true, Ordering::Release);
        worker.held().clear();
        worker.stopped.send_replace(true);
    }

    /// Waits until no other claim of this worker is on its way.
    async fn turn(&self) -> Result<tokio::sync::OwnedSemaphorePermit, ClaimError> {
        let turn = self.worker.turn.clone().acquire_owned().await;
        match turn {
            Ok(turn) if !self.worker.is_stopped() => Ok(turn),
            _ => Err(ClaimError::Stopped),
        }
    }
}

/// What came of a claim.
enum Tried {
    Won(Claim),
    Lost(ClaimError),
}

impl Worker {
    /// Takes a task, on its own: who waits for it may go away, and then what was taken is given back.
    fn take(
        self: Arc<Self>,
        wanted: Wanted,
        patient: bool,
        is_marked: bool,
        turn: tokio::sync::OwnedSemaphorePermit,
    ) -> oneshot::Receiver<Result<Tried, ClaimError>> {
        let (sender, receiver) = oneshot::channel();
        self.spawner.clone().spawn(async move {
            let taken = take::take(&self.mirror, self.taker(), &wanted, patient).await;
            if is_marked {
                let gone = if let Ok(Taken::Gone(seq)) = &taken { Some(*seq) } else { None };
                self.mirror.claimed(&wanted.task, gone);
            }
            let tried = match taken {
                Ok(Taken::Won(task, seq)) => Ok(Tried::Won(Claim::new(self, task, seq))),
                Ok(Taken::Gone(_)) => Ok(Tried::Lost(ClaimError::Refused(crate::board::Refusal::Stale {
                    after: Some(wanted.version),
                    version: wanted.version,
                }))),
                Ok(Taken::Refused(refusal)) => Ok(Tried::Lost(ClaimError::Refused(refusal))),
                Err(error) => Err(ClaimError::Send(error)),
            };
            drop(turn);
            // If nobody waits any more the claim comes back here, and is given back as it is dropped.
            let _ = sender.send(tried);
        });
        receiver
    }
}

/// Somebody who hears of tasks.
struct Watching {
    mirror: Mirror,
    coming: mpsc::UnboundedReceiver<Takable>,
    queue: BTreeSet<Takable>,
    stopped: watch::Receiver<bool>,
}

impl Watching {
    async fn next(&mut self) -> Option<Task> {
        loop {
            while let Ok(takable) = self.coming.try_recv() {
                self.queue.insert(takable);
            }
            while let Some(Takable { place, version }) = self.queue.pop_first() {
                let task = self.mirror.read(|board| {
                    let task = board.task(place.id.as_str());
                    task.filter(|t| t.version == version && t.status == Status::Available).cloned()
                });
                if task.is_some() {
                    return task;
                }
            }
            let stopped = pin!(self.stopped.wait_for(|stopped| *stopped));
            let takable = match select(pin!(self.coming.recv()), stopped).await {
                Either::Left((takable, _)) => takable?,
                Either::Right(_) => return None,
            };
            self.queue.insert(takable);
        }
    }
}

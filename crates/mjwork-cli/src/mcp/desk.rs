//! What the agent works with: its place in the queue, and the tasks that it holds.

use super::reply::{Trouble, lost};
use mjwork::{Claim, FailureKind, Lost, Mirror, TaskId, TaskPublisher, WorkerClient};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// So long a call waits for the connection to come back.
const RECONNECT: Duration = Duration::from_secs(3);
/// So long a call waits for the stream's word on what it sent. It is sent on afterwards.
const PATIENCE: Duration = Duration::from_secs(15);
/// So long, when there is no connection as it begins.
const LITTLE_PATIENCE: Duration = Duration::from_secs(3);
/// A client that closes our input kills us two seconds later, as most SDKs do.
const LEAVING: Duration = Duration::from_millis(1_500);

/// The agent's place.
pub struct Desk {
    worker: WorkerClient,
    publisher: TaskPublisher,
    server: String,
    held: Mutex<BTreeMap<TaskId, Held>>,
    notices: Mutex<Vec<String>>,
}

/// What became of a task that the agent took.
enum Held {
    Mine(Arc<Claim>),
    /// It was taken away; why, in a sentence.
    Lost(String),
}

/// The owner's last word on a task.
pub enum LastWord {
    Complete(Option<Box<RawValue>>),
    Fail(String, FailureKind),
    Release(Option<String>),
}

/// What came of the last word.
pub enum Heard {
    /// The stream stored it, under this sequence where it says so.
    Stored(Option<u64>),
    /// It is kept, and sent until the stream has it.
    UnderWay,
}

impl Desk {
    /// A place for `worker`, on the server that people know by `server`.
    pub fn new(worker: WorkerClient, server: String) -> Arc<Self> {
        let publisher = TaskPublisher::new(worker.mirror().clone(), Some(worker.agent().to_string()));
        Arc::new(Self { worker, publisher, server, held: Mutex::default(), notices: Mutex::default() })
    }

    /// The worker itself.
    pub fn worker(&self) -> &WorkerClient {
        &self.worker
    }

    /// What publishes for the agent.
    pub fn publisher(&self) -> &TaskPublisher {
        &self.publisher
    }

    /// The board that it looks at.
    pub fn mirror(&self) -> &Mirror {
        self.worker.mirror()
    }

    /// What the model has not been told yet.
    pub fn notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits a moment for the connection.
    pub async fn online(&self) -> Result<(), Trouble> {
        let synced = async {
            let mut ticket = self.mirror().ticket();
            while !self.mirror().is_synced() {
                ticket = self.mirror().changed(ticket).await;
            }
        };
        timeout(RECONNECT, synced)
            .await
            .map_err(|_| self.away("Nothing was sent. Try again in a little while."))
    }

    /// What is to be said while there is no connection.
    pub fn away(&self, next: &str) -> Trouble {
        Trouble(format!(
            "There is no connection to {} just now; it is tried again all the time. {next}",
            self.server
        ))
    }

    /// Waits for a task, and takes it. May be dropped at any time: what was taken is then given back.
    pub async fn take_next(self: &Arc<Self>, wait: Duration) -> Result<Option<Arc<Claim>>, Trouble> {
        let claim = if wait.is_zero() {
            self.worker.try_claim_next().await
        } else {
            match timeout(wait, self.worker.claim_next()).await {
                Ok(claim) => claim.map(Some),
                Err(_) => Ok(None),
            }
        };
        Ok(claim.map_err(|error| Trouble::claim(None, &error))?.map(|claim| self.hold(claim)))
    }

    /// Takes this task.
    pub async fn take(self: &Arc<Self>, id: &TaskId) -> Result<Arc<Claim>, Trouble> {
        if let Some(Held::Mine(_)) = self.held().get(id) {
            return Err(Trouble(format!(
                "`{id}` is yours already. Go on with it, and end it with complete, fail or release."
            )));
        }
        let claim = self.worker.claim_task(id).await.map_err(|error| Trouble::claim(Some(id), &error))?;
        Ok(self.hold(claim))
    }

    /// Gives a task back that was taken for a call which nobody waits for any more.
    pub async fn put_back(&self, claim: Arc<Claim>) {
        self.held().remove(claim.id());
        if let Some(claim) = Arc::into_inner(claim) {
            // If this fails, too, the worker gives it back as soon as it can.
            let _ = claim.release(Some("nobody waited for it any more")).await;
        }
    }

    /// The tasks that the agent holds.
    pub fn mine(&self) -> Vec<TaskId> {
        let held = self.held();
        held.iter().filter(|(_, held)| matches!(held, Held::Mine(_))).map(|(id, _)| id.clone()).collect()
    }

    /// Reports progress.
    pub async fn progress(
        &self,
        id: &TaskId,
        percent: Option<f64>,
        note: Option<&str>,
    ) -> Result<(), Trouble> {
        let claim = match self.held().get(id) {
            Some(Held::Mine(claim)) => claim.clone(),
            other => return Err(self.not_mine(id, other)),
        };
        self.online().await?;
        match timeout(PATIENCE, claim.progress(percent, note)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.failed(id, &error)),
            Err(_) => Err(self.away("The report may be lost, the task is not: go on with it.")),
        }
    }

    /// Ends the agent's hold on a task.
    pub async fn end(self: &Arc<Self>, id: &TaskId, word: LastWord) -> Result<Heard, Trouble> {
        let claim = {
            let mut held = self.held();
            match held.remove(id) {
                Some(Held::Mine(claim)) => match Arc::try_unwrap(claim) {
                    Ok(claim) => claim,
                    Err(claim) => {
                        held.insert(id.clone(), Held::Mine(claim));
                        return Err(Trouble(format!(
                            "Another call about `{id}` is under way. Wait for its answer, then call this again."
                        )));
                    }
                },
                Some(other) => {
                    let trouble = self.not_mine(id, Some(&other));
                    held.insert(id.clone(), other);
                    return Err(trouble);
                }
                None => return Err(self.not_mine(id, None)),
            }
        };
        let patience = if self.mirror().is_synced() { PATIENCE } else { LITTLE_PATIENCE };
        let mut sent = tokio::spawn(async move {
            match word {
                LastWord::Complete(result) => claim.complete(result).await.map(Some),
                LastWord::Fail(error, kind) => claim.fail(&error, kind).await.map(Some),
                LastWord::Release(reason) => claim.release(reason.as_deref()).await.map(|()| None),
            }
        });
        match timeout(patience, &mut sent).await {
            Ok(Ok(Ok(seq))) => Ok(Heard::Stored(seq)),
            Ok(Ok(Err(error))) => Err(self.failed(id, &error)),
            Ok(Err(ended)) => Err(Trouble(format!("`{id}`: {ended}. Call get_task to see where it stands."))),
            Err(_) => {
                let (desk, id) = (self.clone(), id.clone());
                tokio::spawn(async move {
                    if let Ok(Err(error)) = sent.await {
                        let Trouble(words) = desk.failed(&id, &error);
                        desk.notice(words);
                    }
                });
                Ok(Heard::UnderWay)
            }
        }
    }

    /// Gives everything back and signs off, within what the client leaves us.
    pub async fn leave(&self, reason: &str) {
        let held = std::mem::take(&mut *self.held());
        let claims = held.into_values().filter_map(|held| match held {
            Held::Mine(claim) => Arc::into_inner(claim),
            Held::Lost(_) => None,
        });
        let released = futures_util::future::join_all(claims.map(|claim| claim.release(Some(reason))));
        let ended = timeout(LEAVING, async {
            released.await;
            self.worker.stop().await;
        });
        if ended.await.is_err() {
            eprintln!("mjwork mcp: the tasks of {} could not be given back in time", self.worker.agent());
        }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<TaskId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notice(&self, words: String) {
        eprintln!("mjwork mcp: {words}");
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(words);
    }

    /// Takes note of a claim, and of its loss when that comes.
    fn hold(self: &Arc<Self>, claim: Claim) -> Arc<Claim> {
        let (id, seq, gone) = (claim.id().clone(), claim.seq(), claim.lost());
        let claim = Arc::new(claim);
        self.held().insert(id.clone(), Held::Mine(claim.clone()));
        let desk = Arc::downgrade(self);
        tokio::spawn(async move {
            let why = gone.await;
            if let Some(desk) = desk.upgrade() {
                desk.lose(&id, seq, &why);
            }
        });
        claim
    }

    fn lose(&self, id: &TaskId, seq: u64, why: &Lost) {
        if matches!(why, Lost::Ended) {
            return;
        }
        let mut held = self.held();
        // What the agent has just ended is not there any more, or is there by another claim.
        if matches!(held.get(id), Some(Held::Mine(claim)) if claim.seq() == seq) {
            let words = lost(id, why);
            held.insert(id.clone(), Held::Lost(words.clone()));
            drop(held);
            self.notice(words);
        }
    }

    /// The owner's word did not count, or did not come through.
    fn failed(&self, id: &TaskId, error: &mjwork::HoldError) -> Trouble {
        let trouble = Trouble::hold(id, error);
        if matches!(error, mjwork::HoldError::Refused { .. }) {
            self.held().insert(id.clone(), Held::Lost(trouble.0.clone()));
        }
        trouble
    }

    /// Why a task is not the agent's.
    fn not_mine(&self, id: &TaskId, held: Option<&Held>) -> Trouble {
        if let Some(Held::Lost(words)) = held {
            return Trouble(words.clone());
        }
        self.mirror().read(|board| match board.task(id.as_str()) {
            None => Trouble(format!("There is no task `{id}`. Call list_tasks to see what there is.")),
            Some(task) => {
                let owner = task.owner.as_ref().map_or(String::new(), |owner| format!(", by {}", owner.agent));
                Trouble(format!(
                    "`{id}` is not yours: it is {}{owner}. Only next_task makes a task yours; with `task_id` it takes \
                     this one, if it is available.",
                    task.status
                ))
            }
        })
    }
}

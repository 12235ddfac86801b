//! The hold on a task: from the claim that the fold accepted until the task is finished, given back or lost.

use super::{FailureKind, HoldError, Lost, Worker};
use crate::board::{Refusal, Status, Task, Verdict};
use crate::draft::{self, Hold};
use crate::{Duration, SendError, Sequence, TaskId};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::watch;

/// So long a report of progress is tried: a later one says more.
const PROGRESS: Duration = Duration::from_secs(30);
/// So often a task that is to be given back may change meanwhile.
const TRIES: u32 = 5;

/// A task that this worker owns. To drop it gives the task back.
#[must_use = "to drop a claim gives the task back"]
pub struct Claim {
    worker: Arc<Worker>,
    task: Box<Task>,
    seq: Sequence,
    lost: watch::Receiver<Option<Lost>>,
    /// It is finished or given back.
    is_over: bool,
}

impl Claim {
    pub(super) fn new(worker: Arc<Worker>, task: Box<Task>, seq: Sequence) -> Self {
        let lost = worker.mirror.hold(&task.id, seq);
        worker.held().insert(seq, task.id.clone());
        Self { worker, task, seq, lost, is_over: false }
    }

    /// The task as it was when it was claimed.
    #[must_use]
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> &TaskId {
        &self.task.id
    }

    /// The sequence of the claim: the fencing token.
    #[must_use]
    pub fn seq(&self) -> Sequence {
        self.seq
    }

    /// Reports how far it is, from 0 to 100, and what there is to say.
    ///
    /// # Errors
    /// When the task is no longer this claim's, or the report is not known to be stored.
    pub async fn progress(&self, percent: Option<f64>, note: Option<&str>) -> Result<(), HoldError> {
        let percent = percent.filter(|percent| !percent.is_nan()).map(|percent| percent.clamp(0.0, 100.0));
        let draft = draft::progress(self.worker.mirror.subjects(), self.hold(), percent, note);
        let sent = self.worker.mirror.send_within(draft, Some(PROGRESS)).await;
        match sent.map_err(HoldError::Send)?.1.verdict {
            Verdict::Refused(refusal) => Err(HoldError::Refused { refusal, late: None }),
            _ => Ok(()),
        }
    }

    /// Hands the result in. It is kept on disk until the stream has acknowledged it, and sent until then; to drop the
    /// future changes nothing about that. The answer is its sequence. A result that is larger than the server takes fails
    /// the task, as no other attempt would do better.
    ///
    /// # Errors
    /// When the task is no longer this claim's (then the result is kept in the stream, for an operator to accept), or the
    /// stream will not have it.
    pub async fn complete(mut self, result: Option<Box<RawValue>>) -> Result<Sequence, HoldError> {
        let draft = draft::complete(self.worker.mirror.subjects(), self.hold(), result.as_deref());
        let (size, max) = (draft.wire_len(), self.worker.mirror.client().max_payload());
        if size > max {
            let words = format!("the result makes a message of {size} bytes, and the server takes {max}");
            self.fail(&words, FailureKind::Fatal).await?;
            return Err(HoldError::Send(SendError::TooLarge(words)));
        }
        self.end();
        self.worker.hand_in(draft, true).await
    }

    /// Says that it cannot be done. Kept and sent like a result.
    ///
    /// # Errors
    /// When the task is no longer this claim's, or the stream will not have it.
    pub async fn fail(mut self, error: &str, kind: FailureKind) -> Result<Sequence, HoldError> {
        let draft = draft::fail(self.worker.mirror.subjects(), self.hold(), error, Some(kind.as_str()));
        self.end();
        self.worker.hand_in(draft, false).await
    }

    /// Gives the task back.
    ///
    /// # Errors
    /// When the task is no longer this claim's, or the stream will not have it.
    pub async fn release(mut self, reason: Option<&str>) -> Result<(), HoldError> {
        self.end();
        let (worker, id, seq) = (self.worker.clone(), self.id().clone(), self.seq);
        let reason = reason.map(ToOwned::to_owned);
        let (sender, receiver) = tokio::sync::oneshot::channel();
        // Whether or not somebody waits for it.
        worker.spawner.clone().spawn(async move {
            let _ = sender.send(worker.give_back(&id, seq, reason.as_deref()).await);
        });
        receiver.await.unwrap_or_else(|_| Err(ending()))
    }

    /// Resolves when the task is no longer this claim's: work on it is in vain from then on. That is also so, with
    /// [`Lost::Ended`], when this worker finishes it or gives it back.
    pub fn lost(&self) -> impl Future<Output = Lost> + Send + 'static + use<> {
        let mut lost = self.lost.clone();
        async move {
            let word = lost.wait_for(Option::is_some).await.ok().and_then(|word| (*word).clone());
            word.unwrap_or(Lost::Ended)
        }
    }

    fn hold(&self) -> Hold<'_> {
        Hold {
            task: &self.task.id,
            agent: &self.worker.agent,
            session: Some(&self.worker.session),
            claim: Some(self.seq),
        }
    }

    /// From here on the claim is no longer something to be lost.
    fn end(&mut self) {
        self.is_over = true;
        self.worker.held().remove(&self.seq);
        self.worker.mirror.let_go(&self.task.id, self.seq);
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("task", &self.task.id)
            .field("agent", &self.worker.agent)
            .field("seq", &self.seq)
            .finish_non_exhaustive()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        self.end();
        if self.worker.abandoned.load(Ordering::Acquire) {
            return;
        }
        let (worker, id, seq) = (self.worker.clone(), self.task.id.clone(), self.seq);
        self.worker.spawner.spawn(async move {
            match worker.give_back(&id, seq, Some("dropped")).await {
                Ok(()) => {}
                // It was somebody else's, or finished, before this was said: so there is nothing to give back.
                Err(HoldError::Refused {
                    refusal:
                        refusal @ (Refusal::StaleClaim { .. }
                        | Refusal::NotInProgress { .. }
                        | Refusal::UnknownTask),
                    ..
                }) => tracing::debug!(task = %id, %refusal, "a task needed not be given back"),
                Err(error) => tracing::warn!(task = %id, %error, "a task was not given back"),
            }
        });
    }
}

impl Worker {
    /// Puts the task of the claim at `seq` back, if it is still that claim's; tries until the stream has it.
    pub(super) async fn give_back(
        &self,
        id: &TaskId,
        seq: Sequence,
        reason: Option<&str>,
    ) -> Result<(), HoldError> {
        let reason = reason.unwrap_or("released");
        let mut last = Refusal::UnknownTask;
        for _ in 0..TRIES {
            let draft = self.mirror.read(|board| {
                let task = board.task(id.as_str()).ok_or(Refusal::UnknownTask)?;
                match (task.status, task.claim) {
                    (Status::InProgress, Some(claim)) if claim == seq => {
                        Ok(draft::requeue(self.mirror.subjects(), task, Some(reason), self.agent.as_str()))
                    }
                    (Status::InProgress, Some(current)) => Err(Refusal::StaleClaim { claim: seq, current }),
                    (status, _) => Err(Refusal::NotInProgress { status }),
                }
            });
            let draft = draft.map_err(|refusal| HoldError::Refused { refusal, late: None })?;
            let sent = self.mirror.send_within(draft, None).await.map_err(HoldError::Send)?;
            match sent.1.verdict {
                // Its definition was edited meanwhile, or it was carried.
                Verdict::Refused(refusal) => last = refusal,
                _ => return Ok(()),
            }
        }
        Err(HoldError::Refused { refusal: last, late: None })
    }
}

/// What is not known to be sent as the program ends.
pub(super) fn ending() -> HoldError {
    HoldError::Send(SendError::NotSent("the program ends".into()))
}

//! Results and failures on their way into the stream: kept on disk (native), sent until the stream has them, whether or
//! not somebody waits, and whether or not this process lives to see it.

use super::claim::ending;
use super::{HoldError, Worker};
use crate::Sequence;
use crate::board::Verdict;
use crate::draft::Draft;
#[cfg(not(target_arch = "wasm32"))]
use crate::{Duration, Mirror, SendError, transport};
use std::sync::Arc;
use tokio::sync::oneshot;

/// So long what an earlier process left behind holds up the start; then it is sent beside everything else.
#[cfg(not(target_arch = "wasm32"))]
const START: Duration = Duration::from_secs(10);

#[cfg(not(target_arch = "wasm32"))]
type Kept = super::spool::Kept;

/// Where nothing is kept.
#[cfg(target_arch = "wasm32")]
struct Kept;

#[cfg(target_arch = "wasm32")]
impl Kept {
    #[expect(clippy::unused_self, reason = "as on native")]
    fn done(self) {}
}

impl Worker {
    /// Keeps `draft` and sends it until the stream has it; with `late`, what is refused is kept there.
    pub(super) async fn hand_in(self: &Arc<Self>, draft: Draft, late: bool) -> Result<Sequence, HoldError> {
        let (sender, receiver) = oneshot::channel();
        let worker = self.clone();
        self.finishing.send_modify(|finishing| *finishing += 1);
        self.spawner.spawn(async move {
            let kept = worker.keep(&draft).await;
            let sent = worker.mirror.send_within(draft, None).await;
            if sent.is_ok()
                && let Some(kept) = kept
            {
                kept.done();
            }
            worker.finishing.send_modify(|finishing| *finishing -= 1);
            let word = match sent {
                Ok((ack, outcome)) => match outcome.verdict {
                    Verdict::Refused(refusal) => {
                        Err(HoldError::Refused { refusal, late: late.then_some(ack.seq) })
                    }
                    _ => Ok(ack.seq),
                },
                // It stays on disk: the next process tries again, when somebody may have made room.
                Err(error) => Err(HoldError::Send(error)),
            };
            let _ = sender.send(word);
        });
        receiver.await.unwrap_or_else(|_| Err(ending()))
    }

    #[cfg(target_arch = "wasm32")]
    #[expect(clippy::unused_async, reason = "as on native")]
    async fn keep(&self, _draft: &Draft) -> Option<Kept> {
        None
    }

    #[cfg(not(target_arch = "wasm32"))]
    async fn keep(&self, draft: &Draft) -> Option<Kept> {
        let (spool, stream, draft) = (self.spool.clone()?, self.stream(), draft.clone());
        match self.spawner.block(move || spool.keep(&draft, stream)).await? {
            Ok(kept) => Some(kept),
            Err(error) => {
                tracing::warn!(agent = %self.agent, %error, "a result is not on disk while it waits to be sent");
                None
            }
        }
    }

    /// Sends what processes of this agent left behind that are gone: what takes longer than a start may, in the background.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) async fn send_left_behind(&self) {
        let Some(spool) = self.spool.clone() else { return };
        let stream = self.stream();
        let found = match self.spawner.block(move || spool.left_behind(&stream)).await {
            Some(Ok(found)) => found,
            Some(Err(error)) => {
                tracing::warn!(agent = %self.agent, %error, "what was left behind cannot be read");
                return;
            }
            None => return,
        };
        let began = transport::elapsed();
        for mut left in found {
            let mut rest = Vec::new();
            for (draft, kept) in std::mem::take(&mut left.drafts) {
                let patience = START.saturating_sub(transport::elapsed().saturating_sub(began));
                if patience.is_zero() {
                    rest.push((draft, kept));
                } else if let Err((error, draft, kept)) =
                    send_kept(&self.mirror, draft, kept, Some(patience)).await
                {
                    tracing::warn!(agent = %self.agent, %error, "what was left behind is not sent yet");
                    rest.push((draft, kept));
                }
            }
            if rest.is_empty() {
                left.done();
                continue;
            }
            let mirror = self.mirror.clone();
            self.spawner.spawn(async move {
                for (draft, kept) in rest {
                    if let Err((error, ..)) = send_kept(&mirror, draft, kept, None).await {
                        tracing::warn!(%error, "what was left behind is left for another time");
                        return;
                    }
                }
                left.done();
            });
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
async fn send_kept(
    mirror: &Mirror,
    draft: Draft,
    kept: Kept,
    patience: Option<Duration>,
) -> Result<(), (SendError, Draft, Kept)> {
    match mirror.send_within(draft.clone(), patience).await {
        Ok((ack, outcome)) => {
            if let Some(refusal) = outcome.refusal() {
                tracing::warn!(seq = ack.seq, %refusal, "what was left behind came too late");
            }
            kept.done();
            Ok(())
        }
        // Stored is stored.
        Err(SendError::Unread { .. }) => {
            kept.done();
            Ok(())
        }
        Err(error) => Err((error, draft, kept)),
    }
}

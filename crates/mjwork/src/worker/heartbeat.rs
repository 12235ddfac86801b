//! That the process lives: a heartbeat at every interval, and at once when the connection comes back, as everybody will
//! have missed us meanwhile.

use super::Worker;
use crate::event::Heartbeat;
use crate::transport;
use crate::{Duration, Mirror, SendError, draft};
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::{Arc, PoisonError, Weak};
use tokio::sync::{Notify, watch};

/// So long the first heartbeat is tried.
const FIRST: Duration = Duration::from_secs(20);
/// So long any other: a part of the interval within these limits.
const LIMITS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

impl Worker {
    /// Registers: with a heartbeat that is stored and read back.
    pub(super) async fn register(&self) -> Result<(), SendError> {
        let status = self.status();
        self.mirror.send_within(self.heartbeat(status), Some(FIRST)).await.map(drop)
    }

    /// One heartbeat.
    pub(super) async fn beat(&self, status: &'static str) -> Result<(), SendError> {
        let limit = (self.interval / 3).clamp(LIMITS.0, LIMITS.1);
        self.mirror.publish(&self.heartbeat(status), Some(limit)).await.map(drop)
    }

    /// A heartbeat was not stored: others may go unheard, too.
    fn was_unheard(&self) {
        *self.unheard.lock().unwrap_or_else(PoisonError::into_inner) = Some(transport::elapsed());
    }

    /// For how long all heartbeats of this process have been stored; none if always.
    pub(super) fn heard_for(&self) -> Option<Duration> {
        let unheard = *self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
        unheard.map(|since| transport::elapsed().saturating_sub(since))
    }

    fn status(&self) -> &'static str {
        if self.held().is_empty() { "idle" } else { "working" }
    }

    fn heartbeat(&self, status: &'static str) -> draft::Draft {
        let task = self.held().values().next_back().cloned();
        let description = self.description.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let body = Heartbeat {
            agent_id: self.agent.as_str().into(),
            session: Some((&*self.session).into()),
            status: Some(status.into()),
            task_id: task.as_ref().map(|id| id.as_str().into()),
            description: description.as_deref().map(Into::into),
            interval_s: Some(self.interval.as_secs_f64()),
            host: self.host.as_deref().map(Into::into),
            version: self.version.as_deref().map(Into::into),
        };
        draft::heartbeat(self.mirror.subjects(), &self.agent, &body, self.mirror.allows_ttl())
    }
}

/// Beats until the worker is stopped or gone. The first heartbeat was sent a moment ago.
pub(super) fn run(worker: &Arc<Worker>) -> impl Future<Output = ()> + use<> {
    let beating = Beating {
        due: transport::elapsed() + worker.interval,
        ups: worker.mirror.ups(),
        worker: Arc::downgrade(worker),
        mirror: worker.mirror.clone(),
        now: worker.beat_now.clone(),
        stopped: worker.stopped.subscribe(),
    };
    beating.run()
}

/// When the next heartbeat is due, and what may bring it forward.
struct Beating {
    due: Duration,
    ups: u64,
    worker: Weak<Worker>,
    mirror: Mirror,
    now: Arc<Notify>,
    stopped: watch::Receiver<bool>,
}

impl Beating {
    async fn run(mut self) {
        while self.wait().await {
            let Some(worker) = self.worker.upgrade() else { return };
            if self.mirror.read(|board| worker.is_replaced(board)) {
                tracing::warn!(agent = %worker.agent, "another process goes by this name: each takes the other for lost");
            }
            let began = transport::elapsed();
            self.ups = self.mirror.ups();
            self.due = match worker.beat(worker.status()).await {
                Ok(()) => began + worker.interval,
                Err(error) => {
                    tracing::warn!(agent = %worker.agent, %error, "a heartbeat was not stored");
                    worker.was_unheard();
                    transport::elapsed() + (worker.interval / 6).clamp(LIMITS.0, LIMITS.1)
                }
            };
        }
    }

    /// Whether a heartbeat is due; false when there is nobody any more whose it would be.
    async fn wait(&mut self) -> bool {
        let due = pin!(transport::sleep(self.due.saturating_sub(transport::elapsed())));
        let (asked, back) = (pin!(self.now.notified()), pin!(self.mirror.reconnected(self.ups)));
        // An error says that the worker is gone, and with it the sender.
        let over = pin!(self.stopped.wait_for(|stopped| *stopped));
        matches!(select(select(due, select(asked, back)), over).await, Either::Left(_))
    }
}

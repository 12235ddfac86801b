//! What workers do for the queue as they wait: tasks whose owner is lost are put back or given up, unfinished ones carried
//! past the end of retention. The board says what is due; here is when it is trusted, and who acts.

use super::Worker;
use crate::board::{Board, Upkeep};
use crate::draft::{self, Draft};
use crate::transport;
use crate::{Duration, Mirror};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::{Arc, Weak};
use tokio::sync::watch;

/// How often one looks.
const LOOK: Duration = Duration::from_secs(1);
/// A look may take this part of the time: at a hundred thousand tasks one looks less often.
const SHARE: u32 = 200;
/// After so long a time with the stream one may say of others that they are lost: before, they may just be coming back
/// from the outage that we come back from.
const GRACE: Duration = Duration::from_secs(5);
/// So long one who waits for work holds back, so that not all act at once; and one who works, so that he seldom has to.
const WAITING: (Duration, Duration) = (Duration::ZERO, Duration::from_millis(500));
const WORKING: (Duration, Duration) = (Duration::from_millis(1_500), Duration::from_secs(3));
/// So long one act is tried. Another look follows.
const ACT: Duration = Duration::from_secs(10);
/// So many are on their way at once.
const IN_FLIGHT: usize = 32;

/// Keeps house until the worker is stopped or gone; of the workers of one mirror one does.
pub(super) fn run(worker: &Arc<Worker>) -> impl Future<Output = ()> + use<> {
    let (weak, stopped) = (Arc::downgrade(worker), worker.stopped.subscribe());
    keep_house(weak, stopped)
}

async fn keep_house(worker: Weak<Worker>, mut stopped: watch::Receiver<bool>) {
    let mut right = None;
    let mut pause = LOOK;
    loop {
        let over = pin!(stopped.wait_for(|stopped| *stopped));
        if let Either::Left(_) = select(over, pin!(transport::sleep(pause))).await {
            return;
        }
        let Some(worker) = worker.upgrade() else { return };
        right = right.or_else(|| worker.mirror.keeper());
        if right.is_some() {
            let began = transport::elapsed();
            let is_due = worker.is_due();
            pause = LOOK.max(transport::elapsed().saturating_sub(began) * SHARE);
            if is_due {
                worker.keep_house().await;
            }
        }
    }
}

impl Worker {
    /// Whether there is something to do, as far as one sees from here.
    fn is_due(&self) -> bool {
        self.mirror.is_synced() && !self.due(self.mirror.now()).is_empty()
    }

    /// What is due at `now`: the message for each. Nothing that only a board at rest may say, before it is at rest.
    fn due(&self, now: crate::Timestamp) -> Vec<Draft> {
        let may_judge = self.may_judge();
        let max_age = self.mirror.max_age();
        let (subjects, by) = (self.mirror.subjects(), self.agent.as_str());
        self.mirror.read(|board| {
            let mut drafts = Vec::new();
            for due in board.upkeep(now, max_age) {
                let Some(task) = board.task(due.task().as_str()) else { continue };
                let owner = task.owner.as_ref();
                let is_ours = owner.is_some_and(|owner| {
                    owner.agent == self.agent && owner.session.as_deref() == Some(&self.session)
                });
                match due {
                    Upkeep::Carry(_) => drafts.push(draft::carried(subjects, board, task)),
                    Upkeep::Forget(_) => drafts.push(draft::forget(subjects, task)),
                    // We live, and the others do not know it yet; but who goes by our name now is not to be argued with.
                    _ if is_ours && self.is_replaced(board) => {}
                    _ if is_ours => self.beat_now.notify_one(),
                    _ if !may_judge => {}
                    Upkeep::Requeue(_) => {
                        drafts.push(draft::requeue(subjects, task, Some("owner lost"), by));
                    }
                    Upkeep::GiveUp(_) => {
                        let words = format!("owner lost, after {} attempts", task.attempts);
                        drafts.push(draft::give_up(subjects, task, &words, by));
                    }
                }
            }
            drafts
        })
    }

    /// Whether one may say of others that they are lost: who has not been away from the stream lately, and whose own
    /// heartbeats were all stored. While a cluster chooses a leader nobody's are, though all are connected; whoever
    /// missed that then beats within half an interval.
    fn may_judge(&self) -> bool {
        let grace = GRACE.max(self.interval / 2);
        self.mirror.synced_for().is_some_and(|since| since >= GRACE)
            && self.heard_for().is_none_or(|since| since >= grace)
    }

    /// Whether another process was heard of last under our name.
    pub(super) fn is_replaced(&self, board: &Board) -> bool {
        let beat = board.agent(self.agent.as_str()).and_then(|agent| agent.beat.as_ref());
        beat.is_some_and(|beat| beat.session.as_deref() != Some(&self.session))
    }

    /// Does what is due, unless somebody else was quicker. What the connection may hide is asked for first: nobody is
    /// judged by an old board.
    async fn keep_house(&self) {
        let (from, to) = if self.held().is_empty() { WAITING } else { WORKING };
        transport::sleep(self.random.between(from, to)).await;
        let (asking, limit) = (pin!(self.mirror.refresh()), pin!(transport::sleep(ACT)));
        let Either::Left((Ok(now), _)) = select(asking, limit).await else { return };
        if !self.mirror.is_synced() {
            return;
        }
        let mirror: &Mirror = &self.mirror;
        let acts = self.due(now).into_iter().map(|draft| async move {
            if let Err(error) = mirror.send_within(draft, Some(ACT)).await {
                tracing::warn!(%error, "upkeep was not stored");
            }
        });
        futures_util::stream::iter(acts).buffer_unordered(IN_FLIGHT).collect::<()>().await;
    }
}

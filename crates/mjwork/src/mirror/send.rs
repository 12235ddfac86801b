//! Publishing by a mirror: again and again with the same message id until the stream has it, then what the fold made of
//! it, in stream order.

use super::{Mirror, Outcome};
use crate::board::{Entry, Verb, Verdict};
use crate::draft::Draft;
use crate::event::Event;
use crate::transport;
use crate::{Ack, Duration, SendError, TaskId};
use futures_util::future::{Either, select};
use std::pin::pin;

/// So long it is tried unless somebody says otherwise.
const PATIENCE: Duration = Duration::from_secs(60);
/// So long one acknowledgement is waited for.
const TRY: Duration = Duration::from_secs(5);
/// Between two tries: from the one to the other, growing.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(5));
/// A stream that is not there for so long is not there.
const NO_STREAM: Duration = Duration::from_secs(10);
/// So often another message id is tried where somebody has used up the one before.
const IDS: u32 = 4;

/// The stream has stored it.
pub(crate) struct Sent {
    pub ack: Ack,
    /// Whether an earlier try may be what it has stored.
    pub retried: bool,
}

/// What lies where a duplicate was acknowledged.
enum Found {
    /// The same act, by the same or another writer.
    Act(Outcome),
    /// Something else: somebody has used the message id up.
    Other,
}

impl Mirror {
    /// Publishes, waits until the stream has stored it, and says what the fold made of it. Where no acknowledgement
    /// comes it tries again with the same message id, for a minute in all.
    ///
    /// # Errors
    /// When it is not known to be stored by then, or never will be.
    pub async fn send(&self, draft: Draft) -> Result<(Ack, Outcome), SendError> {
        self.send_within(draft, Some(PATIENCE)).await
    }

    /// The same with another limit than a minute; none tries until it is stored or never will be.
    ///
    /// # Errors
    /// When it is not known to be stored by then, or never will be.
    pub async fn send_within(
        &self,
        mut draft: Draft,
        patience: Option<Duration>,
    ) -> Result<(Ack, Outcome), SendError> {
        let until = Deadline::new(patience);
        let mut ids = IDS;
        loop {
            let ack = self.publish(&draft, until.left()).await?.ack;
            let change = until.limit(self.outcome(ack.seq)).await;
            let change = change.ok_or(SendError::Unread { seq: ack.seq })?;
            let is_known = !ack.duplicate && change.verdict != Verdict::Repeated;
            match if is_known { Found::Other } else { self.found(&draft, &ack) } {
                Found::Act(outcome) => return Ok((ack, outcome)),
                Found::Other if !ack.duplicate => {
                    return Ok((ack, Outcome { verdict: change.verdict, own: true }));
                }
                Found::Other if ids > 1 => draft = draft.instead_of(ack.seq),
                Found::Other => draft = draft.without_id(),
            }
            ids = ids.saturating_sub(1);
        }
    }

    /// Publishes until the stream has it, and does not wait for the fold.
    pub(crate) async fn publish(&self, draft: &Draft, patience: Option<Duration>) -> Result<Sent, SendError> {
        let until = Deadline::new(patience);
        let mut pause = PAUSE.0;
        let mut tries = 0_u32;
        let mut no_stream = None;
        loop {
            let error = match self.attempt(draft, &until, &mut tries).await {
                Ok(ack) => return Ok(Sent { ack, retried: tries > 1 }),
                Err(error) => error,
            };
            let now = transport::elapsed();
            let absent = matches!(error, SendError::NoStream { .. });
            no_stream = absent.then(|| no_stream.unwrap_or(now));
            let is_absent = no_stream.is_some_and(|since| now.saturating_sub(since) >= NO_STREAM);
            if !error.passes() || until.is_over() || (is_absent && patience.is_some()) {
                return Err(error);
            }
            transport::sleep(self.random().between(pause / 2, pause)).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// One try. While there is no connection nothing is sent: it would only pile up. An answer that was on its way when
    /// the line was cut never comes, so with the next connection this try is over.
    async fn attempt(&self, draft: &Draft, until: &Deadline, tries: &mut u32) -> Result<Ack, SendError> {
        let Some(ups) = until.limit(self.connected()).await else { return Err(SendError::TimedOut) };
        *tries = tries.saturating_add(1);
        let limit = until.left().map_or(TRY, |left| left.min(TRY));
        let sending = pin!(crate::send::send_within(self.client(), draft.clone(), Some(limit)));
        match select(sending, pin!(self.reconnected(ups))).await {
            Either::Left((sent, _)) => sent,
            Either::Right(((), _)) => Err(SendError::TimedOut),
        }
    }

    /// What the stream has stored in the place of `draft`, once that is applied.
    fn found(&self, draft: &Draft, ack: &Ack) -> Found {
        let subjects = self.subjects();
        let event = Event::decode(subjects.topic(&draft.subject), &draft.payload);
        let Some(act) = Act::of(&event) else { return Found::Other };
        self.read(|board| {
            let task = board.task(act.task.as_str());
            let entry = task.and_then(|task| task.history.find(ack.seq));
            match entry.filter(|entry| entry.verb == act.verb) {
                Some(entry) => {
                    Found::Act(Outcome { verdict: entry.verdict(), own: act.is_by_writer_of(&entry) })
                }
                None => Found::Other,
            }
        })
    }
}

/// What an event sets out to do, and who wrote it.
struct Act {
    task: TaskId,
    verb: Verb,
    who: Option<String>,
    session: Option<String>,
}

impl Act {
    fn of(event: &Event<'_>) -> Option<Self> {
        let (verb, who, session) = match event {
            Event::Available(e) if e.requeue.is_some() => (Verb::Requeue, e.by.as_ref(), None),
            Event::Available(e) => (Verb::Available, e.by.as_ref(), None),
            Event::Claimed(e) => (Verb::Claimed, Some(&e.agent_id), e.session.as_ref()),
            Event::Progress(e) => (Verb::Progress, Some(&e.agent_id), e.session.as_ref()),
            Event::Completed(e) if e.accept.is_some() => (Verb::Accept, e.by.as_ref(), None),
            Event::Completed(e) => (Verb::Completed, e.agent_id.as_ref(), e.session.as_ref()),
            Event::Failed(e) if e.by.is_some() => (Verb::GivenUp, e.by.as_ref(), None),
            Event::Failed(e) => (Verb::Failed, e.agent_id.as_ref(), e.session.as_ref()),
            Event::Cancelled(e) => (Verb::Cancelled, Some(&e.by), None),
            Event::Carried(_) => (Verb::Carried, None, None),
            Event::Coordination(_) | Event::Problem(_) | Event::Heartbeat(_) | Event::Unreadable(_) => {
                return None;
            }
        };
        let task = TaskId::new(event.task_id()?).ok()?;
        Some(Self {
            task,
            verb,
            who: who.map(ToString::to_string),
            session: session.map(ToString::to_string),
        })
    }

    fn is_by_writer_of(&self, entry: &Entry<'_>) -> bool {
        self.who.as_deref() == entry.who && self.session.as_deref() == entry.session
    }
}

/// Until when somebody has patience.
struct Deadline(Option<Duration>);

impl Deadline {
    fn new(patience: Option<Duration>) -> Self {
        Self(patience.map(|patience| transport::elapsed().saturating_add(patience)))
    }

    fn left(&self) -> Option<Duration> {
        self.0.map(|end| end.saturating_sub(transport::elapsed()))
    }

    fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// What `work` gives; none when the time is over first.
    async fn limit<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let Some(left) = self.left() else { return Some(work.await) };
        match select(pin!(work), pin!(transport::sleep(left))).await {
            Either::Left((value, _)) => Some(value),
            Either::Right(((), _)) => None,
        }
    }
}

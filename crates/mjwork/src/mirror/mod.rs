//! The board, kept up to date: one reader per process, shared by everything in it that publishes, works or watches.

use crate::board::{Board, Change, Refusal, Verdict};
use crate::draft::Draft;
use crate::event::Subjects;
use crate::reader::{Fault, Source};
use crate::transport::{BoxStream, Client};
use crate::{Ack, Duration, SendError, Sequence, Timestamp};
use bytes::Bytes;

/// A board that follows its stream. Cheap to clone; reading ends with the last clone.
#[derive(Clone)]
pub struct Mirror {}

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
    /// this user may not. What may pass, a server that does not answer for instance, is waited for.
    pub async fn open(client: Client, source: Source) -> Result<Self, Fault> {
        todo!()
    }

    /// The connection.
    #[must_use]
    pub fn client(&self) -> &Client {
        todo!()
    }

    /// Which stream it mirrors.
    #[must_use]
    pub fn source(&self) -> &Source {
        todo!()
    }

    /// The subjects under which its events are stored.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        todo!()
    }

    /// Looks at the board. Everything else that concerns this mirror waits meanwhile: take what is needed and return.
    pub fn read<R>(&self, look: impl FnOnce(&Board) -> R) -> R {
        todo!()
    }

    /// The server's time, as far as messages tell it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        todo!()
    }

    /// Whether the stream lets single messages expire.
    #[must_use]
    pub fn allows_ttl(&self) -> bool {
        todo!()
    }

    /// For how long the stream keeps its messages; zero for ever.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        todo!()
    }

    /// Whether there is a connection and all that the stream holds has been applied.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        todo!()
    }

    /// This moment.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        todo!()
    }

    /// Waits until something was applied, or [`is_synced`](Self::is_synced) changed, after `since`.
    pub async fn changed(&self, since: Ticket) -> Ticket {
        todo!()
    }

    /// Waits until the sequence `seq` has been applied, and says what it changed; [`Verdict::Repeated`] if that was so
    /// long ago that nobody remembers, or if the message expired before it was read.
    pub async fn outcome(&self, seq: Sequence) -> Change {
        todo!()
    }

    /// Publishes, waits until the stream has stored it, and says what the fold made of it. Where no acknowledgement
    /// comes it tries again with the same message id, for a minute in all.
    ///
    /// # Errors
    /// When it is not known to be stored by then, or never will be.
    pub async fn send(&self, draft: Draft) -> Result<(Ack, Outcome), SendError> {
        todo!()
    }

    /// The same with another limit than a minute; none tries until it is stored or never will be.
    ///
    /// # Errors
    /// When it is not known to be stored by then, or never will be.
    pub async fn send_within(
        &self,
        draft: Draft,
        patience: Option<Duration>,
    ) -> Result<(Ack, Outcome), SendError> {
        todo!()
    }

    /// Every message from now on, as it is applied. What is not taken out is kept until it is.
    #[must_use]
    pub fn events(&self) -> BoxStream<Recorded> {
        todo!()
    }
}

//! A message as the stream has it.

use crate::event::{Event, Subjects, Topic};
use crate::transport::{self, HeaderMap, Message, Subject};
use crate::{Sequence, Timestamp};
use bytes::Bytes;
use nats_proto::direct_get::{DirectGetError, Reply};

/// A stored message: where it lies, when it was stored, and all that was in it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its sequence.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
    subject: Subject,
    relayed: bool,
    expires: bool,
    message: Message,
}

/// What an answer of the server brings.
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::large_enum_variant, reason = "taken apart at once, and nearly always the large one")
)]
pub(super) enum Answer {
    /// A stored message, after which the stream has so many more.
    Message(Stored, u64),
    /// The end of a batch, after which the stream has so many more.
    End(u64),
}

impl Stored {
    /// What a direct get answered.
    pub(super) fn answer(message: Message) -> Result<Answer, DirectGetError> {
        let stored = match transport::reply(&message) {
            Ok(Reply::Message(stored)) => stored,
            Ok(Reply::EndOfBatch { num_pending, .. }) => return Ok(Answer::End(num_pending)),
            // Nothing from there on: an end like any other.
            Err(DirectGetError::NotFound) => return Ok(Answer::End(0)),
            Err(error) => return Err(error),
        };
        let pending = stored.num_pending.unwrap_or(0);
        let stored = Self {
            seq: stored.sequence,
            time: Timestamp::from_nanos(stored.time),
            subject: transport::subject(&stored, &message),
            relayed: stored.relayed,
            expires: stored.expires,
            message,
        };
        Ok(Answer::Message(stored, pending))
    }

    /// What the stream sent on as it stored it; none if it says nothing of a sequence.
    pub(super) fn live(message: Message) -> Option<Self> {
        match Self::answer(message) {
            Ok(Answer::Message(stored, _)) => Some(stored),
            _ => None,
        }
    }

    /// The subject under which it is stored.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.subject.as_str()
    }

    /// Its body.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.message.payload
    }

    /// Its headers, the server's own among them.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.message.headers.as_ref()
    }

    /// Whether the server relayed it on somebody's behalf: then it has been through a direct get or a
    /// republication before, and says twice from which stream.
    #[must_use]
    pub fn is_forged(&self) -> bool {
        self.relayed
    }

    /// What it says.
    #[must_use]
    pub fn event(&self, subjects: &Subjects) -> Event<'_> {
        if self.is_forged() {
            return Event::forged(self.payload());
        }
        let topic = subjects.topic(self.subject());
        if self.expires && !matches!(topic, Topic::Heartbeat(_)) {
            return Event::fleeting(self.payload());
        }
        Event::decode(topic, self.payload())
    }
}

//! A message as the stream has it.

use crate::event::{Event, Subjects};
use crate::transport::{self, HeaderMap, Message};
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
    message: Message,
}

/// What an answer of the server brings.
pub(super) enum Answer {
    /// A stored message, after which the stream has so many more.
    Message(Stored, u64),
    /// The end of a batch, after which the stream has so many more.
    End(u64),
}

impl Stored {
    /// What a direct get answered.
    pub(super) fn answer(message: Message) -> Result<Answer, DirectGetError> {
        let (seq, time, pending) = match transport::reply(&message) {
            Ok(Reply::Message(stored)) => (stored.sequence, stored.time, stored.num_pending.unwrap_or(0)),
            Ok(Reply::EndOfBatch { num_pending, .. }) => return Ok(Answer::End(num_pending)),
            // Nothing from there on: an end like any other.
            Err(DirectGetError::NotFound) => return Ok(Answer::End(0)),
            Err(error) => return Err(error),
        };
        Ok(Answer::Message(Self { seq, time: Timestamp::from_nanos(time), message }, pending))
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
        match transport::reply(&self.message) {
            Ok(Reply::Message(stored)) => stored.subject,
            _ => "",
        }
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
        self.headers().is_some_and(|headers| transport::count(headers, "Nats-Stream") > 1)
    }

    /// What it says.
    #[must_use]
    pub fn event(&self, subjects: &Subjects) -> Event<'_> {
        if self.is_forged() {
            return Event::forged(self.payload());
        }
        Event::decode(subjects.topic(self.subject()), self.payload())
    }
}

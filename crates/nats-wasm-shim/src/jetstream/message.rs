//! Messages of streams: to be published, as a stream has them, and as a consumer delivers them.

mod delivered;
mod outgoing;

use bytes::Bytes;
use nats_proto::direct_get::{DirectGetError, Reply};
use nats_proto::{HeaderMap, Subject};

pub use delivered::{AckKind, Acker, Message};
pub use nats_proto::delivery::Info;
pub use outgoing::{OutboundMessage, PublishMessage};

/// A message read from a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamMessage {
    /// The subject it was stored under.
    pub subject: Subject,
    /// Its sequence.
    pub sequence: u64,
    /// Its headers, followed by those that the server added to this answer (`Nats-Stream`, `Nats-Sequence`, …).
    pub headers: HeaderMap,
    /// Its body.
    pub payload: Bytes,
    /// When the server stored it, in nanoseconds since 1970 in UTC.
    pub time: i64,
    /// In a batch, how many more messages match after it.
    pub num_pending: Option<u64>,
}

/// What a direct get answered.
pub(super) enum Answer {
    Message(StreamMessage),
    End(BatchEnd),
}

/// How a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchEnd {
    /// How many more messages match; 0 when all have been read.
    pub num_pending: u64,
    /// The last sequence of the batch.
    pub last_sequence: u64,
    /// For the last of each subject, the sequence up to which the server looked.
    pub up_to_sequence: Option<u64>,
}

impl Answer {
    pub(super) fn read(message: crate::Message) -> Result<Self, DirectGetError> {
        Ok(match Reply::of(&message)? {
            Reply::EndOfBatch { num_pending, last_sequence, up_to_sequence } => {
                Self::End(BatchEnd { num_pending, last_sequence, up_to_sequence })
            }
            Reply::Message(stored) => {
                let subject = stored.shared_subject(&message);
                let (sequence, time, num_pending) = (stored.sequence, stored.time, stored.num_pending);
                let headers = message.headers.unwrap_or_default();
                Self::Message(StreamMessage {
                    subject,
                    sequence,
                    headers,
                    payload: message.payload,
                    time,
                    num_pending,
                })
            }
        })
    }
}

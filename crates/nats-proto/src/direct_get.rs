//! JetStream's direct get: reading stored messages from any replica, one by one or in batches, without a consumer.
//! Requests are bodies for `$JS.API.DIRECT.GET.<stream>`; [`Reply`] says what an answer means. Tried on 2.15.1.
//!
//! | asked | answered by |
//! | --- | --- |
//! | one sequence, or the last of a subject | the message, or 404 `Message Not Found` |
//! | a batch that finds something | messages, then 204 `EOB` with how many more match |
//! | a batch from beyond the end, of an empty stream, or of a subject that has nothing from there | 404 `Message Not Found` |
//! | the last of each subject of which there is none | 404 `No Results` |
//! | the last of each of more than 1,024 subjects | 413 `Too Many Results` |
//! | something else | 408 `Empty Request`, 408 `Malformed Request` |
//! | a stream that does not exist or does not allow it | 503 without words |

mod request;

use std::fmt;

use crate::header::HeaderMap;
use crate::{Message, StatusCode, Subject, timestamp};

pub use request::{Batch, MultiLast, by_sequence, last_by_subject};

/// What one answer to a direct get means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<'a> {
    /// A stored message; its payload and own headers are the answer's.
    Message(Stored<'a>),
    /// A batch ends here.
    EndOfBatch {
        /// How many more messages match; 0 when all have been read.
        num_pending: u64,
        /// The last sequence of this batch.
        last_sequence: u64,
        /// The sequence up to which a [`MultiLast`] looked; ask for the rest with it.
        up_to_sequence: Option<u64>,
    },
}

/// What a server says of a stored message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored<'a> {
    /// Its sequence in the stream.
    pub sequence: u64,
    /// When the server stored it, in nanoseconds since 1970 in UTC.
    pub time: i64,
    /// The subject it was stored under.
    pub subject: &'a str,
    /// In a batch, how many more messages match after it.
    pub num_pending: Option<u64>,
    /// Whether it names its stream more than once. The server adds the name when it hands a message out, so this one
    /// had been handed out before and was stored again: the server wrote it on somebody's behalf. Also when it has a
    /// status, as only answers do.
    pub relayed: bool,
    /// Whether its publisher asked the server to forget it before the stream's own age limit (`Nats-TTL`).
    pub expires: bool,
}

/// Why a direct get gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectGetError {
    /// There is no such message, or none from there on.
    NotFound,
    /// The server cannot make sense of the request; its words.
    BadRequest(String),
    /// The last of each of more subjects than one answer may have (1,024).
    TooManyResults,
    /// There is no such stream, or it does not allow direct get.
    NoResponders,
    /// Another status, with its words.
    Status(u16, String),
    /// An answer lacks this header, or it makes no sense.
    Malformed(&'static str),
}

impl fmt::Display for DirectGetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such message"),
            Self::BadRequest(words) => write!(f, "the server cannot read the request: {words}"),
            Self::TooManyResults => f.write_str("more results than one answer may have"),
            Self::NoResponders => f.write_str("no such stream, or it does not allow direct get"),
            Self::Status(status, words) => write!(f, "the server answered {status} {words}"),
            Self::Malformed(header) => write!(f, "the answer has no proper {header}"),
        }
    }
}

impl std::error::Error for DirectGetError {}

/// The headers that a server adds, as they came.
#[derive(Default)]
struct Found<'a> {
    sequence: Option<&'a [u8]>,
    time: Option<&'a [u8]>,
    subject: Option<&'a [u8]>,
    num_pending: Option<&'a [u8]>,
    last_sequence: Option<&'a [u8]>,
    up_to_sequence: Option<&'a [u8]>,
    /// How often the stream is named.
    streams: usize,
    ttl: Option<&'a [u8]>,
}

impl<'a> Reply<'a> {
    /// Reads an answer whose headers some other type holds.
    ///
    /// `values` gives all values of a name in the order of the wire. The last one counts: the server appends its headers
    /// to the publisher's, who may have sent some of the same names.
    ///
    /// ```
    /// use nats_proto::direct_get::{DirectGetError, Reply};
    ///
    /// let none = |_| std::iter::empty();
    /// assert_eq!(Reply::read(Some(404), Some("Message Not Found"), none), Err(DirectGetError::NotFound));
    /// ```
    pub fn read<I: Iterator<Item = &'a str>>(
        status: Option<u16>,
        description: Option<&str>,
        values: impl Fn(&'static str) -> I,
    ) -> Result<Self, DirectGetError> {
        let header = |name| values(name).last().map(str::as_bytes);
        let found = Found {
            streams: values("Nats-Stream").count(),
            ttl: header("Nats-TTL"),
            sequence: header("Nats-Sequence"),
            time: header("Nats-Time-Stamp"),
            subject: header("Nats-Subject"),
            num_pending: header("Nats-Num-Pending"),
            last_sequence: header("Nats-Last-Sequence"),
            up_to_sequence: header("Nats-UpTo-Sequence"),
        };
        found.interpret(status, description)
    }

    /// Reads an answer in one pass over its headers.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use nats_proto::{Message, direct_get::Reply};
    ///
    /// let block = "NATS/1.0\r\nNats-Subject: a\r\nNats-Sequence: 7\r\nNats-Time-Stamp: 1970-01-01T00:00:01Z\r\n\r\n";
    /// let message = Message::from_parts("_INBOX.1".into(), None, Some(block.into()), Bytes::new());
    /// let Ok(Reply::Message(stored)) = Reply::of(&message) else { panic!() };
    /// assert_eq!((stored.sequence, stored.time, stored.subject), (7, 1_000_000_000, "a"));
    /// ```
    pub fn of(message: &'a Message) -> Result<Self, DirectGetError> {
        let status = message.status.map(|status| status.as_u16());
        let mut found = Found::default();
        for (_, name, value) in message.headers.iter().flat_map(HeaderMap::raw_lines) {
            // The last of a name wins: the server appends its own to the publisher's.
            match name {
                b"Nats-Sequence" => found.sequence = Some(value),
                b"Nats-Time-Stamp" => found.time = Some(value),
                b"Nats-Subject" => found.subject = Some(value),
                b"Nats-Num-Pending" => found.num_pending = Some(value),
                b"Nats-Last-Sequence" => found.last_sequence = Some(value),
                b"Nats-UpTo-Sequence" => found.up_to_sequence = Some(value),
                b"Nats-Stream" => found.streams += 1,
                b"Nats-TTL" => found.ttl = Some(value),
                _ => {}
            }
        }
        found.interpret(status, message.description.as_deref())
    }
}

impl Stored<'_> {
    /// The subject as a value of its own that shares the bytes of `message`, which this was read from.
    ///
    /// ```
    /// use nats_proto::{Message, direct_get::Reply};
    ///
    /// let block = "NATS/1.0\r\nNats-Subject: a\r\nNats-Sequence: 7\r\nNats-Time-Stamp: 1970-01-01T00:00:01Z\r\n\r\n";
    /// let message = Message::from_parts("_INBOX.1".into(), None, Some(block.into()), "".into());
    /// let Ok(Reply::Message(stored)) = Reply::of(&message) else { panic!() };
    /// assert_eq!(stored.shared_subject(&message).as_str(), "a");
    /// ```
    #[must_use]
    pub fn shared_subject(&self, message: &Message) -> Subject {
        match &message.headers {
            Some(headers) => headers.share(self.subject),
            None => Subject::from(self.subject),
        }
    }
}

/// The statuses that are errors.
fn refused(status: Option<u16>, description: Option<&str>) -> Result<(), DirectGetError> {
    let words = || description.unwrap_or_default().to_owned();
    let Some(status) = status else { return Ok(()) };
    Err(match status {
        status if StatusCode::NO_CONTENT == status => return Ok(()),
        404 => DirectGetError::NotFound,
        400 | 408 => DirectGetError::BadRequest(words()),
        413 => DirectGetError::TooManyResults,
        503 => DirectGetError::NoResponders,
        other => DirectGetError::Status(other, words()),
    })
}

impl<'a> Found<'a> {
    fn interpret(self, status: Option<u16>, description: Option<&str>) -> Result<Reply<'a>, DirectGetError> {
        // A status line may be the publisher's own, which the server keeps when it adds its headers. What is stored has
        // a sequence and a time, and what the server says of itself has not.
        let is_stored = self.sequence.is_some() && self.time.is_some();
        if status.is_some() && !is_stored {
            refused(status, description)?;
            return Ok(Reply::EndOfBatch {
                num_pending: required(self.num_pending, "Nats-Num-Pending")?,
                last_sequence: required(self.last_sequence, "Nats-Last-Sequence")?,
                up_to_sequence: optional(self.up_to_sequence, "Nats-UpTo-Sequence")?,
            });
        }
        Ok(Reply::Message(Stored {
            sequence: required(self.sequence, "Nats-Sequence")?,
            time: self
                .time
                .and_then(|time| timestamp::parse(std::str::from_utf8(time).ok()?))
                .ok_or(DirectGetError::Malformed("Nats-Time-Stamp"))?,
            subject: self
                .subject
                .and_then(|subject| std::str::from_utf8(subject).ok())
                .ok_or(DirectGetError::Malformed("Nats-Subject"))?,
            num_pending: optional(self.num_pending, "Nats-Num-Pending")?,
            relayed: self.streams > 1 || status.is_some(),
            expires: self.ttl.is_some(),
        }))
    }
}

fn required(value: Option<&[u8]>, name: &'static str) -> Result<u64, DirectGetError> {
    optional(value, name)?.ok_or(DirectGetError::Malformed(name))
}

fn optional(value: Option<&[u8]>, name: &'static str) -> Result<Option<u64>, DirectGetError> {
    let Some(value) = value else { return Ok(None) };
    crate::control_line::number(value).map(Some).ok_or(DirectGetError::Malformed(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn answer(block: &str) -> Message {
        Message::from_parts(
            "_INBOX.1".into(),
            None,
            Some(Bytes::copy_from_slice(block.as_bytes())),
            Bytes::new(),
        )
    }

    /// Both ways in say the same.
    fn both(block: &str) -> Result<Reply<'static>, DirectGetError> {
        let message = Box::leak(Box::new(answer(block)));
        let of = Reply::of(message);
        let headers = message.headers.as_ref().expect("it has a block");
        let read = Reply::read(message.status.map(u16::from), message.description.as_deref(), |name| {
            headers.get_all(name).map(|value| value.as_str())
        });
        assert_eq!(of, read);
        of
    }

    #[test]
    fn answers_as_a_real_server_gives_them() {
        let first = "NATS/1.0\r\nX: y\r\nNats-Stream: S\r\nNats-Subject: s.1\r\nNats-Sequence: 2\r\nNats-Time-Stamp: 2026-11-23T06:17:46.959644704Z\r\nNats-Num-Pending: 4\r\nNats-Last-Sequence: 1\r\n\r\n";
        let stored = Stored {
            sequence: 2,
            time: 1_795_414_666_959_644_704,
            subject: "s.1",
            num_pending: Some(4),
            relayed: false,
            expires: false,
        };
        assert_eq!(both(first), Ok(Reply::Message(stored)));
        assert_eq!(
            both("NATS/1.0 204 EOB\r\nNats-Num-Pending: 4\r\nNats-Last-Sequence: 2\r\n\r\n"),
            Ok(Reply::EndOfBatch { num_pending: 4, last_sequence: 2, up_to_sequence: None })
        );
        assert_eq!(
            both(
                "NATS/1.0 204 EOB\r\nNats-Num-Pending: 0\r\nNats-Last-Sequence: 6\r\nNats-UpTo-Sequence: 6\r\n\r\n"
            ),
            Ok(Reply::EndOfBatch { num_pending: 0, last_sequence: 6, up_to_sequence: Some(6) })
        );
        assert_eq!(both("NATS/1.0 404 Message Not Found\r\n\r\n"), Err(DirectGetError::NotFound));
        assert_eq!(both("NATS/1.0 404 No Results\r\n\r\n"), Err(DirectGetError::NotFound));
        let empty = DirectGetError::BadRequest("Empty Request".into());
        assert_eq!(both("NATS/1.0 408 Empty Request\r\n\r\n"), Err(empty));
        assert_eq!(both("NATS/1.0 413 Too Many Results\r\n\r\n"), Err(DirectGetError::TooManyResults));
        assert_eq!(both("NATS/1.0 503\r\nNats-Subject: x\r\n\r\n"), Err(DirectGetError::NoResponders));
        assert_eq!(both("NATS/1.0 500 Oh\r\n\r\n"), Err(DirectGetError::Status(500, "Oh".into())));
    }

    #[test]
    fn a_publisher_cannot_speak_for_the_server() {
        let forged = "NATS/1.0\r\nNats-Sequence: 99\r\nNats-Subject: zzz\r\nNats-Time-Stamp: x\r\nNats-Subject: s\r\nNats-Sequence: 6\r\nNats-Time-Stamp: 1970-01-01T00:00:00Z\r\n\r\n";
        let stored =
            Stored { sequence: 6, time: 0, subject: "s", num_pending: None, relayed: false, expires: false };
        assert_eq!(both(forged), Ok(Reply::Message(stored)));
    }

    #[test]
    fn what_the_server_relayed_names_its_stream_twice() {
        let relayed = "NATS/1.0\r\nNats-Stream: S\r\nNats-Subject: a\r\nNats-Sequence: 1\r\nNats-Time-Stamp: 1970-01-01T00:00:00Z\r\nNats-Stream: S\r\nNats-Subject: b\r\nNats-Sequence: 2\r\nNats-Time-Stamp: 1970-01-01T00:00:00Z\r\n\r\n";
        let stored =
            Stored { sequence: 2, time: 0, subject: "b", num_pending: None, relayed: true, expires: false };
        assert_eq!(both(relayed), Ok(Reply::Message(stored)));
    }

    #[test]
    fn a_stored_status_is_no_answer() {
        let stored = "NATS/1.0 404 Message Not Found\r\nNats-Stream: S\r\nNats-Subject: s\r\nNats-Sequence: 3\r\nNats-Time-Stamp: 1970-01-01T00:00:00Z\r\n\r\n";
        assert!(matches!(both(stored), Ok(Reply::Message(Stored { sequence: 3, relayed: true, .. }))));
    }

    #[test]
    fn what_is_missing_is_named() {
        let without = |name: &str| {
            let block: String =
                ["Nats-Subject: s", "Nats-Sequence: 6", "Nats-Time-Stamp: 1970-01-01T00:00:00Z"]
                    .iter()
                    .filter(|line| !line.starts_with(name))
                    .fold("NATS/1.0\r\n".to_owned(), |block, line| block + line + "\r\n");
            both(&(block + "\r\n"))
        };
        for name in ["Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp"] {
            assert_eq!(without(name), Err(DirectGetError::Malformed(name)));
        }
        assert_eq!(both("NATS/1.0 204 EOB\r\n\r\n"), Err(DirectGetError::Malformed("Nats-Num-Pending")));
    }

    #[test]
    fn a_shared_subject_is_the_subject() {
        let message = answer(
            "NATS/1.0\r\nNats-Subject: s.1\r\nNats-Sequence: 2\r\nNats-Time-Stamp: 1970-01-01T00:00:00Z\r\n\r\n",
        );
        let Ok(Reply::Message(stored)) = Reply::of(&message) else { panic!("it is a message") };
        assert_eq!(stored.shared_subject(&message).as_str(), "s.1");
    }
}

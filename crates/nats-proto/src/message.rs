//! A received message, with the fields of `async_nats::Message`.
//! Subject, headers and payload share the bytes they came in; a kept message keeps its whole chunk alive.

use bytes::Bytes;

use crate::header::{self, HeaderMap};
use crate::{StatusCode, Subject};

/// A message as it was delivered to a subscription or to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it was published to.
    pub subject: Subject,
    /// Where an answer is expected, if one is.
    pub reply: Option<Subject>,
    /// The body; any bytes.
    pub payload: Bytes,
    /// The headers, if it has a header block.
    pub headers: Option<HeaderMap>,
    /// The inline status: the server speaking, rather than a publisher.
    pub status: Option<StatusCode>,
    /// The words after the status, if there are any.
    pub description: Option<String>,
    /// The size of everything in it, in bytes: subject, reply, headers and payload.
    pub length: usize,
}

impl Message {
    /// Puts together what the decoder found. A header block that makes no sense counts as one without headers.
    ///
    /// ```
    /// use nats_proto::{Message, StatusCode};
    ///
    /// let block = Some("NATS/1.0 503\r\n\r\n".into());
    /// let message = Message::from_parts("_INBOX.1".into(), None, block, "".into());
    /// assert_eq!(message.status, Some(StatusCode::NO_RESPONDERS));
    /// ```
    #[must_use]
    #[inline]
    pub fn from_parts(
        subject: Subject,
        reply: Option<Subject>,
        headers: Option<Bytes>,
        payload: Bytes,
    ) -> Self {
        let block_length = headers.as_ref().map_or(0, Bytes::len);
        let length =
            subject.len() + reply.as_ref().map_or(0, |reply| reply.len()) + block_length + payload.len();
        let (headers, status, description) = match headers {
            None => (None, None, None),
            Some(block) => {
                let parsed = header::parse_block(&block);
                (Some(parsed.headers), parsed.status, parsed.description)
            }
        };
        Self { subject, reply, payload, headers, status, description, length }
    }
}

/// A message to be published, with its subject.
///
/// ```
/// use nats_proto::message::OutboundMessage;
///
/// let message = OutboundMessage {
///     subject: "orders.new".into(),
///     reply: None,
///     payload: "data".into(),
///     headers: None,
/// };
/// ```
#[derive(Clone, Debug)]
pub struct OutboundMessage {
    /// What it is published to.
    pub subject: Subject,
    /// Where an answer is expected, if one is.
    pub reply: Option<Subject>,
    /// The body; any bytes.
    pub payload: Bytes,
    /// The headers, if it has any.
    pub headers: Option<HeaderMap>,
}

/// A message as it was cut out of the bytes it came in, its header block not read yet: what waits for a reader. It is
/// no larger than what WebAssembly moves without a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What it was published to.
    pub subject: Subject,
    /// Where an answer is expected, if one is.
    pub reply: Option<Subject>,
    /// The header block with its version line, if there is one.
    pub headers: Option<Bytes>,
    /// The body.
    pub payload: Bytes,
}

impl Unread {
    /// The size of everything in it, in bytes, as [`Message::length`].
    ///
    /// ```
    /// use nats_proto::message::Unread;
    ///
    /// let unread = Unread { subject: "a".into(), reply: None, headers: None, payload: "data".into() };
    /// assert_eq!(unread.length(), 5);
    /// ```
    #[must_use]
    #[inline]
    pub fn length(&self) -> usize {
        self.subject.len()
            + self.reply.as_ref().map_or(0, |reply| reply.len())
            + self.headers.as_ref().map_or(0, Bytes::len)
            + self.payload.len()
    }

    /// The message, with its headers read.
    ///
    /// ```
    /// use nats_proto::message::Unread;
    ///
    /// let unread = Unread { subject: "a".into(), reply: None, headers: None, payload: "data".into() };
    /// assert_eq!(unread.read().payload, "data");
    /// ```
    #[must_use]
    #[inline]
    pub fn read(self) -> Message {
        Message::from_parts(self.subject, self.reply, self.headers, self.payload)
    }
}

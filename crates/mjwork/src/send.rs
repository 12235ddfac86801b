//! Publishing with the stream's acknowledgement: an event counts when the stream has stored it, not before.

use crate::draft::Draft;
use crate::fields::Kind::{Count, Flag, Text};
use crate::fields::{Field, field, parse};
use crate::reader::{API_ERROR, ApiError};
use crate::transport::{Client, HeaderMap, Request, RequestErrorKind, is_denied};
use crate::{Duration, Sequence};
use std::fmt;

/// The stream has stored the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// The stream that stored it.
    pub stream: String,
    /// Its sequence; that of the first one, where it is a duplicate.
    pub seq: Sequence,
    /// The same message id was stored before: this one was not.
    pub duplicate: bool,
}

/// Why an event is not known to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// This user may not publish there.
    NotAllowed {
        /// The subject.
        subject: String,
    },
    /// No stream listens there.
    NoStream {
        /// The subject.
        subject: String,
    },
    /// No acknowledgement came in time. The event may be stored or not; a retry with the same message id is safe.
    TimedOut,
    /// The stream refused it, in the server's own words.
    Rejected(String),
    /// The stream cannot take it just now, in the server's own words: it elects a leader, for instance, or another
    /// message with this id is on its way into it. A retry with the same message id is safe.
    Unavailable(String),
    /// It is larger than the server takes.
    TooLarge(String),
    /// It is stored, but could not be read back in time.
    Unread {
        /// Its sequence.
        seq: Sequence,
    },
    /// The client could not send it.
    NotSent(String),
    /// The acknowledgement makes no sense.
    Malformed(String),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed { subject } => write!(f, "this user may not publish on {subject}"),
            Self::NoStream { subject } => write!(f, "no stream stores {subject}; make it with: mjwork setup"),
            Self::TimedOut => f.write_str("no acknowledgement came in time; it may be stored or not"),
            Self::Rejected(words) => write!(f, "the stream refused it: {words}"),
            Self::Unavailable(words) => write!(f, "the stream cannot take it now: {words}"),
            Self::TooLarge(words) => write!(f, "it is too large for the server: {words}"),
            Self::Unread { seq } => write!(f, "it is stored at {seq}, but could not be read back in time"),
            Self::NotSent(words) => write!(f, "it could not be sent: {words}"),
            Self::Malformed(words) => write!(f, "the acknowledgement makes no sense: {words}"),
        }
    }
}

impl std::error::Error for SendError {}

impl SendError {
    /// Whether the same may succeed a little later.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::TimedOut | Self::Unavailable(_) | Self::NoStream { .. } | Self::NotSent(_))
    }
}

/// Answers of a stream that may answer otherwise a little later: no leader (of late without a number), the store failed,
/// offline, a message of the same id in process, too many requests.
const PASSING: [u64; 7] = [0, 10_008, 10_009, 10_077, 10_118, 10_158, 10_167];

/// Publishes `draft` and waits until the stream has stored it.
///
/// # Errors
/// When that is not known to have happened.
pub async fn send(client: &Client, draft: Draft) -> Result<Ack, SendError> {
    send_within(client, draft, client.timeout()).await
}

/// The same with a limit of its own.
pub(crate) async fn send_within(
    client: &Client,
    draft: Draft,
    limit: Option<Duration>,
) -> Result<Ack, SendError> {
    let Draft { subject, headers, payload } = draft;
    let mut request = Request::new().payload(payload).timeout(limit);
    if !headers.is_empty() {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, value);
        }
        request = request.headers(map);
    }
    let answer = client.send_request(subject.clone(), request).await.map_err(|error| {
        if is_denied(&error) {
            return SendError::NotAllowed { subject };
        }
        match error.kind() {
            RequestErrorKind::TimedOut => SendError::TimedOut,
            RequestErrorKind::NoResponders => SendError::NoStream { subject },
            RequestErrorKind::MaxPayloadExceeded => SendError::TooLarge(error.to_string()),
            RequestErrorKind::InvalidSubject => SendError::Rejected(error.to_string()),
            #[cfg(not(target_arch = "wasm32"))]
            RequestErrorKind::Other => SendError::NotSent(error.to_string()),
            #[cfg(target_arch = "wasm32")]
            _ => SendError::NotSent(error.to_string()),
        }
    })?;
    Ack::parse(&answer.payload)
}

/// What a stream answers to who publishes.
const ANSWER: &[Field] =
    &[field("error", API_ERROR), field("stream", Text), field("seq", Count), field("duplicate", Flag)];

impl Ack {
    fn parse(answer: &[u8]) -> Result<Self, SendError> {
        let text = std::str::from_utf8(answer).map_err(|error| SendError::Malformed(error.to_string()))?;
        let mut found = parse(text, ANSWER).map_err(|error| SendError::Malformed(error.to_string()))?;
        if let Some(error) = found.object("error") {
            let ApiError { err_code, description } = ApiError::of(error);
            return Err(if PASSING.contains(&err_code) {
                SendError::Unavailable(description)
            } else {
                SendError::Rejected(description)
            });
        }
        let seq = found.count("seq").filter(|seq| *seq > 0);
        Ok(Self {
            stream: found.text("stream").map(|text| text.to_string()).unwrap_or_default(),
            seq: seq.ok_or_else(|| SendError::Malformed("it names no sequence".into()))?,
            duplicate: found.flag("duplicate"),
        })
    }
}

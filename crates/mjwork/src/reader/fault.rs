//! Why nothing can be read, in a sentence that says what to do.

use crate::fields::Kind::{Count, Object, Text};
use crate::fields::{Fields, Kind, field};
use crate::transport::{RequestError, RequestErrorKind, is_denied};
use std::fmt;

/// Why the stream cannot be read for now. The reader goes on trying.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is no such stream.
    NoSuchStream {
        /// Its name.
        stream: String,
    },
    /// Nobody answers the stream API: JetStream is off, or this account cannot reach it.
    NoJetStream,
    /// The user may not ask on this subject.
    NotAllowed {
        /// The subject.
        subject: String,
    },
    /// The stream's history cannot be read without consumers.
    NoDirectGet {
        /// Its name.
        stream: String,
    },
    /// The server did not answer in time.
    TimedOut,
    /// The connection is closed.
    Closed,
    /// The server said no, in its own words.
    Refused(String),
    /// The answer makes no sense.
    Malformed(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchStream { stream } => {
                write!(
                    f,
                    "There is no stream {stream} on this server. Make it with: mjwork setup --stream {stream}"
                )
            }
            Self::NoJetStream => f.write_str(
                "Nobody answers for JetStream: it is off on this server, or this account may not reach it.",
            ),
            Self::NotAllowed { subject } => write!(f, "This user may not publish on {subject}."),
            Self::NoDirectGet { stream } => write!(
                f,
                "The stream {stream} does not allow direct get, by which its history is read. Mend it with: mjwork \
                 setup --stream {stream}"
            ),
            Self::TimedOut => f.write_str("The server did not answer in time."),
            Self::Closed => f.write_str("The connection is closed."),
            Self::Refused(words) => write!(f, "The server says: {words}."),
            Self::Malformed(what) => write!(f, "The server's answer makes no sense: {what}."),
        }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// What a request that got no answer means.
    pub(crate) fn of_request(error: &RequestError, subject: &str) -> Self {
        if is_denied(error) {
            return Self::NotAllowed { subject: subject.to_owned() };
        }
        match error.kind() {
            RequestErrorKind::TimedOut => Self::TimedOut,
            RequestErrorKind::NoResponders => Self::NoJetStream,
            _ => Self::Refused(error.to_string()),
        }
    }
}

/// The error in an answer of the JetStream API.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    /// What is wrong, by number: stable.
    pub err_code: u64,
    /// What is wrong, in words.
    pub description: String,
}

/// Its fields.
pub(crate) const API_ERROR: Kind = Object(&[field("err_code", Count), field("description", Text)]);

/// `stream not found`
const STREAM_NOT_FOUND: u64 = 10_059;
/// `JetStream not enabled`, on the server and for the account
const NOT_ENABLED: [u64; 2] = [10_076, 10_039];

impl ApiError {
    /// The error that these fields say.
    pub fn of(mut fields: Fields<'_>) -> Self {
        Self {
            err_code: fields.count("err_code").unwrap_or(0),
            description: fields.text("description").map(|text| text.to_string()).unwrap_or_default(),
        }
    }

    /// What it means to who asked about `stream`.
    pub fn fault(self, stream: &str) -> Fault {
        match self.err_code {
            STREAM_NOT_FOUND => Fault::NoSuchStream { stream: stream.to_owned() },
            code if NOT_ENABLED.contains(&code) => Fault::NoJetStream,
            _ => Fault::Refused(self.description),
        }
    }

    /// Whether there is no such stream.
    pub fn is_not_found(&self) -> bool {
        self.err_code == STREAM_NOT_FOUND
    }
}

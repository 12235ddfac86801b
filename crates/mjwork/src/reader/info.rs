//! What the server says of the stream, as far as a reader needs it.

use super::Fault;
use super::fault::{API_ERROR, ApiError};
use crate::fields::Kind::{Count, Flag, Object, Text, Texts};
use crate::fields::{Field, field, parse};
use crate::{Duration, Sequence, Timestamp};

/// The stream's settings and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    /// When it was created, RFC 3339: tells a stream from one that was made anew under its name.
    pub created: String,
    /// How it is set up.
    pub config: StreamConfig,
    /// What it holds.
    pub state: StreamState,
    /// The server's clock when it said so.
    pub now: Timestamp,
}

/// How a stream is set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamConfig {
    /// Its name.
    pub name: String,
    /// What it stores.
    pub subjects: Vec<String>,
    /// For how long, in nanoseconds; 0 for ever.
    pub max_age: u64,
    /// Whether history is read without consumers.
    pub allow_direct: bool,
    /// Whether single messages may expire earlier.
    pub allow_msg_ttl: bool,
    /// On how many servers it is kept.
    pub num_replicas: u64,
    /// Where what is stored is sent on to.
    pub republish: Option<Republish>,
}

/// Where a stream sends on what it stores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Republish {
    /// Which subjects.
    pub src: String,
    /// Where to.
    pub dest: String,
    /// Whether without the bodies.
    pub headers_only: bool,
}

/// What a stream holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamState {
    /// How many messages.
    pub messages: u64,
    /// The sequence of the oldest.
    pub first_seq: Sequence,
    /// The sequence of the newest that it ever had.
    pub last_seq: Sequence,
    /// When the oldest was stored; none while there is none.
    pub first_time: Option<Timestamp>,
}

impl StreamInfo {
    /// For how long the stream keeps its messages; zero for ever.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        Duration::from_nanos(self.config.max_age)
    }
}

/// The answer of `STREAM.INFO`, as far as it is wanted.
const ANSWER: &[Field] = &[
    field("error", API_ERROR),
    field("created", Text),
    field("ts", Text),
    field(
        "config",
        Object(&[
            field("name", Text),
            field("subjects", Texts),
            field("max_age", Count),
            field("allow_direct", Flag),
            field("allow_msg_ttl", Flag),
            field("num_replicas", Count),
            field(
                "republish",
                Object(&[field("src", Text), field("dest", Text), field("headers_only", Flag)]),
            ),
        ]),
    ),
    field(
        "state",
        Object(&[
            field("messages", Count),
            field("first_seq", Count),
            field("last_seq", Count),
            field("first_ts", Text),
        ]),
    ),
];

impl StreamInfo {
    /// Reads what the server said when it was asked about `stream`.
    pub(super) fn parse(answer: &[u8], stream: &str) -> Result<Self, Fault> {
        let malformed = |what: &dyn ToString| Fault::Malformed(what.to_string());
        let text = std::str::from_utf8(answer).map_err(|error| malformed(&error))?;
        let mut found = parse(text, ANSWER).map_err(|error| malformed(&error))?;
        if let Some(error) = found.object("error") {
            return Err(ApiError::of(error).fault(stream));
        }
        let (Some(created), Some(mut config), Some(mut state)) =
            (found.text("created"), found.object("config"), found.object("state"))
        else {
            return Err(malformed(&"it describes no stream"));
        };
        let owned = |text: Option<crate::Text<'_>>| text.map(|t| t.to_string()).unwrap_or_default();
        Ok(Self {
            now: found.text("ts").and_then(|ts| Timestamp::parse(&ts)).unwrap_or_default(),
            created: created.to_string(),
            config: StreamConfig {
                name: owned(config.text("name")),
                subjects: config.list("subjects").iter().map(ToString::to_string).collect(),
                max_age: config.count("max_age").unwrap_or(0),
                allow_direct: config.flag("allow_direct"),
                allow_msg_ttl: config.flag("allow_msg_ttl"),
                num_replicas: config.count("num_replicas").unwrap_or(1),
                republish: config.object("republish").map(|mut r| Republish {
                    src: owned(r.text("src")),
                    dest: owned(r.text("dest")),
                    headers_only: r.flag("headers_only"),
                }),
            },
            state: StreamState {
                messages: state.count("messages").unwrap_or(0),
                first_seq: state.count("first_seq").unwrap_or(0),
                last_seq: state.count("last_seq").unwrap_or(0),
                first_time: state
                    .text("first_ts")
                    .and_then(|ts| Timestamp::parse(&ts))
                    .filter(|t| *t > Timestamp::default()),
            },
        })
    }
}

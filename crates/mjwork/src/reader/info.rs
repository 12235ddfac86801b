//! What the server says of the stream, as far as a reader needs it.

use crate::{Duration, Sequence};
use serde::Deserialize;

/// The stream's settings and state.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StreamInfo {
    /// When it was created, RFC 3339: tells a stream from one that was made anew under its name.
    pub created: String,
    /// How it is set up.
    pub config: StreamConfig,
    /// What it holds.
    pub state: StreamState,
}

/// How a stream is set up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
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
    /// Where what is stored is sent on to.
    pub republish: Option<Republish>,
}

/// Where a stream sends on what it stores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Republish {
    /// Which subjects.
    pub src: String,
    /// Where to.
    pub dest: String,
    /// Whether without the bodies.
    pub headers_only: bool,
}

/// What a stream holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StreamState {
    /// How many messages.
    pub messages: u64,
    /// The sequence of the oldest.
    pub first_seq: Sequence,
    /// The sequence of the newest that it ever had.
    pub last_seq: Sequence,
}

impl StreamInfo {
    /// For how long the stream keeps its messages; zero for ever.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        Duration::from_nanos(self.config.max_age)
    }
}

//! How a stream is configured. Fields are named as in `async_nats::jetstream::stream::Config`; those that are not
//! known here are kept, so that changing one field of a stream never resets another.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::source::{ConsumerLimits, PersistenceMode, Placement, Source, SubjectTransform};
use crate::jetstream::nanos;

/// How a stream is configured. Numbers that are zero or negative are without limit.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are the server's")]
pub struct Config {
    /// Its name: without dots, wildcards, slashes and white space.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it stores: subjects and filters. Its name, if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// How long messages are kept.
    #[serde(default)]
    pub retention: RetentionPolicy,
    /// How many consumers it may have.
    #[serde(default)]
    pub max_consumers: i32,
    /// How many messages it keeps.
    #[serde(default, rename = "max_msgs")]
    pub max_messages: i64,
    /// How many bytes it keeps.
    #[serde(default)]
    pub max_bytes: i64,
    /// How old a message may get.
    #[serde(default, with = "nanos")]
    pub max_age: Duration,
    /// How many messages of one subject it keeps.
    #[serde(default, rename = "max_msgs_per_subject")]
    pub max_messages_per_subject: i64,
    /// The largest message that it stores, in bytes.
    #[serde(default, rename = "max_msg_size", skip_serializing_if = "is_default")]
    pub max_message_size: i32,
    /// Which message goes when it is full.
    #[serde(default)]
    pub discard: DiscardPolicy,
    /// With [`DiscardPolicy::New`], also for the bound of one subject.
    #[serde(default, skip_serializing_if = "is_default")]
    pub discard_new_per_subject: bool,
    /// Where it is kept.
    #[serde(default)]
    pub storage: StorageType,
    /// On how many servers it is kept.
    #[serde(default)]
    pub num_replicas: usize,
    /// Without acknowledgements.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_ack: bool,
    /// For how long messages of the same id are stored once.
    #[serde(default, with = "nanos", skip_serializing_if = "is_default")]
    pub duplicate_window: Duration,
    /// Nothing about it can change any more.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sealed: bool,
    /// A message may replace all earlier ones, of its subject or of the stream.
    #[serde(default, rename = "allow_rollup_hdrs", skip_serializing_if = "is_default")]
    pub allow_rollup: bool,
    /// Nobody can delete single messages.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deny_delete: bool,
    /// Nobody can purge it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deny_purge: bool,
    /// Stored messages are published again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub republish: Option<Republish>,
    /// Messages may be read by direct get.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allow_direct: bool,
    /// Mirrors answer direct gets too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mirror_direct: bool,
    /// What its users note about it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata: HashMap<String, String>,
    /// How it is compressed on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// The sequence that it begins with.
    #[serde(default, rename = "first_seq", skip_serializing_if = "Option::is_none")]
    pub first_sequence: Option<u64>,
    /// Messages may say how long they are kept.
    #[serde(default, rename = "allow_msg_ttl", skip_serializing_if = "is_default")]
    pub allow_message_ttl: bool,
    /// For how long a subject's end is marked after its last message has expired.
    #[serde(default, with = "nanos::option", skip_serializing_if = "Option::is_none")]
    pub subject_delete_marker_ttl: Option<Duration>,
    /// It has the same messages as this one, and nobody publishes to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Source>,
    /// It has the messages of these too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<Source>>,
    /// How subjects change before messages are stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_transform: Option<SubjectTransform>,
    /// What holds for its consumers, unless they say otherwise.
    #[serde(default, deserialize_with = "some_limits", skip_serializing_if = "Option::is_none")]
    pub consumer_limits: Option<ConsumerLimits>,
    /// On which servers it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// When a message counts as stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persist_mode: Option<PersistenceMode>,
    /// Several messages may be stored together or not at all.
    #[serde(default, rename = "allow_atomic", skip_serializing_if = "is_default")]
    pub allow_atomic_publish: bool,
    /// Messages may say when they are to be published.
    #[serde(default, rename = "allow_msg_schedules", skip_serializing_if = "is_default")]
    pub allow_message_schedules: bool,
    /// Its subjects are counters.
    #[serde(default, rename = "allow_msg_counter", skip_serializing_if = "is_default")]
    pub allow_message_counter: bool,
    /// What the server has that is not known here, as it came.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// Limits that limit nothing are none.
fn some_limits<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ConsumerLimits>, D::Error> {
    Ok(Option::<ConsumerLimits>::deserialize(deserializer)?.filter(|limits| !is_default(limits)))
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Config {
    /// Says the domains of other streams in the server's way; `false` if that was said already.
    pub(in crate::jetstream) fn reach(&mut self) -> bool {
        self.mirror.iter_mut().chain(self.sources.iter_mut().flatten()).all(Source::reach)
    }
}

impl From<&Config> for Config {
    fn from(config: &Config) -> Self {
        config.clone()
    }
}

impl From<&str> for Config {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// How long messages are kept.
#[derive(Default, Debug, Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RetentionPolicy {
    /// Until a limit is reached.
    #[default]
    Limits,
    /// Until all consumers have had them.
    Interest,
    /// Until one consumer has had them.
    WorkQueue,
}

/// Which message goes when a stream is full.
#[derive(Default, Debug, Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum DiscardPolicy {
    /// The oldest.
    #[default]
    Old,
    /// The new one is refused.
    New,
}

/// Where a stream is kept.
#[derive(Default, Debug, Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum StorageType {
    /// On disk.
    #[default]
    File,
    /// In memory.
    Memory,
}

/// How a stream is compressed on disk.
#[derive(Debug, Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// With S2.
    S2,
    /// Not at all.
    None,
}

/// How stored messages are published again.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct Republish {
    /// Those stored under a subject that matches this.
    #[serde(rename = "src")]
    pub source: String,
    /// To this subject.
    #[serde(rename = "dest")]
    pub destination: String,
    /// Without their bodies.
    #[serde(default)]
    pub headers_only: bool,
}

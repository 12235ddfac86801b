//! How a consumer is configured, whatever its kind. Fields are named as in `async_nats::jetstream::consumer::Config`.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{FromConsumer, IntoConsumerConfig};
use crate::jetstream::nanos;

/// How a consumer is configured, as the server has it. What is zero or empty is as the server chooses.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Where messages are pushed; a consumer without one is pulled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_subject: Option<String>,
    /// The name of a consumer that stays when nobody uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable_name: Option<String>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The queue group that messages are pushed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_group: Option<String>,
    /// Where in the stream it begins.
    #[serde(flatten)]
    pub deliver_policy: DeliverPolicy,
    /// What is acknowledged.
    #[serde(default)]
    pub ack_policy: AckPolicy,
    /// How long a message may go without acknowledgement before it is delivered again.
    #[serde(default, with = "nanos", skip_serializing_if = "is_default")]
    pub ack_wait: Duration,
    /// How often a message is delivered at most.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_deliver: i64,
    /// Only messages whose subject matches this.
    #[serde(default, skip_serializing_if = "is_default")]
    pub filter_subject: String,
    /// Only messages whose subject matches one of these.
    #[serde(default, skip_serializing_if = "is_default")]
    pub filter_subjects: Vec<String>,
    /// How fast messages come.
    #[serde(default)]
    pub replay_policy: ReplayPolicy,
    /// How fast messages come at most, in bits a second.
    #[serde(default, rename = "rate_limit_bps", skip_serializing_if = "is_default")]
    pub rate_limit: u64,
    /// How many of a hundred acknowledgements are sampled.
    #[serde(default, rename = "sample_freq", with = "percent", skip_serializing_if = "is_default")]
    pub sample_frequency: u8,
    /// How many pulls may wait at once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_waiting: i64,
    /// How many messages may go without acknowledgement at once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_ack_pending: i64,
    /// Messages come without bodies.
    #[serde(default, skip_serializing_if = "is_default")]
    pub headers_only: bool,
    /// The server asks from time to time whether what it pushes arrives.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flow_control: bool,
    /// After how long without a message the server pushes a sign of life.
    #[serde(default, with = "nanos", skip_serializing_if = "is_default")]
    pub idle_heartbeat: Duration,
    /// How many messages one pull may ask for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_batch: i64,
    /// How many bytes one pull may ask for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_bytes: i64,
    /// How long one pull may wait.
    #[serde(default, with = "nanos", skip_serializing_if = "is_default")]
    pub max_expires: Duration,
    /// After how long without use the server deletes it.
    #[serde(default, with = "nanos", skip_serializing_if = "is_default")]
    pub inactive_threshold: Duration,
    /// On how many servers it is kept.
    #[serde(default, skip_serializing_if = "is_default")]
    pub num_replicas: usize,
    /// It is kept in memory.
    #[serde(default, rename = "mem_storage", skip_serializing_if = "is_default")]
    pub memory_storage: bool,
    /// What its users note about it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata: HashMap<String, String>,
    /// How long it takes until a message is delivered for the second time, the third, …
    #[serde(default, with = "nanos::list", skip_serializing_if = "is_default")]
    pub backoff: Vec<Duration>,
    /// Who of several that pull is served first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority_policy: PriorityPolicy,
    /// The groups that pull.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority_groups: Vec<String>,
    /// After how long without a pull another is pinned.
    #[serde(default, with = "nanos", skip_serializing_if = "is_default")]
    pub priority_timeout: Duration,
    /// Until when it delivers nothing, in nanoseconds since 1970 in UTC.
    #[serde(
        default,
        serialize_with = "nanos::write_moment",
        deserialize_with = "nanos::moment",
        skip_serializing_if = "Option::is_none"
    )]
    pub pause_until: Option<i64>,
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A percentage, which the server writes as a text.
pub(super) mod percent {
    use super::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
    pub(in crate::jetstream) fn serialize<S: Serializer>(
        percent: &u8,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&percent.to_string())
    }

    pub(in crate::jetstream) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u8, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.trim_end_matches('%').parse().map_err(serde::de::Error::custom)
    }
}

impl From<&Config> for Config {
    fn from(config: &Config) -> Self {
        config.clone()
    }
}

impl From<&str> for Config {
    fn from(name: &str) -> Self {
        Self { durable_name: Some(name.to_owned()), ..Self::default() }
    }
}

impl IntoConsumerConfig for Config {
    fn into_consumer_config(self) -> Config {
        self
    }
}

impl IntoConsumerConfig for &Config {
    fn into_consumer_config(self) -> Config {
        self.clone()
    }
}

impl FromConsumer for Config {
    fn try_from_consumer_config(config: Config) -> Result<Self, crate::Error> {
        Ok(config)
    }
}

/// Where in a stream a consumer begins.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deliver_policy", rename_all = "snake_case")]
pub enum DeliverPolicy {
    /// With the first message.
    #[default]
    All,
    /// With the last message.
    Last,
    /// With the first message that is stored after it was created.
    New,
    /// With this sequence.
    ByStartSequence {
        /// The sequence.
        #[serde(rename = "opt_start_seq")]
        start_sequence: u64,
    },
    /// With the first message from this moment on.
    ByStartTime {
        /// The moment, in nanoseconds since 1970 in UTC.
        #[serde(rename = "opt_start_time", with = "nanos::required")]
        start_time: i64,
    },
    /// With the last message of each subject.
    LastPerSubject,
}

/// What is acknowledged.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AckPolicy {
    /// Every message.
    #[default]
    Explicit,
    /// Nothing.
    None,
    /// A message, and with it all before it.
    All,
}

/// How fast a consumer delivers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayPolicy {
    /// As fast as can be.
    #[default]
    Instant,
    /// As fast as the messages were stored.
    Original,
}

/// Who of several that pull is served first.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorityPolicy {
    /// Who asks for it only when much is pending, if much is.
    Overflow,
    /// One client, until it stops to pull.
    PinnedClient,
    /// Who has the smallest priority.
    Prioritized,
    /// Whoever pulled first.
    #[default]
    None,
}

//! How a consumer that is pulled is configured.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::jetstream::consumer::config::{is_default, percent};
use crate::jetstream::consumer::{
    self, AckPolicy, DeliverPolicy, FromConsumer, IntoConsumerConfig, PriorityPolicy, ReplayPolicy,
};
use crate::jetstream::nanos;

/// How a consumer that is pulled is configured. What is zero or empty is as the server chooses.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct Config {
    /// The name of a consumer that stays when nobody uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable_name: Option<String>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where in the stream it begins.
    #[serde(flatten)]
    pub deliver_policy: DeliverPolicy,
    /// What is acknowledged.
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

impl IntoConsumerConfig for Config {
    fn into_consumer_config(self) -> consumer::Config {
        consumer::Config {
            durable_name: self.durable_name,
            name: self.name,
            description: self.description,
            deliver_policy: self.deliver_policy,
            ack_policy: self.ack_policy,
            ack_wait: self.ack_wait,
            max_deliver: self.max_deliver,
            filter_subject: self.filter_subject,
            filter_subjects: self.filter_subjects,
            replay_policy: self.replay_policy,
            rate_limit: self.rate_limit,
            sample_frequency: self.sample_frequency,
            max_waiting: self.max_waiting,
            max_ack_pending: self.max_ack_pending,
            headers_only: self.headers_only,
            max_batch: self.max_batch,
            max_bytes: self.max_bytes,
            max_expires: self.max_expires,
            inactive_threshold: self.inactive_threshold,
            num_replicas: self.num_replicas,
            memory_storage: self.memory_storage,
            metadata: self.metadata,
            backoff: self.backoff,
            priority_policy: self.priority_policy,
            priority_groups: self.priority_groups,
            priority_timeout: self.priority_timeout,
            pause_until: self.pause_until,
            ..consumer::Config::default()
        }
    }
}

impl IntoConsumerConfig for &Config {
    fn into_consumer_config(self) -> consumer::Config {
        self.clone().into_consumer_config()
    }
}

impl FromConsumer for Config {
    fn try_from_consumer_config(config: consumer::Config) -> Result<Self, crate::Error> {
        if config.deliver_subject.is_some() {
            return Err("a consumer with a deliver subject is not pulled".into());
        }
        Ok(Self {
            durable_name: config.durable_name,
            name: config.name,
            description: config.description,
            deliver_policy: config.deliver_policy,
            ack_policy: config.ack_policy,
            ack_wait: config.ack_wait,
            max_deliver: config.max_deliver,
            filter_subject: config.filter_subject,
            filter_subjects: config.filter_subjects,
            replay_policy: config.replay_policy,
            rate_limit: config.rate_limit,
            sample_frequency: config.sample_frequency,
            max_waiting: config.max_waiting,
            max_ack_pending: config.max_ack_pending,
            headers_only: config.headers_only,
            max_batch: config.max_batch,
            max_bytes: config.max_bytes,
            max_expires: config.max_expires,
            inactive_threshold: config.inactive_threshold,
            num_replicas: config.num_replicas,
            memory_storage: config.memory_storage,
            metadata: config.metadata,
            backoff: config.backoff,
            priority_policy: config.priority_policy,
            priority_groups: config.priority_groups,
            priority_timeout: config.priority_timeout,
            pause_until: config.pause_until,
        })
    }
}

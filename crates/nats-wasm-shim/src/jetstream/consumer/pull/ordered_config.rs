//! How a consumer that keeps the order is configured.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Config;
use crate::jetstream::consumer::config::{is_default, percent};
use crate::jetstream::consumer::{
    self, AckPolicy, DeliverPolicy, FromConsumer, IntoConsumerConfig, ReplayPolicy,
};
use crate::jetstream::nanos;

/// How a consumer that keeps the order of the stream is configured. It needs no acknowledgements and no durable name: it
/// is made anew whenever it has to be, and goes on where it was.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct OrderedConfig {
    /// The name of the first consumer; those that replace it are called `{name}_1`, `{name}_2`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
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
    /// Messages come without bodies.
    #[serde(default, skip_serializing_if = "is_default")]
    pub headers_only: bool,
    /// Where in the stream it begins.
    #[serde(flatten)]
    pub deliver_policy: DeliverPolicy,
    /// How many pulls may wait at once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_waiting: i64,
    /// What its users note about it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata: HashMap<String, String>,
    /// How many messages one pull may ask for.
    #[serde(default)]
    pub max_batch: i64,
    /// How many bytes one pull may ask for.
    #[serde(default)]
    pub max_bytes: i64,
    /// How long one pull may wait.
    #[serde(default, with = "nanos")]
    pub max_expires: Duration,
}

/// After this long without use the server deletes one that was forgotten.
const INACTIVE: Duration = Duration::from_secs(30);

impl IntoConsumerConfig for OrderedConfig {
    fn into_consumer_config(self) -> consumer::Config {
        consumer::Config {
            name: self.name,
            description: self.description,
            deliver_policy: self.deliver_policy,
            ack_policy: AckPolicy::None,
            max_deliver: 1,
            filter_subject: self.filter_subject,
            filter_subjects: self.filter_subjects,
            replay_policy: self.replay_policy,
            rate_limit: self.rate_limit,
            sample_frequency: self.sample_frequency,
            max_waiting: self.max_waiting,
            headers_only: self.headers_only,
            max_batch: self.max_batch,
            max_bytes: self.max_bytes,
            max_expires: self.max_expires,
            inactive_threshold: INACTIVE,
            num_replicas: 1,
            memory_storage: true,
            metadata: self.metadata,
            ..consumer::Config::default()
        }
    }
}

impl From<OrderedConfig> for Config {
    fn from(config: OrderedConfig) -> Self {
        Self {
            name: config.name,
            description: config.description,
            deliver_policy: config.deliver_policy,
            ack_policy: AckPolicy::None,
            max_deliver: 1,
            filter_subject: config.filter_subject,
            filter_subjects: config.filter_subjects,
            replay_policy: config.replay_policy,
            rate_limit: config.rate_limit,
            sample_frequency: config.sample_frequency,
            max_waiting: config.max_waiting,
            headers_only: config.headers_only,
            max_batch: config.max_batch,
            max_bytes: config.max_bytes,
            max_expires: config.max_expires,
            inactive_threshold: INACTIVE,
            num_replicas: 1,
            memory_storage: true,
            metadata: config.metadata,
            ..Self::default()
        }
    }
}

impl FromConsumer for OrderedConfig {
    fn try_from_consumer_config(config: consumer::Config) -> Result<Self, crate::Error> {
        if config.deliver_subject.is_some() {
            return Err("a consumer with a deliver subject is not pulled".into());
        }
        Ok(Self {
            name: config.name,
            description: config.description,
            filter_subject: config.filter_subject,
            filter_subjects: config.filter_subjects,
            replay_policy: config.replay_policy,
            rate_limit: config.rate_limit,
            sample_frequency: config.sample_frequency,
            headers_only: config.headers_only,
            deliver_policy: config.deliver_policy,
            max_waiting: config.max_waiting,
            metadata: config.metadata,
            max_batch: config.max_batch,
            max_bytes: config.max_bytes,
            max_expires: config.max_expires,
        })
    }
}

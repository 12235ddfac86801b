//! What the server knows of a consumer.

use std::time::Duration;

use serde::Deserialize;

use super::Config;
use crate::jetstream::nanos;
use crate::jetstream::stream::ClusterInfo;

/// What the server knows of a consumer.
#[derive(Debug, Deserialize, Clone, PartialEq)]
pub struct Info {
    /// The stream that it reads.
    pub stream_name: String,
    /// Its name.
    pub name: String,
    /// When it was made, in nanoseconds since 1970 in UTC.
    #[serde(with = "nanos::required")]
    pub created: i64,
    /// Its configuration.
    pub config: Config,
    /// What it has delivered.
    pub delivered: SequenceInfo,
    /// Up to where all is acknowledged.
    pub ack_floor: SequenceInfo,
    /// How many messages are not acknowledged.
    pub num_ack_pending: usize,
    /// How many messages were delivered more than once.
    pub num_redelivered: usize,
    /// How many pulls wait.
    pub num_waiting: usize,
    /// How many messages it has not delivered yet.
    pub num_pending: u64,
    /// The servers that keep it.
    #[serde(default)]
    pub cluster: Option<ClusterInfo>,
    /// Somebody listens where it pushes.
    #[serde(default)]
    pub push_bound: bool,
    /// It delivers nothing for now.
    #[serde(default)]
    pub paused: bool,
    /// For how long yet.
    #[serde(default, with = "nanos::option")]
    pub pause_remaining: Option<Duration>,
    /// The groups that pull.
    #[serde(default)]
    pub priority_groups: Vec<PriorityGroupState>,
}

/// One of the groups that pull.
#[derive(Debug, Deserialize, Clone, PartialEq, Eq)]
pub struct PriorityGroupState {
    /// Its name.
    pub group: String,
    /// Who is pinned.
    #[serde(default)]
    pub pinned_client_id: Option<String>,
    /// Since when, in nanoseconds since 1970 in UTC.
    #[serde(default, deserialize_with = "nanos::moment")]
    pub pinned_ts: Option<i64>,
}

/// Where a consumer is.
#[derive(Debug, Default, Deserialize, Clone, Copy, PartialEq, Eq)]
pub struct SequenceInfo {
    /// The number of the delivery, from 1.
    #[serde(rename = "consumer_seq")]
    pub consumer_sequence: u64,
    /// The sequence in the stream.
    #[serde(rename = "stream_seq")]
    pub stream_sequence: u64,
    /// When something last happened there, in nanoseconds since 1970 in UTC.
    #[serde(default, deserialize_with = "nanos::moment")]
    pub last_active: Option<i64>,
}

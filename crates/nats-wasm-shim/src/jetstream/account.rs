//! What an account uses of JetStream, and what it may use.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer};

/// What an account uses of JetStream.
#[derive(Debug, Default, Deserialize, Clone, PartialEq, Eq)]
pub struct Account {
    /// Memory used by streams, in bytes.
    pub memory: u64,
    /// Disk used by streams, in bytes.
    pub storage: u64,
    /// Memory set aside for streams, in bytes.
    #[serde(default)]
    pub reserved_memory: u64,
    /// Disk set aside for streams, in bytes.
    #[serde(default)]
    pub reserved_storage: u64,
    /// How many streams there are.
    pub streams: usize,
    /// How many consumers there are.
    pub consumers: usize,
    /// The account's domain.
    #[serde(default)]
    pub domain: Option<String>,
    /// What it may use.
    pub limits: Limits,
    /// Requests to the API so far.
    #[serde(rename = "api")]
    pub requests: Requests,
    /// The same for each number of replicas, if the account has limits of its own for each.
    #[serde(default)]
    pub tiers: HashMap<String, Tier>,
}

/// What an account uses, and may use, for streams of one number of replicas.
#[derive(Debug, Default, Deserialize, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Memory used by streams, in bytes.
    pub memory: u64,
    /// Disk used by streams, in bytes.
    pub storage: u64,
    /// Memory set aside for streams, in bytes.
    #[serde(default)]
    pub reserved_memory: u64,
    /// Disk set aside for streams, in bytes.
    #[serde(default)]
    pub reserved_storage: u64,
    /// How many streams there are.
    pub streams: usize,
    /// How many consumers there are.
    pub consumers: usize,
    /// What it may use.
    pub limits: Limits,
}

/// What an account may use of JetStream; `None` is without limit.
#[derive(Debug, Default, Deserialize, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory for streams, in bytes.
    #[serde(deserialize_with = "limit")]
    pub max_memory: Option<i64>,
    /// Disk for streams, in bytes.
    #[serde(deserialize_with = "limit")]
    pub max_storage: Option<i64>,
    /// Streams.
    #[serde(deserialize_with = "limit")]
    pub max_streams: Option<i64>,
    /// Consumers.
    #[serde(deserialize_with = "limit")]
    pub max_consumers: Option<i64>,
    /// Every stream must say how many bytes it keeps.
    #[serde(default)]
    pub max_bytes_required: bool,
    /// Messages without acknowledgement, of one consumer.
    #[serde(default)]
    pub max_ack_pending: i64,
    /// Memory for one stream, in bytes.
    #[serde(default, deserialize_with = "limit")]
    pub memory_max_stream_bytes: Option<i64>,
    /// Disk for one stream, in bytes.
    #[serde(default, deserialize_with = "limit")]
    pub storage_max_stream_bytes: Option<i64>,
}

/// Requests to the API so far.
#[derive(Debug, Default, Deserialize, Clone, Copy, PartialEq, Eq)]
pub struct Requests {
    /// All.
    pub total: u64,
    /// Those that were refused.
    pub errors: u64,
    /// The level of the server's API: what it can do.
    #[serde(default)]
    pub level: usize,
    /// Requests that are being answered.
    #[serde(default)]
    pub inflight: u64,
}

fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Some(i64::deserialize(deserializer)?).filter(|limit| *limit >= 0))
}

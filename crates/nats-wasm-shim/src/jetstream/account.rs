//! What an account uses of JetStream, and what it may use.

use serde::{Deserialize, Deserializer};

/// What an account uses of JetStream.
#[derive(Debug, Default, Deserialize, Clone, PartialEq, Eq)]
pub struct Account {
    /// Memory used by streams, in bytes.
    pub memory: u64,
    /// Disk used by streams, in bytes.
    pub storage: u64,
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
}

/// Requests to the API so far.
#[derive(Debug, Default, Deserialize, Clone, Copy, PartialEq, Eq)]
pub struct Requests {
    /// All.
    pub total: u64,
    /// Those that were refused.
    pub errors: u64,
}

fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Some(i64::deserialize(deserializer)?).filter(|limit| *limit >= 0))
}

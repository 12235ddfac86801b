//! What one pull asks for.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::jetstream::consumer::config::is_default;
use crate::jetstream::nanos;

/// What one pull asks for.
#[derive(Debug, Default, Serialize, Clone, PartialEq, Eq)]
pub struct BatchConfig {
    /// How many messages.
    pub batch: usize,
    /// For how long it waits.
    #[serde(with = "nanos::option", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Duration>,
    /// It does not wait once there was something, or if there is nothing.
    #[serde(skip_serializing_if = "is_default")]
    pub no_wait: bool,
    /// How many bytes; 0 is without bound.
    #[serde(skip_serializing_if = "is_default")]
    pub max_bytes: usize,
    /// After how long without a message the server shows a sign of life.
    #[serde(with = "nanos", skip_serializing_if = "is_default")]
    pub idle_heartbeat: Duration,
    /// Only while at least this many messages wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_pending: Option<usize>,
    /// Only while at least this many messages are not acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ack_pending: Option<usize>,
    /// The group that pulls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What goes first in its group: 0 before 9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<usize>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    batch: &'a BatchConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
}

impl BatchConfig {
    /// The request in JSON; `id` is how the server calls the pinned client.
    pub(super) fn to_json(&self, id: Option<&str>) -> Result<Bytes, serde_json::Error> {
        serde_json::to_vec(&Body { batch: self, id }).map(Bytes::from)
    }

    /// As far as a consumer allows it.
    pub(super) fn within(mut self, limits: &crate::jetstream::consumer::Config) -> Self {
        if let Ok(most) = usize::try_from(limits.max_batch)
            && most > 0
        {
            self.batch = self.batch.min(most);
        }
        if let Some(expires) = &mut self.expires
            && !limits.max_expires.is_zero()
        {
            *expires = (*expires).min(limits.max_expires);
            // The server accepts no heartbeat that is longer.
            self.idle_heartbeat = self.idle_heartbeat.min(*expires / 2);
        }
        self
    }
}

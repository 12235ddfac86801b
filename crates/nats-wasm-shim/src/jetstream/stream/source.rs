//! Parts of a stream's configuration: where its messages come from, and where it lives.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::config::is_default;
use crate::jetstream::nanos;

/// Another stream that messages come from.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// The sequence to begin with.
    #[serde(default, rename = "opt_start_seq", skip_serializing_if = "Option::is_none")]
    pub start_sequence: Option<u64>,
    /// The moment to begin with, in nanoseconds since 1970 in UTC.
    #[serde(
        default,
        rename = "opt_start_time",
        serialize_with = "nanos::write_moment",
        deserialize_with = "nanos::moment",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_time: Option<i64>,
    /// Only messages whose subject matches this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_subject: Option<String>,
    /// It belongs to another account or domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
    /// Its domain; instead of `external`, which is made of it.
    #[serde(default, skip_serializing)]
    pub domain: Option<String>,
    /// How subjects change on the way.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subject_transforms: Vec<SubjectTransform>,
}

impl Source {
    /// Says the domain in the server's way; `false` if that was said already.
    pub(in crate::jetstream) fn reach(&mut self) -> bool {
        if let Some(domain) = self.domain.take() {
            if self.external.is_some() {
                return false;
            }
            let api_prefix = format!("$JS.{domain}.API");
            self.external = Some(External { api_prefix, delivery_prefix: None });
        }
        true
    }
}

/// How a stream of another account or domain is reached.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct External {
    /// What the subjects of its API begin with.
    #[serde(rename = "api")]
    pub api_prefix: String,
    /// What the subjects of deliveries begin with.
    #[serde(default, rename = "deliver", skip_serializing_if = "Option::is_none")]
    pub delivery_prefix: Option<String>,
}

/// How subjects change.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct SubjectTransform {
    /// Those that match this.
    #[serde(rename = "src")]
    pub source: String,
    /// What they become.
    #[serde(rename = "dest")]
    pub destination: String,
}

/// What holds for a stream's consumers, unless they say otherwise.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct ConsumerLimits {
    /// After how long without use the server deletes one.
    #[serde(default, with = "nanos", skip_serializing_if = "is_default")]
    pub inactive_threshold: Duration,
    /// How many messages may go without acknowledgement at once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_ack_pending: i64,
}

/// On which servers a stream is kept.
#[derive(Debug, Default, Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Those of this cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Those with all of these tags.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tags: Vec<String>,
}

/// When a message counts as stored.
#[derive(Debug, Default, Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum PersistenceMode {
    /// When it is written.
    #[default]
    Default,
    /// Before it is written.
    Async,
}

/// The servers that keep a stream or a consumer.
#[derive(Debug, Default, Deserialize, Clone, PartialEq, Eq)]
pub struct ClusterInfo {
    /// Their cluster.
    #[serde(default)]
    pub name: Option<String>,
    /// Their group.
    #[serde(default)]
    pub raft_group: Option<String>,
    /// Who leads it.
    #[serde(default)]
    pub leader: Option<String>,
    /// Since when, in nanoseconds since 1970 in UTC.
    #[serde(default, deserialize_with = "nanos::moment")]
    pub leader_since: Option<i64>,
    /// They talk within the system account.
    #[serde(default)]
    pub system_account: bool,
    /// The account that they talk within.
    #[serde(default)]
    pub traffic_account: Option<String>,
    /// The others.
    #[serde(default)]
    pub replicas: Vec<PeerInfo>,
}

/// One of the servers that keep a stream or a consumer.
#[derive(Debug, Default, Deserialize, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its name.
    pub name: String,
    /// It has everything.
    pub current: bool,
    /// How long ago it was last heard.
    #[serde(with = "nanos")]
    pub active: Duration,
    /// It is away.
    #[serde(default)]
    pub offline: bool,
    /// How many operations it lacks.
    #[serde(default)]
    pub lag: Option<u64>,
}

/// How far a stream is with one that its messages come from.
#[derive(Debug, Default, Deserialize, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// The other's name.
    pub name: String,
    /// How many messages it lacks.
    pub lag: u64,
    /// How long ago the other was last heard; `None` if never.
    #[serde(default, with = "nanos::option")]
    pub active: Option<Duration>,
    /// Only messages whose subject matches this.
    #[serde(default)]
    pub filter_subject: Option<String>,
    /// What subjects become.
    #[serde(default)]
    pub subject_transform_dest: Option<String>,
    /// How subjects change on the way.
    #[serde(default)]
    pub subject_transforms: Vec<SubjectTransform>,
}

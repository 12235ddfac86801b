//! Buckets of keys and values. A bucket is a stream: a key is a subject of it, and a value the subject's last message.
//!
//! ```
//! # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
//! use futures_util::TryStreamExt;
//! use nats_wasm_shim::jetstream::kv;
//!
//! let config = kv::Config { bucket: "settings".into(), history: 5, ..Default::default() };
//! let store = jetstream.create_key_value(config).await?;
//! let mut changes = store.watch("theme").await?;
//! store.put("theme", "dark".into()).await?;
//! if let Some(change) = changes.try_next().await? {
//!     println!("{} is {:?} since revision {}", change.key, change.value, change.revision);
//! }
//! # Ok(())
//! # }
//! ```

pub mod bucket;
mod error;
mod read;
mod watch;
mod write;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use nats_proto::HeaderMap;
use nats_proto::header::{NATS_MARKER_REASON, ValueRef};

use super::stream::{Placement, Republish, Source, StorageType, Stream};

pub use error::{
    CreateError, CreateErrorKind, DeleteError, DeleteErrorKind, EntryError, EntryErrorKind, HistoryError,
    HistoryErrorKind, PurgeError, PurgeErrorKind, PutError, PutErrorKind, StatusError, StatusErrorKind,
    UpdateError, UpdateErrorKind, WatchError, WatchErrorKind, WatcherError, WatcherErrorKind,
};
pub use watch::{History, Keys, Watch};

/// How a bucket is configured. What is zero or empty is without limit, or as the server chooses.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Its name: letters, digits, `-` and `_`.
    pub bucket: String,
    /// What it is for.
    pub description: String,
    /// The largest value, in bytes.
    pub max_value_size: i32,
    /// How many values of a key it keeps: 1 to 64.
    pub history: i64,
    /// How old a value may get.
    pub max_age: Duration,
    /// How many bytes it keeps.
    pub max_bytes: i64,
    /// Where it is kept.
    pub storage: StorageType,
    /// On how many servers it is kept.
    pub num_replicas: usize,
    /// Changes are published again.
    pub republish: Option<Republish>,
    /// It has the same values as this bucket.
    pub mirror: Option<Source>,
    /// It has the values of these buckets too.
    pub sources: Option<Vec<Source>>,
    /// Mirrors answer who reads.
    pub mirror_direct: bool,
    /// It is compressed on disk.
    pub compression: bool,
    /// On which servers it is kept.
    pub placement: Option<Placement>,
    /// For how long a key's end is marked after its value has expired; keys may then expire one by one.
    pub limit_markers: Option<Duration>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, Eq, PartialEq)]
pub enum Operation {
    /// It has a value.
    Put,
    /// It was deleted; its history is still there.
    Delete,
    /// It was purged, its history with it.
    Purge,
}

/// A text is no [`Operation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseOperationError;

impl fmt::Display for ParseOperationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an operation is PUT, DEL or PURGE")
    }
}

impl std::error::Error for ParseOperationError {}

impl FromStr for Operation {
    type Err = ParseOperationError;

    fn from_str(text: &str) -> Result<Self, ParseOperationError> {
        match text {
            "PUT" => Ok(Self::Put),
            "DEL" => Ok(Self::Delete),
            "PURGE" => Ok(Self::Purge),
            _ => Err(ParseOperationError),
        }
    }
}

/// The header that says what became of a key.
const OPERATION: &str = "KV-Operation";

impl Operation {
    /// What the headers of a message say: those of a user, or the server's when it put a mark in a value's place.
    fn of(headers: &HeaderMap) -> Self {
        if let Some(operation) = headers.get(OPERATION) {
            return operation.as_str().parse().unwrap_or(Self::Put);
        }
        match headers.get(NATS_MARKER_REASON).as_ref().map(ValueRef::as_str) {
            Some("MaxAge" | "Purge") => Self::Purge,
            Some("Remove") => Self::Delete,
            _ => Self::Put,
        }
    }
}

/// A key at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Its value; empty if it was deleted.
    pub value: Bytes,
    /// Its revision: the sequence in the bucket's stream.
    pub revision: u64,
    /// How many more changes wait behind this one, in a watch.
    pub delta: u64,
    /// When it changed, in nanoseconds since 1970 in UTC.
    pub created: i64,
    /// What became of it.
    pub operation: Operation,
    /// In a watch, that all there was when it began has been seen.
    pub seen_current: bool,
}

/// A bucket; made by [`crate::jetstream::Context::get_key_value`] and its like.
#[derive(Debug, Clone)]
pub struct Store {
    /// Its name.
    pub name: String,
    /// The name of its stream.
    pub stream_name: String,
    /// What the subjects of its keys begin with.
    pub prefix: String,
    /// What the subjects begin with that changes are published to, if that is another.
    pub put_prefix: Option<String>,
    /// Changes are published below the prefix of the API.
    pub use_jetstream_prefix: bool,
    /// Its stream.
    pub stream: Stream,
}

impl Store {
    pub(super) fn new(stream: Stream, bucket: String) -> Self {
        let mut store = Self {
            stream_name: stream.cached_info().config.name.clone(),
            prefix: format!("$KV.{bucket}."),
            name: bucket,
            put_prefix: None,
            use_jetstream_prefix: stream.context.prefix() != "$JS.API",
            stream,
        };
        if let Some(mirror) = &store.stream.cached_info().config.mirror {
            let bucket = mirror.name.trim_start_matches("KV_");
            match &mirror.external {
                Some(external) if external.api_prefix.is_empty() => {
                    store.put_prefix = Some(format!("$KV.{bucket}."));
                }
                Some(external) => {
                    store.put_prefix = Some(format!("{}.$KV.{bucket}.", external.api_prefix));
                    store.use_jetstream_prefix = false;
                    store.prefix = format!("$KV.{bucket}.");
                }
                None => {}
            }
        }
        store
    }
}

/// Whether a bucket can have this name.
pub(super) fn is_valid_bucket_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether this can be a key.
fn is_valid_key(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with('.')
        && !key.ends_with('.')
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/' | b'_' | b'=' | b'.'))
}

//! What the server knows of a bucket.

use std::time::Duration;

use crate::jetstream::stream::Info;

/// What the server knows of a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// What it knows of the bucket's stream.
    pub info: Info,
    /// The bucket's name.
    pub bucket: String,
}

impl Status {
    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// How many values there are, past ones included.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.info.state.messages
    }

    /// How many values of a key are kept.
    #[must_use]
    pub fn history(&self) -> i64 {
        self.info.config.max_messages_per_subject
    }

    /// How old a value may get.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        self.info.config.max_age
    }
}

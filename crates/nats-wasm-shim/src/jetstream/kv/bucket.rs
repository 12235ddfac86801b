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
    ///
    /// ```
    /// # fn example(status: nats_wasm_shim::jetstream::kv::bucket::Status) {
    /// println!("{:?}", status.bucket());
    /// # }
    /// ```
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// How many values there are, past ones included.
    ///
    /// ```
    /// # fn example(status: nats_wasm_shim::jetstream::kv::bucket::Status) {
    /// println!("{:?}", status.values());
    /// # }
    /// ```
    #[must_use]
    pub fn values(&self) -> u64 {
        self.info.state.messages
    }

    /// How many values of a key are kept.
    ///
    /// ```
    /// # fn example(status: nats_wasm_shim::jetstream::kv::bucket::Status) {
    /// println!("{:?}", status.history());
    /// # }
    /// ```
    #[must_use]
    pub fn history(&self) -> i64 {
        self.info.config.max_messages_per_subject
    }

    /// How old a value may get.
    ///
    /// ```
    /// # fn example(status: nats_wasm_shim::jetstream::kv::bucket::Status) {
    /// println!("{:?}", status.max_age());
    /// # }
    /// ```
    #[must_use]
    pub fn max_age(&self) -> Duration {
        self.info.config.max_age
    }
}

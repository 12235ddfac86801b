//! JetStream put together by parts.

use std::marker::PhantomData;
use std::time::Duration;

use super::Context;
use crate::Client;

/// That a prefix or a domain may still be given.
#[derive(Debug, Clone, Copy)]
pub struct Yes;

/// That a prefix or a domain has been given.
#[derive(Debug, Clone, Copy)]
pub struct No;

/// JetStream put together by parts: where its API is, and how long things may take.
///
/// ```
/// # fn example(client: nats_wasm_shim::Client) {
/// use std::time::Duration;
/// use nats_wasm_shim::jetstream::ContextBuilder;
///
/// let jetstream = ContextBuilder::new().domain("hub").timeout(Duration::from_secs(10)).build(client);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ContextBuilder<Prefix = Yes> {
    prefix: String,
    timeout: Option<Duration>,
    open: PhantomData<Prefix>,
}

impl Default for ContextBuilder<Yes> {
    fn default() -> Self {
        Self { prefix: "$JS.API".to_owned(), timeout: None, open: PhantomData }
    }
}

impl ContextBuilder<Yes> {
    /// The API of the client's account, and the client's time limit.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// let jetstream = nats_wasm_shim::jetstream::ContextBuilder::new().build(client);
    /// # }
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the subjects of the API begin with, instead of `$JS.API`.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// let jetstream = nats_wasm_shim::jetstream::ContextBuilder::new().api_prefix("mjapi").build(client);
    /// # }
    /// ```
    #[must_use]
    pub fn api_prefix<T: Into<String>>(self, prefix: T) -> ContextBuilder<No> {
        self.at(prefix.into())
    }

    /// The domain whose API it is.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// let jetstream = nats_wasm_shim::jetstream::ContextBuilder::new().domain("hub").build(client);
    /// # }
    /// ```
    #[must_use]
    pub fn domain<T: Into<String>>(self, domain: T) -> ContextBuilder<No> {
        self.at(format!("$JS.{}.API", domain.into()))
    }

    fn at(self, prefix: String) -> ContextBuilder<No> {
        ContextBuilder { prefix, timeout: self.timeout, open: PhantomData }
    }
}

impl<Prefix> ContextBuilder<Prefix> {
    /// How long requests to the API and acknowledgements may take. Unless it is set, a request takes as long as the
    /// client's requests may ([`ConnectOptions::request_timeout`](crate::ConnectOptions::request_timeout)), and an
    /// acknowledgement five seconds.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// let jetstream = nats_wasm_shim::jetstream::ContextBuilder::new().timeout(std::time::Duration::from_secs(10)).build(client);
    /// # }
    /// ```
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> ContextBuilder<Yes> {
        ContextBuilder { prefix: self.prefix, timeout: Some(timeout), open: PhantomData }
    }

    /// In async-nats, how long an acknowledgement whose future was dropped counts as being in flight. Here it never does,
    /// so this changes nothing; [`ContextBuilder::timeout`] bounds those that are awaited.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// let jetstream = nats_wasm_shim::jetstream::ContextBuilder::new().ack_timeout(std::time::Duration::from_secs(10)).build(client);
    /// # }
    /// ```
    #[must_use]
    pub fn ack_timeout(self, _ack_timeout: Duration) -> ContextBuilder<Yes> {
        ContextBuilder { prefix: self.prefix, timeout: self.timeout, open: PhantomData }
    }

    /// JetStream through this client.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// let jetstream = nats_wasm_shim::jetstream::ContextBuilder::new().build(client);
    /// # }
    /// ```
    #[must_use]
    pub fn build(self, client: Client) -> Context {
        let mut context = Context::new(client, self.prefix);
        if let Some(timeout) = self.timeout {
            context.set_timeout(timeout);
        }
        context
    }
}

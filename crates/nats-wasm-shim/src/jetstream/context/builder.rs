//! JetStream put together by parts.

use std::marker::PhantomData;
use std::time::Duration;

use super::{Context, TIMEOUT};
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
    timeout: Duration,
    ack_timeout: Duration,
    open: PhantomData<Prefix>,
}

impl Default for ContextBuilder<Yes> {
    fn default() -> Self {
        Self { prefix: "$JS.API".to_owned(), timeout: TIMEOUT, ack_timeout: TIMEOUT, open: PhantomData }
    }
}

impl ContextBuilder<Yes> {
    /// The API of the client's account, and five seconds for everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the subjects of the API begin with, instead of `$JS.API`.
    #[must_use]
    pub fn api_prefix<T: Into<String>>(self, prefix: T) -> ContextBuilder<No> {
        self.at(prefix.into())
    }

    /// The domain whose API it is.
    #[must_use]
    pub fn domain<T: Into<String>>(self, domain: T) -> ContextBuilder<No> {
        self.at(format!("$JS.{}.API", domain.into()))
    }

    fn at(self, prefix: String) -> ContextBuilder<No> {
        ContextBuilder { prefix, timeout: self.timeout, ack_timeout: self.ack_timeout, open: PhantomData }
    }
}

impl<Prefix> ContextBuilder<Prefix> {
    /// How long a request to the API may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long the acknowledgement of a published message may take.
    #[must_use]
    pub fn ack_timeout(mut self, ack_timeout: Duration) -> Self {
        self.ack_timeout = ack_timeout;
        self
    }

    /// JetStream through this client.
    #[must_use]
    pub fn build(self, client: Client) -> Context {
        let mut context = Context::new(client, self.prefix);
        context.set_timeouts(self.timeout, self.ack_timeout);
        context
    }
}

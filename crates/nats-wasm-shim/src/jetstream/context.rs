//! JetStream of one account, through one client.

mod builder;
mod consumers;
mod error;
mod key_value;
mod lists;
mod publishing;
pub mod traits;

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nats_proto::ToSubject;
use nats_proto::connection::Answers;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, Request, Responses};

use super::account::Account;
use super::errors::{self, ErrorCode};
use super::stream::{Config, DeleteStatus, Info, Stream};

pub use super::message::PublishMessage as Publish;
pub use super::publish::{PublishAckFuture, PublishError, PublishErrorKind};
pub use builder::ContextBuilder;
pub use consumers::{ConsumerInfoError, ConsumerInfoErrorKind};
pub use error::{
    AccountError, AccountErrorKind, CreateStreamError, CreateStreamErrorKind, DeleteStreamError,
    DeleteStreamErrorKind, GetStreamError, GetStreamErrorKind, RequestError, RequestErrorKind,
    UpdateStreamError, UpdateStreamErrorKind,
};
pub use key_value::{
    CreateKeyValueError, CreateKeyValueErrorKind, KeyValueError, KeyValueErrorKind, UpdateKeyValueError,
    UpdateKeyValueErrorKind,
};
pub use lists::{
    GetStreamByNameError, GetStreamByNameErrorKind, Paged, StreamNames, Streams, StreamsError,
    StreamsErrorKind,
};

/// JetStream of one account; made by [`crate::jetstream::new`]. Every message of a consumer carries one, so that it can
/// be acknowledged; a clone costs next to nothing.
#[derive(Clone)]
pub struct Context {
    shared: Arc<Shared>,
}

#[derive(Clone)]
struct Shared {
    client: Client,
    prefix: String,
    /// The client's, unless set.
    timeout: Option<Duration>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("prefix", &self.shared.prefix).finish_non_exhaustive()
    }
}

/// How long acknowledgements may take, unless set.
const ACK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the requests may take that no user waits for, if neither the context nor the client has a bound.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(10);

impl Context {
    pub(super) fn new(client: Client, prefix: String) -> Self {
        Self { shared: Arc::new(Shared { client, prefix, timeout: None }) }
    }

    /// The same for requests that no user waits for, which must not wait without end.
    pub(super) fn for_recovery(&self) -> Self {
        let mut context = self.clone();
        if self.shared.timeout.is_none() && self.through().timeout().is_none() {
            context.set_timeout(RECOVERY_TIMEOUT);
        }
        context
    }

    /// The client, for the crate's own parts.
    pub(super) fn through(&self) -> &Client {
        &self.shared.client
    }

    /// What the subjects of the API begin with.
    pub(super) fn prefix(&self) -> &str {
        &self.shared.prefix
    }

    /// How long acknowledgements may take, of messages that were published as of those that were received.
    pub(super) fn ack_timeout(&self) -> Duration {
        self.shared.timeout.unwrap_or(ACK_TIMEOUT)
    }

    /// A request that has the context's time limit, unless it has one of its own.
    fn bounded(&self, request: Request) -> Request {
        request.or_timeout(self.shared.timeout)
    }

    /// How long requests to the API and acknowledgements may take. Unless it is set, a request takes as long as the
    /// client's requests may ([`ConnectOptions::request_timeout`](crate::ConnectOptions::request_timeout)), and an
    /// acknowledgement five seconds.
    ///
    /// ```
    /// # fn example(mut jetstream: nats_wasm_shim::jetstream::Context) {
    /// jetstream.set_timeout(std::time::Duration::from_secs(10));
    /// # }
    /// ```
    pub fn set_timeout(&mut self, timeout: Duration) {
        Arc::make_mut(&mut self.shared).timeout = Some(timeout);
    }

    /// The client that it goes through.
    ///
    /// ```
    /// # fn example(jetstream: nats_wasm_shim::jetstream::Context) {
    /// println!("{}", jetstream.client().connection_state());
    /// # }
    /// ```
    #[must_use]
    pub fn client(&self) -> Client {
        self.shared.client.clone()
    }

    /// What the account uses of JetStream, and what it may use.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} streams", jetstream.query_account().await?.streams);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn query_account(&self) -> Result<Account, AccountError> {
        Ok(self.call::<_, Account>("INFO", &()).await??)
    }

    /// Creates a stream. Doing so again with the same configuration succeeds.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::stream::Config;
    ///
    /// let config = Config { name: "events".into(), subjects: vec!["events.>".into()], ..Default::default() };
    /// let stream = jetstream.create_stream(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_stream<S: Into<Config>>(&self, config: S) -> Result<Stream, CreateStreamError> {
        let mut config = config.into();
        if config.name.is_empty() {
            return Err(CreateStreamErrorKind::EmptyStreamName.into());
        }
        if !is_valid_name(&config.name) {
            return Err(CreateStreamErrorKind::InvalidStreamName.into());
        }
        if !config.reach() {
            return Err(CreateStreamErrorKind::DomainAndExternalSet.into());
        }
        let info: Info = self.call(&format!("STREAM.CREATE.{}", config.name), &config).await??;
        Ok(Stream::new(self.clone(), info.config.name.clone(), info))
    }

    /// A stream and what the server knows of it.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let stream = jetstream.get_stream("events").await?;
    /// println!("{} messages", stream.cached_info().state.messages);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_stream<T: AsRef<str>>(&self, stream: T) -> Result<Stream, GetStreamError> {
        let stream = checked_name(stream.as_ref())?;
        let info: Info = self.call(&format!("STREAM.INFO.{stream}"), &()).await??;
        Ok(Stream::new(self.clone(), stream.to_owned(), info))
    }

    /// A stream without asking the server for it, for those who may read it but not its configuration.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let first = jetstream.get_stream_no_info("events").await?.direct_get(1).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn get_stream_no_info<T: AsRef<str>>(&self, stream: T) -> Result<Stream<()>, GetStreamError> {
        let stream = checked_name(stream.as_ref())?;
        Ok(Stream::new(self.clone(), stream.to_owned(), ()))
    }

    /// A stream as it is, or a new one with this configuration if there is none of its name.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let stream = jetstream.get_or_create_stream("events").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_or_create_stream<S: Into<Config>>(
        &self,
        config: S,
    ) -> Result<Stream, CreateStreamError> {
        let config = config.into();
        if config.name.is_empty() {
            return Err(CreateStreamErrorKind::EmptyStreamName.into());
        }
        if !is_valid_name(&config.name) {
            return Err(CreateStreamErrorKind::InvalidStreamName.into());
        }
        match self.call::<_, Info>(&format!("STREAM.INFO.{}", config.name), &()).await? {
            Err(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                self.create_stream(config).await
            }
            Err(refusal) => Err(refusal.into()),
            Ok(info) => Ok(Stream::new(self.clone(), config.name, info)),
        }
    }

    /// Changes a stream's configuration. Fields that this crate does not know are sent as the server gave them.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut config = jetstream.get_stream("events").await?.cached_info().config.clone();
    /// config.allow_direct = true;
    /// let info = jetstream.update_stream(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_stream<S: Borrow<Config>>(&self, config: S) -> Result<Info, UpdateStreamError> {
        let config = config.borrow();
        if !is_valid_name(&config.name) {
            return Err(UpdateStreamErrorKind::InvalidStreamName.into());
        }
        Ok(self.call::<_, Info>(&format!("STREAM.UPDATE.{}", config.name), config).await??)
    }

    /// Changes a stream's configuration, or creates the stream if there is none of its name.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::stream::Config;
    ///
    /// let config = Config { name: "events".into(), max_messages: 1_000, ..Default::default() };
    /// let info = jetstream.create_or_update_stream(config).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_or_update_stream(&self, config: Config) -> Result<Info, CreateStreamError> {
        match self.update_stream(&config).await {
            Err(error) if error.kind() == UpdateStreamErrorKind::NotFound => {
                Ok(self.create_stream(config).await?.cached_info().clone())
            }
            other => other,
        }
    }

    /// Deletes a stream with everything in it.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// jetstream.delete_stream("events").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_stream<T: AsRef<str>>(&self, stream: T) -> Result<DeleteStatus, DeleteStreamError> {
        let stream = checked_name(stream.as_ref())?;
        Ok(self.call::<_, DeleteStatus>(&format!("STREAM.DELETE.{stream}"), &()).await??)
    }

    /// Asks the API: a subject below its prefix, and a body in JSON. The answer is read as it is;
    /// [`Response`](super::response::Response) tells a refusal from what was asked for.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let names: serde_json::Value = jetstream.request("STREAM.NAMES", &serde_json::json!({})).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn request<S, T, V>(&self, subject: S, payload: &T) -> Result<V, RequestError>
    where
        S: AsRef<str>,
        T: ?Sized + Serialize,
        V: DeserializeOwned,
    {
        let answer = self.ask(subject.as_ref(), payload).await?;
        serde_json::from_slice(&answer).map_err(unreadable)
    }

    /// Sends a request to the API, a subject below its prefix, and does not wait for the answer: it goes to the request's
    /// inbox, where somebody may listen.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let inbox = jetstream.client().new_inbox();
    /// let answers = jetstream.client().subscribe(inbox.clone()).await?;
    /// jetstream.send_request("INFO", nats_wasm_shim::Request::new().inbox(inbox)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_request<S: ToSubject>(
        &self,
        subject: S,
        request: Request,
    ) -> Result<(), crate::PublishError> {
        let subject = format!("{}.{}", self.prefix(), subject.to_subject()).into();
        self.through().send_only(&subject, request).await
    }

    /// Asks the API; the inner error is its refusal.
    pub(super) async fn call<T, V>(
        &self,
        subject: &str,
        payload: &T,
    ) -> Result<Result<V, errors::Error>, RequestError>
    where
        T: ?Sized + Serialize,
        V: DeserializeOwned,
    {
        errors::read(&self.ask(subject, payload).await?).map_err(unreadable)
    }

    async fn ask<T: ?Sized + Serialize>(&self, subject: &str, payload: &T) -> Result<Bytes, RequestError> {
        let body = serde_json::to_vec(payload).map_err(unreadable)?;
        // The API takes no body rather than one that says nothing.
        let body = if body == b"null" { Vec::new() } else { body };
        let request = self.bounded(Request::new().payload(body.into()));
        let answer = self.through().send_request(format!("{}.{subject}", self.prefix()), request).await?;
        Ok(answer.payload)
    }

    /// Asks for something that is answered by several messages.
    pub(super) async fn call_for_many(
        &self,
        subject: &str,
        body: Bytes,
    ) -> Result<Responses, crate::RequestError> {
        let request = self.bounded(Request::new().payload(body));
        self.through().room().await;
        self.through().ask(format!("{}.{subject}", self.prefix()), request, Answers::Many)
    }
}

fn unreadable(error: serde_json::Error) -> RequestError {
    RequestError::with_source(RequestErrorKind::Other, error)
}

fn checked_name(name: &str) -> Result<&str, GetStreamError> {
    if name.is_empty() {
        return Err(GetStreamErrorKind::EmptyName.into());
    }
    if is_valid_name(name) { Ok(name) } else { Err(GetStreamErrorKind::InvalidStreamName.into()) }
}

/// A stream's name is one token of a subject, and a folder on the server.
pub(super) fn is_valid_name(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(|c: char| matches!(c, '.' | '*' | '>' | '/' | '\\') || c.is_whitespace())
}

//! The cloneable handle of a connection. Names and signatures follow `async_nats::Client`.
//! The connection closes when the last client and subscriber of it is dropped, after what was published over it; what
//! waited for a connection then is lost.

mod error;
mod inward;
mod request;
pub mod traits;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nats_proto::connection::State;
use nats_proto::{HeaderMap, ServerInfo, Subject, ToSubject};

use crate::browser;
use crate::driver::Driver;
use crate::event::ConnectionEvents;
use crate::subscriber::Subscriber;

pub use crate::statistics::Statistics;
pub use error::{
    DrainError, FlushError, FlushErrorKind, PublishError, PublishErrorKind, ReconnectError, RequestError,
    RequestErrorKind, SubscribeError, SubscribeErrorKind,
};
pub use request::Request;
pub(crate) use request::Responses;

/// A handle of a connection; clones share it.
#[derive(Clone)]
pub struct Client {
    driver: Driver,
    inbox_prefix: Arc<str>,
    request_timeout: Option<Duration>,
    subscription_capacity: usize,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("state", &self.connection_state()).finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(
        driver: Driver,
        inbox_prefix: String,
        request_timeout: Option<Duration>,
        subscription_capacity: usize,
    ) -> Self {
        Self { driver, inbox_prefix: inbox_prefix.into(), request_timeout, subscription_capacity }
    }

    /// Publishes a message. It leaves when this turn of the event loop ends, or when there is a connection again; up to
    /// [`ConnectOptions::pending_limit`](crate::ConnectOptions::pending_limit) is kept until then, and more is refused.
    /// On a connection that does not take what is published as fast it waits until there is room; given up meanwhile, the
    /// message is not sent.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::PublishError> {
    /// client.publish("events.data", "payload".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish<S: ToSubject>(&self, subject: S, payload: Bytes) -> Result<(), PublishError> {
        self.send_when_there_is_room(&subject.to_subject(), None, None, &payload).await
    }

    /// Publishes a message with headers.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::PublishError> {
    /// let mut headers = nats_wasm_shim::HeaderMap::new();
    /// headers.insert("X-Header", "value");
    /// client.publish_with_headers("events.data", headers, "payload".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish_with_headers<S: ToSubject>(
        &self,
        subject: S,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<(), PublishError> {
        self.send_when_there_is_room(&subject.to_subject(), None, Some(&headers), &payload).await
    }

    /// Publishes a message that says where to answer.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let inbox = client.new_inbox();
    /// let answers = client.subscribe(inbox.clone()).await?;
    /// client.publish_with_reply("service", inbox, "question".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish_with_reply<S: ToSubject, R: ToSubject>(
        &self,
        subject: S,
        reply: R,
        payload: Bytes,
    ) -> Result<(), PublishError> {
        self.send_when_there_is_room(&subject.to_subject(), Some(&reply.to_subject()), None, &payload).await
    }

    /// Publishes a message with headers that says where to answer.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::PublishError> {
    /// let mut headers = nats_wasm_shim::HeaderMap::new();
    /// headers.insert("X-Header", "value");
    /// client.publish_with_reply_and_headers("service", "answers", headers, "question".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish_with_reply_and_headers<S: ToSubject, R: ToSubject>(
        &self,
        subject: S,
        reply: R,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<(), PublishError> {
        self.send_when_there_is_room(
            &subject.to_subject(),
            Some(&reply.to_subject()),
            Some(&headers),
            &payload,
        )
        .await
    }

    async fn send_when_there_is_room(
        &self,
        subject: &Subject,
        reply: Option<&Subject>,
        headers: Option<&HeaderMap>,
        payload: &Bytes,
    ) -> Result<(), PublishError> {
        // Before it is sent, so that one that is given up meanwhile is not.
        self.driver.room().await;
        Ok(self.driver.publish(subject, reply, headers, payload)?)
    }

    /// A new reply subject that nobody can guess.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::SubscribeError> {
    /// let answers = client.subscribe(client.new_inbox()).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new_inbox(&self) -> String {
        format!("{}.{}", self.inbox_prefix, browser::token())
    }

    /// Subscribes to a subject, or to all that match a filter with `*` and `>`. The stream ends when the connection is
    /// over for good, or when the server does not permit the subscription.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::SubscribeError> {
    /// use futures_util::StreamExt;
    ///
    /// let mut events = client.subscribe("events.>").await?;
    /// while let Some(message) = events.next().await {
    ///     println!("{}", message.subject);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn subscribe<S: ToSubject>(&self, subject: S) -> Result<Subscriber, SubscribeError> {
        let (sid, receiver) =
            self.driver.subscribe(&subject.to_subject(), None, self.subscription_capacity)?;
        Ok(Subscriber::new(sid, self.driver.clone(), receiver))
    }

    /// Subscribes as one of a group, of which each message goes to one member.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::SubscribeError> {
    /// let jobs = client.queue_subscribe("jobs", "workers".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn queue_subscribe<S: ToSubject>(
        &self,
        subject: S,
        queue_group: String,
    ) -> Result<Subscriber, SubscribeError> {
        let (sid, receiver) =
            self.driver.subscribe(&subject.to_subject(), Some(&queue_group), self.subscription_capacity)?;
        Ok(Subscriber::new(sid, self.driver.clone(), receiver))
    }

    /// Waits until the server has handled everything that was sent so far, over the present connection; it fails with
    /// `FlushError` if that is lost meanwhile, as what was published before may be lost with it. Without a connection it
    /// waits for the next, and confirms what has waited for that; of what an earlier connection had taken, nobody knows.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// client.publish("a", "b".into()).await?;
    /// client.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn flush(&self) -> Result<(), FlushError> {
        let closed = |error| FlushError::with_source(FlushErrorKind::SendError, error);
        let mut receiver = self.driver.flush().map_err(closed)?;
        let flushed = std::future::poll_fn(|context| receiver.poll(context)).await;
        flushed.ok_or_else(|| FlushErrorKind::FlushError.into())
    }

    /// Ends all subscriptions after what the server has sent so far, and then the connection. Their streams end then;
    /// nothing more can be published. Publishes that wait for a connection are sent before, when there is one again,
    /// also when all handles have been dropped; if there is none for 30 s they are lost, and
    /// [`ConnectionEvent::Closed`](crate::ConnectionEvent::Closed) says `DrainTimedOut`. Requests, and publishes to
    /// streams, that wait for one are sent as they are, and yet fail at once: [`RequestErrorKind::Other`], and
    /// `PublishErrorKind::Other`.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::client::DrainError> {
    /// client.drain().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn drain(&self) -> Result<(), DrainError> {
        self.driver.drain().map_err(|_| DrainError)
    }

    /// Where the connection is.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// println!("connection state: {}", client.connection_state());
    /// # }
    /// ```
    #[must_use]
    pub fn connection_state(&self) -> State {
        self.driver.look(nats_proto::Connection::state)
    }

    /// What happens to the connection from now on, beginning with where it is. It tells more than async-nats' event
    /// callback: when the next attempt follows, and why the last one failed. No more than 257 are kept for whoever does
    /// not read them; the last of these then says where the connection is, and the one before it that it was lost if it
    /// is there again.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) {
    /// use futures_util::StreamExt;
    /// use nats_wasm_shim::ConnectionEvent;
    ///
    /// let mut events = client.events();
    /// while let Some(event) = events.next().await {
    ///     if let ConnectionEvent::Reconnecting { attempt, delay } = event {
    ///         println!("reconnecting: attempt {attempt} in {} ms", delay.as_millis());
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn events(&self) -> ConnectionEvents {
        ConnectionEvents(self.driver.observe())
    }

    /// What the server said of itself, as of the last connection; empty before the first.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// println!("server {}", client.server_info().version);
    /// # }
    /// ```
    #[must_use]
    pub fn server_info(&self) -> ServerInfo {
        self.try_server_info().unwrap_or_default()
    }

    /// What the server said of itself, as of the last connection.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// if let Some(info) = client.try_server_info() {
    ///     println!("client {} of {}", info.client_id, info.server_name);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn try_server_info(&self) -> Option<ServerInfo> {
        self.driver.look(|connection| connection.server_info().cloned())
    }

    /// The largest message that may be published, headers included, in bytes.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// println!("{} bytes", client.max_payload());
    /// # }
    /// ```
    #[must_use]
    pub fn max_payload(&self) -> usize {
        self.driver.look(nats_proto::Connection::max_payload)
    }

    /// Whether the server's version is at least this one.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// assert!(client.is_server_compatible(2, 11, 0));
    /// # }
    /// ```
    #[must_use]
    pub fn is_server_compatible(&self, major: i64, minor: i64, patch: i64) -> bool {
        let [major, minor, patch] = [major, minor, patch].map(|part| u64::try_from(part).unwrap_or(0));
        self.driver.look(|connection| {
            connection.server_info().is_some_and(|info| info.is_at_least(major, minor, patch))
        })
    }

    /// Drops the connection and opens a new one without waiting; also ends the wait for the next attempt.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::client::ReconnectError> {
    /// client.force_reconnect().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn force_reconnect(&self) -> Result<(), ReconnectError> {
        let now = browser::now();
        self.driver.tell(|connection| connection.force_reconnect(now)).map_err(|_| ReconnectError)
    }

    /// Asks the server for a sign of life, without which the connection counts as lost after `within`, or as much later
    /// as the question stands behind what is being sent; also ends the wait for the next attempt. What a page should do
    /// when it has slept, or when its network may be another; it does so by itself when the browser says that.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// client.check(std::time::Duration::from_secs(2));
    /// # }
    /// ```
    pub fn check(&self, within: Duration) {
        self.driver.check(within);
    }

    /// How long the last ping of the present connection took to be answered; `None` before one was.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// println!("{:?}", client.round_trip());
    /// # }
    /// ```
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.driver.look(nats_proto::Connection::round_trip)
    }

    /// How long a request waits for its answer.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// println!("{:?}", client.timeout());
    /// # }
    /// ```
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.request_timeout
    }

    /// What has gone over the connection so far; it goes on counting.
    ///
    /// ```
    /// # fn example(client: nats_wasm_shim::Client) {
    /// use std::sync::atomic::Ordering;
    ///
    /// println!("{} messages", client.statistics().in_messages.load(Ordering::Relaxed));
    /// # }
    /// ```
    #[must_use]
    pub fn statistics(&self) -> Arc<Statistics> {
        self.driver.statistics()
    }
}

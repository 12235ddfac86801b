//! What a client can do, as traits, for code that takes whatever can do a part of it. Names follow
//! `async_nats::client::traits`. [`Client`] is a [`Sink`] of messages, too.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Sink;
use nats_proto::ToSubject;

use super::{Client, PublishError, Request, RequestError, SubscribeError};
use crate::Message;
use crate::message::OutboundMessage;

/// Publishes.
///
/// ```
/// use nats_wasm_shim::client::traits::Publisher;
///
/// async fn greet(publisher: impl Publisher) -> Result<(), nats_wasm_shim::PublishError> {
///     publisher.publish_with_reply("greet.joe", "answers", "hello".into()).await
/// }
/// ```
pub trait Publisher {
    /// Publishes a message that says where to answer.
    fn publish_with_reply<S, R>(
        &self,
        subject: S,
        reply: R,
        payload: Bytes,
    ) -> impl Future<Output = Result<(), PublishError>>
    where
        S: ToSubject,
        R: ToSubject;

    /// Publishes a message.
    fn publish_message(&self, msg: OutboundMessage) -> impl Future<Output = Result<(), PublishError>>;
}

/// Subscribes.
///
/// ```
/// use nats_wasm_shim::client::traits::Subscriber;
///
/// async fn listen(client: impl Subscriber) -> Result<(), nats_wasm_shim::SubscribeError> {
///     client.subscribe("greet.*").await.map(|_| ())
/// }
/// ```
pub trait Subscriber {
    /// Subscribes to a subject, or to all that match a filter.
    fn subscribe<S>(&self, subject: S) -> impl Future<Output = Result<crate::Subscriber, SubscribeError>>
    where
        S: ToSubject;
}

/// Asks.
///
/// ```
/// use nats_wasm_shim::Request;
/// use nats_wasm_shim::client::traits::Requester;
///
/// async fn ask(requester: impl Requester) -> Result<(), nats_wasm_shim::RequestError> {
///     requester.send_request("service", Request::new()).await.map(|_| ())
/// }
/// ```
pub trait Requester {
    /// Sends a request and waits for its answer.
    fn send_request<S>(
        &self,
        subject: S,
        request: Request,
    ) -> impl Future<Output = Result<Message, RequestError>>
    where
        S: ToSubject;
}

/// Knows how long a request waits.
pub trait TimeoutProvider {
    /// How long a request waits for its answer; without end if `None`.
    fn timeout(&self) -> Option<Duration>;
}

impl Publisher for Client {
    async fn publish_with_reply<S, R>(&self, subject: S, reply: R, payload: Bytes) -> Result<(), PublishError>
    where
        S: ToSubject,
        R: ToSubject,
    {
        self.publish_with_reply(subject, reply, payload).await
    }

    async fn publish_message(&self, msg: OutboundMessage) -> Result<(), PublishError> {
        let OutboundMessage { subject, reply, payload, headers } = msg;
        self.send_when_there_is_room(&subject, reply.as_ref(), headers.as_ref(), &payload).await
    }
}

impl Subscriber for Client {
    async fn subscribe<S: ToSubject>(&self, subject: S) -> Result<crate::Subscriber, SubscribeError> {
        self.subscribe(subject).await
    }
}

impl Requester for Client {
    async fn send_request<S: ToSubject>(
        &self,
        subject: S,
        request: Request,
    ) -> Result<Message, RequestError> {
        self.send_request(subject, request).await
    }
}

impl TimeoutProvider for Client {
    fn timeout(&self) -> Option<Duration> {
        self.timeout()
    }
}

/// A message that is sent into it is published; it is ready when a publish would not wait.
impl Sink<OutboundMessage> for Client {
    type Error = PublishError;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        self.driver.poll_room(context).map(Ok)
    }

    fn start_send(self: Pin<&mut Self>, msg: OutboundMessage) -> Result<(), PublishError> {
        Ok(self.driver.publish(&msg.subject, msg.reply.as_ref(), msg.headers.as_ref(), &msg.payload)?)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        self.driver.poll_room(context).map(Ok)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        self.driver.poll_room(context).map(Ok)
    }
}

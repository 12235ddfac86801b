//! What JetStream can do, as traits, for code that takes whatever can do a part of it. Names follow
//! `async_nats::jetstream::context::traits`. [`Context`] has the traits of a client, too; it then uses the subjects as
//! they are.

use std::time::Duration;

use bytes::Bytes;
use nats_proto::ToSubject;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Context, PublishAckFuture, PublishError, RequestError};
use crate::client::traits as client;
use crate::jetstream::message::OutboundMessage;
use crate::{Client, Message, Request};

/// Asks the API.
///
/// ```
/// use nats_wasm_shim::jetstream::context::{RequestError, traits::Requester};
///
/// async fn names(api: impl Requester) -> Result<serde_json::Value, RequestError> {
///     api.request("STREAM.NAMES", &serde_json::json!({})).await
/// }
/// ```
pub trait Requester {
    /// Asks the API: a subject below its prefix, and a body in JSON.
    fn request<S, T, V>(&self, subject: S, payload: &T) -> impl Future<Output = Result<V, RequestError>>
    where
        S: ToSubject,
        T: ?Sized + Serialize,
        V: DeserializeOwned;
}

/// Asks the API, and leaves the answer to whoever listens on the request's inbox.
pub trait RequestSender {
    /// Sends a request to the API without waiting for the answer.
    fn send_request<S: ToSubject>(
        &self,
        subject: S,
        request: Request,
    ) -> impl Future<Output = Result<(), crate::PublishError>>;
}

/// Publishes to streams.
///
/// ```
/// use nats_wasm_shim::jetstream::context::{PublishError, traits::Publisher};
///
/// async fn store(publisher: impl Publisher) -> Result<u64, PublishError> {
///     Ok(publisher.publish("events", "data".into()).await?.await?.sequence)
/// }
/// ```
pub trait Publisher {
    /// Publishes a message to the stream that has its subject.
    fn publish<S>(
        &self,
        subject: S,
        payload: Bytes,
    ) -> impl Future<Output = Result<PublishAckFuture, PublishError>>
    where
        S: ToSubject;

    /// Publishes a message to the stream that has its subject.
    fn publish_message(
        &self,
        message: OutboundMessage,
    ) -> impl Future<Output = Result<PublishAckFuture, PublishError>>;
}

/// Goes through a client.
pub trait ClientProvider {
    /// The client that it goes through.
    fn client(&self) -> Client;
}

/// Knows how long an acknowledgement may take.
pub trait TimeoutProvider {
    /// The context's time limit; five seconds if it has none.
    fn timeout(&self) -> Duration;
}

impl Requester for Context {
    async fn request<S, T, V>(&self, subject: S, payload: &T) -> Result<V, RequestError>
    where
        S: ToSubject,
        T: ?Sized + Serialize,
        V: DeserializeOwned,
    {
        self.request(subject.to_subject(), payload).await
    }
}

impl RequestSender for Context {
    async fn send_request<S: ToSubject>(
        &self,
        subject: S,
        request: Request,
    ) -> Result<(), crate::PublishError> {
        self.send_request(subject, request).await
    }
}

impl Publisher for Context {
    async fn publish<S: ToSubject>(
        &self,
        subject: S,
        payload: Bytes,
    ) -> Result<PublishAckFuture, PublishError> {
        self.publish(subject, payload).await
    }

    async fn publish_message(&self, message: OutboundMessage) -> Result<PublishAckFuture, PublishError> {
        let OutboundMessage { subject, payload, headers } = message;
        match headers {
            Some(headers) => self.publish_with_headers(subject, headers, payload).await,
            None => self.publish(subject, payload).await,
        }
    }
}

impl ClientProvider for Context {
    fn client(&self) -> Client {
        self.client()
    }
}

impl TimeoutProvider for Context {
    fn timeout(&self) -> Duration {
        self.ack_timeout()
    }
}

impl client::Requester for Context {
    async fn send_request<S: ToSubject>(
        &self,
        subject: S,
        request: Request,
    ) -> Result<Message, crate::RequestError> {
        self.through().send_request(subject, self.bounded(request)).await
    }
}

impl client::Publisher for Context {
    async fn publish_with_reply<S, R>(
        &self,
        subject: S,
        reply: R,
        payload: Bytes,
    ) -> Result<(), crate::PublishError>
    where
        S: ToSubject,
        R: ToSubject,
    {
        self.through().publish_with_reply(subject, reply, payload).await
    }

    async fn publish_message(&self, msg: crate::message::OutboundMessage) -> Result<(), crate::PublishError> {
        client::Publisher::publish_message(self.through(), msg).await
    }
}

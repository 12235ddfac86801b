//! Publishing to streams. The first `await` sends a message, the second waits for its acknowledgement.

use bytes::Bytes;
use nats_proto::connection::Answers;
use nats_proto::{HeaderMap, ToSubject};

use super::{Context, PublishAckFuture, PublishError};
use crate::jetstream::message::PublishMessage;

impl Context {
    /// Publishes a message to the stream that has its subject. The first `await` sends it, and waits before while the
    /// connection does not take what is published as fast; the second waits for the acknowledgement. Whoever may publish
    /// and may not listen for that gets `PermissionDenied` from the second.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let ack = jetstream.publish("events", "data".into()).await?.await?;
    /// println!("stored as {} of {}", ack.sequence, ack.stream);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish<S: ToSubject>(
        &self,
        subject: S,
        payload: Bytes,
    ) -> Result<PublishAckFuture, PublishError> {
        self.send_publish(subject, PublishMessage::build().payload(payload)).await
    }

    /// Publishes a message with headers to the stream that has its subject.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut headers = nats_wasm_shim::HeaderMap::new();
    /// headers.insert("Nats-Msg-Id", "order-7");
    /// let ack = jetstream.publish_with_headers("events", headers, "data".into()).await?.await?;
    /// println!("{}", if ack.duplicate { "was there already" } else { "stored" });
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish_with_headers<S: ToSubject>(
        &self,
        subject: S,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<PublishAckFuture, PublishError> {
        self.send_publish(subject, PublishMessage::build().headers(headers).payload(payload)).await
    }

    /// Publishes a message that was put together with [`PublishMessage`], which knows the headers that a stream heeds.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().payload("data".into()).message_id("order-7").expected_stream("ORDERS");
    /// let ack = jetstream.send_publish("orders.new", message).await?.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_publish<S: ToSubject>(
        &self,
        subject: S,
        publish: PublishMessage,
    ) -> Result<PublishAckFuture, PublishError> {
        let request = publish.into_request().timeout(Some(self.ack_timeout()));
        self.through().room().await;
        let ack = self.through().ask(subject, request, Answers::One)?;
        Ok(PublishAckFuture(ack.sent_anyway()))
    }
}

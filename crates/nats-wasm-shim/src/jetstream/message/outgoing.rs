//! A message to be published to a stream, and the headers that a stream heeds.

use std::time::Duration;

use bytes::Bytes;
use nats_proto::header::{
    HeaderMap, IntoHeaderName, IntoHeaderValue, NATS_EXPECTED_LAST_MESSAGE_ID, NATS_EXPECTED_LAST_SEQUENCE,
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_EXPECTED_STREAM, NATS_MESSAGE_ID, NATS_MESSAGE_TTL,
};
use nats_proto::{Subject, ToSubject};

use crate::Request;

/// A message to be published to a stream by [`crate::jetstream::Context::send_publish`].
///
/// ```
/// use std::time::Duration;
/// use nats_wasm_shim::jetstream::message::PublishMessage;
///
/// let message = PublishMessage::build()
///     .payload("{}".into())
///     .message_id("order-7")
///     .expected_stream("ORDERS")
///     .expected_last_subject_sequence(41)
///     .ttl(Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, Default)]
pub struct PublishMessage {
    payload: Bytes,
    headers: Option<HeaderMap>,
}

impl PublishMessage {
    /// A message with nothing in it.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build();
    /// ```
    #[must_use]
    pub fn build() -> Self {
        Self::default()
    }

    /// Its body.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().payload("data".into());
    /// ```
    #[must_use]
    pub fn payload(mut self, payload: Bytes) -> Self {
        self.payload = payload;
        self
    }

    /// Its headers, instead of those that it has so far.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let mut headers = nats_wasm_shim::HeaderMap::new();
    /// headers.insert("Trace", "7");
    /// let message = PublishMessage::build().headers(headers);
    /// ```
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers = Some(headers);
        self
    }

    /// A header with this one value.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().header("Trace", "7");
    /// ```
    ///
    /// # Panics
    /// If a text given as name or value cannot be one.
    #[must_use]
    pub fn header<N: IntoHeaderName, V: IntoHeaderValue>(mut self, name: N, value: V) -> Self {
        self.headers.get_or_insert_default().insert(name, value);
        self
    }

    /// Its id: a stream stores one message of each id within its duplicate window.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().message_id("order-7");
    /// ```
    #[must_use]
    pub fn message_id<T: AsRef<str>>(self, id: T) -> Self {
        self.header(NATS_MESSAGE_ID, id.as_ref())
    }

    /// Store it only if the stream's last message has this id.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().expected_last_message_id("order-6");
    /// ```
    #[must_use]
    pub fn expected_last_message_id<T: AsRef<str>>(self, last_message_id: T) -> Self {
        self.header(NATS_EXPECTED_LAST_MESSAGE_ID, last_message_id.as_ref())
    }

    /// Store it only if this is the stream's last sequence.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().expected_last_sequence(41);
    /// ```
    #[must_use]
    pub fn expected_last_sequence(self, last_sequence: u64) -> Self {
        self.header(NATS_EXPECTED_LAST_SEQUENCE, last_sequence.to_string())
    }

    /// Store it only if this is the subject's last sequence; 0 if there must be none.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().expected_last_subject_sequence(0);
    /// ```
    #[must_use]
    pub fn expected_last_subject_sequence(self, subject_sequence: u64) -> Self {
        self.header(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, subject_sequence.to_string())
    }

    /// Store it only if it is this stream that stores it.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().expected_stream("ORDERS");
    /// ```
    #[must_use]
    pub fn expected_stream<T: AsRef<str>>(self, stream: T) -> Self {
        self.header(NATS_EXPECTED_STREAM, stream.as_ref())
    }

    /// Keep it for this long, in whole seconds. The stream must allow it.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().ttl(std::time::Duration::from_secs(60));
    /// ```
    #[must_use]
    pub fn ttl(self, ttl: Duration) -> Self {
        self.header(NATS_MESSAGE_TTL, ttl.as_secs().to_string())
    }

    /// The message with its subject.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::PublishMessage;
    ///
    /// let message = PublishMessage::build().payload("data".into()).outbound_message("orders.new");
    /// assert_eq!(message.subject.as_str(), "orders.new");
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "async-nats' signature")]
    pub fn outbound_message<S: ToSubject>(self, subject: S) -> OutboundMessage {
        OutboundMessage { subject: subject.to_subject(), payload: self.payload, headers: self.headers }
    }

    pub(in crate::jetstream) fn into_request(self) -> Request {
        let request = Request::new().payload(self.payload);
        match self.headers {
            Some(headers) => request.headers(headers),
            None => request,
        }
    }
}

/// A message to be published, with its subject.
#[derive(Debug, Clone)]
pub struct OutboundMessage {
    /// What it is published to.
    pub subject: Subject,
    /// Its body.
    pub payload: Bytes,
    /// Its headers.
    pub headers: Option<HeaderMap>,
}

impl OutboundMessage {
    /// A message with its subject.
    ///
    /// ```
    /// use nats_wasm_shim::jetstream::message::OutboundMessage;
    ///
    /// let message = OutboundMessage::new("orders.new".into(), "data".into(), None);
    /// ```
    #[must_use]
    pub fn new(subject: Subject, payload: Bytes, headers: Option<HeaderMap>) -> Self {
        Self { subject, payload, headers }
    }
}

//! What to ask by direct get: bodies in JSON.

use bytes::Bytes;
use serde::Serialize;

#[derive(Serialize)]
struct BySequence {
    seq: u64,
}

#[derive(Serialize)]
struct LastBySubject<'a> {
    last_by_subj: &'a str,
}

/// Asks for the message with this sequence.
///
/// ```
/// assert_eq!(nats_proto::direct_get::by_sequence(7), r#"{"seq":7}"#);
/// ```
#[must_use]
pub fn by_sequence(sequence: u64) -> Bytes {
    json(&BySequence { seq: sequence })
}

/// Asks for the last message of a subject.
///
/// ```
/// assert_eq!(nats_proto::direct_get::last_by_subject("a.b"), r#"{"last_by_subj":"a.b"}"#);
/// ```
#[must_use]
pub fn last_by_subject(subject: &str) -> Bytes {
    json(&LastBySubject { last_by_subj: subject })
}

/// Asks for messages in stream order from a sequence on; the answer ends with a status.
///
/// ```
/// use nats_proto::direct_get::Batch;
///
/// let request = Batch::from_sequence(1, 20_000).max_bytes(4_000_000).to_json();
/// assert_eq!(request, r#"{"seq":1,"batch":20000,"max_bytes":4000000}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the fields are the protocol's")]
pub struct Batch {
    seq: u64,
    batch: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_by_subj: Option<String>,
}

impl Batch {
    /// At most `batch` messages with this sequence or later ones. Sequence 0 counts as 1, as a request for 0 is empty.
    ///
    /// ```
    /// let request = nats_proto::direct_get::Batch::from_sequence(7, 100);
    /// assert_eq!(request.to_json(), r#"{"seq":7,"batch":100}"#);
    /// ```
    #[must_use]
    pub fn from_sequence(sequence: u64, batch: u32) -> Self {
        Self { seq: sequence.max(1), batch, max_bytes: None, next_by_subj: None }
    }

    /// Ends the batch once this many bytes have been sent; the message that passes the bound is still sent.
    ///
    /// ```
    /// let request = nats_proto::direct_get::Batch::from_sequence(7, 100).max_bytes(4_096);
    /// assert_eq!(request.to_json(), r#"{"seq":7,"batch":100,"max_bytes":4096}"#);
    /// ```
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Only messages whose subject matches this filter.
    ///
    /// ```
    /// let request = nats_proto::direct_get::Batch::from_sequence(7, 100).subject("a.*");
    /// assert_eq!(request.to_json(), r#"{"seq":7,"batch":100,"next_by_subj":"a.*"}"#);
    /// ```
    #[must_use]
    pub fn subject(mut self, filter: impl Into<String>) -> Self {
        self.next_by_subj = Some(filter.into());
        self
    }

    /// The body of the request.
    ///
    /// ```
    /// let request = nats_proto::direct_get::Batch::from_sequence(7, 100);
    /// assert_eq!(request.to_json(), r#"{"seq":7,"batch":100}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Bytes {
        json(self)
    }
}

/// Asks for the last message of each subject that matches one of some filters (at most 1,024 in all).
///
/// ```
/// use nats_proto::direct_get::MultiLast;
///
/// let request = MultiLast::new(["a.*"]).up_to_sequence(9).to_json();
/// assert_eq!(request, r#"{"multi_last":["a.*"],"up_to_seq":9}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the fields are the protocol's")]
pub struct MultiLast {
    multi_last: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    up_to_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u64>,
}

impl MultiLast {
    /// The last message of each subject that matches one of these filters.
    ///
    /// ```
    /// let request = nats_proto::direct_get::MultiLast::new(["a.*"]);
    /// assert_eq!(request.to_json(), r#"{"multi_last":["a.*"]}"#);
    /// ```
    pub fn new<F: Into<String>>(filters: impl IntoIterator<Item = F>) -> Self {
        let multi_last = filters.into_iter().map(Into::into).collect();
        Self { multi_last, up_to_seq: None, batch: None, max_bytes: None }
    }

    /// As the stream was at this sequence.
    ///
    /// ```
    /// let request = nats_proto::direct_get::MultiLast::new(["a.*"]).up_to_sequence(9);
    /// assert_eq!(request.to_json(), r#"{"multi_last":["a.*"],"up_to_seq":9}"#);
    /// ```
    #[must_use]
    pub fn up_to_sequence(mut self, sequence: u64) -> Self {
        self.up_to_seq = Some(sequence);
        self
    }

    /// At most this many messages in the answer.
    ///
    /// ```
    /// let request = nats_proto::direct_get::MultiLast::new(["a.*"]).batch(10);
    /// assert_eq!(request.to_json(), r#"{"multi_last":["a.*"],"batch":10}"#);
    /// ```
    #[must_use]
    pub fn batch(mut self, messages: u32) -> Self {
        self.batch = Some(messages);
        self
    }

    /// Ends the answer once this many bytes have been sent.
    ///
    /// ```
    /// let request = nats_proto::direct_get::MultiLast::new(["a.*"]).max_bytes(4_096);
    /// assert_eq!(request.to_json(), r#"{"multi_last":["a.*"],"max_bytes":4096}"#);
    /// ```
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// The body of the request.
    ///
    /// ```
    /// let request = nats_proto::direct_get::MultiLast::new(["a.*"]);
    /// assert_eq!(request.to_json(), r#"{"multi_last":["a.*"]}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Bytes {
        json(self)
    }
}

fn json(request: &impl Serialize) -> Bytes {
    // Numbers, strings and lists of strings always serialize.
    serde_json::to_vec(request).unwrap_or_default().into()
}

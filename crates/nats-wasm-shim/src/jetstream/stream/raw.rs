//! Single messages through the API of the stream's leader: reading them as they are stored, and deleting them.

use nats_proto::{Subject, header, timestamp};
use serde::{Deserialize, Serialize};

use super::{DeleteStatus, Stream};
use crate::error::{Error, kinds};
use crate::jetstream::Context;
use crate::jetstream::context::{RequestError, RequestErrorKind};
use crate::jetstream::errors::{self, ErrorCode};
use crate::jetstream::message::StreamMessage;

/// Why a message was not read.
pub type LastRawMessageError = Error<LastRawMessageErrorKind>;
/// Why a message was not read.
pub type RawMessageError = LastRawMessageError;
/// What went wrong with reading a message.
pub type RawMessageErrorKind = LastRawMessageErrorKind;
/// Why a message was not deleted.
pub type DeleteMessageError = Error<DeleteMessageErrorKind>;

kinds! {
    /// What went wrong with reading a message.
    LastRawMessageErrorKind {
        /// There is no such message.
        NoMessageFound => "no message found",
        /// The subject makes no sense.
        InvalidSubject => "invalid subject",
        /// The API refused it.
        JetStream(errors::Error) => "JetStream error",
        /// Something else; see the source.
        Other => "failed to get raw message",
    }
}

kinds! {
    /// What went wrong with deleting a message.
    DeleteMessageErrorKind {
        /// The request has no answer; see the source.
        Request => "request failed",
        /// No answer came in time.
        TimedOut => "timed out",
        /// The API refused it.
        JetStream(errors::Error) => "JetStream error",
    }
}

impl From<RequestError> for LastRawMessageError {
    fn from(error: RequestError) -> Self {
        Self::with_source(LastRawMessageErrorKind::Other, error)
    }
}

impl From<errors::Error> for LastRawMessageError {
    fn from(error: errors::Error) -> Self {
        Self::new(match error.error_code() {
            ErrorCode::NO_MESSAGE_FOUND => LastRawMessageErrorKind::NoMessageFound,
            _ => LastRawMessageErrorKind::JetStream(error),
        })
    }
}

impl From<RequestError> for DeleteMessageError {
    fn from(error: RequestError) -> Self {
        match error.kind() {
            RequestErrorKind::TimedOut => Self::new(DeleteMessageErrorKind::TimedOut),
            _ => Self::with_source(DeleteMessageErrorKind::Request, error),
        }
    }
}

impl From<errors::Error> for DeleteMessageError {
    fn from(error: errors::Error) -> Self {
        Self::new(DeleteMessageErrorKind::JetStream(error))
    }
}

/// Which message to get.
#[derive(Debug, Default, Clone, Serialize)]
pub(super) struct Which {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_by_subj: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_by_subj: Option<String>,
}

impl Which {
    /// Whether its subjects make sense.
    pub(super) fn is_valid(&self) -> bool {
        let mut subjects = self.last_by_subj.iter().chain(&self.next_by_subj);
        subjects.all(|subject| Subject::from(subject.as_str()).is_valid())
    }
}

/// A message to get through the API, put together; made by [`Stream::raw_message_builder`].
#[derive(Debug, Clone)]
pub struct RawMessageBuilder {
    context: Context,
    stream: String,
    which: Which,
}

impl RawMessageBuilder {
    /// The one with this sequence; with [`RawMessageBuilder::next_by_subject`], the first from there on.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.raw_message_builder().sequence(7).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn sequence(mut self, seq: u64) -> Self {
        self.which.seq = Some(seq);
        self
    }

    /// The last one of this subject.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.raw_message_builder().last_by_subject("orders.new").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn last_by_subject<S: Into<String>>(mut self, subject: S) -> Self {
        self.which.last_by_subj = Some(subject.into());
        self
    }

    /// The first one whose subject matches this.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.raw_message_builder().next_by_subject("orders.*").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn next_by_subject<S: Into<String>>(mut self, subject: S) -> Self {
        self.which.next_by_subj = Some(subject.into());
        self
    }

    /// Gets it.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.raw_message_builder().sequence(7).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(self) -> Result<StreamMessage, RawMessageError> {
        if !self.which.is_valid() {
            return Err(LastRawMessageErrorKind::InvalidSubject.into());
        }
        let subject = format!("STREAM.MSG.GET.{}", self.stream);
        let answer: Answer = self.context.call(&subject, &self.which).await??;
        let unreadable =
            || LastRawMessageError::with_source(LastRawMessageErrorKind::Other, "an unreadable answer");
        answer.message.read().ok_or_else(unreadable)
    }
}

#[derive(Deserialize)]
struct Answer {
    message: RawMessage,
}

#[derive(Deserialize)]
struct RawMessage {
    subject: String,
    #[serde(rename = "seq")]
    sequence: u64,
    #[serde(default)]
    data: String,
    #[serde(default, rename = "hdrs")]
    headers: String,
    time: String,
}

impl RawMessage {
    fn read(&self) -> Option<StreamMessage> {
        Some(StreamMessage {
            subject: self.subject.as_str().into(),
            sequence: self.sequence,
            headers: header::parse_block(&base64(&self.headers)?.into()).headers,
            payload: base64(&self.data)?.into(),
            time: timestamp::parse(&self.time)?,
            num_pending: None,
        })
    }
}

/// The bytes that a text in base 64 stands for.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut count) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(held >> count & 0xff).unwrap_or_default());
        }
    }
    Some(bytes)
}

#[derive(Serialize)]
struct Delete {
    seq: u64,
}

impl<T> Stream<T> {
    /// Gets a message through the API: by sequence, or the first or last of a subject.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.raw_message_builder().sequence(100).next_by_subject("orders.*").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn raw_message_builder(&self) -> RawMessageBuilder {
        RawMessageBuilder {
            context: self.context.clone(),
            stream: self.name.clone(),
            which: Which::default(),
        }
    }

    /// The message with this sequence, from the stream's leader.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", stream.get_raw_message(7).await?.payload);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_raw_message(&self, sequence: u64) -> Result<StreamMessage, RawMessageError> {
        self.raw_message_builder().sequence(sequence).send().await
    }

    /// The first message from this sequence on whose subject matches, from the stream's leader.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.get_first_raw_message_by_subject("orders.*", 100).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_first_raw_message_by_subject<S: AsRef<str>>(
        &self,
        subject: S,
        sequence: u64,
    ) -> Result<StreamMessage, RawMessageError> {
        self.raw_message_builder().sequence(sequence).next_by_subject(subject.as_ref()).send().await
    }

    /// The first message whose subject matches, from the stream's leader.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.get_next_raw_message_by_subject("orders.new").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_next_raw_message_by_subject<S: AsRef<str>>(
        &self,
        subject: S,
    ) -> Result<StreamMessage, RawMessageError> {
        self.raw_message_builder().next_by_subject(subject.as_ref()).send().await
    }

    /// The last message of a subject, from the stream's leader.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.get_last_raw_message_by_subject("orders.new").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_last_raw_message_by_subject(
        &self,
        stream_subject: &str,
    ) -> Result<StreamMessage, LastRawMessageError> {
        self.raw_message_builder().last_by_subject(stream_subject).send().await
    }

    /// Deletes the message with this sequence.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// stream.delete_message(7).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_message(&self, sequence: u64) -> Result<bool, DeleteMessageError> {
        let subject = format!("STREAM.MSG.DELETE.{}", self.name);
        Ok(self.context.call::<_, DeleteStatus>(&subject, &Delete { seq: sequence }).await??.success)
    }
}

//! The answers to a direct get, as a stream of messages.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use nats_proto::{StatusCode, Subject, direct_get};

use super::Stream;
use super::raw::Which;
use crate::client::Responses;
use crate::error::Error;
use crate::jetstream::message::{Answer, BatchEnd, StreamMessage};

/// Why a direct get gave nothing.
pub type DirectGetError = Error<DirectGetErrorKind>;

/// What went wrong with a direct get.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectGetErrorKind {
    /// There is no such message, or none from there on.
    NotFound,
    /// The subject makes no sense.
    InvalidSubject,
    /// The server cannot make sense of the request.
    BadRequest,
    /// More subjects than one answer may have.
    TooManyResults,
    /// There is no such stream, or it does not allow direct get.
    NoResponders,
    /// No answer, or no further one, came in time.
    TimedOut,
    /// The server does not let this user read it.
    PermissionDenied,
    /// The connection was lost before the answer was complete.
    Disconnected,
    /// The server answered with another status, and these words.
    ErrorResponse(StatusCode, String),
    /// Something else; see the source.
    Other,
}

impl fmt::Display for DirectGetErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("message not found"),
            Self::InvalidSubject => f.write_str("invalid subject"),
            Self::BadRequest => f.write_str("bad request"),
            Self::TooManyResults => f.write_str("too many results"),
            Self::NoResponders => f.write_str("no such stream, or it does not allow direct get"),
            Self::TimedOut => f.write_str("timed out"),
            Self::PermissionDenied => f.write_str("permission denied"),
            Self::Disconnected => f.write_str("disconnected before the answer was complete"),
            Self::ErrorResponse(status, words) => write!(f, "unable to get message: {status} {words}"),
            Self::Other => f.write_str("error getting message"),
        }
    }
}

impl From<direct_get::DirectGetError> for DirectGetError {
    fn from(error: direct_get::DirectGetError) -> Self {
        use direct_get::DirectGetError as Answer;

        let kind = match &error {
            Answer::NotFound => return Self::new(DirectGetErrorKind::NotFound),
            Answer::TooManyResults => return Self::new(DirectGetErrorKind::TooManyResults),
            Answer::NoResponders => return Self::new(DirectGetErrorKind::NoResponders),
            Answer::BadRequest(_) => DirectGetErrorKind::BadRequest,
            Answer::Status(status, words) => match StatusCode::from_u16(*status) {
                Ok(status) => return Self::new(DirectGetErrorKind::ErrorResponse(status, words.clone())),
                Err(_) => DirectGetErrorKind::Other,
            },
            _ => DirectGetErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

impl From<crate::RequestError> for DirectGetError {
    fn from(error: crate::RequestError) -> Self {
        use crate::RequestErrorKind as Kind;

        let kind = match error.kind() {
            Kind::NoResponders => return Self::new(DirectGetErrorKind::NoResponders),
            Kind::TimedOut => DirectGetErrorKind::TimedOut,
            Kind::InvalidSubject => DirectGetErrorKind::InvalidSubject,
            Kind::PermissionDenied => DirectGetErrorKind::PermissionDenied,
            Kind::Disconnected => DirectGetErrorKind::Disconnected,
            _ => DirectGetErrorKind::Other,
        };
        Self::with_source(kind, error)
    }
}

/// The messages of a batch, in the order of the stream. It ends after the last message or after an error; dropping it
/// earlier gives the rest up.
pub struct Batched {
    /// `None` when it has ended.
    answers: Option<Responses>,
    end: Option<BatchEnd>,
}

impl Batched {
    pub(super) fn new(answers: Responses) -> Self {
        Self { answers: Some(answers), end: None }
    }

    /// How the batch ended: known once the stream has ended without an error.
    ///
    /// ```
    /// # fn example(batch: nats_wasm_shim::jetstream::stream::Batched) {
    /// println!("{:?}", batch.end().map(|end| end.num_pending));
    /// # }
    /// ```
    #[must_use]
    pub fn end(&self) -> Option<BatchEnd> {
        self.end
    }

    /// The one message of an answer that is no batch.
    pub(super) async fn one(mut self) -> Result<StreamMessage, DirectGetError> {
        let first = std::future::poll_fn(|context| self.poll(context)).await;
        first.unwrap_or_else(|| Err(DirectGetErrorKind::NotFound.into()))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<StreamMessage, DirectGetError>>> {
        let Some(answers) = &mut self.answers else { return Poll::Ready(None) };
        let answer = match answers.poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => Err(DirectGetErrorKind::Other.into()),
            Poll::Ready(Some(Err(error))) => Err(error.into()),
            Poll::Ready(Some(Ok(message))) => Answer::read(message).map_err(DirectGetError::from),
        };
        Poll::Ready(match answer {
            Ok(Answer::Message(message)) => Some(Ok(message)),
            Ok(Answer::End(end)) => {
                self.answers = None;
                self.end = Some(end);
                None
            }
            Err(error) => {
                self.answers = None;
                Some(Err(error))
            }
        })
    }
}

impl futures_util::Stream for Batched {
    type Item = Result<StreamMessage, DirectGetError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl fmt::Debug for Batched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batched").field("end", &self.end).finish_non_exhaustive()
    }
}

/// A message to get directly, put together; made by [`Stream::direct_get_builder`].
#[derive(Debug)]
pub struct DirectGetBuilder<'a, T> {
    stream: &'a Stream<T>,
    which: Which,
}

impl<T> DirectGetBuilder<'_, T> {
    /// The one with this sequence; with [`DirectGetBuilder::next_by_subject`], the first from there on.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.direct_get_builder().sequence(7).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn sequence(mut self, seq: u64) -> Self {
        self.which.seq = Some(seq);
        self
    }

    /// The last one of this subject, whatever else is given; with wildcards, the last of all that match.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.direct_get_builder().last_by_subject("orders.new").send().await?;
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
    /// let message = stream.direct_get_builder().next_by_subject("orders.*").send().await?;
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
    /// let message = stream.direct_get_builder().sequence(7).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(self) -> Result<StreamMessage, DirectGetError> {
        if !self.which.is_valid() {
            return Err(DirectGetErrorKind::InvalidSubject.into());
        }
        if let Some(last) = &self.which.last_by_subj
            && Subject::from(last.as_str()).is_publishable()
        {
            return self.stream.ask_for_last(last).await?.one().await;
        }
        let body = serde_json::to_vec(&self.which)
            .map_err(|error| DirectGetError::with_source(DirectGetErrorKind::Other, error))?;
        self.stream.ask(body.into()).await?.one().await
    }
}

impl<T> Stream<T> {
    /// Gets a message directly: by sequence, or the first or last of a subject.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.direct_get_builder().sequence(100).next_by_subject("orders.*").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn direct_get_builder(&self) -> DirectGetBuilder<'_, T> {
        DirectGetBuilder { stream: self, which: Which::default() }
    }

    /// The first message whose subject matches, or the first from a sequence on.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.direct_get_next_for_subject("orders.*", Some(100)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn direct_get_next_for_subject<S: Into<String>>(
        &self,
        subject: S,
        sequence: Option<u64>,
    ) -> Result<StreamMessage, DirectGetError> {
        let mut builder = self.direct_get_builder().next_by_subject(subject);
        builder.which.seq = sequence;
        builder.send().await
    }

    /// The first message whose subject matches.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = stream.direct_get_first_for_subject("orders.*").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn direct_get_first_for_subject<S: Into<String>>(
        &self,
        subject: S,
    ) -> Result<StreamMessage, DirectGetError> {
        self.direct_get_next_for_subject(subject, None).await
    }
}

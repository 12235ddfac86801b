//! Taking messages out of a stream, all or some.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use super::Stream;
use crate::error::{Error, kinds};
use crate::jetstream::Context;
use crate::jetstream::context::{RequestError, RequestErrorKind};
use crate::jetstream::errors;

/// Why a stream was not purged.
pub type PurgeError = Error<PurgeErrorKind>;

kinds! {
    /// What went wrong with a purge.
    PurgeErrorKind {
        /// The request has no answer: nobody answers there, it is not permitted, or the connection was lost; the source
        /// says which.
        Request => "request failed",
        /// No answer came in time.
        TimedOut => "timed out",
        /// The API refused it.
        JetStream(errors::Error) => "JetStream error",
    }
}

impl From<RequestError> for PurgeError {
    fn from(error: RequestError) -> Self {
        match error.kind() {
            RequestErrorKind::TimedOut => Self::new(PurgeErrorKind::TimedOut),
            _ => Self::with_source(PurgeErrorKind::Request, error),
        }
    }
}

impl From<errors::Error> for PurgeError {
    fn from(error: errors::Error) -> Self {
        Self::new(PurgeErrorKind::JetStream(error))
    }
}

/// What a purge has done.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
pub struct PurgeResponse {
    /// Whether it was done.
    pub success: bool,
    /// How many messages are gone.
    pub purged: u64,
}

/// That a bound has been set.
#[derive(Debug, Clone, Copy)]
pub struct Yes;

/// That a bound has not been set.
#[derive(Debug, Clone, Copy)]
pub struct No;

#[derive(Serialize)]
struct Request {
    #[serde(rename = "seq", skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep: Option<u64>,
}

/// A purge, put together and done when it is awaited; made by [`Stream::purge`].
#[must_use = "a purge is done when it is awaited"]
pub struct Purge<Sequence, Keep> {
    context: Context,
    stream: String,
    request: Request,
    bounds: PhantomData<(Sequence, Keep)>,
}

impl<Sequence, Keep> Purge<Sequence, Keep> {
    /// Only messages whose subject matches this.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// stream.purge().filter("orders.old.>").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter<T: Into<String>>(mut self, filter: T) -> Self {
        self.request.filter = Some(filter.into());
        self
    }

    fn bounded<S, K>(self) -> Purge<S, K> {
        Purge { context: self.context, stream: self.stream, request: self.request, bounds: PhantomData }
    }
}

impl<Keep> Purge<No, Keep> {
    /// Except the last so many.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// stream.purge().keep(10).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn keep(mut self, keep: u64) -> Purge<No, Yes> {
        self.request.keep = Some(keep);
        self.bounded()
    }
}

impl<Sequence> Purge<Sequence, No> {
    /// Only messages before this sequence.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// stream.purge().sequence(1_000).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn sequence(mut self, sequence: u64) -> Purge<Yes, No> {
        self.request.sequence = Some(sequence);
        self.bounded()
    }
}

impl<Sequence, Keep> IntoFuture for Purge<Sequence, Keep> {
    type Output = Result<PurgeResponse, PurgeError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { context, stream, request, .. } = self;
        Box::pin(async move {
            Ok(context.call::<_, PurgeResponse>(&format!("STREAM.PURGE.{stream}"), &request).await??)
        })
    }
}

impl<Sequence, Keep> fmt::Debug for Purge<Sequence, Keep> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Purge").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl<T> Stream<T> {
    /// Takes messages out of the stream: all, or as its bounds say.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let old = stream.purge().filter("orders.old.>").sequence(1_000).await?;
    /// println!("{} gone", old.purged);
    /// stream.purge().keep(10).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn purge(&self) -> Purge<No, No> {
        let request = Request { sequence: None, filter: None, keep: None };
        Purge { context: self.context.clone(), stream: self.name.clone(), request, bounds: PhantomData }
    }
}

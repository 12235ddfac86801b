//! Lists that the API gives in pages: streams and consumers, whole or by name.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};

use futures_util::StreamExt;
use nats_proto::Subject;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Context, RequestError, RequestErrorKind};
use crate::error::{Error, kinds};
use crate::jetstream::stream::Info;

/// Why a list ends early.
pub type StreamsError = RequestError;
/// What went wrong with a list.
pub type StreamsErrorKind = RequestErrorKind;

/// The names of the account's streams.
pub type StreamNames = Paged<String>;
/// The account's streams, with what the server knows of each.
pub type Streams = Paged<Info>;

/// Why the stream of a subject is not known.
pub type GetStreamByNameError = Error<GetStreamByNameErrorKind>;

kinds! {
    /// What went wrong with asking for the stream of a subject.
    GetStreamByNameErrorKind {
        /// The request has no answer; see the source.
        Request => "request error",
        /// No stream has this subject.
        NotFound => "stream not found",
        /// The subject makes no sense.
        InvalidSubject => "invalid subject",
        /// The API refused it.
        JetStream(crate::jetstream::Error) => "jetstream error",
    }
}

type Asking<T> = Pin<Box<dyn Future<Output = Result<Page<T>, RequestError>> + Send>>;

/// A list, asked for page by page as it is read. It ends after an error.
pub struct Paged<T> {
    context: Context,
    subject: String,
    filter: Option<String>,
    /// How many have been received.
    offset: usize,
    page: std::vec::IntoIter<T>,
    asking: Option<Asking<T>>,
    done: bool,
}

#[derive(Serialize)]
struct PageRequest {
    offset: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

#[derive(Deserialize)]
struct Page<T> {
    total: usize,
    #[serde(alias = "streams", alias = "consumers")]
    items: Option<Vec<T>>,
}

impl<T> Paged<T> {
    pub(in crate::jetstream) fn new(context: Context, subject: String, filter: Option<String>) -> Self {
        Self { context, subject, filter, offset: 0, page: Vec::new().into_iter(), asking: None, done: false }
    }
}

impl<T: DeserializeOwned + Send + 'static> Paged<T> {
    fn ask(&self) -> Asking<T> {
        let (context, subject) = (self.context.clone(), self.subject.clone());
        let request = PageRequest { offset: self.offset, subject: self.filter.clone() };
        Box::pin(async move { Ok(context.call(&subject, &request).await??) })
    }
}

impl<T: DeserializeOwned + Send + Unpin + 'static> futures_util::Stream for Paged<T> {
    type Item = Result<T, RequestError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            if self.done {
                return Poll::Ready(None);
            }
            let mut asking = self.asking.take().unwrap_or_else(|| self.ask());
            let Poll::Ready(answer) = asking.as_mut().poll(context) else {
                self.asking = Some(asking);
                return Poll::Pending;
            };
            match answer {
                Ok(page) => {
                    let items = page.items.unwrap_or_default();
                    self.offset += items.len();
                    self.done = items.is_empty() || self.offset >= page.total;
                    self.page = items.into_iter();
                }
                Err(error) => {
                    self.done = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Paged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paged")
            .field("offset", &self.offset)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

impl Context {
    /// The names of all streams.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let names: Vec<String> = jetstream.stream_names().try_collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn stream_names(&self) -> StreamNames {
        Paged::new(self.clone(), "STREAM.NAMES".to_owned(), None)
    }

    /// All streams, with what the server knows of each.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut streams = jetstream.streams();
    /// while let Some(info) = streams.try_next().await? {
    ///     println!("{}: {} messages", info.config.name, info.state.messages);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn streams(&self) -> Streams {
        Paged::new(self.clone(), "STREAM.LIST".to_owned(), None)
    }

    /// The name of the stream that stores a subject.
    ///
    /// ```
    /// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
    /// let name = jetstream.stream_by_subject("orders.new").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stream_by_subject<T: Into<String>>(
        &self,
        subject: T,
    ) -> Result<String, GetStreamByNameError> {
        let subject = subject.into();
        if !Subject::from(subject.as_str()).is_valid() {
            return Err(GetStreamByNameErrorKind::InvalidSubject.into());
        }
        let mut names: StreamNames = Paged::new(self.clone(), "STREAM.NAMES".to_owned(), Some(subject));
        match names.next().await {
            Some(Ok(name)) => Ok(name),
            Some(Err(error)) => Err(Error::with_source(GetStreamByNameErrorKind::Request, error)),
            None => Err(GetStreamByNameErrorKind::NotFound.into()),
        }
    }
}

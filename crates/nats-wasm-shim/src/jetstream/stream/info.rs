//! What the server knows of a stream, and how many messages each of its subjects has.

use std::collections::{HashMap, hash_map};
use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};

use serde::{Deserialize, Serialize};

use super::source::{ClusterInfo, SourceInfo};
use super::{Config, Stream};
use crate::jetstream::context::{Context, RequestError};
use crate::jetstream::nanos;

/// Why a stream's state is not known.
pub type InfoError = RequestError;

/// What the server knows of a stream.
#[derive(Debug, Deserialize, Clone, PartialEq)]
pub struct Info {
    /// Its configuration.
    pub config: Config,
    /// When it was made, in nanoseconds since 1970 in UTC.
    #[serde(default, deserialize_with = "nanos::moment")]
    pub created: Option<i64>,
    /// What is in it.
    pub state: State,
    /// The servers that keep it.
    #[serde(default)]
    pub cluster: Option<ClusterInfo>,
    /// How far it is with the stream that it mirrors.
    #[serde(default)]
    pub mirror: Option<SourceInfo>,
    /// How far it is with the streams that its messages come from.
    #[serde(default)]
    pub sources: Vec<SourceInfo>,
    /// When the server said this, in nanoseconds since 1970 in UTC.
    #[serde(default, rename = "ts", deserialize_with = "nanos::moment")]
    pub time: Option<i64>,
}

/// What is in a stream.
#[derive(Debug, Deserialize, Clone, PartialEq, Eq)]
pub struct State {
    /// How many messages.
    pub messages: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The first sequence still there.
    #[serde(rename = "first_seq")]
    pub first_sequence: u64,
    /// When that was stored, in nanoseconds since 1970 in UTC; `None` if the stream is empty.
    #[serde(default, rename = "first_ts", deserialize_with = "nanos::moment")]
    pub first_timestamp: Option<i64>,
    /// The last sequence given out.
    #[serde(rename = "last_seq")]
    pub last_sequence: u64,
    /// When that was stored, in nanoseconds since 1970 in UTC; `None` if nothing ever was.
    #[serde(default, rename = "last_ts", deserialize_with = "nanos::moment")]
    pub last_timestamp: Option<i64>,
    /// How many consumers it has.
    pub consumer_count: usize,
    /// How many subjects there are.
    #[serde(default, rename = "num_subjects")]
    pub subjects_count: u64,
    /// How many messages are missing between the first and the last.
    #[serde(default, rename = "num_deleted")]
    pub deleted_count: Option<u64>,
    /// Which these are, if that was asked for.
    #[serde(default)]
    pub deleted: Option<Vec<u64>>,
    /// How many messages each subject has, if that was asked for.
    #[serde(default)]
    subjects: Option<HashMap<String, usize>>,
}

#[derive(Serialize, Clone)]
struct Details {
    offset: usize,
    #[serde(rename = "deleted_details")]
    deleted: bool,
    subjects_filter: String,
}

#[derive(Deserialize)]
struct Page {
    /// How many subjects there are in all.
    #[serde(default)]
    total: usize,
    #[serde(flatten)]
    info: Info,
}

/// What is asked of a stream's state, put together; made by [`Stream::info_builder`].
///
/// ```
/// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::TryStreamExt;
///
/// let mut subjects = stream.info_builder().subjects("orders.>").with_deleted(true).fetch().await?;
/// println!("missing: {:?}", subjects.info.state.deleted);
/// while let Some((subject, count)) = subjects.try_next().await? {
///     println!("{subject}: {count}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct StreamInfoBuilder {
    context: Context,
    name: String,
    deleted: bool,
    subjects: String,
}

impl StreamInfoBuilder {
    /// Whether to say which messages are missing.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let details = stream.info_builder().with_deleted(true).fetch().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_deleted(mut self, deleted: bool) -> Self {
        self.deleted = deleted;
        self
    }

    /// Say how many messages each subject that matches has.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let details = stream.info_builder().subjects("orders.>").fetch().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn subjects<S: Into<String>>(mut self, subject: S) -> Self {
        self.subjects = subject.into();
        self
    }

    /// Asks.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let details = stream.info_builder().fetch().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn fetch(self) -> Result<InfoWithSubjects, InfoError> {
        let details = Details { offset: 0, deleted: self.deleted, subjects_filter: self.subjects };
        let mut page = ask(self.context.clone(), self.name.clone(), details.clone()).await?;
        let subjects = page.info.state.subjects.take().unwrap_or_default();
        Ok(InfoWithSubjects {
            info: page.info,
            context: self.context,
            name: self.name,
            details: Details { offset: subjects.len(), ..details },
            total: page.total,
            page: subjects.into_iter(),
            asking: None,
        })
    }
}

async fn ask(context: Context, name: String, details: Details) -> Result<Page, RequestError> {
    Ok(context.call(&format!("STREAM.INFO.{name}"), &details).await??)
}

type Asking = Pin<Box<dyn Future<Output = Result<Page, RequestError>> + Send>>;

/// What the server knows of a stream, and as a stream of its own its subjects with how many messages each has.
pub struct InfoWithSubjects {
    /// What the server knows of the stream.
    pub info: Info,
    context: Context,
    name: String,
    details: Details,
    total: usize,
    page: hash_map::IntoIter<String, usize>,
    asking: Option<Asking>,
}

impl futures_util::Stream for InfoWithSubjects {
    type Item = Result<(String, usize), InfoError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(subject) = self.page.next() {
                return Poll::Ready(Some(Ok(subject)));
            }
            if self.details.offset >= self.total {
                return Poll::Ready(None);
            }
            let mut asking = self.asking.take().unwrap_or_else(|| {
                Box::pin(ask(self.context.clone(), self.name.clone(), self.details.clone()))
            });
            let Poll::Ready(answer) = asking.as_mut().poll(context) else {
                self.asking = Some(asking);
                return Poll::Pending;
            };
            let subjects = match answer {
                Ok(mut page) => page.info.state.subjects.take().unwrap_or_default(),
                Err(error) => {
                    self.total = 0;
                    return Poll::Ready(Some(Err(error)));
                }
            };
            // An empty page is the last, whatever the total was.
            self.total = if subjects.is_empty() { 0 } else { self.total };
            self.details.offset += subjects.len();
            self.page = subjects.into_iter();
        }
    }
}

impl fmt::Debug for InfoWithSubjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InfoWithSubjects").field("info", &self.info).finish_non_exhaustive()
    }
}

impl<T> Stream<T> {
    /// What the server knows of the stream, and how many messages each subject that matches has.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let subjects: Vec<(String, usize)> = stream.info_with_subjects("orders.>").await?.try_collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn info_with_subjects<F: AsRef<str>>(
        &self,
        subjects_filter: F,
    ) -> Result<InfoWithSubjects, InfoError> {
        self.info_builder().subjects(subjects_filter.as_ref()).fetch().await
    }

    /// Asks for more of the stream's state.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let deleted = stream.info_builder().with_deleted(true).fetch().await?.info.state.deleted;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn info_builder(&self) -> StreamInfoBuilder {
        StreamInfoBuilder {
            context: self.context.clone(),
            name: self.name.clone(),
            deleted: false,
            subjects: String::new(),
        }
    }
}

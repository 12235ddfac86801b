//! One stream: what the server knows of it, reading it by direct get, its consumers, and what becomes of its messages.

mod config;
mod consumers;
mod direct;
mod info;
mod purge;
mod raw;
mod source;

use bytes::Bytes;
use nats_proto::Subject;
use nats_proto::direct_get::{Batch, MultiLast, by_sequence};
use serde::Deserialize;

use super::context::Context;
use super::message::StreamMessage;

pub use super::consumer::{
    ConsumerCreateStrictError, ConsumerCreateStrictErrorKind, ConsumerError, ConsumerErrorKind,
    ConsumerUpdateError, ConsumerUpdateErrorKind,
};
pub use super::context::{ConsumerInfoError, ConsumerInfoErrorKind};
pub use super::message::BatchEnd;
pub use config::{Compression, Config, DiscardPolicy, Republish, RetentionPolicy, StorageType};
pub use consumers::{ConsumerNames, Consumers, ConsumersError, ConsumersErrorKind, PauseResponse};
pub use direct::{Batched, DirectGetBuilder, DirectGetError, DirectGetErrorKind};
pub use info::{Info, InfoError, InfoWithSubjects, State, StreamInfoBuilder};
pub use purge::{No, Purge, PurgeError, PurgeErrorKind, PurgeResponse, Yes};
pub use raw::{
    DeleteMessageError, DeleteMessageErrorKind, LastRawMessageError, LastRawMessageErrorKind,
    RawMessageBuilder, RawMessageError, RawMessageErrorKind,
};
pub use source::{
    ClusterInfo, ConsumerLimits, External, PeerInfo, PersistenceMode, Placement, Source, SourceInfo,
    SubjectTransform,
};

/// That something was deleted.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
pub struct DeleteStatus {
    /// Whether it was.
    pub success: bool,
}

/// A stream; made by [`Context::get_stream`] and its like.
#[derive(Debug, Clone)]
pub struct Stream<T = Info> {
    pub(super) context: Context,
    name: String,
    info: T,
}

impl<T> Stream<T> {
    pub(super) fn new(context: Context, name: String, info: T) -> Self {
        Self { context, name, info }
    }

    /// What the server knows of the stream now.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} messages", stream.get_info().await?.state.messages);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_info(&self) -> Result<Info, InfoError> {
        Ok(self.context.call(&format!("STREAM.INFO.{}", self.name), &()).await??)
    }

    /// The message with this sequence.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) {
    /// use nats_wasm_shim::jetstream::stream::DirectGetErrorKind;
    ///
    /// match stream.direct_get(7).await {
    ///     Ok(message) => println!("{}: {} bytes", message.subject, message.payload.len()),
    ///     Err(error) if error.kind() == DirectGetErrorKind::NotFound => println!("expired, or not there yet"),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # }
    /// ```
    pub async fn direct_get(&self, sequence: u64) -> Result<StreamMessage, DirectGetError> {
        self.ask(by_sequence(sequence)).await?.one().await
    }

    /// The last message of a subject.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// let latest = stream.direct_get_last_for_subject("events.created").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn direct_get_last_for_subject<S: Into<String>>(
        &self,
        subject: S,
    ) -> Result<StreamMessage, DirectGetError> {
        let subject = subject.into();
        if !Subject::from(subject.as_str()).is_publishable() {
            return Err(DirectGetErrorKind::InvalidSubject.into());
        }
        self.ask_for_last(&subject).await?.one().await
    }

    /// Messages in stream order, as many as the request bounds. The stream ends after the last, and [`Batched::end`]
    /// says then how many more there are. If there is nothing from that sequence on, it is the error `NotFound`.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    /// use nats_wasm_shim::direct_get::Batch;
    ///
    /// let mut batch = stream.get_batch(Batch::from_sequence(1, 20_000)).await?;
    /// while let Some(message) = batch.try_next().await? {
    ///     println!("{} {}", message.sequence, message.subject);
    /// }
    /// println!("{:?} more", batch.end().map(|end| end.num_pending));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_batch(&self, request: Batch) -> Result<Batched, DirectGetError> {
        self.ask(request.to_json()).await
    }

    /// The last message of each subject that matches. If there is none, it is the error `NotFound`.
    ///
    /// ```
    /// # async fn example(stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    /// use nats_wasm_shim::direct_get::MultiLast;
    ///
    /// let mut heartbeats = stream.get_multi_last(MultiLast::new(["heartbeat.*"])).await?;
    /// while let Some(message) = heartbeats.try_next().await? {
    ///     println!("{} at {}", message.subject, message.time);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_multi_last(&self, request: MultiLast) -> Result<Batched, DirectGetError> {
        self.ask(request.to_json()).await
    }

    async fn ask(&self, body: Bytes) -> Result<Batched, DirectGetError> {
        let subject = format!("DIRECT.GET.{}", self.name);
        Ok(Batched::new(self.context.call_for_many(&subject, body).await?))
    }

    /// Asks for the last message of a subject by a subject of its own, as permissions can be told apart by that.
    async fn ask_for_last(&self, subject: &str) -> Result<Batched, DirectGetError> {
        let subject = format!("DIRECT.GET.{}.{subject}", self.name);
        Ok(Batched::new(self.context.call_for_many(&subject, Bytes::new()).await?))
    }
}

impl Stream<Info> {
    /// Asks the server anew what it knows of the stream, and keeps it.
    ///
    /// ```
    /// # async fn example(mut stream: nats_wasm_shim::jetstream::stream::Stream) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} messages", stream.info().await?.state.messages);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn info(&mut self) -> Result<&Info, InfoError> {
        self.info = self.get_info().await?;
        Ok(&self.info)
    }

    /// What the server last said of the stream.
    ///
    /// ```
    /// # fn example(stream: nats_wasm_shim::jetstream::stream::Stream) {
    /// println!("{:?}", stream.cached_info().config.subjects);
    /// # }
    /// ```
    #[must_use]
    pub fn cached_info(&self) -> &Info {
        &self.info
    }
}

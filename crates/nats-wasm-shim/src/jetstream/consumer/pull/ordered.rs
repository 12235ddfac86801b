//! The messages of a stream in its order, without gap and without any twice, whatever happens to the connection, the
//! server and the consumer.
//!
//! The reader's place is the last stream sequence that it gave out. A consumer counts its deliveries from 1; when the
//! next one is not the next number, when there is a new connection, when two heartbeats in a row did not come, or when
//! the consumer is gone, it is replaced by one that begins behind that place.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Duration;

use bytes::Bytes;
use nats_proto::delivery::Sequences;

use super::puller::{Puller, Size, Step};
use super::{
    BatchConfig, ConsumerRecreateError, ConsumerRecreateErrorKind, MessagesErrorKind, OrderedConfig,
    OrderedError, OrderedErrorKind,
};
use crate::SubscribeError;
use crate::alarm::sleep;
use crate::jetstream::consumer::{Consumer, ConsumerError, ConsumerErrorKind, DeliverPolicy, Info};
use crate::jetstream::context::{ConsumerInfoError, RequestError, RequestErrorKind};
use crate::jetstream::{Context, ErrorCode, Message};

/// The first pull asks for this many messages; later ones by their size.
const FIRST: usize = 500;
/// How many bytes of messages are asked for ahead.
const AHEAD: usize = 2 * 1024 * 1024;
const EXPIRES: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The waits between attempts to replace a consumer.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

type Creating = Pin<Box<dyn Future<Output = Result<Info, ConsumerRecreateError>> + Send>>;

/// The messages of a stream in its order; made by `messages` of a [`Consumer`] of [`OrderedConfig`].
///
/// It ends with the client, or after an error that cannot pass: the stream is gone, or reading it is not permitted.
pub struct Ordered {
    context: Context,
    config: OrderedConfig,
    stream_name: String,
    /// What the consumers are called, before their numbers.
    name: String,
    /// How many have been made to replace the first.
    serial: u64,
    consumer: Info,
    puller: Option<Puller>,
    creating: Option<Creating>,
    /// The last delivery of the present consumer.
    consumer_sequence: u64,
    /// The last message given out, or where the first consumer began.
    stream_sequence: u64,
    given: bool,
    heartbeats: u64,
    /// The server refused a pull as too large, and there has been no message since.
    limited: bool,
    ended: bool,
}

impl Ordered {
    pub(super) fn new(consumer: Consumer<OrderedConfig>) -> Result<Self, SubscribeError> {
        let Consumer { config, info, context } = consumer;
        let mut ordered = Self {
            context,
            config,
            stream_name: info.stream_name.clone(),
            name: info.name.clone(),
            serial: 0,
            consumer_sequence: 0,
            stream_sequence: info.delivered.stream_sequence,
            consumer: info,
            puller: None,
            creating: None,
            given: false,
            heartbeats: 0,
            limited: false,
            ended: false,
        };
        ordered.puller = Some(ordered.pull()?);
        Ok(ordered)
    }

    fn pull(&self) -> Result<Puller, SubscribeError> {
        let config = BatchConfig {
            batch: FIRST,
            expires: Some(EXPIRES),
            idle_heartbeat: HEARTBEAT,
            ..BatchConfig::default()
        };
        let limits = &self.consumer.config;
        let config = config.within(limits);
        // What bounds a pull bounds it however small the messages are.
        let size = if limits.max_batch > 0 { Size::Fixed } else { Size::ByBytes(AHEAD) };
        Puller::new(&self.context, &self.stream_name, &self.consumer.name, config, size)
    }

    /// How often the server said that it had nothing.
    pub(in crate::jetstream) fn idle_heartbeats(&self) -> u64 {
        self.heartbeats
    }

    /// What the server knows of the present consumer.
    pub(in crate::jetstream) fn consumer_info(
        &self,
    ) -> impl Future<Output = Result<Info, ConsumerInfoError>> + Send + use<> {
        let (context, stream, name) =
            (self.context.clone(), self.stream_name.clone(), self.consumer.name.clone());
        async move { context.consumer_info(&stream, &name).await }
    }

    /// Whether all was given out that the consumer had when the server said this of it.
    pub(in crate::jetstream) fn delivered_all(&self, info: &Info) -> bool {
        self.puller.is_some()
            && info.name == self.consumer.name
            && info.num_pending == 0
            && info.delivered.consumer_sequence == self.consumer_sequence
    }

    fn poll(&mut self, context: &mut task::Context<'_>) -> Poll<Option<Result<Message, OrderedError>>> {
        loop {
            if self.ended {
                return Poll::Ready(None);
            }
            let Some(puller) = &mut self.puller else {
                match self.poll_creating(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                }
            };
            let Poll::Ready(step) = puller.poll(context) else { return Poll::Pending };
            match step {
                Step::Message(message) => {
                    let Some(sequences) = message.reply.as_deref().and_then(Sequences::parse) else {
                        let error = OrderedError::with_source(
                            OrderedErrorKind::Other,
                            "a delivery without sequences",
                        );
                        return Poll::Ready(Some(Err(error)));
                    };
                    if sequences.consumer == self.consumer_sequence + 1 {
                        self.consumer_sequence = sequences.consumer;
                        self.stream_sequence = sequences.stream;
                        (self.given, self.limited) = (true, false);
                        return Poll::Ready(Some(Ok(Message { message, context: self.context.clone() })));
                    }
                    self.replace();
                }
                Step::Heartbeat => self.heartbeats += 1,
                // What was on its way is lost, and nobody would say so before the next message.
                Step::Back => self.replace(),
                Step::Ended => self.ended = true,
                Step::Failed(error) => match error.kind() {
                    MessagesErrorKind::MissingHeartbeat
                    | MessagesErrorKind::ConsumerDeleted
                    | MessagesErrorKind::NoResponders => self.replace(),
                    MessagesErrorKind::RequestLimitExceeded
                        if !std::mem::replace(&mut self.limited, true) =>
                    {
                        self.replace();
                    }
                    kind => {
                        self.ended = kind != MessagesErrorKind::Other;
                        return Poll::Ready(Some(Err(error.into())));
                    }
                },
            }
        }
    }

    /// Gives the present consumer up, and begins to make the next.
    fn replace(&mut self) {
        self.puller = None;
        self.forget();
        self.serial += 1;
        self.consumer_sequence = 0;
        let deliver_policy = match self.config.deliver_policy {
            // Before anything was given out, the last of each subject are still those, and an unknown place is none.
            policy @ (DeliverPolicy::LastPerSubject | DeliverPolicy::ByStartTime { .. }) if !self.given => {
                policy
            }
            _ => DeliverPolicy::ByStartSequence { start_sequence: self.stream_sequence + 1 },
        };
        let name = Some(format!("{}_{}", self.name, self.serial));
        let config = OrderedConfig { name, deliver_policy, ..self.config.clone() };
        self.creating = Some(Box::pin(create(self.context.clone(), config, self.stream_name.clone())));
    }

    fn poll_creating(&mut self, context: &mut task::Context<'_>) -> Poll<Result<(), OrderedError>> {
        let Some(creating) = &mut self.creating else {
            self.ended = true;
            return Poll::Ready(Ok(()));
        };
        let Poll::Ready(created) = creating.as_mut().poll(context) else { return Poll::Pending };
        self.creating = None;
        let recreate = |error| OrderedError::with_source(OrderedErrorKind::Recreate, error);
        let pulling = created.map_err(recreate).and_then(|info| {
            self.consumer = info;
            self.pull().map_err(|error| OrderedError::with_source(OrderedErrorKind::Recreate, error))
        });
        Poll::Ready(match pulling {
            Ok(puller) => {
                self.puller = Some(puller);
                Ok(())
            }
            Err(error) => {
                self.ended = true;
                Err(error)
            }
        })
    }

    /// Tells the server that the consumer is not needed. It would find that out itself, somewhat later.
    fn forget(&self) {
        let context = &self.context;
        let subject =
            format!("{}.CONSUMER.DELETE.{}.{}", context.prefix(), self.stream_name, self.consumer.name);
        // A connection that is over needs no such courtesy.
        let _ = context.through().send(&subject.into(), None, &Bytes::new());
    }
}

/// Makes a consumer, and tries again as long as that may help.
async fn create(
    context: Context,
    config: OrderedConfig,
    stream: String,
) -> Result<Info, ConsumerRecreateError> {
    let mut pause = PAUSE;
    loop {
        let error = match context.create_consumer_on_stream(config.clone(), &stream).await {
            Ok(consumer) => return Ok(consumer.info),
            Err(error) => error,
        };
        if is_final(&error) {
            return Err(ConsumerRecreateError::with_source(ConsumerRecreateErrorKind::Recreate, error));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether trying again cannot help.
fn is_final(error: &ConsumerError) -> bool {
    use std::error::Error;

    match error.kind() {
        ConsumerErrorKind::JetStream(refusal) => {
            matches!(refusal.code(), 400) || refusal.error_code() == ErrorCode::STREAM_NOT_FOUND
        }
        ConsumerErrorKind::Request => {
            let cause = error.source().and_then(|source| source.downcast_ref::<RequestError>());
            cause.is_some_and(|cause| cause.kind() == RequestErrorKind::PermissionDenied)
        }
        ConsumerErrorKind::TimedOut => false,
        _ => true,
    }
}

impl futures_util::Stream for Ordered {
    type Item = Result<Message, OrderedError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl Drop for Ordered {
    fn drop(&mut self) {
        self.forget();
    }
}

impl fmt::Debug for Ordered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ordered")
            .field("consumer", &self.consumer.name)
            .field("stream_sequence", &self.stream_sequence)
            .finish_non_exhaustive()
    }
}

//! The messages of a stream in its order, without gap and without any twice, whatever happens to the connection, the
//! server and the consumer; however they come.
//!
//! The reader's place is the last stream sequence that it gave out. A consumer counts its deliveries from 1; when the
//! next one is not the next number, when there is a new connection, when two heartbeats in a row did not come, or when
//! the consumer is gone, it is replaced by one that begins behind that place.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Duration;

use bytes::Bytes;
use nats_proto::connection::State;
use nats_proto::delivery::Sequences;

use super::{
    AckPolicy, Consumer, ConsumerError, ConsumerErrorKind, DeliverPolicy, FromConsumer, Info,
    IntoConsumerConfig,
};
use crate::alarm::sleep;
use crate::error::{Error, kinds};
use crate::jetstream::context::{ConsumerInfoError, RequestError, RequestErrorKind};
use crate::jetstream::{Context, ErrorCode, Message};
use crate::{SubscribeError, SubscribeErrorKind};

/// Why an ordered consumer could not be made anew.
pub type ConsumerRecreateError = Error<ConsumerRecreateErrorKind>;

kinds! {
    /// What went wrong with making an ordered consumer anew.
    #[derive(Copy)]
    ConsumerRecreateErrorKind {
        /// Its stream is not to be had.
        GetStream => "error getting stream",
        /// It was not created.
        Recreate => "consumer creation failed",
        /// No answer came in time.
        TimedOut => "timed out",
    }
}

/// The waits between attempts to replace a consumer.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where an ordered reader's messages come from.
pub(super) trait Source: Sized {
    /// How its consumers are configured.
    type Config: IntoConsumerConfig + FromConsumer + Clone + Send + 'static;
    /// What it cannot mend itself.
    type Error;

    /// Begins to listen for what a consumer delivers.
    fn open(context: &Context, consumer: &Info) -> Result<Self, SubscribeError>;

    /// What comes next.
    fn poll(&mut self, context: &mut task::Context<'_>) -> Poll<Event<Self::Error>>;

    /// Where a consumer begins.
    fn policy(config: &Self::Config) -> DeliverPolicy;

    /// The same with another name and another beginning, and delivering to another subject if it delivers to one.
    fn renamed(context: &Context, config: &Self::Config, name: String, policy: DeliverPolicy)
    -> Self::Config;
}

/// What comes of a source.
#[derive(Debug)]
pub(super) enum Event<E> {
    /// A message.
    Message(crate::Message),
    /// The server is alive, and has nothing; how many deliveries there have been, if it says so.
    Heartbeat(Option<u64>),
    /// The consumer is gone or silent, or something may have been lost on the way: it must be replaced.
    Broken,
    /// The consumer does not want to be asked like this. Its limits may have changed, so another may.
    Limited(E),
    /// Something else, which does not keep further messages from coming.
    Failed(E),
    /// Something that will not pass.
    Fatal(E),
    /// The connection is over for good.
    Ended,
}

/// Why an ordered reader stumbled.
#[derive(Debug)]
pub(super) enum Trouble<E> {
    /// The consumer cannot be made anew.
    Recreate(crate::Error),
    /// A delivery does not say which it is.
    Malformed,
    /// The source's own.
    Source(E),
}

type Creating = Pin<Box<dyn Future<Output = Result<Info, ConsumerRecreateError>> + Send>>;

/// Keeps the order.
pub(super) struct Reader<S: Source> {
    context: Context,
    config: S::Config,
    stream_name: String,
    /// What the consumers are called, before their numbers.
    name: String,
    /// How many have been made to replace the first.
    serial: u64,
    consumer: Info,
    source: Option<S>,
    creating: Option<Creating>,
    /// The last delivery of the present consumer.
    consumer_sequence: u64,
    /// The last message given out, or where the first consumer began.
    stream_sequence: u64,
    given: bool,
    heartbeats: u64,
    /// The server refused to be asked like this, and there has been no message since.
    limited: bool,
    ended: bool,
}

impl<S: Source> Reader<S> {
    pub(super) fn new(consumer: Consumer<S::Config>) -> Result<Self, SubscribeError> {
        let Consumer { config, info, context } = consumer;
        Ok(Self {
            source: Some(S::open(&context, &info)?),
            context,
            config,
            stream_name: info.stream_name.clone(),
            name: info.name.clone(),
            serial: 0,
            consumer_sequence: 0,
            stream_sequence: info.delivered.stream_sequence,
            consumer: info,
            creating: None,
            given: false,
            heartbeats: 0,
            limited: false,
            ended: false,
        })
    }

    /// Whether it is not the first consumer any more, so that what comes may not be what was asked for at first.
    pub(super) fn is_replaced(&self) -> bool {
        self.serial > 0
    }

    /// How often the server said that it had nothing.
    pub(super) fn idle_heartbeats(&self) -> u64 {
        self.heartbeats
    }

    /// What the server knows of the present consumer.
    pub(super) fn consumer_info(
        &self,
    ) -> impl Future<Output = Result<Info, ConsumerInfoError>> + Send + use<S> {
        let (context, stream, name) =
            (self.context.clone(), self.stream_name.clone(), self.consumer.name.clone());
        async move { context.consumer_info(&stream, &name).await }
    }

    /// Whether all was given out that the consumer had when the server said this of it.
    pub(super) fn delivered_all(&self, info: &Info) -> bool {
        self.source.is_some()
            && info.name == self.consumer.name
            && info.num_pending == 0
            && info.delivered.consumer_sequence == self.consumer_sequence
    }

    /// The next message; `None` at the end.
    pub(super) fn poll(
        &mut self,
        context: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Message, Trouble<S::Error>>>> {
        loop {
            if self.ended {
                return Poll::Ready(None);
            }
            let Some(source) = &mut self.source else {
                match self.poll_creating(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(error)) => {
                        self.ended = true;
                        if is_closed(&self.context) {
                            return Poll::Ready(None);
                        }
                        return Poll::Ready(Some(Err(Trouble::Recreate(error))));
                    }
                }
            };
            let Poll::Ready(event) = source.poll(context) else { return Poll::Pending };
            match event {
                Event::Message(message) => {
                    let Some(sequences) = message.reply.as_deref().and_then(Sequences::parse) else {
                        return Poll::Ready(Some(Err(Trouble::Malformed)));
                    };
                    if sequences.consumer == self.consumer_sequence + 1 {
                        self.consumer_sequence = sequences.consumer;
                        self.stream_sequence = sequences.stream;
                        (self.given, self.limited) = (true, false);
                        return Poll::Ready(Some(Ok(Message { message, context: self.context.clone() })));
                    }
                    self.replace();
                }
                Event::Heartbeat(Some(delivered)) if delivered != self.consumer_sequence => self.replace(),
                Event::Heartbeat(_) => self.heartbeats += 1,
                Event::Broken => self.replace(),
                Event::Limited(_) if !std::mem::replace(&mut self.limited, true) => self.replace(),
                Event::Limited(error) | Event::Fatal(error) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(Trouble::Source(error))));
                }
                Event::Failed(error) => return Poll::Ready(Some(Err(Trouble::Source(error)))),
                Event::Ended => self.ended = true,
            }
        }
    }

    /// Gives the present consumer up, and begins to make the next.
    fn replace(&mut self) {
        self.source = None;
        self.forget();
        self.serial += 1;
        self.consumer_sequence = 0;
        let policy = match S::policy(&self.config) {
            // Before anything was given out, the last of each subject are still those, and a moment is still the same.
            policy @ (DeliverPolicy::LastPerSubject | DeliverPolicy::ByStartTime { .. }) if !self.given => {
                policy
            }
            _ => DeliverPolicy::ByStartSequence { start_sequence: self.stream_sequence + 1 },
        };
        let name = format!("{}_{}", self.name, self.serial);
        let config = S::renamed(&self.context, &self.config, name, policy);
        self.creating = Some(Box::pin(create(self.context.for_recovery(), config, self.stream_name.clone())));
    }

    fn poll_creating(&mut self, context: &mut task::Context<'_>) -> Poll<Result<(), crate::Error>> {
        let Some(creating) = &mut self.creating else {
            self.ended = true;
            return Poll::Ready(Ok(()));
        };
        let Poll::Ready(created) = creating.as_mut().poll(context) else { return Poll::Pending };
        self.creating = None;
        self.consumer = created?;
        match S::open(&self.context, &self.consumer) {
            // The client is draining or has, so nothing that it delivers can come.
            Err(error) if error.kind() == SubscribeErrorKind::Other => self.ended = true,
            source => self.source = Some(source?),
        }
        Poll::Ready(Ok(()))
    }

    /// Tells the server that the consumer is not needed. It would find that out itself, somewhat later. One that was
    /// made to stay, or for others, is left alone.
    fn forget(&self) {
        let config = &self.consumer.config;
        if config.durable_name.is_some() || config.ack_policy != AckPolicy::None {
            return;
        }
        let context = &self.context;
        let subject =
            format!("{}.CONSUMER.DELETE.{}.{}", context.prefix(), self.stream_name, self.consumer.name);
        // A connection that is over needs no such courtesy.
        let _ = context.through().send(&subject.into(), None, &Bytes::new());
    }
}

impl<S: Source> Drop for Reader<S> {
    fn drop(&mut self) {
        self.forget();
    }
}

impl<S: Source> fmt::Debug for Reader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ordered")
            .field("consumer", &self.consumer.name)
            .field("stream_sequence", &self.stream_sequence)
            .finish_non_exhaustive()
    }
}

/// Makes a consumer, and tries again as long as that may help.
async fn create<C>(context: Context, config: C, stream: String) -> Result<Info, ConsumerRecreateError>
where
    C: IntoConsumerConfig + FromConsumer + Clone,
{
    let mut pause = PAUSE;
    loop {
        let error = match context.create_consumer_on_stream(config.clone(), &stream).await {
            Ok(consumer) => return Ok(consumer.info),
            Err(error) => error,
        };
        if is_closed(&context) || is_final(&error) {
            return Err(ConsumerRecreateError::with_source(ConsumerRecreateErrorKind::Recreate, error));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether the connection is over for good.
fn is_closed(context: &Context) -> bool {
    context.through().connection_state() == State::Closed
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
            cause.is_some_and(|cause| {
                matches!(cause.kind(), RequestErrorKind::PermissionDenied | RequestErrorKind::InvalidSubject)
            })
        }
        ConsumerErrorKind::TimedOut => false,
        _ => true,
    }
}

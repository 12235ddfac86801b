//! The messages of a stream in its order, pulled.

use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Duration;

use super::puller::{Puller, Size, Step};
use super::{BatchConfig, MessagesError, MessagesErrorKind, OrderedConfig, OrderedError, OrderedErrorKind};
use crate::SubscribeError;
use crate::jetstream::consumer::ordered::{Event, Reader, Source, Trouble};
use crate::jetstream::consumer::{Consumer, DeliverPolicy, Info};
use crate::jetstream::context::ConsumerInfoError;
use crate::jetstream::{Context, Message};

/// The first pull asks for this many messages; later ones by their size.
const FIRST: usize = 500;
/// How many bytes of messages are asked for ahead.
const AHEAD: usize = 2 * 1024 * 1024;
const EXPIRES: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(5);

impl Source for Puller {
    type Config = OrderedConfig;
    type Error = MessagesError;

    fn open(context: &Context, consumer: &Info) -> Result<Self, SubscribeError> {
        let config = BatchConfig {
            batch: FIRST,
            expires: Some(EXPIRES),
            idle_heartbeat: HEARTBEAT,
            ..BatchConfig::default()
        };
        let config = config.within(&consumer.config);
        // What bounds a pull bounds it however small the messages are.
        let size = if consumer.config.max_batch > 0 { Size::Fixed } else { Size::ByBytes(AHEAD) };
        Self::new(context, &consumer.stream_name, &consumer.name, config, size)
    }

    fn poll(&mut self, context: &mut task::Context<'_>) -> Poll<Event<MessagesError>> {
        Self::poll(self, context).map(|step| match step {
            Step::Message(message) => Event::Message(message),
            Step::Heartbeat => Event::Heartbeat(None),
            // What was on its way is lost, and nobody would say so before the next message.
            Step::Back => Event::Broken,
            Step::Ended => Event::Ended,
            Step::Failed(error) => match error.kind() {
                MessagesErrorKind::MissingHeartbeat
                | MessagesErrorKind::ConsumerDeleted
                | MessagesErrorKind::NoResponders => Event::Broken,
                MessagesErrorKind::RequestLimitExceeded => Event::Limited(error),
                MessagesErrorKind::Other => Event::Failed(error),
                MessagesErrorKind::Pull | MessagesErrorKind::PushBasedConsumer => Event::Fatal(error),
            },
        })
    }

    fn policy(config: &OrderedConfig) -> DeliverPolicy {
        config.deliver_policy
    }

    fn renamed(_: &Context, config: &OrderedConfig, name: String, policy: DeliverPolicy) -> OrderedConfig {
        OrderedConfig { name: Some(name), deliver_policy: policy, ..config.clone() }
    }
}

/// The messages of a stream in its order; made by `messages` of a [`Consumer`] of [`OrderedConfig`].
///
/// It ends with the client, or after an error that cannot pass: the stream is gone, or reading it is not permitted.
#[derive(Debug)]
pub struct Ordered(Reader<Puller>);

impl Ordered {
    pub(super) fn new(consumer: Consumer<OrderedConfig>) -> Result<Self, SubscribeError> {
        Ok(Self(Reader::new(consumer)?))
    }

    /// Whether it is not the first consumer any more.
    pub(in crate::jetstream) fn is_replaced(&self) -> bool {
        self.0.is_replaced()
    }

    /// How often the server said that it had nothing.
    pub(in crate::jetstream) fn idle_heartbeats(&self) -> u64 {
        self.0.idle_heartbeats()
    }

    /// What the server knows of the present consumer.
    pub(in crate::jetstream) fn consumer_info(
        &self,
    ) -> impl Future<Output = Result<Info, ConsumerInfoError>> + Send + use<> {
        self.0.consumer_info()
    }

    /// Whether all was given out that the consumer had when the server said this of it.
    pub(in crate::jetstream) fn delivered_all(&self, info: &Info) -> bool {
        self.0.delivered_all(info)
    }
}

impl From<Trouble<MessagesError>> for OrderedError {
    fn from(trouble: Trouble<MessagesError>) -> Self {
        match trouble {
            Trouble::Recreate(error) => Self::with_source(OrderedErrorKind::Recreate, error),
            Trouble::Malformed => Self::with_source(OrderedErrorKind::Other, "a delivery without sequences"),
            Trouble::Source(error) => error.into(),
        }
    }
}

impl futures_util::Stream for Ordered {
    type Item = Result<Message, OrderedError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll(context).map(|next| next.map(|message| message.map_err(OrderedError::from)))
    }
}

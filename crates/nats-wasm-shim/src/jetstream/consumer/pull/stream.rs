//! The messages of a consumer as one long stream.

use std::pin::Pin;
use std::task::{self, Poll, ready};

use super::puller::{Puller, Size, Step};
use super::{BatchConfig, Config, Consumer, MessagesError};
use crate::SubscribeError;
use crate::jetstream::consumer::PriorityPolicy;
use crate::jetstream::{Context, Message};

/// The messages of a consumer; made by [`Consumer::messages`]. It asks for more before it runs out, goes on when there
/// is a connection again, and ends with the client or after an error that cannot pass, such as the consumer's deletion.
#[derive(Debug)]
pub struct Stream {
    puller: Puller,
    context: Context,
}

impl Stream {
    pub(super) fn new(config: BatchConfig, consumer: &Consumer<Config>) -> Result<Self, SubscribeError> {
        let (info, context) = (&consumer.info, consumer.context.clone());
        let puller = Puller::new(&context, &info.stream_name, &info.name, config, Size::Fixed)?;
        let pins = consumer.config.priority_policy == PriorityPolicy::PinnedClient;
        Ok(Self { puller: if pins { puller.pinned() } else { puller }, context })
    }
}

impl futures_util::Stream for Stream {
    type Item = Result<Message, MessagesError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.puller.poll(context)) {
                Step::Message(message) => {
                    return Poll::Ready(Some(Ok(Message { message, context: self.context.clone() })));
                }
                Step::Heartbeat | Step::Back => {}
                Step::Failed(error) => return Poll::Ready(Some(Err(error))),
                Step::Ended => return Poll::Ready(None),
            }
        }
    }
}

//! One pull, and what it brings; and one such pull after the other.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;

use super::arrivals::{Arrival, Arrivals, status};
use super::{BatchConfig, BatchError, BatchErrorKind, Config, Consumer, MessagesError, MessagesErrorKind};
use crate::alarm::Alarm;
use crate::jetstream::consumer::PriorityPolicy;
use crate::jetstream::{self, Message};

/// The messages that one pull brings. It ends when there are as many as were asked for, when the server says that there
/// are no more for now, or after an error; a batch that is under way when the connection is lost fails at once.
pub struct Batch {
    /// `None` when it has ended.
    arrivals: Option<Arrivals>,
    remaining: usize,
    /// Should the server not end it.
    alarm: Alarm,
    context: jetstream::Context,
}

/// How much longer than the pull itself to wait for the server's word.
const GRACE: Duration = Duration::from_secs(5);

impl Batch {
    pub(super) fn new(config: &BatchConfig, consumer: &Consumer<Config>) -> Result<Self, BatchError> {
        check(consumer)?;
        let body = config.to_json(None).map_err(|e| BatchError::with_source(BatchErrorKind::Serialize, e))?;
        Self::ask(&body, config.batch, config.expires, &Site::of(consumer))
    }

    fn ask(
        body: &Bytes,
        batch: usize,
        expires: Option<Duration>,
        site: &Site<'_>,
    ) -> Result<Self, BatchError> {
        let arrivals = Arrivals::new(site.context, site.stream, site.consumer)
            .map_err(|error| BatchError::with_source(BatchErrorKind::Subscribe, error))?;
        arrivals.ask(body).map_err(|error| BatchError::with_source(BatchErrorKind::Pull, error))?;
        let after = expires.map_or(Duration::ZERO, |expires| expires.saturating_add(GRACE));
        Ok(Self {
            arrivals: Some(arrivals),
            remaining: batch,
            alarm: Alarm::new(after),
            context: site.context.clone(),
        })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message, crate::Error>>> {
        loop {
            if self.remaining == 0 {
                return Poll::Ready(None);
            }
            let Some(arrivals) = &mut self.arrivals else { return Poll::Ready(None) };
            let Poll::Ready(arrival) = arrivals.poll(context) else { break };
            return Poll::Ready(match arrival {
                Arrival::Message(message) => match status(&message) {
                    None => {
                        self.remaining -= 1;
                        Some(Ok(Message { message, context: self.context.clone() }))
                    }
                    Some(100) => continue,
                    Some(404 | 408) => None,
                    Some(status) => {
                        let words = message.description.unwrap_or_default();
                        Some(Err(format!("the server ended the batch: {status} {words}").into()))
                    }
                },
                Arrival::Lost => Some(Err("disconnected before the batch was complete".into())),
                Arrival::Refused => Some(Err("permission denied".into())),
                // It was not connected when it was asked for, and what was asked is on its way only now.
                Arrival::Back => continue,
                Arrival::Closed => None,
            });
        }
        self.alarm.poll(context).map(|()| None)
    }
}

impl futures_util::Stream for Batch {
    type Item = Result<Message, crate::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.poll(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.arrivals = None;
        }
        polled
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("remaining", &self.remaining).finish_non_exhaustive()
    }
}

/// Batches one after the other, each asked for when the one before has been taken; made by [`Consumer::sequence`].
#[derive(Debug)]
pub struct Sequence {
    body: Bytes,
    batch: usize,
    context: jetstream::Context,
    stream: String,
    consumer: String,
}

/// How long a batch of a sequence waits.
const WAIT: Duration = Duration::from_secs(60);

impl Sequence {
    pub(super) fn new(batch: usize, consumer: &Consumer<Config>) -> Result<Self, BatchError> {
        check(consumer)?;
        let config = BatchConfig { batch, expires: Some(WAIT), ..BatchConfig::default() };
        let body = config.to_json(None).map_err(|e| BatchError::with_source(BatchErrorKind::Serialize, e))?;
        let Site { context, stream, consumer } = Site::of(consumer);
        let (stream, consumer) = (stream.to_owned(), consumer.to_owned());
        Ok(Self { body, batch, context: context.clone(), stream, consumer })
    }
}

impl futures_util::Stream for Sequence {
    type Item = Result<Batch, MessagesError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let site = Site { context: &self.context, stream: &self.stream, consumer: &self.consumer };
        let batch = Batch::ask(&self.body, self.batch, Some(WAIT), &site);
        Poll::Ready(Some(batch.map_err(|error| MessagesError::with_source(MessagesErrorKind::Pull, error))))
    }
}

/// Where to ask.
struct Site<'a> {
    context: &'a jetstream::Context,
    stream: &'a str,
    consumer: &'a str,
}

impl<'a> Site<'a> {
    fn of(consumer: &'a Consumer<Config>) -> Self {
        let info = &consumer.info;
        Self { context: &consumer.context, stream: &info.stream_name, consumer: &info.name }
    }
}

/// A pin belongs to who pulls again and again.
fn check(consumer: &Consumer<Config>) -> Result<(), BatchError> {
    if consumer.config.priority_policy == PriorityPolicy::PinnedClient {
        return Err(BatchErrorKind::PinnedClient.into());
    }
    Ok(())
}

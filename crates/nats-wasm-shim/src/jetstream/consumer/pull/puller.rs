//! Pulls without end: asks for more in time, so that the server never waits, and understands what it says instead of
//! messages.
//!
//! | the server says | it means |
//! | --- | --- |
//! | 100 | it is alive, and has nothing |
//! | 408, 409 with what was left, 423 | a pull has ended; ask again |
//! | 409 `Consumer Deleted`, `Consumer is push based`, `Exceeded MaxRequest…` | it will never bring anything |
//! | 503 | nobody answers: the consumer is gone, or not there yet; ask again, after a pause |
//! | anything else | an error for the reader |
//!
//! What is refused in a way that asking at once would only repeat is asked for again after a pause, which doubles.

use std::fmt;
use std::task::{self, Poll};
use std::time::Duration;

use super::arrivals::{Arrival, Arrivals, status};
use super::{BatchConfig, MessagesError, MessagesErrorKind};
use crate::alarm::Alarm;
use crate::jetstream::Context;
use crate::{Message, PublishErrorKind, SubscribeError};

/// How much longer than a pull to wait for the server's word, without heartbeats.
const GRACE: Duration = Duration::from_secs(5);

/// The pauses between pulls that are refused.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What comes of pulling.
#[derive(Debug)]
pub(super) enum Step {
    /// A message.
    Message(Message),
    /// The server is alive, and has nothing.
    Heartbeat,
    /// There is a connection again; what was on its way over the old one is lost.
    Back,
    /// Something went wrong. If it cannot pass, `Ended` follows.
    Failed(MessagesError),
    /// The connection is over for good.
    Ended,
}

/// How many messages a pull asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    /// As its configuration says.
    Fixed,
    /// As many as are about this many bytes together, going by those received so far.
    ByBytes(usize),
}

/// Pulls without end.
pub(super) struct Puller {
    arrivals: Arrivals,
    config: BatchConfig,
    size: Size,
    /// What was asked for and has not come.
    pending: usize,
    pending_bytes: usize,
    /// What has come since the last pull, and since the first.
    since_pull: usize,
    received: usize,
    received_bytes: usize,
    /// Something has come, or was asked for, since the alarm was put off.
    heard: bool,
    alarm: Alarm,
    /// How long to pause when the next pull is refused, and the pause that goes on.
    next_pause: Duration,
    pause: Option<Alarm>,
    /// The consumer pins one client.
    pins: bool,
    /// How the server calls this one, if it is the pinned one.
    pin: Option<String>,
    ended: bool,
}

impl Puller {
    pub(super) fn new(
        context: &Context,
        stream: &str,
        consumer: &str,
        config: BatchConfig,
        size: Size,
    ) -> Result<Self, SubscribeError> {
        let silence = match (config.idle_heartbeat, config.expires) {
            (Duration::ZERO, None | Some(Duration::ZERO)) => Duration::ZERO,
            (Duration::ZERO, Some(expires)) => expires.saturating_add(GRACE),
            (heartbeat, _) => heartbeat.saturating_mul(2),
        };
        Ok(Self {
            arrivals: Arrivals::new(context, stream, consumer)?,
            config,
            size,
            pending: 0,
            pending_bytes: 0,
            since_pull: 0,
            received: 0,
            received_bytes: 0,
            heard: false,
            alarm: Alarm::new(silence),
            next_pause: PAUSE,
            pause: None,
            pins: false,
            pin: None,
            ended: false,
        })
    }

    /// The consumer pins one client: say who this is.
    pub(super) fn pinned(mut self) -> Self {
        self.pins = true;
        self
    }

    /// What comes next. While messages wait to be read this costs no more than taking one out of a queue.
    pub(super) fn poll(&mut self, context: &mut task::Context<'_>) -> Poll<Step> {
        if self.ended {
            return Poll::Ready(Step::Ended);
        }
        loop {
            if !self.pauses(context)
                && self.wants_more()
                && let Err(error) = self.ask()
            {
                return Poll::Ready(self.end(error));
            }
            let message = match self.arrivals.poll(context) {
                Poll::Ready(Arrival::Message(message)) => message,
                Poll::Ready(other) => match self.change(&other) {
                    Some(step) => return Poll::Ready(step),
                    None => continue,
                },
                Poll::Pending => break,
            };
            self.heard = true;
            let Some(status) = status(&message) else {
                self.count(&message);
                return Poll::Ready(Step::Message(message));
            };
            if let Some(step) = self.understand(status, &message) {
                return Poll::Ready(step);
            }
        }
        // Asking for the time once a batch, and not once a message.
        if std::mem::take(&mut self.heard) {
            self.alarm.put_off();
        }
        if !self.arrivals.is_connected() || self.pause.is_some() || self.alarm.poll(context).is_pending() {
            return Poll::Pending;
        }
        (self.pending, self.pending_bytes) = (0, 0);
        if self.config.idle_heartbeat.is_zero() {
            // The server's word on a pull went missing, which is no reason to trouble the reader.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Step::Failed(MessagesErrorKind::MissingHeartbeat.into()))
    }

    fn wants_more(&self) -> bool {
        self.pending <= self.config.batch / 2
            || (self.config.max_bytes > 0 && self.pending_bytes <= self.config.max_bytes / 2)
    }

    /// The server refuses to be asked. Of several pulls that are refused, the first begins the pause.
    fn refused(&mut self) {
        if self.pause.is_none() {
            self.pause = Some(Alarm::new(self.next_pause));
            self.next_pause = (self.next_pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether it is too early to ask again.
    fn pauses(&mut self, context: &mut task::Context<'_>) -> bool {
        let pauses = self.pause.as_mut().is_some_and(|pause| pause.poll(context).is_pending());
        if !pauses {
            self.pause = None;
        }
        pauses
    }

    fn ask(&mut self) -> Result<(), MessagesError> {
        if let Size::ByBytes(bytes) = self.size
            && self.received > 0
        {
            let average = (self.received_bytes / self.received).max(1);
            self.config.batch = (bytes / average).clamp(LEAST, MOST);
        }
        let body = self
            .config
            .to_json(self.pin.as_deref())
            .map_err(|error| MessagesError::with_source(MessagesErrorKind::Pull, error))?;
        match self.arrivals.ask(&body) {
            Ok(()) => {}
            // The client is draining: what was asked for before still comes, and then the end.
            Err(error) if error.kind() == PublishErrorKind::Send => return Ok(()),
            Err(error) => return Err(MessagesError::with_source(MessagesErrorKind::Pull, error)),
        }
        self.pending += self.config.batch;
        self.pending_bytes += self.config.max_bytes;
        self.since_pull = 0;
        // The server's silence counts from here, however long nobody read.
        self.heard = true;
        Ok(())
    }

    fn count(&mut self, message: &Message) {
        self.pending = self.pending.saturating_sub(1);
        self.pending_bytes = self.pending_bytes.saturating_sub(message.length);
        self.since_pull += 1;
        self.next_pause = PAUSE;
        self.received += 1;
        self.received_bytes = self.received_bytes.saturating_add(message.length);
        if self.pins
            && let Some(id) = message.headers.as_ref().and_then(|headers| headers.get_last("Nats-Pin-Id"))
            && self.pin.as_deref() != Some(id.as_str())
        {
            self.pin = Some(id.as_str().to_owned());
        }
    }

    /// The connection has changed.
    fn change(&mut self, arrival: &Arrival) -> Option<Step> {
        match arrival {
            Arrival::Back => {
                // The server has forgotten what was asked over the old connection, or will bring it too.
                (self.pending, self.pending_bytes) = (0, 0);
                (self.next_pause, self.pause) = (PAUSE, None);
                self.alarm.put_off();
                Some(Step::Back)
            }
            Arrival::Refused => {
                Some(self.end(MessagesError::with_source(MessagesErrorKind::Pull, "permission denied")))
            }
            Arrival::Closed => {
                self.ended = true;
                Some(Step::Ended)
            }
            Arrival::Lost | Arrival::Message(_) => None,
        }
    }

    /// What the server means.
    fn understand(&mut self, status: u16, message: &Message) -> Option<Step> {
        let words = message.description.as_deref().unwrap_or_default();
        let other = || {
            let words = format!("the server says {status} {words}");
            MessagesError::with_source(MessagesErrorKind::Other, words)
        };
        match status {
            100 => return Some(Step::Heartbeat),
            408 | 409 | 423 => {}
            503 => {
                self.refused();
                (self.pending, self.pending_bytes) = (0, 0);
                return Some(Step::Failed(MessagesErrorKind::NoResponders.into()));
            }
            _ => return Some(Step::Failed(other())),
        }
        match words {
            "Consumer Deleted" => return Some(self.end(MessagesErrorKind::ConsumerDeleted.into())),
            "Consumer is push based" => return Some(self.end(MessagesErrorKind::PushBasedConsumer.into())),
            _ if words.starts_with("Exceeded MaxRequest") => {
                let kind = MessagesErrorKind::RequestLimitExceeded;
                return Some(self.end(MessagesError::with_source(kind, words.to_owned())));
            }
            _ => {}
        }
        if status == 423 {
            self.pin = None;
        }
        let left = |name| {
            let value = message.headers.as_ref()?.get_last(name)?;
            value.as_str().parse::<usize>().ok()
        };
        let messages = left("Nats-Pending-Messages").unwrap_or(self.config.batch);
        let bytes = left("Nats-Pending-Bytes").unwrap_or(self.config.max_bytes);
        self.pending = self.pending.saturating_sub(messages);
        self.pending_bytes = self.pending_bytes.saturating_sub(bytes);
        // Asking for the same again would bring the same answer, as fast as the two can talk.
        let in_vain = words.starts_with("Exceeded MaxWaiting")
            || (words.starts_with("Message Size Exceeds MaxBytes") && self.since_pull == 0);
        in_vain.then(|| {
            self.refused();
            Step::Failed(other())
        })
    }

    fn end(&mut self, error: MessagesError) -> Step {
        self.ended = true;
        Step::Failed(error)
    }
}

/// The fewest and the most messages that a pull asks for by bytes.
const LEAST: usize = 32;
const MOST: usize = 8_192;

impl fmt::Debug for Puller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Puller")
            .field("pending", &self.pending)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

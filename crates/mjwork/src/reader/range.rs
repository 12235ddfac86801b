//! A part of the history, for who wants to see it as it is: from one sequence to another, of all subjects or of some.

use super::stored::Answer;
use super::{Fault, Source, Stored};
use crate::transport::{self, Client, Subscriber};
use crate::{Duration, Sequence};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use nats_proto::direct_get::{Batch, DirectGetError};
use std::pin::pin;

/// So many messages come at once at the most.
const BATCH: u32 = 1_000;
/// So many bytes come at once, about.
const BATCH_BYTES: u64 = 1_000_000;
/// So long one waits for the next answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// Reads a part of the history, once.
///
/// ```no_run
/// # #[cfg(not(target_arch = "wasm32"))]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use mjwork::reader::{Range, Source};
///
/// let client = async_nats::connect("127.0.0.1:4222").await?;
/// let mut range = Range::open(&client, &Source::default(), 1, 500, Some("mjwork.tasks.*")).await?;
/// while let Some(part) = range.next().await? {
///     for stored in part {
///         println!("{} {}", stored.seq, stored.subject());
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Range {
    client: Client,
    source: Source,
    inbox: String,
    answers: Subscriber,
    next: Sequence,
    last: Sequence,
    subject: Option<String>,
    /// Tells the answers to one question from those to another.
    token: u64,
    pending: u64,
}

impl Range {
    /// The messages from `first` to `last`, both included, whose subject matches the filter `subject`.
    ///
    /// # Errors
    /// When the answers cannot be subscribed to.
    pub async fn open(
        client: &Client,
        source: &Source,
        first: Sequence,
        last: Sequence,
        subject: Option<&str>,
    ) -> Result<Self, Fault> {
        let inbox = client.new_inbox();
        let answers = client
            .subscribe(format!("{inbox}.*"))
            .await
            .map_err(|error| Fault::Refused(error.to_string()))?;
        Ok(Self {
            client: client.clone(),
            source: source.clone(),
            inbox,
            answers,
            next: first.max(1),
            last,
            subject: subject.map(ToOwned::to_owned),
            token: 0,
            pending: 0,
        })
    }

    /// The next part, in stream order and never empty; none when all has come.
    ///
    /// # Errors
    /// When no answer comes in time, or the server says no.
    pub async fn next(&mut self) -> Result<Option<Vec<Stored>>, Fault> {
        let mut part: Vec<Stored> = Vec::new();
        while part.is_empty() && self.next <= self.last {
            self.ask().await?;
            loop {
                match self.answer().await? {
                    Answer::Message(stored, pending) => {
                        self.pending = pending;
                        if stored.seq < self.next {
                            continue;
                        }
                        // What lies behind the end may still come in this batch, and is dropped.
                        self.next = stored.seq + 1;
                        if stored.seq <= self.last {
                            part.push(stored);
                        }
                    }
                    Answer::End(pending) => {
                        self.pending = pending;
                        if pending == 0 {
                            self.next = Sequence::MAX;
                        }
                        break;
                    }
                }
            }
        }
        Ok(Some(part).filter(|part| !part.is_empty()))
    }

    /// How many more messages of these subjects the stream has, as the last answer said: to its own end.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.pending
    }

    /// Before this sequence all has come.
    #[must_use]
    pub fn position(&self) -> Sequence {
        self.next.min(self.last.saturating_add(1))
    }

    async fn ask(&mut self) -> Result<(), Fault> {
        self.token += 1;
        let left = u32::try_from(self.last - self.next + 1).unwrap_or(BATCH);
        let mut batch = Batch::from_sequence(self.next, left.min(BATCH)).max_bytes(BATCH_BYTES);
        if let Some(subject) = &self.subject {
            batch = batch.subject(subject.as_str());
        }
        let subject = format!("{}.DIRECT.GET.{}", self.source.api_prefix, self.source.stream);
        let reply = format!("{}.{}", self.inbox, self.token);
        let sent = self.client.publish_with_reply(subject, reply, batch.to_json()).await;
        sent.map_err(|error| Fault::Refused(error.to_string()))
    }

    async fn answer(&mut self) -> Result<Answer, Fault> {
        loop {
            let message = match select(self.answers.next(), pin!(transport::sleep(PATIENCE))).await {
                Either::Left((Some(message), _)) => message,
                Either::Left((None, _)) => return Err(Fault::Closed),
                Either::Right(_) => return Err(Fault::TimedOut),
            };
            if message.subject.get(self.inbox.len() + 1..).and_then(|token| token.parse().ok())
                != Some(self.token)
            {
                continue;
            }
            return Stored::answer(message).map_err(|error| match error {
                DirectGetError::NoResponders => Fault::NoDirectGet { stream: self.source.stream.clone() },
                other => Fault::Refused(other.to_string()),
            });
        }
    }
}

//! Following a bucket: changes as they come, the past of a key, and all keys. All are ordered consumers, and survive what
//! these do.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::StreamExt;

use super::{
    Entry, HistoryError, HistoryErrorKind, Operation, Store, WatchError, WatcherError, WatcherErrorKind,
    is_valid_key,
};
use crate::jetstream::Message;
use crate::jetstream::consumer::pull::{Ordered, OrderedConfig};
use crate::jetstream::consumer::{self, DeliverPolicy};
use crate::jetstream::context::ConsumerInfoError;

/// A message of a bucket's stream as the change of a key.
struct Reader {
    messages: Ordered,
    prefix: String,
    bucket: String,
}

impl Reader {
    /// The change, without what only a watch knows.
    fn entry(&self, message: &Message) -> Result<Entry, WatcherError> {
        let info =
            message.info().map_err(|error| WatcherError::with_source(WatcherErrorKind::Other, error))?;
        let Some(key) = message.subject.strip_prefix(self.prefix.as_str()) else {
            return Err(WatcherError::with_source(WatcherErrorKind::Other, "a message that is no key's"));
        };
        Ok(Entry {
            bucket: self.bucket.clone(),
            key: key.to_owned(),
            value: message.payload.clone(),
            revision: info.stream_sequence,
            delta: info.pending,
            created: info.published,
            operation: message.headers.as_ref().map_or(Operation::Put, Operation::of),
            seen_current: false,
        })
    }
}

/// The changes of keys as they come. It ends with the client, or after an error that cannot pass.
pub struct Watch {
    reader: Reader,
    seen_current: bool,
}

impl futures_util::Stream for Watch {
    type Item = Result<Entry, WatcherError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(message) = ready!(self.reader.messages.poll_next_unpin(context)) else {
            return Poll::Ready(None);
        };
        let entry = message.map_err(WatcherError::from).and_then(|message| self.reader.entry(&message));
        Poll::Ready(Some(entry.map(|entry| {
            self.seen_current |= entry.delta == 0;
            Entry { seen_current: self.seen_current, ..entry }
        })))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("bucket", &self.reader.bucket).finish_non_exhaustive()
    }
}

/// How a past ends that is not at its end.
const UNFINISHED: &str = "the client ended before the last";

type Checking = Pin<Box<dyn Future<Output = Result<consumer::Info, ConsumerInfoError>> + Send>>;

/// The values that a key has had, the oldest first. It ends with the latest, or with an error if the client ends before.
pub struct History {
    reader: Reader,
    done: bool,
    /// The last that was given out is an error, which may have been the end.
    failed: bool,
    /// At how many heartbeats the server was last asked whether there is more.
    checked: u64,
    checking: Option<Checking>,
}

impl History {
    /// What was waited for may have been purged meanwhile: whether there is nothing more to come. Asked only when the
    /// server has had nothing for a while.
    fn poll_done(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.checking.is_none() && self.reader.messages.idle_heartbeats() > self.checked {
            self.checked = self.reader.messages.idle_heartbeats();
            self.checking = Some(Box::pin(self.reader.messages.consumer_info()));
        }
        let Some(checking) = &mut self.checking else { return Poll::Pending };
        let info = ready!(checking.as_mut().poll(context));
        self.checking = None;
        // If it failed, it is asked again after the next heartbeat.
        self.done = info.is_ok_and(|info| self.reader.messages.delivered_all(&info));
        if self.done { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl futures_util::Stream for History {
    type Item = Result<Entry, WatcherError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.done {
            return Poll::Ready(None);
        }
        let message = match self.reader.messages.poll_next_unpin(context) {
            Poll::Ready(Some(message)) => message.map_err(WatcherError::from),
            Poll::Ready(None) if self.failed => return Poll::Ready(None),
            Poll::Ready(None) => Err(WatcherError::with_source(WatcherErrorKind::Other, UNFINISHED)),
            Poll::Pending => return self.poll_done(context).map(|()| None),
        };
        let entry = message.and_then(|message| self.reader.entry(&message));
        self.failed = entry.is_err();
        Poll::Ready(Some(entry.map(|entry| {
            self.done = entry.delta == 0;
            Entry { seen_current: self.done, ..entry }
        })))
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("bucket", &self.reader.bucket).finish_non_exhaustive()
    }
}

/// All keys that have a value, each once. It ends with the last, or with an error if the client ends before.
#[derive(Debug)]
pub struct Keys {
    latest: History,
    given: HashSet<String>,
    /// What follows once the consumer was replaced: whether each key has a value, as far as it was read. A new consumer
    /// brings every change, and only the last of a key counts.
    changed: BTreeMap<String, bool>,
}

impl futures_util::Stream for Keys {
    type Item = Result<String, WatcherError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let (key, has_value) = match ready!(self.latest.poll_next_unpin(context)) {
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(entry)) => {
                    let has_value = entry.operation == Operation::Put;
                    if self.latest.reader.messages.is_replaced() {
                        self.changed.insert(entry.key, has_value);
                        continue;
                    }
                    (entry.key, has_value)
                }
                None => match self.changed.pop_first() {
                    Some(last) => last,
                    None => return Poll::Ready(None),
                },
            };
            if has_value && self.given.insert(key.clone()) {
                return Poll::Ready(Some(Ok(key)));
            }
        }
    }
}

impl Store {
    /// The changes of a key, or of all that match a filter, from now on.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut changes = store.watch("user.*").await?;
    /// while let Some(entry) = changes.try_next().await? {
    ///     println!("{:?} {}", entry.operation, entry.key);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch<T: AsRef<str>>(&self, key: T) -> Result<Watch, WatchError> {
        self.follow_keys([key], DeliverPolicy::New).await
    }

    /// The changes of several keys or filters from now on.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let changes = store.watch_many(["theme", "user.*"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch_many<T, K>(&self, keys: K) -> Result<Watch, WatchError>
    where
        T: AsRef<str>,
        K: IntoIterator<Item = T>,
    {
        self.follow_keys(keys, DeliverPolicy::New).await
    }

    /// The changes of a key from a revision on.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let changes = store.watch_from_revision("theme", 7).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch_from_revision<T: AsRef<str>>(
        &self,
        key: T,
        revision: u64,
    ) -> Result<Watch, WatchError> {
        self.follow_keys([key], DeliverPolicy::ByStartSequence { start_sequence: revision }).await
    }

    /// A key as it is, and then its changes.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let changes = store.watch_with_history("theme").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch_with_history<T: AsRef<str>>(&self, key: T) -> Result<Watch, WatchError> {
        self.follow_keys([key], DeliverPolicy::LastPerSubject).await
    }

    /// Several keys or filters as they are, and then their changes.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let changes = store.watch_many_with_history(["theme", "user.*"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch_many_with_history<T: AsRef<str>, K: IntoIterator<Item = T>>(
        &self,
        keys: K,
    ) -> Result<Watch, WatchError> {
        self.follow_keys(keys, DeliverPolicy::LastPerSubject).await
    }

    /// The changes of all keys from now on.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let changes = store.watch_all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch_all(&self) -> Result<Watch, WatchError> {
        self.watch(">").await
    }

    /// The changes of all keys from a revision on.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// let changes = store.watch_all_from_revision(7).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch_all_from_revision(&self, revision: u64) -> Result<Watch, WatchError> {
        self.watch_from_revision(">", revision).await
    }

    /// The values that a key has had, as far as the bucket keeps them.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let values: Vec<_> = store.history("theme").await?.try_collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn history<T: AsRef<str>>(&self, key: T) -> Result<History, HistoryError> {
        if !is_valid_key(key.as_ref()) {
            return Err(HistoryErrorKind::InvalidKey.into());
        }
        self.past(OrderedConfig {
            filter_subject: format!("{}{}", self.prefix, key.as_ref()),
            ..OrderedConfig::default()
        })
        .await
    }

    /// All keys that have a value.
    ///
    /// ```
    /// # async fn example(store: nats_wasm_shim::jetstream::kv::Store) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    ///
    /// let keys: Vec<String> = store.keys().await?.try_collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn keys(&self) -> Result<Keys, HistoryError> {
        let config = OrderedConfig {
            filter_subject: format!("{}>", self.prefix),
            headers_only: true,
            deliver_policy: DeliverPolicy::LastPerSubject,
            ..OrderedConfig::default()
        };
        Ok(Keys { latest: self.past(config).await?, given: HashSet::new(), changed: BTreeMap::new() })
    }

    async fn past(&self, config: OrderedConfig) -> Result<History, HistoryError> {
        let (reader, pending) = self.read(config).await?;
        Ok(History { reader, done: pending == 0, failed: false, checked: 0, checking: None })
    }

    async fn follow_keys<T: AsRef<str>>(
        &self,
        keys: impl IntoIterator<Item = T>,
        deliver_policy: DeliverPolicy,
    ) -> Result<Watch, WatchError> {
        let mut filters: Vec<_> =
            keys.into_iter().map(|key| format!("{}{}", self.prefix, key.as_ref())).collect();
        // One filter has a field of its own, as in async-nats. It does not show in the subject of the request, as the
        // consumer has no name; only in that of one which replaces it.
        let filter_subject = if filters.len() == 1 { filters.remove(0) } else { String::new() };
        let config = OrderedConfig {
            filter_subject,
            filter_subjects: filters,
            deliver_policy,
            ..OrderedConfig::default()
        };
        let (reader, pending) = self.read(config).await?;
        Ok(Watch { reader, seen_current: pending == 0 })
    }

    /// A reader, and how many messages wait for it.
    async fn read(&self, config: OrderedConfig) -> Result<(Reader, u64), WatchError> {
        let consumer = self.stream.create_consumer(config).await?;
        let pending = consumer.cached_info().num_pending;
        let messages = consumer.messages().await?;
        Ok((Reader { messages, prefix: self.prefix.clone(), bucket: self.name.clone() }, pending))
    }
}

//! What survives a reconnect, and nothing else: who subscribes to what, what waits to be sent, and who waits for it.

use std::collections::VecDeque;

use bytes::BytesMut;

use crate::numbered::Numbered;
use crate::{Subject, encode};

use super::outbox::Outbox;
use super::requests::Requests;

/// The number of a flush, never used twice on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlushId(pub(super) u64);

/// Everything that a new link to a server takes over from the old one.
#[derive(Default)]
pub(super) struct Session {
    pub(super) subscriptions: Numbered<u64, Subscription>,
    pub(super) requests: Requests,
    pub(super) outbox: Outbox,
    /// Flushes that wait for a link.
    pub(super) flushes: VecDeque<FlushId>,
    /// The subscription to the inbox that all requests share, once there has been a request.
    pub(super) inbox_sid: Option<u64>,
    last_sid: u64,
    last_flush: u64,
}

/// One subscription.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) subject: Subject,
    pub(super) queue: Option<String>,
    /// Messages delivered so far, over all links.
    pub(super) delivered: u64,
    /// Of these, those delivered before the present link: the server counts from there.
    pub(super) delivered_before: u64,
    /// It ends by itself after this many.
    pub(super) max: Option<u64>,
}

impl Subscription {
    /// After how many messages on the present link it ends by itself, as the server counts.
    pub(super) fn max_on_link(&self) -> Option<u64> {
        self.max.map(|max| max.saturating_sub(self.delivered_before))
    }
}

impl Session {
    pub(super) fn add_subscription(&mut self, subject: Subject, queue: Option<String>) -> u64 {
        self.last_sid += 1;
        self.subscriptions.insert(
            self.last_sid,
            Subscription { subject, queue, delivered: 0, delivered_before: 0, max: None },
        );
        self.last_sid
    }

    /// Counts a message for a subscription, and says whether it is the last. `None` for one that has just been ended:
    /// its messages are nobody's.
    #[inline]
    pub(super) fn count_delivered(&mut self, sid: u64) -> Option<bool> {
        let subscription = self.subscriptions.get_mut(sid)?;
        subscription.delivered += 1;
        Some(subscription.max.is_some_and(|max| subscription.delivered >= max))
    }

    pub(super) fn add_flush(&mut self) -> FlushId {
        self.last_flush += 1;
        FlushId(self.last_flush)
    }

    /// Subscribes anew on a new link; a subscription that ends by itself gets what remains.
    pub(super) fn resubscribe(&mut self, out: &mut BytesMut) {
        for (sid, subscription) in self.subscriptions.iter_mut() {
            subscription.delivered_before = subscription.delivered;
            encode::subscribe(out, &subscription.subject, subscription.queue.as_deref(), sid);
            if let Some(max) = subscription.max_on_link() {
                encode::unsubscribe(out, sid, Some(max));
            }
        }
    }
}

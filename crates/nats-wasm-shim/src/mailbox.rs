//! What the driver has for one consumer: a queue that wakes its reader once, however much is put in before it runs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A new mailbox that holds at most `capacity` items.
pub(crate) fn mailbox<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let inner = Inner { items: VecDeque::new(), capacity, waker: None, closed: false };
    let shared = Arc::new(Mutex::new(inner));
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

/// The driver's end. Dropping it ends the mailbox, after what is in it.
#[derive(Debug)]
pub(crate) struct Sender<T>(Arc<Mutex<Inner<T>>>);

/// The consumer's end.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Arc<Mutex<Inner<T>>>);

#[derive(Debug)]
struct Inner<T> {
    items: VecDeque<T>,
    capacity: usize,
    waker: Option<Waker>,
    closed: bool,
}

/// An item was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The consumer is too far behind.
    Full,
    /// There is no consumer any more.
    Closed,
}

fn lock<T>(shared: &Mutex<Inner<T>>) -> MutexGuard<'_, Inner<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Sender<T> {
    #[inline]
    pub(crate) fn send(&self, item: T) -> Result<(), Refused> {
        self.send_within(usize::MAX, item)
    }

    /// The same with another bound, if that is the lower one.
    #[inline]
    pub(crate) fn send_within(&self, most: usize, item: T) -> Result<(), Refused> {
        let mut inner = lock(&self.0);
        if inner.closed {
            return Err(Refused::Closed);
        }
        if inner.items.len() >= inner.capacity.min(most) {
            return Err(Refused::Full);
        }
        inner.items.push_back(item);
        let waker = inner.waker.take();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }
}

impl<T> Sender<T> {
    /// Puts an item into a mailbox that has `most` already, in the place of the newest of these, or behind it if that
    /// stays; what came behind it before goes.
    pub(crate) fn squeeze(&self, most: usize, item: T, stays: impl FnOnce(&T) -> bool) {
        let mut inner = lock(&self.0);
        inner.items.truncate(most);
        if inner.items.back().is_some_and(|newest| !stays(newest)) {
            inner.items.pop_back();
        }
        inner.items.push_back(item);
    }

    /// Whether there is no consumer any more.
    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.0).closed
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut inner = lock(&self.0);
        inner.closed = true;
        let waker = inner.waker.take();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Receiver<T> {
    /// The next item; `None` when there will be no more.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut inner = lock(&self.0);
        if let Some(item) = inner.items.pop_front() {
            return Poll::Ready(Some(item));
        }
        if inner.closed {
            return Poll::Ready(None);
        }
        match &mut inner.waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => inner.waker = Some(context.waker().clone()),
        }
        Poll::Pending
    }

    /// Takes nothing more, and forgets what is in it.
    pub(crate) fn close(&mut self) {
        let mut inner = lock(&self.0);
        inner.closed = true;
        let items = std::mem::take(&mut inner.items);
        drop(inner);
        drop(items);
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.close();
    }
}

//! A deadline that moves while things go well: one timer of the browser serves it however often it moves.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gloo_timers::future::TimeoutFuture;
use send_wrapper::SendWrapper;

use crate::browser;

/// Waits this long, and is pending until then.
pub(crate) fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
    SendWrapper::new(TimeoutFuture::new(milliseconds(duration)))
}

fn milliseconds(duration: Duration) -> u32 {
    // A browser's timers take 31 bits; whoever waits longer asks again.
    u32::try_from(duration.as_millis().saturating_add(1)).unwrap_or(u32::MAX).min(1 << 30)
}

/// Goes off when nothing was heard for a while.
pub(crate) struct Alarm {
    after: Duration,
    due: Duration,
    timer: Option<SendWrapper<TimeoutFuture>>,
}

impl Alarm {
    /// One that goes off after this long; never, if it is zero.
    pub(crate) fn new(after: Duration) -> Self {
        Self { after, due: browser::now().saturating_add(after), timer: None }
    }

    /// Something was heard: it begins anew.
    pub(crate) fn put_off(&mut self) {
        if !self.after.is_zero() {
            self.due = browser::now().saturating_add(self.after);
        }
    }

    /// Whether it has gone off. It then begins anew.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.after.is_zero() {
            return Poll::Pending;
        }
        loop {
            let timer = self.timer.get_or_insert_with(|| {
                let wait = self.due.saturating_sub(browser::now());
                SendWrapper::new(TimeoutFuture::new(milliseconds(wait)))
            });
            if Pin::new(&mut **timer).poll(context).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
            if self.due <= browser::now() {
                self.put_off();
                return Poll::Ready(());
            }
        }
    }
}

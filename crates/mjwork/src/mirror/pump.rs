//! The one task that reads for a mirror: brings in what the reader has, follows the connection, and keeps house.

use super::{Inner, LinkState};
use crate::Duration;
use crate::reader::{Fault, Reader, Step};
use crate::transport::{self, Link, Turn};
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::Weak;
use tokio::sync::oneshot;

/// How often the connection is looked at. No message waits for this.
const TICK: Duration = Duration::from_millis(100);
/// After so many ticks what somebody waits for is asked for.
const NUDGE: u32 = 3;
/// So long a mirror is opened against faults that may pass.
const PATIENCE: Duration = Duration::from_secs(30);
/// So often expired things are forgotten: a part of the time that they live, within these limits.
const FORGET: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// A reader, the connection that it reads by, and the mirror that it reads for.
pub(super) struct Pump {
    reader: Reader,
    link: Link,
    /// Ticks since the first that somebody waits for has not come.
    missed: u32,
    forgot: Duration,
}

impl Pump {
    pub fn new(inner: &Inner, link: Link) -> Self {
        Self {
            reader: Reader::open(inner.client.clone(), inner.source.clone()),
            link,
            missed: 0,
            forgot: transport::elapsed(),
        }
    }

    /// Reads until all that the stream holds has been applied.
    pub async fn open(&mut self, inner: &Inner) -> Result<(), Fault> {
        let mut failing = None;
        while !inner.is_synced() {
            let next = {
                let step = pin!(self.reader.next());
                match select(step, pin!(transport::sleep(TICK))).await {
                    Either::Left((step, _)) => Some(step),
                    Either::Right(((), _)) => None,
                }
            };
            match next {
                Some(Step::Fault(fault)) => {
                    let since = *failing.get_or_insert_with(transport::elapsed);
                    let is_over = transport::elapsed().saturating_sub(since) >= PATIENCE;
                    if is_final(&fault) || (is_over && self.link.is_up()) {
                        return Err(fault);
                    }
                }
                Some(step) => {
                    failing = None;
                    self.take(inner, step);
                }
                None => self.tick(inner),
            }
        }
        Ok(())
    }

    /// Reads for as long as there is somebody to read for.
    pub async fn run(mut self, inner: Weak<Inner>, mut closed: oneshot::Receiver<()>) {
        let mut tick = Box::pin(transport::sleep(TICK));
        loop {
            let next = {
                let step = pin!(self.reader.next());
                let other = select(&mut tick, &mut closed);
                match select(step, other).await {
                    Either::Left((step, _)) => Some(step),
                    Either::Right((Either::Left(_), _)) => None,
                    Either::Right((Either::Right(_), _)) => return,
                }
            };
            // Held for no longer than it takes: with the last mirror the reading ends.
            let Some(inner) = inner.upgrade() else { return };
            if let Some(step) = next {
                self.take(&inner, step);
            } else {
                tick = Box::pin(transport::sleep(TICK));
                self.tick(&inner);
            }
        }
    }

    fn take(&mut self, inner: &Inner, step: Step) {
        let local = transport::elapsed();
        // After a reset what was said before is of the stream that was.
        if !matches!(step, Step::Reset) && !inner.is_synced() {
            inner.state().learn(self.reader.stream_info(), local);
        }
        match step {
            Step::Events(events) => {
                let more = inner.state().apply(&events, &inner.source.subjects, local);
                inner.told(more);
            }
            Step::Synced { seq } => {
                {
                    let mut state = inner.state();
                    // Of a line that was cut meanwhile one does not know what it missed.
                    if self.link.is_up() {
                        state.synced(local);
                    }
                    state.passed(seq);
                }
                inner.told(true);
            }
            Step::Reset => {
                inner.state().reset();
                inner.told(true);
            }
            Step::Fault(fault) => {
                tracing::warn!(%fault, "the stream cannot be read for now");
                inner.state().interrupted();
                inner.told(false);
            }
        }
    }

    fn tick(&mut self, inner: &Inner) {
        let local = transport::elapsed();
        if let Some(turn) = self.link.look() {
            {
                let mut state = inner.state();
                state.interrupted();
                state.clock.reconnected();
            }
            if turn == Turn::Up {
                self.reader.reconnected();
            }
            let is_up = self.link.is_up();
            inner.link.send_modify(|link| *link = LinkState { is_up, ups: link.ups + u64::from(is_up) });
            inner.told(false);
        }
        self.nudge(inner);
        let mut state = inner.state();
        let lives = state.info.as_ref().map_or(Duration::ZERO, crate::reader::StreamInfo::max_age);
        let every = if lives.is_zero() { FORGET.1 } else { (lives / 20).clamp(FORGET.0, FORGET.1) };
        if local.saturating_sub(self.forgot) >= every {
            self.forgot = local;
            state.forget(local);
        }
    }

    /// Asks for what somebody waits for: a live message can be lost.
    fn nudge(&mut self, inner: &Inner) {
        let (wanted, more) = {
            let mut state = inner.state();
            let more = state.synced.is_some() && state.passed(self.reader.position());
            (state.wanted(), more)
        };
        if more {
            inner.told(true);
        }
        self.missed = if wanted.is_some() { self.missed + 1 } else { 0 };
        if let Some(seq) = wanted
            && self.missed >= NUDGE
        {
            self.missed = 0;
            self.reader.saw(seq);
        }
    }
}

/// Whether waiting will not mend it.
fn is_final(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::NoSuchStream { .. } | Fault::NoDirectGet { .. } | Fault::NotAllowed { .. } | Fault::Closed
    )
}

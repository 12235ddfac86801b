//! The server's time, told by a process whose own clock may be wrong: by what live messages took to come.

use crate::{Duration, Timestamp};

/// For so long what a message told counts at the least, and for twice as long at the most: clocks drift apart.
const WINDOW: Duration = Duration::from_secs(300);

/// How far this process' clock is ahead of the server's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    /// The least that a live message took by the two clocks, in this window and in the one before, in nanoseconds: the
    /// one that says most about their difference.
    least: [Option<i64>; 2],
    /// When this window began.
    turned: Duration,
    /// The newest server time that was seen.
    newest: Timestamp,
}

impl Clock {
    /// Takes in a message that was stored at `stored` and is here at `local`.
    pub fn live(&mut self, stored: Timestamp, local: Duration) {
        if local.saturating_sub(self.turned) >= WINDOW {
            self.least = [None, self.least[0]];
            self.turned = local;
        }
        let took = nanos(local).saturating_sub(stored.as_nanos());
        self.least[0] = Some(self.least[0].map_or(took, |least| least.min(took)));
        self.history(stored);
    }

    /// Takes in a message out of the history: the server's clock is at least there.
    pub fn history(&mut self, stored: Timestamp) {
        self.newest = self.newest.max(stored);
    }

    /// Forgets what live messages told: this machine may have slept meanwhile.
    pub fn reconnected(&mut self) {
        self.least = [None, None];
    }

    /// The server's time at `local`.
    pub fn now(&self, local: Duration) -> Timestamp {
        let ahead = self.least.into_iter().flatten().min();
        let told = ahead.map(|ahead| Timestamp::from_nanos(nanos(local).saturating_sub(ahead)));
        told.map_or(self.newest, |told| told.max(self.newest))
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_quickest_message_tells_the_difference() {
        let mut clock = Clock::default();
        clock.live(Timestamp::from_millis(1_000_000), ms(130));
        clock.live(Timestamp::from_millis(1_001_000), ms(1_105));
        clock.live(Timestamp::from_millis(1_002_000), ms(2_900));
        assert_eq!(clock.now(ms(3_105)), Timestamp::from_millis(1_003_000));
    }

    #[test]
    fn a_clock_that_drifts_is_followed() {
        let mut clock = Clock::default();
        // Ours gains a millisecond a minute.
        for minute in 0..100 {
            let stored = Timestamp::from_secs(i64::try_from(60 * minute).unwrap());
            clock.live(stored, ms(60_000 * minute + minute));
        }
        let error = clock.now(ms(60_000 * 99 + 99)).as_millis() - 60_000 * 99;
        assert!((0..=10).contains(&error), "{error} ms");
    }

    #[test]
    fn history_alone_never_goes_back() {
        let mut clock = Clock::default();
        clock.history(Timestamp::from_secs(90));
        clock.history(Timestamp::from_secs(80));
        assert_eq!(clock.now(ms(5)), Timestamp::from_secs(90));
        clock.live(Timestamp::from_secs(91), ms(10));
        clock.reconnected();
        assert_eq!(clock.now(ms(1_010)), Timestamp::from_secs(91));
    }
}

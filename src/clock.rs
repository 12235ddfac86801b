//! The server's time, told by a browser whose own clock may be wrong.
//! All ages and all liveness on the board are by this clock, and none is negative.

use mjwork::Timestamp;

/// How far the browser's clock is ahead of the server's, as far as messages tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerClock {
    /// The least that a live message took by the two clocks, in ms: the one that says most about their difference.
    ahead: Option<i64>,
    /// The newest server time that was seen.
    newest: Timestamp,
}

impl ServerClock {
    /// Takes in a message that was stored at `stored` and has just arrived, by the browser's clock `local_ms`.
    pub fn live(&mut self, stored: Timestamp, local_ms: i64) {
        let took = local_ms - stored.as_millis();
        self.ahead = Some(self.ahead.map_or(took, |least| least.min(took)));
        self.newest = self.newest.max(stored);
    }

    /// Takes in a message out of the history: the server's clock is at least there.
    pub fn history(&mut self, stored: Timestamp) {
        self.newest = self.newest.max(stored);
    }

    /// Whether anything has told the difference yet.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.ahead.is_some()
    }

    /// Forgets what live messages told: a machine may have slept meanwhile.
    pub fn reconnected(&mut self) {
        self.ahead = None;
    }

    /// The server's time when the browser's clock says `local_ms`.
    #[must_use]
    pub fn now(&self, local_ms: i64) -> Timestamp {
        Timestamp::from_millis(local_ms - self.ahead.unwrap_or(0)).max(self.newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quickest_message_tells_the_difference() {
        let mut clock = ServerClock::default();
        assert_eq!(clock.now(5_000), Timestamp::from_millis(5_000));
        clock.live(Timestamp::from_millis(1_000), 61_030);
        clock.live(Timestamp::from_millis(2_000), 62_005);
        clock.live(Timestamp::from_millis(3_000), 63_400);
        assert_eq!(clock.now(64_005), Timestamp::from_millis(4_000));
    }

    #[test]
    fn a_browser_that_is_behind_never_shows_the_future() {
        let mut clock = ServerClock::default();
        clock.history(Timestamp::from_millis(90_000));
        assert_eq!(clock.now(10_000), Timestamp::from_millis(90_000));
        clock.live(Timestamp::from_millis(91_000), 11_000);
        assert_eq!(clock.now(12_000), Timestamp::from_millis(92_000));
    }
}

//! The state of the connection, as the header says it and as the hooks of the page name it.

use crate::format::{age, time_of_day};
use mjwork::Timestamp;

/// Where the connection stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// The first attempt is under way.
    #[default]
    Connecting,
    /// It is there.
    Connected,
    /// It was lost, and the next attempt follows.
    Reconnecting {
        /// Which attempt since the loss, from 1; 0 before the first is planned.
        attempt: u32,
        /// When it follows, by the browser's clock in ms.
        next_ms: i64,
    },
    /// It is over, and somebody must connect again.
    Closed {
        /// Why, in a sentence.
        reason: String,
    },
}

/// What is known of the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub phase: Phase,
    /// Whether all that the stream holds has been applied.
    pub synced: bool,
    /// The last moment at which the board was known to be good, by the browser's clock in ms, while it is not.
    pub stale_since_ms: Option<i64>,
}

impl Link {
    /// The value of `data-connection`.
    #[must_use]
    pub const fn hook(&self) -> &'static str {
        match self.phase {
            Phase::Connecting => "connecting",
            Phase::Connected => "connected",
            Phase::Reconnecting { .. } => "reconnecting",
            Phase::Closed { .. } => "closed",
        }
    }

    /// Whether the history is being read for the first time.
    #[must_use]
    pub const fn is_reading(&self) -> bool {
        !self.synced && !self.is_stale()
    }

    /// Whether what is shown may be old.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.stale_since_ms.is_some()
    }

    /// The connection came about, for the first time or again.
    pub fn connected(&mut self) {
        self.phase = Phase::Connected;
    }

    /// It was lost, or its next attempt is planned. What was good until now is stale from now on.
    pub fn reconnecting(&mut self, attempt: u32, delay_ms: i64, now_ms: i64) {
        self.stale(now_ms);
        self.phase = Phase::Reconnecting { attempt, next_ms: now_ms + delay_ms };
    }

    /// All that the stream holds has been applied.
    pub fn synced(&mut self) {
        self.synced = true;
        self.stale_since_ms = None;
    }

    /// It is over.
    pub fn closed(&mut self, reason: String, now_ms: i64) {
        self.stale(now_ms);
        self.phase = Phase::Closed { reason };
    }

    /// Nothing can be read for now, whatever the connection does.
    pub fn stale(&mut self, now_ms: i64) {
        if self.synced {
            self.stale_since_ms = Some(now_ms);
        }
        self.synced = false;
    }

    /// What the header says at `now_ms`, in a zone that many minutes east of UTC.
    #[must_use]
    pub fn sentence(&self, now_ms: i64, east_minutes: i64) -> String {
        let state = match &self.phase {
            Phase::Connecting => "Connecting".to_owned(),
            Phase::Connected if self.synced => "Connected".to_owned(),
            Phase::Connected => "Connected, reading".to_owned(),
            Phase::Reconnecting { attempt: 0, .. } => "Reconnecting".to_owned(),
            Phase::Reconnecting { attempt, next_ms } => {
                let seconds = (next_ms - now_ms).max(0).unsigned_abs().div_ceil(1_000);
                match seconds {
                    0 => format!("Reconnecting (attempt {attempt})"),
                    _ => format!("Reconnecting (attempt {attempt}, next try in {seconds} s)"),
                }
            }
            Phase::Closed { .. } => "Disconnected".to_owned(),
        };
        match self.stale_since_ms {
            None => state,
            Some(since) => {
                let ago = mjwork::Duration::from_millis((now_ms - since).max(0).unsigned_abs());
                let at = time_of_day(Timestamp::from_millis(since), east_minutes);
                format!("{state} · stale since {at}, {}", age(ago))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_says_since_when_until_all_is_read_again() {
        let mut link = Link::default();
        assert_eq!((link.hook(), link.sentence(0, 0).as_str()), ("connecting", "Connecting"));
        link.connected();
        assert_eq!(link.sentence(0, 0), "Connected, reading");
        link.synced();
        assert_eq!((link.hook(), link.sentence(0, 0).as_str()), ("connected", "Connected"));

        link.reconnecting(0, 0, 3_600_000);
        link.reconnecting(2, 4_000, 3_605_000);
        assert!(!link.synced && link.is_stale() && link.hook() == "reconnecting");
        assert_eq!(
            link.sentence(3_607_500, 0),
            "Reconnecting (attempt 2, next try in 2 s) · stale since 01:00:00, 7 s"
        );
        link.connected();
        assert_eq!(link.sentence(3_610_000, 60), "Connected, reading · stale since 02:00:00, 10 s");
        link.synced();
        assert_eq!(link.sentence(3_610_000, 0), "Connected");

        link.closed("gone".into(), 3_700_000);
        assert_eq!((link.hook(), link.is_stale()), ("closed", true));
    }

    #[test]
    fn a_board_that_never_was_good_is_not_stale() {
        let mut link = Link::default();
        link.reconnecting(1, 0, 5_000);
        assert!(!link.is_stale());
        assert_eq!(link.sentence(5_000, 0), "Reconnecting (attempt 1)");
    }
}

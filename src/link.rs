//! The state of the connection, as the header says it and as the hooks of the page name it.

use crate::advice::Notice;
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
        /// Why, and what to do.
        why: Notice,
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
    /// The last moment before the page slept, by the browser's clock in ms, until the server has given a sign of life
    /// behind everything that came meanwhile.
    pub slept_since_ms: Option<i64>,
    /// Whether something stands in the way of reading, though the connection is there.
    pub hindered: bool,
    /// Whether the server is about to shut down.
    pub leaving: bool,
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
        let is_closed = matches!(self.phase, Phase::Closed { .. });
        !self.synced && !self.is_stale() && !self.hindered && !is_closed
    }

    /// Whether what is shown may be old.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.stale_since_ms.is_some() || self.slept_since_ms.is_some()
    }

    /// The connection came about, for the first time or again.
    pub fn connected(&mut self) {
        self.phase = Phase::Connected;
        self.leaving = false;
        self.hindered = false;
    }

    /// It was lost, or its next attempt is planned. What was good until now is stale from now on.
    pub fn reconnecting(&mut self, attempt: u32, delay_ms: i64, now_ms: i64) {
        self.stale(now_ms);
        self.phase = Phase::Reconnecting { attempt, next_ms: now_ms + delay_ms };
    }

    /// All that the stream holds has been applied.
    pub fn synced(&mut self) {
        self.synced = true;
        self.hindered = false;
        self.stale_since_ms = None;
        self.slept_since_ms = None;
    }

    /// The page has slept: nobody knows what is true now.
    pub fn slept(&mut self, since_ms: i64) {
        if self.synced && self.slept_since_ms.is_none() {
            self.slept_since_ms = Some(since_ms);
        }
    }

    /// The server has given a sign of life, and what it sent meanwhile has come before.
    pub fn awake(&mut self) {
        self.slept_since_ms = None;
    }

    /// It is over.
    pub fn closed(&mut self, why: Notice, now_ms: i64) {
        self.stale(now_ms);
        self.phase = Phase::Closed { why };
    }

    /// Nothing can be read for now, though the connection is there.
    pub fn hindered(&mut self, now_ms: i64) {
        self.stale(now_ms);
        self.hindered = true;
    }

    fn stale(&mut self, now_ms: i64) {
        if self.synced {
            self.stale_since_ms = Some(self.slept_since_ms.unwrap_or(now_ms));
        }
        self.slept_since_ms = None;
        self.synced = false;
    }

    /// Whether the next attempt is waited for, so that one may ask for it now.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Reconnecting { .. })
    }

    /// The state in words that do not tick, for who listens to the page.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match &self.phase {
            Phase::Connecting => "Connecting",
            Phase::Connected if self.slept_since_ms.is_some() => "Checking the connection",
            Phase::Connected if self.leaving => "Connected, the server is shutting down",
            Phase::Connected if self.synced => "Connected",
            Phase::Connected if self.hindered => "Connected, but nothing can be read",
            Phase::Connected => "Connected, reading",
            Phase::Reconnecting { .. } => "Reconnecting",
            Phase::Closed { .. } => "Disconnected",
        }
    }

    /// What the header says at `now_ms`, in a zone that many minutes east of UTC.
    #[must_use]
    pub fn sentence(&self, now_ms: i64, east_minutes: i64) -> String {
        let state = match &self.phase {
            Phase::Reconnecting { attempt, next_ms } if *attempt > 0 => {
                let seconds = (next_ms - now_ms).max(0).unsigned_abs().div_ceil(1_000);
                match seconds {
                    0 => format!("Reconnecting (attempt {attempt})"),
                    _ => format!("Reconnecting (attempt {attempt}, next try in {seconds} s)"),
                }
            }
            _ => self.word().to_owned(),
        };
        match self.slept_since_ms.or(self.stale_since_ms) {
            None => state,
            Some(since) => {
                let ago = mjwork::Duration::from_millis((now_ms - since).max(0).unsigned_abs());
                let at = time_of_day(Timestamp::from_millis(since), east_minutes);
                // What matters most stands first, as a narrow page cuts the rest.
                format!("Stale since {at}, {} · {}", age(ago), lower(&state))
            }
        }
    }
}

/// The same words within a sentence.
fn lower(words: &str) -> String {
    let mut words = words.to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
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
            "Stale since 01:00:00, 7 s · reconnecting (attempt 2, next try in 2 s)"
        );
        link.connected();
        assert_eq!(link.sentence(3_610_000, 60), "Stale since 02:00:00, 10 s · connected, reading");
        link.synced();
        assert_eq!(link.sentence(3_610_000, 0), "Connected");

        link.closed(Notice::say("gone"), 3_700_000);
        assert_eq!((link.hook(), link.is_stale()), ("closed", true));
    }

    #[test]
    fn a_page_that_slept_is_stale_until_the_server_answers() {
        let mut link = Link::default();
        link.slept(1_000);
        assert!(!link.is_stale(), "there was nothing to go stale");
        link.connected();
        link.synced();
        link.slept(1_000);
        link.slept(9_000);
        assert!(link.is_stale() && link.synced);
        assert_eq!(link.sentence(61_000, 0), "Stale since 00:00:01, 1 min · checking the connection");
        link.awake();
        assert_eq!((link.is_stale(), link.sentence(61_000, 0).as_str()), (false, "Connected"));
        // Where it was dead, it has been so since then.
        link.slept(70_000);
        link.reconnecting(1, 0, 90_000);
        link.awake();
        assert_eq!(link.sentence(90_000, 0), "Stale since 00:01:10, 20 s · reconnecting (attempt 1)");
        assert!(link.is_waiting());
    }

    #[test]
    fn a_server_that_goes_away_says_so_until_another_is_there() {
        let mut link = Link { leaving: true, ..Link::default() };
        assert_eq!(link.word(), "Connecting");
        link.connected();
        link.leaving = true;
        link.synced();
        assert_eq!(link.sentence(0, 0), "Connected, the server is shutting down");
        link.reconnecting(1, 0, 0);
        link.connected();
        assert_eq!(link.word(), "Connected, reading");
    }

    #[test]
    fn what_stands_in_the_way_is_no_reading() {
        let mut link = Link::default();
        link.connected();
        assert!(link.is_reading());
        link.hindered(1_000);
        assert!(!link.is_reading() && !link.is_stale());
        assert_eq!(link.word(), "Connected, but nothing can be read");
        link.synced();
        link.hindered(2_000);
        assert_eq!(link.stale_since_ms, Some(2_000));
        link.connected();
        assert_eq!(link.word(), "Connected, reading");
        let mut closed = Link::default();
        closed.closed(Notice::say("gone"), 0);
        assert!(!closed.is_reading());
    }

    #[test]
    fn a_board_that_never_was_good_is_not_stale() {
        let mut link = Link::default();
        link.reconnecting(1, 0, 5_000);
        assert!(!link.is_stale());
        assert_eq!(link.sentence(5_000, 0), "Reconnecting (attempt 1)");
    }
}

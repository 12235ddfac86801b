//! This machine's clock beside the server's. No clock of a client decides anything; but certificates and credentials
//! are judged by this one, and people compare times.

use super::Check;
use mjwork::{Duration, Timestamp};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What is further apart is said.
const APART: Duration = Duration::from_secs(5);

/// A question for the server's time, under way.
pub struct Asking {
    local: SystemTime,
    start: Instant,
}

/// What both clocks said, and how exact that is.
pub struct Reading {
    server: Timestamp,
    local: Timestamp,
    /// How long the question and its answer took.
    trip: Duration,
}

impl Reading {
    /// Asks now.
    pub fn begin() -> Asking {
        Asking { local: SystemTime::now(), start: Instant::now() }
    }
}

impl Asking {
    /// The server has answered.
    pub fn end(self, server: Timestamp) -> Reading {
        let trip = self.start.elapsed();
        let since = self.local.duration_since(UNIX_EPOCH).unwrap_or_default();
        // The server looked at its clock at some time between: half-way is the best guess.
        Reading { server, local: Timestamp::default() + since + trip / 2, trip }
    }
}

pub fn check(reading: &Reading) -> Check {
    if reading.server == Timestamp::default() {
        return Check::warn("clock", "the server does not say what time it is", "compare the clocks by hand");
    }
    let (ahead, behind) = (reading.local.since(reading.server), reading.server.since(reading.local));
    let apart = ahead.max(behind);
    if apart <= APART + reading.trip {
        return Check::ok("clock", format!("within {:.1} s of the server's", apart.as_secs_f64().max(0.1)));
    }
    let which = if ahead > behind { "ahead of" } else { "behind" };
    let message = format!(
        "this machine's clock is {} {which} the server's; the queue goes by the server's",
        crate::output::age(apart)
    );
    Check::warn("clock", message, "set it by NTP: certificates and credentials are judged by it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    #[test]
    fn clocks_are_compared_as_exactly_as_the_way_allows() {
        let read = |server: i64, local: i64, trip: u64| {
            check(&Reading {
                server: Timestamp::from_secs(server),
                local: Timestamp::from_secs(local),
                trip: Duration::from_secs(trip),
            })
        };
        assert_eq!(read(1_000, 1_003, 0).level, Level::Ok);
        assert_eq!(read(1_000, 1_008, 4).level, Level::Ok);
        let check = read(1_000, 4_600, 0);
        assert!(
            check.level == Level::Warn && check.message.contains("1 h 00 min ahead of"),
            "{}",
            check.message
        );
        assert!(read(4_600, 1_000, 0).message.contains("behind"));
        assert_eq!(read(0, 1_000, 0).level, Level::Warn);
    }
}

//! Looking at the past: which moment, how the address and the slider say it, and from where to fold up to it.

use crate::format::date_time;
use crate::live::Known;
use mjwork::{Duration, Timestamp};

/// So many moments are kept to come back to.
const FRAMES: usize = 16;
/// So many tasks they have together, each counted where it is kept; one that did not change between two is there once.
const FRAME_TASKS: usize = 400_000;

/// A moment as the address has it: UTC, to the second.
#[must_use]
pub fn to_param(at: Timestamp) -> String {
    format!("{}Z", date_time(at, 0)[..19].replace(' ', "T"))
}

/// Reads a moment out of an address: RFC 3339.
#[must_use]
pub fn from_param(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text)
}

/// What the slider spans: the first message that the stream still has, and now. Whole seconds, the first of which knows
/// that message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    first: i64,
    last: i64,
}

impl Span {
    /// From one moment to another.
    #[must_use]
    pub fn new(first: Timestamp, last: Timestamp) -> Self {
        let first = -(-first.as_millis()).div_euclid(1_000);
        Self { first, last: last.as_millis().div_euclid(1_000).max(first) }
    }

    /// How many seconds it has.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.last - self.first
    }

    /// How many seconds after its beginning a moment lies, or the nearest within it.
    #[must_use]
    pub fn place(self, at: Timestamp) -> i64 {
        at.as_millis().div_euclid(1_000).clamp(self.first, self.last) - self.first
    }

    /// The moment so many seconds after its beginning.
    #[must_use]
    pub fn moment(self, place: i64) -> Timestamp {
        Timestamp::from_secs((self.first + place.max(0)).min(self.last))
    }

    /// Where a key leads from a moment: arrows a minute, pages an hour, Home and End to the ends.
    #[must_use]
    pub fn by_key(self, key: &str, at: Timestamp) -> Option<Timestamp> {
        let place = self.place(at);
        let place = match key {
            "ArrowLeft" | "ArrowDown" => place - 60,
            "ArrowRight" | "ArrowUp" => place + 60,
            "PageDown" => place - 3_600,
            "PageUp" => place + 3_600,
            "Home" => 0,
            "End" => self.seconds(),
            _ => return None,
        };
        Some(self.moment(place))
    }

    /// How far the fold is on its way to `at` when it has come to `now`, in whole percent.
    #[must_use]
    pub fn percent(self, now: Timestamp, at: Timestamp) -> usize {
        let percent = self.place(now) * 100 / self.place(at).max(1);
        usize::try_from(percent.clamp(0, 100)).unwrap_or(0)
    }
}

/// From where to fold up to a moment.
#[derive(Debug)]
pub enum Start {
    /// From where the fold stands.
    Here,
    /// From a moment that was kept.
    Frame(Box<Known>),
    /// From the first message.
    Beginning,
}

/// Moments on the way that were kept, oldest first, so that going back does not begin at the beginning.
#[derive(Debug, Default)]
pub struct Frames {
    kept: Vec<Known>,
}

impl Frames {
    /// From where to fold up to `at`, when the fold stands at `here`.
    #[must_use]
    pub fn start(&self, at: Timestamp, here: Option<Timestamp>) -> Start {
        let frame = self.kept.iter().rfind(|known| known.board.last_time() <= at);
        let here = here.filter(|here| *here <= at);
        match (frame, here) {
            (Some(frame), Some(here)) if frame.board.last_time() <= here => Start::Here,
            (None, Some(_)) => Start::Here,
            (Some(frame), _) => Start::Frame(Box::new(frame.clone())),
            (None, None) => Start::Beginning,
        }
    }

    /// Whether a moment is far enough from those that are kept.
    #[must_use]
    pub fn wants(&self, at: Timestamp, span: Span) -> bool {
        let apart = u64::try_from(span.seconds()).unwrap_or(0) / (FRAMES as u64 * 2);
        let apart = Duration::from_secs(apart.max(1));
        let next = self.kept.partition_point(|known| known.board.last_time() <= at);
        let before = next.checked_sub(1).and_then(|before| self.kept.get(before));
        let is_far = |one: Timestamp, other: Timestamp| other.since(one) >= apart;
        before.is_none_or(|known| is_far(known.board.last_time(), at))
            && self.kept.get(next).is_none_or(|known| is_far(at, known.board.last_time()))
    }

    /// Keeps a moment. Where there are too many, the one goes that lies nearest to the one before it.
    pub fn keep(&mut self, known: Known) {
        let at = known.board.last_time();
        let place = self.kept.partition_point(|other| other.board.last_time() <= at);
        self.kept.insert(place, known);
        let tasks = |kept: &[Known]| kept.iter().map(|known| known.board.tasks().len()).sum::<usize>();
        while self.kept.len() > 1 && (self.kept.len() > FRAMES || tasks(&self.kept) > FRAME_TASKS) {
            let apart = |pair: &[Known]| pair[1].board.last_time().since(pair[0].board.last_time());
            let nearest = self.kept.windows(2).enumerate().min_by_key(|(_, pair)| apart(pair));
            let Some(at) = nearest.map(|(at, _)| at + 1) else { return };
            self.kept.remove(at);
        }
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.kept.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    #[test]
    fn the_address_says_a_moment_to_the_second() {
        let at = Timestamp::from_millis(1_709_164_799_250);
        assert_eq!(to_param(at), "2024-02-28T23:59:59Z");
        assert_eq!(from_param(&to_param(at)), Some(Timestamp::from_secs(1_709_164_799)));
        assert_eq!(from_param("2024-02-29T00:59:59+01:00"), Some(Timestamp::from_secs(1_709_164_799)));
        assert_eq!((from_param(""), from_param("yesterday")), (None, None));
    }

    #[test]
    fn the_slider_stays_within_what_the_stream_has() {
        let span = Span::new(Timestamp::from_millis(999_100), Timestamp::from_millis(9_000_100));
        assert_eq!((span.seconds(), span.place(Timestamp::from_secs(1_060))), (8_000, 60));
        assert_eq!(span.place(Timestamp::from_secs(1)), 0);
        assert_eq!(span.moment(1_000_000), Timestamp::from_secs(9_000));
        let at = Timestamp::from_secs(5_000);
        for (key, to) in [
            ("ArrowLeft", 4_940),
            ("ArrowUp", 5_060),
            ("PageDown", 1_400),
            ("PageUp", 8_600),
            ("Home", 1_000),
            ("End", 9_000),
        ] {
            assert_eq!(span.by_key(key, at), Some(Timestamp::from_secs(to)), "{key}");
        }
        assert_eq!(span.by_key("a", at), None);
        assert_eq!(span.by_key("PageDown", Timestamp::from_secs(1_100)), Some(Timestamp::from_secs(1_000)));
        assert_eq!(span.percent(Timestamp::from_secs(3_000), at), 50);
        assert_eq!((span.percent(at, Timestamp::default()), Span::default().seconds()), (100, 0));
    }

    /// Boards at each of these seconds after 1,000.
    fn boards(events: u64) -> Vec<Known> {
        let mut script = Script::new();
        let known = |n| {
            script.available(&format!("t{n}"), "");
            Known { board: script.board.clone(), ..Known::default() }
        };
        (0..events).map(known).collect()
    }

    fn second(n: i64) -> Timestamp {
        Timestamp::from_secs(1_000 + n)
    }

    #[test]
    fn the_shortest_way_is_taken() {
        let mut frames = Frames::default();
        assert!(matches!(frames.start(second(5), None), Start::Beginning));
        assert!(matches!(frames.start(second(5), Some(second(4))), Start::Here));
        assert!(matches!(frames.start(second(5), Some(second(6))), Start::Beginning), "it never goes back");
        let boards = boards(30);
        frames.keep(boards[9].clone());
        frames.keep(boards[19].clone());
        let from = |at, here| match frames.start(at, here) {
            Start::Here => "here".to_owned(),
            Start::Frame(known) => known.board.last_seq().to_string(),
            Start::Beginning => "the beginning".to_owned(),
        };
        assert_eq!(from(second(25), None), "20");
        assert_eq!(from(second(25), Some(second(15))), "20");
        assert_eq!(from(second(25), Some(second(22))), "here");
        assert_eq!(from(second(12), Some(second(22))), "10");
        assert_eq!(from(second(5), Some(second(22))), "the beginning");
    }

    #[test]
    fn what_is_kept_is_spread_and_bounded() {
        let mut frames = Frames::default();
        let boards = boards(300);
        let span = Span::new(second(0), second(320));
        for known in &boards {
            if frames.wants(known.board.last_time(), span) {
                frames.keep(known.clone());
            }
        }
        assert_eq!(frames.kept.len(), FRAMES);
        assert!(!frames.wants(frames.kept[3].board.last_time(), span));
        for known in boards {
            frames.keep(known);
        }
        assert_eq!(frames.kept.len(), FRAMES);
        assert!(frames.kept.is_sorted_by_key(|known| known.board.last_time()));
        frames.clear();
        assert!(matches!(frames.start(second(5), None), Start::Beginning));
    }
}

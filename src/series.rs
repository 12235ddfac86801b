//! What happened when, counted by the minute of the server's clock: the data of the charts.
//! Bounded: a week of minutes, and only those in which something happened.

use mjwork::Timestamp;
use mjwork::board::{Counts, Status, Verdict};
use mjwork::event::Event;
use std::collections::VecDeque;

/// So many minutes are kept.
pub const MINUTES: u32 = 7 * 24 * 60;
/// The form in which a series is kept on the device.
const FORMAT: u8 = 1;

/// One minute in which something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Minute {
    /// Which, since 1970.
    at: u32,
    done: Done,
    /// How many tasks had each status at its end.
    left: [u32; 6],
}

/// What was done in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Tasks that were completed.
    pub completed: u32,
    /// Tasks that failed.
    pub failed: u32,
    /// Heartbeats, of all agents together.
    pub beats: u32,
}

impl Done {
    fn add(&mut self, more: Self) {
        self.completed = self.completed.saturating_add(more.completed);
        self.failed = self.failed.saturating_add(more.failed);
        self.beats = self.beats.saturating_add(more.beats);
    }
}

/// Some minutes taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// When it begins.
    pub start: Timestamp,
    /// What was done in it.
    pub done: Done,
    /// How many tasks had each status at its end; none before anything is known.
    pub left: Option<[u32; 6]>,
}

impl Bucket {
    /// How many tasks had this status at its end.
    #[must_use]
    pub fn left_as(&self, status: Status) -> u32 {
        self.left.map_or(0, |left| left[status as usize])
    }

    /// How many tasks were neither finished nor withdrawn at its end.
    #[must_use]
    pub fn open(&self) -> u32 {
        [Status::Blocked, Status::Available, Status::InProgress].into_iter().map(|s| self.left_as(s)).sum()
    }
}

/// The minutes of the last week, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    minutes: VecDeque<Minute>,
}

/// The minute in which this time lies.
fn minute_of(time: Timestamp) -> u32 {
    u32::try_from(time.as_millis().div_euclid(60_000)).unwrap_or(0)
}

fn start_of(minute: u32) -> Timestamp {
    Timestamp::from_millis(i64::from(minute) * 60_000)
}

impl Series {
    /// Whether nothing has happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.minutes.is_empty()
    }

    /// Takes in an event that was stored at `time`, after which the fold counts `counts`.
    pub fn note(&mut self, time: Timestamp, event: &Event<'_>, verdict: &Verdict, counts: Counts) {
        let counts_as = *verdict == Verdict::Accepted;
        let done = match event {
            Event::Completed(_) if counts_as => Done { completed: 1, ..Done::default() },
            Event::Failed(_) if counts_as => Done { failed: 1, ..Done::default() },
            Event::Heartbeat(_) => Done { beats: 1, ..Done::default() },
            _ => Done::default(),
        };
        let at = minute_of(time);
        // A server's clock that was set back does not change what is past.
        if self.minutes.back().is_none_or(|last| last.at < at) {
            let first = at.saturating_sub(MINUTES - 1);
            while self.minutes.front().is_some_and(|minute| minute.at < first) {
                self.minutes.pop_front();
            }
            self.minutes.push_back(Minute { at, ..Minute::default() });
        }
        if let Some(last) = self.minutes.back_mut() {
            last.done.add(done);
            last.left = Status::ALL.map(|status| u32::try_from(counts.of(status)).unwrap_or(u32::MAX));
        }
    }

    /// The last `buckets` spans of `span` minutes each, up to the one in which `now` lies. A span in which nothing
    /// happened is there too, with what was left before it.
    #[must_use]
    pub fn window(&self, now: Timestamp, span: u32, buckets: u32) -> Vec<Bucket> {
        let span = span.max(1);
        let end = (minute_of(now) / span + 1) * span;
        let first = end.saturating_sub(span.saturating_mul(buckets));
        let mut from = self.minutes.partition_point(|minute| minute.at < first);
        let mut left = from.checked_sub(1).and_then(|before| self.minutes.get(before)).map(|m| m.left);
        let mut window = Vec::new();
        let mut start = first;
        while start < end {
            let mut done = Done::default();
            while let Some(minute) = self.minutes.get(from).filter(|minute| minute.at < start + span) {
                done.add(minute.done);
                left = Some(minute.left);
                from += 1;
            }
            window.push(Bucket { start: start_of(start), done, left });
            start += span;
        }
        window
    }

    /// The series as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        put(&mut out, u32::try_from(self.minutes.len()).unwrap_or(0));
        let mut before = 0;
        for minute in &self.minutes {
            put(&mut out, minute.at - before);
            before = minute.at;
            let Done { completed, failed, beats } = minute.done;
            for number in [completed, failed, beats].into_iter().chain(minute.left) {
                put(&mut out, number);
            }
        }
        out
    }

    /// Reads what [`Series::encode`] wrote; none of anything else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (format, mut rest) = bytes.split_first()?;
        if *format != FORMAT {
            return None;
        }
        let count = take(&mut rest)?;
        if count > MINUTES {
            return None;
        }
        let mut minutes = VecDeque::new();
        let mut at = 0_u32;
        for n in 0..count {
            let later = take(&mut rest)?;
            if n > 0 && later == 0 {
                return None;
            }
            at = at.checked_add(later)?;
            let done =
                Done { completed: take(&mut rest)?, failed: take(&mut rest)?, beats: take(&mut rest)? };
            let mut left = [0; 6];
            for number in &mut left {
                *number = take(&mut rest)?;
            }
            minutes.push_back(Minute { at, done, left });
        }
        rest.is_empty().then_some(Self { minutes })
    }
}

/// A number, seven bits a byte, the lowest first.
fn put(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn take(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for shift in (0..35).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        let part = u32::from(byte & 0x7f);
        number |= part.checked_shl(shift).filter(|shifted| shifted >> shift == part)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::board::Board;
    use mjwork::event::Subjects;

    /// A fold that is told the minute of each event.
    #[derive(Default)]
    struct Told {
        board: Board,
        series: Series,
        seq: u64,
    }

    impl Told {
        fn at(&mut self, minute: i64, subject: &str, body: &str) {
            self.seq += 1;
            let subject = format!("mjwork.{subject}");
            let event = Event::decode(Subjects::default().topic(&subject), body.as_bytes());
            let time = Timestamp::from_secs(minute * 60 + 7);
            let change = self.board.apply(self.seq, time, &subject, &event);
            self.series.note(time, &event, &change.verdict, self.board.counts());
        }

        fn task(&mut self, minute: i64, id: &str) {
            self.at(minute, "tasks.available", &format!(r#"{{"task_id":"{id}","title":"t"}}"#));
        }

        fn done(&mut self, minute: i64, verb: &str, id: &str) {
            let body = format!(r#"{{"task_id":"{id}","agent_id":"a","error":"e"}}"#);
            self.at(minute, "tasks.claimed", &body);
            self.at(minute, &format!("tasks.{verb}"), &body);
        }
    }

    fn fleet() -> Told {
        let mut told = Told::default();
        for id in ["a", "b", "c", "d"] {
            told.task(100, id);
        }
        told.done(101, "completed", "a");
        told.done(101, "completed", "a");
        told.done(105, "failed", "b");
        told.at(105, "heartbeat.a", r#"{"agent_id":"a"}"#);
        told.done(106, "completed", "c");
        told
    }

    #[test]
    fn only_what_counts_is_counted_and_gaps_keep_what_was_left() {
        let told = fleet();
        let window = told.series.window(Timestamp::from_secs(108 * 60), 1, 10);
        let completed: Vec<u32> = window.iter().map(|b| b.done.completed).collect();
        assert_eq!(completed, [0, 0, 1, 0, 0, 0, 0, 1, 0, 0], "the second word on a counts for nothing");
        assert_eq!(window.iter().map(|b| b.done.failed).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(window[6].done.beats, 1);
        assert_eq!(window[0].left, None, "nothing is known of the time before");
        assert_eq!(window.iter().map(Bucket::open).collect::<Vec<_>>(), [0, 4, 3, 3, 3, 3, 2, 1, 1, 1]);
        assert_eq!(window[9].left_as(Status::Failed), 1);
        assert_eq!(window[0].start, Timestamp::from_secs(99 * 60));
    }

    #[test]
    fn spans_add_up_and_lie_on_whole_multiples() {
        let told = fleet();
        let window = told.series.window(Timestamp::from_secs(107 * 60 + 30), 5, 2);
        assert_eq!(window.iter().map(|b| b.start.as_millis() / 60_000).collect::<Vec<_>>(), [100, 105]);
        assert_eq!(window.iter().map(|b| b.done.completed).collect::<Vec<_>>(), [1, 1]);
        let later = told.series.window(Timestamp::from_secs(500 * 60), 1, 3);
        assert_eq!(later.iter().map(Bucket::open).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(Series::default().window(Timestamp::default(), 1, 3).len(), 1, "time begins in 1970");
    }

    #[test]
    fn a_week_is_kept_and_no_more() {
        let mut told = Told::default();
        for minute in 0..i64::from(MINUTES) + 500 {
            told.at(minute, "heartbeat.a", r#"{"agent_id":"a"}"#);
        }
        assert_eq!(told.series.minutes.len(), MINUTES as usize);
        assert_eq!(told.series.minutes[0].at, 500);
        // A clock that is set back adds to the last minute.
        told.at(3, "heartbeat.a", r#"{"agent_id":"a"}"#);
        assert_eq!(told.series.minutes.len(), MINUTES as usize);
        assert_eq!(told.series.minutes.back().unwrap().done.beats, 2);
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let series = fleet().series;
        let bytes = series.encode();
        assert_eq!(Series::decode(&bytes).as_ref(), Some(&series));
        assert_eq!(Series::decode(&Series::default().encode()), Some(Series::default()));
        for cut in 0..bytes.len() {
            assert_eq!(Series::decode(&bytes[..cut]), None);
        }
        assert_eq!(Series::decode(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(Series::decode(&[FORMAT, 0xff, 0xff, 0xff, 0xff, 0x7f]), None);
        for number in [0, 127, 128, u32::MAX] {
            let mut out = Vec::new();
            put(&mut out, number);
            assert_eq!(take(&mut out.as_slice()), Some(number));
        }
    }
}

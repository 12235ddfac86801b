//! The raw log as somebody reads it: what matches of what is at hand, and a log that stands still while one reads.

use crate::messages::{Lines, Message, Messages};
use crate::search::Search;
use crate::subject::SubjectFilter;
use mjwork::Sequence;
use std::collections::VecDeque;
use std::sync::Arc;

/// So many messages a log that stands still holds at the most; beyond, the newest of them leave.
pub const HELD: usize = 25_000;

/// What is looked for among messages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Under which subjects; none for all.
    pub subject: Option<SubjectFilter>,
    /// What stands in subject or body.
    pub search: Search,
}

impl Query {
    /// Whether everything is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.subject.is_none() && self.search.is_empty()
    }

    /// Whether a message with this subject and body is meant.
    #[must_use]
    pub fn matches(&self, subject: &str, body: &str) -> bool {
        self.subject.as_ref().is_none_or(|filter| filter.matches(subject))
            && (self.search.is_empty() || self.search.matches_any(&[subject, body]))
    }

    fn is_met(&self, message: &Message) -> bool {
        self.matches(&message.subject, &message.preview)
    }
}

/// What matches, oldest first. It is kept as messages come, so that none is looked at twice.
#[derive(Debug, Default)]
pub struct Matches {
    query: Query,
    found: VecDeque<Sequence>,
    /// What was looked at: from the first to the last.
    seen: Option<(Sequence, Sequence)>,
}

impl Matches {
    /// Brings it up to date with what is at hand.
    pub fn update(&mut self, lines: &Lines, query: &Query) {
        let ends = lines.ends();
        let goes_on = self.query == *query
            && matches!((self.seen, ends), (Some((first, last)), Some((f, l))) if f >= first && l >= last);
        if !goes_on {
            self.query = query.clone();
            self.found.clear();
            self.seen = None;
        }
        let last = self.seen.map_or(0, |(_, last)| last);
        self.found.extend(lines.after(last).filter(|m| query.is_met(m)).map(|m| m.seq));
        if let Some((first, _)) = ends {
            while self.found.front().is_some_and(|seq| *seq < first) {
                self.found.pop_front();
            }
        }
        self.seen = ends;
    }

    /// How many match.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The match at this place from the newest, 0.
    #[must_use]
    pub fn newest(&self, place: usize) -> Option<Sequence> {
        self.found.len().checked_sub(place + 1).and_then(|at| self.found.get(at)).copied()
    }

    /// At which place from the newest a match stands.
    #[must_use]
    pub fn position(&self, seq: Sequence) -> Option<usize> {
        self.found.binary_search(&seq).ok().map(|at| self.found.len() - 1 - at)
    }
}

/// A log that stands still: what was at hand when it was stopped, and what was loaded from the stream since.
#[derive(Debug)]
pub struct Held {
    /// What it holds.
    pub lines: Lines,
    /// What came later is new.
    pub until: Sequence,
    /// What was loaded is only what has these subjects.
    pub loaded_for: Option<SubjectFilter>,
    /// The next older part ends before this.
    pub before: Sequence,
    /// Whether something was loaded.
    pub is_loaded: bool,
}

impl Held {
    /// Stops the log as it is now.
    #[must_use]
    pub fn new(messages: &Messages, last: Sequence) -> Self {
        let lines = messages.lines().clone();
        let before = lines.ends().map_or(last + 1, |(first, _)| first);
        Self { lines, until: last, loaded_for: None, before, is_loaded: false }
    }

    /// Takes in an older part, oldest first, that begins at `from`.
    pub fn load(&mut self, from: Sequence, part: Vec<Message>, filter: Option<&SubjectFilter>) {
        self.loaded_for = filter.cloned();
        self.is_loaded = true;
        self.before = from;
        self.lines.put_before(part.into_iter().map(Arc::new), HELD);
    }
}

/// How many messages that match have come since; `None` when more came than can be told.
#[must_use]
pub fn since(messages: &Messages, until: Sequence, query: &Query) -> Option<usize> {
    let lines = messages.lines();
    if lines.ends().is_some_and(|(first, _)| first > until + 1) && messages.total() > lines.len() {
        return None;
    }
    Some(lines.after(until).filter(|m| query.is_met(m)).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::Timestamp;
    use mjwork::board::Verdict;
    use mjwork::event::{Event, Subjects};

    fn message(seq: u64) -> Message {
        let subject = if seq.is_multiple_of(2) { "mjwork.coordination" } else { "mjwork.errors" };
        let body = format!(r#"{{"message":"number {seq}"}}"#);
        let event = Event::decode(Subjects::default().topic(subject), body.as_bytes());
        Message::new(seq, Timestamp::default(), subject, body.as_bytes(), &event, &Verdict::Noted)
    }

    fn messages(seqs: impl Iterator<Item = u64>) -> Messages {
        let mut messages = Messages::default();
        seqs.for_each(|seq| messages.push(message(seq)));
        messages
    }

    fn query(subject: &str, search: &str) -> Query {
        Query { subject: SubjectFilter::parse(subject).ok(), search: Search::new(search) }
    }

    #[test]
    fn what_matches_is_kept_as_messages_come_and_go() {
        let mut log = messages(1..=4_999);
        let mut matches = Matches::default();
        let talk = query("mjwork.coordination", "");
        matches.update(log.lines(), &talk);
        assert_eq!((matches.len(), matches.newest(0), matches.newest(2_498)), (2_499, Some(4_998), Some(2)));
        for seq in 5_000..=5_004 {
            log.push(message(seq));
        }
        matches.update(log.lines(), &talk);
        // 5 to 5,004 are at hand.
        assert_eq!((matches.len(), matches.newest(0), matches.newest(2_499)), (2_500, Some(5_004), Some(6)));
        assert_eq!(
            (matches.position(5_004), matches.position(6), matches.position(7)),
            (Some(0), Some(2_499), None)
        );
        matches.update(log.lines(), &query("", "NUMBER 77"));
        assert_eq!(matches.newest(matches.len() - 1), Some(77));
        matches.update(&Lines::default(), &talk);
        assert!(matches.is_empty());
        matches.update(log.lines(), &Query::default());
        assert_eq!(matches.len(), 5_000);
    }

    #[test]
    fn a_log_that_stands_still_counts_what_comes() {
        let mut log = messages(1..=10);
        let held = Held::new(&log, 10);
        for seq in 11..=14 {
            log.push(message(seq));
        }
        assert_eq!(held.lines.len(), 10);
        assert_eq!(since(&log, held.until, &Query::default()), Some(4));
        assert_eq!(since(&log, held.until, &query("mjwork.coordination", "")), Some(2));
        for seq in 15..=6_000 {
            log.push(message(seq));
        }
        assert_eq!(since(&log, held.until, &Query::default()), None);
    }

    #[test]
    fn what_is_loaded_stands_before_and_is_bounded() {
        let log = messages(20_001..=25_000);
        let mut held = Held::new(&log, 25_000);
        assert_eq!(held.before, 20_001);
        let mut matches = Matches::default();
        matches.update(&held.lines, &Query::default());
        held.load(10_001, (10_001..=20_000).map(message).collect(), None);
        matches.update(&held.lines, &Query::default());
        assert_eq!((matches.len(), matches.newest(14_999)), (15_000, Some(10_001)));
        held.load(1, (1..=10_000).map(message).collect(), None);
        held.load(1, Vec::new(), None);
        assert_eq!((held.lines.len(), held.lines.ends(), held.before), (HELD, Some((1, 25_000)), 1));
        let mut more = Held::new(&log, 25_000);
        more.load(1, (1..=20_000).chain([]).map(message).collect(), None);
        more.load(0, (0..=0).map(message).collect(), None);
        assert_eq!(more.lines.ends(), Some((0, 24_999)), "the newest leaves");
    }
}

//! The raw log: the newest messages as they came, readable or not.
//! What is kept is copied, so that no frame of the socket stays alive for a line of text.

use mjwork::board::Verdict;
use mjwork::event::Event;
use mjwork::{Sequence, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;

/// So many messages are kept; older ones are in the stream.
pub const KEPT: usize = 5_000;
/// So many bytes of a body are kept.
const PREVIEW_BYTES: usize = 1_000;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it lies in the stream.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
    /// Its subject.
    pub subject: Box<str>,
    /// The size of its body in bytes.
    pub size: usize,
    /// How its body begins.
    pub preview: Box<str>,
    /// Why it does not count: unreadable, or refused by the fold.
    pub fault: Option<Fault>,
}

/// Why a message does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read.
    Unreadable(Box<str>),
    /// The fold refused it.
    Refused(Box<str>),
}

impl Message {
    /// What of a message is kept.
    #[must_use]
    pub fn new(
        seq: Sequence,
        time: Timestamp,
        subject: &str,
        body: &[u8],
        event: &Event<'_>,
        verdict: &Verdict,
    ) -> Self {
        let fault = match (event, verdict.refusal()) {
            (Event::Unreadable(unreadable), _) => Some(Fault::Unreadable(unreadable.to_string().into())),
            (_, Some(refusal)) => Some(Fault::Refused(refusal.to_string().into())),
            _ => None,
        };
        Self { seq, time, subject: subject.into(), size: body.len(), preview: preview(body), fault }
    }
}

fn preview(body: &[u8]) -> Box<str> {
    let cut = &body[..body.len().min(PREVIEW_BYTES)];
    let mut text: String =
        String::from_utf8_lossy(cut).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if cut.len() < body.len() {
        // The cut may have gone through a character.
        text.truncate(text.trim_end_matches(char::REPLACEMENT_CHARACTER).len());
        text.push('…');
    }
    text.into()
}

/// Messages by sequence, oldest first. A copy shares them.
#[derive(Clone, Debug, Default)]
pub struct Lines(VecDeque<Arc<Message>>);

impl Lines {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sequences of the first and the last.
    #[must_use]
    pub fn ends(&self) -> Option<(Sequence, Sequence)> {
        Some((self.0.front()?.seq, self.0.back()?.seq))
    }

    /// Those that came after `seq`, oldest first.
    pub fn after(&self, seq: Sequence) -> impl Iterator<Item = &Message> {
        self.0.range(self.0.partition_point(|m| m.seq <= seq)..).map(AsRef::as_ref)
    }

    /// The one with this sequence.
    #[must_use]
    pub fn find(&self, seq: Sequence) -> Option<&Message> {
        self.0.binary_search_by_key(&seq, |m| m.seq).ok().map(|at| &*self.0[at])
    }

    /// Puts older ones before them, oldest first, and keeps no more than `limit`: the newest leave.
    pub fn put_before(&mut self, older: impl DoubleEndedIterator<Item = Arc<Message>>, limit: usize) {
        for message in older.rev() {
            if self.0.front().is_none_or(|first| message.seq < first.seq) {
                self.0.push_front(message);
            }
        }
        self.0.truncate(limit);
    }
}

/// The newest messages, oldest first.
#[derive(Debug, Default)]
pub struct Messages {
    kept: Lines,
    total: usize,
}

impl Messages {
    /// How many there were in all.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.total
    }

    /// Those that are kept.
    #[must_use]
    pub const fn lines(&self) -> &Lines {
        &self.kept
    }

    /// Takes in the next one.
    pub fn push(&mut self, message: Message) {
        let Lines(kept) = &mut self.kept;
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::new(message));
        self.total += 1;
    }

    /// Takes in what was counted and not kept, oldest first: it stands before what is kept, as far as there is room.
    pub fn fill(&mut self, mut older: Vec<Message>) {
        let Lines(kept) = &self.kept;
        if let Some(first) = kept.front().map(|m| m.seq) {
            older.retain(|message| message.seq < first);
        }
        let over = (kept.len() + older.len()).saturating_sub(KEPT);
        older.drain(..over.min(older.len()));
        self.kept.put_before(older.into_iter().map(Arc::new), KEPT);
    }

    /// Counts messages that came and are not kept: so many newer ones follow that they would not stay.
    pub fn skip(&mut self, count: usize) {
        self.total += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::event::Subjects;

    fn message(seq: u64, body: &[u8]) -> Message {
        let subject = "mjwork.coordination";
        let event = Event::decode(Subjects::default().topic(subject), body);
        Message::new(seq, Timestamp::default(), subject, body, &event, &Verdict::Noted)
    }

    #[test]
    fn the_newest_are_kept_and_all_are_counted() {
        let mut messages = Messages::default();
        messages.skip(10);
        for seq in 11..=5_020 {
            messages.push(message(seq, b"{}"));
        }
        let lines = messages.lines();
        assert_eq!((messages.total(), lines.len(), lines.ends()), (5_020, KEPT, Some((21, 5_020))));
        assert_eq!(lines.find(21).map(|m| m.seq), Some(21));
        assert_eq!(lines.find(20), None);
        assert_eq!(lines.after(5_018).map(|m| m.seq).collect::<Vec<_>>(), [5_019, 5_020]);
        assert_eq!(lines.after(0).count(), KEPT);
    }

    #[test]
    fn what_was_only_counted_can_be_filled_in() {
        let mut messages = Messages::default();
        messages.skip(5_010);
        messages.fill((11..=5_010).map(|seq| message(seq, b"{}")).collect());
        assert_eq!((messages.total(), messages.lines().ends()), (5_010, Some((11, 5_010))));
        let mut messages = Messages::default();
        messages.skip(100);
        messages.push(message(101, b"{}"));
        messages.fill((1..=101).map(|seq| message(seq, b"{}")).collect());
        assert_eq!((messages.lines().len(), messages.lines().ends()), (101, Some((1, 101))));
        for seq in 102..=5_090 {
            messages.push(message(seq, b"{}"));
        }
        messages.fill(vec![message(0, b"{}")]);
        assert_eq!((messages.lines().len(), messages.lines().ends()), (KEPT, Some((91, 5_090))));
    }

    #[test]
    fn any_body_has_a_preview_of_bounded_size() {
        let long = "ü".repeat(1_000);
        let kept = message(1, long.as_bytes());
        assert_eq!((kept.size, kept.preview.chars().count()), (2_000, 501));
        let odd = format!("a{long}");
        assert!(message(1, odd.as_bytes()).preview.ends_with("ü…"));
        assert_eq!(&*message(1, b"a\nb\0").preview, "a b ");
        assert!(matches!(message(1, b"\xff").fault, Some(Fault::Unreadable(_))));
        assert_eq!(message(1, br#"{"agent_id":"a","message":"m"}"#).fault, None);
    }
}

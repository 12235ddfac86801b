//! The raw log: the newest messages as they came, readable or not.
//! What is kept is copied, so that no frame of the socket stays alive for a line of text.

use mjwork::board::Verdict;
use mjwork::event::Event;
use mjwork::{Sequence, Timestamp};
use std::collections::VecDeque;

/// So many messages are kept; older ones are in the stream.
pub const KEPT: usize = 5_000;
/// So many bytes of a body are kept.
const PREVIEW_BYTES: usize = 400;

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

/// The newest messages, oldest first.
#[derive(Debug, Default)]
pub struct Messages {
    kept: VecDeque<Message>,
    total: usize,
}

impl Messages {
    /// How many there were in all.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.total
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The message at this place from the newest, 0.
    #[must_use]
    pub fn newest(&self, place: usize) -> Option<&Message> {
        self.kept.len().checked_sub(place + 1).and_then(|at| self.kept.get(at))
    }

    /// At which place from the newest the message with this sequence stands.
    #[must_use]
    pub fn position(&self, seq: Sequence) -> Option<usize> {
        self.kept.binary_search_by_key(&seq, |m| m.seq).ok().map(|at| self.kept.len() - 1 - at)
    }

    /// The kept message with this sequence.
    #[must_use]
    pub fn find(&self, seq: Sequence) -> Option<&Message> {
        self.kept.binary_search_by_key(&seq, |m| m.seq).ok().and_then(|at| self.kept.get(at))
    }

    /// Takes in the next one.
    pub fn push(&mut self, message: Message) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(message);
        self.total += 1;
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
        assert_eq!((messages.total(), messages.len()), (5_020, KEPT));
        assert_eq!(messages.newest(0).map(|m| m.seq), Some(5_020));
        assert_eq!(messages.newest(KEPT - 1).map(|m| m.seq), Some(21));
        assert_eq!(messages.newest(KEPT), None);
        assert_eq!(messages.find(21).map(|m| m.seq), Some(21));
        assert_eq!(messages.find(20), None);
        assert_eq!((messages.position(5_020), messages.position(21)), (Some(0), Some(KEPT - 1)));
    }

    #[test]
    fn any_body_has_a_preview_of_bounded_size() {
        let long = "ü".repeat(1_000);
        let kept = message(1, long.as_bytes());
        assert_eq!((kept.size, kept.preview.chars().count()), (2_000, 201));
        let odd = format!("a{long}");
        assert!(message(1, odd.as_bytes()).preview.ends_with("ü…"));
        assert_eq!(&*message(1, b"a\nb\0").preview, "a b ");
        assert!(matches!(message(1, b"\xff").fault, Some(Fault::Unreadable(_))));
        assert_eq!(message(1, br#"{"agent_id":"a","message":"m"}"#).fault, None);
    }
}

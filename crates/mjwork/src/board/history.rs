//! All that happened to a task, packed: most boards are mostly history, and nearly none of it is ever looked at. An
//! event of a history costs some ten bytes and its own text, and becomes an [`Entry`] when somebody looks.
//!
//! Each entry lies behind the one before it:
//!
//! | part | as |
//! | --- | --- |
//! | verb, whether there is a text, whether it was refused, what is said of its writer | one byte |
//! | sequence and time | what was added since the entry before |
//! | writer and process, unless there are none or they are those of the last entry that has any | texts, the second perhaps absent |
//! | note, error or reason | a text |
//! | refusal | its number and its fields |

use super::packed::{Unpack, put_count, put_option, put_signed, put_text};
use super::task::Verb;
use super::{Refusal, Verdict};
use crate::{Sequence, Timestamp};
use std::fmt;

/// One event of a task's history. Its body is in the stream, under its sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'h> {
    /// Where it lies in the stream.
    pub seq: Sequence,
    /// When the server stored it.
    pub time: Timestamp,
    /// What it set out to do.
    pub verb: Verb,
    /// Who wrote it: an agent, or who stands in `by`.
    pub who: Option<&'h str>,
    /// The writer's process.
    pub session: Option<&'h str>,
    /// Its note, error or reason.
    pub text: Option<&'h str>,
    /// Why it does not count; none when it does.
    pub refused: Option<Refusal>,
}

impl Entry<'_> {
    /// The fold's word on it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.refused.clone().map_or(Verdict::Accepted, Verdict::Refused)
    }
}

/// All that happened to a task, in stream order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct History {
    bytes: Vec<u8>,
    len: u32,
    /// Where the last entry begins.
    last: u32,
    /// Where the last writer stands that stands anywhere.
    writer: u32,
    seq: Sequence,
    time: Timestamp,
}

/// Bytes for most of what happens to most tasks. What is left of them goes when the task is finished.
const ROOM: usize = 192;

const VERB: u8 = 0x0f;
const HAS_TEXT: u8 = 0x10;
const IS_REFUSED: u8 = 0x20;
/// It has a writer; the last one, unless it is named.
const HAS_WRITER: u8 = 0x40;
const NAMES_WRITER: u8 = 0x80;

impl History {
    /// How many events there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The oldest.
    #[must_use]
    pub fn first(&self) -> Option<Entry<'_>> {
        self.iter().next()
    }

    /// The newest. Costs no more than itself, however long the history.
    #[must_use]
    pub fn last(&self) -> Option<Entry<'_>> {
        let mut place = Place { at: self.last as usize, writer: self.writer as usize, ..Place::default() };
        // What it adds to the one before is not needed: where it ends up is known.
        let entry = self.read(&mut place).filter(|_| !self.is_empty())?;
        Some(Entry { seq: self.seq, time: self.time, ..entry })
    }

    /// The sequence of the newest; 0 where there is none.
    #[must_use]
    pub const fn last_seq(&self) -> Sequence {
        self.seq
    }

    /// The one at this sequence.
    #[must_use]
    pub fn find(&self, seq: Sequence) -> Option<Entry<'_>> {
        if seq > self.seq {
            return None;
        }
        self.iter().find(|entry| entry.seq >= seq).filter(|entry| entry.seq == seq)
    }

    /// All, oldest first. Whoever wants the newest first pays once for finding where each begins.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { history: self, front: Place::default(), left: self.len(), places: None }
    }

    /// Notes what comes next. Sequences grow.
    pub(super) fn push(&mut self, entry: &Entry<'_>) {
        let writer = entry.who.map(|who| (who, entry.session));
        let named = writer.filter(|writer| self.writer() != Some(*writer));
        let head = entry.verb as u8
            | flag(HAS_TEXT, entry.text.is_some())
            | flag(IS_REFUSED, entry.refused.is_some())
            | flag(HAS_WRITER, writer.is_some())
            | flag(NAMES_WRITER, named.is_some());
        self.last = place(self.bytes.len());
        if self.is_empty() {
            self.bytes.reserve_exact(ROOM);
        }
        self.bytes.push(head);
        put_count(&mut self.bytes, entry.seq.wrapping_sub(self.seq));
        put_signed(&mut self.bytes, entry.time.as_nanos().wrapping_sub(self.time.as_nanos()));
        if let Some((who, session)) = named {
            self.writer = place(self.bytes.len());
            put_text(&mut self.bytes, who);
            put_option(&mut self.bytes, session);
        }
        if let Some(text) = entry.text {
            put_text(&mut self.bytes, text);
        }
        if let Some(refusal) = &entry.refused {
            refusal.pack(&mut self.bytes);
        }
        (self.seq, self.time) = (entry.seq, entry.time);
        self.len += 1;
    }

    /// Nothing is to come for a while: gives up what room is left.
    pub(super) fn rest(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// Drops what was stored before `cutoff`, up to the first that was not. Gives when that was.
    pub(super) fn forget(&mut self, cutoff: Timestamp) -> Option<Timestamp> {
        let first = self.first()?.time;
        if first >= cutoff {
            return Some(first);
        }
        let mut rest = Self::default();
        for entry in self.iter().skip_while(|entry| entry.time < cutoff) {
            rest.push(&entry);
        }
        *self = rest;
        self.first().map(|entry| entry.time)
    }

    fn writer(&self) -> Option<(&str, Option<&str>)> {
        // The first byte is the head of an entry: nobody stands there.
        (self.writer > 0).then(|| writer(&self.bytes, self.writer as usize)).flatten()
    }

    fn read(&self, place: &mut Place) -> Option<Entry<'_>> {
        let mut bytes = Unpack::starting(&self.bytes, place.at);
        let head = bytes.byte()?;
        place.seq = place.seq.wrapping_add(bytes.count()?);
        place.time = place.time.wrapping_add(bytes.signed()?);
        if head & NAMES_WRITER != 0 {
            place.writer = bytes.at();
            bytes.text()?;
            bytes.option()?;
        }
        let (who, session) = match head & HAS_WRITER {
            0 => (None, None),
            _ => writer(&self.bytes, place.writer).map(|(who, session)| (Some(who), session))?,
        };
        let text = if head & HAS_TEXT == 0 { None } else { Some(bytes.text()?) };
        let refused = if head & IS_REFUSED == 0 { None } else { Some(Refusal::unpack(&mut bytes)?) };
        place.at = bytes.at();
        Some(Entry {
            seq: place.seq,
            time: Timestamp::from_nanos(place.time),
            verb: *Verb::ALL.get(usize::from(head & VERB))?,
            who,
            session,
            text,
            refused,
        })
    }

    /// As it lies in a snapshot.
    pub(super) fn pack(&self, out: &mut Vec<u8>) {
        put_count(out, u64::from(self.len));
        put_count(out, u64::from(self.last));
        put_count(out, u64::from(self.writer));
        put_count(out, self.seq);
        put_signed(out, self.time.as_nanos());
        put_count(out, self.bytes.len() as u64);
        out.extend_from_slice(&self.bytes);
    }

    pub(super) fn unpack(bytes: &mut Unpack<'_>) -> Option<Self> {
        let (len, last, writer) = (bytes.small()?, bytes.small()?, bytes.small()?);
        let (seq, time) = (bytes.count()?, Timestamp::from_nanos(bytes.signed()?));
        let length = bytes.size()?;
        Some(Self { bytes: bytes.bytes(length)?.to_vec(), len, last, writer, seq, time })
    }
}

const fn flag(flag: u8, is_set: bool) -> u8 {
    if is_set { flag } else { 0 }
}

/// Histories are shorter than four gigabytes: a stream keeps them for a while only.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn writer(bytes: &[u8], at: usize) -> Option<(&str, Option<&str>)> {
    let mut bytes = Unpack::starting(bytes, at);
    Some((bytes.text()?, bytes.option()?))
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<'h> IntoIterator for &'h History {
    type Item = Entry<'h>;
    type IntoIter = Iter<'h>;
    fn into_iter(self) -> Iter<'h> {
        self.iter()
    }
}

/// What has been read before an entry: all that it takes to read on.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    at: usize,
    writer: usize,
    seq: Sequence,
    time: i64,
}

/// The events of a history.
#[derive(Clone, Debug)]
pub struct Iter<'h> {
    history: &'h History,
    front: Place,
    left: usize,
    /// Where those begin that are left, once somebody asked for the last.
    places: Option<Vec<Place>>,
}

impl<'h> Iterator for Iter<'h> {
    type Item = Entry<'h>;

    fn next(&mut self) -> Option<Entry<'h>> {
        self.left = self.left.checked_sub(1)?;
        self.history.read(&mut self.front)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let Self { history, front, left, places } = self;
        let places = places.get_or_insert_with(|| {
            let mut place = *front;
            let mut next = || {
                let before = place;
                history.read(&mut place).map(|_| before)
            };
            (0..=*left).map_while(|_| next()).collect()
        });
        history.read(&mut places.pop()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Status;
    use proptest::prelude::*;

    fn refusal() -> impl Strategy<Value = Refusal> {
        let status = prop::sample::select(Status::ALL.to_vec());
        prop_oneof![
            Just(Refusal::UnknownTask),
            "[a-z]{1,9}".prop_map(|by| Refusal::Taken { by: by.parse().unwrap() }),
            ".{1,9}".prop_map(|by| Refusal::Blocked { by: by.parse().unwrap() }),
            status.clone().prop_map(|status| Refusal::Finished { status }),
            (any::<Option<u64>>(), any::<u64>())
                .prop_map(|(after, version)| Refusal::Stale { after, version }),
            ("[A-Z]{1,9}", any::<bool>()).prop_map(|(owner, other_session)| Refusal::NotOwner {
                owner: owner.parse().unwrap(),
                other_session
            }),
            any::<(u64, u64)>().prop_map(|(claim, current)| Refusal::StaleClaim { claim, current }),
            status.clone().prop_map(|status| Refusal::NotInProgress { status }),
            status.prop_map(|status| Refusal::NothingToRequeue { status }),
            any::<u64>().prop_map(|accept| Refusal::NoLateResult { accept }),
            any::<u64>().prop_map(|version| Refusal::FromTheFuture { version }),
        ]
    }

    type Parts = (u32, i64, usize, Option<String>, Option<String>, Option<String>, Option<Refusal>);

    fn parts() -> impl Strategy<Value = Parts> {
        let name = || prop::option::of(prop::sample::select(vec![String::new(), "a".into(), "ü".into()]));
        let text = prop::option::of(".{0,200}");
        (1_u32.., any::<i64>(), 0..Verb::ALL.len(), name(), name(), text, prop::option::of(refusal()))
    }

    proptest! {
        #[test]
        fn what_is_noted_is_read_again(all in prop::collection::vec(parts(), 0..20), skipped in 0_usize..20) {
            let mut history = History::default();
            let mut seq = 0;
            let mut entries = Vec::new();
            for (gap, time, verb, who, session, text, refused) in &all {
                seq += u64::from(*gap);
                let entry = Entry {
                    seq,
                    time: Timestamp::from_nanos(*time),
                    verb: Verb::ALL[*verb],
                    who: who.as_deref(),
                    session: session.as_deref().filter(|_| who.is_some()),
                    text: text.as_deref(),
                    refused: refused.clone(),
                };
                history.push(&entry);
                prop_assert_eq!(history.last(), Some(entry.clone()));
                entries.push(entry);
            }
            prop_assert_eq!(history.len(), entries.len());
            prop_assert_eq!(history.first(), entries.first().cloned());
            prop_assert_eq!(history.last_seq(), seq);
            prop_assert_eq!(&history.iter().collect::<Vec<_>>(), &entries);
            prop_assert_eq!(history.iter().rev().collect::<Vec<_>>(), entries.iter().rev().cloned().collect::<Vec<_>>());
            // From both ends at once.
            let (mut ours, mut theirs) = (history.iter(), entries.iter());
            for n in 0..skipped {
                let (a, b) = if n % 3 == 0 { (ours.next_back(), theirs.next_back()) } else { (ours.next(), theirs.next()) };
                prop_assert_eq!((a.as_ref(), ours.len()), (b, theirs.len()));
            }
            for entry in &entries {
                prop_assert_eq!(history.find(entry.seq), Some(entry.clone()));
                let other = entries.iter().find(|e| e.seq == entry.seq + 1);
                prop_assert_eq!(history.find(entry.seq + 1), other.cloned());
            }
            // What is dropped was never there.
            let cutoff = entries.get(skipped).map_or(Timestamp::MAX, |entry| entry.time);
            let mut rest = History::default();
            for entry in entries.iter().skip_while(|entry| entry.time < cutoff) {
                rest.push(entry);
            }
            prop_assert_eq!(history.clone().forget(cutoff), rest.first().map(|entry| entry.time));
            drop(entries);
            history.forget(cutoff);
            prop_assert_eq!(&history, &rest);
            // And it goes on from there.
            history.push(&Entry { seq: seq + 1, time: Timestamp::default(), verb: Verb::Progress, who: Some("a"),
                session: None, text: None, refused: None });
            prop_assert_eq!(history.last().map(|entry| (entry.seq, entry.who)), Some((seq + 1, Some("a"))));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..99), len: u32, last in 0_u32..99, writer in 0_u32..99) {
            let history = History { bytes, len, last, writer, ..History::default() };
            let _ = history.last();
            prop_assert!(history.iter().take(200).count() <= 200);
            prop_assert!(history.len() > 1_000 || history.iter().rev().take(200).count() <= 200);
        }
    }

    #[test]
    fn an_entry_costs_little() {
        let mut history = History::default();
        let mut entry = Entry {
            seq: 1_000,
            time: Timestamp::from_secs(1_800_000_000),
            verb: Verb::Claimed,
            who: Some("Agent-Alpha"),
            session: Some("b7c1d2e3-0001"),
            text: None,
            refused: None,
        };
        for _ in 0..10 {
            entry.seq += 300;
            entry.time = entry.time + crate::Duration::from_secs(60);
            history.push(&entry);
        }
        assert!(history.bytes.len() < 10 * 9 + 45, "{}", history.bytes.len());
    }
}

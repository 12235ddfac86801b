//! A board as bytes, for whoever wants to go on where it stood: [`Board::encode_snapshot`] and
//! [`Board::decode_snapshot`]. What comes back is the same board to the last entry of a history, so the rest of the
//! log folded onto it gives the fold of the whole.
//!
//! | part | as |
//! | --- | --- |
//! | `mjboard` and the number of this format | eight bytes |
//! | XXH64 of all that follows | eight bytes, lowest first |
//! | where the board stands: last sequence and time, `max_age`, oldest and due | numbers |
//! | names: agents, sessions and other short texts that many tasks share | texts |
//! | ids: those of the tasks, by their origin, then others that something names | texts |
//! | tasks, in that order ([`task`]) | |
//! | what names a task as its blocker | ids, in the order in which the board has them |
//! | agents, and what was said, went wrong and could not be read ([`record`]) | |
//!
//! Numbers and texts lie as [`packed`](super::packed) has them: sequences and times as what was added since the one
//! before, names and ids as places in their lists.
//!
//! A copy that was cut off, changed or made by another version is an error and never a wrong board: the sum is checked
//! before anything else, and what it lets through is still read without trust.

mod record;
mod task;

use super::packed::{Unpack, put_count, put_signed, put_text};
use super::{Board, Task};
use crate::{Duration, Sequence, TaskId, Timestamp};
use hashbrown::HashMap;
use std::fmt;
use std::sync::Arc;
use xxhash_rust::xxh64::xxh64;

/// What a snapshot begins with. The last byte is the number of the format: another one for every change of it, and of
/// what the fold makes of a log.
const MAGIC: [u8; 8] = *b"mjboard\x01";
const SUM: usize = size_of::<u64>();

/// Why bytes are no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// Another version made it, or it is none at all.
    Format,
    /// It was cut off or changed.
    Corrupt,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "the copy of the board is of another format",
            Self::Corrupt => "the copy of the board is cut off or changed",
        })
    }
}

impl std::error::Error for SnapshotError {}

impl Board {
    /// The whole board as bytes.
    #[must_use]
    pub fn encode_snapshot(&self) -> Vec<u8> {
        let mut making = self.make_snapshot();
        making.step(usize::MAX);
        making.finish()
    }

    /// The same in steps, for whoever has something else to do meanwhile: on a clone of the board, which costs little.
    ///
    /// ```
    /// use mjwork::board::Board;
    ///
    /// let board = Board::new();
    /// let mut making = board.make_snapshot();
    /// while making.step(1_000) {}
    /// assert_eq!(making.finish(), board.encode_snapshot());
    /// ```
    #[must_use]
    pub fn make_snapshot(&self) -> SnapshotMaking<'_> {
        let mut tasks: Vec<&Task> = self.tasks().collect();
        tasks.sort_unstable_by_key(|task| task.origin);
        let pack = Pack::new(tasks.iter().map(|task| &task.id));
        SnapshotMaking { board: self, count: tasks.len(), tasks: tasks.into_iter(), pack }
    }

    /// The board that became these bytes.
    ///
    /// # Errors
    /// When another version made them, or they are not what was made.
    pub fn decode_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let (magic, rest) = bytes.split_first_chunk().ok_or(SnapshotError::Format)?;
        if *magic != MAGIC {
            return Err(SnapshotError::Format);
        }
        let (sum, body) = rest.split_first_chunk().ok_or(SnapshotError::Corrupt)?;
        if u64::from_le_bytes(*sum) != xxh64(body, 0) {
            return Err(SnapshotError::Corrupt);
        }
        Open::new(body).and_then(Open::board).ok_or(SnapshotError::Corrupt)
    }
}

/// A snapshot that is made in steps.
pub struct SnapshotMaking<'b> {
    board: &'b Board,
    count: usize,
    /// Those that are still to be packed.
    tasks: std::vec::IntoIter<&'b Task>,
    pack: Pack<'b>,
}

impl SnapshotMaking<'_> {
    /// Packs so many more tasks at the most. Whether any are left.
    pub fn step(&mut self, tasks: usize) -> bool {
        // Names and ids are found on the way, and stand first.
        for task in self.tasks.by_ref().take(tasks) {
            self.pack.task(task);
        }
        self.tasks.len() > 0
    }

    /// The snapshot, with whatever was left.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.step(usize::MAX);
        let Self { board, count, mut pack, .. } = self;
        pack.blocks(&board.blocks);
        pack.agents(board.agents.values());
        pack.logs(board);
        pack.finish(board, count)
    }
}

/// The running values from which sequences and times are told.
#[derive(Clone, Copy, Default)]
struct Last {
    seq: Sequence,
    time: i64,
}

/// A snapshot in the making.
struct Pack<'b> {
    out: Vec<u8>,
    last: Last,
    names: Places<'b>,
    ids: Places<'b>,
}

/// Texts, each once, and where each stands.
#[derive(Default)]
struct Places<'b> {
    places: HashMap<&'b str, u64>,
    texts: Vec<&'b str>,
}

impl<'b> Places<'b> {
    fn place(&mut self, text: &'b str) -> u64 {
        *self.places.entry(text).or_insert_with(|| {
            self.texts.push(text);
            self.texts.len() as u64 - 1
        })
    }

    fn pack(&self, out: &mut Vec<u8>) {
        put_count(out, self.texts.len() as u64);
        for text in &self.texts {
            put_text(out, text);
        }
    }
}

impl<'b> Pack<'b> {
    fn new(tasks: impl Iterator<Item = &'b TaskId>) -> Self {
        let mut ids = Places::default();
        for id in tasks {
            ids.place(id.as_str());
        }
        Self { out: Vec::new(), last: Last::default(), names: Places::default(), ids }
    }

    fn seq(&mut self, seq: Sequence) {
        put_signed(&mut self.out, seq.wrapping_sub(self.last.seq).cast_signed());
        self.last.seq = seq;
    }

    fn time(&mut self, time: Timestamp) {
        put_signed(&mut self.out, time.as_nanos().wrapping_sub(self.last.time));
        self.last.time = time.as_nanos();
    }

    fn count(&mut self, count: usize) {
        put_count(&mut self.out, count as u64);
    }

    fn name(&mut self, name: &'b str) {
        let place = self.names.place(name);
        put_count(&mut self.out, place);
    }

    /// A name that may be absent.
    fn some_name(&mut self, name: Option<&'b str>) {
        let place = name.map_or(0, |name| self.names.place(name) + 1);
        put_count(&mut self.out, place);
    }

    fn id(&mut self, id: &'b TaskId) {
        let place = self.ids.place(id.as_str());
        put_count(&mut self.out, place);
    }

    fn blocks(&mut self, blocks: &'b HashMap<TaskId, Vec<TaskId>>) {
        self.count(blocks.len());
        for (id, blocked) in blocks {
            self.id(id);
            self.count(blocked.len());
            for id in blocked {
                self.id(id);
            }
        }
    }

    fn finish(self, board: &Board, tasks: usize) -> Vec<u8> {
        let texts = self.names.texts.iter().chain(&self.ids.texts);
        let length = texts.map(|text| text.len() + 3).sum::<usize>();
        let mut out = Vec::with_capacity(MAGIC.len() + SUM + 100 + length + self.out.len());
        out.extend(MAGIC);
        out.extend([0; SUM]);
        put_count(&mut out, board.last_seq);
        for time in [board.last_time, board.oldest, board.due] {
            put_signed(&mut out, time.as_nanos());
        }
        put_count(&mut out, board.max_age.as_secs());
        put_count(&mut out, u64::from(board.max_age.subsec_nanos()));
        self.names.pack(&mut out);
        self.ids.pack(&mut out);
        put_count(&mut out, tasks as u64);
        out.extend_from_slice(&self.out);
        if let Some((head, body)) = out.split_at_mut_checked(MAGIC.len() + SUM) {
            let sum = xxh64(body, 0).to_le_bytes();
            head[MAGIC.len()..].copy_from_slice(&sum);
        }
        out
    }
}

/// A snapshot that is being read.
struct Open<'a> {
    bytes: Unpack<'a>,
    last: Last,
    names: Vec<Arc<str>>,
    ids: Vec<TaskId>,
    /// What has been read so far.
    board: Board,
    tasks: usize,
}

/// The least that a task takes.
const LEAST: usize = 16;

impl<'a> Open<'a> {
    fn new(body: &'a [u8]) -> Option<Self> {
        let mut bytes = Unpack::new(body);
        let mut board = Board { last_seq: bytes.count()?, ..Board::default() };
        let mut time = || Some(Timestamp::from_nanos(bytes.signed()?));
        (board.last_time, board.oldest, board.due) = (time()?, time()?, time()?);
        let (secs, nanos) = (bytes.count()?, bytes.small()?);
        board.max_age = Duration::from_secs(secs).checked_add(Duration::from_nanos(nanos.into()))?;
        let names = (0..bytes.many()?).map(|_| bytes.text().map(Arc::from)).collect::<Option<_>>()?;
        let ids = (0..bytes.many()?).map(|_| TaskId::new(bytes.text()?).ok()).collect::<Option<Vec<_>>>()?;
        let tasks = bytes.size()?;
        let fits = tasks <= ids.len() && tasks <= bytes.left() / LEAST;
        fits.then(|| Self { bytes, last: Last::default(), names, ids, board, tasks })
    }

    fn board(mut self) -> Option<Board> {
        self.board.tasks.reserve(self.tasks);
        for at in 0..self.tasks {
            let task = self.task(at)?;
            self.board.counts.add(task.status);
            if !self.board.tasks.insert(task) {
                return None;
            }
        }
        self.blocks()?;
        self.agents()?;
        self.logs()?;
        (self.bytes.left() == 0).then_some(self.board)
    }

    fn seq(&mut self) -> Option<Sequence> {
        self.last.seq = self.last.seq.wrapping_add_signed(self.bytes.signed()?);
        Some(self.last.seq)
    }

    fn time(&mut self) -> Option<Timestamp> {
        self.last.time = self.last.time.wrapping_add(self.bytes.signed()?);
        Some(Timestamp::from_nanos(self.last.time))
    }

    fn name(&mut self) -> Option<Arc<str>> {
        self.names.get(self.bytes.size()?).cloned()
    }

    #[expect(clippy::option_option, reason = "the outer one says whether the bytes are right")]
    fn some_name(&mut self) -> Option<Option<Arc<str>>> {
        let Some(place) = self.bytes.size()?.checked_sub(1) else { return Some(None) };
        self.names.get(place).cloned().map(Some)
    }

    fn id(&mut self) -> Option<TaskId> {
        self.ids.get(self.bytes.size()?).cloned()
    }

    /// As many as follow.
    fn each<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let many = self.bytes.many()?;
        (0..many).map(|_| one(self)).collect()
    }

    fn blocks(&mut self) -> Option<()> {
        let many = self.bytes.many()?;
        self.board.blocks.reserve(many);
        for _ in 0..many {
            let (id, blocked) = (self.id()?, self.each(Self::id)?);
            self.board.blocks.insert(id, blocked);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;

//! A board as bytes, for whoever wants to go on where it stood: [`Board::encode_snapshot`] and
//! [`Board::decode_snapshot`]. What comes back is the same board to the last entry of a history, so the rest of the
//! log folded onto it gives the fold of the whole.
//!
//! | part | as |
//! | --- | --- |
//! | `mjboard` and the number of this format | eight bytes |
//! | where the board stands: last sequence and time, `max_age`, oldest and due | numbers |
//! | names: agents, sessions and other short texts that many tasks share | texts |
//! | ids: those of the tasks, by their origin, then others that something names | texts |
//! | tasks, in that order ([`task`]) | |
//! | what names a task as its blocker | ids, in the order in which the board has them |
//! | agents, and what was said, went wrong and could not be read ([`record`]) | |
//! | XXH64 of all before this | eight bytes, lowest first |
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
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use xxhash_rust::xxh64::{Xxh64, xxh64};

/// What a snapshot begins with. The last byte is the number of the format: another one for every change of it, and of
/// what the fold makes of a log.
const MAGIC: [u8; 8] = *b"mjboard\x02";

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
        let mut pieces = self.make_snapshot().finish();
        let mut whole = Vec::with_capacity(pieces.left());
        while let Some(piece) = pieces.next(usize::MAX) {
            whole.extend_from_slice(piece);
        }
        whole
    }

    /// The same in steps, for whoever has something else to do meanwhile: on a clone of the board, which costs little.
    ///
    /// ```
    /// use mjwork::board::Board;
    ///
    /// let board = Board::new();
    /// let mut making = board.make_snapshot();
    /// while making.step(1_000) {}
    /// let (mut pieces, mut whole) = (making.finish(), Vec::new());
    /// while let Some(piece) = pieces.next(1_000) {
    ///     whole.extend_from_slice(piece);
    /// }
    /// assert_eq!(whole, board.encode_snapshot());
    /// ```
    #[must_use]
    pub fn make_snapshot(&self) -> SnapshotMaking<'_> {
        let mut tasks: Vec<(Sequence, &Task)> = self.tasks().map(|task| (task.origin, task)).collect();
        tasks.sort_unstable_by_key(|(origin, _)| *origin);
        SnapshotMaking { board: self, tasks, named: 0, packed: 0, pack: Pack::default() }
    }

    /// Drops so many of its tasks at the most, for who is done with a clone and has something else to do meanwhile: a
    /// hundred thousand at once take their time. Whether any are left.
    pub fn dismantle(&mut self, tasks: usize) -> bool {
        self.tasks.drop_some(tasks)
    }

    /// The board that became these bytes.
    ///
    /// # Errors
    /// When another version made them, or they are not what was made.
    pub fn decode_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let body = bytes.strip_prefix(&MAGIC).ok_or(SnapshotError::Format)?;
        let (body, sum) = body.split_last_chunk().ok_or(SnapshotError::Corrupt)?;
        if u64::from_le_bytes(*sum) != xxh64(&bytes[..MAGIC.len() + body.len()], 0) {
            return Err(SnapshotError::Corrupt);
        }
        Open::new(body).and_then(Open::board).ok_or(SnapshotError::Corrupt)
    }
}

/// A snapshot that is made in steps.
pub struct SnapshotMaking<'b> {
    board: &'b Board,
    /// By their origin.
    tasks: Vec<(Sequence, &'b Task)>,
    /// Of how many the id has its place.
    named: usize,
    packed: usize,
    pack: Pack<'b>,
}

impl SnapshotMaking<'_> {
    /// Goes on by so many tasks at the most. Whether any are left.
    pub fn step(&mut self, tasks: usize) -> bool {
        let Self { tasks: all, named, packed, pack, .. } = self;
        // Their ids come first, in their order.
        let next = all.iter().skip(*named).take(tasks);
        *named += next.map(|(_, task)| pack.ids.place(task.id.as_str())).count();
        if *named == all.len() {
            let next = all.iter().skip(*packed).take(tasks);
            *packed += next.map(|(_, task)| pack.task(task)).count();
        }
        *packed < all.len()
    }

    /// The snapshot, with whatever was left.
    #[must_use]
    pub fn finish(mut self) -> SnapshotPieces {
        while self.step(usize::MAX) {}
        let Self { board, tasks, mut pack, .. } = self;
        pack.blocks(&board.blocks);
        pack.agents(board.agents.values());
        pack.logs(board);
        pack.finish(board, tasks.len())
    }
}

/// A snapshot piece by piece.
pub struct SnapshotPieces {
    /// What lies behind each other; the sum comes last.
    sections: VecDeque<Vec<u8>>,
    /// How much of the first has been handed out.
    at: usize,
    sum: Option<Xxh64>,
    last: [u8; size_of::<u64>()],
}

impl SnapshotPieces {
    /// How many bytes are left.
    #[must_use]
    pub fn left(&self) -> usize {
        let sum = self.sum.as_ref().map_or(0, |_| self.last.len());
        self.sections.iter().map(Vec::len).sum::<usize>() - self.at + sum
    }

    /// The next bytes, so many at the most; none when that were all.
    pub fn next(&mut self, most: usize) -> Option<&[u8]> {
        while self.sections.front().is_some_and(|section| section.len() == self.at) {
            self.sections.pop_front();
            self.at = 0;
        }
        let Some(section) = self.sections.front() else {
            self.last = self.sum.take()?.digest().to_le_bytes();
            return Some(&self.last);
        };
        let end = section.len().min(self.at.saturating_add(most.max(1)));
        let piece = section.get(self.at..end)?;
        self.at = end;
        if let Some(sum) = &mut self.sum {
            sum.update(piece);
        }
        Some(piece)
    }
}

/// The running values from which sequences and times are told.
#[derive(Clone, Copy, Default)]
struct Last {
    seq: Sequence,
    time: i64,
}

/// A snapshot in the making.
#[derive(Default)]
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
    packed: Vec<u8>,
}

impl<'b> Places<'b> {
    fn place(&mut self, text: &'b str) -> u64 {
        let next = self.places.len() as u64;
        *self.places.entry(text).or_insert_with(|| {
            put_text(&mut self.packed, text);
            next
        })
    }
}

impl<'b> Pack<'b> {
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

    fn finish(self, board: &Board, tasks: usize) -> SnapshotPieces {
        let Self { out, names, ids, .. } = self;
        let mut head = MAGIC.to_vec();
        put_count(&mut head, board.last_seq);
        for time in [board.last_time, board.oldest, board.due] {
            put_signed(&mut head, time.as_nanos());
        }
        put_count(&mut head, board.max_age.as_secs());
        put_count(&mut head, u64::from(board.max_age.subsec_nanos()));
        put_count(&mut head, names.places.len() as u64);
        let (mut before_ids, mut before_tasks) = (Vec::new(), Vec::new());
        put_count(&mut before_ids, ids.places.len() as u64);
        put_count(&mut before_tasks, tasks as u64);
        SnapshotPieces {
            sections: [head, names.packed, before_ids, ids.packed, before_tasks, out].into(),
            at: 0,
            sum: Some(Xxh64::new(0)),
            last: [0; size_of::<u64>()],
        }
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

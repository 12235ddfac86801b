//! From batches of history and live messages to one sequence, without a gap and without a repeat. No I/O: what is
//! to be asked of the server comes out as [`Ask`]s, what is ready as a list.

use crate::Sequence;
use nats_proto::numbered::Numbered;
use std::collections::VecDeque;

/// So many messages one batch has at the most.
pub(super) const BATCH: u32 = 20_000;
/// So many bytes one batch has at the most, about: what a slow browser may have on its way twice.
pub(super) const BATCH_BYTES: u64 = 8 << 20;
/// Where sequences have gaps, the next batch is asked for when so many messages of the one before are still to come:
/// it can then begin before that one ends, and brings twice what lies between. Where they have none, it is asked for
/// with the first message, so that the server never waits.
const ASK_AHEAD: u32 = BATCH / 2;
/// So often an answer that lacks what the stream is known to have is asked again, where a replica may lag.
pub(super) const MAX_DOUBTS: u32 = 12;

/// A batch to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    /// What its answers are told by.
    pub token: u64,
    /// The sequence from which on.
    pub from: Sequence,
}

/// A batch whose answers are on their way.
#[derive(Debug)]
struct Batch {
    token: u64,
    /// The sequence from which on it was asked.
    start: Sequence,
    /// Nothing that the stream has lies between where the batch began and this, but what it has brought.
    covered: Sequence,
    /// So many messages may still come.
    left: u32,
    /// Whether the stream has more beyond it.
    more: bool,
    /// Whether no sequence is missing from here to the end of the stream.
    whole: bool,
}

/// Where the reader stands.
///
/// A message is ready when all before it are: when it is the next one, or when the answer that brought it shows
/// that the stream has nothing in between. What comes early waits for that.
#[derive(Debug)]
pub(super) struct Cursor<T> {
    next: Sequence,
    /// The highest sequence that the stream is known to have had.
    known: Sequence,
    batches: VecDeque<Batch>,
    /// What came before its turn, with the sequence from which on its bringer saw nothing else.
    early: Numbered<Sequence, (Sequence, T)>,
    /// Read again from `next` when the batches under way have ended.
    again: bool,
    last_token: u64,
    doubts: u32,
    max_doubts: u32,
    pending: u64,
    /// From which sequence to which the stream was told to have every single one.
    unbroken: Option<(Sequence, Sequence)>,
}

impl<T> Cursor<T> {
    /// A cursor that has read nothing yet, and wants everything.
    pub fn new() -> Self {
        Self {
            next: 1,
            known: 0,
            batches: VecDeque::new(),
            early: Numbered::new(),
            again: true,
            last_token: 0,
            doubts: 0,
            max_doubts: MAX_DOUBTS,
            pending: 0,
            unbroken: None,
        }
    }

    /// A cursor that wants everything after `seq`, and stands there if there is nothing.
    pub fn after(seq: Sequence) -> Self {
        Self { next: seq.saturating_add(1), ..Self::new() }
    }

    /// Begins anew, with another stream. Answers from before do not count.
    pub fn restart(&mut self) {
        *self = Self { last_token: self.last_token, max_doubts: self.max_doubts, ..Self::new() };
    }

    /// How often an answer is doubted that lacks what the stream is known to have. Where one server alone has the
    /// stream none can lag: what is not there has expired.
    pub fn doubt_at_most(&mut self, times: u32) {
        self.max_doubts = times;
    }

    /// The stream is told to have so many messages, between these sequences. Where that is every one of them it is
    /// known before the first answer where the next batch begins.
    pub fn has(&mut self, messages: u64, first: Sequence, last: Sequence) {
        self.saw(last);
        let is_unbroken =
            first > 0 && last.checked_sub(first).is_some_and(|n| n.saturating_add(1) == messages);
        self.unbroken = is_unbroken.then_some((first, last));
    }

    /// The next sequence that is wanted.
    pub fn next(&self) -> Sequence {
        self.next
    }

    /// How many messages of history are still to come, as the last answer said.
    pub fn pending(&self) -> u64 {
        self.pending
    }

    /// Whether all that the stream is known to have has come.
    pub fn is_caught_up(&self) -> bool {
        self.batches.is_empty() && !self.again && self.early.is_empty() && self.next > self.known
    }

    /// Whether answers are on their way.
    pub fn is_waiting(&self) -> bool {
        !self.batches.is_empty()
    }

    /// Whether the last answer lacked something that the stream is known to have: ask again, but not at once.
    pub fn is_in_doubt(&self) -> bool {
        self.doubts > 0
    }

    /// The stream has had this sequence: somebody got it acknowledged.
    pub fn saw(&mut self, seq: Sequence) {
        self.known = self.known.max(seq);
    }

    /// Read from where we stand: at a bell, after a silence, or when the line was cut and all answers with it.
    pub fn read_again(&mut self, line_was_cut: bool) {
        if line_was_cut {
            self.batches.clear();
            self.doubts = 0;
        }
        self.again = true;
    }

    /// The batch to ask for now, if any. It counts as asked.
    pub fn ask(&mut self) -> Option<Ask> {
        let from = match (self.batches.len(), self.batches.front()) {
            (0, _) if self.again || self.next <= self.known || !self.early.is_empty() => {
                self.again = false;
                self.next
            }
            // Sequences may have gaps, so the batch under way ends at this one or later: nothing falls between.
            (1, Some(batch)) if batch.more && (batch.whole || batch.left <= ASK_AHEAD) => {
                let first = self.unbroken.map_or(0, |(first, _)| first);
                batch.covered.max(first).saturating_add(u64::from(batch.left))
            }
            _ => return None,
        };
        self.last_token += 1;
        let mut batch = Batch {
            token: self.last_token,
            start: from,
            covered: from,
            left: BATCH,
            more: false,
            whole: false,
        };
        if let Some((first, last)) = self.unbroken {
            batch.more = from.max(first).saturating_add(u64::from(BATCH)) <= last;
            batch.whole = true;
        }
        self.batches.push_back(batch);
        Some(Ask { token: self.last_token, from })
    }

    /// A batch brought a message, after which the stream has `pending` more.
    pub fn batch_message(&mut self, token: u64, seq: Sequence, pending: u64, item: T, out: &mut Vec<T>) {
        let Some(batch) = self.batches.iter_mut().find(|b| b.token == token) else { return };
        let from = batch.covered;
        batch.covered = seq.saturating_add(1);
        batch.left = batch.left.saturating_sub(1);
        batch.more = pending > u64::from(batch.left);
        batch.whole = seq.saturating_add(pending) >= self.known;
        self.pending = pending;
        self.doubts = 0;
        self.known = self.known.max(seq);
        self.take(from, seq, item, out);
    }

    /// A batch has ended, and the stream has `pending` more.
    pub fn batch_end(&mut self, token: u64, pending: u64, out: &mut Vec<T>) {
        let Some(at) = self.batches.iter().position(|b| b.token == token) else { return };
        self.batches.remove(at);
        self.pending = pending;
        if pending > 0 {
            // Unless one that goes on from here is under way; one that begins further on leaves a hole.
            self.again |= self.batches.iter().all(|b| b.start > self.next);
        } else if self.batches.is_empty() && self.next <= self.known {
            self.doubt(out);
        }
    }

    /// A message came as it was stored.
    pub fn live(&mut self, seq: Sequence, item: T, out: &mut Vec<T>) {
        self.known = self.known.max(seq);
        self.take(seq, seq, item, out);
    }

    /// An answer ended before a sequence that the stream has had. A replica that lags says so, and catches up; what
    /// was purged meanwhile never comes.
    fn doubt(&mut self, out: &mut Vec<T>) {
        self.doubts += 1;
        if self.doubts <= self.max_doubts {
            self.again = true;
            return;
        }
        self.doubts = 0;
        while let Some((seq, (_, item))) = self.early.pop_first() {
            self.next = seq.saturating_add(1);
            out.push(item);
        }
        self.next = self.next.max(self.known.saturating_add(1));
    }

    fn take(&mut self, from: Sequence, seq: Sequence, item: T, out: &mut Vec<T>) {
        if seq < self.next {
            return;
        }
        if from > self.next {
            // Of two that brought the same message the one that saw more before it knows more.
            match self.early.get_mut(seq) {
                Some(early) => early.0 = early.0.min(from),
                None => drop(self.early.insert(seq, (from, item))),
            }
            return;
        }
        out.push(item);
        self.next = seq.saturating_add(1);
        while let Some((seq, from)) = self.early.first().map(|(seq, early)| (seq, early.0)) {
            if seq >= self.next && from > self.next {
                break;
            }
            if let Some((seq, (_, item))) = self.early.pop_first()
                && seq >= self.next
            {
                out.push(item);
                self.next = seq.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests;

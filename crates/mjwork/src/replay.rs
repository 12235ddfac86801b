//! The stream once more, up to a moment: what it takes to fold a board as it was then, in steps that can be given up.

use crate::reader::{Fault, Origin, Reader, Source, Step, Stored, StreamInfo};
use crate::transport::Client;
use crate::{Sequence, Timestamp};
use std::collections::VecDeque;

/// What a replay brings next.
#[derive(Debug)]
pub enum Replayed {
    /// Messages in stream order, none stored later than the moment that was asked for.
    Events(Vec<Stored>),
    /// All that the stream has up to that moment has come. Ask with a later one to go on.
    Reached,
    /// The stream was made anew under its name: forget everything; its messages follow.
    Reset,
}

/// Reads a stream again, up to one moment and then on to later ones.
///
/// It never goes back: begin another one for that, from a board that is old enough.
pub struct Replay {
    reader: Reader,
    /// Read already, and later than the moment that was asked for.
    held: VecDeque<Stored>,
    /// Whether all that the stream holds has been read.
    is_through: bool,
}

impl Replay {
    /// A replay of `source` from its beginning.
    #[must_use]
    pub fn open(client: Client, source: Source) -> Self {
        Self::of(Reader::open(client, source))
    }

    /// A replay of `source` that goes on behind what somebody knows.
    #[must_use]
    pub fn resume(client: Client, source: Source, before: Origin) -> Self {
        Self::of(Reader::resume(client, source, before))
    }

    fn of(reader: Reader) -> Self {
        Self { reader, held: VecDeque::new(), is_through: false }
    }

    /// What comes next of what was stored up to `until`. May be dropped and called again without losing anything.
    ///
    /// # Errors
    /// When nothing can be read for now. It may be called again.
    pub async fn next(&mut self, until: Timestamp) -> Result<Replayed, Fault> {
        loop {
            let due = self.held.iter().take_while(|stored| stored.time <= until).count();
            if due > 0 {
                return Ok(Replayed::Events(self.held.drain(..due).collect()));
            }
            if self.is_through || !self.held.is_empty() {
                self.is_through = false;
                return Ok(Replayed::Reached);
            }
            match self.reader.next().await {
                Step::Events(events) => self.held.extend(events),
                Step::Synced { .. } => self.is_through = true,
                Step::Reset => {
                    self.held.clear();
                    return Ok(Replayed::Reset);
                }
                Step::Fault(fault) => return Err(fault),
            }
        }
    }

    /// The connection was cut and is there again.
    pub fn reconnected(&mut self) {
        self.reader.reconnected();
    }

    /// What the server said of the stream; none before it did.
    #[must_use]
    pub fn stream_info(&self) -> Option<&StreamInfo> {
        self.reader.stream_info()
    }

    /// All up to this sequence has been handed out.
    #[must_use]
    pub fn position(&self) -> Sequence {
        self.held.front().map_or_else(|| self.reader.position(), |stored| stored.seq.saturating_sub(1))
    }
}

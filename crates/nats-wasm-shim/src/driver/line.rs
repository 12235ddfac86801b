//! What stands in line between the client and the network. A browser tells only how much it still holds, and the system
//! below it tells nothing; so what has just left may be on its way for a while, and what is asked now comes after it.

use std::time::Duration;

/// So many bytes a second leave a system at the least, as far as patience goes.
const SLOWEST: u64 = 64 * 1024;

/// A system holds at most what takes this long.
const LONGEST: Duration = Duration::from_secs(16);

/// The line of one socket.
#[derive(Default)]
pub(super) struct Line {
    /// Bytes given to the browser.
    given: u64,
    /// Of these, bytes that it had sent when it was looked at last.
    left: u64,
    /// It held some then.
    held: bool,
}

impl Line {
    /// The browser is given so many bytes.
    pub(super) fn takes(&mut self, bytes: usize) {
        self.given += bytes as u64;
    }

    /// Looks at it, given how many bytes the browser holds: whether some that stood in line have left since the last
    /// time, and how long what has left may still take.
    pub(super) fn look(&mut self, buffered: u32) -> (bool, Duration) {
        let left = self.given.saturating_sub(buffered.into());
        let moved = left.saturating_sub(self.left);
        let moves = self.held && moved > 0;
        self.left = left;
        self.held = buffered > 0;
        (moves, LONGEST.min(Duration::from_millis(moved * 1000 / SLOWEST)))
    }
}

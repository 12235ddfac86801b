//! What stands in line between the client and the network. A browser tells only how much it still holds, and the system
//! below it tells nothing; so what has just left may be on its way for a while, and what is asked now comes after it.

use std::time::Duration;

/// So many bytes in a millisecond leave a system at the least, as far as patience goes.
const SLOWEST: u32 = 64;

/// A system holds at most what takes so many milliseconds.
const LONGEST: u32 = 16_000;

/// The line of one socket. Its counts begin anew after 4 GiB.
#[derive(Default)]
pub(super) struct Line {
    /// Bytes given to the browser.
    given: u32,
    /// Of these, bytes that it had sent when it was looked at last.
    left: u32,
    /// It held some then.
    held: bool,
}

impl Line {
    /// The browser is given so many bytes.
    #[expect(clippy::cast_possible_truncation, reason = "a page has no more than 32 bits")]
    pub(super) fn takes(&mut self, bytes: usize) {
        self.given = self.given.wrapping_add(bytes as u32);
    }

    /// Looks at it, given how many bytes the browser holds: whether some that stood in line have left since the last
    /// time, and how long what has left may still take.
    pub(super) fn look(&mut self, buffered: u32) -> (bool, Duration) {
        let left = self.given.wrapping_sub(buffered);
        let moved = left.wrapping_sub(self.left);
        let moves = self.held && moved > 0;
        self.left = left;
        self.held = buffered > 0;
        (moves, Duration::from_millis(LONGEST.min(moved / SLOWEST).into()))
    }
}

//! What stands in line between the client and the network. A browser tells only how much it still holds, and the system
//! below it tells nothing; so what has just left may be on its way for a while, and what is asked now comes after it.

use std::time::Duration;

/// A byte takes a system so many nanoseconds at the most, as far as patience goes: 64 kB/s.
const A_BYTE: u64 = 15_625;

/// A system holds at most what takes it so long.
const LONGEST: Duration = Duration::from_secs(16);

/// The line of one socket. Its counts begin anew after 4 GiB.
#[derive(Default)]
pub(super) struct Line {
    /// Bytes given to the browser.
    given: u32,
    /// Of these, bytes that it had sent when it was looked at last.
    left: u32,
    /// It held some then.
    held: bool,
    /// By when all of them have left the system, if it holds that much and takes as long as that.
    clear_by: Duration,
}

impl Line {
    /// The browser, which holds `buffered` bytes, is given so many more.
    #[expect(clippy::cast_possible_truncation, reason = "a page has no more than 32 bits")]
    pub(super) fn takes(&mut self, now: Duration, buffered: u32, bytes: usize) {
        self.given = self.given.wrapping_add(bytes as u32);
        self.behind(now, buffered);
        self.clear_by = self.clear_by.saturating_add(lasts(bytes as u32));
    }

    /// Looks at it, given how many bytes the browser holds: whether some that stood in line have left since the last
    /// time, and how long what has left may still take.
    pub(super) fn look(&mut self, now: Duration, buffered: u32) -> (bool, Duration) {
        let left = self.given.wrapping_sub(buffered);
        let moves = self.held && left != self.left;
        self.left = left;
        self.held = buffered > 0;
        (moves, self.behind(now, buffered))
    }

    /// How long what has left the browser may take to leave the system, which has had some of the time for it.
    // Once, for the size of a page.
    #[inline(never)]
    fn behind(&mut self, now: Duration, buffered: u32) -> Duration {
        let above = now.saturating_add(lasts(buffered));
        let behind = self.clear_by.saturating_sub(above).min(LONGEST);
        self.clear_by = above.saturating_add(behind);
        behind
    }
}

/// How long it takes so many bytes to leave a system, at the most.
#[inline(never)]
fn lasts(bytes: u32) -> Duration {
    Duration::from_nanos(A_BYTE * u64::from(bytes))
}

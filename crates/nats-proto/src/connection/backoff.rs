//! How long to wait before the next attempt to connect: doubling up to a cap, and jittered, so that many clients of
//! one server do not all come back at the same moment. The randomness is a seed, so that a test can repeat a run.

use std::fmt;
use std::time::Duration;

/// The rule for the waits between attempts.
pub enum Backoff {
    /// `first`, doubled with every further attempt up to `cap`; of that a random part between half and all.
    Doubling {
        /// The wait before the first attempt.
        first: Duration,
        /// The longest wait.
        cap: Duration,
    },
    /// Whatever a function says for an attempt, counted from 1. Connections that are lost within seconds count as attempts
    /// that failed.
    Custom(Box<dyn Fn(usize) -> Duration + Send + Sync>),
    /// Whatever is answered to [`Event::AskDelay`](super::Event::AskDelay): for a rule that may not be called from within
    /// the connection.
    Asked,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::Doubling { first: Duration::from_millis(100), cap: Duration::from_secs(4) }
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubling { first, cap } => {
                f.debug_struct("Doubling").field("first", first).field("cap", cap).finish()
            }
            Self::Custom(_) => f.write_str("Custom"),
            Self::Asked => f.write_str("Asked"),
        }
    }
}

impl Backoff {
    /// The wait before an attempt, counted from 1; `None` if somebody is to be asked.
    pub(super) fn delay(&self, attempt: u32, jitter: &mut Jitter) -> Option<Duration> {
        Some(match self {
            Self::Doubling { first, cap } => {
                let doublings = attempt.saturating_sub(1).min(30);
                let longest = first.saturating_mul(1 << doublings).min(*cap);
                longest / 2 + longest.mul_f64(jitter.fraction() / 2.0)
            }
            Self::Custom(delay) => delay(attempt as usize),
            Self::Asked => return None,
        })
    }
}

/// Numbers that look random, from a seed (`SplitMix64`: tiny, and good enough to spread clients out).
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to just under 1.
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        f64::from((mixed >> 32) as u32) / f64::from(u32::MAX).next_up()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_differ_by_seed() {
        let backoff = Backoff::default();
        let mut jitter = Jitter::new(1);
        for (attempt, longest) in [(1, 100), (2, 200), (3, 400), (6, 3_200), (7, 4_000), (u32::MAX, 4_000)] {
            let longest = Duration::from_millis(longest);
            for _ in 0..100 {
                let delay = backoff.delay(attempt, &mut jitter).expect("nobody is asked");
                assert!(delay >= longest / 2 && delay <= longest, "{attempt}: {delay:?}");
            }
        }
        assert_ne!(backoff.delay(5, &mut Jitter::new(1)), backoff.delay(5, &mut Jitter::new(2)));
        assert_eq!(backoff.delay(5, &mut Jitter::new(3)), backoff.delay(5, &mut Jitter::new(3)));
    }

    #[test]
    fn a_rule_of_ones_own() {
        let backoff = Backoff::Custom(Box::new(|attempt| Duration::from_secs(attempt as u64)));
        assert_eq!(backoff.delay(3, &mut Jitter::new(0)), Some(Duration::from_secs(3)));
    }
}

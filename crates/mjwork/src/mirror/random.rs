//! Numbers that differ from process to process: which of the tasks at hand to take, how long to wait before a retry.
//! Nothing is secret about them.

use crate::Duration;
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of numbers (splitmix64).
#[derive(Debug)]
pub(crate) struct Random(AtomicU64);

impl Random {
    /// A source that begins where `seed` says.
    pub fn new(seed: &str) -> Self {
        let start = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(AtomicU64::new(start))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A place below `end`; 0 where that is 0.
    pub fn below(&self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// A time from `from` to `to`.
    pub fn between(&self, from: Duration, to: Duration) -> Duration {
        let part = f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / f64::from(u32::MAX);
        from + to.saturating_sub(from).mul_f64(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_places_come_and_no_others() {
        let random = Random::new("a session");
        let mut seen = [0; 10];
        for _ in 0..1_000 {
            seen[random.below(10)] += 1;
        }
        assert!(seen.iter().all(|n| (50..200).contains(n)), "{seen:?}");
        assert_eq!(random.below(0), 0);
        assert_ne!(Random::new("a").next(), Random::new("b").next());
        let (from, to) = (Duration::from_secs(1), Duration::from_secs(2));
        assert!((0..100).all(|_| (from..=to).contains(&random.between(from, to))));
    }
}

//! What happens to a task when an agent takes it. Drawn from the seed, the task and the attempt, so that it does not
//! depend on who takes it, nor when.

use super::vocabulary::{FAILURES, NOTES};
use fastrand::Rng;

/// How often something goes wrong, each a share of all attempts.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// The owner fails the task.
    pub failures: f64,
    /// The owner holds on and reports no more.
    pub stalls: f64,
    /// The owner's process vanishes without a word.
    pub crashes: f64,
    /// It vanishes, and is started again under its name.
    pub restarts: f64,
}

impl Rates {
    /// The rates by name.
    fn named(&self) -> [(&'static str, f64); 4] {
        [
            ("--failures", self.failures),
            ("--stalls", self.stalls),
            ("--crashes", self.crashes),
            ("--restarts", self.restarts),
        ]
    }

    /// Whether each is a share, and all together are; the error says which is not.
    pub fn check(&self) -> Result<(), String> {
        let named = self.named();
        if let Some((name, rate)) = named.iter().find(|(_, rate)| !(0.0..=1.0).contains(rate)) {
            return Err(format!("{name} is a share from 0 to 1, not {rate}"));
        }
        let sum: f64 = named.iter().map(|(_, rate)| rate).sum();
        if sum > 1.0 {
            return Err(format!("the rates of what goes wrong make {sum} together, and must not exceed 1"));
        }
        Ok(())
    }
}

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Completes,
    /// With this kind and error.
    Fails(&'static str, &'static str),
    Stalls,
    Crashes,
    Restarts,
}

/// One attempt at one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    pub end: End,
    /// How long it takes, as a multiple of the mean.
    pub length: f64,
    /// What is reported on the way, with even pauses between.
    pub notes: Vec<&'static str>,
}

impl Attempt {
    /// The attempt number `attempt` (from 1) at `task` under `seed`.
    pub fn draw(seed: u64, task: &str, attempt: u32, rates: &Rates) -> Self {
        let mut rng = rng(seed, task, attempt);
        let mut drawn = rng.f64();
        let mut within = |rate: f64| {
            drawn -= rate;
            drawn < 0.0
        };
        let end = if within(rates.failures) {
            let (kind, error) = FAILURES[rng.usize(..FAILURES.len())];
            End::Fails(kind, error)
        } else if within(rates.stalls) {
            End::Stalls
        } else if within(rates.crashes) {
            End::Crashes
        } else if within(rates.restarts) {
            End::Restarts
        } else {
            End::Completes
        };
        // Half of a fixed length, half exponential: some tasks are short, a few long, and none takes no time.
        let length = 0.5 - 0.5 * (1.0 - rng.f64()).ln().max(-5.0);
        let notes = NOTES.iter().filter_map(|notes| {
            let note = notes[rng.usize(..notes.len())];
            rng.bool().then_some(note)
        });
        Self { end, length, notes: notes.collect() }
    }
}

/// A generator of its own for one thing among many.
pub fn rng(seed: u64, what: &str, number: u32) -> Rng {
    // FNV-1a over all that tells it apart.
    let bytes = seed.to_le_bytes().into_iter().chain(what.bytes()).chain(number.to_le_bytes());
    Rng::with_seed(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates { failures: 0.1, stalls: 0.05, crashes: 0.05, restarts: 0.05 };

    #[test]
    fn an_attempt_is_drawn_from_its_own_name() {
        let draw = |seed, task, attempt| Attempt::draw(seed, task, attempt, &RATES);
        assert_eq!(draw(1, "t", 1), draw(1, "t", 1));
        let all: Vec<Attempt> = (1..20).map(|n| draw(1, "t", n)).collect();
        assert!(all.windows(2).any(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn the_rates_come_out_and_so_does_the_mean_length() {
        let all: Vec<Attempt> = (0..10_000).map(|n| Attempt::draw(9, &format!("t{n}"), 1, &RATES)).collect();
        let share = |is: fn(&End) -> bool| all.iter().filter(|a| is(&a.end)).count();
        let failed = share(|end| matches!(end, End::Fails(..)));
        let crashed = share(|end| matches!(end, End::Crashes));
        let completed = share(|end| matches!(end, End::Completes));
        assert!((900..1_100).contains(&failed), "{failed}");
        assert!((400..600).contains(&crashed), "{crashed}");
        assert!((7_300..7_700).contains(&completed), "{completed}");
        let mean = all.iter().map(|a| a.length).sum::<f64>() / 10_000.0;
        assert!((0.95..1.05).contains(&mean), "{mean}");
        assert!(all.iter().all(|a| (0.5..=3.0).contains(&a.length)));
    }

    #[test]
    fn rates_are_shares_of_one_whole() {
        assert!(RATES.check().is_ok());
        assert!(Rates { failures: 1.1, ..RATES }.check().unwrap_err().contains("--failures"));
        assert!(Rates { stalls: -0.1, ..RATES }.check().unwrap_err().contains("--stalls"));
        assert!(Rates { crashes: 0.9, ..RATES }.check().unwrap_err().contains("together"));
    }
}

//! A named piece of work, told to the person who waits for it: what it is when it starts, how long it took when it
//! ends.

use crate::Failure;
use std::time::{Duration, Instant};

/// How a step ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// How long it took.
    pub took: Duration,
    /// What it says when it went well (may be empty), or why it did not.
    pub result: Result<String, Failure>,
}

/// Does `work` and prints what it is and how long it took.
pub fn step(name: &str, work: impl FnOnce() -> Result<String, Failure>) -> Outcome {
    println!("• {name} …");
    let start = Instant::now();
    let result = work();
    let took = start.elapsed();
    match &result {
        Ok(note) if note.is_empty() => println!("✓ {name} ({})", seconds(took)),
        Ok(note) => println!("✓ {name}: {note} ({})", seconds(took)),
        Err(failure) => println!("✗ {name} ({}): {failure}", seconds(took)),
    }
    Outcome { name: name.to_owned(), took, result }
}

/// Prints one line for each step, and then `N passed, N failed` on a line of its own. True when none failed.
#[must_use]
pub fn summary(outcomes: &[Outcome]) -> bool {
    let width = outcomes.iter().map(|o| o.name.chars().count()).max().unwrap_or_default();
    println!();
    for Outcome { name, took, result } in outcomes {
        let (verdict, note) = match result {
            Ok(note) => ("passed", note.as_str()),
            Err(failure) => ("FAILED", failure.lines().next().unwrap_or_default()),
        };
        println!("{}", format!("{name:width$}  {:>8}  {verdict}  {note}", seconds(*took)).trim_end());
    }
    let failed = outcomes.iter().filter(|o| o.result.is_err()).count();
    println!("\n{} passed, {failed} failed", outcomes.len() - failed);
    failed == 0
}

/// A duration as a person reads it: tenths up to a minute, whole seconds beyond.
#[must_use]
pub fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f32())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short_to_read() {
        assert_eq!(seconds(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(59)), "59.0 s");
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
    }

    #[test]
    fn one_failure_fails_all() {
        let outcome = |result| Outcome { name: "a".into(), took: Duration::ZERO, result };
        assert!(summary(&[outcome(Ok(String::new()))]));
        assert!(!summary(&[outcome(Ok(String::new())), outcome(Err("no".into()))]));
    }
}

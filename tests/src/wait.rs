//! Waiting for a condition, with a deadline: the tests' only clock.
//! A wait that fails says what it waited for and what it saw last.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// Between two looks: short against anything that a person notices, long against the cost of a look.
const INTERVAL: Duration = Duration::from_millis(20);

/// Looks again and again until `probe` gives a value, and returns that value.
///
/// `probe` answers `Err` with what it saw as long as that is not yet enough.
///
/// # Panics
/// When `within` has passed: with `what` and the last thing seen. One look that hangs is given up then, too.
pub async fn until<T, E: Display>(
    what: &str,
    within: Duration,
    probe: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    match attempt(within, probe).await {
        Ok(value) => value,
        Err(seen) => panic!("waited {within:?} for {what}; last seen: {seen}"),
    }
}

/// Like [`until`], for a caller who has something to do when it fails: the error is what was seen last.
pub async fn attempt<T, E: Display>(
    within: Duration,
    mut probe: impl AsyncFnMut() -> Result<T, E>,
) -> Result<T, String> {
    let deadline = tokio::time::Instant::from_std(Instant::now() + within);
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen = String::from("nothing");
    loop {
        ticks.tick().await;
        match tokio::time::timeout_at(deadline, probe()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => seen = error.to_string(),
            Err(_) => return Err(format!("{seen} (and a look that did not end)")),
        }
        if tokio::time::Instant::now() >= deadline {
            return Err(seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn gives_the_value_as_soon_as_it_is_there() {
        let mut looks = 0;
        let seen = until("three looks", Duration::from_secs(5), async || {
            looks += 1;
            if looks == 3 { Ok(looks) } else { Err(looks) }
        })
        .await;
        assert_eq!(seen, 3);
    }

    #[tokio::test]
    async fn a_failure_names_the_last_thing_seen() {
        let seen = attempt(Duration::from_millis(50), async || Err::<(), _>("two of three")).await;
        assert_eq!(seen, Err("two of three".to_owned()));
    }

    #[tokio::test]
    async fn a_look_that_hangs_is_given_up() {
        let seen =
            attempt(Duration::from_millis(50), async || std::future::pending::<Result<(), String>>().await);
        assert!(seen.await.unwrap_err().contains("did not end"));
    }
}

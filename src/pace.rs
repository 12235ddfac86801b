//! How long the work will still take, by what was done lately. It says nothing where it cannot know.

use crate::series::Bucket;
use mjwork::Duration;

/// So many minutes back are looked at.
pub const LOOKS_BACK: u32 = 30;
/// So few completed tasks say nothing of a pace.
const ENOUGH: u32 = 3;
/// After so many minutes without a completed task the work stands still.
const STILL: usize = 10;
/// Nobody plans further.
const FURTHEST: Duration = Duration::from_secs(30 * 86_400);

/// How long `open` tasks will take, by the last minutes, the one under way included; `into_last` is how much of that
/// has passed, in seconds.
///
/// One minute with many completed tasks at once (a result replayed after an outage, a batch of trifles) counts for no
/// more than three usual ones.
#[must_use]
pub fn time_left(open: usize, minutes: &[Bucket], into_last: u64) -> Option<Duration> {
    let busy = |bucket: &Bucket| bucket.done.completed > 0;
    // The pace is that since the work began, or went on after it stood still.
    let mut first = minutes.iter().rposition(busy)?;
    let quiet = minutes.len() - 1 - first;
    let mut gap = 0;
    for (at, bucket) in minutes.iter().enumerate().take(first).rev() {
        gap = if busy(bucket) { 0 } else { gap + 1 };
        if gap >= STILL {
            break;
        }
        if gap == 0 {
            first = at;
        }
    }
    let pace = &minutes[first..];
    let total: u32 = pace.iter().map(|bucket| bucket.done.completed).sum();
    if open == 0 || quiet >= STILL || total < ENOUGH {
        return None;
    }
    let mut usual: Vec<u32> = Vec::with_capacity(pace.len());
    for completed in pace.iter().filter(|b| busy(b)).map(|b| b.done.completed) {
        usual.insert(usual.partition_point(|other| *other < completed), completed);
    }
    let most = usual[usual.len() / 2].saturating_mul(3);
    let done: u64 = pace.iter().map(|bucket| u64::from(bucket.done.completed.min(most))).sum();
    // A first minute of which one does not know when in it the work began counts as half of one.
    let whole = u64::try_from(pace.len() - 1).ok()? * 60;
    let seconds = (whole + into_last).saturating_sub(30).max(30);
    let left = u64::try_from(open).ok()?.saturating_mul(seconds).div_ceil(done);
    Some(Duration::from_secs(left)).filter(|left| *left <= FURTHEST)
}

/// A time that is only about right: `less than a minute`, `about 12 min`, `about 3 h`, `about 2 d`.
#[must_use]
pub fn about(left: Duration) -> String {
    let seconds = left.as_secs();
    match seconds {
        0..60 => "less than a minute".to_owned(),
        60..600 => format!("about {} min", seconds.div_ceil(60)),
        600..5_400 => format!("about {} min", seconds.div_ceil(300) * 5),
        5_400..129_600 => format!("about {} h", (seconds + 1_800) / 3_600),
        _ => format!("about {} d", (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Done;
    use mjwork::Timestamp;

    fn minutes(completed: &[u32]) -> Vec<Bucket> {
        let bucket = |completed: &u32| Bucket {
            start: Timestamp::default(),
            done: Done { completed: *completed, ..Done::default() },
            left: None,
        };
        completed.iter().map(bucket).collect()
    }

    fn left(open: usize, completed: &[u32], into_last: u64) -> Option<u64> {
        time_left(open, &minutes(completed), into_last).map(|left| left.as_secs())
    }

    #[test]
    fn a_steady_pace_says_when_it_ends() {
        // Ten a minute, half of the last one passed.
        assert_eq!(left(100, &[10, 10, 10, 10, 5], 30), Some(534));
        assert_eq!(left(7, &[0, 0, 0, 21], 60), Some(10), "a queue that has just begun");
    }

    #[test]
    fn it_says_nothing_where_it_cannot_know() {
        assert_eq!(left(100, &[], 0), None);
        assert_eq!(left(100, &[0; 30], 0), None);
        assert_eq!(left(100, &[1, 1], 0), None, "two are no pace");
        assert_eq!(left(0, &[10, 10], 0), None, "nothing is left");
        let mut still = [0; 30];
        still[..19].fill(10);
        assert_eq!(left(100, &still, 0), None, "nothing was done for long");
        assert_eq!(left(10_000_000, &[1, 1, 1], 0), None, "nobody plans that far");
    }

    #[test]
    fn neither_a_burst_nor_an_old_rush_counts_for_much() {
        let steady = left(100, &[10; 20], 60).unwrap();
        let mut burst = [10; 20];
        burst[5] = 5_000;
        let with_burst = left(100, &burst, 60).unwrap();
        assert!(with_burst >= steady * 3 / 4, "{with_burst} of {steady}");
        // Before a long pause the pace was another.
        let mut rush = [0; 30];
        rush[..5].fill(1_000);
        rush[25..].fill(10);
        let after = left(100, &rush, 60).unwrap();
        assert!(after >= 500, "{after}");
    }

    #[test]
    fn what_is_said_is_only_about_right() {
        for (seconds, said) in [
            (5, "less than a minute"),
            (61, "about 2 min"),
            (1_300, "about 25 min"),
            (7_200, "about 2 h"),
            (200_000, "about 2 d"),
        ] {
            assert_eq!(about(Duration::from_secs(seconds)), said);
        }
    }
}

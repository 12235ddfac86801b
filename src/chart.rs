//! Charts as paths of SVG: numbers in, one path a layer out. Each bucket is [`STEP`] wide, the highest one [`HEIGHT`]
//! high; the browser stretches that to whatever room there is.

use std::fmt::Write as _;

/// How wide a bucket is.
pub const STEP: usize = 10;
/// How high the highest bucket is.
pub const HEIGHT: u64 = 1_000;
/// So wide a bar is, of [`STEP`].
const BAR: usize = 8;

/// The highest sum of the layers over one bucket, and at least 1.
#[must_use]
pub fn top(layers: &[Vec<u32>]) -> u64 {
    let length = layers.iter().map(Vec::len).max().unwrap_or(0);
    let sum = |at: usize| layers.iter().filter_map(|layer| layer.get(at)).map(|n| u64::from(*n)).sum();
    (0..length).map(sum).max().unwrap_or(0).max(1)
}

/// Where the line lies over which a layer ends, for each bucket, from the bottom.
fn edges(layers: &[Vec<u32>], top: u64) -> Vec<Vec<u64>> {
    let mut sums = vec![0_u64; layers.iter().map(Vec::len).max().unwrap_or(0)];
    let mut edges = vec![sums.clone()];
    for layer in layers {
        for (sum, number) in sums.iter_mut().zip(layer) {
            *sum += u64::from(*number);
        }
        edges.push(sums.iter().map(|sum| (sum * HEIGHT).div_ceil(top.max(1)).min(HEIGHT)).collect());
    }
    edges
}

/// Bars, the first layer at the bottom and each on the one before: a path for each.
#[must_use]
pub fn bars(layers: &[Vec<u32>]) -> Vec<String> {
    let edges = edges(layers, top(layers));
    let layer = |pair: &[Vec<u64>]| {
        let mut path = String::new();
        for (at, (low, high)) in pair[0].iter().zip(&pair[1]).enumerate().filter(|(_, (l, h))| l < h) {
            let x = at * STEP + (STEP - BAR) / 2;
            let _ = write!(path, "M{x} {}V{}h{BAR}V{}z", HEIGHT - low, HEIGHT - high, HEIGHT - low);
        }
        path
    };
    edges.windows(2).map(layer).collect()
}

/// Areas, the first layer at the bottom and each on the one before: a path for each.
#[must_use]
pub fn areas(layers: &[Vec<u32>]) -> Vec<String> {
    let edges = edges(layers, top(layers));
    let layer = |pair: &[Vec<u64>]| {
        if pair[0].iter().zip(&pair[1]).all(|(low, high)| low == high) {
            return String::new();
        }
        let mut path = String::new();
        for (at, high) in pair[1].iter().enumerate() {
            let y = HEIGHT - high;
            let _ = match at {
                0 => write!(path, "M0 {y}H{STEP}"),
                _ => write!(path, "V{y}H{}", (at + 1) * STEP),
            };
        }
        for (at, low) in pair[0].iter().enumerate().rev() {
            let _ = write!(path, "V{}H{}", HEIGHT - low, at * STEP);
        }
        path.push('z');
        path
    };
    edges.windows(2).map(layer).collect()
}

/// The `viewBox` of a chart of so many buckets.
#[must_use]
pub fn view_box(buckets: usize) -> String {
    format!("0 0 {} {HEIGHT}", buckets * STEP)
}

/// Which bucket lies at this part of the width, in thousandths.
#[must_use]
pub fn bucket_at(buckets: usize, thousandths: usize) -> Option<usize> {
    let last = buckets.checked_sub(1)?;
    Some((buckets * thousandths / 1_000).min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_each_other_and_none_is_drawn_for_nothing() {
        let layers = [vec![2, 0, 1], vec![2, 0, 0]];
        assert_eq!(top(&layers), 4);
        assert_eq!(
            bars(&layers),
            ["M1 1000V500h8V1000zM21 1000V750h8V1000z".to_owned(), "M1 500V0h8V500z".to_owned()]
        );
        assert_eq!(bars(&[vec![0, 0]]), [String::new()]);
    }

    #[test]
    fn areas_are_steps_that_close() {
        assert_eq!(areas(&[vec![1, 2]]), ["M0 500H10V0H20V1000H10V1000H0z".to_owned()]);
        let two = areas(&[vec![1, 1], vec![0, 1]]);
        assert_eq!(two[1], "M0 500H10V0H20V500H10V500H0z");
        assert_eq!(areas(&[vec![1, 1], vec![0, 0]])[1], "");
    }

    #[test]
    fn the_smallest_number_is_seen_and_the_largest_does_not_overflow() {
        let paths = bars(&[vec![1, u32::MAX]]);
        assert!(paths[0].starts_with("M1 1000V999h8"), "{paths:?}");
        assert_eq!(top(&[vec![u32::MAX], vec![u32::MAX]]), 2 * u64::from(u32::MAX));
        assert_eq!((top(&[]), bars(&[]).len(), areas(&[]).len()), (1, 0, 0));
    }

    #[test]
    fn what_is_pointed_at_is_a_bucket() {
        assert_eq!(view_box(3), "0 0 30 1000");
        assert_eq!((bucket_at(4, 0), bucket_at(4, 499), bucket_at(4, 1_000)), (Some(0), Some(1), Some(3)));
        assert_eq!(bucket_at(0, 500), None);
    }
}

//! An order in which functions that are alike stand beside each other. gzip looks back 32 KiB, and writes a distance in
//! fewer bits the shorter it is.

use std::collections::HashMap;

/// So many bytes in a row are compared.
const RUN: usize = 6;
/// A run that more functions have says nothing of any two.
const COMMON: usize = 60;
/// How much a function counts that stands one, two, three, four places before.
const BEFORE: [f64; 4] = [1.0, 0.6, 0.4, 0.3];
/// What is added to the length of a function, so that the shortest do not win by one run.
const LENGTH: f64 = 20.0;

/// The place of each function: the next is always the one that shares the most with those before, for its length.
pub fn alike(bodies: &[&[u8]]) -> Vec<usize> {
    let (runs, holders) = runs(bodies);
    let weights: Vec<f64> = holders
        .iter()
        .map(|of| 1.0 / f64::from(u32::try_from(of.len() + 1).unwrap_or(u32::MAX)).ln())
        .collect();
    // The longest first: where nothing is alike, one of them begins anew.
    let mut longest: Vec<usize> = (0..bodies.len()).collect();
    longest.sort_by_key(|&at| (bodies[at].len(), usize::MAX - at));
    let mut places = vec![usize::MAX; bodies.len()];
    let mut order: Vec<usize> = Vec::new();
    let mut scores = vec![0.0; bodies.len()];
    let mut scored: Vec<usize> = Vec::new();
    while order.len() < bodies.len() {
        for (&before, share) in order.iter().rev().zip(BEFORE) {
            for &run in &runs[before] {
                for &at in holders[run].iter().filter(|&&at| places[at] == usize::MAX) {
                    if scores[at] == 0.0 {
                        scored.push(at);
                    }
                    scores[at] += share * weights[run];
                }
            }
        }
        let mut best: Option<(f64, usize)> = None;
        for at in scored.drain(..) {
            let length = f64::from(u32::try_from(bodies[at].len()).unwrap_or(u32::MAX));
            let score = std::mem::take(&mut scores[at]) / (LENGTH + length);
            if best.is_none_or(|(most, of)| score > most || (score >= most && at < of)) {
                best = Some((score, at));
            }
        }
        let next = best.map(|(_, at)| at).or_else(|| {
            while longest.pop_if(|at| places[*at] != usize::MAX).is_some() {}
            longest.pop()
        });
        let Some(next) = next else { break };
        places[next] = order.len();
        order.push(next);
    }
    places
}

/// The runs that some functions share: those of each function, and the functions of each.
fn runs(bodies: &[&[u8]]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut found: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (at, body) in bodies.iter().enumerate() {
        for run in body.windows(RUN) {
            let holders = found.entry(run).or_default();
            if holders.last() != Some(&at) {
                holders.push(at);
            }
        }
    }
    let mut shared: Vec<(&[u8], Vec<usize>)> =
        found.into_iter().filter(|(_, holders)| (2..=COMMON).contains(&holders.len())).collect();
    // The same bundle comes of the same program.
    shared.sort_unstable();
    let holders: Vec<Vec<usize>> = shared.into_iter().map(|(_, holders)| holders).collect();
    let mut runs = vec![Vec::new(); bodies.len()];
    for (run, of) in holders.iter().enumerate() {
        for &at in of {
            runs[at].push(run);
        }
    }
    (runs, holders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_alike_stand_beside_each_other() {
        let bodies: [&[u8]; 5] = [
            b"one thing and another",
            b"",
            b"quite different words",
            b"one thing and a third",
            b"quite different",
        ];
        let places = alike(&bodies);
        let mut all = places.clone();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4]);
        assert_eq!(places[0].abs_diff(places[3]), 1);
        assert_eq!(places[2].abs_diff(places[4]), 1);
        assert_eq!(places, alike(&bodies));
    }
}

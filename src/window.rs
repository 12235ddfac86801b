//! Which rows of a long list exist: those in sight and some around them, at a fixed height each.
//! A hundred thousand tasks must not make a hundred thousand nodes.

use std::ops::Range;

/// A list that is no longer than this is there as a whole.
pub const WHOLE_UP_TO: usize = 100;
/// So many rows more exist above and below what is in sight.
const MARGIN: usize = 12;
/// The first row moves in steps, so that a pixel of scrolling changes nothing.
const STRIDE: usize = 4;

/// What of a list is in sight, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Viewport {
    /// How far it is scrolled.
    pub top: usize,
    /// How high the visible part is.
    pub height: usize,
}

/// The rows that exist of `total`, each `step` pixels high with its gap.
#[must_use]
pub fn rows(total: usize, step: usize, viewport: Viewport) -> Range<usize> {
    if total <= WHOLE_UP_TO || step == 0 {
        return 0..total.min(WHOLE_UP_TO);
    }
    let in_sight = viewport.height.div_ceil(step) + 1;
    let top = (viewport.top / step).min(total.saturating_sub(in_sight));
    let first = top.saturating_sub(MARGIN) / STRIDE * STRIDE;
    first..(top + in_sight + MARGIN + STRIDE).min(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(top: usize) -> Viewport {
        Viewport { top, height: 800 }
    }

    #[test]
    fn a_short_list_is_whole() {
        assert_eq!(rows(0, 80, at(0)), 0..0);
        assert_eq!(rows(100, 80, at(4_000)), 0..100);
    }

    #[test]
    fn what_is_in_sight_always_exists() {
        for pixel in [0, 1, 79, 80, 12_345, 7_999_200, 8_000_000, 1_000_000_000_000] {
            let range = rows(100_000, 80, at(pixel));
            let top = (pixel / 80).min(100_000 - 10);
            assert!(range.start <= top && range.end >= (top + 10).min(100_000), "{pixel}: {range:?}");
            assert!(range.len() < 60, "{pixel}: {range:?}");
        }
    }

    #[test]
    fn small_scrolling_changes_nothing() {
        assert_eq!(rows(1_000, 80, at(8_000)), rows(1_000, 80, at(8_079)));
    }

    #[test]
    fn an_unmeasured_list_is_bounded() {
        assert_eq!(rows(100_000, 0, at(0)).len(), WHOLE_UP_TO);
    }
}

//! Which rows of a long list exist: those in sight and some around them, at a fixed height each.
//! A hundred thousand tasks must not make a hundred thousand nodes.

use std::ops::Range;

/// A list that is no longer than this is there as a whole.
pub const WHOLE_UP_TO: usize = 100;

/// How much of a list exists beyond what is in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// A list that is no longer than this is there as a whole.
    pub whole_up_to: usize,
    /// So many rows more exist above and below what is in sight.
    pub margin: usize,
    /// The first row moves in steps, so that a pixel of scrolling changes nothing.
    pub stride: usize,
}

impl Bounds {
    /// For a list of rows.
    pub const ROWS: Self = Self { whole_up_to: WHOLE_UP_TO, margin: 12, stride: 4 };
    /// For a column of cards, of which each costs more than a row, and several columns stand beside each other.
    pub const CARDS: Self = Self { margin: 2, stride: 6, ..Self::ROWS };
    /// For one of many short lists that stand beside each other.
    pub const SHORT: Self = Self { whole_up_to: 5, margin: 1, stride: 1 };
    /// For a list of rows that are lists themselves.
    pub const LISTS: Self = Self { whole_up_to: 3, margin: 0, stride: 1 };
}

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
    rows_within(Bounds::ROWS, total, step, viewport)
}

/// The same within other bounds.
#[must_use]
pub fn rows_within(bounds: Bounds, total: usize, step: usize, viewport: Viewport) -> Range<usize> {
    let Bounds { whole_up_to, margin, stride } = bounds;
    if total <= whole_up_to || step == 0 {
        return 0..total.min(whole_up_to);
    }
    let in_sight = viewport.height.div_ceil(step) + 1;
    let top = (viewport.top / step).min(total.saturating_sub(in_sight));
    let first = top.saturating_sub(margin) / stride * stride;
    // The last row moves with the first, and no oftener.
    first..(first + in_sight + 2 * margin + stride).min(total)
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
    fn lists_in_a_list_are_few() {
        let lanes = rows_within(Bounds::LISTS, 5_000, 300, Viewport { top: 30_000, height: 900 });
        assert!(lanes.start <= 100 && lanes.end >= 104 && lanes.len() < 8, "{lanes:?}");
        let cards = rows_within(Bounds::SHORT, 5_000, 84, Viewport { top: 0, height: 252 });
        assert!(cards.len() < 12, "{cards:?}");
        assert_eq!(rows_within(Bounds::LISTS, 3, 300, Viewport::default()), 0..3);
    }

    #[test]
    fn small_scrolling_changes_nothing() {
        assert_eq!(rows(1_000, 80, at(8_000)), rows(1_000, 80, at(8_319)));
        assert_ne!(rows(1_000, 80, at(8_000)), rows(1_000, 80, at(8_320)));
    }

    #[test]
    fn an_unmeasured_list_is_bounded() {
        assert_eq!(rows(100_000, 0, at(0)).len(), WHOLE_UP_TO);
    }
}

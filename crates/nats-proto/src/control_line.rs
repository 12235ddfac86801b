//! The arguments of one protocol line, found in a single pass over its bytes.
//! Nothing is copied: an argument is a range into the line.

use std::ops::Range;

use memchr::memchr2;

/// The most arguments any server operation has (`HMSG subject sid reply headers total`).
const MOST: usize = 5;

/// Where the arguments of a line are.
pub(crate) struct Arguments {
    ranges: [(usize, usize); MOST],
    count: usize,
}

impl Arguments {
    /// Splits at runs of spaces and tabs. `None` if there are more arguments than any operation has.
    pub(crate) fn split(line: &[u8]) -> Option<Self> {
        let mut found = Self { ranges: [(0, 0); MOST], count: 0 };
        let mut at = 0;
        while at < line.len() {
            if matches!(line[at], b' ' | b'\t') {
                at += 1;
                continue;
            }
            let end = memchr2(b' ', b'\t', &line[at..]).map_or(line.len(), |length| at + length);
            found.push(at, end)?;
            at = end + 1;
        }
        Some(found)
    }

    /// How many arguments there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The argument at `index`, as a range into the line; empty if there is none.
    pub(crate) fn range(&self, index: usize) -> Range<usize> {
        let (from, to) = self.ranges.get(index).copied().unwrap_or((0, 0));
        from..to
    }

    fn push(&mut self, from: usize, to: usize) -> Option<()> {
        *self.ranges.get_mut(self.count)? = (from, to);
        self.count += 1;
        Some(())
    }
}

/// A decimal number without sign. `None` if it is empty, has another character, or does not fit.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 20 {
        return None;
    }
    let mut value = 0u64;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Option<Vec<&str>> {
        let found = Arguments::split(line.as_bytes())?;
        Some((0..found.count()).map(|index| &line[found.range(index)]).collect())
    }

    #[test]
    fn arguments_are_what_stands_between_blanks() {
        assert_eq!(split(""), Some(vec![]));
        assert_eq!(split(" \t "), Some(vec![]));
        assert_eq!(split("a"), Some(vec!["a"]));
        assert_eq!(split(" a  bb\tc "), Some(vec!["a", "bb", "c"]));
        assert_eq!(split("1 2 3 4 5"), Some(vec!["1", "2", "3", "4", "5"]));
        assert_eq!(split("1 2 3 4 5 6"), None);
    }

    #[test]
    fn numbers_fit_or_are_refused() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for bad in ["", "-1", "+1", "1 ", "18446744073709551616", "000000000000000000001", "a", "1e3"] {
            assert_eq!(number(bad.as_bytes()), None, "{bad:?}");
        }
    }
}

//! The arguments of one protocol line, found in a single pass over its bytes.
//! Nothing is copied: an argument is a range into the line.

#![expect(
    clippy::inline_always,
    reason = "every message's line goes through here; not inlined, reading it takes half longer"
)]

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

/// The line of a message, in the form in which servers write it: one blank between arguments, `MSG` or `HMSG` in upper
/// case, numbers that fit, and nothing that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MessageLine {
    pub(crate) sid: u64,
    /// Ranges into the bytes that were read.
    pub(crate) subject: Range<usize>,
    pub(crate) reply: Option<Range<usize>>,
    /// Bytes of the header block, at most `total`.
    pub(crate) headers: Option<usize>,
    /// Bytes of headers and payload together.
    pub(crate) total: usize,
    /// Where the body begins.
    pub(crate) end: usize,
}

impl MessageLine {
    /// Reads the line that `bytes` begin with, in one pass. `None` if it is another one, in another form, or not whole.
    #[inline(always)]
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (has_headers, from) = match bytes {
            [b'M', b'S', b'G', b' ', ..] => (false, 4),
            [b'H', b'M', b'S', b'G', b' ', ..] => (true, 5),
            _ => return None,
        };
        let subject = word(bytes, from)?;
        let (sid, after) = digits(bytes, subject.end + 1)?;
        if bytes.get(after) != Some(&b' ') {
            return None;
        }
        let mut at = after + 1;
        let wanted = if has_headers { 2 } else { 1 };
        let mut reply = None;
        // What stands here are as many numbers as are wanted, or a reply subject before them, which may look like one.
        let mut numbers = numbers(bytes, at, wanted);
        if numbers.is_none() {
            let range = word(bytes, at)?;
            at = range.end + 1;
            reply = Some(range);
            numbers = self::numbers(bytes, at, wanted);
        }
        let (first, total, end) = numbers?;
        let total = usize::try_from(total).ok()?;
        let headers = if has_headers {
            Some(usize::try_from(first).ok().filter(|length| *length <= total)?)
        } else {
            None
        };
        Some(Self { sid, subject, reply, headers, total, end })
    }
}

/// The argument that begins at `from` and ends before a blank.
#[inline(always)]
fn word(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let end = from + first_blank(bytes.get(from..)?)?;
    (end > from && bytes[end] == b' ').then_some(from..end)
}

/// Where the first byte is that is a blank or stands before it, such as the end of a line. Eight bytes are looked at at
/// a time.
#[inline(always)]
fn first_blank(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    let mut at = 0;
    while let Some(eight) = bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()) {
        let eight = u64::from_le_bytes(eight);
        // The highest bit of a byte is set if it is below 0x21; above the lowest such byte there may be wrong ones.
        let below = eight.wrapping_sub(ONES * 0x21) & !eight & (ONES * 0x80);
        if below != 0 {
            return Some(at + below.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    Some(at + bytes.get(at..)?.iter().position(|byte| *byte <= b' ')?)
}

/// The number that begins at `from`, and where it ends.
#[inline(always)]
fn digits(bytes: &[u8], from: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    // More digits than this may not fit, and are read elsewhere.
    for (count, byte) in bytes.get(from..)?.iter().take(19).enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (count > 0).then_some((value, from + count));
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    None
}

/// One number or two up to the end of the line: the first, the last, and where the next line begins.
#[inline(always)]
fn numbers(bytes: &[u8], from: usize, wanted: usize) -> Option<(u64, u64, usize)> {
    let (first, mut at) = digits(bytes, from)?;
    let mut last = first;
    if wanted == 2 {
        if bytes.get(at) != Some(&b' ') {
            return None;
        }
        (last, at) = digits(bytes, at + 1)?;
    }
    (bytes.get(at..at + 2)? == b"\r\n").then_some((first, last, at + 2))
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
    fn a_line_of_a_message_in_the_form_that_servers_write() {
        type Read<'a> = (&'a str, u64, &'a str, Option<usize>, usize, &'a str);
        fn read(line: &str) -> Option<Read<'_>> {
            let read = MessageLine::read(line.as_bytes())?;
            let reply = read.reply.map_or("", |range| &line[range]);
            Some((&line[read.subject], read.sid, reply, read.headers, read.total, &line[read.end..]))
        }
        assert_eq!(read("MSG a.b 1 5\r\nhello"), Some(("a.b", 1, "", None, 5, "hello")));
        assert_eq!(read("MSG a 12 r 0\r\n\r\n"), Some(("a", 12, "r", None, 0, "\r\n")));
        assert_eq!(read("MSG a 1 7 0\r\n"), Some(("a", 1, "7", None, 0, "")));
        assert_eq!(read("MSG a 1 7x 0\r\n"), Some(("a", 1, "7x", None, 0, "")));
        assert_eq!(read("HMSG a 1 12 14\r\n"), Some(("a", 1, "", Some(12), 14, "")));
        assert_eq!(read("HMSG a 1 r 12 12\r\n"), Some(("a", 1, "r", Some(12), 12, "")));
        assert_eq!(read("HMSG a 1 9 12 12\r\n"), Some(("a", 1, "9", Some(12), 12, "")));
        for other in [
            "",
            "MSG",
            "MSG ",
            "MSG a",
            "MSG a 1",
            "MSG a 1 ",
            "MSG a 1 5",
            "MSG a 1 5\r",
            "MSG a 1 5\n",
            "MSG  a 1 5\r\n",
            "MSG a  1 5\r\n",
            "MSG a 1  5\r\n",
            "MSG a 1 5 \r\n",
            "MSG\ta 1 5\r\n",
            "MSG a\t1 5\r\n",
            "msg a 1 5\r\n",
            "MSG a x 5\r\n",
            "MSG a 1x 5\r\n",
            "MSG a 1 r 5 6\r\n",
            "MSG a 1 -5\r\n",
            "HMSG a 1 5\r\n",
            "HMSG a 1 6 5\r\n",
            "HMSG a 1 r s 5 6\r\n",
            "MSG a 1000000000000000000 5\r\n",
            "PING\r\n",
        ] {
            assert_eq!(read(other), None, "{other:?}");
        }
    }

    #[test]
    fn the_first_blank_is_found_wherever_it_stands_and_whatever_stands_around_it() {
        for around in [b'!', b'a', b'~', 0x7f, 0x80, 0xa0, 0xff] {
            for length in 0..40 {
                let without = vec![around; length];
                assert_eq!(first_blank(&without), None, "{around} {length}");
                for at in 0..length {
                    for blank in [0, b'\t', b'\n', b'\r', 0x1f, b' '] {
                        let mut bytes = without.clone();
                        bytes[at] = blank;
                        assert_eq!(first_blank(&bytes), Some(at), "{around} {length} {blank}");
                        // What follows it does not matter.
                        bytes[at..].fill(b' ');
                        assert_eq!(first_blank(&bytes), Some(at), "{around} {length} and all that follows");
                    }
                }
            }
        }
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

//! Numbers and texts packed into bytes, as histories and snapshots are. Reading is total: what is cut off or too long
//! is nothing, and no length is believed before the bytes are there.

/// Writes a number, seven bits a byte, the lowest first.
pub(super) fn put_count(out: &mut Vec<u8>, mut count: u64) {
    while count >= 0x80 {
        out.push(low(count) | 0x80);
        count >>= 7;
    }
    out.push(low(count));
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits of it")]
const fn low(count: u64) -> u8 {
    count as u8 & 0x7f
}

/// Writes a number that may be below zero: near zero it is short.
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_count(out, (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned());
}

/// Writes a text with its length.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_count(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Writes a text that may be absent: with its length and one, or zero.
pub(super) fn put_option(out: &mut Vec<u8>, text: Option<&str>) {
    put_count(out, text.map_or(0, |text| text.len() as u64 + 1));
    out.extend_from_slice(text.unwrap_or_default().as_bytes());
}

/// A place in packed bytes.
#[derive(Clone, Copy)]
pub(super) struct Unpack<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Unpack<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) const fn starting(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub(super) const fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn count(&mut self) -> Option<u64> {
        let mut byte = self.byte()?;
        let mut count = u64::from(byte & 0x7f);
        let mut shift = 7;
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift > 63 || (bits << shift) >> shift != bits {
                return None;
            }
            count |= bits << shift;
            shift += 7;
        }
        Some(count)
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        let count = self.count()?;
        Some((count >> 1).cast_signed() ^ -(count & 1).cast_signed())
    }

    pub(super) fn small(&mut self) -> Option<u32> {
        u32::try_from(self.count()?).ok()
    }

    pub(super) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.count()?).ok()
    }

    /// How many things follow, each of a byte at the least.
    pub(super) fn many(&mut self) -> Option<usize> {
        self.size().filter(|many| *many <= self.left())
    }

    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.size()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// A text that may be absent; nothing at all where the bytes are wrong.
    #[expect(clippy::option_option, reason = "the outer one says whether the bytes are right")]
    pub(super) fn option(&mut self) -> Option<Option<&'a str>> {
        let Some(length) = self.size()?.checked_sub(1) else { return Some(None) };
        std::str::from_utf8(self.bytes(length)?).ok().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_read_again(count: u64, number: i64, text: String, other: Option<String>) {
            let mut out = Vec::new();
            put_count(&mut out, count);
            put_signed(&mut out, number);
            put_text(&mut out, &text);
            put_option(&mut out, other.as_deref());
            let mut read = Unpack::new(&out);
            prop_assert_eq!((read.count(), read.signed()), (Some(count), Some(number)));
            prop_assert_eq!((read.text(), read.option()), (Some(&*text), Some(other.as_deref())));
            prop_assert_eq!(read.left(), 0);
            for cut in 0..out.len() {
                let mut read = Unpack::new(&out[..cut]);
                let whole = read.count().is_some() && read.signed().is_some() && read.text().is_some();
                prop_assert!(!whole || read.option().is_none());
            }
        }
    }

    #[test]
    fn no_number_is_longer_than_it_may_be() {
        assert_eq!(Unpack::new(&[0xff; 20]).count(), None);
        assert_eq!(Unpack::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).count(), None);
        assert_eq!(
            Unpack::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).count(),
            Some(u64::MAX)
        );
        assert_eq!(Unpack::new(&[200, 1, 0]).many(), None, "so many cannot follow");
    }
}

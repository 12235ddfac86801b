//! Where the parts of a JSON text begin and end. It says nothing of what is within a number or an escape: that is
//! `serde_json`'s to judge.

/// A place in a JSON text.
#[derive(Clone, Copy)]
pub struct Scan<'a> {
    text: &'a str,
    at: usize,
}

/// A value of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A text that stands between its quotes as it is.
    Plain(&'a str),
    /// A text with escapes, in its quotes.
    Escaped(&'a str),
    /// A list or an object, up to the bracket that closes it.
    Nested(&'a str),
    /// Anything else: `null`, a number, or nonsense.
    Word(&'a str),
}

impl<'a> Scan<'a> {
    /// At its beginning.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// What has been passed over since `from`.
    #[must_use]
    pub fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    /// How many bytes have been passed over.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is no space.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            let next = self.rest().first().copied();
            match next {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                _ => return next,
            }
        }
    }

    /// Passes over `byte` if it comes next.
    pub fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes over `name`, if it comes next in its quotes, as it is, with a colon right behind.
    pub fn skip_name(&mut self, name: &str) -> bool {
        self.peek();
        let length = name.len() + 2;
        let found = match self.rest().split_at_checked(length) {
            Some(([b'"', found @ .., b'"'], [b':', ..])) => is_same(found, name.as_bytes()),
            _ => false,
        };
        self.at += if found { length + 1 } else { 0 };
        found
    }

    /// Passes over the next value; none where there is no end to it.
    pub fn value(&mut self) -> Option<Part<'a>> {
        match self.peek()? {
            b'"' => self.string(),
            b'{' | b'[' => self.nested(),
            _ => {
                let from = self.at;
                let end =
                    |b: &u8| matches!(b, b',' | b'}' | b']' | b':' | b'"' | b' ' | b'\n' | b'\r' | b'\t');
                self.at += self.rest().iter().position(end).unwrap_or(self.rest().len());
                Some(Part::Word(self.since(from)))
            }
        }
    }

    fn string(&mut self) -> Option<Part<'a>> {
        let from = self.at;
        let mut escaped = false;
        self.at += 1;
        loop {
            self.at += plain(self.rest());
            match self.text.as_bytes().get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return if escaped {
                        Some(Part::Escaped(self.since(from)))
                    } else {
                        self.text.get(from + 1..self.at - 1).map(Part::Plain)
                    };
                }
                b'\\' => {
                    escaped = true;
                    self.at += 2;
                }
                // A control character.
                _ => return None,
            }
        }
    }

    fn nested(&mut self) -> Option<Part<'a>> {
        let from = self.at;
        let mut depth = 0_usize;
        loop {
            match self.rest().first()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(Part::Nested(self.since(from)));
            }
        }
    }
}

/// Whether two names are the same: a few comparisons instead of a call, as each field of each message is found so.
#[must_use]
pub fn is_same(a: &[u8], b: &[u8]) -> bool {
    let eight = |text: &[u8]| (text.first_chunk::<8>().copied(), text.last_chunk::<8>().copied());
    let four = |text: &[u8]| (text.first_chunk::<4>().copied(), text.last_chunk::<4>().copied());
    a.len() == b.len()
        && match a.len() {
            0..4 => a.iter().eq(b),
            4..8 => four(a) == four(b),
            8..=16 => eight(a) == eight(b),
            _ => a == b,
        }
}

/// How many bytes of a text stand for themselves, up to a quote, a backslash or a control character; eight at a time.
fn plain(text: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    const fn all(byte: u8) -> u64 {
        ONES * byte as u64
    }
    let mut rest = text;
    while let Some((eight, after)) = rest.split_first_chunk::<8>() {
        let eight = u64::from_le_bytes(*eight);
        // A byte below another borrows from its own highest bit; the first that does is no other's fault.
        let below = |bytes: u64, byte| bytes.wrapping_sub(all(byte)) & !bytes;
        let quote = below(eight ^ all(b'"'), 1);
        let backslash = below(eight ^ all(b'\\'), 1);
        let found = (quote | backslash | below(eight, b' ')) & HIGHS;
        if found != 0 {
            return text.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let ends = |b: &u8| matches!(b, b'"' | b'\\' | 0..0x20);
    text.len() - rest.len() + rest.iter().position(ends).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_where_it_does() {
        for end in [b'"', b'\\', 0, 0x1f] {
            for before in 0..20 {
                for after in 0..20 {
                    let mut text = vec![b' '; before];
                    text.push(end);
                    text.resize(before + 1 + after, b'"');
                    assert_eq!(plain(&text), before, "{text:?}");
                }
            }
        }
        for free in [" !#[]~\u{7f}äöü€😀\u{80}\u{ff}", "", "12345678", "123456789"] {
            assert_eq!(plain(free.as_bytes()), free.len());
        }
    }
}

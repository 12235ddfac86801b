//! How a search is read and written. Reading never fails, and what is written reads the same.

use super::Key;
use std::ops::Range;

/// A term where it stands in a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// Its bytes.
    pub(super) span: Range<usize>,
    pub(super) is_negated: bool,
    pub(super) key: Option<Key>,
    /// Each value with its bytes, quotes included; none behind a bare `key:`.
    pub(super) values: Vec<(Range<usize>, String)>,
}

/// The terms of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut reader = Reader { text, at: 0 };
    loop {
        reader.skip(char::is_whitespace);
        if reader.rest().is_empty() {
            return tokens;
        }
        tokens.push(reader.token());
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, is_skipped: fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let skipped = &rest[..rest.find(|c| !is_skipped(c)).unwrap_or(rest.len())];
        self.at += skipped.len();
        skipped
    }

    fn token(&mut self) -> Token {
        let start = self.at;
        let is_negated =
            self.rest().strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace()));
        self.at += usize::from(is_negated);
        let key = self.key();
        let mut values = Vec::new();
        loop {
            let from = self.at;
            let value = if self.rest().starts_with('"') {
                Some(self.quoted())
            } else {
                let is_part: fn(char) -> bool = match key {
                    Some(_) => |c| !c.is_whitespace() && c != ',',
                    None => |c| !c.is_whitespace(),
                };
                Some(self.skip(is_part).to_owned()).filter(|value| !value.is_empty())
            };
            values.extend(value.map(|value| (from..self.at, value)));
            if key.is_none() || !self.rest().starts_with(',') {
                return Token { span: start..self.at, is_negated, key, values };
            }
            self.at += 1;
        }
    }

    fn key(&mut self) -> Option<Key> {
        let (word, _) = self.rest().split_once(':')?;
        let key = Key::of(word)?;
        self.at += word.len() + 1;
        Some(key)
    }

    /// What stands in quotes; one that is not closed goes to the end. `\` takes the next as it is.
    fn quoted(&mut self) -> String {
        let mut value = String::new();
        let mut is_escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '\\' if !is_escaped => is_escaped = true,
                '"' if !is_escaped => {
                    self.at += at + 1;
                    return value;
                }
                other => {
                    value.push(other);
                    is_escaped = false;
                }
            }
        }
        self.at = self.text.len();
        value
    }
}

/// A term as it is written.
pub(super) fn written<'a>(
    is_negated: bool,
    key: Option<Key>,
    values: impl Iterator<Item = &'a str>,
) -> String {
    let mut written = String::from(if is_negated { "-" } else { "" });
    if let Some(key) = key {
        written.push_str(key.as_str());
        written.push(':');
    }
    for (place, value) in values.enumerate() {
        if place > 0 {
            written.push(',');
        }
        push_value(&mut written, key, value);
    }
    written
}

/// Writes a value, in quotes where it would not be read as it is.
pub(super) fn push_value(written: &mut String, key: Option<Key>, value: &str) {
    let is_plain = match key {
        Some(_) => !value.contains(','),
        None => {
            !value.starts_with('-') && value.split_once(':').is_none_or(|(word, _)| Key::of(word).is_none())
        }
    };
    if is_plain && !value.is_empty() && !value.starts_with('"') && !value.contains(char::is_whitespace) {
        written.push_str(value);
        return;
    }
    written.push('"');
    for c in value.chars() {
        if c == '"' || c == '\\' {
            written.push('\\');
        }
        written.push(c);
    }
    written.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::Search;
    use super::*;

    #[test]
    fn there_is_one_way_to_write_a_search() {
        for (typed, written) in [
            ("", ""),
            ("  a   b ", "a b"),
            ("a a -a", "a -a"),
            ("Status:Failed,blocked", "status:Failed,blocked"),
            ("tag:a,,b,", "tag:a,b"),
            ("tag: x", "x"),
            ("-tag:\"a b\"", "-tag:\"a b\""),
            ("\"a", "a"),
            ("\"a b", "\"a b\""),
            ("tag:\"a,b\",c", "tag:\"a,b\",c"),
            ("http://x:1", "http://x:1"),
            ("\"tag:x\"", "\"tag:x\""),
            ("\"-x\" -", "\"-x\" \"-\""),
            ("--x", "-\"-x\""),
            (r#""say \"hi\" \\""#, r#""say \"hi\" \\""#),
            ("a\"b", "a\"b"),
            ("\"a\"b", "a b"),
            ("\"\"", "\"\""),
            ("blocker:x:y owner:A", "blocker:x:y owner:A"),
        ] {
            let search = Search::new(typed);
            assert_eq!(search.to_string(), written, "{typed}");
            assert_eq!(Search::new(written), search, "{typed}");
        }
    }

    #[test]
    fn whatever_is_typed_is_read_and_written_the_same() {
        let parts =
            ["tag:", "status:", "-", "\"", "\\", ",", " ", "a", "ü", ":", "*", "owner:", "\u{a0}", "blocker"];
        let mut seed: usize = 1;
        for _ in 0..20_000 {
            let mut typed = String::new();
            for _ in 0..8 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                typed.push_str(parts[(seed >> 33) % parts.len()]);
            }
            let search = Search::new(&typed);
            let written = search.to_string();
            assert_eq!(Search::new(&written), search, "{typed:?} as {written:?}");
            assert_eq!(Search::new(&written).to_string(), written, "{typed:?}");
            for token in tokens(&typed) {
                assert!(typed.get(token.span.clone()).is_some());
                assert!(token.values.iter().all(|(span, _)| typed.get(span.clone()).is_some()));
            }
        }
    }
}

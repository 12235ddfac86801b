//! Message headers. A map is the header block itself: a received one is kept as it came, and names are looked up by
//! scanning it; a built one is appended to in wire form. So receiving allocates nothing, and sending copies once.
//!
//! Names and signatures follow `async_nats::HeaderMap`: names keep their case and are compared with it.

mod constants;
mod json;
mod name;
mod value;

use std::collections::BTreeMap;
use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use memchr::memchr;

use crate::{StatusCode, Subject};

pub use constants::*;
pub use name::{HeaderName, IntoHeaderName, InvalidHeaderName, ParseHeaderNameError};
pub use value::{HeaderValue, IntoHeaderValue, InvalidHeaderValue, ParseHeaderValueError, ValueRef};

const VERSION: &[u8] = b"NATS/1.0";

/// The headers of one message.
///
/// ```
/// use nats_proto::HeaderMap;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("Nats-Msg-Id", "claimed.7.12");
/// headers.append("Tag", "a");
/// headers.append("Tag", "b");
/// assert_eq!(headers.get("Nats-Msg-Id").map(|value| value.as_str()), Some("claimed.7.12"));
/// assert_eq!(headers.get_last("Tag").unwrap().as_str(), "b");
/// assert_eq!(headers.get_all("Tag").count(), 2);
/// assert_eq!(headers.len(), 2);
/// ```
#[derive(Clone, Default)]
pub struct HeaderMap {
    /// `Name: value\r\n` for each value: the block without its version line and its final empty line. Every line ends so,
    /// and none goes on in the next, so that another can follow.
    lines: Bytes,
}

/// A header block, taken apart as far as everyone needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The inline status, such as 503 in `NATS/1.0 503`.
    pub status: Option<StatusCode>,
    /// The words after the status, such as `EOB` in `NATS/1.0 204 EOB`.
    pub description: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
}

/// Reads a header block as it came from a server. A server passes on whatever a publisher sent as headers, so nothing
/// is refused: a block that does not begin with `NATS/1.0` has no headers, and lines without a colon are skipped. A value
/// that goes on in a line that begins with a blank is put together.
///
/// ```
/// use nats_proto::StatusCode;
/// use nats_proto::header::parse_block;
///
/// let block = parse_block(&"NATS/1.0 404 Message Not Found\r\nTrace: 7\r\n\r\n".into());
/// assert_eq!(block.status, Some(StatusCode::NOT_FOUND));
/// assert_eq!(block.description.as_deref(), Some("Message Not Found"));
/// assert_eq!(block.headers.get("Trace").unwrap(), "7");
/// ```
#[must_use]
pub fn parse_block(block: &Bytes) -> Block {
    let mut parsed = Block { status: None, description: None, headers: HeaderMap::new() };
    let Some(after_version) = block.strip_prefix(VERSION) else { return parsed };
    let first_end = memchr(b'\n', after_version).unwrap_or(after_version.len());
    let inline = after_version[..first_end].trim_ascii();
    if !inline.is_empty() {
        let digits = inline.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        parsed.status = StatusCode::from_bytes(digits).ok();
        let words = String::from_utf8_lossy(inline[digits.len()..].trim_ascii()).into_owned();
        parsed.description = Some(words).filter(|words| !words.is_empty() && parsed.status.is_some());
    }
    let start = (VERSION.len() + first_end + 1).min(block.len());
    let end = if block.ends_with(b"\r\n\r\n") { block.len() - 2 } else { block.len() };
    if start < end {
        let lines = block.slice(start..end);
        parsed.headers.lines = if are_straight(&lines) { lines } else { straighten(&lines) };
    }
    parsed
}

/// Whether each of these lines is a header of its own, and ends as it should. Nearly all are that clients write.
fn are_straight(lines: &[u8]) -> bool {
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let Some(end) = memchr(b'\n', rest) else { return false };
        if first.is_ascii_whitespace() {
            return false;
        }
        rest = &rest[end + 1..];
    }
    lines.ends_with(b"\r\n")
}

/// Puts values together that go on in further lines, and forgets empty ones.
#[cold]
fn straighten(lines: &[u8]) -> Bytes {
    let mut straight = BytesMut::with_capacity(lines.len() + 2);
    for line in lines.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        if !straight.is_empty() && !matches!(line[0], b' ' | b'\t') {
            straight.put_slice(b"\r\n");
        }
        straight.put_slice(line);
    }
    straight.put_slice(b"\r\n");
    straight.freeze()
}

impl HeaderMap {
    /// No headers.
    ///
    /// ```
    /// assert!(nats_proto::HeaderMap::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there are none.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// assert!(headers.is_empty());
    /// headers.insert("Trace", "7");
    /// assert!(!headers.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().next().is_none()
    }

    /// How many different names there are.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.append("Tag", "a");
    /// headers.append("Tag", "b");
    /// assert_eq!(headers.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().len()
    }

    /// Sets a header to this one value.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.insert("Trace", "7");
    /// headers.insert("Trace", 8.to_string());
    /// assert_eq!(headers.get("Trace").unwrap(), "8");
    /// ```
    ///
    /// # Panics
    /// If a text given as name or value cannot be one; make a [`HeaderName`] or [`HeaderValue`] by `parse` from what
    /// comes from elsewhere.
    pub fn insert<K: IntoHeaderName, V: IntoHeaderValue>(&mut self, name: K, value: V) {
        let name = name.into_header_name();
        if self.get(name.as_str()).is_some() {
            self.remove(name.as_str());
        }
        self.append(name, value);
    }

    /// Adds a value to a header, behind those that it has.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.append("Tag", "a");
    /// headers.append("Tag", "b");
    /// assert_eq!(headers.get_all("Tag").count(), 2);
    /// ```
    ///
    /// # Panics
    /// As [`HeaderMap::insert`].
    pub fn append<K: IntoHeaderName, V: IntoHeaderValue>(&mut self, name: K, value: V) {
        let (name, value) = (name.into_header_name(), value.into_header_value());
        let mut lines = BytesMut::from(std::mem::take(&mut self.lines));
        lines.reserve(name.as_str().len() + value.as_str().len() + 4);
        lines.put_slice(name.as_str().as_bytes());
        lines.put_slice(b": ");
        lines.put_slice(value.as_str().as_bytes());
        lines.put_slice(b"\r\n");
        self.lines = lines.freeze();
    }

    /// Removes a header with all its values.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.insert("Trace", "7");
    /// headers.remove("Trace");
    /// assert!(headers.is_empty());
    /// ```
    pub fn remove(&mut self, name: &str) {
        let mut kept = BytesMut::with_capacity(self.lines.len());
        for (line, other, _) in self.raw_lines() {
            if other != name.as_bytes() {
                kept.put_slice(line);
            }
        }
        self.lines = kept.freeze();
    }

    /// The first value of a header.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.insert("Trace", "7");
    /// assert_eq!(headers.get("Trace").map(|value| value.as_str()), Some("7"));
    /// assert!(headers.get("trace").is_none());
    /// ```
    #[must_use]
    pub fn get<K: AsRef<str>>(&self, name: K) -> Option<ValueRef<'_>> {
        self.get_all(name).next()
    }

    /// The last value of a header. Of headers that a server adds (`Nats-Sequence` and the like) this is the server's:
    /// a publisher may have put others of the same name before them.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.append("Tag", "a");
    /// headers.append("Tag", "b");
    /// assert_eq!(headers.get_last("Tag").unwrap(), "b");
    /// ```
    #[must_use]
    pub fn get_last<K: AsRef<str>>(&self, name: K) -> Option<ValueRef<'_>> {
        self.get_all(name).last()
    }

    /// All values of a header, in order. A value that is not UTF-8 is left out.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.append("Tag", "a");
    /// headers.append("Tag", "b");
    /// let tags: Vec<&str> = headers.get_all("Tag").map(|value| value.as_str()).collect();
    /// assert_eq!(tags, ["a", "b"]);
    /// ```
    pub fn get_all<K: AsRef<str>>(&self, name: K) -> impl Iterator<Item = ValueRef<'_>> {
        self.raw_lines()
            .filter(move |(_, other, _)| *other == name.as_ref().as_bytes())
            .filter_map(|(_, _, value)| text(value))
            .map(ValueRef::new)
    }

    /// Every name once with all its values, in the order of the names' first appearance.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.append("Tag", "a");
    /// headers.append("Tag", "b");
    /// for (name, values) in headers.iter() {
    ///     assert_eq!((name.as_str(), values.len()), ("Tag", 2));
    /// }
    /// ```
    pub fn iter(&self) -> std::vec::IntoIter<(HeaderName, Vec<ValueRef<'_>>)> {
        let mut places = BTreeMap::new();
        let mut found: Vec<(HeaderName, Vec<ValueRef<'_>>)> = Vec::new();
        for (name, value) in self.entries() {
            let place = *places.entry(name).or_insert(found.len());
            match found.get_mut(place) {
                Some((_, values)) => values.push(ValueRef::new(value)),
                None => found.push((HeaderName::from_received(name), vec![ValueRef::new(value)])),
            }
        }
        found.into_iter()
    }

    /// Every name and value in the order of the wire, in one pass. What is not UTF-8 is left out.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.append("Tag", "a");
    /// headers.append("Tag", "b");
    /// assert_eq!(headers.entries().collect::<Vec<_>>(), [("Tag", "a"), ("Tag", "b")]);
    /// ```
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.raw_lines().filter_map(|(_, name, value)| Some((text(name)?, text(value)?)))
    }

    /// The size of the whole block on the wire, in bytes.
    ///
    /// ```
    /// let mut headers = nats_proto::HeaderMap::new();
    /// headers.insert("A", "b");
    /// assert_eq!(headers.block_len(), "NATS/1.0\r\nA: b\r\n\r\n".len());
    /// ```
    #[must_use]
    pub fn block_len(&self) -> usize {
        VERSION.len() + 2 + self.lines.len() + 2
    }

    /// Appends the whole block: version line, headers, empty line.
    pub(crate) fn write_block(&self, out: &mut BytesMut) {
        out.put_slice(VERSION);
        out.put_slice(b"\r\n");
        out.put_slice(&self.lines);
        out.put_slice(b"\r\n");
    }

    /// A value of this map as a subject that shares its bytes; one from elsewhere is copied.
    pub(crate) fn share(&self, value: &str) -> Subject {
        let start = value.as_ptr().addr().wrapping_sub(self.lines.as_ptr().addr());
        match start.checked_add(value.len()) {
            Some(end) if end <= self.lines.len() => Subject::from_received(&self.lines, start..end),
            _ => Subject::from(value),
        }
    }

    /// Whole line, name and value of each line that has a colon.
    pub(crate) fn raw_lines(&self) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> {
        let mut rest: &[u8] = &self.lines;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                // Lines are so short that one loop beats two searches, above all where there is no SIMD.
                let (mut colon, mut end) = (0, rest.len());
                for (at, byte) in rest.iter().enumerate() {
                    match byte {
                        b':' if colon == 0 => colon = at,
                        b'\n' => {
                            end = at + 1;
                            break;
                        }
                        _ => {}
                    }
                }
                let (line, later) = rest.split_at(end);
                rest = later;
                if colon > 0 {
                    return Some((line, &line[..colon], line[colon + 1..].trim_ascii()));
                }
            }
            None
        })
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

impl PartialEq for HeaderMap {
    /// The same names with the same values; the order of the names does not count.
    fn eq(&self, other: &Self) -> bool {
        let sorted = |map: &'_ Self| {
            let mut all: Vec<_> =
                map.entries().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            // Stable, so that the values of one name keep their order.
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all
        };
        self.lines == other.lines || sorted(self) == sorted(other)
    }
}

impl Eq for HeaderMap {}

impl fmt::Debug for HeaderMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries()).finish()
    }
}

impl FromIterator<(HeaderName, HeaderValue)> for HeaderMap {
    fn from_iter<T: IntoIterator<Item = (HeaderName, HeaderValue)>>(entries: T) -> Self {
        let mut headers = Self::new();
        for (name, value) in entries {
            headers.insert(name, value);
        }
        headers
    }
}

impl<'a> IntoIterator for &'a HeaderMap {
    type Item = (HeaderName, Vec<ValueRef<'a>>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inline_status_and_its_words() {
        for (block, status, description, count) in [
            ("NATS/1.0\r\nA: b\r\n\r\n", None, None, 1),
            ("NATS/1.0 503\r\n\r\n", Some(503), None, 0),
            ("NATS/1.0 503\r\nNats-Subject: a\r\n\r\n", Some(503), None, 1),
            ("NATS/1.0 503 No Responders\r\n\r\n", Some(503), Some("No Responders"), 0),
            ("NATS/1.0 204 EOB\r\nNats-Num-Pending: 3\r\n\r\n", Some(204), Some("EOB"), 1),
            ("NATS/1.0   404   Message  Not Found  \r\n\r\n", Some(404), Some("Message  Not Found"), 0),
            ("NATS/1.0 nonsense\r\nA: b\r\n\r\n", None, None, 1),
            ("NATS/1.0", None, None, 0),
            ("NATS/1.0\r\n", None, None, 0),
            ("NATS/1.0\r\nA:b", None, None, 1),
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", None, None, 0),
            ("", None, None, 0),
        ] {
            let parsed = parse_block(&Bytes::from_static(block.as_bytes()));
            assert_eq!(parsed.status.map(u16::from), status, "{block:?}");
            assert_eq!(parsed.description.as_deref(), description, "{block:?}");
            assert_eq!(parsed.headers.len(), count, "{block:?}");
        }
    }

    #[test]
    fn names_are_matched_whole_and_with_their_case() {
        let block =
            b"NATS/1.0\r\nAb:  1 \r\nabc: 2\r\nnothing here\r\n: 3\r\nab: 4\r\nab:5\r\nbad: \xff\r\n\r\n";
        let headers = parse_block(&Bytes::from_static(block)).headers;
        assert_eq!(headers.get("Ab").map(|value| value.as_str()), Some("1"));
        assert_eq!(headers.get("ab").map(|value| value.as_str()), Some("4"));
        assert_eq!(headers.get_last("ab").map(|value| value.as_str()), Some("5"));
        assert_eq!(headers.get_all("ab").map(|value| value.as_str()).collect::<Vec<_>>(), ["4", "5"]);
        assert!(headers.get("a").is_none() && headers.get("bad").is_none() && headers.get("").is_none());
        let names: Vec<_> = headers.iter().map(|(name, values)| (name.to_string(), values.len())).collect();
        assert_eq!(names, [("Ab".to_owned(), 1), ("abc".to_owned(), 1), ("ab".to_owned(), 2)]);
    }

    #[test]
    fn lines_of_every_shape_are_read_and_another_can_follow() {
        for (block, expected) in [
            ("A: b\r\n\r\n", &[("A", "b")][..]),
            ("A: b\r\n", &[("A", "b")]),
            ("A: b", &[("A", "b")]),
            ("A: b\nC: d\n\n", &[("A", "b"), ("C", "d")]),
            ("A: b\r\n\r\nC: d\r\n\r\n", &[("A", "b"), ("C", "d")]),
            ("\r\n\r\nA: b\r\n\r\n", &[("A", "b")]),
            ("\r\n\r\n", &[]),
            // As async-nats puts them together.
            ("A: b\r\n  c\r\n\r\n", &[("A", "b  c")]),
            ("A: b \r\n\tc: d\r\n e \r\nF: g\r\n\r\n", &[("A", "b \tc: d e"), ("F", "g")]),
            ("A:\r\n b", &[("A", "b")]),
        ] {
            let block = format!("NATS/1.0\r\n{block}");
            let mut headers = parse_block(&Bytes::copy_from_slice(block.as_bytes())).headers;
            assert_eq!(headers.entries().collect::<Vec<_>>(), expected, "{block:?}");
            headers.append("Nats-Msg-Id", "7");
            let expected = [expected, &[("Nats-Msg-Id", "7")]].concat();
            assert_eq!(headers.entries().collect::<Vec<_>>(), expected, "{block:?}");
            let mut written = BytesMut::new();
            headers.write_block(&mut written);
            assert_eq!(written.len(), headers.block_len());
            assert_eq!(parse_block(&written.freeze()).headers, headers, "{block:?}");
        }
    }

    #[test]
    fn insert_replaces_and_append_adds() {
        let mut headers = HeaderMap::new();
        assert!(headers.is_empty());
        headers.append("A", "1");
        headers.append("B", 7.to_string());
        headers.append("A", "2");
        assert_eq!((headers.len(), headers.get_all("A").count()), (2, 2));
        headers.insert("A", "3");
        assert_eq!(headers.get_all("A").map(|value| value.as_str()).collect::<Vec<_>>(), ["3"]);
        headers.insert(NATS_MESSAGE_ID, "x");
        assert_eq!(headers.get(NATS_MESSAGE_ID).map(|value| value.to_string()), Some("x".to_owned()));
        headers.remove("B");
        assert!(headers.get("B").is_none());
        let mut other = HeaderMap::new();
        other.insert(NATS_MESSAGE_ID, "x");
        other.insert("A", "3");
        assert_eq!(headers, other);
        other.append("A", "4");
        assert_ne!(headers, other);
    }

    #[test]
    fn what_would_break_the_wire_is_no_name_and_no_value() {
        for bad in ["", "a b", "a:", "a\r\n", "ä", "\0"] {
            assert!(bad.parse::<HeaderName>().is_err(), "{bad:?}");
        }
        for bad in ["a\rb", "a\nb", "\r\n\r\n"] {
            assert!(bad.parse::<HeaderValue>().is_err(), "{bad:?}");
        }
        assert!("".parse::<HeaderValue>().is_ok() && "ä: b".parse::<HeaderValue>().is_ok());
    }
}

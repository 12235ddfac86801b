//! As much of JSON as the handshake needs: one object is read, field by field, and one is written. A page that needs no
//! more of it carries no more.

use bytes::{BufMut, BytesMut};

/// How deep values may lie in one another.
const DEPTH: u32 = 128;

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    /// A whole number that is not negative.
    Number(u64),
    Flag(bool),
    /// A list of texts, and of nothing else.
    Texts(Vec<String>),
    /// Anything else.
    Other,
}

/// Calls back for each field of the one object that `bytes` are. `None` if they are none; what lies deeper is only
/// skipped.
pub(crate) fn read_object(bytes: &[u8], mut field: impl FnMut(&str, Value)) -> Option<()> {
    let mut reader = Reader { bytes, at: 0 };
    reader.expect(b'{')?;
    if !reader.takes(b'}') {
        loop {
            let name = reader.text()?;
            reader.expect(b':')?;
            let value = reader.value(DEPTH)?;
            field(&name, value);
            if reader.takes(b'}') {
                break;
            }
            reader.expect(b',')?;
        }
    }
    (reader.peek() == 0 && reader.at >= bytes.len()).then_some(())
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// The next byte that is no white space; 0 at the end.
    fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        self.byte()
    }

    fn takes(&mut self, wanted: u8) -> bool {
        let found = self.peek() == wanted;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        self.takes(wanted).then_some(())
    }

    fn word(&mut self, word: &[u8], value: Value) -> Option<Value> {
        let rest = self.bytes.get(self.at..)?;
        self.at += word.len();
        rest.starts_with(word).then_some(value)
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match self.peek() {
            b'"' => self.text().map(Value::Text),
            b't' => self.word(b"true", Value::Flag(true)),
            b'f' => self.word(b"false", Value::Flag(false)),
            b'n' => self.word(b"null", Value::Other),
            b'[' => self.list(depth),
            b'{' => {
                self.at += 1;
                if !self.takes(b'}') {
                    loop {
                        self.text()?;
                        self.expect(b':')?;
                        self.value(depth)?;
                        if self.takes(b'}') {
                            break;
                        }
                        self.expect(b',')?;
                    }
                }
                Some(Value::Other)
            }
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: u32) -> Option<Value> {
        self.at += 1;
        let mut texts = Some(Vec::new());
        if !self.takes(b']') {
            loop {
                match (self.value(depth)?, &mut texts) {
                    (Value::Text(text), Some(texts)) => texts.push(text),
                    _ => texts = None,
                }
                if self.takes(b']') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        Some(texts.map_or(Value::Other, Value::Texts))
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        while matches!(self.byte(), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
            self.at += 1;
        }
        let digits = self.bytes.get(start..self.at).filter(|digits| !digits.is_empty())?;
        Some(crate::control_line::number(digits).map_or(Value::Other, Value::Number))
    }

    /// A text in quotes. What is not UTF-8 is replaced.
    fn text(&mut self) -> Option<String> {
        self.expect(b'"')?;
        let mut text = Vec::new();
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return Some(String::from_utf8_lossy(&text).into_owned()),
                b'\\' => {
                    let mut buffer = [0; 4];
                    text.extend_from_slice(self.escaped()?.encode_utf8(&mut buffer).as_bytes());
                }
                byte => text.push(byte),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let escape = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(match escape {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let first = self.hex()?;
                let is_half = (0xd800..0xdc00).contains(&first);
                // A character beyond 16 bits is written in two halves.
                let at = self.at;
                if is_half && self.bytes.get(at..at + 2) == Some(b"\\u") {
                    self.at += 2;
                    let second = self.hex()?.wrapping_sub(0xdc00);
                    if second < 0x400 {
                        return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second);
                    }
                    // A half alone, before another character.
                    self.at = at;
                }
                char::from_u32(first).unwrap_or('\u{fffd}')
            }
            b'"' | b'\\' | b'/' => char::from(escape),
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let mut value = 0;
        for digit in self.bytes.get(self.at..self.at + 4)? {
            value = value << 4 | char::from(*digit).to_digit(16)?;
        }
        self.at += 4;
        Some(value)
    }
}

/// Writes one object, field by field.
pub(crate) struct Object<'a> {
    out: &'a mut BytesMut,
    separator: u8,
}

impl<'a> Object<'a> {
    pub(crate) fn begin(out: &'a mut BytesMut) -> Self {
        Self { out, separator: b'{' }
    }

    fn name(&mut self, name: &str) {
        self.out.put_u8(self.separator);
        self.separator = b',';
        quote(self.out, name);
        self.out.put_u8(b':');
    }

    pub(crate) fn flag(&mut self, name: &str, flag: bool) {
        self.name(name);
        self.out.put_slice(if flag { b"true" } else { b"false" });
    }

    pub(crate) fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        crate::encode::number(self.out, number);
    }

    /// Nothing, if there is no text.
    pub(crate) fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.name(name);
            quote(self.out, text);
        }
    }

    /// At least one field has been written.
    pub(crate) fn end(self) {
        self.out.put_u8(b'}');
    }
}

fn quote(out: &mut BytesMut, text: &str) {
    out.put_u8(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.put_slice(&[b'\\', byte]),
            0..0x20 => {
                let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
                out.put_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
            byte => out.put_u8(byte),
        }
    }
    out.put_u8(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<(String, Value)>> {
        let mut fields = Vec::new();
        read_object(text.as_bytes(), |name, value| fields.push((name.to_owned(), value)))?;
        Some(fields)
    }

    #[test]
    fn an_object_is_read_field_by_field() {
        let text = r#" {"a":"x\n\u00fc\ud83d\ude00\/","b":7,"c":true,"d":["p","q"],"e":{"f":[1,{}]},"g":null,"h":-1.5e3,"i":[]} "#;
        let texts = |texts: &[&str]| Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
        let expected = [
            ("a", Value::Text("x\nü😀/".into())),
            ("b", Value::Number(7)),
            ("c", Value::Flag(true)),
            ("d", texts(&["p", "q"])),
            ("e", Value::Other),
            ("g", Value::Other),
            ("h", Value::Other),
            ("i", texts(&[])),
        ];
        assert_eq!(read(text), Some(expected.map(|(name, value)| (name.to_owned(), value)).to_vec()));
        // Half of a character is none, and takes nothing of what follows with it.
        let halves = read(r#"{"a":"\ud83dx\ud83d\u0041\ud83d\ud83d\ude00\ude00"}"#);
        let expected = Value::Text("\u{fffd}x\u{fffd}A\u{fffd}😀\u{fffd}".into());
        assert_eq!(halves, Some(vec![("a".to_owned(), expected)]));
        assert_eq!(read("{}"), Some(Vec::new()));
        for bad in [
            "",
            "[]",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1}x",
            "{\"a\":tru}",
            "{\"a\":\"\\x\"}",
            "{a:1}",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(read(&deep), None);
    }

    #[test]
    fn what_is_written_is_what_others_read() {
        let mut out = BytesMut::new();
        let mut object = Object::begin(&mut out);
        object.flag("a", true);
        object.text("b", Some("\"\\\n\u{1f}ü"));
        object.text("c", None);
        object.number("d", u64::MAX);
        object.end();
        let read: serde_json::Value = serde_json::from_slice(&out).expect("it is JSON");
        assert_eq!(read, serde_json::json!({"a": true, "b": "\"\\\n\u{1f}ü", "d": u64::MAX}));
    }
}

//! JSON as a tree that opens level by level: what lies deeper is only looked at when somebody opens it.
//! What stands in it is shown as its writer wrote it; numbers above all are never read.

use mjwork::scan::{Part, Scan};

/// A value of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, decoded.
    Text(String),
    /// A number, `true`, `false` or `null`, as it was written.
    Word(String),
    /// A list or an object: its JSON, and how many entries it has.
    Nested(String, usize),
}

/// An entry of a list or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, or its place from 0.
    pub name: String,
    /// What it is.
    pub value: Value,
}

impl Value {
    /// Reads a value; none where the text is no JSON.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let mut scan = Scan::new(json);
        let value = Self::of(scan.value()?)?;
        scan.peek().is_none().then_some(value)
    }

    fn of(part: Part<'_>) -> Option<Self> {
        Some(match part {
            Part::Plain(text) => Self::Text(text.to_owned()),
            Part::Escaped(quoted) => Self::Text(decoded(quoted)),
            Part::Word("") => return None,
            Part::Word(word) => Self::Word(word.to_owned()),
            Part::Nested(json) => Self::Nested(json.to_owned(), each(json, &mut |_, _| true)),
        })
    }

    /// `{3}` or `[3]` for what can be opened: its kind and how many entries it has.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        match self {
            Self::Nested(json, count) if json.starts_with('[') => Some(format!("[{count}]")),
            Self::Nested(_, count) => Some(format!("{{{count}}}")),
            _ => None,
        }
    }
}

/// The entries of a list or an object from the place `from` on, at most `limit` of them.
#[must_use]
pub fn entries(json: &str, from: usize, limit: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut place = 0;
    each(json, &mut |name, part| {
        if place >= from
            && let Some(value) = Value::of(part)
        {
            entries.push(Entry { name: name.map_or_else(|| place.to_string(), ToOwned::to_owned), value });
        }
        place += 1;
        entries.len() < limit
    });
    entries
}

/// Goes through the entries, by name where they have one, until `see` has seen enough; how many it went through.
fn each(json: &str, see: &mut dyn FnMut(Option<&str>, Part<'_>) -> bool) -> usize {
    let mut scan = Scan::new(json);
    let is_list = scan.skip(b'[');
    if !is_list && !scan.skip(b'{') {
        return 0;
    }
    let mut seen = 0;
    let mut more = !scan.skip(if is_list { b']' } else { b'}' });
    while more {
        let name = match (is_list, (!is_list).then(|| scan.value()).flatten()) {
            (false, Some(Part::Plain(name))) => Some(name.to_owned()),
            (false, Some(Part::Escaped(quoted))) => Some(decoded(quoted)),
            _ => None,
        };
        if !is_list && !scan.skip(b':') {
            break;
        }
        let Some(part) = scan.value() else { break };
        seen += 1;
        more = see(name.as_deref(), part) && scan.skip(b',');
    }
    seen
}

/// What a text with escapes says; as it was written, where it says nothing (half of a character outside the first
/// plane, say).
fn decoded(quoted: &str) -> String {
    serde_json::from_str(quoted).unwrap_or_else(|_| quoted.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(json: &str) -> Vec<String> {
        entries(json, 0, 100).into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn values_are_what_they_are() {
        for (json, value) in [
            (r#""a\n\"b\"""#, Value::Text("a\n\"b\"".into())),
            (r#"  "plain" "#, Value::Text("plain".into())),
            ("1.50e400", Value::Word("1.50e400".into())),
            ("null", Value::Word("null".into())),
            ("[1, [2, 3]]", Value::Nested("[1, [2, 3]]".into(), 2)),
            ("{}", Value::Nested("{}".into(), 0)),
            (r#""\ud800""#, Value::Text(r#""\ud800""#.into())),
        ] {
            assert_eq!(Value::read(json), Some(value), "{json}");
        }
        for broken in ["", "1 2", "[", "\"a"] {
            assert_eq!(Value::read(broken), None, "{broken}");
        }
        let summary = |json: &str| Value::read(json).unwrap().summary();
        assert_eq!(
            (summary("[1,2]").as_deref(), summary("{\"a\":1}").as_deref()),
            (Some("[2]"), Some("{1}"))
        );
        assert_eq!(summary("7"), None);
    }

    #[test]
    fn a_level_opens_by_pages() {
        let object = r#"{ "a" : 1, "b\u0020c": {"x": [1]}, "": null }"#;
        assert_eq!(names(object), ["a", "b c", ""]);
        let list = format!("[{}]", vec!["7"; 1_000].join(","));
        let page = entries(&list, 200, 100);
        assert_eq!((page.len(), page[0].name.as_str(), page[99].name.as_str()), (100, "200", "299"));
        assert_eq!(entries(&list, 950, 100).len(), 50);
        assert_eq!((names("[]").len(), names("{ }").len(), names("7").len()), (0, 0, 0));
    }

    #[test]
    fn depth_costs_nothing_until_it_is_opened() {
        let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        let mut value = Value::read(&deep).unwrap();
        for _ in 0..100 {
            let Value::Nested(json, 1) = &value else { panic!("{value:?}") };
            value = entries(json, 0, 10).remove(0).value;
        }
    }
}

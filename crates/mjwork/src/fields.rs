//! One reader for all JSON objects, of events and of the server's API: a table says which fields an object has and of
//! what kind they are. Derived readers would do the same in ten times the code, all of which a browser would download,
//! and in twice the time.

use crate::scan::{Part, Scan, is_same};
use crate::text::Text;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::fmt;

/// At most this many blockers a task may name.
const MAX_BLOCKERS: usize = 1_000;
/// At most this many fields a table has.
const MAX_FIELDS: usize = 11;
/// So many characters of what does not fit are shown.
const SHOWN: usize = 40;

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// A task's id: a text, or an integer.
    TaskId,
    /// An agent's id.
    AgentId,
    /// A whole number from 0.
    Count,
    /// Any number.
    Number,
    /// Yes or no.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of tasks' ids.
    TaskIds,
    /// Any JSON, kept as it was written.
    Raw,
    /// An object with these fields.
    Object(&'static [Field]),
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Text | Self::AgentId => "a text",
            Self::TaskId => "a task id, a text of 1 to 256 characters or an integer",
            Self::Count => "a whole number",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::Texts => "a list of texts",
            Self::TaskIds => "a list of task ids",
            Self::Raw => "JSON",
            Self::Object(_) => "an object",
        }
    }
}

/// A field that an object may have.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    name: &'static str,
    kind: Kind,
}

/// A field of this name and kind.
pub(crate) const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

/// Why a text is no object with these fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It is no JSON; the parser's own words.
    NotJson(String),
    /// A field does not hold what it should.
    Field(String),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(why) | Self::Field(why) => f.write_str(why),
        }
    }
}

impl Misfit {
    /// What `serde_json` has something to say of.
    fn broken() -> Self {
        Self::Field("it is no such object".to_owned())
    }
}

/// What stood in a field. Texts without escapes and objects lie where they were written, and are known to be right.
#[derive(Clone, Copy)]
enum Value<'a> {
    Nothing,
    Text(&'a str),
    Count(u64),
    Number(f64),
    Flag(bool),
    /// Its place among what is held.
    Held(usize),
    Raw(&'a RawValue),
    Object(&'a str, &'static [Field]),
}

/// What had to be made of what stood in a field.
enum Held<'a> {
    Text(Text<'a>),
    List(Vec<Text<'a>>),
}

/// What stood in the fields of an object; `null` is nothing.
pub(crate) struct Fields<'a> {
    table: &'static [Field],
    values: [Value<'a>; MAX_FIELDS],
    held: Vec<Held<'a>>,
    /// Where the next one is looked for: most ask, and write, in the order of the table.
    next: usize,
}

/// Reads `text`, an object with these fields. Others are passed over.
pub(crate) fn parse<'a>(text: &'a str, table: &'static [Field]) -> Result<Fields<'a>, Misfit> {
    let mut scan = Scan::new(text);
    let mut found = Fields::new(table);
    match found.read(&mut scan) {
        Ok(()) if scan.peek().is_none() => Ok(found),
        // Whether it is JSON at all is not for us to say.
        misfit => Err(match serde_json::from_str::<IgnoredAny>(text) {
            Err(error) => Misfit::NotJson(error.to_string()),
            Ok(_) => misfit.err().unwrap_or_else(Misfit::broken),
        }),
    }
}

impl<'a> Fields<'a> {
    const fn new(table: &'static [Field]) -> Self {
        Self { table, values: [Value::Nothing; MAX_FIELDS], held: Vec::new(), next: 0 }
    }

    fn read(&mut self, scan: &mut Scan<'a>) -> Result<(), Misfit> {
        if !scan.skip(b'{') {
            return Err(Misfit::broken());
        }
        let mut more = !scan.skip(b'}');
        while more {
            match self.name(scan)? {
                Some(at) => self.put(at, scan)?,
                None if scan.value().is_some_and(is_json) => {}
                None => return Err(Misfit::broken()),
            }
            more = scan.skip(b',');
            if !more && !scan.skip(b'}') {
                return Err(Misfit::broken());
            }
        }
        self.next = 0;
        Ok(())
    }

    /// Reads a name and the colon behind it. None for a field that is passed over.
    fn name(&mut self, scan: &mut Scan<'a>) -> Result<Option<usize>, Misfit> {
        // Nearly all write the fields in this order, leaving out some, and with neither spaces nor escapes.
        let left = self.table.get(self.next..).unwrap_or_default();
        if let Some(passed) = left.iter().position(|field| scan.skip_name(field.name)) {
            let at = self.next + passed;
            self.next = at + 1;
            return Ok(Some(at));
        }
        let at = match scan.value() {
            Some(Part::Plain(name)) => self.find(name),
            Some(Part::Escaped(name)) => self.find(&decoded(name).ok_or_else(Misfit::broken)?),
            _ => return Err(Misfit::broken()),
        };
        if scan.skip(b':') { Ok(at) } else { Err(Misfit::broken()) }
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        let is = |field: &Field| is_same(field.name.as_bytes(), name.as_bytes());
        let at = match self.table.get(self.next) {
            Some(field) if is(field) => self.next,
            _ => self.table.iter().position(is)?,
        };
        self.next = at + 1;
        Some(at)
    }

    /// Reads what stands in a field.
    fn put(&mut self, at: usize, scan: &mut Scan<'a>) -> Result<(), Misfit> {
        let Field { name, kind } = self.table[at];
        if !matches!(self.values[at], Value::Nothing) {
            return Err(Misfit::Field(format!("duplicate field `{name}`")));
        }
        let (next, from) = (scan.peek(), scan.at());
        if let (Kind::Object(table), Some(b'{')) = (kind, next) {
            Fields::new(table).read(scan)?;
            self.values[at] = Value::Object(scan.since(from), table);
            return Ok(());
        }
        if let (Kind::Texts | Kind::TaskIds, Some(b'[')) = (kind, next) {
            let mut ahead = *scan;
            if let Some((list, count)) = texts(&mut ahead, kind) {
                if count > list.len() {
                    let rule = format!("{name} has at most {MAX_BLOCKERS} entries, this one {count}");
                    return Err(Misfit::Field(rule));
                }
                *scan = ahead;
                self.values[at] = self.hold(Held::List(list));
                return Ok(());
            }
        }
        let part = scan.value().ok_or_else(Misfit::broken)?;
        let written = scan.since(from);
        let value = match (kind, part) {
            // Most fields are texts that stand for themselves.
            (Kind::Text, Part::Plain(text)) => Some(Value::Text(text)),
            (Kind::Raw, _) if written != "null" => serde_json::from_str(written).ok().map(Value::Raw),
            (_, Part::Word("null")) => Some(Value::Nothing),
            (Kind::Text | Kind::TaskId | Kind::AgentId, _) => {
                let text = text(part, kind);
                if let (Kind::AgentId, Some(id)) = (kind, &text)
                    && !crate::id::is_agent_id(id)
                {
                    let rule = format!("{name} has 1 to 64 characters of A-Z a-z 0-9 - _");
                    return Err(Misfit::Field(rule));
                }
                text.map(|made| match part {
                    Part::Plain(text) | Part::Word(text) => Value::Text(text),
                    _ => self.hold(Held::Text(made)),
                })
            }
            (Kind::Count, Part::Word(word)) => count(word).map(Value::Count),
            (Kind::Number, Part::Word(word)) => serde_json::from_str(word).ok().map(Value::Number),
            (Kind::Flag, Part::Word("true")) => Some(Value::Flag(true)),
            (Kind::Flag, Part::Word("false")) => Some(Value::Flag(false)),
            _ => None,
        };
        self.values[at] = value.ok_or_else(|| {
            let mut shown: String = written.chars().take(SHOWN).collect();
            if shown.len() < written.len() {
                shown.push('…');
            }
            Misfit::Field(format!("{name} is to be {}, not {shown}", kind.as_str()))
        })?;
        Ok(())
    }

    fn hold(&mut self, held: Held<'a>) -> Value<'a> {
        self.held.push(held);
        Value::Held(self.held.len() - 1)
    }

    /// Takes out what stands in a field: each is asked for once.
    fn take(&mut self, name: &str) -> Value<'a> {
        self.find(name).map_or(Value::Nothing, |at| std::mem::replace(&mut self.values[at], Value::Nothing))
    }

    /// A text, a task's id or an agent's id.
    pub fn text(&mut self, name: &str) -> Option<Text<'a>> {
        match self.take(name) {
            Value::Text(text) => Some(Text::from(text)),
            Value::Held(at) => match self.held.get_mut(at) {
                Some(Held::Text(text)) => Some(std::mem::take(text)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A whole number.
    pub fn count(&mut self, name: &str) -> Option<u64> {
        match self.take(name) {
            Value::Count(count) => Some(count),
            _ => None,
        }
    }

    /// Any number.
    pub fn number(&mut self, name: &str) -> Option<f64> {
        match self.take(name) {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Yes or no; nothing is the same as no.
    pub fn flag(&mut self, name: &str) -> bool {
        matches!(self.take(name), Value::Flag(true))
    }

    /// A list; nothing is the same as an empty one.
    pub fn list(&mut self, name: &str) -> Vec<Text<'a>> {
        match self.take(name) {
            Value::Held(at) => match self.held.get_mut(at) {
                Some(Held::List(texts)) => std::mem::take(texts),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Any JSON.
    pub fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        match self.take(name) {
            Value::Raw(raw) => Some(raw),
            _ => None,
        }
    }

    /// An object.
    pub fn object(&mut self, name: &str) -> Option<Fields<'a>> {
        match self.take(name) {
            Value::Object(written, table) => {
                let mut found = Fields::new(table);
                found.read(&mut Scan::new(written)).is_ok().then_some(found)
            }
            _ => None,
        }
    }
}

/// Reads a list of texts, and says how long it is; none where it holds anything else. Of tasks no more are kept than a
/// list may name.
fn texts<'a>(scan: &mut Scan<'a>, kind: Kind) -> Option<(Vec<Text<'a>>, usize)> {
    let (kind, most) =
        if let Kind::TaskIds = kind { (Kind::TaskId, MAX_BLOCKERS) } else { (Kind::Text, usize::MAX) };
    let (mut texts, mut count) = (Vec::new(), 0);
    let mut more = scan.skip(b'[') && !scan.skip(b']');
    while more {
        let text = text(scan.value()?, kind)?;
        count += 1;
        if count <= most {
            texts.push(text);
        }
        more = scan.skip(b',');
        if !more && !scan.skip(b']') {
            return None;
        }
    }
    Some((texts, count))
}

/// A part as a text of this kind, if it is one.
fn text(part: Part<'_>, kind: Kind) -> Option<Text<'_>> {
    let text = match (part, kind) {
        (Part::Plain(text), _) => Text::from(text),
        (Part::Escaped(quoted), _) => decoded(quoted)?,
        (Part::Word(word), Kind::TaskId) if is_integer(word) => Text::from(word),
        _ => return None,
    };
    (!matches!(kind, Kind::TaskId) || crate::id::is_task_id(&text)).then_some(text)
}

fn decoded(quoted: &str) -> Option<Text<'static>> {
    serde_json::from_str::<String>(quoted).ok().map(Text::from)
}

/// A whole number of 64 bits as JSON writes it.
fn count(word: &str) -> Option<u64> {
    let plain = word.bytes().all(|b| b.is_ascii_digit()) && (!word.starts_with('0') || word == "0");
    if plain { word.parse().ok() } else { None }
}

/// Whether it is an integer of 64 bits as JSON writes it.
pub(crate) fn is_integer(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (!digits.starts_with('0') || word == "0");
    plain && (word.parse::<u64>().is_ok() || word.parse::<i64>().is_ok())
}

/// Whether what a reader passes over is JSON.
fn is_json(part: Part<'_>) -> bool {
    match part {
        Part::Plain(_) => true,
        Part::Escaped(json) | Part::Nested(json) | Part::Word(json) => {
            serde_json::from_str::<IgnoredAny>(json).is_ok()
        }
    }
}

#[cfg(test)]
mod tests;

//! One reader for all JSON objects, of events and of the server's API: a table says which fields an object has and of
//! what kind they are. Derived readers would do the same in ten times the code, all of which a browser would download.

use crate::text::{IdText, Text};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// At most this many blockers a task may name.
const MAX_BLOCKERS: usize = 1_000;

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

/// What stood in a field.
enum Value<'a> {
    Text(Text<'a>),
    Count(u64),
    Number(f64),
    Flag(bool),
    List(Vec<Text<'a>>),
    Raw(&'a RawValue),
    Object(Fields<'a>),
}

/// The fields of an object that were there and were not `null`.
pub(crate) struct Fields<'a>(Vec<(&'static str, Value<'a>)>);

/// Reads `text`, an object with these fields. Others are passed over.
pub(crate) fn parse<'a>(text: &'a str, fields: &'static [Field]) -> Result<Fields<'a>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = Object(fields).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

impl<'a> Fields<'a> {
    fn take(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.0.iter().position(|(n, _)| *n == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// A text, a task's id or an agent's id.
    pub fn text(&mut self, name: &str) -> Option<Text<'a>> {
        match self.take(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    pub fn count(&mut self, name: &str) -> Option<u64> {
        match self.take(name) {
            Some(Value::Count(count)) => Some(count),
            _ => None,
        }
    }

    /// Any number.
    pub fn number(&mut self, name: &str) -> Option<f64> {
        match self.take(name) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// Yes or no; nothing is the same as no.
    pub fn flag(&mut self, name: &str) -> bool {
        matches!(self.take(name), Some(Value::Flag(true)))
    }

    /// A list; nothing is the same as an empty one.
    pub fn list(&mut self, name: &str) -> Vec<Text<'a>> {
        match self.take(name) {
            Some(Value::List(list)) => list,
            _ => Vec::new(),
        }
    }

    /// Any JSON.
    pub fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        match self.take(name) {
            Some(Value::Raw(raw)) => Some(raw),
            _ => None,
        }
    }

    /// An object.
    pub fn object(&mut self, name: &str) -> Option<Fields<'a>> {
        match self.take(name) {
            Some(Value::Object(fields)) => Some(fields),
            _ => None,
        }
    }
}

/// An object with these fields.
struct Object(&'static [Field]);

impl<'de> DeserializeSeed<'de> for Object {
    type Value = Fields<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut found: Vec<(&'static str, Value<'de>)> = Vec::with_capacity(self.0.len());
        while let Some(name) = map.next_key::<Text<'de>>()? {
            let Some(field) = self.0.iter().find(|field| field.name == name.as_str()) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if found.iter().any(|(name, _)| *name == field.name) {
                return Err(A::Error::custom(format_args!("duplicate field `{}`", field.name)));
            }
            let value = match field.kind {
                Kind::Text => map.next_value::<Option<Text<'de>>>()?.map(Value::Text),
                Kind::AgentId => match map.next_value::<Option<Text<'de>>>()? {
                    Some(id) if !crate::id::is_agent_id(&id) => {
                        let rule = "has 1 to 64 characters of A-Z a-z 0-9 - _";
                        return Err(A::Error::custom(format_args!("{} {rule}", field.name)));
                    }
                    id => id.map(Value::Text),
                },
                Kind::TaskId => map.next_value::<Option<Id<'de>>>()?.map(|id| Value::Text(id.0)),
                Kind::Count => map.next_value::<Option<u64>>()?.map(Value::Count),
                Kind::Flag => map.next_value::<Option<bool>>()?.map(Value::Flag),
                Kind::Number => map.next_value::<Option<f64>>()?.map(Value::Number),
                Kind::Texts => map.next_value::<Option<Vec<Text<'de>>>>()?.map(Value::List),
                Kind::TaskIds => match map.next_value::<Option<Vec<Id<'de>>>>()? {
                    Some(ids) if ids.len() > MAX_BLOCKERS => {
                        return Err(A::Error::custom(format_args!(
                            "{} has at most {MAX_BLOCKERS} entries, this one {}",
                            field.name,
                            ids.len()
                        )));
                    }
                    ids => ids.map(|ids| Value::List(ids.into_iter().map(|id| id.0).collect())),
                },
                Kind::Raw => map.next_value::<Option<&'de RawValue>>()?.map(Value::Raw),
                Kind::Object(fields) => map.next_value_seed(Maybe(fields))?.map(Value::Object),
            };
            found.extend(value.map(|value| (field.name, value)));
        }
        Ok(Fields(found))
    }
}

/// An object with these fields, or `null`.
struct Maybe(&'static [Field]);

impl<'de> DeserializeSeed<'de> for Maybe {
    type Value = Option<Fields<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Maybe {
    type Value = Option<Fields<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Object(self.0).deserialize(deserializer).map(Some)
    }
}

/// A task's id where serde asks for a type.
struct Id<'a>(Text<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdText).map(Id)
    }
}

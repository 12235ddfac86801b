//! Tasks as JSON: the fields of the wire, each checked, and none passed over.

use super::{FIELDS, Row};
use crate::fields::is_integer;
use crate::scan::{Part, Scan};
use crate::{NewTask, TaskId};
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// Whether a text is one value, and not one a line.
pub(super) fn is_one(text: &str) -> bool {
    check(text).is_ok()
}

/// Whether it is JSON, or why not.
fn check(text: &str) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|error| error.to_string())
}

/// A list of objects, or one object.
pub(super) fn array(text: &str) -> Result<Vec<Row>, String> {
    check(text)?;
    let mut scan = Scan::new(text);
    let mut rows = Vec::new();
    let mut take = |part: Option<Part<'_>>| {
        let place = format!("task {}", rows.len() + 1);
        rows.push(row(place, part));
    };
    match scan.peek() {
        Some(b'{') => take(scan.value()),
        Some(b'[') => {
            let mut more = scan.skip(b'[') && !scan.skip(b']');
            while more {
                take(scan.value());
                more = scan.skip(b',');
            }
        }
        _ => return Err("it is neither a list of objects nor an object".to_owned()),
    }
    Ok(rows)
}

/// An object a line; empty lines are passed over.
pub(super) fn lines(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let row = |(index, line): (usize, &str)| {
        let place = format!("line {}", index + 1);
        match check(line) {
            Ok(()) => row(place, Scan::new(line).value()),
            Err(words) => {
                // Every line is the first of its own text.
                let words = words.replace(" at line 1 column ", " at column ");
                Row { place, id: None, task: Err(vec![format!("it is no JSON: {words}")]) }
            }
        }
    };
    lines.map(row).collect()
}

/// The fields of an object, in the order of [`FIELDS`].
#[derive(Default)]
struct Found<'a>([Option<Part<'a>>; FIELDS.len()]);

impl<'a> Found<'a> {
    /// Reads an object, and says what it has that no task has.
    fn read(object: &'a str, faults: &mut Vec<String>) -> Self {
        let mut found = Self::default();
        let mut scan = Scan::new(object);
        let mut more = scan.skip(b'{') && !scan.skip(b'}');
        while more {
            let name = scan.value().and_then(text).unwrap_or_default();
            let part = scan.skip(b':').then(|| scan.value()).flatten();
            match FIELDS.iter().position(|field| *field == name) {
                // To say null is to say nothing.
                _ if matches!(part, Some(Part::Word("null"))) => {}
                None => faults.push(format!("no task has a field {name}")),
                Some(at) if found.0[at].is_some() => faults.push(format!("it has {name} twice")),
                Some(at) => found.0[at] = part,
            }
            more = scan.skip(b',');
        }
        found
    }

    /// What stands in a field, read by a rule that the fault names.
    fn optional<T>(
        &self,
        name: &str,
        faults: &mut Vec<String>,
        read: impl Fn(Part<'a>) -> Result<T, String>,
    ) -> Option<T> {
        let at = FIELDS.iter().position(|field| *field == name)?;
        read(self.0[at]?).map_err(|rule| faults.push(format!("{name} {rule}"))).ok()
    }

    fn required<T>(
        &self,
        name: &str,
        faults: &mut Vec<String>,
        read: impl Fn(Part<'a>) -> Result<T, String>,
    ) -> Option<T> {
        let before = faults.len();
        let found = self.optional(name, faults, read);
        if found.is_none() && faults.len() == before {
            faults.push(format!("it has no {name}"));
        }
        found
    }
}

fn row(place: String, part: Option<Part<'_>>) -> Row {
    let object = match part {
        Some(Part::Nested(object)) if object.starts_with('{') => object,
        _ => return Row { place, id: None, task: Err(vec!["it is no object".to_owned()]) },
    };
    let mut faults = Vec::new();
    let found = Found::read(object, &mut faults);
    let id = found.required("task_id", &mut faults, task_id);
    let title = found.required("title", &mut faults, words);
    let description = found.optional("description", &mut faults, words);
    let blocked_by = found.optional("blocked_by", &mut faults, |part| list(part, task_id));
    let priority = found.optional("priority", &mut faults, words);
    let tags = found.optional("tags", &mut faults, |part| list(part, words));
    let max_attempts = found.optional("max_attempts", &mut faults, |part| match part {
        Part::Word(word) => word.parse().map_err(|_| "is a count".to_owned()),
        _ => Err("is a count".to_owned()),
    });
    let task = match (id.clone(), title) {
        (Some(id), Some(title)) if faults.is_empty() => Ok(NewTask {
            id,
            title,
            description,
            blocked_by: blocked_by.unwrap_or_default(),
            priority,
            tags: tags.unwrap_or_default(),
            max_attempts,
        }),
        _ => Err(faults),
    };
    Row { place, id, task }
}

/// A part that is a text.
fn text(part: Part<'_>) -> Option<Cow<'_, str>> {
    match part {
        Part::Plain(text) => Some(text.into()),
        Part::Escaped(quoted) => serde_json::from_str::<String>(quoted).ok().map(Into::into),
        _ => None,
    }
}

fn words(part: Part<'_>) -> Result<String, String> {
    text(part).map(Cow::into_owned).ok_or_else(|| "is a text".to_owned())
}

fn task_id(part: Part<'_>) -> Result<TaskId, String> {
    let text = match part {
        Part::Word(word) if is_integer(word) => word.into(),
        part => text(part).ok_or_else(|| "is a text or an integer".to_owned())?,
    };
    TaskId::new(text).map_err(|rule| format!("is no id: {rule}"))
}

fn list<'a, T>(part: Part<'a>, read: impl Fn(Part<'a>) -> Result<T, String>) -> Result<Vec<T>, String> {
    let mut entries = Vec::new();
    let mut scan = match part {
        Part::Nested(list) if list.starts_with('[') => Scan::new(list),
        _ => return Err("is a list".to_owned()),
    };
    let mut more = scan.skip(b'[') && !scan.skip(b']');
    while more {
        let entry = scan.value().ok_or_else(|| "is a list".to_owned())?;
        entries.push(read(entry).map_err(|rule| format!("is a list, of which each {rule}"))?);
        more = scan.skip(b',');
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_read_from_the_fields_of_the_wire() {
        let rows = array(
            r#"[{"task_id": 7, "title": "T", "blocked_by": ["a", 8], "tags": ["x"], "priority": null, "max_attempts": 2}]"#,
        );
        let rows = rows.unwrap();
        let task = rows[0].task.as_ref().unwrap();
        assert_eq!((rows[0].place.as_str(), task.id.as_str(), task.title.as_str()), ("task 1", "7", "T"));
        let blockers: Vec<_> = task.blocked_by.iter().map(TaskId::as_str).collect();
        assert_eq!((blockers, task.max_attempts, &task.priority), (vec!["a", "8"], Some(2), &None));
        assert_eq!(array(r#"{"task_id": "a", "title": "A"}"#).unwrap().len(), 1);
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        let rows = lines(
            "{\"task_id\": \"a\"}\n\n{\"titel\": 1, \"task_id\": \"\", \"tags\": \"x\"}\n{\n[]\n\
             {\"task_id\": \"b\", \"title\": \"B\", \"max_attempts\": -1}",
        );
        let faults: Vec<_> = rows
            .iter()
            .map(|row| format!("{}: {}", row.place, row.task.as_ref().unwrap_err().join("; ")))
            .collect();
        assert_eq!(faults[0], "line 1: it has no title");
        assert!(faults[1].starts_with(
            "line 3: no task has a field titel; task_id is no id: a task id has 1 to 256 characters; it has no title"
        ));
        assert!(faults[1].ends_with("tags is a list"));
        assert!(faults[2].starts_with("line 4: it is no JSON: EOF"), "{}", faults[2]);
        assert_eq!(
            (faults[3].as_str(), faults[4].as_str()),
            ("line 5: it is no object", "line 6: max_attempts is a count")
        );
        assert_eq!(rows[0].id.as_ref().map(TaskId::as_str), Some("a"));
        let odd = lines(r#"{"task_id": "a", "title": "\u0041", "tags": ["\"x\""], "title": "B", "x": null}"#);
        assert_eq!(odd[0].task.as_ref().unwrap_err(), &["it has title twice"]);
        assert!(array("7").is_err() && array("[").is_err());
    }
}

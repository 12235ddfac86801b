//! Tasks as JSON: the fields of the wire, each checked, and none passed over.

use super::Row;
use mjwork::{NewTask, TaskId};
use serde_json::{Map, Value};

/// The fields that a task may have.
pub const FIELDS: [&str; 7] =
    ["task_id", "title", "description", "blocked_by", "priority", "tags", "max_attempts"];

/// A list of objects, or one object.
pub fn array(text: &str) -> Result<Vec<Row>, String> {
    let values = match serde_json::from_str(text).map_err(|error| error.to_string())? {
        Value::Array(values) => values,
        object @ Value::Object(_) => vec![object],
        _ => return Err("it is neither a list of objects nor an object".to_owned()),
    };
    let row = |(index, value)| row(format!("task {}", index + 1), value);
    Ok(values.into_iter().enumerate().map(row).collect())
}

/// An object a line; empty lines are passed over.
#[expect(clippy::unnecessary_wraps, reason = "as the other formats")]
pub fn lines(text: &str) -> Result<Vec<Row>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let row = |(index, line): (usize, &str)| {
        let place = format!("line {}", index + 1);
        match serde_json::from_str(line) {
            Ok(value) => row(place, value),
            Err(error) => {
                // Every line is the first of its own text.
                let words = error.to_string().replace(" at line 1 column ", " at column ");
                Row { place, id: None, task: Err(vec![format!("it is no JSON: {words}")]) }
            }
        }
    };
    Ok(lines.map(row).collect())
}

fn row(place: String, value: Value) -> Row {
    let Value::Object(mut object) = value else {
        return Row { place, id: None, task: Err(vec!["it is no object".to_owned()]) };
    };
    // To say null is to say nothing.
    object.retain(|_, value| !value.is_null());
    let mut faults = Vec::new();
    let unknown: Vec<_> = object.keys().filter(|name| !FIELDS.contains(&name.as_str())).collect();
    for name in unknown {
        faults.push(format!("no task has a field {name:?}"));
    }
    let id = required(&object, "task_id", &mut faults, task_id);
    let title = required(&object, "title", &mut faults, text);
    let description = optional(&object, "description", &mut faults, text);
    let blocked_by = optional(&object, "blocked_by", &mut faults, |value| list(value, task_id));
    let priority = optional(&object, "priority", &mut faults, text);
    let tags = optional(&object, "tags", &mut faults, |value| list(value, text));
    let max_attempts = optional(&object, "max_attempts", &mut faults, |value| {
        value.as_u64().and_then(|n| n.try_into().ok()).ok_or_else(|| "is a count".to_owned())
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

fn required<T>(
    object: &Map<String, Value>,
    name: &str,
    faults: &mut Vec<String>,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Option<T> {
    if !object.contains_key(name) {
        faults.push(format!("it has no {name}"));
    }
    optional(object, name, faults, read)
}

fn optional<T>(
    object: &Map<String, Value>,
    name: &str,
    faults: &mut Vec<String>,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Option<T> {
    match read(object.get(name)?) {
        Ok(value) => Some(value),
        Err(rule) => {
            faults.push(format!("{name} {rule}"));
            None
        }
    }
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(ToOwned::to_owned).ok_or_else(|| "is a text".to_owned())
}

fn task_id(value: &Value) -> Result<TaskId, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return Err("is a text or an integer".to_owned()),
    };
    TaskId::new(text).map_err(|rule| format!("is no id: {rule}"))
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    let entries = value.as_array().ok_or_else(|| "is a list".to_owned())?;
    entries
        .iter()
        .map(|entry| read(entry).map_err(|rule| format!("is a list, of which each {rule}")))
        .collect()
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
        let rows = rows.unwrap();
        let faults: Vec<_> = rows
            .iter()
            .map(|row| format!("{}: {}", row.place, row.task.as_ref().unwrap_err().join("; ")))
            .collect();
        assert_eq!(faults[0], "line 1: it has no title");
        assert!(faults[1].starts_with(
            "line 3: no task has a field \"titel\"; task_id is no id: a task id has 1 to 256 characters; it has no title"
        ));
        assert!(faults[1].ends_with("tags is a list"));
        assert!(faults[2].starts_with("line 4: it is no JSON: EOF"), "{}", faults[2]);
        assert_eq!(
            (faults[3].as_str(), faults[4].as_str()),
            ("line 5: it is no object", "line 6: max_attempts is a count")
        );
        assert_eq!(rows[0].id.as_ref().map(TaskId::as_str), Some("a"));
        assert!(array("7").is_err() && array("[").is_err());
    }
}

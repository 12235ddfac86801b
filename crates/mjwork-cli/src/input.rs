//! Files of tasks: JSON, JSON lines or CSV become tasks, each with its place in the file and all that is wrong with it.

mod csv;
mod json;

use crate::args::Format;
use crate::failure::Failure;
use crate::output::{clip_lines, clip_to, plural};
use mjwork::publisher::{InvalidTask, TaskFault};
use mjwork::{NewTask, TaskId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

/// A task of a file, or what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands: `line 3`, `task 2`.
    pub place: String,
    /// Its id, where that can be read.
    pub id: Option<TaskId>,
    /// The task, or every fault of its fields.
    pub task: Result<NewTask, Vec<String>>,
}

/// A text that stands for itself, or, as `-`, for the standard input.
pub fn text(given: &str) -> Result<String, Failure> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| Failure::Usage(format!("the standard input cannot be read: {error}")))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// The name of a file for people.
pub fn name(file: &Path) -> String {
    if is_stdin(file) { "the standard input".to_owned() } else { file.display().to_string() }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// The tasks of a file.
pub fn tasks(file: &Path, format: Option<Format>) -> Result<Vec<Row>, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::Usage(format!("{}: {error}", name(file)));
    let mut bytes = Vec::new();
    if is_stdin(file) {
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    } else {
        bytes = std::fs::read(file).map_err(|error| unreadable(&error))?;
    }
    let text = String::from_utf8(bytes).map_err(|error| unreadable(&error))?;
    // Some editors write it, and it means nothing.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let rows = match format.unwrap_or_else(|| guess(file, text)) {
        Format::Json => json::array(text),
        Format::Jsonl => json::lines(text),
        Format::Csv => csv::rows(text),
    };
    rows.map_err(|words| unreadable(&words))
}

/// By the file's name, or by its first character.
fn guess(file: &Path, text: &str) -> Format {
    let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    match (extension.as_str(), text.trim_start().chars().next()) {
        ("jsonl" | "ndjson", _) => Format::Jsonl,
        ("csv" | "tsv", _) => Format::Csv,
        ("json", _) | (_, Some('[')) => Format::Json,
        // One object, or one a line: read as lines unless the first line is not a whole one.
        (_, Some('{')) if is_one_object(text) => Format::Json,
        (_, Some('{')) => Format::Jsonl,
        _ => Format::Csv,
    }
}

fn is_one_object(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Everything that is wrong with a file.
#[derive(Debug, Default)]
pub struct Faults(BTreeMap<usize, (String, Option<TaskId>, Vec<String>)>);

impl Faults {
    /// What could not be read.
    pub fn of_rows(rows: &[Row]) -> Self {
        let ill = rows.iter().enumerate().filter_map(|(index, row)| {
            let faults = row.task.as_ref().err()?;
            Some((index, (row.place.clone(), row.id.clone(), faults.clone())))
        });
        Self(ill.collect())
    }

    /// Adds what cannot be published. `index` gives the row of a task of the batch.
    pub fn add(&mut self, rows: &[Row], invalid: Vec<InvalidTask>, index: impl Fn(usize) -> usize) {
        let place = |of: usize| rows.get(index(of)).map(|row| row.place.clone()).unwrap_or_default();
        // What a row names that could not be read is not unknown.
        let ill: Vec<&TaskId> =
            rows.iter().filter(|row| row.task.is_err()).filter_map(|row| row.id.as_ref()).collect();
        for task in invalid {
            let faults = task.faults.iter().filter_map(|fault| match fault {
                TaskFault::UnknownBlocker(id) if ill.contains(&id) => None,
                TaskFault::Twice { first } => Some(format!("its id stands in {} already", place(*first))),
                fault => Some(fault.to_string()),
            });
            let faults: Vec<String> = faults.collect();
            if !faults.is_empty() {
                let entry = (place(task.index), Some(task.id), Vec::new());
                self.0.entry(index(task.index)).or_insert(entry).2.extend(faults);
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For a script.
    pub fn to_json(&self) -> Value {
        let all = self.0.values().map(|(place, id, faults)| {
            json!({"place": place, "task_id": id.as_ref().map(TaskId::as_str), "faults": faults})
        });
        json!({"published": [], "invalid": all.collect::<Vec<_>>()})
    }

    /// For a person: a line for each.
    pub fn to_failure(&self, file: &Path, total: usize) -> Failure {
        let mut words = format!(
            "{}: nothing was published, as {} of {} cannot be:",
            name(file),
            plural(self.0.len(), "task"),
            crate::output::count(total as u64)
        );
        for (place, id, faults) in self.0.values() {
            let id = id.as_ref().map_or(String::new(), |id| format!(" ({})", clip_to(id.as_str(), 60)));
            // Writing to a text does not fail.
            let _ = write!(words, "\n  {place}{id}: {}", clip_lines(&faults.join("; "), "    "));
        }
        Failure::Usage(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_is_called_or_how_it_begins() {
        for (name, text, format) in [
            ("a.csv", "[", Format::Csv),
            ("a.jsonl", "[", Format::Jsonl),
            ("a.json", "{", Format::Json),
            ("-", "\n [", Format::Json),
            ("-", "{\"a\": 1}\n{\"a\": 2}", Format::Jsonl),
            ("-", "{\n\"a\": 1}", Format::Json),
            ("tasks", "task_id,title", Format::Csv),
        ] {
            assert_eq!(guess(Path::new(name), text), format, "{name} {text}");
        }
    }
}

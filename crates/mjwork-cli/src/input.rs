//! Files of tasks, and what is said of what is wrong with them.

use crate::args;
use crate::failure::Failure;
use crate::output::{clip_lines, clip_to, plural};
use mjwork::import::{self, Format, Row};
use mjwork::publisher::InvalidTask;
use mjwork::{NewTask, TaskId};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

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
pub fn tasks(file: &Path, format: Option<args::Format>) -> Result<Vec<Row>, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::Usage(format!("{}: {error}", name(file)));
    let mut bytes = Vec::new();
    if is_stdin(file) {
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    } else {
        bytes = std::fs::read(file).map_err(|error| unreadable(&error))?;
    }
    let text = String::from_utf8(bytes).map_err(|error| unreadable(&error))?;
    // The standard input is called by a word that ends in nothing.
    let format = format.map_or_else(|| Format::guess(&file.to_string_lossy(), &text), Format::from);
    import::rows(&text, format).map_err(|words| unreadable(&words))
}

/// Everything that is wrong with a file: of each row that cannot be published its place, its id and why.
#[derive(Debug, Default)]
pub struct Faults(Vec<(String, Option<TaskId>, Vec<String>)>);

impl Faults {
    /// What `check` finds in the tasks of these rows, and what could not be read of them.
    pub fn of(rows: &[Row], check: impl FnOnce(&[NewTask]) -> Vec<InvalidTask>) -> Self {
        let all = rows.iter().zip(import::faults(rows, check));
        let ill = all.filter(|(_, faults)| !faults.is_empty());
        Self(ill.map(|(row, faults)| (row.place.clone(), row.id.clone(), faults)).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For a script.
    pub fn to_json(&self) -> Value {
        let all = self.0.iter().map(|(place, id, faults)| {
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
        for (place, id, faults) in &self.0 {
            let id = id.as_ref().map_or(String::new(), |id| format!(" ({})", clip_to(id.as_str(), 60)));
            // Writing to a text does not fail.
            let _ = write!(words, "\n  {place}{id}: {}", clip_lines(&faults.join("; "), "    "));
        }
        Failure::Usage(words)
    }
}

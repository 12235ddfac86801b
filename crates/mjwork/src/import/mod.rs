//! Texts of tasks: JSON, JSON lines or CSV become tasks, each with its place in the text and all that is wrong with it.

mod csv;
mod json;

use crate::publisher::{InvalidTask, TaskFault};
use crate::{NewTask, TaskId};
use hashbrown::HashSet;

/// The fields that a task may have.
pub const FIELDS: [&str; 7] =
    ["task_id", "title", "description", "blocked_by", "priority", "tags", "max_attempts"];

/// How tasks are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A list of objects, or one object.
    Json,
    /// An object a line.
    Jsonl,
    /// A heading, then a task a line.
    Csv,
}

impl Format {
    /// Its name for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Jsonl => "JSON lines",
            Self::Csv => "CSV",
        }
    }

    /// By the ending of the file's name, where there is one that says it, or by how the text begins.
    #[must_use]
    pub fn guess(name: &str, text: &str) -> Self {
        let text = unmarked(text);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        match (extension.as_str(), text.trim_start().chars().next()) {
            ("jsonl" | "ndjson", _) => Self::Jsonl,
            ("csv" | "tsv", _) => Self::Csv,
            ("json", _) | (_, Some('[')) => Self::Json,
            // One object, or one a line: read as lines unless the first line is not a whole one.
            (_, Some('{')) if json::is_one(text) => Self::Json,
            (_, Some('{')) => Self::Jsonl,
            _ => Self::Csv,
        }
    }
}

/// The text without a byte order mark: some editors write it, and it means nothing.
fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A task of a text, or what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands: `line 3`, `task 2`.
    pub place: String,
    /// Its id, where that can be read.
    pub id: Option<TaskId>,
    /// The task, or every fault of its fields.
    pub task: Result<NewTask, Vec<String>>,
}

/// The tasks of a text.
///
/// # Errors
/// In words, when the text as a whole is none of that format.
pub fn rows(text: &str, format: Format) -> Result<Vec<Row>, String> {
    let text = unmarked(text);
    match format {
        Format::Json => json::array(text),
        Format::Jsonl => Ok(json::lines(text)),
        Format::Csv => csv::rows(text),
    }
}

/// Everything that is wrong, row by row: an empty list for a row that can be published. `check` says what is wrong with
/// the tasks that could be read, which it is given in their order.
pub fn faults(rows: &[Row], check: impl FnOnce(&[NewTask]) -> Vec<InvalidTask>) -> Vec<Vec<String>> {
    let (indices, tasks): (Vec<usize>, Vec<NewTask>) =
        rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.task.clone().ok()?))).unzip();
    let mut all: Vec<Vec<String>> =
        rows.iter().map(|row| row.task.as_ref().err().cloned().unwrap_or_default()).collect();
    // What a row names that could not be read is not unknown.
    let ill: HashSet<&TaskId> =
        rows.iter().filter(|row| row.task.is_err()).filter_map(|row| row.id.as_ref()).collect();
    let row = |index: usize| indices.get(index).copied().unwrap_or_default();
    for task in check(&tasks) {
        let words = task.faults.iter().filter_map(|fault| match fault {
            TaskFault::UnknownBlocker(id) if ill.contains(id) => None,
            TaskFault::Twice { first } => {
                Some(format!("its id stands in {} already", rows.get(row(*first))?.place))
            }
            fault => Some(fault.to_string()),
        });
        if let Some(faults) = all.get_mut(row(task.index)) {
            faults.extend(words);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Board;
    use crate::publisher::{Intent, faults as check};

    #[test]
    fn a_text_is_what_its_file_is_called_or_how_it_begins() {
        for (name, text, format) in [
            ("a.csv", "[", Format::Csv),
            ("a.jsonl", "[", Format::Jsonl),
            ("a.json", "{", Format::Json),
            ("-", "\n [", Format::Json),
            ("", "{\"a\": 1}\n{\"a\": 2}", Format::Jsonl),
            ("", "\u{feff}{\n\"a\": 1}", Format::Json),
            ("tasks", "task_id,title", Format::Csv),
        ] {
            assert_eq!(Format::guess(name, text), format, "{name} {text}");
        }
    }

    #[test]
    fn each_row_has_its_own_faults_and_those_of_the_batch() {
        let text = "task_id,title,blocked_by\na,A,\nb,,\nc,C,b|x\na,Again,\nd,D,a\n";
        let rows = rows(text, Format::Csv).unwrap();
        let found = faults(&rows, |tasks| {
            check(&Board::new(), tasks, &vec![0; tasks.len()], 1 << 20, Intent::Publish)
        });
        let words: Vec<String> = found.iter().map(|faults| faults.join("; ")).collect();
        let expected = [
            "",
            "it has no title",
            "it waits for x, which nobody knows",
            "its id stands in line 2 already",
            "",
        ];
        assert_eq!(words, expected);
    }
}

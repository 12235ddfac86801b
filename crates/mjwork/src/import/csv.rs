//! Tasks as CSV (RFC 4180): a heading, then a task a line. An empty cell says nothing.

use super::{FIELDS, Row};
use crate::{NewTask, TaskId};

/// What may stand between cells; the heading shows which it is.
const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// The tasks of a CSV text.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, String> {
    let heading = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let between = |delimiter: char| heading.chars().filter(|c| *c == delimiter).count();
    let delimiter = DELIMITERS.into_iter().max_by_key(|d| (between(*d), *d == ',')).unwrap_or(',');
    let mut records = Records { rest: text, line: 1, delimiter };
    let columns = records.next().map(|record| record.cells).unwrap_or_default();
    let columns: Vec<String> = columns.iter().map(|name| name.to_ascii_lowercase()).collect();
    let unknown: Vec<&str> =
        columns.iter().map(String::as_str).filter(|name| !FIELDS.contains(name)).collect();
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        return Err(format!("the heading has {unknown}, and a task has only {}", FIELDS.join(", ")));
    }
    if let Some(twice) = columns.iter().enumerate().find(|(i, name)| columns[..*i].contains(name)) {
        return Err(format!("the heading has {} twice", twice.1));
    }
    for required in ["task_id", "title"] {
        if !columns.iter().any(|name| name == required) {
            return Err(format!("the heading has no {required}"));
        }
    }
    Ok(records.map(|record| row(&columns, &record)).collect())
}

fn row(columns: &[String], record: &Record) -> Row {
    let mut faults = Vec::new();
    if record.is_open {
        faults.push("a quote that begins in it has no end".to_owned());
    } else if record.cells.len() != columns.len() {
        faults.push(format!("it has {} cells, and the heading {}", record.cells.len(), columns.len()));
    }
    let cell = |name: &str| {
        let index = columns.iter().position(|column| column == name)?;
        record.cells.get(index).map(String::as_str).filter(|cell| !cell.is_empty())
    };
    let id = cell("task_id").ok_or_else(|| "it has no task_id".to_owned());
    let id = id.and_then(|text| TaskId::new(text).map_err(|rule| format!("task_id is no id: {rule}")));
    let id = id.map_err(|fault| faults.push(fault)).ok();
    if cell("title").is_none() {
        faults.push("it has no title".to_owned());
    }
    let list = |name: &str| -> Vec<&str> {
        let entries = cell(name).unwrap_or_default().split([',', ';', '|']);
        entries.map(str::trim).filter(|entry| !entry.is_empty()).collect()
    };
    let mut blocked_by = Vec::new();
    for text in list("blocked_by") {
        match TaskId::new(text) {
            Ok(id) => blocked_by.push(id),
            Err(rule) => faults.push(format!("blocked_by names no id: {rule}")),
        }
    }
    let max_attempts = cell("max_attempts")
        .and_then(|text| text.parse().map_err(|_| faults.push("max_attempts is a count".to_owned())).ok());
    let owned = |name: &str| cell(name).map(ToOwned::to_owned);
    let task = match (id.clone(), owned("title")) {
        (Some(id), Some(title)) if faults.is_empty() => Ok(NewTask {
            id,
            title,
            description: owned("description"),
            blocked_by,
            priority: owned("priority"),
            tags: list("tags").into_iter().map(ToOwned::to_owned).collect(),
            max_attempts,
        }),
        _ => Err(faults),
    };
    Row { place: format!("line {}", record.line), id, task }
}

/// A line, or several where a cell holds some.
struct Record {
    /// Where it begins, from 1.
    line: usize,
    /// Its cells, without the spaces around them.
    cells: Vec<String>,
    /// The text ends within a quoted cell.
    is_open: bool,
}

/// The lines of a table that have anything in them.
struct Records<'a> {
    rest: &'a str,
    line: usize,
    delimiter: char,
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while !self.rest.is_empty() {
            let record = self.record();
            if record.is_open || record.cells.iter().any(|cell| !cell.is_empty()) {
                return Some(record);
            }
        }
        None
    }
}

impl Records<'_> {
    /// The next line, whatever is in it.
    fn record(&mut self) -> Record {
        let line = self.line;
        let (mut cells, mut cell) = (Vec::new(), String::new());
        // A quote counts where a cell begins; within it, two stand for one.
        let (mut is_start, mut in_quotes) = (true, false);
        let mut rest = self.rest.chars();
        while let Some(c) = rest.next() {
            let ahead = rest.as_str();
            // The two characters of a line's end are one.
            let ends = c == '\n' || (c == '\r' && !ahead.starts_with('\n'));
            self.line += usize::from(ends);
            if in_quotes {
                if c != '"' {
                    cell.push(c);
                } else if ahead.starts_with('"') {
                    rest.next();
                    cell.push(c);
                } else {
                    in_quotes = false;
                }
            } else if ends {
                break;
            } else if c == self.delimiter {
                cells.push(cell.trim().to_owned());
                cell.clear();
                is_start = true;
                continue;
            } else if c == '"' && is_start {
                in_quotes = true;
            } else {
                cell.push(c);
            }
            is_start = false;
        }
        self.rest = rest.as_str();
        cells.push(cell.trim().to_owned());
        Record { line, cells, is_open: in_quotes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_by_its_heading() {
        let text = "title,Task_ID,blocked_by,tags,description\n\
                    First,a,,,\n\
                    \"Second, with a comma\",b,\"a, c\",x|y,\"two\nlines\"\n\
                    ,,,,\n\
                    Third,c,a;b,,\n";
        let rows = rows(text).unwrap();
        let tasks: Vec<_> = rows.iter().map(|row| row.task.as_ref().unwrap()).collect();
        assert_eq!(rows.len(), 3);
        assert_eq!(
            (tasks[1].title.as_str(), tasks[1].description.as_deref()),
            ("Second, with a comma", Some("two\nlines"))
        );
        let ids = |tasks: &[TaskId]| tasks.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            (ids(&tasks[1].blocked_by), ids(&tasks[2].blocked_by)),
            (vec!["a".into(), "c".into()], vec!["a".into(), "b".into()])
        );
        assert_eq!(tasks[1].tags, ["x", "y"]);
        assert_eq!(rows[2].place, "line 6");
    }

    #[test]
    fn quotes_hold_what_would_end_a_cell() {
        let text =
            "\n\"task_id\",title\r\n a ,\"say \"\"hi\"\", then\"\r\n\r\nb,5\" long\rc,\"\r\n\"\nd,\"open\n";
        let rows = rows(text).unwrap();
        let titles: Vec<_> = rows
            .iter()
            .map(|row| (row.place.as_str(), row.task.as_ref().map_or("", |task| &task.title)))
            .collect();
        let expected =
            [("line 3", "say \"hi\", then"), ("line 5", "5\" long"), ("line 6", ""), ("line 8", "")];
        assert_eq!(titles, expected);
        assert_eq!(rows[2].task.as_ref().unwrap_err(), &["it has no title"]);
        assert_eq!(rows[3].task.as_ref().unwrap_err(), &["a quote that begins in it has no end"]);
    }

    #[test]
    fn semicolons_and_tabs_stand_between_cells_too() {
        for text in [
            "task_id;title;blocked_by\na;A;\nb;B, b;a,c\n",
            "task_id\ttitle\tblocked_by\na\tA\t\nb\tB, b\ta;c\n",
        ] {
            let rows = rows(text).unwrap();
            let task = rows[1].task.as_ref().unwrap();
            assert_eq!((task.title.as_str(), task.blocked_by.len()), ("B, b", 2), "{text}");
        }
    }

    #[test]
    fn a_wrong_heading_is_said_at_once_and_a_wrong_row_with_the_others() {
        assert!(rows("task_id,titel\n").unwrap_err().contains("titel"));
        assert!(rows("title\nA\n").unwrap_err().contains("no task_id"));
        assert!(rows("task_id,title,title\n").unwrap_err().contains("twice"));
        let rows = rows("task_id,title,max_attempts\n,A,x\nb,B\nc,C,1\n").unwrap();
        let faults = |row: &Row| row.task.as_ref().unwrap_err().join("; ");
        assert_eq!(faults(&rows[0]), "it has no task_id; max_attempts is a count");
        assert_eq!(faults(&rows[1]), "it has 2 cells, and the heading 3");
        assert_eq!(rows[2].task.as_ref().unwrap().max_attempts, Some(1));
    }
}

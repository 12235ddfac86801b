//! Tasks as CSV: a heading, then a task a line. An empty cell says nothing.

use super::Row;
use super::json::FIELDS;
use mjwork::{NewTask, TaskId};

/// What may stand between cells; the heading shows which it is.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The tasks of a CSV text.
pub fn rows(text: &str) -> Result<Vec<Row>, String> {
    let heading = text.lines().next().unwrap_or_default();
    let between = |delimiter: &u8| heading.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = DELIMITERS.into_iter().max_by_key(|d| (between(d), *d == b',')).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> =
        reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_lowercase).collect();
    let unknown: Vec<_> = columns.iter().filter(|name| !FIELDS.contains(&name.as_str())).collect();
    if !unknown.is_empty() {
        return Err(format!("the heading has {unknown:?}, and a task has only {}", FIELDS.join(", ")));
    }
    if let Some(twice) = columns.iter().enumerate().find(|(i, name)| columns[..*i].contains(name)) {
        return Err(format!("the heading has {:?} twice", twice.1));
    }
    for required in ["task_id", "title"] {
        if !columns.iter().any(|name| name == required) {
            return Err(format!("the heading has no {required}"));
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(row(format!("line {line}"), &columns, &record));
    }
    Ok(rows)
}

fn row(place: String, columns: &[String], record: &csv::StringRecord) -> Row {
    let mut faults = Vec::new();
    if record.len() != columns.len() {
        faults.push(format!("it has {} cells, and the heading {}", record.len(), columns.len()));
    }
    let cell = |name: &str| {
        let index = columns.iter().position(|column| column == name)?;
        record.get(index).filter(|cell| !cell.is_empty())
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
    Row { place, id, task }
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

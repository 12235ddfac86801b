//! What a person, or a script, reads.

use mjwork::Ack;
use mjwork::board::{Board, Outcome, Task};
use mjwork::setup::{Done, Report};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// What `setup` did.
pub fn report(stream: &str, report: &Report, json: bool) {
    if json {
        let (done, changes) = match &report.done {
            Done::Created => ("created", Vec::new()),
            Done::Upgraded(changes) => ("upgraded", changes.iter().map(ToString::to_string).collect()),
            Done::Unchanged => ("unchanged", Vec::new()),
        };
        println!(
            "{}",
            json!({"stream": stream, "done": done, "changes": changes, "warnings": report.warnings})
        );
        return;
    }
    match &report.done {
        Done::Created => println!("stream {stream} created"),
        Done::Upgraded(changes) => {
            println!("stream {stream} upgraded");
            for setting in changes {
                println!("  {setting}");
            }
        }
        Done::Unchanged => println!("stream {stream} is as it should be"),
    }
    for warning in &report.warnings {
        eprintln!("mjwork: warning: {warning}");
    }
}

/// An event that concerns no task was stored.
pub fn stored(ack: &Ack, what: &str, json: bool) {
    if json {
        println!("{}", json!({"seq": ack.seq, "duplicate": ack.duplicate}));
    } else {
        println!("{what} (sequence {})", ack.seq);
    }
}

/// An event changed a task, or was right and changed nothing.
pub fn acted(board: &Board, task: &Task, ack: &Ack, json: bool) {
    if json {
        let mut object = object(board, task);
        object["seq"] = json!(ack.seq);
        println!("{object}");
        return;
    }
    let owner = task.owner.as_ref().map_or(String::new(), |owner| format!(", owner {}", owner.agent));
    println!("{}: {}{owner} (sequence {}, version {})", task.id, task.status, ack.seq, task.version);
}

/// A list of tasks.
pub fn tasks(board: &Board, tasks: &[&Task], json: bool) {
    if json {
        println!("{}", Value::Array(tasks.iter().map(|task| object(board, task)).collect()));
        return;
    }
    let rows = tasks.iter().map(|task| {
        let owner = task.owner.as_ref().map_or("-".into(), |owner| owner.agent.to_string());
        [
            clip(task.id.as_str(), 40),
            task.status.to_string(),
            task.definition.priority.to_string(),
            owner,
            task.attempts.to_string(),
            clip(&task.definition.title, 60),
        ]
    });
    table(["ID", "STATUS", "PRIORITY", "OWNER", "ATTEMPTS", "TITLE"], &rows.collect::<Vec<_>>());
}

/// Texts in columns as wide as their widest.
fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) {
    let mut widths = head.map(|name| name.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(head);
    for row in rows {
        line(std::array::from_fn(|i| row[i].as_str()));
    }
}

/// Text from a message on one line of a terminal: nothing in it steers the terminal.
fn clip(text: &str, width: usize) -> String {
    let mut out: String =
        text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(width + 1).collect();
    if out.chars().count() > width {
        out.pop();
        out.pop();
        out.push('…');
    }
    out
}

fn object(board: &Board, task: &Task) -> Value {
    let owner = task.owner.as_ref();
    let blockers: Vec<Value> = board
        .blockers(task)
        .into_iter()
        .map(|b| json!({"task_id": b.id.as_str(), "why": b.why.to_string()}))
        .collect();
    json!({
        "task_id": task.id.as_str(),
        "title": &*task.definition.title,
        "status": task.status.as_str(),
        "priority": task.definition.priority.as_str(),
        "tags": task.definition.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(),
        "blocked_by": task.definition.blocked_by.iter().map(mjwork::TaskId::as_str).collect::<Vec<_>>(),
        "waits_for": blockers,
        "owner": owner.map(|o| o.agent.as_str()),
        "session": owner.and_then(|o| o.session.as_deref()),
        "claim": task.claim,
        "attempts": task.attempts,
        "version": task.version,
        "result": match &task.outcome {
            Some(Outcome::Result(Some(result))) => json_or_text(result),
            _ => Value::Null,
        },
        "error": match &task.outcome {
            Some(Outcome::Error { error, .. }) => Value::from(&**error),
            _ => Value::Null,
        },
    })
}

fn json_or_text(raw: &str) -> Value {
    serde_json::from_str::<&RawValue>(raw)
        .ok()
        .and_then(|value| serde_json::from_str(value.get()).ok())
        .unwrap_or_else(|| Value::from(raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_message_stays_on_its_line() {
        assert_eq!(clip("a\u{1b}[2Jb\n", 20), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(clip("äöüß", 3), "äö…");
        assert_eq!(clip("äöü", 3), "äöü");
    }
}

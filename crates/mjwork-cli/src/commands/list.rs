//! `list`: tasks, by status, then as workers take them.

use crate::args::List;
use crate::failure::Failure;
use crate::output::{Cell, Out, Paint, Table, TaskObject, age, clip, clip_to, of_status, plural, tell};
use crate::session::Session;
use mjwork::board::{Board, Liveness, Status, Task};

pub fn list(session: &Session, words: &List, out: &mut Out) -> Result<(), Failure> {
    let now = session.now();
    // The board is taken out of the lock, as a terminal may be slow.
    let board = session.mirror.read(Board::clone);
    let wanted = |task: &&Task| {
        (words.status.is_empty() || words.status.contains(&task.status))
            && words.owner.as_ref().is_none_or(|name| task.owner.as_ref().is_some_and(|o| o.agent == *name))
            && words.tag.as_ref().is_none_or(|tag| task.definition.tags.iter().any(|t| **t == **tag))
    };
    let mut tasks: Vec<&Task> = board.tasks().filter(wanted).collect();
    tasks.sort_by(|a, b| {
        let key = |t: &Task| (t.status, t.definition.priority.rank(), t.created);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    let found = tasks.len();
    tasks.truncate(words.limit.unwrap_or(usize::MAX));
    if out.is_json() {
        return out.object(&tasks.iter().map(|task| TaskObject::new(&board, task, now)).collect::<Vec<_>>());
    }
    if found == 0 {
        let which = if board.tasks().len() == 0 { "no tasks yet" } else { "no such tasks" };
        tell(format_args!("{which}"));
        return Ok(());
    }
    let mut table =
        Table::new(&["ID", "STATUS", "FOR", "PRIORITY", "OWNER", "TRY", "TITLE"]).right(2).right(5);
    for task in &tasks {
        table.row([
            clip_to(task.id.as_str(), 60).into(),
            Cell::new(task.status.to_string(), of_status(task.status)),
            age(now.since(task.since)).into(),
            Cell::new(clip_to(task.definition.priority.as_str(), 12), priority(task)),
            owner(&board, task, now),
            task.attempts.to_string().into(),
            clip(&task.definition.title).into(),
        ]);
    }
    out.table(table)?;
    if out.is_terminal() {
        let counts = board.counts();
        let parts = Status::ALL.into_iter().filter(|status| counts.of(*status) > 0);
        let parts = parts.map(|status| format!("{} {status}", counts.of(status))).collect::<Vec<_>>();
        let shown = if tasks.len() < counts.total() { format!("{} of ", tasks.len()) } else { String::new() };
        let line = format!("{shown}{}: {}", plural(counts.total(), "task"), parts.join(", "));
        out.line(format_args!("{}", Paint::Dim.show(line)))?;
    }
    Ok(())
}

fn priority(task: &Task) -> Paint {
    match task.definition.priority.rank() {
        0 => Paint::Red,
        1 => Paint::Yellow,
        3 => Paint::Dim,
        _ => Paint::Plain,
    }
}

/// Its name; whether its process is in doubt shows beside it.
fn owner(board: &Board, task: &Task, now: mjwork::Timestamp) -> Cell {
    let Some(owner) = &task.owner else { return "-".into() };
    match board.owner_liveness(task, now) {
        Some(liveness @ (Liveness::Late | Liveness::Lost)) => {
            Cell::new(format!("{} ({liveness})", owner.agent), crate::output::of_liveness(liveness))
        }
        _ => owner.agent.to_string().into(),
    }
}

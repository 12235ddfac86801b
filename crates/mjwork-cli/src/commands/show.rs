//! `show`: all that is known of one task.

use crate::failure::Failure;
use crate::output::{
    Clock, Out, Paint, TaskObject, age, clip, clip_lines, moment, of_liveness, of_status, raw, rfc3339,
};
use crate::session::Session;
use mjwork::board::{Board, Entry, Liveness, Outcome, Status, Task};
use mjwork::{TaskId, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

/// All that is known of a task, for a script.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    task: TaskObject<'a>,
    /// The tasks that wait for it.
    blocks: Vec<&'a str>,
    clocks: Clocks,
    /// Results that came too late, and that an operator can accept.
    late: Vec<LateObject<'a>>,
    history: Vec<EntryObject<'a>>,
}

/// Process, claim and work of a task in progress: shown apart, as one says nothing of the others.
#[derive(Serialize)]
struct Clocks {
    /// Since the last heartbeat of the owner.
    process: Option<Clock>,
    /// Since the claim.
    claim: Option<Clock>,
    /// Since the last progress.
    work: Option<Clock>,
}

#[derive(Serialize)]
struct LateObject<'a> {
    seq: u64,
    agent_id: &'a str,
    session: Option<&'a str>,
    result: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct EntryObject<'a> {
    seq: u64,
    time: String,
    event: &'static str,
    who: Option<&'a str>,
    session: Option<&'a str>,
    text: Option<&'a str>,
    verdict: &'static str,
    reason: Option<String>,
}

pub fn show(session: &Session, id: &TaskId, out: &mut Out) -> Result<(), Failure> {
    let now = session.now();
    let board = session.mirror.read(Board::clone);
    let task = board
        .task(id.as_str())
        .ok_or_else(|| Failure::Nothing(format!("no such task is known: {}", clip(id.as_str()))))?;
    let mut blocks: Vec<&str> = board.blocked_by(id.as_str()).iter().map(TaskId::as_str).collect();
    blocks.sort_unstable();
    let clocks = clocks(&board, task, now);
    if out.is_json() {
        return out.object(&whole(&board, task, now, blocks, clocks));
    }
    out.line(format_args!("{}  {}", Paint::Bold.show(clip(id.as_str())), clip(&task.definition.title)))?;
    let mut field = |name: &str, words: std::fmt::Arguments<'_>| {
        out.line(format_args!("  {} {words}", Paint::Dim.show(format!("{name:<12}"))))
    };
    let status = of_status(task.status).show(task.status);
    field("status", format_args!("{status} for {}", age(now.since(task.since))))?;
    let definition = &task.definition;
    field("priority", format_args!("{}", clip(definition.priority.as_str())))?;
    if !definition.tags.is_empty() {
        field("tags", format_args!("{}", clip(&definition.tags.join(", "))))?;
    }
    if let Some(owner) = &task.owner {
        let session = owner.session.as_ref().map_or(String::new(), |s| format!(", session {}", clip(s)));
        field("owner", format_args!("{}{session}", owner.agent))?;
    }
    let claim = task.claim.map_or(String::new(), |claim| format!(", claim {claim}"));
    field("attempt", format_args!("{} of {}{claim}", task.attempts, definition.max_attempts))?;
    field("version", format_args!("{}", task.version))?;
    for blocker in board.blockers(task) {
        let paint = if blocker.why.is_stuck() { Paint::Red } else { Paint::Plain };
        let help = if blocker.why.is_stuck() { "; it will not be done without help" } else { "" };
        field("waits for", format_args!("{}: {}{help}", clip(blocker.id.as_str()), paint.show(blocker.why)))?;
    }
    if !blocks.is_empty() {
        field("blocks", format_args!("{}", clip(&blocks.join(", "))))?;
    }
    if task.status == Status::InProgress {
        running(&board, task, now, &clocks, &mut field)?;
    }
    if let Some(text) = &definition.description {
        field("description", format_args!("{}", clip_lines(text, INDENT)))?;
    }
    ending(task, &mut field)?;
    for late in &task.late {
        let result = late.result.as_deref().map_or(String::new(), |result| format!(": {}", clip(result)));
        let words = format!("{} of {}{result}", late.seq, late.owner.agent);
        let accept = format!("mjwork complete {} --accept {}", clip(id.as_str()), late.seq);
        // What is done has its result, perhaps this very one.
        let hint = match task.status {
            Status::Completed => String::new(),
            _ => format!("\n{INDENT}accept it with: {accept}"),
        };
        field("late result", format_args!("{words}{hint}"))?;
    }
    out.line(format_args!("  {}", Paint::Dim.show("history")))?;
    for entry in &task.history {
        out.line(format_args!("    {}", line(&entry)))?;
    }
    Ok(())
}

/// Under the words of a field.
const INDENT: &str = "               ";

type Field<'f> = &'f mut dyn FnMut(&str, std::fmt::Arguments<'_>) -> Result<(), Failure>;

/// The three clocks of a task in progress.
fn running(
    board: &Board,
    task: &Task,
    now: Timestamp,
    clocks: &Clocks,
    field: Field<'_>,
) -> Result<(), Failure> {
    let liveness = board.owner_liveness(task, now).unwrap_or(Liveness::Silent);
    let word = of_liveness(liveness).show(liveness);
    match (&clocks.process, liveness) {
        (Some(clock), _) => field("process", format_args!("{word}, last heartbeat {} ago", age(clock.age)))?,
        (None, Liveness::Silent) => {
            field("process", format_args!("{word}: its owner sends no heartbeats, so nobody can know"))?;
        }
        (None, _) => field("process", format_args!("{word}, no heartbeat"))?,
    }
    if let Some(clock) = &clocks.claim {
        field("claim", format_args!("held for {}", age(clock.age)))?;
    }
    match (&clocks.work, &task.progress) {
        (Some(clock), Some(progress)) => {
            let percent = progress.percent.map_or(String::new(), |percent| format!(", {percent} %"));
            let note = progress.note.as_deref().map_or(String::new(), |note| format!(", {}", clip(note)));
            field("work", format_args!("last progress {} ago{percent}{note}", age(clock.age)))
        }
        _ => field("work", format_args!("no progress yet")),
    }
}

/// How it ended.
fn ending(task: &Task, field: Field<'_>) -> Result<(), Failure> {
    let by = |by: &Option<Box<str>>| by.as_deref().map_or(String::new(), |by| format!(" (by {})", clip(by)));
    match &task.outcome {
        None | Some(Outcome::Result(None)) => Ok(()),
        Some(Outcome::Result(Some(result))) => {
            field("result", format_args!("{}", clip_lines(result, INDENT)))
        }
        Some(Outcome::Error { error, kind, by: who }) => {
            let kind = kind.as_deref().map_or(String::new(), |kind| format!("{}: ", clip(kind)));
            field("error", format_args!("{kind}{}{}", clip_lines(error, INDENT), by(who)))
        }
        Some(Outcome::Cancelled { by: who, reason }) => {
            let reason = reason.as_deref().map_or(String::new(), |reason| format!(": {}", clip(reason)));
            field("cancelled", format_args!("by {}{reason}", clip(who)))
        }
    }
}

fn line(entry: &Entry<'_>) -> String {
    let who = entry.who.map_or_else(|| "-".to_owned(), clip);
    let text = entry.text.map(clip).unwrap_or_default();
    let refused = entry.refused.as_ref().map_or(String::new(), |refusal| {
        let apart = if entry.text.is_some() { "  " } else { "" };
        Paint::Red.show(format!("{apart}refused: {}", clip(&refusal.to_string()))).to_string()
    });
    let time = Paint::Dim.show(moment(entry.time));
    format!("{time} {:>7}  {:<9}  {who:<16}  {text}{refused}", entry.seq, entry.verb.as_str())
        .trim_end()
        .to_owned()
}

fn clocks(board: &Board, task: &Task, now: Timestamp) -> Clocks {
    let owner = task.owner.as_ref().filter(|_| task.status == Status::InProgress);
    let beat = owner.and_then(|owner| board.agent(owner.agent.as_str())?.beat_at(now));
    Clocks {
        process: beat.map(|beat| Clock::new(beat.time, now)),
        claim: owner.map(|_| Clock::new(task.since, now)),
        work: owner.and(task.progress.as_ref()).map(|progress| Clock::new(progress.time, now)),
    }
}

fn whole<'a>(
    board: &'a Board,
    task: &'a Task,
    now: Timestamp,
    blocks: Vec<&'a str>,
    clocks: Clocks,
) -> Whole<'a> {
    let late = task.late.iter().map(|late| LateObject {
        seq: late.seq,
        agent_id: late.owner.agent.as_str(),
        session: late.owner.session.as_deref(),
        result: late.result.as_deref().and_then(raw),
    });
    let history = task.history.iter().map(|entry| EntryObject {
        seq: entry.seq,
        time: rfc3339(entry.time),
        event: entry.verb.as_str(),
        who: entry.who,
        session: entry.session,
        text: entry.text,
        verdict: if entry.refused.is_some() { "refused" } else { "accepted" },
        reason: entry.refused.as_ref().map(ToString::to_string),
    });
    Whole {
        task: TaskObject::new(board, task, now),
        blocks,
        clocks,
        late: late.collect(),
        history: history.collect(),
    }
}

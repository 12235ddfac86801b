//! `publish`: one task from flags, or many from a file. All are checked before the first is sent.

use super::stands;
use crate::args::Publish;
use crate::failure::Failure;
use crate::input::{self, Faults};
use crate::output::{Out, clip, plural, warn};
use crate::session::Session;
use indicatif::{ProgressBar, ProgressStyle};
use mjwork::board::Priority;
use mjwork::publisher::{InvalidTask, TaskFault};
use mjwork::{NewTask, PublishError, Published, TaskPublisher};
use serde_json::{Value, json};
use std::path::Path;

pub async fn publish(session: &Session, words: Publish, out: &mut Out) -> Result<(), Failure> {
    let publisher = TaskPublisher::new(session.mirror.clone(), Some(words.by.name()));
    match (words.file.clone(), words.task.clone(), words.title.clone()) {
        (Some(file), _, _) => many(session, &publisher, &file, &words, out).await,
        (None, Some(id), Some(title)) => {
            let task = NewTask {
                description: words.description.as_deref().map(input::text).transpose()?,
                blocked_by: words.blocked_by,
                priority: words.priority,
                tags: words.tags,
                max_attempts: words.max_attempts,
                ..NewTask::new(id.clone(), title)
            };
            warn_of_unknown([&task]);
            let done = if words.edit && session.task(&id).is_ok() {
                publisher.edit(task).await
            } else {
                publisher.publish_task(task).await
            };
            let Published { seq, unchanged, .. } = done.map_err(failure)?;
            stands(session, &id, seq, unchanged, out)
        }
        (None, _, _) => Err(Failure::Usage("it must say a task and its title, or a file".into())),
    }
}

/// Warns of priorities that nobody knows: they are kept, and most likely were meant to be others.
fn warn_of_unknown<'a>(tasks: impl IntoIterator<Item = &'a NewTask>) {
    let mut unknown: Vec<&str> = tasks
        .into_iter()
        .filter_map(|task| task.priority.as_deref())
        .filter(|word| matches!(Priority::from(*word), Priority::Other(_)))
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    for word in unknown {
        warn(&format!("{} is no known priority, and counts as normal", clip(word)));
    }
}

async fn many(
    session: &Session,
    publisher: &TaskPublisher,
    file: &Path,
    words: &Publish,
    out: &mut Out,
) -> Result<(), Failure> {
    let rows = input::tasks(file, words.format)?;
    let faults = Faults::of(&rows, |tasks| publisher.faults(tasks, words.edit));
    let (places, tasks): (Vec<usize>, Vec<NewTask>) =
        rows.iter().enumerate().filter_map(|(place, row)| Some((place, row.task.clone().ok()?))).unzip();
    if !faults.is_empty() {
        return report(&faults, file, rows.len(), out);
    }
    warn_of_unknown(&tasks);
    // What is there already is edited, where that is wanted: after what it may wait for is there.
    let is_known = |task: &NewTask| session.mirror.read(|board| board.task(task.id.as_str()).is_some());
    let (known, new): (Vec<_>, Vec<_>) =
        places.into_iter().zip(tasks).partition(|(_, task)| words.edit && is_known(task));
    let (places, new): (Vec<usize>, Vec<NewTask>) = new.into_iter().unzip();
    let bar = bar(rows.len());
    let stored = publisher.publish_tasks_with(new, |stored, _| bar.set_position(stored as u64)).await;
    let stored = stored.inspect_err(|_| bar.finish_and_clear()).map_err(failure)?;
    let mut all: Vec<(usize, Published)> = places.into_iter().zip(stored).collect();
    for (place, task) in known {
        let edited = publisher.edit(task).await.inspect_err(|_| bar.finish_and_clear());
        all.push((place, edited.map_err(failure)?));
        bar.inc(1);
    }
    bar.finish_and_clear();
    all.sort_by_key(|(index, _)| *index);
    say(&all, out)
}

fn say(published: &[(usize, Published)], out: &mut Out) -> Result<(), Failure> {
    if out.is_json() {
        let all: Vec<Value> = published
            .iter()
            .map(|(_, p)| json!({"task_id": p.id.as_str(), "seq": p.seq, "unchanged": p.unchanged}))
            .collect();
        return out.object(&json!({"published": all, "invalid": []}));
    }
    let unchanged = published.iter().filter(|(_, published)| published.unchanged).count();
    let new = plural(published.len() - unchanged, "task");
    match unchanged {
        0 => out.line(format_args!("published {new}")),
        _ => out.line(format_args!("published {new}; {} there already", plural(unchanged, "task"))),
    }
}

fn report(faults: &Faults, file: &Path, total: usize, out: &mut Out) -> Result<(), Failure> {
    if out.is_json() {
        out.object(&faults.to_json())?;
    }
    Err(faults.to_failure(file, total))
}

/// On a terminal, how many are stored; nowhere else.
fn bar(total: usize) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    let style =
        ProgressStyle::with_template("publishing {wide_bar:.cyan/dim} {human_pos}/{human_len} {eta:>4}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn failure(error: PublishError) -> Failure {
    match error {
        PublishError::Invalid(invalid) => Failure::Usage(sentence(&invalid)),
        PublishError::Refused { refusal, .. } => Failure::Refused(refusal),
        PublishError::Send { stored: 0, error, .. } => error.into(),
        PublishError::Send { stored, error, .. } => match error.into() {
            Failure::NoAnswer(words) => Failure::NoAnswer(interrupted(&words, stored)),
            Failure::NotConnected(words) => Failure::NotConnected(interrupted(&words, stored)),
            Failure::Denied(words) => Failure::Denied(interrupted(&words, stored)),
            other => other,
        },
        other => Failure::Denied(other.to_string()),
    }
}

fn interrupted(words: &str, stored: usize) -> String {
    format!(
        "{words}; {} stored so far: publish the same again, which changes nothing of these",
        plural(stored, "task")
    )
}

/// What is wrong with tasks, and how to replace those that are there.
fn sentence(invalid: &[InvalidTask]) -> String {
    let task = |task: &InvalidTask| {
        let faults = task.faults.iter().map(|fault| match fault {
            TaskFault::Taken => format!("{fault}, which --edit replaces"),
            other => other.to_string(),
        });
        format!("{}: {}", clip(task.id.as_str()), faults.collect::<Vec<_>>().join("; "))
    };
    invalid.iter().map(task).collect::<Vec<_>>().join("\n")
}

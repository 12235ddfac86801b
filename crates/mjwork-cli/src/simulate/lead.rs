//! Who leads the fleet: publishes the plan, puts back what failed and what nobody reports on, and says when all is
//! done. It does what an operator does at the board.

use super::plan::plan;
use super::{Fleet, LEAD};
use crate::failure::Failure;
use mjwork::board::{Board, Outcome, Status, Task, Verb};
use mjwork::{NewTask, PublishError, TaskId, TaskPublisher, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// So often the lead puts one task back, before it leaves it failed.
const PATIENCE: usize = 3;
/// Between two lines of news for who watches the terminal.
const NEWS: Duration = Duration::from_secs(5);

/// Leads until the plan is done (and then goes on to the next one, unless `until_idle`) or everybody is to stop. The
/// answer is everything that was planned.
pub async fn lead(
    fleet: &Fleet,
    publisher: &TaskPublisher,
    tasks: u32,
    until_idle: bool,
) -> Result<Vec<TaskId>, Failure> {
    let mut all = Vec::new();
    for round in 0.. {
        let tasks = new_tasks(fleet.seed.wrapping_add(round), tasks)?;
        let ids: Vec<TaskId> = tasks.iter().map(|task| task.id.clone()).collect();
        all.extend_from_slice(&ids);
        tokio::select! {
            stored = publisher.publish_tasks(tasks) => drop(stored.map_err(failure)?),
            () = fleet.stop.cancelled() => return Ok(all),
        }
        tokio::select! {
            () = see_through(fleet, publisher, &ids) => {}
            () = fleet.stop.cancelled() => return Ok(all),
        }
        if until_idle {
            break;
        }
    }
    Ok(all)
}

fn new_tasks(seed: u64, tasks: u32) -> Result<Vec<NewTask>, Failure> {
    let id = |text: &str| TaskId::new(text).map_err(|rule| Failure::Usage(format!("{text}: {rule}")));
    let tasks = plan(seed, usize::try_from(tasks).unwrap_or(usize::MAX)).into_iter().map(|planned| {
        Ok(NewTask {
            description: Some(planned.description),
            blocked_by: planned.blocked_by.iter().map(|text| id(text)).collect::<Result<_, Failure>>()?,
            priority: planned.priority.map(str::to_owned),
            tags: planned.tags,
            ..NewTask::new(id(&planned.id)?, planned.title)
        })
    });
    tasks.collect()
}

fn failure(error: PublishError) -> Failure {
    match error {
        PublishError::Refused { refusal, .. } => Failure::Refused(refusal),
        PublishError::Send { error, .. } => error.into(),
        other => Failure::Usage(other.to_string()),
    }
}

/// Looks again and again until all is done.
async fn see_through(fleet: &Fleet, publisher: &TaskPublisher, ids: &[TaskId]) {
    let mirror = publisher.mirror();
    let mut looks =
        tokio::time::interval((fleet.mean / 2).clamp(Duration::from_millis(100), Duration::from_secs(2)));
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (start, mut told) = (Instant::now(), Instant::now());
    loop {
        looks.tick().await;
        let now = mirror.now();
        let seen = mirror.read(|board| look(fleet, board, ids, now));
        for (id, reason) in &seen.put_back {
            // Somebody else may have been quicker; the next look shows.
            let _ = publisher.requeue(id, Some(reason)).await;
        }
        if mirror.is_synced() && seen.done {
            return;
        }
        if told.elapsed() >= NEWS {
            told = Instant::now();
            let counts = seen.counts;
            eprintln!(
                "{:>5} s: {} completed, {} in progress, {} available, {} blocked, {} failed",
                start.elapsed().as_secs(),
                counts[Status::Completed as usize],
                counts[Status::InProgress as usize],
                counts[Status::Available as usize],
                counts[Status::Blocked as usize],
                counts[Status::Failed as usize],
            );
        }
    }
}

/// What the lead sees.
struct Seen {
    /// What is to be put back, and why.
    put_back: Vec<(TaskId, String)>,
    /// Nothing is left that anybody could do.
    done: bool,
    counts: [usize; 6],
}

fn look(fleet: &Fleet, board: &Board, ids: &[TaskId], now: Timestamp) -> Seen {
    let mut seen = Seen { put_back: Vec::new(), done: true, counts: [0; 6] };
    for id in ids {
        let Some(task) = board.task(id.as_str()) else { continue };
        seen.counts[task.status as usize] += 1;
        match task.status {
            Status::Available | Status::InProgress => seen.done = false,
            Status::Failed if is_wanted(board, task) => seen.done = false,
            _ => continue,
        }
        seen.put_back.extend(reason(fleet, task, now).map(|reason| (id.clone(), reason)));
    }
    seen
}

/// Whether a failed task is to be tried again: a fatal failure only if something waits for the task, and nothing for
/// ever.
fn is_wanted(board: &Board, task: &Task) -> bool {
    let fatal =
        matches!(&task.outcome, Some(Outcome::Error { kind, .. }) if kind.as_deref() == Some("fatal"));
    let by_lead = |entry: &mjwork::board::Entry<'_>| {
        entry.verb == Verb::Requeue && entry.refused.is_none() && entry.who == Some(LEAD)
    };
    task.history.iter().filter(by_lead).count() < PATIENCE
        && (!fatal || !board.blocked_by(task.id.as_str()).is_empty())
}

/// Why a task that is not done is put back now, if it is.
fn reason(fleet: &Fleet, task: &Task, now: Timestamp) -> Option<String> {
    // A task takes three times the mean at the most, and its owner reports on the way.
    let silence = (fleet.mean * 6).max(Duration::from_secs(3));
    match task.status {
        Status::Failed => {
            (now.since(task.since) > fleet.mean / 2).then(|| "looked at it, and mended the cause".to_owned())
        }
        Status::InProgress => {
            let last = task.progress.as_ref().map_or(task.since, |progress| progress.time.max(task.since));
            (now.since(last) > silence).then(|| format!("no report for {} s", now.since(last).as_secs()))
        }
        _ => None,
    }
}

//! `claim`: a task taken by hand. Nobody beats for it, so nobody takes it away either.

use crate::args::Claim;
use crate::commands::Acted;
use crate::failure::Failure;
use crate::output::{Out, Paint, TaskObject, clip, clip_lines, of_status};
use crate::session::Session;
use mjwork::board::{Status, Task};
use mjwork::{ClaimError, TaskId, worker};
use std::time::Instant;

pub async fn claim(session: &Session, words: &Claim, out: &mut Out) -> Result<(), Failure> {
    let task = match &words.task {
        Some(id) => take(session, id, words).await.map_err(failure)?,
        None => next(session, words).await?,
    };
    let seq = task.claim.unwrap_or(task.version);
    if out.is_json() {
        let now = session.now();
        return session.mirror.read(|board| {
            out.object(&Acted { task: TaskObject::new(board, &task, now), seq, unchanged: false })
        });
    }
    let owner = task.owner.as_ref().map_or(String::new(), |owner| format!(", owner {}", owner.agent));
    let status = of_status(task.status).show(task.status);
    out.line(format_args!(
        "{}: {status}{owner} (claim {seq}, attempt {} of {})",
        clip(task.id.as_str()),
        task.attempts,
        task.definition.max_attempts
    ))?;
    out.line(format_args!("  {}", Paint::Bold.show(clip(&task.definition.title))))?;
    if let Some(description) = &task.definition.description {
        out.line(format_args!("  {}", clip_lines(description, "  ")))?;
    }
    Ok(())
}

async fn take(session: &Session, id: &TaskId, words: &Claim) -> Result<Task, ClaimError> {
    worker::claim(&session.mirror, id, &words.who.agent, words.who.session().as_deref()).await
}

/// The first of what is ready that nobody else takes first.
async fn next(session: &Session, words: &Claim) -> Result<Task, Failure> {
    let end = Instant::now() + words.wait.unwrap_or_default();
    loop {
        let ticket = session.mirror.ticket();
        for id in ready(session) {
            match take(session, &id, words).await {
                Ok(task) => return Ok(task),
                // Somebody was quicker: there may be others.
                Err(ClaimError::Refused(_)) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        let left = end.saturating_duration_since(Instant::now());
        if tokio::time::timeout(left, session.mirror.changed(ticket)).await.is_err() {
            return Err(Failure::Nothing("no task is ready".into()));
        }
    }
}

/// What can be taken, in the order in which workers take it.
fn ready(session: &Session) -> Vec<TaskId> {
    let mut ready = session.mirror.read(|board| {
        let ready = board.tasks().filter(|task| task.status == Status::Available);
        ready.map(|task| (task.definition.priority.rank(), task.created, task.id.clone())).collect::<Vec<_>>()
    });
    ready.sort();
    ready.into_iter().map(|(_, _, id)| id).collect()
}

fn failure(error: ClaimError) -> Failure {
    match error {
        ClaimError::Refused(refusal) => Failure::Refused(refusal),
        ClaimError::Send(error) => error.into(),
        other => Failure::NotConnected(other.to_string()),
    }
}

//! `requeue` and `cancel`: what an operator does to a task, at the version that stands there or that one names.

use super::acted;
use crate::args::{Cancel, Requeue};
use crate::failure::Failure;
use crate::output::Out;
use crate::session::Session;
use mjwork::board::{Refusal, Task};
use mjwork::{TaskId, draft};

pub async fn requeue(session: &Session, words: &Requeue, out: &mut Out) -> Result<(), Failure> {
    let task = guarded(session, &words.task, words.after)?;
    let by = words.by.name();
    let draft = draft::requeue(session.mirror.subjects(), &task, words.reason.as_deref(), &by);
    let ack = session.send(draft).await?;
    acted(session, &words.task, ack.seq, out)
}

pub async fn cancel(session: &Session, words: &Cancel, out: &mut Out) -> Result<(), Failure> {
    let task = guarded(session, &words.task, words.after)?;
    let by = words.by.name();
    let draft = draft::cancel(session.mirror.subjects(), &task, words.reason.as_deref(), &by);
    let ack = session.send(draft).await?;
    acted(session, &words.task, ack.seq, out)
}

/// The task as it stands, which must be as `after` says: what is drafted after it names that version, so that the fold
/// refuses it when the task changes meanwhile.
pub fn guarded(session: &Session, id: &TaskId, after: Option<u64>) -> Result<Task, Failure> {
    let task = session.task(id)?;
    match after {
        Some(after) if after != task.version => {
            Err(Failure::Refused(Refusal::Stale { after: Some(after), version: task.version }))
        }
        _ => Ok(task),
    }
}

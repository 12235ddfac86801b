//! `progress`, `complete` and `fail`: what only the owner of a task may say, and an operator who accepts a late result.

use super::acted;
use crate::args::{Complete, Fail, Progress};
use crate::failure::Failure;
use crate::output::Out;
use crate::session::Session;
use crate::{input, result};
use mjwork::board::Task;
use mjwork::draft::{self, Hold};
use mjwork::{AgentId, FailureKind, Sequence, TaskId};

pub async fn progress(session: &Session, words: &Progress, out: &mut Out) -> Result<(), Failure> {
    let (agent, process) = (&words.who.agent, words.who.session());
    let task = session.task(&words.task)?;
    let hold = hold(&task, agent, process.as_deref(), words.claim);
    let note = words.note.as_deref().map(input::text).transpose()?;
    let draft = draft::progress(session.mirror.subjects(), hold, words.percent, note.as_deref());
    let ack = session.send(draft).await?;
    acted(session, &words.task, ack.seq, out)
}

pub async fn complete(session: &Session, words: &Complete, out: &mut Out) -> Result<(), Failure> {
    let task = session.task(&words.task)?;
    let subjects = session.mirror.subjects();
    let process = words.session();
    let draft = match (words.accept, &words.agent) {
        (Some(late), _) => draft::accept(subjects, &task, late, &words.by.name()),
        (None, Some(agent)) => {
            let text = words.result.as_deref().map(input::text).transpose()?;
            let result = text.as_deref().map(result::json).transpose().map_err(Failure::Usage)?;
            let hold = hold(&task, agent, process.as_deref(), words.claim);
            draft::complete(subjects, hold, result.as_deref())
        }
        (None, None) => return Err(Failure::Usage("it must say which agent".into())),
    };
    let ack = session.send(draft).await?;
    acted(session, &words.task, ack.seq, out)
}

pub async fn fail(session: &Session, words: &Fail, out: &mut Out) -> Result<(), Failure> {
    let (agent, process) = (&words.who.agent, words.who.session());
    let task = session.task(&words.task)?;
    let hold = hold(&task, agent, process.as_deref(), words.claim);
    let error = input::text(&words.error)?;
    let kind = FailureKind::from(words.kind).as_str();
    let draft = draft::fail(session.mirror.subjects(), hold, &error, Some(kind));
    let ack = session.send(draft).await?;
    acted(session, &words.task, ack.seq, out)
}

/// The agent's hold on the task. Which claim it is comes from the flag, or from the worker whose child this is, or from
/// the board.
fn hold<'a>(
    task: &'a Task,
    agent: &'a AgentId,
    session: Option<&'a str>,
    claim: Option<Sequence>,
) -> Hold<'a> {
    let mine = task.owner.as_ref().is_some_and(|owner| {
        owner.agent == *agent && (session.is_none() || owner.session.as_deref() == session)
    });
    Hold {
        task: &task.id,
        agent,
        session,
        // A claim of somebody else's is not ours to hold.
        claim: claim.or_else(|| inherited(&task.id)).or(task.claim.filter(|_| mine)),
    }
}

/// The claim of the worker whose child this is, if it is that of this task.
fn inherited(id: &TaskId) -> Option<Sequence> {
    let get = |name: &str| std::env::var(name).ok();
    get("MJWORK_TASK_ID").filter(|task| task == id.as_str()).and_then(|_| get("MJWORK_CLAIM")?.parse().ok())
}

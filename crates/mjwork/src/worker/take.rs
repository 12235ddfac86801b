//! Taking a task: one message with the version that was seen, and the fold's word on it in stream order. Of all who claim
//! the same version the server stores one; the others hear so, and turn to the next task at once.

use super::ClaimError;
use crate::board::{Board, Refusal, Status, Task, Verb};
use crate::{AgentId, Mirror, SendError, Sequence, TaskId, draft};

/// So often another message id is tried where somebody has used up the one before.
const IDS: u32 = 4;

/// Who takes it.
#[derive(Clone, Copy)]
pub(super) struct Taker<'a> {
    pub agent: &'a AgentId,
    pub session: Option<&'a str>,
}

/// What is to be taken.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub task: TaskId,
    /// The version that was seen.
    pub version: Sequence,
    /// The sequence up to which was read.
    pub seen: Sequence,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) enum Taken {
    /// The task is theirs, by the claim at this sequence.
    Won(Box<Task>, Sequence),
    /// Another was first, at this sequence, which may not be read yet.
    Gone(Sequence),
    /// The fold says no.
    Refused(Refusal),
}

impl Wanted {
    /// The task as it stands on the board, if it can be taken.
    pub fn of(board: &Board, id: &TaskId) -> Result<Self, Refusal> {
        let task = board.task(id.as_str()).ok_or(Refusal::UnknownTask)?;
        match task.status {
            Status::Available => Ok(Self { task: id.clone(), version: task.version, seen: board.last_seq() }),
            _ => Err(why_not(board, task, task.version)),
        }
    }
}

/// Takes a task. With `patient` it does not turn away before the other's claim is read, so that it can say whose it is.
pub(super) async fn take(
    mirror: &Mirror,
    taker: Taker<'_>,
    wanted: &Wanted,
    patient: bool,
) -> Result<Taken, SendError> {
    let Wanted { task, version, seen } = wanted;
    let mut draft =
        draft::claim_seen(mirror.subjects(), task, *version, taker.agent, taker.session, Some(*seen));
    for left in (0..=IDS).rev() {
        let sent = mirror.publish(&draft, None).await?;
        let ack = sent.ack;
        let is_read = mirror.read(|board| ack.seq <= board.last_seq());
        // Of a first try a duplicate can only be another's.
        if ack.duplicate && !sent.retried && !patient && !is_read {
            return Ok(Taken::Gone(ack.seq));
        }
        mirror.outcome(ack.seq).await;
        match mirror.read(|board| word(board, taker, wanted, ack.seq)) {
            Word::Final(word) => return Ok(word),
            // Something else has used the message id up, as the task can still be taken.
            Word::StillThere if left > 1 => draft = draft.instead_of(ack.seq),
            Word::StillThere => draft = draft.without_id(),
        }
    }
    Ok(Taken::Refused(Refusal::Stale { after: Some(*version), version: *version }))
}

/// What the fold makes of a claim.
enum Word {
    Final(Taken),
    StillThere,
}

/// What the board says once `seq` is applied, the sequence that the stream acknowledged.
fn word(board: &Board, taker: Taker<'_>, wanted: &Wanted, seq: Sequence) -> Word {
    let Some(task) = board.task(wanted.task.as_str()) else {
        return Word::Final(Taken::Refused(Refusal::UnknownTask));
    };
    let owner = task.owner.as_ref();
    let is_theirs = owner.is_some_and(|o| o.agent == *taker.agent && o.session.as_deref() == taker.session);
    if task.claim == Some(seq) && is_theirs {
        return Word::Final(Taken::Won(Box::new(task.clone()), seq));
    }
    let entry = task.history.find(seq).filter(|entry| entry.verb == Verb::Claimed);
    let own = entry.filter(|entry| entry.who == Some(taker.agent.as_str()) && entry.session == taker.session);
    if let Some(refusal) = own.and_then(|entry| entry.refused) {
        return Word::Final(Taken::Refused(refusal));
    }
    if task.status == Status::Available && task.version == wanted.version {
        return Word::StillThere;
    }
    Word::Final(Taken::Refused(why_not(board, task, wanted.version)))
}

/// Why `task` cannot be taken by who saw it at `after`.
fn why_not(board: &Board, task: &Task, after: Sequence) -> Refusal {
    let stale = || Refusal::Stale { after: Some(after), version: task.version };
    match task.status {
        Status::Available => stale(),
        Status::InProgress => {
            task.owner.as_ref().map_or_else(stale, |owner| Refusal::Taken { by: owner.agent.clone() })
        }
        Status::Blocked => {
            let first = board.blockers(task).into_iter().next();
            first.map_or_else(stale, |blocker| Refusal::Blocked { by: blocker.id })
        }
        status => Refusal::Finished { status },
    }
}

/// Takes `task` for an agent without a worker of this process, by hand as it were: nobody beats for it. The answer is
/// the task as the claim made it.
///
/// # Errors
/// When it cannot be taken, or the claim could not be sent.
pub async fn claim(
    mirror: &Mirror,
    task: &TaskId,
    agent: &AgentId,
    session: Option<&str>,
) -> Result<Task, ClaimError> {
    let wanted = mirror.read(|board| Wanted::of(board, task)).map_err(ClaimError::Refused)?;
    match take(mirror, Taker { agent, session }, &wanted, true).await.map_err(ClaimError::Send)? {
        Taken::Won(task, _) => Ok(*task),
        Taken::Refused(refusal) => Err(ClaimError::Refused(refusal)),
        // Who is patient is never told so.
        Taken::Gone(seq) => {
            Err(ClaimError::Refused(Refusal::Stale { after: Some(wanted.version), version: seq }))
        }
    }
}

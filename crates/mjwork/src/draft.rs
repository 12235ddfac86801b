//! What is to be published: subject, headers and body of each event, with the guards of PROTOCOL.md in their places.
//! Pure, so that boards, workers and commands write the very same bytes.

use crate::board::{Board, Definition, LateResult, Status, Task};
use crate::event::{
    Available, Cancelled, Carried, CarriedDefinition, CarriedLate, CarriedProgress, CarriedState, Claimed,
    Completed, Coordination, Failed, Heartbeat, Progress, Requeue, Subjects,
};
use crate::{AgentId, Sequence, TaskId, Timestamp};
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use std::fmt::Write;

/// The header by which the server stores a repeated message once.
pub const MSG_ID: &str = "Nats-Msg-Id";
/// The header that says for how long a message is stored.
pub const TTL: &str = "Nats-TTL";

/// A message that is ready to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where to.
    pub subject: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body: JSON.
    pub payload: Bytes,
}

impl Draft {
    fn new(subject: String, body: &impl Serialize) -> Self {
        // The bodies are plain structs with text keys: the only errors that serde_json knows for a Vec are others.
        let payload = serde_json::to_vec(body).unwrap_or_default().into();
        Self { subject, headers: Vec::new(), payload }
    }

    fn once(mut self, id: String) -> Self {
        self.headers.push((MSG_ID, id));
        self
    }

    /// How many bytes of a server's `max_payload` it takes: headers and body.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let around = if self.headers.is_empty() { 0 } else { "NATS/1.0\r\n\r\n".len() };
        around + headers + self.payload.len()
    }

    /// The same under another message id, where somebody has used this one for the message at `seq`. All who find that
    /// find the same id, so that of all of them the server still stores one.
    pub(crate) fn instead_of(mut self, seq: Sequence) -> Self {
        for (name, value) in &mut self.headers {
            if *name == MSG_ID {
                let _ = write!(value, ".{seq}");
            }
        }
        self
    }

    /// The same without a message id: stored in any case.
    pub(crate) fn without_id(mut self) -> Self {
        self.headers.retain(|(name, _)| *name != MSG_ID);
        self
    }
}

/// An owner's hold on a task: what its writes must say.
#[derive(Clone, Copy, Debug)]
pub struct Hold<'a> {
    /// The task.
    pub task: &'a TaskId,
    /// The owner.
    pub agent: &'a AgentId,
    /// Its process.
    pub session: Option<&'a str>,
    /// The sequence of the accepted claim, where it is known.
    pub claim: Option<Sequence>,
}

/// A task, or an edit of its definition. A retry of the same words is stored once.
#[must_use]
pub fn available(subjects: &Subjects, body: &Available<'_>) -> Draft {
    let draft = Draft::new(subjects.task("available"), body);
    let words = fnv1a(&draft.payload);
    draft.once(format!("available.{}.{words:016x}", token(&body.task_id)))
}

/// Puts a task back, as it is defined.
#[must_use]
pub fn requeue(subjects: &Subjects, task: &Task, reason: Option<&str>, by: &str) -> Draft {
    let definition = &task.definition;
    let body = Available {
        task_id: task.id.as_str().into(),
        title: (&*definition.title).into(),
        description: definition.description.as_deref().map(Into::into),
        blocked_by: definition.blocked_by.iter().map(|id| id.as_str().into()).collect(),
        priority: Some(definition.priority.as_str().into()),
        tags: definition.tags.iter().map(|tag| (&**tag).into()).collect(),
        max_attempts: Some(definition.max_attempts),
        by: Some(by.into()),
        after: Some(task.version),
        requeue: Some(Requeue { reason: reason.map(Into::into) }),
    };
    Draft::new(subjects.task("available"), &body).once(format!(
        "requeue.{}.{}",
        token(&task.id),
        task.version
    ))
}

/// Puts a task back as another definition says. Who requeues the same version as it is defined, or otherwise, does
/// something else: both are stored, and the fold takes the first.
#[must_use]
pub fn requeue_as(subjects: &Subjects, body: &Available<'_>) -> Draft {
    let draft = Draft::new(subjects.task("available"), body);
    let words = fnv1a(&draft.payload);
    draft.once(format!("requeue.{}.{}.{words:016x}", token(&body.task_id), body.after.unwrap_or_default()))
}

/// Takes a task at the version that the worker saw. Of all who claim that version the server stores one.
#[must_use]
pub fn claim(
    subjects: &Subjects,
    task: &TaskId,
    after: Sequence,
    agent: &AgentId,
    session: Option<&str>,
) -> Draft {
    claim_seen(subjects, task, after, agent, session, None)
}

/// The same, with the sequence up to which the worker had read when it chose this task among others.
#[must_use]
pub fn claim_seen(
    subjects: &Subjects,
    task: &TaskId,
    after: Sequence,
    agent: &AgentId,
    session: Option<&str>,
    seen: Option<Sequence>,
) -> Draft {
    let body = Claimed {
        task_id: task.as_str().into(),
        agent_id: agent.as_str().into(),
        session: session.map(Into::into),
        after: Some(after),
        seen,
    };
    Draft::new(subjects.task("claimed"), &body).once(format!("claimed.{}.{after}", token(task)))
}

/// Reports progress: `percent` from 0 to 100.
#[must_use]
pub fn progress(subjects: &Subjects, hold: Hold<'_>, percent: Option<f64>, note: Option<&str>) -> Draft {
    let body = Progress {
        task_id: hold.task.as_str().into(),
        agent_id: hold.agent.as_str().into(),
        session: hold.session.map(Into::into),
        claim: hold.claim,
        percent,
        note: note.map(Into::into),
    };
    // Each report stands for itself; to store one twice harms nobody.
    Draft::new(subjects.task("progress"), &body)
}

/// Hands a result in.
#[must_use]
pub fn complete(subjects: &Subjects, hold: Hold<'_>, result: Option<&RawValue>) -> Draft {
    let body = Completed {
        task_id: hold.task.as_str().into(),
        agent_id: Some(hold.agent.as_str().into()),
        session: hold.session.map(Into::into),
        claim: hold.claim,
        result,
        ..Completed::default()
    };
    owners_word(Draft::new(subjects.task("completed"), &body), "completed", hold)
}

/// Gives a task up as its owner.
#[must_use]
pub fn fail(subjects: &Subjects, hold: Hold<'_>, error: &str, kind: Option<&str>) -> Draft {
    let body = Failed {
        task_id: hold.task.as_str().into(),
        agent_id: Some(hold.agent.as_str().into()),
        session: hold.session.map(Into::into),
        claim: hold.claim,
        error: error.into(),
        kind: kind.map(Into::into),
        ..Failed::default()
    };
    owners_word(Draft::new(subjects.task("failed"), &body), "failed", hold)
}

/// Gives a lost owner's task up: `failed`, by another.
#[must_use]
pub fn give_up(subjects: &Subjects, task: &Task, error: &str, by: &str) -> Draft {
    let body = Failed {
        task_id: task.id.as_str().into(),
        error: error.into(),
        by: Some(by.into()),
        after: Some(task.version),
        ..Failed::default()
    };
    Draft::new(subjects.task("failed"), &body).once(format!("failed.{}.{}", token(&task.id), task.version))
}

/// Withdraws a task.
#[must_use]
pub fn cancel(subjects: &Subjects, task: &Task, reason: Option<&str>, by: &str) -> Draft {
    let body = Cancelled {
        task_id: task.id.as_str().into(),
        by: by.into(),
        reason: reason.map(Into::into),
        after: Some(task.version),
    };
    Draft::new(subjects.task("cancelled"), &body).once(format!(
        "cancelled.{}.{}",
        token(&task.id),
        task.version
    ))
}

/// Accepts the late result that the refused completion at `seq` brought.
#[must_use]
pub fn accept(subjects: &Subjects, task: &Task, seq: Sequence, by: &str) -> Draft {
    let body = Completed {
        task_id: task.id.as_str().into(),
        accept: Some(seq),
        by: Some(by.into()),
        after: Some(task.version),
        ..Completed::default()
    };
    Draft::new(subjects.task("completed"), &body).once(format!(
        "accept.{}.{}.{seq}",
        token(&task.id),
        task.version
    ))
}

/// A late result is carried up to this size; beyond, only that there was one.
const LATE_BYTES: usize = 128 * 1024;

/// Brings an unfinished task past the end of retention as it stands, but for the blockers that are completed.
#[must_use]
pub fn carried(subjects: &Subjects, board: &Board, task: &Task) -> Draft {
    let Definition { title, description, blocked_by, priority, tags, max_attempts } = &task.definition;
    let completed = |id: &TaskId| board.task(id.as_str()).is_some_and(|b| b.status == Status::Completed);
    let working = task.owner.as_ref().filter(|_| task.status == Status::InProgress);
    let late = |late: &LateResult| (late.seq, late.owner.clone(), raw(late.result.as_deref()));
    let late = task.late.last().map(late);
    let state = CarriedState {
        definition: CarriedDefinition {
            title: (&**title).into(),
            description: description.as_deref().map(Into::into),
            blocked_by: blocked_by.iter().filter(|id| !completed(id)).map(|id| id.as_str().into()).collect(),
            priority: Some(priority.as_str().into()),
            tags: tags.iter().map(|tag| (&**tag).into()).collect(),
            max_attempts: Some(*max_attempts),
            by: None,
        },
        status: task.status,
        version: task.version,
        claim: task.claim,
        owner: working.map(|owner| owner.agent.as_str().into()),
        session: working.and_then(|owner| owner.session.as_deref()).map(Into::into),
        attempts: task.attempts,
        created_ns: nanos(task.created),
        since_ns: nanos(task.since),
        progress: task.progress.as_ref().map(|progress| CarriedProgress {
            time_ns: nanos(progress.time),
            percent: progress.percent,
            note: progress.note.as_deref().map(Into::into),
        }),
        late: late.as_ref().map(|(seq, owner, result)| CarriedLate {
            seq: *seq,
            agent_id: owner.agent.as_str().into(),
            session: owner.session.as_deref().map(Into::into),
            result: result.as_deref(),
        }),
    };
    past_retention(subjects, "carried", task, Some(Box::new(state)))
}

/// Has a finished task forgotten by everybody, before what it rests on expires and others know it but in part.
#[must_use]
pub fn forget(subjects: &Subjects, task: &Task) -> Draft {
    past_retention(subjects, "forgotten", task, None)
}

fn past_retention(
    subjects: &Subjects,
    verb: &str,
    task: &Task,
    state: Option<Box<CarriedState<'_>>>,
) -> Draft {
    let forget = state.is_none();
    let (version, base) = (task.version, task.needs.seq);
    let body = Carried {
        task_id: task.id.as_str().into(),
        after: version,
        origin: Some(task.origin),
        base: Some(base),
        state,
        forget,
    };
    // What is refused because something came in between stands in the history, so that the next try is another.
    let last = task.history.last_seq();
    let id = format!("{verb}.{}.{version}.{last}.{base}", token(&task.id));
    Draft::new(subjects.task("carried"), &body).once(id)
}

fn raw(json: Option<&str>) -> Option<Box<RawValue>> {
    json.filter(|json| json.len() <= LATE_BYTES).and_then(|json| serde_json::from_str(json).ok())
}

fn nanos(time: Timestamp) -> Option<u64> {
    u64::try_from(time.as_nanos()).ok()
}

/// Says something to agents and operators.
#[must_use]
pub fn say(subjects: &Subjects, agent: &AgentId, message: &str) -> Draft {
    let body = Coordination { agent_id: agent.as_str().into(), message: message.into() };
    Draft::new(subjects.coordination(), &body)
}

/// Says that an agent lives. `expires` asks the server to forget it after five minutes, or after four intervals
/// where these are longer: only for streams that allow it, as others refuse the message.
#[must_use]
pub fn heartbeat(subjects: &Subjects, agent: &AgentId, body: &Heartbeat<'_>, expires: bool) -> Draft {
    let mut draft = Draft::new(subjects.heartbeat(agent), body);
    if expires {
        let lives = crate::board::beat_lives(body.interval_s);
        draft.headers.push((TTL, format!("{}s", lives.as_secs())));
    }
    draft
}

fn owners_word(draft: Draft, verb: &str, hold: Hold<'_>) -> Draft {
    match (hold.claim, hold.session) {
        (Some(claim), Some(session)) => {
            draft.once(format!("{verb}.{}.{claim}.{}", token(hold.task), token(session).replace('.', "%2E")))
        }
        // Without both, two writers who know nothing of each other could silence one another.
        _ => draft,
    }
}

/// A text as part of a message id, which is a header: line ends cannot stand there. The parts have dots between them, so
/// that different parts make different ids as long as at most one of them is free text; a session is the second.
fn token(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || c == '%' {
            let mut utf8 = [0; 4];
            for byte in c.encode_utf8(&mut utf8).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// FNV-1a, 64 bits: tells apart what one writer publishes of one task within the server's duplicate window.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Topic};

    fn id(text: &str) -> TaskId {
        TaskId::new(text).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let subjects = Subjects::default();
        let agent = AgentId::new("Agent-Alpha").unwrap();
        let hold = Hold { task: &id("t1"), agent: &agent, session: Some("s1"), claim: Some(7) };
        let result = RawValue::from_string(r#"{"ok":[1,2]}"#.into()).unwrap();
        let draft = complete(&subjects, hold, Some(&result));
        assert_eq!(draft.subject, "mjwork.tasks.completed");
        assert_eq!(draft.headers, [(MSG_ID, "completed.t1.7.s1".to_owned())]);
        match Event::decode(subjects.topic(&draft.subject), &draft.payload) {
            Event::Completed(e) => {
                assert_eq!((e.claim, e.result.map(RawValue::get)), (Some(7), Some(r#"{"ok":[1,2]}"#)));
                assert_eq!(e.agent_id.as_deref(), Some("Agent-Alpha"));
            }
            other => panic!("{other:?}"),
        }
        let draft = claim(&subjects, &id("t1"), 3, &agent, None);
        assert_eq!(draft.headers, [(MSG_ID, "claimed.t1.3".to_owned())]);
        assert_eq!(
            std::str::from_utf8(&draft.payload).unwrap(),
            r#"{"task_id":"t1","agent_id":"Agent-Alpha","after":3}"#
        );
    }

    #[test]
    fn a_message_id_is_one_line_and_tells_tasks_apart() {
        let agent = AgentId::new("a").unwrap();
        let ids = ["a\nb", "a%0Ab", "a\r\nX: y", "a b", "ä"].map(|t| {
            let draft = claim(&Subjects::default(), &id(t), 1, &agent, None);
            draft.headers[0].1.clone()
        });
        assert_eq!(ids[0], "claimed.a%0Ab.1");
        assert_eq!(ids[1], "claimed.a%250Ab.1");
        assert!(ids.iter().all(|id| !id.contains(['\r', '\n'])));
    }

    #[test]
    fn a_heartbeat_outlives_the_moment_it_is_missed() {
        let agent = AgentId::new("a").unwrap();
        let beat = |interval_s| Heartbeat { agent_id: "a".into(), interval_s, ..Heartbeat::default() };
        let ttl = |body: &Heartbeat<'_>, expires| {
            heartbeat(&Subjects::default(), &agent, body, expires).headers.first().map(|h| h.1.clone())
        };
        assert_eq!(ttl(&beat(None), true).as_deref(), Some("300s"));
        assert_eq!(ttl(&beat(Some(120.0)), true).as_deref(), Some("480s"));
        assert_eq!(ttl(&beat(None), false), None);
        let draft = heartbeat(&Subjects::default(), &agent, &beat(None), true);
        assert!(matches!(
            Event::decode(Topic::Heartbeat("a"), &draft.payload),
            Event::Heartbeat(e) if e.agent_id == "a"
        ));
    }
}

//! From a stored message to a typed event, or to an unreadable one with its reason.
//! Total: no body panics, is dropped in silence, or costs more than its own size.

mod body;
mod decode;
mod topic;
mod unreadable;

pub use body::{
    Available, Cancelled, Carried, CarriedDefinition, CarriedLate, CarriedProgress, CarriedState, Claimed,
    Completed, Coordination, Failed, Heartbeat, Problem, Progress, Requeue,
};
pub use topic::{Subjects, Topic};
pub use unreadable::{Reason, Unreadable};

/// Everything that is published on the stream, by subject (PROTOCOL.md, "Subjects and bodies").
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A task, an edit of its definition, or its requeue.
    Available(Available<'a>),
    /// A worker takes a task.
    Claimed(Claimed<'a>),
    /// The owner reports progress.
    Progress(Progress<'a>),
    /// The owner is done, or an operator accepts a late result.
    Completed(Completed<'a>),
    /// The owner gave up, or somebody gave a lost owner's task up.
    Failed(Failed<'a>),
    /// An operator withdrew the task.
    Cancelled(Cancelled<'a>),
    /// An unfinished task brought past the end of retention.
    Carried(Carried<'a>),
    /// Agents and operators talking.
    Coordination(Coordination<'a>),
    /// Something went wrong; changes no task.
    Problem(Problem<'a>),
    /// The agent's process is alive.
    Heartbeat(Heartbeat<'a>),
    /// What could not be read: kept and shown, never folded.
    Unreadable(Unreadable),
}

impl<'a> Event<'a> {
    /// Reads the body of a message that was stored under `topic`.
    #[must_use]
    pub fn decode(topic: Topic<'_>, payload: &'a [u8]) -> Self {
        read(topic, payload)
            .unwrap_or_else(|reason| Self::Unreadable(Unreadable { reason, size: payload.len() }))
    }

    /// A message that the server relayed on somebody's behalf instead of storing what a publisher wrote
    /// (PROTOCOL.md, "Reading").
    #[must_use]
    pub fn forged(payload: &[u8]) -> Self {
        Self::Unreadable(Unreadable { reason: Reason::Forged, size: payload.len() })
    }

    /// A message that expires before the stream's own age limit, and is no heartbeat: a reader that comes later would
    /// not know it, so none may.
    #[must_use]
    pub fn fleeting(payload: &[u8]) -> Self {
        Self::Unreadable(Unreadable { reason: Reason::Fleeting, size: payload.len() })
    }

    /// The task that the event is about, if it is about one.
    #[must_use]
    pub fn task_id(&self) -> Option<&str> {
        Some(match self {
            Self::Available(e) => &e.task_id,
            Self::Claimed(e) => &e.task_id,
            Self::Progress(e) => &e.task_id,
            Self::Completed(e) => &e.task_id,
            Self::Failed(e) => &e.task_id,
            Self::Cancelled(e) => &e.task_id,
            Self::Carried(e) => &e.task_id,
            Self::Problem(e) => return e.task_id.as_deref(),
            Self::Heartbeat(e) => return e.task_id.as_deref(),
            Self::Coordination(_) | Self::Unreadable(_) => return None,
        })
    }
}

fn read<'a>(topic: Topic<'_>, payload: &'a [u8]) -> Result<Event<'a>, Reason> {
    if payload.is_empty() {
        return Err(Reason::Empty);
    }
    let text = std::str::from_utf8(payload).map_err(|e| Reason::NotUtf8 { at: e.valid_up_to() })?;
    // serde would take a list for a struct, field by field.
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'{') => {}
        _ => return Err(unreadable::not_an_object(text)),
    }
    if unreadable::is_nested_too_deeply(payload) {
        return Err(Reason::TooDeep);
    }
    let fields = match topic {
        Topic::Available => decode::fields::AVAILABLE,
        Topic::Claimed => decode::fields::CLAIMED,
        Topic::Progress => decode::fields::PROGRESS,
        Topic::Completed => decode::fields::COMPLETED,
        Topic::Failed => decode::fields::FAILED,
        Topic::Cancelled => decode::fields::CANCELLED,
        Topic::Carried => decode::fields::CARRIED,
        Topic::Coordination => decode::fields::COORDINATION,
        Topic::Errors => decode::fields::PROBLEM,
        Topic::Heartbeat(_) => decode::fields::HEARTBEAT,
        Topic::Other => return Err(Reason::UnknownSubject),
    };
    let found = crate::fields::parse(text, fields).map_err(|error| unreadable::explain(text, &error))?;
    let event = match topic {
        Topic::Available => Available::read(found).map(Event::Available),
        Topic::Claimed => Claimed::read(found).map(Event::Claimed),
        Topic::Progress => Progress::read(found).map(Event::Progress),
        Topic::Completed => Completed::read(found).map(Event::Completed),
        Topic::Failed => Failed::read(found).map(Event::Failed),
        Topic::Cancelled => Cancelled::read(found).map(Event::Cancelled),
        Topic::Carried => Carried::read(found).map(Event::Carried),
        Topic::Coordination => Coordination::read(found).map(Event::Coordination),
        Topic::Errors => Problem::read(found).map(Event::Problem),
        Topic::Heartbeat(agent) => Heartbeat::read(found, agent).map(Event::Heartbeat),
        Topic::Other => Err(Reason::UnknownSubject),
    };
    event.map_err(|reason| unreadable::or_forged(text, reason))
}

#[cfg(test)]
mod tests;

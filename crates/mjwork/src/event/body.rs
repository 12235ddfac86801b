//! The bodies of PROTOCOL.md "Subjects and bodies", as they are read and as they are written.
//! Fields that a reader does not know are ignored; `null` is the same as absent.

use super::Reason;
use crate::board::Status;
use crate::fields::{Field, Fields, Kind, field};
use crate::text::Text;
use serde::Serialize;
use serde_json::value::RawValue;

/// A task, an edit of its definition, or (with `requeue`) its requeue.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Available<'a> {
    /// The task.
    pub task_id: Text<'a>,
    /// What it is called.
    pub title: Text<'a>,
    /// What is to be done, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    /// The tasks that must be completed first, 1,000 at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<Text<'a>>,
    /// `critical`, `high`, `normal` or `low`; any other text is kept and sorts as `normal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Text<'a>>,
    /// Free labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Text<'a>>,
    /// After so many claims a lost owner's task is given up and not requeued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Text<'a>>,
    /// Guard: the version that the writer saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Present in a requeue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requeue: Option<Requeue<'a>>,
}

/// Why a task is put back.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Requeue<'a> {
    /// For people: `owner lost`, for instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text<'a>>,
}

/// A worker takes the task.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Claimed<'a> {
    /// The task.
    pub task_id: Text<'a>,
    /// Who takes it.
    pub agent_id: Text<'a>,
    /// The process of that agent; who gives one sends heartbeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Guard: the version that the writer saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// The owner reports progress.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Progress<'a> {
    /// The task.
    pub task_id: Text<'a>,
    /// Its owner.
    pub agent_id: Text<'a>,
    /// The owner's process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Guard: the sequence of the accepted claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<u64>,
    /// How far, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
}

/// The owner is done; or, with `accept` and `by`, an operator accepts a late result.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Completed<'a> {
    /// The task.
    pub task_id: Text<'a>,
    /// Its owner; only who accepts a late result may leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Text<'a>>,
    /// The owner's process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Guard: the sequence of the accepted claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<u64>,
    /// What came out of it: any JSON, as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<&'a RawValue>,
    /// The sequence of a refused completion whose result is accepted after all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<u64>,
    /// Who accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Text<'a>>,
    /// Guard of an acceptance: the version that the writer saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// The owner gave up; or, with `by` and `after`, somebody gave a lost owner's task up.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Failed<'a> {
    /// The task.
    pub task_id: Text<'a>,
    /// Its owner; only who gives the task up for another may leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Text<'a>>,
    /// What went wrong.
    pub error: Text<'a>,
    /// The owner's process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Guard: the sequence of the accepted claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<u64>,
    /// `retryable`, `fatal` or `rate_limited`; any other text is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text<'a>>,
    /// Who gives it up, when that is not the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Text<'a>>,
    /// Guard of a giving-up: the version that the writer saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// An operator withdrew the task.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cancelled<'a> {
    /// The task.
    pub task_id: Text<'a>,
    /// Who withdrew it.
    pub by: Text<'a>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text<'a>>,
    /// Guard: the version that the writer saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// An unfinished task brought past the end of retention.
#[derive(Clone, Debug, Serialize)]
pub struct Carried<'a> {
    /// The task.
    pub task_id: Text<'a>,
    /// Guard: the version that the writer saw.
    pub after: u64,
    /// The task as it stood.
    pub state: CarriedState<'a>,
}

/// A task's whole state, as it is carried.
#[derive(Clone, Debug, Serialize)]
pub struct CarriedState<'a> {
    /// What it is, with only the blockers that are still unfinished.
    pub definition: CarriedDefinition<'a>,
    /// `blocked`, `available` or `in_progress`: nothing else is carried.
    pub status: Status,
    /// Its version, so that guards held by others stay good.
    pub version: u64,
    /// The sequence of its accepted claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<u64>,
    /// Who owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text<'a>>,
    /// The owner's process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// How often it was claimed.
    pub attempts: u32,
}

/// A task's definition, as it is carried.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CarriedDefinition<'a> {
    /// What it is called.
    pub title: Text<'a>,
    /// What is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    /// The tasks that must be completed first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<Text<'a>>,
    /// Its priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Text<'a>>,
    /// Free labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Text<'a>>,
    /// After so many claims a lost owner's task is given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Text<'a>>,
}

/// Agents and operators talking.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coordination<'a> {
    /// Who speaks.
    pub agent_id: Text<'a>,
    /// What is said.
    pub message: Text<'a>,
}

/// Something went wrong; changes no task.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Problem<'a> {
    /// What went wrong.
    pub message: Text<'a>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Text<'a>>,
    /// At which task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Text<'a>>,
    /// `error`, `warning` or whatever the writer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Text<'a>>,
    /// The stack, line by line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<Text<'a>>,
}

/// The agent's process is alive; the first one registers it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Heartbeat<'a> {
    /// Who lives: the same as the subject's last token.
    pub agent_id: Text<'a>,
    /// Its process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// What it does, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Text<'a>>,
    /// The task that it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Text<'a>>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    /// Seconds until its next heartbeat, 30 unless it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_s: Option<f64>,
    /// The machine that it runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Text<'a>>,
    /// The version of its program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Text<'a>>,
}

/// The fields of each body, as [`parse`](crate::fields::parse) wants them.
pub(super) mod fields {
    use super::{Field, Kind, field};
    use Kind::{AgentId, Count, Number, Object, Raw, TaskId, TaskIds, Text, Texts};

    pub const AVAILABLE: &[Field] = &[
        field("task_id", TaskId),
        field("title", Text),
        field("description", Text),
        field("blocked_by", TaskIds),
        field("priority", Text),
        field("tags", Texts),
        field("max_attempts", Count),
        field("by", Text),
        field("after", Count),
        field("requeue", Object(&[field("reason", Text)])),
    ];
    pub const CLAIMED: &[Field] = &[
        field("task_id", TaskId),
        field("agent_id", AgentId),
        field("session", Text),
        field("after", Count),
    ];
    pub const PROGRESS: &[Field] = &[
        field("task_id", TaskId),
        field("agent_id", AgentId),
        field("session", Text),
        field("claim", Count),
        field("percent", Number),
        field("note", Text),
    ];
    pub const COMPLETED: &[Field] = &[
        field("task_id", TaskId),
        field("agent_id", AgentId),
        field("session", Text),
        field("claim", Count),
        field("result", Raw),
        field("accept", Count),
        field("by", Text),
        field("after", Count),
    ];
    pub const FAILED: &[Field] = &[
        field("task_id", TaskId),
        field("agent_id", AgentId),
        field("error", Text),
        field("session", Text),
        field("claim", Count),
        field("kind", Text),
        field("by", Text),
        field("after", Count),
    ];
    pub const CANCELLED: &[Field] =
        &[field("task_id", TaskId), field("by", Text), field("reason", Text), field("after", Count)];
    pub const CARRIED: &[Field] =
        &[field("task_id", TaskId), field("after", Count), field("state", Object(STATE))];
    const STATE: &[Field] = &[
        field("definition", Object(DEFINITION)),
        field("status", Text),
        field("version", Count),
        field("claim", Count),
        field("owner", AgentId),
        field("session", Text),
        field("attempts", Count),
    ];
    const DEFINITION: &[Field] = &[
        field("title", Text),
        field("description", Text),
        field("blocked_by", TaskIds),
        field("priority", Text),
        field("tags", Texts),
        field("max_attempts", Count),
        field("by", Text),
    ];
    pub const COORDINATION: &[Field] = &[field("agent_id", AgentId), field("message", Text)];
    pub const PROBLEM: &[Field] = &[
        field("message", Text),
        field("agent_id", AgentId),
        field("task_id", TaskId),
        field("level", Text),
        field("stack", Text),
    ];
    pub const HEARTBEAT: &[Field] = &[
        field("agent_id", AgentId),
        field("session", Text),
        field("status", Text),
        field("task_id", TaskId),
        field("description", Text),
        field("interval_s", Number),
        field("host", Text),
        field("version", Text),
    ];
}

impl<'a> Available<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            title: required(&mut f, "title")?,
            description: f.text("description"),
            blocked_by: f.list("blocked_by"),
            priority: f.text("priority"),
            tags: f.list("tags"),
            max_attempts: small(&mut f, "max_attempts")?,
            by: f.text("by"),
            after: f.count("after"),
            requeue: f.object("requeue").map(|mut f| Requeue { reason: f.text("reason") }),
        })
    }
}

impl<'a> Claimed<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            agent_id: required(&mut f, "agent_id")?,
            session: f.text("session"),
            after: f.count("after"),
        })
    }
}

impl<'a> Progress<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let percent = f.number("percent");
        if let Some(percent) = percent.filter(|p| !(0.0..=100.0).contains(p)) {
            return Err(Reason::Fields(format!(
                "percent lies from 0 to 100, this one is {}",
                shown(percent)
            )));
        }
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            agent_id: required(&mut f, "agent_id")?,
            session: f.text("session"),
            claim: f.count("claim"),
            percent,
            note: f.text("note"),
        })
    }
}

impl<'a> Completed<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let body = Self {
            task_id: required(&mut f, "task_id")?,
            agent_id: f.text("agent_id"),
            session: f.text("session"),
            claim: f.count("claim"),
            result: f.raw("result"),
            accept: f.count("accept"),
            by: f.text("by"),
            after: f.count("after"),
        };
        match (body.accept, &body.by, &body.agent_id) {
            (Some(_), None, _) => Err(missing("by")),
            (None, _, None) => Err(missing("agent_id")),
            _ => Ok(body),
        }
    }
}

impl<'a> Failed<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let (agent_id, by) = (f.text("agent_id"), f.text("by"));
        if by.is_none() && agent_id.is_none() {
            return Err(missing("agent_id"));
        }
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            agent_id,
            error: required(&mut f, "error")?,
            session: f.text("session"),
            claim: f.count("claim"),
            kind: f.text("kind"),
            by,
            after: f.count("after"),
        })
    }
}

impl<'a> Cancelled<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            by: required(&mut f, "by")?,
            reason: f.text("reason"),
            after: f.count("after"),
        })
    }
}

impl<'a> Carried<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let task_id = required(&mut f, "task_id")?;
        let after = f.count("after").ok_or_else(|| missing("after"))?;
        let mut s = f.object("state").ok_or_else(|| missing("state"))?;
        let mut d = s.object("definition").ok_or_else(|| missing("state.definition"))?;
        let status: Status =
            s.text("status").ok_or_else(|| missing("state.status"))?.parse().map_err(Reason::Fields)?;
        let state = CarriedState {
            definition: CarriedDefinition {
                title: required(&mut d, "title")?,
                description: d.text("description"),
                blocked_by: d.list("blocked_by"),
                priority: d.text("priority"),
                tags: d.list("tags"),
                max_attempts: small(&mut d, "max_attempts")?,
                by: d.text("by"),
            },
            status,
            version: s.count("version").ok_or_else(|| missing("state.version"))?,
            claim: s.count("claim"),
            owner: s.text("owner"),
            session: s.text("session"),
            attempts: small(&mut s, "attempts")?.unwrap_or(0),
        };
        match status {
            Status::InProgress if state.owner.is_none() => Err(missing("state.owner")),
            Status::InProgress if state.claim.is_none() => Err(missing("state.claim")),
            Status::Blocked | Status::Available | Status::InProgress => Ok(Self { task_id, after, state }),
            finished => Err(Reason::Fields(format!("a {finished} task is finished, and not carried"))),
        }
    }
}

impl<'a> Coordination<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self { agent_id: required(&mut f, "agent_id")?, message: required(&mut f, "message")? })
    }
}

impl<'a> Problem<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self {
            message: required(&mut f, "message")?,
            agent_id: f.text("agent_id"),
            task_id: f.text("task_id"),
            level: f.text("level"),
            stack: f.text("stack"),
        })
    }
}

impl<'a> Heartbeat<'a> {
    pub(super) fn read(mut f: Fields<'a>, subject_token: &str) -> Result<Self, Reason> {
        let agent_id = required(&mut f, "agent_id")?;
        if agent_id.as_str() != subject_token {
            return Err(Reason::Fields(format!(
                "the subject says {subject_token:?}, the body agent_id {:?}",
                agent_id.as_str()
            )));
        }
        let interval_s = f.number("interval_s");
        if let Some(seconds) = interval_s.filter(|s| !(s.is_finite() && *s > 0.0)) {
            return Err(Reason::Fields(format!(
                "interval_s is a number of seconds above 0, this one is {}",
                shown(seconds)
            )));
        }
        Ok(Self {
            agent_id,
            session: f.text("session"),
            status: f.text("status"),
            task_id: f.text("task_id"),
            description: f.text("description"),
            interval_s,
            host: f.text("host"),
            version: f.text("version"),
        })
    }
}

/// A number as JSON writes it. Rust's own way to print one would cost the browser five kilobytes more.
fn shown(number: f64) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| "none".into(), |number| number.to_string())
}

fn missing(field: &str) -> Reason {
    Reason::Fields(format!("missing field `{field}`"))
}

/// What the contract requires.
fn required<'a>(f: &mut Fields<'a>, name: &str) -> Result<Text<'a>, Reason> {
    f.text(name).ok_or_else(|| missing(name))
}

/// A count that fits into 32 bits.
fn small(f: &mut Fields<'_>, name: &str) -> Result<Option<u32>, Reason> {
    let count = f.count(name).map(u32::try_from).transpose();
    count.map_err(|_| Reason::Fields(format!("{name} is at most {}", u32::MAX)))
}

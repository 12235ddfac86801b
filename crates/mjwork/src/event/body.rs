//! The bodies of PROTOCOL.md "Subjects and bodies", as they are read and as they are written.
//! Fields that a reader does not know are ignored; `null` is the same as absent.

use super::Reason;
use crate::text::{IdText, Text};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// At most this many blockers a task may name.
const MAX_BLOCKERS: usize = 1_000;

/// A task, an edit of its definition, or (with `requeue`) its requeue.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Available<'a> {
    /// The task.
    #[serde(borrow, deserialize_with = "task_id")]
    pub task_id: Text<'a>,
    /// What it is called.
    pub title: Text<'a>,
    /// What is to be done, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    /// The tasks that must be completed first, 1,000 at most.
    #[serde(default, deserialize_with = "task_ids", skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<Text<'a>>,
    /// `critical`, `high`, `normal` or `low`; any other text is kept and sorts as `normal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Text<'a>>,
    /// Free labels.
    #[serde(default, deserialize_with = "texts", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Text<'a>>,
    /// After so many claims a lost owner's task is given up and not requeued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Who published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Text<'a>>,
    /// Guard: the version that the writer saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Present in a requeue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requeue: Option<Requeue<'a>>,
}

/// Why a task is put back.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Requeue<'a> {
    /// For people: `owner lost`, for instance.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text<'a>>,
}

/// A worker takes the task.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Claimed<'a> {
    /// The task.
    #[serde(borrow, deserialize_with = "task_id")]
    pub task_id: Text<'a>,
    /// Who takes it.
    #[serde(deserialize_with = "agent_id")]
    pub agent_id: Text<'a>,
    /// The process of that agent; who gives one sends heartbeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Guard: the version that the writer saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// The owner reports progress.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Progress<'a> {
    /// The task.
    #[serde(borrow, deserialize_with = "task_id")]
    pub task_id: Text<'a>,
    /// Its owner.
    #[serde(deserialize_with = "agent_id")]
    pub agent_id: Text<'a>,
    /// The owner's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Guard: the sequence of the accepted claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<u64>,
    /// How far, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
}

/// The owner is done; or, with `accept` and `by`, an operator accepts a late result.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Completed<'a> {
    /// The task.
    #[serde(borrow, deserialize_with = "task_id")]
    pub task_id: Text<'a>,
    /// Its owner; only who accepts a late result may leave it out.
    #[serde(default, deserialize_with = "maybe_agent_id", skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Text<'a>>,
    /// The owner's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Guard: the sequence of the accepted claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<u64>,
    /// What came out of it: any JSON, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<&'a RawValue>,
    /// The sequence of a refused completion whose result is accepted after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<u64>,
    /// Who accepts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Text<'a>>,
    /// Guard of an acceptance: the version that the writer saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// The owner gave up; or, with `by` and `after`, somebody gave a lost owner's task up.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Failed<'a> {
    /// The task.
    #[serde(borrow, deserialize_with = "task_id")]
    pub task_id: Text<'a>,
    /// Its owner; only who gives the task up for another may leave it out.
    #[serde(default, deserialize_with = "maybe_agent_id", skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Text<'a>>,
    /// What went wrong.
    pub error: Text<'a>,
    /// The owner's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Guard: the sequence of the accepted claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<u64>,
    /// `retryable`, `fatal` or `rate_limited`; any other text is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text<'a>>,
    /// Who gives it up, when that is not the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Text<'a>>,
    /// Guard of a giving-up: the version that the writer saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// An operator withdrew the task.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Cancelled<'a> {
    /// The task.
    #[serde(borrow, deserialize_with = "task_id")]
    pub task_id: Text<'a>,
    /// Who withdrew it.
    pub by: Text<'a>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text<'a>>,
    /// Guard: the version that the writer saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// An unfinished task brought past the end of retention.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Carried<'a> {
    /// The task.
    #[serde(borrow, deserialize_with = "task_id")]
    pub task_id: Text<'a>,
    /// Guard: the version that the writer saw.
    pub after: u64,
    /// The task as it stood.
    pub state: CarriedState<'a>,
}

/// A task's whole state, as it is carried.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CarriedState<'a> {
    /// What it is, with only the blockers that are still unfinished.
    #[serde(borrow)]
    pub definition: CarriedDefinition<'a>,
    /// `blocked`, `available` or `in_progress`: nothing else is carried.
    pub status: crate::board::Status,
    /// Its version, so that guards held by others stay good.
    pub version: u64,
    /// The sequence of its accepted claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<u64>,
    /// Who owns it.
    #[serde(default, deserialize_with = "maybe_agent_id", skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text<'a>>,
    /// The owner's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// How often it was claimed.
    #[serde(default)]
    pub attempts: u32,
}

/// A task's definition, as it is carried.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct CarriedDefinition<'a> {
    /// What it is called.
    #[serde(borrow)]
    pub title: Text<'a>,
    /// What is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    /// The tasks that must be completed first.
    #[serde(default, deserialize_with = "task_ids", skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<Text<'a>>,
    /// Its priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Text<'a>>,
    /// Free labels.
    #[serde(default, deserialize_with = "texts", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Text<'a>>,
    /// After so many claims a lost owner's task is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Who published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Text<'a>>,
}

/// Agents and operators talking.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Coordination<'a> {
    /// Who speaks.
    #[serde(borrow, deserialize_with = "agent_id")]
    pub agent_id: Text<'a>,
    /// What is said.
    pub message: Text<'a>,
}

/// Something went wrong; changes no task.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Problem<'a> {
    /// What went wrong.
    #[serde(borrow)]
    pub message: Text<'a>,
    /// Where.
    #[serde(default, deserialize_with = "maybe_agent_id", skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Text<'a>>,
    /// At which task.
    #[serde(default, deserialize_with = "maybe_task_id", skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Text<'a>>,
    /// `error`, `warning` or whatever the writer says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Text<'a>>,
    /// The stack, line by line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<Text<'a>>,
}

/// The agent's process is alive; the first one registers it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Heartbeat<'a> {
    /// Who lives: the same as the subject's last token.
    #[serde(borrow, deserialize_with = "agent_id")]
    pub agent_id: Text<'a>,
    /// Its process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// What it does, in a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Text<'a>>,
    /// The task that it works on.
    #[serde(default, deserialize_with = "maybe_task_id", skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Text<'a>>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    /// Seconds until its next heartbeat, 30 unless it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_s: Option<f64>,
    /// The machine that it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Text<'a>>,
    /// The version of its program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text<'a>>,
}

impl Progress<'_> {
    pub(super) fn checked(self) -> Result<Self, Reason> {
        match self.percent {
            Some(percent) if !(0.0..=100.0).contains(&percent) => {
                Err(Reason::Fields(format!("percent lies from 0 to 100, this one is {percent}")))
            }
            _ => Ok(self),
        }
    }
}

impl Completed<'_> {
    pub(super) fn checked(self) -> Result<Self, Reason> {
        match (self.accept, &self.by, &self.agent_id) {
            (Some(_), None, _) => Err(missing("by")),
            (None, _, None) => Err(missing("agent_id")),
            _ => Ok(self),
        }
    }
}

impl Failed<'_> {
    pub(super) fn checked(self) -> Result<Self, Reason> {
        if self.by.is_none() && self.agent_id.is_none() { Err(missing("agent_id")) } else { Ok(self) }
    }
}

impl Carried<'_> {
    pub(super) fn checked(self) -> Result<Self, Reason> {
        use crate::board::Status;
        let state = &self.state;
        match state.status {
            Status::InProgress if state.owner.is_none() => Err(missing("state.owner")),
            Status::InProgress if state.claim.is_none() => Err(missing("state.claim")),
            Status::Blocked | Status::Available | Status::InProgress => Ok(self),
            finished => Err(Reason::Fields(format!("a {finished} task is finished, and not carried"))),
        }
    }
}

impl Heartbeat<'_> {
    pub(super) fn checked(self, subject_token: &str) -> Result<Self, Reason> {
        if self.agent_id.as_str() != subject_token {
            return Err(Reason::Fields(format!(
                "the subject says {subject_token:?}, the body agent_id {:?}",
                self.agent_id.as_str()
            )));
        }
        match self.interval_s {
            Some(seconds) if !(seconds.is_finite() && seconds > 0.0) => Err(Reason::Fields(format!(
                "interval_s is a number of seconds above 0, this one is {seconds}"
            ))),
            _ => Ok(self),
        }
    }
}

fn missing(field: &str) -> Reason {
    Reason::Fields(format!("missing field `{field}`"))
}

fn task_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
    deserializer.deserialize_any(IdText)
}

/// A task id where serde asks for a type.
#[derive(Deserialize)]
struct Id<'a>(#[serde(borrow, deserialize_with = "task_id")] Text<'a>);

fn maybe_task_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'de>>, D::Error> {
    Ok(Option::<Id<'de>>::deserialize(deserializer)?.map(|id| id.0))
}

fn task_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Text<'de>>, D::Error> {
    let ids = Option::<Vec<Id<'de>>>::deserialize(deserializer)?.unwrap_or_default();
    if ids.len() > MAX_BLOCKERS {
        return Err(serde::de::Error::custom(format_args!(
            "blocked_by has at most {MAX_BLOCKERS} entries, this one {}",
            ids.len()
        )));
    }
    Ok(ids.into_iter().map(|id| id.0).collect())
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Text<'de>>, D::Error> {
    Ok(Option::<Vec<Text<'de>>>::deserialize(deserializer)?.unwrap_or_default())
}

fn agent_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
    let text = Text::deserialize(deserializer)?;
    if crate::id::is_agent_id(&text) {
        Ok(text)
    } else {
        Err(serde::de::Error::custom("agent_id has 1 to 64 characters of A-Z a-z 0-9 - _"))
    }
}

fn maybe_agent_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'de>>, D::Error> {
    let Some(text) = Option::<Text<'de>>::deserialize(deserializer)? else { return Ok(None) };
    if crate::id::is_agent_id(&text) {
        Ok(Some(text))
    } else {
        Err(serde::de::Error::custom("agent_id has 1 to 64 characters of A-Z a-z 0-9 - _"))
    }
}

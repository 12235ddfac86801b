//! The bodies of PROTOCOL.md "Subjects and bodies", as they are read and as they are written.
//! Fields that a reader does not know are ignored; `null` is the same as absent.

use crate::board::Status;
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
    /// The sequence up to which the writer had read when it chose this task. Says how well it chose, and guards nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<u64>,
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

/// An unfinished task brought past the end of retention; or, with `forget`, a finished one that is to be forgotten
/// before what it rests on expires.
#[derive(Clone, Debug, Serialize)]
pub struct Carried<'a> {
    /// The task.
    pub task_id: Text<'a>,
    /// Guard: the version that the writer saw.
    pub after: u64,
    /// The sequence of the event by which the task was published, or carried last, as the writer knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<u64>,
    /// The sequence of the oldest event that the task rests on, as the writer knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<u64>,
    /// The task as it stood; absent just where it is to be forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<CarriedState<'a>>>,
    /// It is to be forgotten.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forget: bool,
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
    /// When it was first published: nanoseconds since 1970, as the server stamped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_ns: Option<u64>,
    /// Since when it has its status, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_ns: Option<u64>,
    /// The owner's last report in this attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<CarriedProgress<'a>>,
    /// The newest result that came too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<CarriedLate<'a>>,
}

/// An owner's last report, as it is carried.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CarriedProgress<'a> {
    /// When: nanoseconds since 1970, as the server stamped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ns: Option<u64>,
    /// How far, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text<'a>>,
}

/// A result that came too late, as it is carried.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CarriedLate<'a> {
    /// The sequence of the refused completion.
    pub seq: u64,
    /// Who sent it.
    pub agent_id: Text<'a>,
    /// Its process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Text<'a>>,
    /// Any JSON, as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<&'a RawValue>,
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

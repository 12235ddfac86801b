//! What a tool answers, in the shapes that its output schema promises.

use mjwork::board::{Agent, Board, Counts, Liveness, Outcome, Status, Task};
use mjwork::{AgentId, Sequence, Timestamp};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// So many of a task's last events are told.
const HISTORY: usize = 50;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Blocked,
    Available,
    InProgress,
    Failed,
    Completed,
    Cancelled,
}

impl From<Status> for State {
    fn from(status: Status) -> Self {
        match status {
            Status::Blocked => Self::Blocked,
            Status::Available => Self::Available,
            Status::InProgress => Self::InProgress,
            Status::Failed => Self::Failed,
            Status::Completed => Self::Completed,
            Status::Cancelled => Self::Cancelled,
        }
    }
}

/// How many tasks stand where.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ByState {
    pub blocked: usize,
    pub available: usize,
    pub in_progress: usize,
    pub failed: usize,
    pub completed: usize,
    pub cancelled: usize,
}

impl From<Counts> for ByState {
    fn from(counts: Counts) -> Self {
        Self {
            blocked: counts.of(Status::Blocked),
            available: counts.of(Status::Available),
            in_progress: counts.of(Status::InProgress),
            failed: counts.of(Status::Failed),
            completed: counts.of(Status::Completed),
            cancelled: counts.of(Status::Cancelled),
        }
    }
}

/// A task in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Row {
    pub task_id: String,
    pub title: String,
    pub status: State,
    /// `critical`, `high`, `normal`, `low`, or any other text, which counts as `normal`.
    pub priority: String,
    pub tags: Vec<String>,
    /// Who works on it, or finished it.
    pub owner: Option<String>,
    /// How often it was taken.
    pub attempts: u32,
    /// What it waits for.
    pub waits_for: Vec<Waiting>,
}

/// A task that another one waits for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Waiting {
    pub task_id: String,
    /// Where it stands, or why it never will be done: `failed`, `cancelled`, `unknown`, `part of a cycle`.
    pub why: String,
}

impl Row {
    pub fn of(board: &Board, task: &Task) -> Self {
        let waits_for = if task.status == Status::Blocked { board.blockers(task) } else { Vec::new() };
        Self {
            task_id: task.id.to_string(),
            title: task.definition.title.to_string(),
            status: task.status.into(),
            priority: task.definition.priority.to_string(),
            tags: task.definition.tags.iter().map(ToString::to_string).collect(),
            owner: task.owner.as_ref().map(|owner| owner.agent.to_string()),
            attempts: task.attempts,
            waits_for: waits_for
                .into_iter()
                .map(|b| Waiting { task_id: b.id.to_string(), why: b.why.to_string() })
                .collect(),
        }
    }
}

/// Everything that is known of a task.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Whole {
    #[serde(flatten)]
    pub row: Row,
    /// What is to be done, in Markdown.
    pub description: Option<String>,
    /// The tasks that must be completed first.
    pub blocked_by: Vec<String>,
    /// After so many attempts it is given up when its owner is lost.
    pub max_attempts: u32,
    /// The sequence of the last event that changed it.
    pub version: Sequence,
    /// The sequence of the claim that counts, while somebody works on it.
    pub claim: Option<Sequence>,
    /// When it was published, by the server's clock.
    pub created: String,
    /// Since when it has its status.
    pub since: String,
    pub progress: Option<Report>,
    /// What came out of it, once it is completed: any JSON.
    pub result: Value,
    /// Why it failed or was cancelled.
    pub error: Option<String>,
    /// What happened to it, oldest first; the last 50 events.
    pub history: Vec<Happened>,
}

/// An owner's last report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub time: String,
    pub percent: Option<f64>,
    pub note: Option<String>,
}

/// An event of a task.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Happened {
    pub seq: Sequence,
    pub time: String,
    pub what: String,
    pub who: Option<String>,
    /// Its note, error or reason.
    pub text: Option<String>,
    /// Why it does not count; none when it does.
    pub refused: Option<String>,
}

impl Whole {
    pub fn of(board: &Board, task: &Task) -> Self {
        let text = |text: &Option<Box<str>>| text.as_ref().map(ToString::to_string);
        let (result, error) = match &task.outcome {
            Some(Outcome::Result(result)) => (result.as_deref().map_or(Value::Null, json_or_text), None),
            Some(Outcome::Error { error, .. }) => (Value::Null, Some(error.to_string())),
            Some(Outcome::Cancelled { by, reason }) => {
                let reason = reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
                (Value::Null, Some(format!("cancelled by {by}{reason}")))
            }
            None => (Value::Null, None),
        };
        let skipped = task.history.len().saturating_sub(HISTORY);
        let history = task.history.iter().skip(skipped).map(|entry| Happened {
            seq: entry.seq,
            time: time(entry.time),
            what: entry.verb.to_string(),
            who: entry.who.map(ToOwned::to_owned),
            text: entry.text.map(ToOwned::to_owned),
            refused: entry.refused.as_ref().map(ToString::to_string),
        });
        Self {
            row: Row::of(board, task),
            description: text(&task.definition.description),
            blocked_by: task.definition.blocked_by.iter().map(ToString::to_string).collect(),
            max_attempts: task.definition.max_attempts,
            version: task.version,
            claim: task.claim,
            created: time(task.created),
            since: time(task.since),
            progress: task.progress.as_ref().map(|p| Report {
                time: time(p.time),
                percent: p.percent,
                note: text(&p.note),
            }),
            result,
            error,
            history: history.collect(),
        }
    }
}

/// The answer of `next_task`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Taken {
    /// Who you are.
    pub agent_id: String,
    /// The task that is yours now; none when none became ready in time.
    pub task: Option<Whole>,
    /// Other tasks that are yours, and not ended yet.
    pub also_yours: Vec<String>,
    /// How many tasks stand where.
    pub counts: ByState,
    /// Whether nothing is left that will ever become ready without somebody's help.
    pub nothing_left: bool,
}

/// The answer of `list_tasks`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listed {
    pub tasks: Vec<Row>,
    /// How many tasks fit in all.
    pub total: usize,
    /// How many tasks stand where, all of them.
    pub counts: ByState,
}

/// The answer of `progress`, `complete`, `fail` and `release`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Done {
    pub task_id: String,
    /// Where the task stands now.
    pub status: Option<State>,
    /// The sequence under which the stream stored it; none while that is still under way.
    pub seq: Option<Sequence>,
    /// What happened.
    pub outcome: String,
}

/// The answer of `publish`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AllPublished {
    pub published: Vec<OnePublished>,
}

/// A task that was published.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OnePublished {
    pub task_id: String,
    pub seq: Sequence,
    /// Whether it was there before, with the same words.
    pub unchanged: bool,
}

/// The answer of `say`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SaidIt {
    pub seq: Sequence,
}

/// The answer of `read_messages`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Talk {
    /// Oldest first.
    pub messages: Vec<OneMessage>,
    /// Pass this as `since` to read on.
    pub last_seq: Sequence,
    /// Whether there are more after these.
    pub more: bool,
}

/// Something that was said.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneMessage {
    pub seq: Sequence,
    pub time: String,
    pub agent_id: String,
    pub message: String,
}

/// The answer of `agents`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Everybody {
    /// Who you are.
    pub you: String,
    pub agents: Vec<OneAgent>,
}

/// Whether an agent's process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    Live,
    Late,
    Lost,
    /// It never promised to beat: nobody can know.
    Silent,
    /// It said with its last heartbeat that it stops.
    Stopped,
}

/// An agent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneAgent {
    pub agent_id: String,
    pub liveness: Life,
    /// What it does, in a word.
    pub status: Option<String>,
    /// The tasks that it works on.
    pub tasks: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
    pub host: Option<String>,
    /// When it last beat.
    pub last_heartbeat: Option<String>,
    pub completed: usize,
    pub failed: usize,
}

impl OneAgent {
    pub fn of(board: &Board, agent: &Agent, now: Timestamp) -> Self {
        let beat = agent.beat_at(now);
        let text = |text: Option<&Box<str>>| text.map(ToString::to_string);
        Self {
            agent_id: agent.id.to_string(),
            liveness: match agent.liveness(now) {
                _ if crate::output::has_stopped(agent) => Life::Stopped,
                Liveness::Live => Life::Live,
                Liveness::Late => Life::Late,
                Liveness::Lost => Life::Lost,
                Liveness::Silent => Life::Silent,
            },
            status: text(beat.and_then(|b| b.status.as_ref())),
            tasks: tasks_of(board, &agent.id),
            description: text(beat.and_then(|b| b.description.as_ref())),
            host: text(beat.and_then(|b| b.host.as_ref())),
            last_heartbeat: beat.map(|b| time(b.time)),
            completed: agent.completed,
            failed: agent.failed,
        }
    }
}

/// The tasks that an agent works on.
fn tasks_of(board: &Board, agent: &AgentId) -> Vec<String> {
    let mut tasks: Vec<String> = board
        .tasks()
        .filter(|task| task.status == Status::InProgress)
        .filter(|task| task.owner.as_ref().is_some_and(|owner| owner.agent == *agent))
        .map(|task| task.id.to_string())
        .collect();
    tasks.sort();
    tasks
}

/// A point in time as people and programs both read it.
pub fn time(at: Timestamp) -> String {
    nats_proto::timestamp::format(at.as_nanos())
}

fn json_or_text(raw: &str) -> Value {
    serde_json::from_str(raw).unwrap_or_else(|_| Value::from(raw))
}

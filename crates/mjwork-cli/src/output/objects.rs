//! What `--json` prints of tasks and agents. Fields are added, never renamed.

use super::rfc3339;
use mjwork::Timestamp;
use mjwork::board::{Agent, Board, Liveness, Outcome, Task};
use serde::Serialize;
use serde_json::value::RawValue;

/// A task.
#[derive(Debug, Serialize)]
pub struct TaskObject<'a> {
    task_id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    status: &'a str,
    priority: &'a str,
    tags: Vec<&'a str>,
    blocked_by: Vec<&'a str>,
    /// What it waits for, and why each of these is not done.
    waits_for: Vec<BlockerObject<'a>>,
    owner: Option<&'a str>,
    session: Option<&'a str>,
    /// Whether the owner's process lives, while it is in progress.
    liveness: Option<&'a str>,
    claim: Option<u64>,
    attempts: u32,
    max_attempts: u32,
    version: u64,
    created: String,
    since: String,
    progress: Option<ProgressObject<'a>>,
    result: Option<&'a RawValue>,
    error: Option<&'a str>,
}

/// One thing that a task waits for.
#[derive(Debug, Serialize)]
pub struct BlockerObject<'a> {
    task_id: &'a str,
    why: String,
    /// Whether it will not be done without somebody's help.
    stuck: bool,
}

#[derive(Debug, Serialize)]
struct ProgressObject<'a> {
    time: String,
    percent: Option<f64>,
    note: Option<&'a str>,
}

/// An agent.
#[derive(Debug, Serialize)]
pub struct AgentObject<'a> {
    agent_id: &'a str,
    liveness: &'a str,
    last_heartbeat: Option<String>,
    last_act: Option<String>,
    session: Option<&'a str>,
    status: Option<&'a str>,
    task_id: Option<&'a str>,
    /// The tasks that it owns.
    tasks: Vec<&'a str>,
    description: Option<&'a str>,
    interval_s: Option<f64>,
    host: Option<&'a str>,
    version: Option<&'a str>,
    completed: usize,
    failed: usize,
}

/// One of the three clocks of a task in progress: since when it runs, and how long that is.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Since when.
    pub since: Timestamp,
    /// For so long.
    pub age: mjwork::Duration,
}

impl Clock {
    /// The clock that runs since then.
    pub fn new(since: Timestamp, now: Timestamp) -> Self {
        Self { since, age: now.since(since) }
    }
}

impl Serialize for Clock {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut object = serializer.serialize_struct("Clock", 2)?;
        object.serialize_field("since", &rfc3339(self.since))?;
        object.serialize_field("age_s", &self.age.as_secs())?;
        object.end()
    }
}

impl<'a> TaskObject<'a> {
    /// A task as it stands on the board.
    pub fn new(board: &'a Board, task: &'a Task, now: Timestamp) -> Self {
        let (definition, owner) = (&task.definition, task.owner.as_ref());
        Self {
            task_id: task.id.as_str(),
            title: &definition.title,
            description: definition.description.as_deref(),
            status: task.status.as_str(),
            priority: definition.priority.as_str(),
            tags: definition.tags.iter().map(|tag| &**tag).collect(),
            blocked_by: definition.blocked_by.iter().map(mjwork::TaskId::as_str).collect(),
            waits_for: blockers(board, task),
            owner: owner.map(|o| o.agent.as_str()),
            session: owner.and_then(|o| o.session.as_deref()),
            liveness: board.owner_liveness(task, now).map(Liveness::as_str),
            claim: task.claim,
            attempts: task.attempts,
            max_attempts: definition.max_attempts,
            version: task.version,
            created: rfc3339(task.created),
            since: rfc3339(task.since),
            progress: task.progress.as_ref().map(|progress| ProgressObject {
                time: rfc3339(progress.time),
                percent: progress.percent,
                note: progress.note.as_deref(),
            }),
            result: match &task.outcome {
                Some(Outcome::Result(Some(result))) => raw(result),
                _ => None,
            },
            error: match &task.outcome {
                Some(Outcome::Error { error, .. }) => Some(error),
                _ => None,
            },
        }
    }
}

/// What a task waits for.
pub fn blockers<'a>(board: &'a Board, task: &'a Task) -> Vec<BlockerObject<'a>> {
    let found = board.blockers(task);
    let named = |id: &mjwork::TaskId| task.definition.blocked_by.iter().find(|named| *named == id);
    found
        .iter()
        .filter_map(|blocker| {
            Some(BlockerObject {
                task_id: named(&blocker.id)?.as_str(),
                why: blocker.why.to_string(),
                stuck: blocker.why.is_stuck(),
            })
        })
        .collect()
}

/// JSON as its writer wrote it; none for what is none.
pub fn raw(json: &str) -> Option<&RawValue> {
    serde_json::from_str(json).ok()
}

/// Whether an agent has said that it stops: then it is not missed.
pub fn has_stopped(agent: &Agent) -> bool {
    agent.beat.as_ref().is_some_and(|beat| beat.status.as_deref() == Some("stopped"))
}

/// Whether an agent that promised to beat has gone, and nothing is left with it: a last heartbeat expires whether its
/// process ended well or not.
pub fn has_gone(agent: &Agent, owns_tasks: bool) -> bool {
    agent.beat.is_none() && agent.promised.is_some() && !owns_tasks
}

impl<'a> AgentObject<'a> {
    /// An agent with the tasks that it owns.
    pub fn new(agent: &'a Agent, liveness: Liveness, tasks: Vec<&'a str>) -> Self {
        let beat = agent.beat.as_ref();
        Self {
            agent_id: agent.id.as_str(),
            liveness: match (has_stopped(agent), has_gone(agent, !tasks.is_empty())) {
                (true, _) => "stopped",
                (_, true) => "gone",
                _ => liveness.as_str(),
            },
            last_heartbeat: beat.map(|beat| rfc3339(beat.time)),
            last_act: agent.acted.map(rfc3339),
            session: beat.and_then(|beat| beat.session.as_deref()),
            status: beat.and_then(|beat| beat.status.as_deref()),
            task_id: beat.and_then(|beat| beat.task.as_ref()).map(mjwork::TaskId::as_str),
            tasks,
            description: beat.and_then(|beat| beat.description.as_deref()),
            interval_s: beat.map(|beat| beat.interval.as_secs_f64()),
            host: beat.and_then(|beat| beat.host.as_deref()),
            version: beat.and_then(|beat| beat.version.as_deref()),
            completed: agent.completed,
            failed: agent.failed,
        }
    }
}

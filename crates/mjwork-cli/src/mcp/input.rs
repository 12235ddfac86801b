//! What a tool is called with. The schema that a client shows its model is derived from these types, so what they do
//! not take, the schema does not offer; what a type cannot say (a percentage ends at 100) is checked in one place.

use super::output::State;
use super::reply::Trouble;
use rmcp::schemars::{self, JsonSchema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// So long a call may wait. Clients have limits of their own, many of 60 s.
pub const LONGEST_WAIT_S: u32 = 3_600;
/// So long `next_task` waits unless it is told otherwise: below the minute after which many clients give a call up.
const USUAL_WAIT_S: u32 = 50;
/// So many entries a list has at the most.
pub const LONGEST_LIST: u32 = 500;

/// Reads the arguments of a call; the error is a sentence for the model.
pub fn read<T: DeserializeOwned + Checked>(arguments: Option<Map<String, Value>>) -> Result<T, Trouble> {
    let again = |fault: &str, how: &str| Trouble(format!("{fault} Call the tool again {how}."));
    let arguments = Value::Object(arguments.unwrap_or_default());
    let read: T = serde_json::from_value(arguments).map_err(|error| {
        again(&format!("These arguments do not fit: {error}."), "with arguments as its input schema says")
    })?;
    read.check().map_err(|fault| again(&fault, "with that mended"))?;
    Ok(read)
}

/// What the types do not say.
pub trait Checked {
    /// The first rule that is broken, as a sentence.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Whether a number lies within what the schema says.
fn within(name: &str, number: u32, least: u32, most: u32) -> Result<(), String> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(format!("`{name}` is {least} to {most}, not {number}."))
}

/// Whether a text says something.
fn said(name: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err(format!("`{name}` is empty.")) } else { Ok(()) }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextTask {
    /// Seconds to wait until a task becomes ready. 0 only looks.
    #[serde(default = "usual_wait")]
    #[schemars(range(min = 0, max = LONGEST_WAIT_S))]
    pub wait_s: u32,
    /// Take exactly this task, if it is ready, instead of the most urgent one. Does not wait.
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    pub task_id: Option<String>,
}

fn usual_wait() -> u32 {
    USUAL_WAIT_S
}

impl Checked for NextTask {
    fn check(&self) -> Result<(), String> {
        within("wait_s", self.wait_s, 0, LONGEST_WAIT_S)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListTasks {
    /// Only tasks of these states; all by default.
    #[serde(default)]
    pub status: Vec<State>,
    /// Only tasks that have all of these tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Only tasks of this agent.
    #[serde(default)]
    pub owner: Option<String>,
    /// Only tasks whose id or title has this text in it; upper and lower case are the same.
    #[serde(default)]
    pub text: Option<String>,
    /// How many to list.
    #[serde(default = "usual_list")]
    #[schemars(range(min = 1, max = LONGEST_LIST))]
    pub limit: u32,
    /// How many of the first to leave out: to list on from where the last list ended.
    #[serde(default)]
    pub offset: u32,
}

fn usual_list() -> u32 {
    50
}

impl Checked for ListTasks {
    fn check(&self) -> Result<(), String> {
        within("limit", self.limit, 1, LONGEST_LIST)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetTask {
    /// The task.
    #[schemars(length(min = 1, max = 256))]
    pub task_id: String,
}

impl Checked for GetTask {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The task, which you own.
    #[schemars(length(min = 1, max = 256))]
    pub task_id: String,
    /// How far you are, in percent.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub percent: Option<f64>,
    /// What you have done or are about to do, in a sentence that people watch.
    #[serde(default)]
    pub note: Option<String>,
}

impl Checked for Progress {
    fn check(&self) -> Result<(), String> {
        if let Some(percent) = self.percent.filter(|percent| !(0.0..=100.0).contains(percent)) {
            return Err(format!("`percent` is 0 to 100, not {percent}."));
        }
        if self.percent.is_none() && self.note.is_none() {
            return Err("A report has a `percent` or a `note`, or both.".to_owned());
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// The task, which you own.
    #[schemars(length(min = 1, max = 256))]
    pub task_id: String,
    /// What came out of it: any JSON. Say what others need to go on: what changed, where it lies, what is left open.
    #[serde(default)]
    pub result: Option<Value>,
}

impl Checked for Complete {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fail {
    /// The task, which you own.
    #[schemars(length(min = 1, max = 256))]
    pub task_id: String,
    /// What went wrong, so that a person can act on it.
    #[schemars(length(min = 1))]
    pub error: String,
    /// Whether another try would help.
    #[serde(default)]
    pub kind: Kind,
}

impl Checked for Fail {
    fn check(&self) -> Result<(), String> {
        said("error", &self.error)
    }
}

/// Whether another try would help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Another try may do it.
    #[default]
    Retryable,
    /// No try will: the task itself is wrong.
    Fatal,
    /// A service wants one to wait.
    RateLimited,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The task, which you own.
    #[schemars(length(min = 1, max = 256))]
    pub task_id: String,
    /// Why you give it back.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Checked for Release {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The tasks, in any order: one may be blocked by another of the same call.
    #[schemars(length(min = 1, max = 1000))]
    pub tasks: Vec<NewTask>,
}

impl Checked for Publish {
    fn check(&self) -> Result<(), String> {
        match self.tasks.len() {
            1..=1000 => Ok(()),
            0 => Err("`tasks` is empty.".to_owned()),
            many => Err(format!("`tasks` has {many} entries; publish at most 1000 in a call.")),
        }
    }
}

/// A task that is to be published.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    /// Its id, which no other task has: short and telling, `parser-tests` for instance.
    #[schemars(length(min = 1, max = 256))]
    pub task_id: String,
    /// What it is called, in one line.
    #[schemars(length(min = 1))]
    pub title: String,
    /// What is to be done and when it is done, in Markdown. Whoever takes it knows only this.
    #[serde(default)]
    pub description: Option<String>,
    /// The ids of the tasks that must be completed first.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub blocked_by: Vec<String>,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Urgency,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// After so many attempts a task whose owner was lost is given up; 3 by default.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub max_attempts: Option<u32>,
}

/// How urgent a task is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    Critical,
    High,
    #[default]
    Normal,
    Low,
}

impl Urgency {
    /// The word on the wire; none where it is the usual one.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Critical => Some("critical"),
            Self::High => Some("high"),
            Self::Normal => None,
            Self::Low => Some("low"),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// What you say to all agents and operators, in Markdown.
    #[schemars(length(min = 1))]
    pub message: String,
}

impl Checked for Say {
    fn check(&self) -> Result<(), String> {
        said("message", &self.message)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadMessages {
    /// Only messages after this sequence: the `last_seq` of your last call. Without it, the newest ones.
    #[serde(default)]
    pub since: Option<u64>,
    /// How many to read.
    #[serde(default = "usual_list")]
    #[schemars(range(min = 1, max = LONGEST_LIST))]
    pub limit: u32,
    /// Seconds to wait for a message after `since`, if there is none yet.
    #[serde(default)]
    #[schemars(range(min = 0, max = LONGEST_WAIT_S))]
    pub wait_s: u32,
}

impl Checked for ReadMessages {
    fn check(&self) -> Result<(), String> {
        within("limit", self.limit, 1, LONGEST_LIST)?;
        within("wait_s", self.wait_s, 0, LONGEST_WAIT_S)?;
        if self.wait_s > 0 && self.since.is_none() {
            return Err("`wait_s` needs `since`: after which message to wait.".to_owned());
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agents {}

impl Checked for Agents {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn arguments<T: DeserializeOwned + Checked>(value: Value) -> Result<T, String> {
        let Value::Object(map) = value else { panic!("arguments are an object") };
        read(Some(map)).map_err(|Trouble(words)| words)
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let next: NextTask = read(None).unwrap();
        assert_eq!((next.wait_s, next.task_id), (USUAL_WAIT_S, None));
        let fail: Fail = arguments(json!({"task_id": "t", "error": "it broke"})).unwrap();
        assert_eq!(fail.kind, Kind::Retryable);
    }

    #[test]
    fn a_call_that_does_not_fit_is_told_what_to_mend() {
        for (fault, said) in [
            (arguments::<NextTask>(json!({"wait_s": 4_000})).unwrap_err(), "`wait_s` is 0 to 3600"),
            (arguments::<NextTask>(json!({"seconds": 1})).unwrap_err(), "unknown field `seconds`"),
            (arguments::<Progress>(json!({"task_id": "t", "percent": 101})).unwrap_err(), "0 to 100"),
            (arguments::<Progress>(json!({"task_id": "t"})).unwrap_err(), "`percent` or a `note`"),
            (arguments::<Fail>(json!({"task_id": "t", "error": " "})).unwrap_err(), "`error` is empty"),
            (arguments::<Fail>(json!({"task_id": "t", "error": "e", "kind": "odd"})).unwrap_err(), "`odd`"),
            (arguments::<Publish>(json!({"tasks": []})).unwrap_err(), "`tasks` is empty"),
            (arguments::<ReadMessages>(json!({"wait_s": 5})).unwrap_err(), "needs `since`"),
        ] {
            assert!(fault.contains(said) && fault.contains("again"), "{fault}");
        }
    }
}

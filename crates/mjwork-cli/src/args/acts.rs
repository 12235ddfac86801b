//! The words of commands that act on a task.

use crate::output::parse_duration;
use clap::{ArgAction, ArgGroup, Args as Group, ValueEnum};
use mjwork::{AgentId, FailureKind, TaskId};
use std::time::Duration;

/// Who acts.
#[derive(Debug, Group)]
pub struct Who {
    /// The agent
    #[arg(long, env = "MJWORK_AGENT", value_name = "NAME")]
    pub agent: AgentId,
    /// Its process; give one only if it sends heartbeats, as it is taken for lost without. By default that of the worker
    /// whose child this is
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
}

impl Who {
    /// Its process: the one that is given, or that of the worker whose child this is.
    pub fn session(&self) -> Option<String> {
        session(&self.agent, self.session.as_ref())
    }
}

/// The session of the environment belongs to the agent of the environment, and to no other.
fn session(agent: &AgentId, given: Option<&String>) -> Option<String> {
    given.cloned().or_else(|| {
        let mine = std::env::var("MJWORK_AGENT").is_ok_and(|name| name == agent.as_str());
        std::env::var("MJWORK_SESSION").ok().filter(|session| mine && !session.is_empty())
    })
}

#[derive(Debug, Group)]
#[command(group = ArgGroup::new("which").args(["task", "next"]).required(true))]
pub struct Claim {
    /// The task
    pub task: Option<TaskId>,
    /// The most urgent task that is ready, the oldest of these
    #[arg(long)]
    pub next: bool,
    /// Wait so long for a task that is ready
    #[arg(long, requires = "next", value_parser = parse_duration, value_name = "TIME")]
    pub wait: Option<Duration>,
    #[command(flatten)]
    pub who: Who,
}

#[derive(Debug, Group)]
#[command(group = ArgGroup::new("what").args(["percent", "note"]).required(true).multiple(true))]
pub struct Progress {
    /// The task; by default the one that `work` runs this for
    #[arg(env = "MJWORK_TASK_ID", hide_env = true)]
    pub task: TaskId,
    #[command(flatten)]
    pub who: Who,
    /// The sequence of the claim that one holds; by default the one that the task has, if it is this agent's
    #[arg(long, value_name = "SEQUENCE")]
    pub claim: Option<u64>,
    /// How far it is, from 0 to 100
    #[arg(long, value_parser = parse_percent)]
    pub percent: Option<f64>,
    /// What there is to say
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, Group)]
pub struct Complete {
    /// The task
    #[arg(env = "MJWORK_TASK_ID", hide_env = true)]
    pub task: TaskId,
    /// The agent
    #[arg(long, env = "MJWORK_AGENT", value_name = "NAME", required_unless_present = "accept")]
    pub agent: Option<AgentId>,
    /// Its process; by default that of the worker whose child this is
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    /// The sequence of the claim that one holds, as `claim` printed it: a task that was lost and taken anew since is
    /// then left alone. By default the claim that the task has now, if it is this agent's
    #[arg(long, value_name = "SEQUENCE")]
    pub claim: Option<u64>,
    /// The result: JSON, or any text, which becomes a JSON string; - reads it from the standard input
    #[arg(long, value_name = "RESULT")]
    pub result: Option<String>,
    /// Accept, as an operator, the result that came too late with this sequence
    #[arg(long, value_name = "SEQUENCE", conflicts_with_all = ["result", "claim", "session"])]
    pub accept: Option<u64>,
    #[command(flatten)]
    pub by: By,
}

impl Complete {
    /// The agent's process.
    pub fn session(&self) -> Option<String> {
        session(self.agent.as_ref()?, self.session.as_ref())
    }
}

#[derive(Debug, Group)]
pub struct Fail {
    /// The task
    #[arg(env = "MJWORK_TASK_ID", hide_env = true)]
    pub task: TaskId,
    #[command(flatten)]
    pub who: Who,
    /// The sequence of the claim that one holds
    #[arg(long, value_name = "SEQUENCE")]
    pub claim: Option<u64>,
    /// What went wrong; - reads it from the standard input
    #[arg(long, value_name = "TEXT")]
    pub error: String,
    /// Whether another attempt may do better
    #[arg(long, value_enum, default_value_t = Kind::Retryable)]
    pub kind: Kind,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Kind {
    /// Another attempt may do better
    Retryable,
    /// No attempt will
    Fatal,
    /// Later it may go
    RateLimited,
}

impl From<Kind> for FailureKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Retryable => Self::Retryable,
            Kind::Fatal => Self::Fatal,
            Kind::RateLimited => Self::RateLimited,
        }
    }
}

/// Which operator acts.
#[derive(Debug, Group)]
pub struct By {
    /// Who does it [default: the name of the user]
    #[arg(long, env = "MJWORK_AGENT", value_name = "NAME")]
    by: Option<String>,
}

impl By {
    /// Who does it.
    pub fn name(&self) -> String {
        let user = || ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        self.by.clone().or_else(user).unwrap_or_else(|| "operator".to_owned())
    }
}

#[derive(Debug, Group)]
pub struct Requeue {
    /// The task
    pub task: TaskId,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Only if the task has still this version
    #[arg(long, value_name = "VERSION")]
    pub after: Option<u64>,
    #[command(flatten)]
    pub by: By,
}

#[derive(Debug, Group)]
pub struct Cancel {
    /// The task
    pub task: TaskId,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Only if the task has still this version
    #[arg(long, value_name = "VERSION")]
    pub after: Option<u64>,
    #[command(flatten)]
    pub by: By,
}

#[derive(Debug, Group)]
pub struct Say {
    /// What is said; several words are put together, and - reads it from the standard input
    #[arg(required = true, action = ArgAction::Append)]
    pub message: Vec<String>,
    /// Who says it
    #[arg(long, env = "MJWORK_AGENT", value_name = "NAME")]
    pub agent: AgentId,
}

#[derive(Debug, Group)]
pub struct Heartbeat {
    #[command(flatten)]
    pub who: Who,
    /// What it does, in a word
    #[arg(long, value_name = "TEXT")]
    pub status: Option<String>,
    /// The task that it works on
    #[arg(long)]
    pub task: Option<TaskId>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// How long until its next heartbeat [default: 30s]
    #[arg(long, value_parser = parse_duration, value_name = "TIME")]
    pub interval: Option<Duration>,
}

fn parse_percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').trim().parse() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("it is a number from 0 to 100".to_owned()),
    }
}

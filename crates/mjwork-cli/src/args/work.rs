//! The words of `work`.

use crate::output::parse_duration;
use clap::Args as Group;
use mjwork::AgentId;
use std::num::NonZeroUsize;
use std::time::Duration;

#[derive(Debug, Group)]
#[command(after_long_help = CONTRACT)]
pub struct Work {
    /// The agent's name; results that could not be sent outlive this process under a given name only [default: the
    /// machine's name and the number of the process]
    #[arg(long, env = "MJWORK_AGENT", value_name = "NAME")]
    pub name: Option<AgentId>,
    /// What the agent is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// So many tasks at a time
    #[arg(long, short, value_name = "N", default_value = "1")]
    pub parallel: NonZeroUsize,
    /// End the command of a task that takes longer, and fail the task
    #[arg(long, value_parser = parse_duration, value_name = "TIME")]
    pub timeout: Option<Duration>,
    /// So long a command has to end when it is asked to (SIGTERM), before it is made to (SIGKILL)
    #[arg(long, value_parser = parse_duration, default_value = "10s", value_name = "TIME")]
    pub grace: Duration,
    /// End when nothing is left that could ever be claimed
    #[arg(long)]
    pub until_idle: bool,
    /// End after so many tasks
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Between two heartbeats [default: 30s]
    #[arg(long, value_parser = parse_duration, value_name = "TIME")]
    pub interval: Option<Duration>,
    /// Say nothing of each task, nor what its command writes to its standard error
    #[arg(long, short)]
    pub quiet: bool,
    /// The command and its words
    #[arg(required = true, last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

const CONTRACT: &str = "\
The command finds the task as JSON on its standard input, and in its environment:
  MJWORK_TASK_ID, MJWORK_TITLE, MJWORK_DESCRIPTION, MJWORK_PRIORITY, MJWORK_TAGS (with commas between),
  MJWORK_ATTEMPT, MJWORK_MAX_ATTEMPTS, MJWORK_CLAIM, MJWORK_AGENT, MJWORK_SESSION,
  and the server and the stream under the names that mjwork reads, so that it may call
  mjwork progress --percent 50 --note 'half of it'
A text of more than 64 KiB is cut there, and whole on the standard input.

What it writes to its standard output is the result: JSON as it is, anything else as text. Another exit code than 0
fails the task, with the end of its standard error as the error; as retryable for exit code 75, a signal or the time
limit, as fatal otherwise. It runs in a process group of its own. When the claim is lost, the time is over or the
command ends, what is left of that group is ended too.

Ctrl-C or SIGTERM: nothing more is claimed, and what runs may end. Once more: it is ended, and its tasks are released.";

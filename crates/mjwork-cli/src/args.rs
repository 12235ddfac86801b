//! The words that the command understands.

use clap::{Args as Group, Parser, Subcommand};
use mjwork::board::Status;
use mjwork::event::Subjects;
use mjwork::reader::Source;
use mjwork::{AgentId, TaskId};

/// One queue of work for fleets of agents, on one JetStream stream.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    pub connection: Connection,
    /// Print JSON instead of text for people.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 2 wrong words, 3 refused by the fold (taken, stale, not the owner ...), \
4 not connected, 5 refused by the server, 6 no answer in time.";

/// Where the queue is.
#[derive(Debug, Group)]
pub struct Connection {
    /// The NATS server.
    #[arg(long, global = true, env = "NATS_URL", default_value = "nats://127.0.0.1:4222")]
    pub server: String,
    /// The user to sign in as; nobody by default.
    #[arg(long, global = true, env = "NATS_USER")]
    pub user: Option<String>,
    /// The password of that user.
    #[arg(long, global = true, env = "NATS_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// The stream.
    #[arg(long, global = true, env = "MJWORK_STREAM", default_value = "MJ_ONLINE_WORK")]
    pub stream: String,
    /// The prefix of the subjects under which events are stored.
    #[arg(long, global = true, env = "MJWORK_PREFIX", default_value = "mjwork")]
    pub prefix: String,
    /// The prefix under which the stream sends on what it stores.
    #[arg(long, global = true, env = "MJWORK_LIVE_PREFIX", default_value = "mjboard")]
    pub live_prefix: String,
    /// The prefix of the stream API, where an account imports it under another.
    #[arg(long, global = true, env = "MJWORK_API_PREFIX", default_value = "$JS.API")]
    pub api_prefix: String,
    /// The prefix of inboxes, where a user may subscribe to one only.
    #[arg(long, global = true, env = "MJWORK_INBOX_PREFIX", default_value = "_INBOX")]
    pub inbox_prefix: String,
}

impl Connection {
    /// What is to be read.
    pub fn source(&self) -> Source {
        Source {
            stream: self.stream.clone(),
            subjects: Subjects::new(&self.prefix),
            live_prefix: self.live_prefix.clone(),
            api_prefix: self.api_prefix.clone(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the stream, or upgrade the one that is there, in place and without losing a message.
    Setup {
        /// On how many servers a new stream is kept.
        #[arg(long, default_value_t = 1)]
        replicas: u8,
    },
    /// Publish a task, or edit its definition.
    Publish(Publish),
    /// Take a task.
    Claim {
        task: TaskId,
        #[command(flatten)]
        who: Who,
    },
    /// Hand in the result of a task that one owns.
    Complete {
        task: TaskId,
        #[command(flatten)]
        who: Who,
        /// The sequence of the claim that one holds, as `claim` printed it: a task that was lost and taken anew since is
        /// then left alone. By default the claim that the task has now, if it is this agent's.
        #[arg(long)]
        claim: Option<u64>,
        /// The result: JSON, or any text, which becomes a JSON string.
        #[arg(long)]
        result: Option<String>,
    },
    /// Say once that an agent lives.
    Heartbeat(Heartbeat),
    /// Serve the queue to an agent as tools of the Model Context Protocol, on standard input and output.
    Mcp(crate::mcp::Words),
    /// Play a made fleet at work: a plan, agents, and what goes wrong.
    Simulate(crate::simulate::Words),
    /// List tasks: the most urgent and the oldest first.
    List {
        /// Only these: blocked, available, `in_progress`, failed, completed, cancelled.
        #[arg(long, value_delimiter = ',')]
        status: Vec<Status>,
    },
}

/// Who acts.
#[derive(Debug, Group)]
pub struct Who {
    /// The agent.
    #[arg(long, env = "MJWORK_AGENT")]
    pub agent: AgentId,
    /// Its process. Give one only if it sends heartbeats: without them it is taken for lost.
    #[arg(long, env = "MJWORK_SESSION")]
    pub session: Option<String>,
}

#[derive(Debug, Group)]
pub struct Publish {
    /// Its id.
    pub task: TaskId,
    /// What it is called.
    pub title: String,
    /// What is to be done, in Markdown.
    #[arg(long)]
    pub description: Option<String>,
    /// The tasks that must be completed first, with commas between.
    #[arg(long, value_delimiter = ',')]
    pub blocked_by: Vec<TaskId>,
    /// critical, high, normal or low.
    #[arg(long)]
    pub priority: Option<String>,
    /// Free labels, with commas between.
    #[arg(long, value_delimiter = ',')]
    pub tags: Vec<String>,
    /// After so many claims a lost owner's task is given up.
    #[arg(long)]
    pub max_attempts: Option<u32>,
    /// Who publishes it.
    #[arg(long, env = "MJWORK_AGENT")]
    pub by: Option<String>,
}

#[derive(Debug, Group)]
pub struct Heartbeat {
    #[command(flatten)]
    pub who: Who,
    /// What it does, in a word.
    #[arg(long)]
    pub status: Option<String>,
    /// The task that it works on.
    #[arg(long)]
    pub task: Option<TaskId>,
    /// What it is for.
    #[arg(long)]
    pub description: Option<String>,
    /// Seconds until its next heartbeat.
    #[arg(long)]
    pub interval: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_words_are_sound() {
        Args::command().debug_assert();
        let args = Args::parse_from(["mjwork", "list", "--status", "failed,in_progress", "--json"]);
        assert!(args.json);
        assert!(
            matches!(args.command, Command::List { status } if status == [Status::Failed, Status::InProgress])
        );
        assert!(Args::try_parse_from(["mjwork", "claim", "t", "--agent", "a.b"]).is_err());
    }
}

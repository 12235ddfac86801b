//! The words that the command understands.

mod acts;
mod connection;
mod looks;
mod publish;
mod work;

pub use acts::{Cancel, Claim, Complete, Fail, Heartbeat, Progress, Requeue, Say};
pub use connection::Connection;
pub use looks::{Doctor, Filter, List, Log};
pub use publish::{Format, Publish};
pub use work::Work;

use crate::failure::EXIT_CODES;
use clap::{Parser, Subcommand};
use mjwork::TaskId;

/// One queue of work for fleets of agents, on one JetStream stream.
#[derive(Debug, Parser)]
#[command(name = "mjwork", version, propagate_version = true, max_term_width = 110, after_help = EXIT_CODES)]
pub struct Args {
    /// Print JSON for scripts instead of text for people
    #[arg(long, global = true)]
    pub json: bool,
    #[command(flatten)]
    pub connection: Connection,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the stream, or upgrade the one that is there, in place and without losing a message
    Setup {
        /// On how many servers a new stream is kept
        #[arg(long, default_value_t = 1)]
        replicas: u8,
    },
    /// Publish a task, or many from a file
    Publish(Publish),
    /// List tasks: by status, the most urgent and the oldest first
    List(List),
    /// Show all that is known of a task
    Show {
        /// The task
        #[arg(env = "MJWORK_TASK_ID", hide_env = true)]
        task: TaskId,
    },
    /// Show events as they come, one line each
    Watch(Filter),
    /// Show what happened, one line an event
    Log(Log),
    /// List agents, and whether their processes live
    Agents,
    /// Take a task
    Claim(Claim),
    /// Say how far a task is that one owns
    Progress(Progress),
    /// Hand in the result of a task that one owns, or accept a result that came too late
    Complete(Complete),
    /// Give up a task that one owns
    Fail(Fail),
    /// Put a task back that is in progress or finished
    Requeue(Requeue),
    /// Withdraw a task
    Cancel(Cancel),
    /// Say something to agents and operators
    Say(Say),
    /// Say once that an agent lives
    Heartbeat(Heartbeat),
    /// Claim tasks and run a command for each
    Work(Work),
    /// Serve the queue to an agent as tools of the Model Context Protocol, on standard input and output
    Mcp(crate::mcp::Words),
    /// Let a made fleet work on the queue, to try it out
    Simulate(crate::simulate::Words),
    /// Check the server, the stream and the user's rights, and say what to mend
    Doctor(Doctor),
    /// Print what a shell needs to complete the words of this command
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use mjwork::board::Status;
    use std::time::Duration;

    fn parse(words: &str) -> Result<Command, clap::Error> {
        let words = words.split(' ').filter(|word| !word.is_empty());
        Args::try_parse_from(std::iter::once("mjwork").chain(words)).map(|args| args.command)
    }

    #[test]
    fn the_words_are_sound() {
        Args::command().debug_assert();
        let args = Args::parse_from(["mjwork", "list", "--status", "failed,in_progress", "--json"]);
        assert!(args.json);
        assert!(
            matches!(args.command, Command::List(list) if list.status == [Status::Failed, Status::InProgress])
        );
        assert!(parse("claim t --agent a.b").is_err());
    }

    #[test]
    fn what_belongs_together_is_asked_for_together() {
        for good in [
            "publish t T --blocked-by a,b --priority high",
            "publish --file tasks.csv",
            "publish --file - --format csv --edit",
            "claim t --agent a",
            "claim --next --agent a --wait 30s",
            "complete t --agent a --result {}",
            "complete t --accept 17",
            "work -- sh -c true",
            "work --name a --parallel 2 --timeout 10m --until-idle -- true",
            "log --task t --since 1h --limit 10 --follow",
        ] {
            assert!(parse(good).is_ok(), "{good}: {:?}", parse(good).map(drop));
        }
        for bad in [
            "publish t",
            "publish t T --file f",
            "publish",
            "publish --file f --priority high",
            "claim --agent a",
            "claim t --next --agent a",
            "complete t",
            "complete t --accept 17 --result 1",
            "work --parallel 0 -- true",
            "work",
            "list --status done",
            "progress t --agent a",
            "progress t --agent a --percent 101",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_words_of_the_command_of_work_are_its_own() {
        let Ok(Command::Work(work)) = parse("work --timeout 90 -- cmd --json -- -x") else { panic!() };
        assert_eq!(work.command, ["cmd", "--json", "--", "-x"]);
        assert_eq!(work.timeout, Some(Duration::from_secs(90)));
    }
}

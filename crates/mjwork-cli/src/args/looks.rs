//! The words of commands that only look.

use crate::output::parse_duration;
use clap::Args as Group;
use mjwork::board::Status;
use mjwork::{AgentId, TaskId};
use std::time::Duration;

#[derive(Debug, Group)]
pub struct List {
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "STATUS",
        help = "Only these: blocked, available, in_progress, failed, completed, cancelled"
    )]
    pub status: Vec<Status>,
    /// Only those of this agent
    #[arg(long, value_name = "AGENT")]
    pub owner: Option<AgentId>,
    /// Only those with this tag
    #[arg(long)]
    pub tag: Option<String>,
    /// So many at the most
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which events are shown.
#[derive(Clone, Debug, Default, Group)]
pub struct Filter {
    /// Only those about this task
    #[arg(long)]
    pub task: Option<TaskId>,
    /// Only those of this agent
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
    /// Heartbeats too
    #[arg(long)]
    pub heartbeats: bool,
}

#[derive(Debug, Group)]
pub struct Log {
    #[command(flatten)]
    pub filter: Filter,
    /// Only those since then: an age, as 10m or 1d, or a date, as 2026-11-24T09:30
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only so many of the newest
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Then show events as they come
    #[arg(long, short)]
    pub follow: bool,
}

#[derive(Debug, Group)]
pub struct Doctor {
    /// Wait so long for a live event, where anything is stored meanwhile
    #[arg(long, value_parser = parse_duration, default_value = "2s", value_name = "TIME")]
    pub listen: Duration,
}

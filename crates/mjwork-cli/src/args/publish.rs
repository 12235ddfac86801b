//! The words of `publish`.

use super::acts::By;
use clap::{Args as Group, ValueEnum};
use mjwork::TaskId;
use std::path::PathBuf;

#[derive(Debug, Group)]
#[command(after_long_help = FILES)]
pub struct Publish {
    /// Its id
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub task: Option<TaskId>,
    /// What it is called
    #[arg(required_unless_present = "file")]
    pub title: Option<String>,
    /// What is to be done, in Markdown; - reads it from the standard input
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    pub description: Option<String>,
    /// The tasks that must be completed first, with commas between
    #[arg(long, value_delimiter = ',', value_name = "TASKS", conflicts_with = "file")]
    pub blocked_by: Vec<TaskId>,
    /// critical, high, normal or low
    #[arg(long, conflicts_with = "file")]
    pub priority: Option<String>,
    /// Free labels, with commas between
    #[arg(long, value_delimiter = ',', conflicts_with = "file")]
    pub tags: Vec<String>,
    /// After so many claims a lost owner's task is given up [default: 3]
    #[arg(long, value_name = "N", conflicts_with = "file")]
    pub max_attempts: Option<u32>,
    /// Publish the tasks of this file: JSON, JSON lines or CSV; - is the standard input
    #[arg(long, short, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What the file is, where its name and its beginning do not tell
    #[arg(long, value_enum, requires = "file")]
    pub format: Option<Format>,
    /// Replace the definition of tasks that are there already
    #[arg(long)]
    pub edit: bool,
    #[command(flatten)]
    pub by: By,
}

/// What a file of tasks is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A list of objects, or one object
    Json,
    /// An object a line
    Jsonl,
    /// A heading and a task a line; commas stand between the entries of a list
    Csv,
}

impl From<Format> for mjwork::import::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Jsonl => Self::Jsonl,
            Format::Csv => Self::Csv,
        }
    }
}

const FILES: &str = "\
Files: the fields are task_id and title, and where they are wanted description, blocked_by, priority, tags and
max_attempts. The first line of a CSV file names its columns. All tasks are checked before the first is published,
and everything that is wrong is said at once; then nothing is published.";

//! What each command does: a file for each family of them.

mod agents;
mod claim;
mod doctor;
mod list;
mod log;
mod operate;
mod own;
mod publish;
mod say;
mod setup;
mod show;
mod work;

use crate::args::{Args, Command};
use crate::connect::{self, Line, Settings};
use crate::failure::Failure;
use crate::output::{Out, TaskObject};
use crate::session::Session;
use clap::CommandFactory as _;
use mjwork::TaskId;
use serde::Serialize;

/// Does what `args` say.
pub async fn run(args: Args) -> Result<(), Failure> {
    let Args { connection, json, command } = args;
    let mut out = Out::new(json);
    match command {
        Command::Completions { shell } => completions(shell, &mut out),
        Command::Doctor(words) => doctor::doctor(connect::settings(&connection)?, &words, &mut out).await,
        Command::Work(words) => work::work(connect::settings(&connection)?, words, &mut out).await,
        Command::Mcp(words) => crate::mcp::run(connect::settings(&connection)?, words).await,
        Command::Simulate(words) => crate::simulate::run(connect::settings(&connection)?, words, json).await,
        command => {
            let settings = connect::settings(&connection)?;
            let line = connect::connect(&settings).await?;
            let mut denied = line.clone();
            tokio::select! {
                done = act(command, settings, &line, &mut out) => done,
                failure = denied.denied() => Err(failure),
            }
        }
    }
}

async fn act(command: Command, settings: Settings, line: &Line, out: &mut Out) -> Result<(), Failure> {
    if let Command::Setup { replicas } = command {
        return setup::setup(&settings, line, replicas, out).await;
    }
    if let Command::Log(words) = command {
        return log::log(line, settings.source, words, out).await;
    }
    let session = Session::open(line, settings.source).await?;
    match command {
        Command::Publish(words) => publish::publish(&session, words, out).await,
        Command::List(words) => list::list(&session, &words, out),
        Command::Show { task } => show::show(&session, &task, out),
        Command::Watch(filter) => log::watch(&session, filter, out).await,
        Command::Agents => agents::agents(&session, out),
        Command::Claim(words) => claim::claim(&session, &words, out).await,
        Command::Progress(words) => own::progress(&session, &words, out).await,
        Command::Complete(words) => own::complete(&session, &words, out).await,
        Command::Fail(words) => own::fail(&session, &words, out).await,
        Command::Requeue(words) => operate::requeue(&session, &words, out).await,
        Command::Cancel(words) => operate::cancel(&session, &words, out).await,
        Command::Say(words) => say::say(&session, &words, out).await,
        Command::Heartbeat(words) => say::heartbeat(&session, &words, out).await,
        // Done above: these need no board, or make their own.
        Command::Setup { .. }
        | Command::Log(_)
        | Command::Completions { .. }
        | Command::Doctor(_)
        | Command::Mcp(_)
        | Command::Simulate(_)
        | Command::Work(_) => Ok(()),
    }
}

fn completions(shell: clap_complete::Shell, out: &mut Out) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "mjwork", &mut script);
    out.line(format_args!("{}", String::from_utf8_lossy(&script).trim_end()))
}

/// A task after an act, with the sequence of the act.
#[derive(Serialize)]
struct Acted<'a> {
    #[serde(flatten)]
    task: TaskObject<'a>,
    seq: u64,
    /// Only where it is so: nothing needed to be stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unchanged: bool,
}

/// Says what came of an act: an event changed a task, or was right and changed nothing.
fn acted(session: &Session, id: &TaskId, seq: u64, out: &mut Out) -> Result<(), Failure> {
    stands(session, id, seq, false, out)
}

/// Says how a task stands after an act; `unchanged` where it stood so before.
fn stands(session: &Session, id: &TaskId, seq: u64, unchanged: bool, out: &mut Out) -> Result<(), Failure> {
    let task = session.task(id)?;
    if out.is_json() {
        return session.mirror.read(|board| {
            out.object(&Acted { task: TaskObject::new(board, &task, board.last_time()), seq, unchanged })
        });
    }
    let owner = task.owner.as_ref().map_or(String::new(), |owner| format!(", owner {}", owner.agent));
    let status = crate::output::of_status(task.status).show(task.status);
    let there = if unchanged { "there already as it is, " } else { "" };
    out.line(format_args!(
        "{}: {there}{status}{owner} (sequence {seq}, version {})",
        crate::output::clip(id.as_str()),
        task.version
    ))
}

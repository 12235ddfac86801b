//! One task: its command is run, and what comes of it handed in.

use super::child::{Left, Running};
use super::program::Program;
use super::signals::Stage;
use crate::failure::Failure;
use crate::output::{TaskObject, clip, tell};
use crate::result;
use mjwork::board::Status;
use mjwork::{Claim, FailureKind, HoldError, Lost, Sequence, TaskId, WorkerClient};
use nix::sys::signal::Signal;
use serde_json::value::RawValue;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The exit code by which a program says that another attempt may do better: `EX_TEMPFAIL` of sysexits.h.
const TRY_AGAIN: i32 = 75;
/// A text of more bytes is cut in the environment, where the system takes 128 KiB at the most.
const VARIABLE: usize = 64 * 1_024;
/// What a completion is beside its result: ids of up to 256 characters, names, headers.
const ENVELOPE: usize = 4_096;
/// So long the server has to hear what became of a task when the worker is told to stop at once.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What is the same for every task.
pub struct Rules {
    pub program: Program,
    /// Where the queue is, for a child that uses this command.
    pub environment: Vec<(&'static str, String)>,
    pub timeout: Option<Duration>,
    pub grace: Duration,
    pub quiet: bool,
    /// The largest message that the server takes, in bytes.
    pub max_payload: usize,
}

/// What became of a task.
pub struct Report {
    pub task: TaskId,
    pub claim: Sequence,
    pub attempt: u32,
    pub took: Duration,
    pub ended: Ended,
}

/// How a task ended for this worker.
#[derive(Debug)]
pub enum Ended {
    Completed,
    Failed(String),
    Lost(String),
    Released(String),
}

impl Ended {
    /// Why, where there is anything to say.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Completed => None,
            Self::Failed(why) | Self::Lost(why) | Self::Released(why) => Some(why),
        }
    }
}

/// Why the command no longer runs.
enum Stop {
    Ended(ExitStatus),
    /// It finished its task itself.
    Itself(Status),
    Broken(std::io::Error),
    TimedOut,
    Lost(Lost),
    Told,
}

/// Runs the command for a task. The error is the worker's own: then there is no point in going on.
pub async fn run(
    worker: WorkerClient,
    claim: Claim,
    rules: Arc<Rules>,
    mut stage: watch::Receiver<Stage>,
) -> Result<Report, Failure> {
    let start = Instant::now();
    let (id, seq, attempt) = (claim.id().clone(), claim.seq(), claim.task().attempts);
    let limit = rules.max_payload.saturating_sub(ENVELOPE);
    let input = worker.mirror().read(|board| {
        serde_json::to_vec(&TaskObject::new(board, claim.task(), board.last_time())).unwrap_or_default()
    });
    let environment = environment(&worker, &claim, &rules);
    let (label, quiet) = (clip(id.as_str()), rules.quiet);
    let line = move |line: &str| {
        if !quiet {
            tell(format_args!("{label} | {}", clip(&line.replace('\t', "    "))));
        }
    };
    let mut running = match Running::start(&rules.program, &environment, input, limit + 1, line) {
        Ok(running) => running,
        Err(error) => {
            let words = format!("{} cannot be run: {error}", rules.program.path.display());
            // It is given back in any case: a claim that is dropped is.
            let _ = claim.release(Some(&words)).await;
            return Err(Failure::CannotRun(words));
        }
    };
    let stop = supervise(&worker, &claim, &mut running, &rules, &mut stage).await;
    running.end(rules.grace).await;
    let left = running.left().await;
    let ended = tokio::select! {
        ended = hand_in(claim, stop, left, &rules, limit) => ended,
        // What was to be handed in waits on disk, and is sent by whoever works under this name next.
        () = killed(&mut stage) => Ended::Released("the server could not be told".into()),
    };
    Ok(Report { task: id, claim: seq, attempt, took: start.elapsed(), ended })
}

/// Waits until the command no longer runs, or no longer should.
async fn supervise(
    worker: &WorkerClient,
    claim: &Claim,
    running: &mut Running,
    rules: &Rules,
    stage: &mut watch::Receiver<Stage>,
) -> Stop {
    let time_is_over = async {
        match rules.timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    let lost = async {
        match claim.lost().await {
            // By the command itself, which calls `mjwork complete`: it may end as it likes.
            Lost::Finished { by } if by.as_deref() == Some(worker.agent().as_str()) => {
                std::future::pending().await
            }
            lost => lost,
        }
    };
    tokio::select! {
        ended = running.wait() => match claim_is_over(worker, claim) {
            Some(status) => Stop::Itself(status),
            None => ended.map_or_else(Stop::Broken, Stop::Ended),
        },
        lost = lost => Stop::Lost(lost),
        () = time_is_over => Stop::TimedOut,
        _ = stage.wait_for(|stage| *stage == Stage::Kill) => Stop::Told,
    }
}

/// How the command ended its task itself, if it did.
fn claim_is_over(worker: &WorkerClient, claim: &Claim) -> Option<Status> {
    worker.mirror().read(|board| {
        let task = board.task(claim.id().as_str())?;
        let mine = task.owner.as_ref().is_some_and(|owner| owner.agent == *worker.agent());
        let ended = matches!(task.status, Status::Completed | Status::Failed)
            && task.attempts == claim.task().attempts;
        (mine && ended).then_some(task.status)
    })
}

/// Waits until the worker is told to stop at once, and then a little for the server.
async fn killed(stage: &mut watch::Receiver<Stage>) {
    let told = stage.wait_for(|stage| *stage == Stage::Kill).await.is_ok();
    if told {
        tokio::time::sleep(LAST_WORDS).await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// Says what came of it.
async fn hand_in(claim: Claim, stop: Stop, left: Left, rules: &Rules, limit: usize) -> Ended {
    let (error, kind) = match stop {
        Stop::Ended(status) if status.success() => match output(&left, limit) {
            Ok(result) => {
                return match claim.complete(result).await {
                    Ok(_) => Ended::Completed,
                    Err(error) => not_taken(error),
                };
            }
            Err(error) => (error, FailureKind::Fatal),
        },
        Stop::Ended(status) => {
            let again = status.code().is_none_or(|code| code == TRY_AGAIN);
            let kind = if again { FailureKind::Retryable } else { FailureKind::Fatal };
            (with_tail(&ended(status), &left), kind)
        }
        Stop::TimedOut => {
            let limit = rules.timeout.unwrap_or_default();
            (
                with_tail(&format!("the command took longer than {}", span(limit)), &left),
                FailureKind::Retryable,
            )
        }
        Stop::Itself(Status::Failed) => return Ended::Failed("by the command itself".into()),
        Stop::Itself(_) => return Ended::Completed,
        Stop::Lost(lost) => return Ended::Lost(lost.to_string()),
        Stop::Told => {
            return match claim.release(Some("the worker was stopped")).await {
                Ok(()) => Ended::Released("the worker was stopped".into()),
                Err(error) => not_taken(error),
            };
        }
        Stop::Broken(error) => {
            let words = format!("the command cannot be waited for: {error}");
            // It is given back in any case: a claim that is dropped is.
            let _ = claim.release(Some(&words)).await;
            return Ended::Released(words);
        }
    };
    match claim.fail(&error, kind).await {
        Ok(_) => Ended::Failed(error),
        Err(error) => not_taken(error),
    }
}

fn output(left: &Left, limit: usize) -> Result<Option<Box<RawValue>>, String> {
    if left.stdout.size > limit {
        return Err(result::too_large(left.stdout.size, limit));
    }
    result::of_output(&left.stdout.bytes, limit)
}

fn not_taken(error: HoldError) -> Ended {
    match error {
        HoldError::Refused { refusal, late: Some(late) } => {
            Ended::Lost(format!("{refusal}; its result is kept as {late}, which an operator can accept"))
        }
        HoldError::Refused { refusal, late: None } => Ended::Lost(refusal.to_string()),
        error => Ended::Released(error.to_string()),
    }
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal().map(Signal::try_from)) {
        (Some(code), _) => format!("the command ended with exit code {code}"),
        (None, Some(Ok(signal))) => format!("the command was ended by {signal}"),
        _ => format!("the command ended with {status}"),
    }
}

/// What happened, and below it the last that the command said of it.
fn with_tail(words: &str, left: &Left) -> String {
    if left.stderr.is_empty() { words.to_owned() } else { format!("{words}\n{}", left.stderr) }
}

fn span(duration: Duration) -> String {
    if duration.as_secs() < 10 { format!("{duration:?}") } else { crate::output::age(duration) }
}

/// What the command finds in its environment.
fn environment(worker: &WorkerClient, claim: &Claim, rules: &Rules) -> Vec<(&'static str, String)> {
    let task = claim.task();
    let definition = &task.definition;
    let mut environment = rules.environment.clone();
    environment.extend([
        ("MJWORK_TASK_ID", variable(task.id.as_str())),
        ("MJWORK_TITLE", variable(&definition.title)),
        ("MJWORK_DESCRIPTION", variable(definition.description.as_deref().unwrap_or_default())),
        ("MJWORK_PRIORITY", variable(definition.priority.as_str())),
        ("MJWORK_TAGS", variable(&definition.tags.join(","))),
        ("MJWORK_ATTEMPT", task.attempts.to_string()),
        ("MJWORK_MAX_ATTEMPTS", definition.max_attempts.to_string()),
        ("MJWORK_CLAIM", claim.seq().to_string()),
        ("MJWORK_AGENT", worker.agent().to_string()),
        ("MJWORK_SESSION", worker.session().to_owned()),
    ]);
    environment
}

/// A text as the environment can hold it: without zero bytes, and not too long. Else a task could keep every command
/// from being started, and so stop every worker.
fn variable(text: &str) -> String {
    let end = (0..=VARIABLE.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(0)].replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_a_task_keeps_no_command_from_being_started() {
        let long = "ü".repeat(VARIABLE);
        let cut = variable(&long);
        assert!(cut.len() <= VARIABLE && long.starts_with(&cut));
        assert_eq!(variable("a\0b"), "a\u{fffd}b");
    }

    #[test]
    fn how_a_command_ended_is_a_sentence() {
        assert_eq!(ended(ExitStatus::from_raw(3 << 8)), "the command ended with exit code 3");
        assert_eq!(ended(ExitStatus::from_raw(9)), "the command was ended by SIGKILL");
        assert_eq!(
            (span(Duration::from_millis(1_500)), span(Duration::from_secs(90))),
            ("1.5s".into(), "1 min".into())
        );
    }
}

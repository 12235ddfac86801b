//! `work -- COMMAND…`: an agent made of any program. Claims tasks and runs the command for each.

mod child;
mod program;
mod signals;
mod task;

use crate::args::Work;
use crate::connect::{Line, Settings, connect};
use crate::failure::Failure;
use crate::output::{Out, Paint, age, clip, plural, tell, warn};
use crate::session::Session;
use mjwork::{AgentId, Claim, ClaimError, WorkerClient, WorkerError};
use program::Program;
use serde_json::json;
use signals::{Signals, Stage};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use task::{Ended, Report, Rules};
use tokio::task::JoinSet;

/// Between two tries when a claim could not be sent.
const RETRY: Duration = Duration::from_secs(1);
/// So long the server has to hear that the worker stops.
const LAST_WORDS: Duration = Duration::from_secs(10);

pub async fn work(settings: Settings, words: Work, out: &mut Out) -> Result<(), Failure> {
    // Found out before anything is claimed: that it cannot be run is no task's fault.
    let program = Program::find(&words.command)?;
    let mut signals = Signals::listen()?;
    let mut line = connect(&settings).await?;
    let mut denied = line.clone();
    let worker = tokio::select! {
        worker = start(&settings, &line, &words) => worker?,
        failure = denied.denied() => return Err(failure),
    };
    let rules = Arc::new(Rules {
        environment: settings.to_environment(),
        program,
        timeout: words.timeout,
        grace: words.grace,
        quiet: words.quiet,
        max_payload: line.client.max_payload(),
    });
    if !words.quiet {
        let idle = if words.until_idle { "until nothing is left" } else { "until Ctrl-C" };
        tell(format_args!(
            "{}: works {idle}, {} at a time",
            worker.agent(),
            plural(words.parallel.get(), "task")
        ));
    }
    let mut fleet = Fleet { worker: worker.clone(), rules, running: JoinSet::new(), tally: Tally::default() };
    let done = tokio::select! {
        done = fleet.work(&words, &mut signals, out) => done,
        failure = line.denied() => Err(failure),
    };
    let done = match done {
        Ok(()) => Ok(()),
        Err(failure) => {
            // What runs has nobody to hand its results to, or will be unheard: its groups end with their futures.
            signals.set(Stage::Kill);
            fleet.drain(out).await;
            Err(failure)
        }
    };
    // Where the server cannot be told, it finds out by itself.
    let _ = tokio::time::timeout(LAST_WORDS, worker.stop()).await;
    if !words.quiet {
        tell(format_args!("{}: {}", worker.agent(), fleet.tally));
    }
    done
}

async fn start(settings: &Settings, line: &Line, words: &Work) -> Result<WorkerClient, Failure> {
    let session = Session::open(line, settings.source.clone()).await?;
    let host = gethostname::gethostname().to_string_lossy().into_owned();
    let mut builder = WorkerClient::builder(match &words.name {
        Some(name) => name.clone(),
        None => unnamed(&host, std::process::id())?,
    });
    builder = builder.host(host).version(concat!("mjwork ", env!("CARGO_PKG_VERSION")));
    if let Some(description) = &words.description {
        builder = builder.description(description);
    }
    if let Some(interval) = words.interval {
        builder = builder.interval(interval);
    }
    if words.name.is_none() {
        // Nobody will ever go by that name again, and so nobody would send what waits there.
        builder = builder.no_spool();
    }
    builder.start(session.mirror).await.map_err(|error| match error {
        WorkerError::Read(fault) => fault.into(),
        WorkerError::Send(error) => error.into(),
        WorkerError::Spool { .. } | WorkerError::Name(_) => Failure::Usage(error.to_string()),
        other => Failure::NotConnected(other.to_string()),
    })
}

/// The name of an agent that was given none: its machine's, and the number of its process.
fn unnamed(host: &str, process: u32) -> Result<AgentId, Failure> {
    let fits = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let host: String = host.chars().map(fits).take(50).collect();
    AgentId::new(format!("{}-{process}", if host.is_empty() { "worker" } else { &host }))
        .map_err(|rule| Failure::Usage(format!("give a --name: {rule}")))
}

/// What became of so many tasks.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    completed: usize,
    failed: usize,
    lost: usize,
    released: usize,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} completed, {} failed", self.completed, self.failed)?;
        for (count, word) in [(self.lost, "lost"), (self.released, "released")] {
            if count > 0 {
                write!(f, ", {count} {word}")?;
            }
        }
        Ok(())
    }
}

type Claiming = Pin<Box<dyn Future<Output = Result<Claim, ClaimError>> + Send>>;

/// The tasks that run, and what became of those that did.
struct Fleet {
    worker: WorkerClient,
    rules: Arc<Rules>,
    running: JoinSet<Result<Report, Failure>>,
    tally: Tally,
}

impl Fleet {
    /// Works until there is nothing left to do, or until somebody says stop.
    async fn work(&mut self, words: &Work, signals: &mut Signals, out: &mut Out) -> Result<(), Failure> {
        let mut claiming: Option<Claiming> = None;
        let mut left = words.limit.unwrap_or(usize::MAX);
        loop {
            let stage = signals.stage();
            if stage != Stage::Work || left == 0 {
                // A claim on its way is given back.
                claiming = None;
                if self.running.is_empty() {
                    return Ok(());
                }
            } else if claiming.is_none() && self.running.len() < words.parallel.get() {
                let worker = self.worker.clone();
                claiming = Some(Box::pin(async move { worker.claim_next().await }));
            }
            let until_idle = words.until_idle && stage == Stage::Work && self.running.is_empty();
            tokio::select! {
                // In this order, so that a task that was claimed is not passed over.
                biased;
                claim = next(&mut claiming) => {
                    claiming = None;
                    match claim {
                        Ok(claim) => {
                            left -= 1;
                            self.begin(claim, signals);
                        }
                        Err(ClaimError::Refused(_)) => {}
                        Err(ClaimError::Stopped) => return Ok(()),
                        Err(error) => {
                            warn(&format!("{error}; trying again"));
                            // No connection, most likely: to ask again at once would only fail again.
                            tokio::time::sleep(RETRY).await;
                        }
                    }
                }
                Some(ended) = self.running.join_next(), if !self.running.is_empty() => self.ended(ended, out)?,
                () = signals.changed(), if stage != Stage::Kill => self.say(signals.stage(), words),
                () = self.worker.until_idle(), if until_idle => return Ok(()),
            }
        }
    }

    fn begin(&mut self, claim: Claim, signals: &Signals) {
        if !self.rules.quiet {
            let task = claim.task();
            let attempt = match task.attempts {
                1 => String::new(),
                n => format!(" (attempt {n} of {})", task.definition.max_attempts),
            };
            tell(format_args!("{}: {}{attempt}", clip(task.id.as_str()), Paint::Dim.show("started")));
        }
        let (worker, rules, signals) = (self.worker.clone(), self.rules.clone(), signals.watch());
        self.running.spawn(task::run(worker, claim, rules, signals));
    }

    fn ended(
        &mut self,
        ended: Result<Result<Report, Failure>, tokio::task::JoinError>,
        out: &mut Out,
    ) -> Result<(), Failure> {
        let report =
            ended.map_err(|error| Failure::CannotRun(format!("a task's work broke off: {error}")))??;
        let (count, word, paint) = match &report.ended {
            Ended::Completed => (&mut self.tally.completed, "completed", Paint::Green),
            Ended::Failed(_) => (&mut self.tally.failed, "failed", Paint::Red),
            Ended::Lost(_) => (&mut self.tally.lost, "lost", Paint::Yellow),
            Ended::Released(_) => (&mut self.tally.released, "released", Paint::Yellow),
        };
        *count += 1;
        let why = report.ended.why();
        if out.is_json() {
            return out.object(&json!({
                "task_id": report.task.as_str(), "claim": report.claim, "attempt": report.attempt,
                "ended": word, "why": why, "seconds": report.took.as_secs_f64(),
            }));
        }
        if !self.rules.quiet {
            let why = why
                .map_or(String::new(), |why| format!(": {}", clip(why.lines().next().unwrap_or_default())));
            tell(format_args!(
                "{}: {}{why} ({})",
                clip(report.task.as_str()),
                paint.show(word),
                age(report.took)
            ));
        }
        Ok(())
    }

    /// Waits for what is being ended.
    async fn drain(&mut self, out: &mut Out) {
        while let Some(ended) = self.running.join_next().await {
            if let Err(failure) = self.ended(ended, out)
                && !failure.is_silent()
            {
                warn(&failure.to_string());
            }
        }
    }

    fn say(&self, stage: Stage, words: &Work) {
        let running = plural(self.running.len(), "task");
        let what = match stage {
            Stage::Finish => "may end; once more ends them",
            Stage::Kill => "ended and released",
            Stage::Work => return,
        };
        if !words.quiet && !self.running.is_empty() {
            tell(format_args!("{}: {running} {what}", self.worker.agent()));
        }
    }
}

/// The claim that is on its way; for ever, when there is none.
async fn next(claiming: &mut Option<Claiming>) -> Result<Claim, ClaimError> {
    match claiming {
        Some(claiming) => claiming.await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_name_goes_by_the_machines() {
        assert_eq!(unnamed("build-7.lab.example", 12).unwrap().as_str(), "build-7-lab-example-12");
        assert_eq!(unnamed("", 12).unwrap().as_str(), "worker-12");
        assert!(unnamed(&"x".repeat(200), u32::MAX).is_ok());
    }

    #[test]
    fn what_became_of_tasks_is_one_line() {
        assert_eq!(Tally { completed: 2, ..Tally::default() }.to_string(), "2 completed, 0 failed");
        let all = Tally { completed: 1, failed: 2, lost: 3, released: 4 };
        assert_eq!(all.to_string(), "1 completed, 2 failed, 3 lost, 4 released");
    }
}

//! What came of a simulation, counted from what the stream holds and not from what the agents believe.

use super::Fleet;
use mjwork::TaskId;
use mjwork::board::{Board, Status, Verb};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The summary, as `--json` prints it.
#[derive(Debug, Serialize)]
pub struct Report {
    seed: u64,
    agents: usize,
    /// How many tasks were planned.
    tasks: usize,
    seconds: f64,
    /// How many of them stand where.
    by_status: BTreeMap<&'static str, usize>,
    /// Claims that made somebody the owner.
    claims: usize,
    requeues: usize,
    /// Events that the fold refused.
    refused: usize,
    /// Claims among these.
    refused_claims: usize,
    completed_per_second: f64,
    /// What was done on purpose.
    mishaps: Mishaps,
    messages: usize,
}

#[derive(Debug, Serialize)]
struct Mishaps {
    failures: usize,
    stalls: usize,
    crashes: usize,
    restarts: usize,
}

impl Report {
    /// What came of the tasks of `plan`.
    pub fn of(fleet: &Fleet, board: &Board, plan: &[TaskId], took: Duration) -> Self {
        let mut by_status: BTreeMap<_, _> = Status::ALL.iter().map(|status| (status.as_str(), 0)).collect();
        let (mut claims, mut requeues, mut refused, mut refused_claims) = (0, 0, 0, 0);
        for task in plan.iter().filter_map(|id| board.task(id.as_str())) {
            *by_status.entry(task.status.as_str()).or_default() += 1;
            for entry in &task.history {
                match (entry.refused.is_some(), entry.verb) {
                    (true, verb) => {
                        refused += 1;
                        refused_claims += usize::from(verb == Verb::Claimed);
                    }
                    (false, Verb::Claimed) => claims += 1,
                    (false, Verb::Requeue) => requeues += 1,
                    _ => {}
                }
            }
        }
        let seconds = (took.as_secs_f64() * 1_000.0).round() / 1_000.0;
        let completed = u32::try_from(by_status[Status::Completed.as_str()]).unwrap_or(u32::MAX);
        let tally = &fleet.tally;
        let mishaps = Mishaps {
            failures: tally.failures.load(Ordering::Relaxed),
            stalls: tally.stalls.load(Ordering::Relaxed),
            crashes: tally.crashes.load(Ordering::Relaxed),
            restarts: tally.restarts.load(Ordering::Relaxed),
        };
        Self {
            seed: fleet.seed,
            agents: fleet.agents,
            tasks: plan.len(),
            seconds,
            by_status,
            claims,
            requeues,
            refused,
            refused_claims,
            completed_per_second: (f64::from(completed) / took.as_secs_f64().max(0.001) * 10.0).round()
                / 10.0,
            mishaps,
            messages: tally.messages.load(Ordering::Relaxed),
        }
    }

    /// Prints it.
    pub fn print(&self, json: bool) {
        if json {
            // A struct with text keys: serde_json knows no error for it.
            println!("{}", serde_json::to_string(self).unwrap_or_default());
            return;
        }
        let states = self.by_status.iter().filter(|(_, count)| **count > 0);
        let states: Vec<String> = states.map(|(status, count)| format!("{count} {status}")).collect();
        println!("{} tasks in {:.1} s: {}", self.tasks, self.seconds, states.join(", "));
        println!(
            "{} claims, {} requeues, {} events refused ({} of them claims), {:.1} tasks completed a second",
            self.claims, self.requeues, self.refused, self.refused_claims, self.completed_per_second
        );
        let Mishaps { failures, stalls, crashes, restarts } = &self.mishaps;
        println!(
            "on purpose: {failures} failures, {stalls} stalls, {crashes} crashes, {restarts} restarts; {} messages",
            self.messages
        );
    }
}

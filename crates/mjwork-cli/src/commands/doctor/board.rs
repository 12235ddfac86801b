//! What the board says: whether it can be read, and what waits for a person.

use super::Check;
use crate::output::{age, clip, count, has_gone, has_stopped, plural};
use crate::session::Session;
use mjwork::board::{Agent, Board, Liveness, Status, Task};
use mjwork::{Duration, Timestamp};
use std::collections::HashSet;

/// So many names stand in a message.
const NAMED: usize = 5;

/// That all of history was read.
pub fn history(session: &Session, took: Duration) -> Check {
    let (tasks, seq) = session.mirror.read(|board| (board.tasks().len(), board.last_seq()));
    let words = format!(
        "read up to sequence {} in {:.1} s: {}",
        count(seq),
        took.as_secs_f64(),
        plural(tasks, "task")
    );
    Check::ok("history", words)
}

/// What waits for a person.
pub fn checks(session: &Session) -> Vec<Check> {
    let now = session.now();
    let board = session.mirror.read(Board::clone);
    vec![agents(&board, now), tasks(&board, now), unreadable(&board)]
}

fn agents(board: &Board, now: Timestamp) -> Check {
    const NAME: &str = "agents";
    let at_work = board.tasks().filter(|task| task.status == Status::InProgress);
    let owners: HashSet<&str> =
        at_work.filter_map(|task| task.owner.as_ref()).map(|owner| owner.agent.as_str()).collect();
    let has_gone = |agent: &Agent| has_gone(agent, owners.contains(agent.id.as_str()));
    let stopped = board.agents().filter(|agent| has_stopped(agent)).count();
    let gone = board.agents().filter(|agent| has_gone(agent)).count();
    let there = || board.agents().filter(|agent| !has_stopped(agent) && !has_gone(agent));
    let count = |liveness| there().filter(|agent| agent.liveness(now) == liveness).count();
    let all = [Liveness::Live, Liveness::Late, Liveness::Lost, Liveness::Silent];
    let mut parts: Vec<_> = all
        .into_iter()
        .map(|liveness| (count(liveness), liveness))
        .filter(|(n, _)| *n > 0)
        .map(|(n, liveness)| format!("{} {liveness}", crate::output::count(n as u64)))
        .collect();
    if stopped > 0 {
        parts.push(format!("{stopped} stopped"));
    }
    if gone > 0 {
        parts.push(format!("{gone} gone"));
    }
    let words = if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
    if count(Liveness::Lost) == 0 {
        return Check::ok(NAME, words);
    }
    Check::warn(NAME, words, "mjwork agents says which; start them again")
}

/// What does not go on by itself.
fn tasks(board: &Board, now: Timestamp) -> Check {
    const NAME: &str = "tasks";
    let mut troubles = Vec::new();
    let mut fixes = Vec::new();
    let mut trouble = |tasks: &mut Vec<&Task>, words: &str, fix: &str| {
        if tasks.is_empty() {
            return;
        }
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        let named: Vec<_> = tasks.iter().take(NAMED).map(|task| clip(task.id.as_str())).collect();
        let more = if tasks.len() > NAMED { ", …" } else { "" };
        troubles.push(format!("{} {words} ({}{more})", plural(tasks.len(), "task"), named.join(", ")));
        fixes.push(fix.to_owned());
    };
    let of = |wanted: &dyn Fn(&Task) -> bool| board.tasks().filter(|task| wanted(task)).collect::<Vec<_>>();
    let orphaned = &mut of(&|task| board.is_orphaned(task, now));
    trouble(orphaned, "with a lost owner", "a waiting worker puts them back, or: mjwork requeue TASK");
    let stuck = &mut of(&|task| {
        task.status == Status::Blocked && board.blockers(task).iter().any(|blocker| blocker.why.is_stuck())
    });
    trouble(stuck, "blocked for good", "mjwork show TASK says by what");
    let failed = &mut of(&|task| task.status == Status::Failed);
    trouble(failed, "failed", "mjwork show TASK says why; mjwork requeue TASK tries again");
    let late = &mut of(&|task| !task.late.is_empty() && task.status != Status::Completed);
    trouble(late, "with a late result", "mjwork complete TASK --accept SEQUENCE accepts it");
    if troubles.is_empty() {
        let counts = board.counts();
        let words = format!(
            "{}, of which {} to be done",
            plural(counts.total(), "task"),
            count(board.tasks().filter(|task| !task.status.is_finished()).count() as u64)
        );
        return Check::ok(NAME, words);
    }
    Check::warn(NAME, troubles.join("\n"), fixes.join("\n"))
}

fn unreadable(board: &Board) -> Check {
    const NAME: &str = "events";
    let total = board.unreadable().total();
    let Some(newest) = board.unreadable().iter().next_back() else {
        return Check::ok(NAME, "all are readable");
    };
    let words = format!(
        "{} unreadable, the newest {} before the last event, at sequence {}: {}",
        plural(total, "event"),
        age(board.last_time().since(newest.time)),
        newest.seq,
        newest.reason
    );
    Check::warn(NAME, words, "mjwork log shows them; whoever wrote them should mend that")
}

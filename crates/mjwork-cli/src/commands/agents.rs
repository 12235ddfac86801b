//! `agents`: who is there, and whether their processes live.

use crate::failure::Failure;
use crate::output::{
    AgentObject, Cell, Out, Paint, Table, age, clip, clip_to, has_gone, has_stopped, of_liveness, tell,
};
use crate::session::Session;
use mjwork::MonitorClient;
use mjwork::board::{Board, Status};
use std::collections::HashMap;

pub fn agents(session: &Session, out: &mut Out) -> Result<(), Failure> {
    let now = session.now();
    let agents = MonitorClient::new(session.mirror.clone()).agents();
    let board = session.mirror.read(Board::clone);
    let mut tasks: HashMap<&str, Vec<&str>> = HashMap::new();
    for task in board.tasks().filter(|task| task.status == Status::InProgress) {
        if let Some(owner) = &task.owner {
            tasks.entry(owner.agent.as_str()).or_default().push(task.id.as_str());
        }
    }
    for list in tasks.values_mut() {
        list.sort_unstable();
    }
    let of = |name: &str| tasks.get(name).cloned().unwrap_or_default();
    if out.is_json() {
        let all =
            agents.iter().map(|(agent, liveness)| AgentObject::new(agent, *liveness, of(agent.id.as_str())));
        return out.object(&all.collect::<Vec<_>>());
    }
    if agents.is_empty() {
        tell(format_args!("no agents"));
        return Ok(());
    }
    let mut table = Table::new(&["AGENT", "PROCESS", "HEARTBEAT", "DONE", "FAILED", "HOST", "TASKS", "DOES"])
        .right(2)
        .right(3)
        .right(4);
    for (agent, liveness) in &agents {
        let beat = agent.beat.as_ref();
        let text = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), clip);
        let does = beat.and_then(|beat| beat.description.as_deref().or(beat.status.as_deref()));
        let tasks = of(agent.id.as_str());
        let process = if has_stopped(agent) {
            Cell::new("stopped", Paint::Dim)
        } else if has_gone(agent, !tasks.is_empty()) {
            Cell::new("gone", Paint::Dim)
        } else {
            Cell::new(liveness.to_string(), of_liveness(*liveness))
        };
        let none = if agent.promised.is_some() { "expired" } else { "never" };
        table.row([
            agent.id.to_string().into(),
            process,
            beat.map_or_else(|| none.to_owned(), |beat| format!("{} ago", age(now.since(beat.time)))).into(),
            agent.completed.to_string().into(),
            agent.failed.to_string().into(),
            clip_to(&text(beat.and_then(|beat| beat.host.as_deref())), 24).into(),
            if tasks.is_empty() { "-".into() } else { clip(&tasks.join(", ")).into() },
            text(does).into(),
        ]);
    }
    out.table(table)
}

//! Names of agents that are not taken.

use mjwork::board::{Board, Liveness};
use mjwork::{AgentId, Timestamp};

/// At most so many characters make an agent's name.
const CHARS: usize = 64;

/// The name, or the name with the first number that no living process goes by. Two windows of one program are easily
/// set up with the same name, and a second process under a name has the first taken for dead.
pub fn free(board: &Board, wanted: &AgentId, now: Timestamp) -> AgentId {
    let numbered = (2..1_000_u32).filter_map(|number| {
        let end = format!("-{number}");
        AgentId::new(format!("{}{end}", &wanted.as_str()[..wanted.as_str().len().min(CHARS - end.len())]))
            .ok()
    });
    let mut names = std::iter::once(wanted.clone()).chain(numbered);
    names.find(|name| !lives(board, name, now)).unwrap_or_else(|| wanted.clone())
}

/// Whether a process goes by that name, as far as one can know.
fn lives(board: &Board, name: &AgentId, now: Timestamp) -> bool {
    let Some(agent) = board.agent(name.as_str()) else { return false };
    let stopped = agent.beat_at(now).is_some_and(|beat| beat.status.as_deref() == Some("stopped"));
    !stopped && matches!(agent.liveness(now), Liveness::Live | Liveness::Late)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::event::{Event, Topic};

    #[test]
    fn a_name_is_free_when_nobody_lives_by_it() {
        let long = "x".repeat(CHARS);
        let now = Timestamp::from_secs(1_000);
        let mut board = Board::new();
        let beats =
            [("Ada", 990, "busy"), ("Ada-2", 999, "busy"), ("Bob", 800, "busy"), ("Eve", 999, "stopped")];
        for (seq, (name, time, status)) in (1..).zip(beats.into_iter().chain([(long.as_str(), 999, "idle")]))
        {
            let body = format!(r#"{{"agent_id": "{name}", "status": "{status}"}}"#);
            let event = Event::decode(Topic::Heartbeat(name), body.as_bytes());
            board.apply(seq, Timestamp::from_secs(time), &format!("mjwork.heartbeat.{name}"), &event);
        }
        let free = |name: &str| free(&board, &AgentId::new(name).unwrap(), now).to_string();
        assert_eq!(free("Ada"), "Ada-3");
        assert_eq!(free("Bob"), "Bob", "lost long ago");
        assert_eq!(free("Eve"), "Eve", "signed off");
        assert_eq!(free("Zoe"), "Zoe");
        assert_eq!(free(&long), format!("{}-2", &long[..62]));
    }
}

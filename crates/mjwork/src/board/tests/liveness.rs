//! The three clocks, and who is lost.

use super::*;
use Liveness::{Late, Live, Lost, Silent};

const NEW: (&str, &str) = ("tasks.available", r#"{"task_id":"t","title":"T"}"#);

fn beat(world: &mut World, seq: Sequence, session: &str) {
    world.publish_at(seq, "heartbeat.a", &format!(r#"{{"agent_id":"a","session":"{session}"}}"#));
}

fn owner(world: &World, now: i64) -> Liveness {
    let task = world.board.task("t").unwrap();
    world.board.owner_liveness(task, at(now)).unwrap()
}

#[test]
fn an_agent_is_live_late_then_lost() {
    let mut world = World::new();
    beat(&mut world, 1, "s");
    let agent = world.board.agent("a").unwrap();
    let ages = [(0, Live), (45, Live), (46, Late), (90, Late), (91, Lost), (300, Lost)];
    for (age, liveness) in ages {
        assert_eq!(agent.liveness(at(1 + age)), liveness, "{age} s");
    }
}

#[test]
fn an_agent_sets_its_own_interval() {
    let mut world = World::new();
    world.publish("heartbeat.a", r#"{"agent_id":"a","interval_s":2}"#);
    let agent = world.board.agent("a").unwrap();
    assert_eq!([3, 6, 7].map(|age| agent.liveness(at(1 + age))), [Live, Late, Lost]);
    // Hostile intervals are bounded.
    for interval in ["1e300", "0.000001"] {
        world.publish("heartbeat.a", &format!(r#"{{"agent_id":"a","interval_s":{interval}}}"#));
        let _ = world.board.agent("a").unwrap().liveness(at(i64::MAX / 2_000_000_000));
    }
    for interval in ["0", "-1", "\"x\""] {
        world.publish("heartbeat.a", &format!(r#"{{"agent_id":"a","interval_s":{interval}}}"#));
    }
    assert_eq!(world.board.unreadable().total(), 3);
}

#[test]
fn an_owner_that_never_beat_is_silent_unless_it_promised_to() {
    let mut world = World::new();
    world.all(&[NEW, ("tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#)]);
    assert_eq!(owner(&world, 10_000), Silent);
    let mut world = World::new();
    world.all(&[NEW, ("tasks.claimed", r#"{"task_id":"t","agent_id":"a","session":"s"}"#)]);
    assert_eq!([10, 60, 100].map(|now| owner(&world, now)), [Live, Late, Lost]);
}

#[test]
fn the_clocks_start_at_the_claim() {
    let mut world = World::new();
    beat(&mut world, 1, "s");
    world.publish_at(200, NEW.0, NEW.1);
    world.publish_at(201, "tasks.claimed", r#"{"task_id":"t","agent_id":"a","session":"s"}"#);
    assert_eq!(owner(&world, 202), Live, "its last beat is old, but it has just claimed");
    assert_eq!(owner(&world, 300), Lost);
}

#[test]
fn a_new_session_is_a_restart_and_the_old_one_is_lost_at_once() {
    let mut world = World::new();
    beat(&mut world, 1, "s1");
    world.all(&[NEW, ("tasks.claimed", r#"{"task_id":"t","agent_id":"a","session":"s1"}"#)]);
    assert_eq!(owner(&world, 4), Live);
    beat(&mut world, 4, "s2");
    assert_eq!(owner(&world, 4), Lost);
    assert!(world.board.is_orphaned(world.board.task("t").unwrap(), at(4)));
    assert_eq!(world.board.agent("a").unwrap().liveness(at(4)), Live, "the agent itself lives");
}

#[test]
fn a_beat_counts_as_long_as_the_stream_keeps_it() {
    let mut world = World::new();
    beat(&mut world, 1, "s");
    assert_eq!(world.board.agent("a").unwrap().liveness(at(302)), Silent, "a fresh reader would not know it");
    assert_eq!(world.board.forget(at(301), secs(0)).agents.len(), 0);
    assert_eq!(world.board.forget(at(302), secs(0)).agents.len(), 1);
    assert!(world.board.agent("a").is_none());
}

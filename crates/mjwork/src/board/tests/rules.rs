//! The rules under the truth table: blockers, gaps and repeats, bodies that cannot be read, and forgetting.

use super::*;
use crate::event::Reason;

fn new(id: &str, blocked_by: &[&str]) -> String {
    format!(r#"{{"task_id":"{id}","title":"{id}","blocked_by":{blocked_by:?}}}"#)
}

fn run(world: &mut World, id: &str) {
    world.publish("tasks.claimed", &format!(r#"{{"task_id":"{id}","agent_id":"a"}}"#));
    world.publish("tasks.completed", &format!(r#"{{"task_id":"{id}","agent_id":"a"}}"#));
    assert_eq!(world.status(id), Status::Completed);
}

fn why(world: &World, id: &str) -> Vec<(String, Why)> {
    let blockers = world.board.blockers(world.board.task(id).unwrap());
    blockers.into_iter().map(|b| (b.id.to_string(), b.why)).collect()
}

#[test]
fn a_completion_makes_ready_what_waited_for_it_alone() {
    let mut world = World::new();
    for (id, by) in [("a", &[][..]), ("b", &[]), ("one", &["a"]), ("both", &["a", "b"])] {
        world.publish("tasks.available", &new(id, by));
    }
    world.publish("tasks.claimed", r#"{"task_id":"a","agent_id":"x"}"#);
    let change = world.publish("tasks.completed", r#"{"task_id":"a","agent_id":"x"}"#);
    assert_eq!(change.others.iter().map(TaskId::as_str).collect::<Vec<_>>(), ["one"]);
    assert_eq!((world.status("one"), world.status("both")), (Status::Available, Status::Blocked));
    assert_eq!(world.board.task("one").unwrap().version, world.board.last_seq(), "ready at that sequence");
    assert_eq!(why(&world, "both"), [("b".into(), Why::Unfinished(Status::Available))]);
    run(&mut world, "b");
    assert_eq!(world.status("both"), Status::Available);
}

#[test]
fn a_requeued_blocker_blocks_again_what_nobody_has_claimed() {
    let mut world = World::new();
    for (id, by) in [("a", &[][..]), ("waiting", &["a"]), ("taken", &["a"])] {
        world.publish("tasks.available", &new(id, by));
    }
    run(&mut world, "a");
    world.publish("tasks.claimed", r#"{"task_id":"taken","agent_id":"y"}"#);
    let change = world.publish("tasks.available", r#"{"task_id":"a","title":"a","requeue":{}}"#);
    assert_eq!(change.others.iter().map(TaskId::as_str).collect::<Vec<_>>(), ["waiting"]);
    assert_eq!((world.status("waiting"), world.status("taken")), (Status::Blocked, Status::InProgress));
    assert_eq!(world.board.task("waiting").unwrap().version, world.board.last_seq());
}

#[test]
fn a_task_says_which_blocker_holds_it_and_why() {
    let mut world = World::new();
    for (id, by) in [
        ("fails", &[][..]),
        ("cancelled", &[]),
        ("c1", &["c2"]),
        ("c2", &["c3"]),
        ("c3", &["c1"]),
        ("t", &["t", "nobody", "fails", "cancelled", "c1"]),
    ] {
        world.publish("tasks.available", &new(id, by));
    }
    world.publish("tasks.claimed", r#"{"task_id":"fails","agent_id":"a"}"#);
    world.publish("tasks.failed", r#"{"task_id":"fails","agent_id":"a","error":"e"}"#);
    world.publish("tasks.cancelled", r#"{"task_id":"cancelled","by":"op"}"#);
    assert_eq!(
        why(&world, "t"),
        [
            ("t".into(), Why::Itself),
            ("nobody".into(), Why::Unknown),
            ("fails".into(), Why::Failed),
            ("cancelled".into(), Why::Cancelled),
            ("c1".into(), Why::Unfinished(Status::Blocked)),
        ]
    );
    assert_eq!(why(&world, "c1"), [("c2".into(), Why::Cycle)]);
    assert!(why(&world, "c1")[0].1.is_stuck());
    // The unknown one, once published, is like any other.
    world.publish("tasks.available", &new("nobody", &[]));
    assert_eq!(why(&world, "t")[1].1, Why::Unfinished(Status::Available));
}

#[test]
fn a_sequence_counts_once_and_gaps_are_normal() {
    let mut world = World::new();
    world.publish_at(10, "tasks.available", &new("t", &[]));
    world.publish_at(500, "tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#);
    let before = world.board.task("t").cloned();
    for seq in [10, 499, 500] {
        let change = world.publish_at(seq, "tasks.completed", r#"{"task_id":"t","agent_id":"a"}"#);
        assert_eq!(change.verdict, Verdict::Repeated);
    }
    assert_eq!(world.board.task("t").cloned(), before);
    assert_eq!(world.board.last_seq(), 500);
}

#[test]
fn a_requeued_task_keeps_its_late_results_apart_by_sequence() {
    let mut world = World::new();
    world.publish("tasks.available", &new("t", &[]));
    world.publish("tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#);
    for n in 0..3 {
        world.publish("tasks.completed", &format!(r#"{{"task_id":"t","agent_id":"z","result":{n}}}"#));
    }
    let late = &world.board.task("t").unwrap().late;
    assert_eq!(
        late.iter().map(|l| (l.seq, l.result.as_deref().unwrap())).collect::<Vec<_>>(),
        [(3, "0"), (4, "1"), (5, "2")]
    );
}

#[test]
fn what_cannot_be_read_is_kept_with_its_reason() {
    let mut world = World::new();
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (subject, body) in [
        ("tasks.available", ""),
        ("tasks.available", "no json"),
        ("tasks.available", "[1]"),
        ("tasks.available", r#"{"task_id":"t"}"#),
        ("tasks.available", &format!(r#"{{"task_id":"t","title":"x","extra":{deep}}}"#)),
        ("tasks.nonsense", "{}"),
    ] {
        assert_eq!(world.publish(subject, body).verdict, Verdict::Noted);
    }
    let records: Vec<_> = world.board.unreadable().iter().collect();
    assert_eq!(records.len(), 6);
    assert_eq!(world.board.tasks().len(), 0);
    assert_eq!((records[0].seq, records[0].size, &records[0].reason), (1, 0, &Reason::Empty));
    assert_eq!(records[3].reason.to_string(), "missing field `title`");
    assert_eq!(records[4].reason, Reason::TooDeep);
    assert_eq!(
        (&*records[5].subject, &records[5].reason),
        ("mjwork.tasks.nonsense", &Reason::UnknownSubject)
    );
}

#[test]
fn a_log_keeps_the_newest_and_counts_all() {
    let mut world = World::new();
    for n in 0..5_010 {
        world.publish("coordination", &format!(r#"{{"agent_id":"a","message":"{n}"}}"#));
    }
    assert_eq!((world.board.said().total(), world.board.said().iter().len()), (5_010, 5_000));
    assert_eq!(world.board.said().iter().next().map(|s| &*s.message), Some("10"));
    assert_eq!(world.board.said().iter().next_back().map(|s| &*s.message), Some("5009"));
}

#[test]
fn an_error_names_its_agent_and_task_and_changes_nothing() {
    let mut world = World::new();
    world.publish("tasks.available", &new("t", &[]));
    let before = world.board.task("t").cloned();
    world.publish(
        "errors",
        r#"{"message":"boom","agent_id":"a","task_id":"t","level":"error","stack":"at x"}"#,
    );
    assert_eq!(world.board.task("t").cloned(), before);
    let problem = world.board.problems().iter().next().unwrap();
    assert_eq!((&*problem.message, problem.task.as_ref().map(TaskId::as_str)), ("boom", Some("t")));
}

#[test]
fn finished_tasks_are_forgotten_with_what_they_rest_on() {
    let mut world = World::new();
    for (id, by) in [("done", &[][..]), ("next", &["done"]), ("open", &[])] {
        world.publish("tasks.available", &new(id, by));
    }
    run(&mut world, "done"); // 4, 5
    let week = secs(100);
    assert_eq!(
        world.board.forget(at(101), week),
        Forgotten::default(),
        "it was published 100 s ago, not more"
    );
    let forgotten = world.board.forget(at(102), week);
    assert_eq!(forgotten.tasks.iter().map(TaskId::as_str).collect::<Vec<_>>(), ["done"]);
    assert!(world.board.task("done").is_none());
    assert_eq!((world.status("next"), world.status("open")), (Status::Available, Status::Available));
    // An edit does not block it again: what was completed stays so.
    let task = world.board.task("next").unwrap();
    assert!(task.definition.blocked_by.is_empty());
    assert_eq!(world.board.counts().total(), 2);
    assert!(world.board.forget(at(10_000), secs(0)).tasks.is_empty(), "nothing expires without a max_age");
}

#[test]
fn no_event_finds_a_task_that_has_expired_however_seldom_a_board_forgets() {
    let mut world = World::new();
    world.board.forget(at(0), secs(100));
    world.publish("tasks.available", &new("t", &[]));
    run(&mut world, "t");
    let claim = r#"{"task_id":"t","agent_id":"b"}"#;
    let change = world.publish_at(101, "tasks.claimed", claim);
    assert_eq!(change.verdict, Verdict::Refused(Refusal::Finished { status: Status::Completed }));
    world.publish_at(102, "tasks.available", &new("next", &["t"]));
    assert_eq!(why(&world, "next"), [("t".into(), Why::Unknown)]);
    let change = world.publish_at(103, "tasks.claimed", claim);
    assert_eq!(change.verdict, Verdict::Refused(Refusal::UnknownTask));
    assert_eq!(world.publish_at(104, "tasks.available", &new("t", &[])).verdict, Verdict::Accepted);
    assert_eq!(world.board.task("t").unwrap().history.len(), 1, "it is another task");
}

#[test]
fn an_agent_is_counted_by_what_stands() {
    let mut world = World::new();
    world.publish("tasks.available", &new("t", &[]));
    run(&mut world, "t");
    assert_eq!(world.board.agent("a").unwrap().completed, 1);
    world.publish("tasks.available", r#"{"task_id":"t","title":"t","requeue":{}}"#);
    assert_eq!(world.board.agent("a").unwrap().completed, 0);
    world.publish("tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#);
    world.publish("tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"e"}"#);
    assert_eq!(world.board.agent("a").unwrap().failed, 1);
}

/// A blocker that was completed while a blocked task was carried: who knew the task and who did not agree.
#[test]
fn a_carried_task_follows_a_completion_that_overtook_it() {
    let carried = r#"{"task_id":"t","after":20,"state":{"definition":{"title":"t","blocked_by":["b"]},"status":"blocked","version":20}}"#;
    let log = [
        (10, "tasks.available", new("b", &[])),
        (20, "tasks.available", new("t", &["b"])),
        (30, "tasks.claimed", r#"{"task_id":"b","agent_id":"a"}"#.into()),
        (40, "tasks.completed", r#"{"task_id":"b","agent_id":"a"}"#.into()),
        (50, "tasks.carried", carried.into()),
    ];
    let (mut knew, mut fresh) = (World::new(), World::new());
    for (seq, subject, body) in &log {
        knew.publish_at(*seq, subject, body);
        if *seq != 20 {
            fresh.publish_at(*seq, subject, body);
        }
    }
    for world in [&knew, &fresh] {
        assert_eq!((world.status("t"), world.board.task("t").unwrap().version), (Status::Available, 40));
    }
}

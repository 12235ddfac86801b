//! The truth table, one line a case: how the task `t` came to be, the event, and what must come of it.

use super::*;
use Status::{Available, Blocked, Cancelled, Completed, Failed, InProgress};

const NEW: (&str, &str) = ("tasks.available", r#"{"task_id":"t","title":"T"}"#);
const NEEDS_B: (&str, &str) = ("tasks.available", r#"{"task_id":"t","title":"T","blocked_by":["b"]}"#);
const CLAIM: (&str, &str) = ("tasks.claimed", r#"{"task_id":"t","agent_id":"a","session":"s1"}"#);
const DONE: (&str, &str) = ("tasks.completed", r#"{"task_id":"t","agent_id":"a","result":1}"#);
const FAIL: (&str, &str) = ("tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"e"}"#);
const CANCEL: (&str, &str) = ("tasks.cancelled", r#"{"task_id":"t","by":"op"}"#);

enum Expect {
    Accepted(Status),
    Unchanged(Status),
    Refused(&'static str),
}
use Expect::{Accepted, Refused, Unchanged};

/// A subject and a body.
type Published<'a> = (&'a str, &'a str);
/// A name, what was published before, what is published, and what must come of it.
type Case<'a> = (&'a str, &'a [Published<'a>], Published<'a>, Expect);

fn walk(table: &[Case<'_>]) {
    for (name, before, (subject, body), expect) in table {
        let mut world = World::new();
        world.all(before);
        let was = world.board.task("t").cloned();
        let change = world.publish(subject, body);
        let seq = world.board.last_seq();
        let task = world.board.task("t").cloned();
        match expect {
            Accepted(status) => {
                assert_eq!(change.verdict, Verdict::Accepted, "{name}");
                assert_eq!(task.as_ref().unwrap().status, *status, "{name}");
                assert_eq!(change.task.as_ref().map(TaskId::as_str), Some("t"), "{name}");
            }
            Unchanged(status) => {
                assert_eq!(change.verdict, Verdict::Unchanged, "{name}");
                let (task, was) = (task.as_ref().unwrap(), was.as_ref().unwrap());
                assert_eq!((task.status, task.version), (*status, was.version), "{name}");
            }
            Refused(reason) => {
                let refusal =
                    change.verdict.refusal().unwrap_or_else(|| panic!("{name}: {:?}", change.verdict));
                assert_eq!(refusal.to_string(), *reason, "{name}");
                // A refusal changes nothing but the history (and the late results), and is shown there.
                if let (Some(mut task), Some(was)) = (task.clone(), was) {
                    let entry = task.history.last().unwrap();
                    assert_eq!((entry.seq, entry.verdict()), (seq, change.verdict.clone()), "{name}");
                    assert!(task.history.iter().rev().skip(1).eq(was.history.iter().rev()), "{name}");
                    task.history.clone_from(&was.history);
                    task.rewritten = was.rewritten;
                    task.handed_in = was.handed_in;
                    task.late.clone_from(&was.late);
                    assert_eq!(task, was, "{name}");
                }
            }
        }
        if let Some(task) = task {
            assert_eq!(
                task.history.last().map(|e| e.seq),
                Some(seq),
                "{name}: every event is in the history"
            );
        }
    }
}

#[test]
fn available() {
    walk(&[
        ("unknown", &[], NEW, Accepted(Available)),
        (
            "unknown, with a guard",
            &[],
            ("tasks.available", r#"{"task_id":"t","title":"T","after":9}"#),
            Accepted(Available),
        ),
        ("unknown, blocker unknown", &[], NEEDS_B, Accepted(Blocked)),
        (
            "unknown, requeue",
            &[],
            ("tasks.available", r#"{"task_id":"t","title":"T","requeue":{}}"#),
            Accepted(Available),
        ),
        ("the same again", &[NEW], NEW, Unchanged(Available)),
        (
            "the same, spelt otherwise",
            &[NEW],
            (
                "tasks.available",
                r#"{"title":"T","task_id":"t","priority":"normal","tags":[],"max_attempts":3,"by":"me"}"#,
            ),
            Unchanged(Available),
        ),
        ("the same, in progress", &[NEW, CLAIM], NEW, Unchanged(InProgress)),
        (
            "the same, right guard",
            &[NEW],
            ("tasks.available", r#"{"task_id":"t","title":"T","after":$}"#),
            Unchanged(Available),
        ),
        (
            "the same, wrong guard",
            &[NEW],
            ("tasks.available", r#"{"task_id":"t","title":"T","after":9}"#),
            Refused("stale: written after version 9, but the task is at version 1"),
        ),
        ("edit", &[NEW], ("tasks.available", r#"{"task_id":"t","title":"U"}"#), Accepted(Available)),
        (
            "edit, right guard",
            &[NEW],
            ("tasks.available", r#"{"task_id":"t","title":"U","after":$}"#),
            Accepted(Available),
        ),
        (
            "edit, wrong guard",
            &[NEW],
            ("tasks.available", r#"{"task_id":"t","title":"U","after":2}"#),
            Refused("stale: written after version 2, but the task is at version 1"),
        ),
        ("edit adds a blocker", &[NEW], NEEDS_B, Accepted(Blocked)),
        ("edit drops the blocker", &[NEEDS_B], NEW, Accepted(Available)),
        ("edit in progress keeps it there", &[NEW, CLAIM], NEEDS_B, Accepted(InProgress)),
        ("edit of a completed task", &[NEW, CLAIM, DONE], NEEDS_B, Accepted(Completed)),
        ("edit of a failed task", &[NEW, CLAIM, FAIL], NEEDS_B, Accepted(Failed)),
        (
            "edit of a cancelled task raises nothing",
            &[NEW, CANCEL],
            ("tasks.available", r#"{"task_id":"t","title":"U"}"#),
            Accepted(Cancelled),
        ),
    ]);
}

#[test]
fn requeue() {
    const REQUEUE: (&str, &str) =
        ("tasks.available", r#"{"task_id":"t","title":"T","requeue":{"reason":"r"}}"#);
    const GUARDED: (&str, &str) =
        ("tasks.available", r#"{"task_id":"t","title":"T","after":$,"requeue":{}}"#);
    const STALE: (&str, &str) = ("tasks.available", r#"{"task_id":"t","title":"T","after":1,"requeue":{}}"#);
    walk(&[
        ("in progress", &[NEW, CLAIM], REQUEUE, Accepted(Available)),
        ("failed", &[NEW, CLAIM, FAIL], GUARDED, Accepted(Available)),
        ("cancelled", &[NEW, CANCEL], GUARDED, Accepted(Available)),
        ("completed", &[NEW, CLAIM, DONE], GUARDED, Accepted(Available)),
        (
            "with a blocker",
            &[NEW, CLAIM, DONE],
            ("tasks.available", r#"{"task_id":"t","title":"T","blocked_by":["b"],"requeue":{}}"#),
            Accepted(Blocked),
        ),
        ("available", &[NEW], REQUEUE, Refused("nothing to requeue: the task is available")),
        ("blocked", &[NEEDS_B], REQUEUE, Refused("nothing to requeue: the task is blocked")),
        (
            "stale",
            &[NEW, CLAIM],
            STALE,
            Refused("stale: written after version 1, but the task is at version 2"),
        ),
    ]);
    let mut world = World::new();
    world.all(&[
        NEW,
        CLAIM,
        ("tasks.progress", r#"{"task_id":"t","agent_id":"a","percent":5}"#),
        FAIL,
        REQUEUE,
    ]);
    let task = world.board.task("t").unwrap();
    assert_eq!(
        (task.owner.as_ref(), task.claim, task.progress.as_ref(), task.outcome.as_ref()),
        (None, None, None, None)
    );
    assert_eq!((task.attempts, task.version, task.history.len()), (1, 5, 5), "attempts and history stay");
}

#[test]
fn claimed() {
    const GUARDED: (&str, &str) = ("tasks.claimed", r#"{"task_id":"t","agent_id":"b","after":$}"#);
    const STALE: (&str, &str) = ("tasks.claimed", r#"{"task_id":"t","agent_id":"b","after":7}"#);
    const OTHER: (&str, &str) = ("tasks.claimed", r#"{"task_id":"t","agent_id":"b"}"#);
    walk(&[
        ("available", &[NEW], OTHER, Accepted(InProgress)),
        ("right guard", &[NEW], GUARDED, Accepted(InProgress)),
        (
            "wrong guard",
            &[NEW],
            STALE,
            Refused("stale: written after version 7, but the task is at version 1"),
        ),
        ("taken", &[NEW, CLAIM], OTHER, Refused("taken by a")),
        ("taken by itself", &[NEW, CLAIM], CLAIM, Refused("taken by a")),
        (
            "taken, with a stale guard",
            &[NEW, CLAIM],
            ("tasks.claimed", r#"{"task_id":"t","agent_id":"b","after":1}"#),
            Refused("taken by a"),
        ),
        ("blocked", &[NEEDS_B], OTHER, Refused("blocked by b")),
        ("completed", &[NEW, CLAIM, DONE], OTHER, Refused("already completed")),
        ("failed", &[NEW, CLAIM, FAIL], OTHER, Refused("already failed")),
        ("cancelled", &[NEW, CANCEL], OTHER, Refused("already cancelled")),
        ("unknown", &[], OTHER, Refused("no such task is known")),
    ]);
    let mut world = World::new();
    world.all(&[NEW, CLAIM]);
    let task = world.board.task("t").unwrap();
    let owner = task.owner.as_ref().unwrap();
    assert_eq!((owner.agent.as_str(), owner.session.as_deref()), ("a", Some("s1")));
    assert_eq!((task.claim, task.version, task.attempts), (Some(2), 2, 1));
}

#[test]
fn the_owners_words() {
    for (verb, rest, end) in [
        ("tasks.progress", r#""percent":50,"note":"half""#, InProgress),
        ("tasks.completed", r#""result":{"x":1}"#, Completed),
        ("tasks.failed", r#""error":"e""#, Failed),
    ] {
        let body = |guards: &str| format!(r#"{{"task_id":"t",{guards},{rest}}}"#);
        let case = |before: &[(&str, &str)], guards: &str, expect: Expect| {
            walk(&[(&format!("{verb} {guards}"), before, (verb, &body(guards)), expect)]);
        };
        case(&[NEW, CLAIM], r#""agent_id":"a""#, Accepted(end));
        case(&[NEW, CLAIM], r#""agent_id":"a","session":"s1""#, Accepted(end));
        case(&[NEW, CLAIM], r#""agent_id":"a","session":"s1","claim":#"#, Accepted(end));
        case(&[NEW, CLAIM], r#""agent_id":"z","claim":#"#, Accepted(end));
        case(
            &[NEW, CLAIM],
            r#""agent_id":"a","claim":1"#,
            Refused("stale claim: it holds claim 1, but claim 2 counts"),
        );
        case(&[NEW, CLAIM], r#""agent_id":"b""#, Refused("not the owner: the task is a's"));
        case(
            &[NEW, CLAIM],
            r#""agent_id":"a","session":"s2""#,
            Refused("not the owner: another session of a has the task"),
        );
        case(&[NEW], r#""agent_id":"a""#, Refused("not in progress: the task is available"));
        case(&[NEEDS_B], r#""agent_id":"a""#, Refused("not in progress: the task is blocked"));
        case(&[NEW, CLAIM, DONE], r#""agent_id":"a""#, Refused("not in progress: the task is completed"));
        case(&[NEW, CLAIM, FAIL], r#""agent_id":"a""#, Refused("not in progress: the task is failed"));
        case(&[NEW, CANCEL], r#""agent_id":"a""#, Refused("not in progress: the task is cancelled"));
        case(&[], r#""agent_id":"a""#, Refused("no such task is known"));
        // A claim without a session: a session on one side only is no difference.
        let plain = ("tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#);
        case(&[NEW, plain], r#""agent_id":"a","session":"s9""#, Accepted(end));
    }
    let mut world = World::new();
    world.all(&[
        NEW,
        CLAIM,
        ("tasks.progress", r#"{"task_id":"t","agent_id":"a","percent":50,"note":"half"}"#),
    ]);
    let task = world.board.task("t").unwrap();
    let progress = task.progress.as_ref().unwrap();
    assert_eq!(
        (progress.percent, progress.note.as_deref(), progress.time),
        (Some(50.0), Some("half"), at(3))
    );
    assert_eq!(task.version, 2, "progress changes nothing that a version guards");
}

#[test]
fn accepting_a_late_result() {
    const REQUEUE: (&str, &str) = ("tasks.available", r#"{"task_id":"t","title":"T","requeue":{}}"#);
    // 1 new, 2 claim by a, 3 requeue, 4 the late completion, which is refused.
    let late = |guards: &str, expect: Expect| {
        let mut world = World::new();
        world.all(&[NEW, CLAIM, REQUEUE]);
        let change = world
            .publish("tasks.completed", r#"{"task_id":"t","agent_id":"a","claim":2,"result":{"late":true}}"#);
        assert!(change.verdict.refusal().is_some());
        let change = world.publish("tasks.completed", &format!(r#"{{"task_id":"t","by":"op",{guards}}}"#));
        let task = world.board.task("t").unwrap();
        match expect {
            Accepted(status) => {
                assert_eq!((change.verdict, task.status), (Verdict::Accepted, status));
                assert_eq!(task.outcome, Some(Outcome::Result(Some(r#"{"late":true}"#.into()))));
                assert_eq!(task.owner.as_ref().map(|o| o.agent.as_str()), Some("a"));
            }
            Refused(reason) => {
                assert_eq!(change.verdict.refusal().unwrap().to_string(), reason);
                assert_eq!(task.status, Available);
            }
            Unchanged(_) => unreachable!(),
        }
    };
    late(r#""accept":4"#, Accepted(Completed));
    late(r#""accept":4,"after":$"#, Accepted(Completed));
    late(r#""accept":4,"after":1"#, Refused("stale: written after version 1, but the task is at version 3"));
    late(r#""accept":3"#, Refused("3 is no refused completion of this task"));
    late(r#""accept":99"#, Refused("99 is no refused completion of this task"));
}

#[test]
fn giving_up_a_lost_owners_task() {
    const UP: (&str, &str) = ("tasks.failed", r#"{"task_id":"t","by":"w2","error":"owner lost","after":$}"#);
    walk(&[
        ("in progress", &[NEW, CLAIM], UP, Accepted(Failed)),
        (
            "no guard",
            &[NEW, CLAIM],
            ("tasks.failed", r#"{"task_id":"t","by":"w2","error":"e"}"#),
            Refused("stale: it must say after which version, and the task is at version 2"),
        ),
        (
            "wrong guard",
            &[NEW, CLAIM],
            ("tasks.failed", r#"{"task_id":"t","by":"w2","error":"e","after":1}"#),
            Refused("stale: written after version 1, but the task is at version 2"),
        ),
        (
            "the owner's claim does not help",
            &[NEW, CLAIM],
            ("tasks.failed", r#"{"task_id":"t","agent_id":"a","claim":#,"by":"w2","error":"e"}"#),
            Refused("stale: it must say after which version, and the task is at version 2"),
        ),
        ("available", &[NEW], UP, Refused("not in progress: the task is available")),
        ("completed", &[NEW, CLAIM, DONE], UP, Refused("not in progress: the task is completed")),
    ]);
    let mut world = World::new();
    world.all(&[NEW, CLAIM, UP]);
    assert!(matches!(
        &world.board.task("t").unwrap().outcome,
        Some(Outcome::Error { error, by: Some(by), .. }) if &**error == "owner lost" && &**by == "w2"
    ));
}

#[test]
fn cancelled() {
    const GUARDED: (&str, &str) = ("tasks.cancelled", r#"{"task_id":"t","by":"op","reason":"r","after":$}"#);
    const STALE: (&str, &str) = ("tasks.cancelled", r#"{"task_id":"t","by":"op","after":9}"#);
    walk(&[
        ("available", &[NEW], CANCEL, Accepted(Cancelled)),
        ("blocked", &[NEEDS_B], GUARDED, Accepted(Cancelled)),
        ("in progress", &[NEW, CLAIM], GUARDED, Accepted(Cancelled)),
        ("stale", &[NEW], STALE, Refused("stale: written after version 9, but the task is at version 1")),
        ("completed", &[NEW, CLAIM, DONE], CANCEL, Refused("already completed")),
        ("failed", &[NEW, CLAIM, FAIL], CANCEL, Refused("already failed")),
        ("cancelled", &[NEW, CANCEL], CANCEL, Refused("already cancelled")),
        ("unknown", &[], CANCEL, Refused("no such task is known")),
    ]);
}

#[test]
fn carried() {
    let state = |inner: &str| {
        format!(r#"{{"task_id":"t","after":70,"state":{{"definition":{{"title":"T"}},{inner}}}}}"#)
    };
    let in_progress =
        state(r#""status":"in_progress","version":70,"claim":66,"owner":"a","session":"s","attempts":2"#);
    let open = state(r#""status":"available","version":70"#);
    let known = |guard: &str| {
        format!(
            r#"{{"task_id":"t","after":{guard},"state":{{"definition":{{"title":"T"}},"status":"available","version":1}}}}"#
        )
    };
    walk(&[
        (
            "unknown, from the future",
            &[],
            ("tasks.carried", &open),
            Refused("from the future: it names version 70, which comes after it"),
        ),
        ("known, right guard", &[NEW], ("tasks.carried", &known("$")), Accepted(Available)),
        (
            "known, wrong guard",
            &[NEW],
            ("tasks.carried", &known("9")),
            Refused("stale: written after version 9, but the task is at version 1"),
        ),
        (
            "finished",
            &[NEW, CANCEL],
            ("tasks.carried", &known("$")),
            Refused("stale: written after version 2, but the task is at version 2"),
        ),
    ]);
    let mut world = World::new();
    world.publish_at(80, "tasks.carried", &in_progress);
    let task = world.board.task("t").unwrap();
    assert_eq!(task.status, InProgress);
    assert_eq!(
        (task.version, task.claim, task.attempts),
        (70, Some(66), 2),
        "guards held by others stay good"
    );
    // Its owner goes on with the claim that he holds.
    let change =
        world.publish("tasks.completed", r#"{"task_id":"t","agent_id":"a","session":"s","claim":66}"#);
    assert_eq!(change.verdict, Verdict::Accepted);
    // A claim at the version from before is good, too.
    let mut world = World::new();
    world.publish_at(80, "tasks.carried", &open);
    assert_eq!(world.status("t"), Available);
    assert_eq!(
        world.publish("tasks.claimed", r#"{"task_id":"t","agent_id":"b","after":70}"#).verdict,
        Verdict::Accepted
    );
}

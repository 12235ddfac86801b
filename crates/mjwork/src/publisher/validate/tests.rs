use super::*;
use crate::event::{Event, Subjects};
use crate::{Sequence, Timestamp};

fn id(text: &str) -> TaskId {
    TaskId::new(text).unwrap()
}

/// `a<b,c` is task `a` that waits for `b` and `c`.
fn task(text: &str) -> NewTask {
    let (name, blockers) = text.split_once('<').unwrap_or((text, ""));
    let blocked_by = blockers.split(',').filter(|b| !b.is_empty()).map(id).collect();
    NewTask { blocked_by, ..NewTask::new(id(name), "T") }
}

fn board(events: &[(&str, &str)]) -> Board {
    let mut board = Board::new();
    for (seq, (verb, body)) in (1..).zip(events) {
        let subject = format!("mjwork.tasks.{verb}");
        let event = Event::decode(Subjects::default().topic(&subject), body.as_bytes());
        let seq: Sequence = seq;
        board.apply(seq, Timestamp::from_secs(i64::try_from(seq).unwrap()), &subject, &event);
    }
    board
}

fn check(board: &Board, tasks: &[NewTask]) -> Vec<InvalidTask> {
    faults(board, tasks, &vec![100; tasks.len()], 1 << 20, Intent::Publish)
}

fn shown(invalid: &[InvalidTask]) -> Vec<String> {
    invalid.iter().map(ToString::to_string).collect()
}

#[test]
fn every_fault_of_a_batch_is_said_at_once() {
    let board = board(&[
        ("available", r#"{"task_id":"known","title":"T"}"#),
        ("available", r#"{"task_id":"other","title":"Another"}"#),
    ]);
    let mut batch =
        ["known", "other", "a<nobody,a", "a", "b<c", "c<b", "d<known,a,d2", "d2"].map(task).to_vec();
    batch[7].title = " ".into();
    batch[7].max_attempts = Some(0);
    batch.push(NewTask { blocked_by: (0..1_001).map(|_| id("known")).collect(), ..task("many") });
    let mut sizes = vec![100; batch.len()];
    sizes[7] = 2_000_000;
    let invalid = faults(&board, &batch, &sizes, 1 << 20, Intent::Publish);
    assert_eq!(
        shown(&invalid),
        [
            "other (place 2): there is a task of this id with another definition",
            "a (place 3): it waits for nobody, which nobody knows; it waits for itself",
            "a (place 4): its id stands in the batch before, at place 3",
            "b (place 5): it waits for itself, through c",
            "c (place 6): it waits for itself, through b",
            "d2 (place 8): it has no title; max_attempts is at least 1; it has 2000000 bytes, and the server takes \
             1044480 of a task",
            "many (place 9): it waits for 1001 tasks, and may for 1000",
        ]
    );
}

#[test]
fn a_cycle_may_go_through_the_board() {
    let board = board(&[
        ("available", r#"{"task_id":"old","title":"T","blocked_by":["new"]}"#),
        ("available", r#"{"task_id":"older","title":"T","blocked_by":["old"]}"#),
        ("available", r#"{"task_id":"mine","title":"T","blocked_by":["fresh"]}"#),
        ("claimed", r#"{"task_id":"mine","agent_id":"a"}"#),
    ]);
    let invalid = check(&board, &[task("new<older"), task("free<new"), task("fresh<mine")]);
    assert_eq!(
        shown(&invalid),
        [
            "new (place 1): it waits for itself, through older and old",
            "fresh (place 3): it waits for itself, through mine",
        ]
    );
}

#[test]
fn what_is_completed_closes_no_cycle() {
    let board = board(&[
        ("available", r#"{"task_id":"done","title":"T"}"#),
        ("claimed", r#"{"task_id":"done","agent_id":"a"}"#),
        ("available", r#"{"task_id":"done","title":"T","blocked_by":["new"]}"#),
        ("completed", r#"{"task_id":"done","agent_id":"a"}"#),
    ]);
    assert_eq!(shown(&check(&board, &[task("new<done")])), Vec::<String>::new());
}

#[test]
fn the_same_again_is_there_even_when_its_blockers_are_forgotten() {
    let mut board = board(&[
        ("available", r#"{"task_id":"first","title":"T"}"#),
        ("available", r#"{"task_id":"then","title":"T","blocked_by":["first"]}"#),
        ("claimed", r#"{"task_id":"first","agent_id":"a"}"#),
        ("completed", r#"{"task_id":"first","agent_id":"a"}"#),
        ("available", r#"{"task_id":"open","title":"T"}"#),
    ]);
    assert!(is_there(&board, &task("then<first")) && !is_there(&board, &task("then")));
    board.forget(Timestamp::from_secs(5_000), crate::Duration::from_secs(60));
    assert!(board.task("first").is_none());
    assert!(is_there(&board, &task("then<first")));
    assert_eq!(shown(&check(&board, &[task("then<first")])), Vec::<String>::new());
    assert_eq!(check(&board, &[task("then<open")])[0].faults, [TaskFault::Taken]);
}

#[test]
fn an_edit_must_find_what_it_edits() {
    let board = board(&[("available", r#"{"task_id":"a","title":"T"}"#)]);
    let edit = |task| faults(&board, &[task], &[100], 1 << 20, Intent::Edit);
    assert_eq!(edit(NewTask::new(id("a"), "Another")), []);
    assert_eq!(edit(task("b"))[0].faults, [TaskFault::Unknown]);
}

#[test]
fn long_chains_and_wide_ones_take_no_time_to_speak_of() {
    let chain: Vec<NewTask> =
        (0..50_000).map(|n| task(&format!("t{n}<t{}", if n == 0 { 0 } else { n - 1 }))).collect();
    let invalid = check(&Board::new(), &chain);
    assert_eq!(shown(&invalid), ["t0 (place 1): it waits for itself"]);
    let round: Vec<NewTask> = (0..300).map(|n| task(&format!("t{n}<t{}", (n + 1) % 300))).collect();
    let invalid = check(&Board::new(), &round);
    assert_eq!(invalid.len(), 300);
    assert!(matches!(&invalid[0].faults[..], [TaskFault::Cycle(way)] if way.len() == 299));
}

//! What holds after any log at all, hostile ones included.

use super::*;
use proptest::prelude::*;

/// A log entry: a gap before it, a subject, a body.
pub(in crate::board) fn event() -> impl Strategy<Value = (u64, String, String)> {
    let task = prop::sample::select(vec!["t0", "t1", "t2", "t3"]);
    let agent = prop::sample::select(vec!["a", "b"]);
    let guard = prop::option::of(0_u64..40);
    let session = prop::option::of(prop::sample::select(vec!["s1", "s2"]));
    let blockers = prop::collection::vec(prop::sample::select(vec!["t0", "t1", "t2", "t3", "none"]), 0..3);
    (0_u64..3, 0_u8..13, task, agent, guard, session, blockers, any::<bool>()).prop_map(
        |(gap, verb, task, agent, guard, session, blockers, flag)| {
            let opt = |name: &str, value: Option<String>| value.map_or(String::new(), |v| format!(r#","{name}":{v}"#));
            let after = opt("after", guard.map(|g| g.to_string()));
            let claim = opt("claim", guard.map(|g| g.to_string()));
            let session = opt("session", session.map(|s| format!("{s:?}")));
            let (subject, body) = match verb {
                0 | 1 => ("tasks.available", format!(r#"{{"task_id":"{task}","title":"{flag}","blocked_by":{blockers:?}{after}}}"#)),
                2 => ("tasks.available", format!(r#"{{"task_id":"{task}","title":"x","blocked_by":{blockers:?},"requeue":{{}}{after}}}"#)),
                3..=5 => ("tasks.claimed", format!(r#"{{"task_id":"{task}","agent_id":"{agent}"{session}{after}}}"#)),
                6 => ("tasks.progress", format!(r#"{{"task_id":"{task}","agent_id":"{agent}","percent":3{session}{claim}}}"#)),
                7 | 8 => ("tasks.completed", format!(r#"{{"task_id":"{task}","agent_id":"{agent}"{session}{claim}}}"#)),
                9 => ("tasks.failed", if flag { format!(r#"{{"task_id":"{task}","by":"w","error":"e"{after}}}"#) } else { format!(r#"{{"task_id":"{task}","agent_id":"{agent}","error":"e"{session}}}"#) }),
                10 => ("tasks.cancelled", format!(r#"{{"task_id":"{task}","by":"op"{after}}}"#)),
                11 => ("tasks.completed", format!(r#"{{"task_id":"{task}","by":"op","accept":{}{after}}}"#, guard.unwrap_or(3))),
                _ => ("tasks.carried", format!(r#"{{"task_id":"{task}","after":{0},"state":{{"definition":{{"title":"x","blocked_by":{blockers:?}}},"status":"{1}","version":{0},"claim":1,"owner":"{agent}"}}}}"#, guard.unwrap_or(1), if flag { "available" } else { "in_progress" })),
            };
            (gap, format!("mjwork.{subject}"), body)
        },
    )
}

pub(in crate::board) fn check(board: &Board) {
    let mut counts = [0; 6];
    for task in board.tasks() {
        counts[task.status as usize] += 1;
        let working = task.status == Status::InProgress;
        assert_eq!(task.claim.is_some(), working, "a claim counts just while somebody works: {task:?}");
        if working {
            assert!(task.owner.is_some(), "{task:?}");
        }
        if matches!(task.status, Status::Blocked | Status::Available) {
            let blocked = !board.blockers(task).is_empty();
            assert_eq!(task.status == Status::Blocked, blocked, "{task:?}");
            assert_eq!(task.owner, None);
        }
        assert_eq!(task.outcome.is_some(), task.status.is_finished(), "{task:?}");
        for blocker in &task.definition.blocked_by {
            assert!(board.blocked_by(blocker.as_str()).contains(&task.id));
        }
    }
    for status in Status::ALL {
        assert_eq!(board.counts().of(status), counts[status as usize], "{status}");
    }
    for agent in board.agents() {
        let owned = |status| {
            let own = |t: &&Task| t.status == status && t.owner.as_ref().is_some_and(|o| o.agent == agent.id);
            board.tasks().filter(own).count()
        };
        assert_eq!((agent.completed, agent.failed), (owned(Status::Completed), owned(Status::Failed)));
    }
}

fn state(board: &Board) -> Vec<Task> {
    let mut tasks: Vec<_> = board.tasks().cloned().collect();
    tasks.sort_by(|a, b| a.id.cmp(&b.id));
    tasks
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_log_keeps_the_invariants(events in prop::collection::vec(event(), 0..60)) {
        let mut board = Board::new();
        let mut seq = 0;
        for (gap, subject, body) in &events {
            seq += 1 + gap;
            let before: Vec<Task> = state(&board);
            let change = apply(&mut board, seq, at(i64::try_from(seq).unwrap()), subject, body);
            check(&board);
            for was in before {
                let now = board.task(was.id.as_str()).unwrap();
                // Nothing finished comes back without a requeue, and nothing goes from one owner to another but
                // over `available`.
                if was.status.is_finished() && !now.status.is_finished() {
                    assert!(body.contains("requeue"), "{was:?} {now:?} by {body}");
                }
                if was.status == Status::InProgress && now.status == Status::InProgress {
                    assert_eq!((&was.owner, was.claim), (&now.owner, now.claim));
                }
                // What is guarded never changes without its version.
                if (was.status, &was.owner) != (now.status, &now.owner) {
                    assert!(now.version == seq && was.version < seq, "{was:?} {now:?} by {body}");
                }
                if change.verdict.refusal().is_some() {
                    assert_eq!((was.status, was.version), (now.status, now.version));
                }
            }
        }
    }

    #[test]
    fn the_fold_of_a_log_is_the_fold_of_its_parts(events in prop::collection::vec(event(), 0..60), cut in 0_usize..60, again in 0_usize..10) {
        let log: Vec<_> = events.iter().zip(1..).map(|((_, s, b), seq)| (seq, s, b)).collect();
        let feed = |board: &mut Board, part: &[(u64, &String, &String)]| {
            for (seq, subject, body) in part {
                apply(board, *seq, at(i64::try_from(*seq).unwrap()), subject, body);
            }
        };
        let mut whole = Board::new();
        feed(&mut whole, &log);
        let mut parts = Board::new();
        let cut = cut.min(log.len());
        feed(&mut parts, &log[..cut]);
        feed(&mut parts, &log[cut.saturating_sub(again)..]);
        prop_assert_eq!(state(&whole), state(&parts));
        prop_assert_eq!(whole.last_seq(), parts.last_seq());
    }

    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..300), verb in 0_usize..10) {
        let verbs = ["tasks.available", "tasks.claimed", "tasks.progress", "tasks.completed", "tasks.failed",
            "tasks.cancelled", "tasks.carried", "coordination", "errors", "heartbeat.a"];
        let subject = format!("mjwork.{}", verbs[verb]);
        let mut board = Board::new();
        let event = Event::decode(Subjects::default().topic(&subject), &body);
        board.apply(1, at(1), &subject, &event);
        prop_assert_eq!(board.unreadable().total(), 1);
    }
}

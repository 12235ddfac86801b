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

/// What comes next in a log that is written while it is folded: so a guard can be right, and a body once more.
#[derive(Clone, Debug)]
enum Next {
    /// Anything, with guards by chance.
    Any(u64, String, String),
    /// An act on a task with the guards that count, and so mostly accepted.
    Right {
        verb: u8,
        task: &'static str,
        agent: &'static str,
        session: Option<&'static str>,
    },
    Beat {
        agent: &'static str,
        session: Option<&'static str>,
        task: &'static str,
    },
    /// A body that nobody sends who means well.
    Hostile {
        verb: usize,
        body: Vec<u8>,
    },
    /// A sequence that was applied before, with something else.
    Again {
        back: u64,
        subject: String,
        body: String,
    },
}

const VERBS: [&str; 10] = [
    "tasks.available",
    "tasks.claimed",
    "tasks.progress",
    "tasks.completed",
    "tasks.failed",
    "tasks.cancelled",
    "tasks.carried",
    "coordination",
    "errors",
    "heartbeat.a",
];

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop::sample::select(vec![
        r#"{"task_id":"t0","task_id":"t1","title":"x","agent_id":"a"}"#,
        r#"{"task_id":"\u0074\u0030","title":"\ud83d\ude00","agent_id":"\u0061","percent":1e-7,"error":""}"#,
        r#"{"task_id":"t0","title":"x","blocked_by":["t0","t0","t0"],"agent_id":"a","after":-1}"#,
        r#"{"task_id":"t0","agent_id":"a","claim":18446744073709551616,"error":"e","by":"o"}"#,
        r#"{"task_id":"t0","agent_id":"a","claim":18446744073709551615,"after":0,"by":"o","error":"e"}"#,
        r#"{"task_id":"t0","title":null,"agent_id":null,"after":null,"requeue":null,"accept":null}"#,
        r#"{"task_id":18446744073709551615,"title":"","agent_id":"a","accept":0,"by":"","result":[[[{}]]]}"#,
        r#"{"task_id":"t0","after":0,"state":{"definition":{"title":""},"status":"completed","version":0}}"#,
        r#"{"task_id":"t0","after":9,"state":{"definition":{"title":""},"status":"available","version":99999999}}"#,
        r#"{"task_id":"t0","after":9,"forget":true}"#,
        r#"{"agent_id":"a","interval_s":1e308,"task_id":"t0","message":"","status":"\u0000"}"#,
        r#"{"type":"io.nats.jetstream.api.v1.stream_msg_get_response"}"#,
    ]);
    let deep = (60_usize..70).prop_map(|n| {
        let nested = format!("{}{}", "[".repeat(n), "]".repeat(n));
        format!(r#"{{"task_id":"t0","agent_id":"a","result":{nested}}}"#).into_bytes()
    });
    let broken = (event(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|((_, _, body), at, byte)| {
        let mut body = body.into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        body
    });
    let cut = (event(), any::<prop::sample::Index>())
        .prop_map(|((_, _, body), at)| body.as_bytes()[..at.index(body.len())].to_vec());
    prop_oneof![
        4 => odd.prop_map(|body| body.as_bytes().to_vec()),
        1 => deep,
        2 => broken,
        1 => cut,
        1 => prop::collection::vec(any::<u8>(), 0..60),
    ]
}

fn next() -> impl Strategy<Value = Next> {
    let task = || prop::sample::select(vec!["t0", "t1", "t2", "t3"]);
    let agent = || prop::sample::select(vec!["a", "b"]);
    let session = || prop::option::of(prop::sample::select(vec!["s1", "s2"]));
    prop_oneof![
        5 => event().prop_map(|(gap, subject, body)| Next::Any(gap, subject, body)),
        6 => (0_u8..9, task(), agent(), session())
            .prop_map(|(verb, task, agent, session)| Next::Right { verb, task, agent, session }),
        1 => (agent(), session(), task()).prop_map(|(agent, session, task)| Next::Beat { agent, session, task }),
        2 => (0..VERBS.len(), hostile()).prop_map(|(verb, body)| Next::Hostile { verb, body }),
        1 => (0_u64..9, event()).prop_map(|(back, (_, subject, body))| Next::Again { back, subject, body }),
    ]
}

type Line = (Sequence, String, Vec<u8>);

impl Next {
    fn write(&self, board: &Board) -> Line {
        let last = board.last_seq();
        match self {
            Self::Any(gap, subject, body) => (last + 1 + gap, subject.clone(), body.clone().into_bytes()),
            Self::Again { back, subject, body } => {
                (last.saturating_sub(*back), subject.clone(), body.clone().into_bytes())
            }
            Self::Hostile { verb, body } => (last + 1, format!("mjwork.{}", VERBS[*verb]), body.clone()),
            Self::Beat { agent, session, task } => {
                let session = session.map_or(String::new(), |session| format!(r#","session":"{session}""#));
                let body = format!(r#"{{"agent_id":"{agent}","task_id":"{task}"{session}}}"#);
                (last + 1, format!("mjwork.heartbeat.{agent}"), body.into_bytes())
            }
            Self::Right { verb, task, agent, session } => {
                let known = board.task(task);
                let version = known.map_or(0, |task| task.version);
                let claim = known.and_then(|task| task.claim).unwrap_or(0);
                let late = known.and_then(|task| task.late.last()).map_or(0, |late| late.seq);
                let session = session.map_or(String::new(), |session| format!(r#","session":"{session}""#));
                let (subject, rest) = match verb {
                    0 => ("available", format!(r#""title":"T","after":{version}"#)),
                    1 | 2 => ("claimed", format!(r#""agent_id":"{agent}","after":{version}{session}"#)),
                    3 => ("progress", format!(r#""agent_id":"{agent}","claim":{claim}{session}"#)),
                    4 => ("completed", format!(r#""agent_id":"{agent}","claim":{claim},"result":{version}"#)),
                    5 => ("failed", format!(r#""by":"w","error":"e","after":{version}"#)),
                    6 => ("available", format!(r#""title":"T","requeue":{{}},"after":{version}"#)),
                    7 => ("completed", format!(r#""by":"op","accept":{late},"after":{version}"#)),
                    _ => ("cancelled", format!(r#""by":"op","after":{version}"#)),
                };
                let body = format!(r#"{{"task_id":"{task}",{rest}}}"#);
                (last + 1, format!("mjwork.tasks.{subject}"), body.into_bytes())
            }
        }
    }
}

fn fold(board: &mut Board, (seq, subject, body): &Line) -> Change {
    let event = Event::decode(Subjects::default().topic(subject), body);
    board.apply(*seq, at(i64::try_from(*seq).unwrap()), subject, &event)
}

/// Whether the one who wrote this owns the task as it was.
fn owns(was: &Task, claim: Option<u64>, agent: &str, session: Option<&str>) -> bool {
    let Some(owner) = was.owner.as_ref().filter(|_| was.status == Status::InProgress) else { return false };
    let known = owner.session.as_deref();
    let by_name = owner.agent.as_str() == agent && (known.is_none() || session.is_none() || known == session);
    claim.map_or(by_name, |claim| was.claim == Some(claim))
}

/// What one line may do to the board that was.
fn judge(was: &Board, now: &Board, line: &Line, change: &Change) {
    let (seq, subject, body) = line;
    if *seq <= was.last_seq() {
        assert_eq!((&change.verdict, now), (&Verdict::Repeated, was), "a sequence counts once");
        return;
    }
    let event = Event::decode(Subjects::default().topic(subject), body);
    let shown = format!("{event:?}");
    for before in was.tasks() {
        let id = before.id.as_str();
        let Some(after) = now.task(id) else {
            assert!(matches!(&event, Event::Carried(e) if e.forget && e.task_id.as_str() == id), "{shown}");
            continue;
        };
        // No resurrection: nothing finished comes back without a requeue, or a word that knows better.
        if before.status.is_finished() && !after.status.is_finished() {
            let requeued = matches!(&event, Event::Available(e) if e.requeue.is_some());
            assert!(requeued || matches!(event, Event::Carried(_)), "{before:?} {after:?} by {shown}");
        }
        // One owner: nothing goes from one to another but over `available`.
        if before.status == Status::InProgress && after.status == Status::InProgress {
            let carried = matches!(event, Event::Carried(_));
            assert!(carried || (&before.owner, before.claim) == (&after.owner, after.claim), "{shown}");
        }
        // What is guarded never changes without its version.
        if (before.status, &before.owner) != (after.status, &after.owner)
            && !matches!(event, Event::Carried(_))
        {
            assert!(after.version == *seq && before.version < *seq, "{before:?} {after:?} by {shown}");
        }
        // Nothing but a refusal's own entry, a late result, and what it means for readers that come late.
        if change.verdict.refusal().is_some() {
            let mut after = after.clone();
            if event.task_id() == Some(id) {
                assert_eq!(after.history.last().map(|entry| entry.verdict()), Some(change.verdict.clone()));
                after.history.clone_from(&before.history);
                after.late.clone_from(&before.late);
            }
            (after.handed_in, after.rewritten, after.needs) =
                (before.handed_in, before.rewritten, before.needs);
            assert_eq!(after, *before, "{shown}");
        }
        if event.task_id() != Some(id) || change.verdict != Verdict::Accepted {
            continue;
        }
        // Each act only by whom it may be done by, and with the guard that counts.
        let stale = |after: Option<u64>| after.is_some_and(|after| after != before.version);
        let session = |session: &Option<crate::Text<'_>>| session.as_ref().map(|s| s.as_str().to_owned());
        let allowed = match &event {
            Event::Claimed(e) => before.status == Status::Available && !stale(e.after),
            Event::Progress(e) => owns(before, e.claim, &e.agent_id, session(&e.session).as_deref()),
            Event::Completed(e) if e.accept.is_some() => {
                before.late.iter().any(|late| Some(late.seq) == e.accept) && !stale(e.after)
            }
            Event::Completed(e) => owns(
                before,
                e.claim,
                e.agent_id.as_deref().unwrap_or_default(),
                session(&e.session).as_deref(),
            ),
            Event::Failed(e) if e.by.is_some() => {
                before.status == Status::InProgress && e.after == Some(before.version)
            }
            Event::Failed(e) => owns(
                before,
                e.claim,
                e.agent_id.as_deref().unwrap_or_default(),
                session(&e.session).as_deref(),
            ),
            Event::Cancelled(e) => !before.status.is_finished() && !stale(e.after),
            Event::Available(e) => !stale(e.after),
            _ => true,
        };
        assert!(allowed, "accepted of {before:?}: {shown}");
    }
    if let Event::Unreadable(_) = event {
        assert_eq!(now.unreadable().total(), was.unreadable().total() + 1, "nothing is dropped in silence");
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_log_keeps_the_invariants(log in prop::collection::vec(next(), 0..60)) {
        let mut board = Board::new();
        for next in &log {
            let line = next.write(&board);
            let was = board.clone();
            let change = fold(&mut board, &line);
            check(&board);
            judge(&was, &board, &line, &change);
        }
    }

    #[test]
    fn the_fold_of_a_log_is_the_fold_of_its_parts(
        log in prop::collection::vec(next(), 0..60),
        cuts in prop::collection::vec((0_usize..60, 0_usize..10, any::<bool>()), 0..5),
    ) {
        let mut whole = Board::new();
        let mut lines = Vec::new();
        for next in &log {
            let line = next.write(&whole);
            fold(&mut whole, &line);
            lines.push(line);
        }
        let cuts: std::collections::BTreeSet<_> = cuts.into_iter().collect();
        let mut parts = Board::new();
        let mut from = 0;
        // Each part begins with some of what came before, and some readers begin with a copy.
        for (cut, again, copied) in cuts.into_iter().chain([(lines.len(), 0, false)]) {
            let cut = cut.min(lines.len());
            for line in &lines[from..cut] {
                fold(&mut parts, line);
            }
            if copied {
                parts = Board::decode_snapshot(&parts.encode_snapshot()).unwrap();
            }
            from = cut.saturating_sub(again);
        }
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..300), verb in 0..VERBS.len()) {
        let subject = format!("mjwork.{}", VERBS[verb]);
        let mut board = Board::new();
        let event = Event::decode(Subjects::default().topic(&subject), &body);
        board.apply(1, at(1), &subject, &event);
        prop_assert_eq!(board.unreadable().total(), 1);
    }
}

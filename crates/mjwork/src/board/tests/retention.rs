//! Longer than the stream remembers: whoever opens a board, and whenever, sees what those see who had it open all along.

use super::*;
use crate::draft::{self, Draft, MSG_ID};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// Seconds.
const MAX_AGE: u64 = 700;
/// At most so many seconds lie between two events: what is due for a seventh of `MAX_AGE` is done in time.
const STEP: u64 = 99;
const TASKS: [&str; 5] = ["t0", "t1", "t2", "t3", "t4"];

/// What may happen next.
#[derive(Clone, Debug)]
enum Op {
    /// Somebody publishes.
    Publish(Words),
    /// Somebody looks what has to be done, and prepares one thing: with a board that was always open, or with one
    /// opened just now.
    Look { fresh: bool, which: usize },
    /// What was prepared reaches the stream, whatever happened meanwhile.
    Arrive { which: usize },
    /// Time passes.
    Wait(u64),
    /// Somebody opens a board, and keeps it open.
    Open,
    /// A board that is open forgets.
    Forget { which: usize },
}

#[derive(Clone, Debug)]
struct Words {
    verb: u8,
    task: &'static str,
    agent: &'static str,
    guard: Guard,
    session: Option<&'static str>,
    blockers: Vec<&'static str>,
    flag: bool,
}

#[derive(Clone, Copy, Debug)]
enum Guard {
    None,
    Right,
    Other(u64),
}

fn words() -> impl Strategy<Value = Words> {
    let guard =
        prop_oneof![4 => Just(Guard::None), 4 => Just(Guard::Right), 1 => (0_u64..60).prop_map(Guard::Other)];
    let blockers = prop::collection::vec(prop::sample::select([&TASKS[..], &["none"]].concat()), 0..3);
    (
        0_u8..16,
        prop::sample::select(TASKS.to_vec()),
        prop::sample::select(vec!["a", "b"]),
        guard,
        prop::option::of(prop::sample::select(vec!["s1", "s2"])),
        blockers,
        any::<bool>(),
    )
        .prop_map(|(verb, task, agent, guard, session, blockers, flag)| Words {
            verb,
            task,
            agent,
            guard,
            session,
            blockers,
            flag,
        })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => words().prop_map(Op::Publish),
        2 => (any::<bool>(), 0_usize..9).prop_map(|(fresh, which)| Op::Look { fresh, which }),
        2 => (0_usize..9).prop_map(|which| Op::Arrive { which }),
        6 => (1..=STEP).prop_map(Op::Wait),
        1 => Just(Op::Open),
        2 => (0_usize..9).prop_map(|which| Op::Forget { which }),
    ]
}

/// A stream that forgets, and those who read it.
struct Stream {
    log: Vec<(Sequence, Timestamp, String, String)>,
    now: Timestamp,
    stored: HashSet<String>,
    prepared: Vec<Draft>,
    /// The first was always open.
    boards: Vec<Board>,
}

impl Stream {
    fn new() -> Self {
        let mut board = Board::new();
        board.forget(at(0), secs(MAX_AGE));
        let (stored, prepared) = (HashSet::new(), Vec::new());
        Self { log: Vec::new(), now: at(1), stored, prepared, boards: vec![board] }
    }

    fn store(&mut self, subject: &str, body: &str) {
        self.now = self.now + Duration::from_nanos(1);
        let seq = self.log.len() as u64 + 1;
        let mut verdicts =
            self.boards.iter_mut().map(|board| apply(board, seq, self.now, subject, body).verdict);
        let verdict = verdicts.next().unwrap();
        for other in verdicts {
            assert_eq!(verdict, other, "{seq} {subject} {body}");
        }
        self.log.push((seq, self.now, subject.to_owned(), body.to_owned()));
    }

    fn store_once(&mut self, draft: &Draft) {
        let id = draft.headers.iter().find(|(name, _)| *name == MSG_ID).map(|(_, id)| id.clone()).unwrap();
        if self.stored.insert(id) {
            self.store(&draft.subject, std::str::from_utf8(&draft.payload).unwrap());
        }
    }

    fn fresh(&self) -> Board {
        let mut board = Board::new();
        for (seq, time, subject, body) in &self.log {
            if *time >= self.now - secs(MAX_AGE) {
                apply(&mut board, *seq, *time, subject, body);
            }
        }
        board.forget(self.now, secs(MAX_AGE));
        board
    }

    /// Time passes; but before anything expires that somebody should have seen to, somebody does.
    fn wait(&mut self, seconds: u64) {
        let then = self.now + secs(seconds);
        for round in 0.. {
            assert!(round < 100, "the upkeep ends");
            let board = &self.boards[0];
            let mut due = board.upkeep(self.now, secs(MAX_AGE));
            due.retain(|todo| {
                board.task(todo.task().as_str()).unwrap().needs.time < then - secs(MAX_AGE) + secs(1)
            });
            if due.is_empty() {
                break;
            }
            for todo in &due {
                if let Some(draft) = prepare(&self.boards[0], todo) {
                    self.store_once(&draft);
                }
            }
        }
        self.now = then;
    }

    fn run(&mut self, op: &Op) {
        match op {
            Op::Publish(words) => {
                let (subject, body) = self.write(words);
                self.store(&subject, &body);
            }
            Op::Look { fresh, which } => {
                let board = if *fresh { &self.fresh() } else { &self.boards[which % self.boards.len()] };
                let todo = board.upkeep(self.now, secs(MAX_AGE));
                let draft = todo.get(which % todo.len().max(1)).and_then(|todo| prepare(board, todo));
                self.prepared.extend(draft);
            }
            Op::Arrive { which } => {
                if !self.prepared.is_empty() {
                    let draft = self.prepared.remove(which % self.prepared.len());
                    self.store_once(&draft);
                }
            }
            Op::Wait(seconds) => self.wait(*seconds),
            Op::Open => {
                if self.boards.len() < 4 {
                    self.boards.push(self.fresh());
                }
            }
            Op::Forget { which } => {
                let (now, which) = (self.now, which % self.boards.len());
                self.boards[which].forget(now, secs(MAX_AGE));
            }
        }
    }

    /// Everybody sees the same.
    fn check(&self) {
        let fresh = seen(&self.fresh());
        for (n, board) in self.boards.iter().enumerate() {
            let mut board = board.clone();
            board.forget(self.now, secs(MAX_AGE));
            invariants::check(&board);
            assert_eq!(fresh, seen(&board), "fresh, and board {n}; the log: {:#?}", self.log);
        }
    }

    fn write(&self, words: &Words) -> (String, String) {
        let Words { verb, task, agent, guard, session, blockers, flag } = words;
        let known = self.boards[0].task(task);
        let number = |right: Option<u64>| match guard {
            Guard::None => None,
            Guard::Right => right,
            Guard::Other(seq) => Some(*seq),
        };
        let opt = |name: &str, value: Option<String>| {
            value.map_or(String::new(), |value| format!(r#","{name}":{value}"#))
        };
        let after = opt("after", number(known.map(|t| t.version)).map(|n| n.to_string()));
        let claim = opt("claim", number(known.and_then(|t| t.claim)).map(|n| n.to_string()));
        let late = known.and_then(|t| t.late.last()).map(|late| late.seq);
        let accept = number(late).or(late).unwrap_or(3);
        let session = opt("session", session.map(|s| format!("{s:?}")));
        let (subject, rest) = match verb {
            0..=2 => ("tasks.available", format!(r#""title":"{flag}","blocked_by":{blockers:?}{after}"#)),
            // The same once more, as a script does that is run twice.
            3 => ("tasks.available", r#""title":"true""#.to_owned()),
            4 => {
                ("tasks.available", format!(r#""title":"x","blocked_by":{blockers:?},"requeue":{{}}{after}"#))
            }
            5..=7 => ("tasks.claimed", format!(r#""agent_id":"{agent}"{session}{after}"#)),
            8 => ("tasks.progress", format!(r#""agent_id":"{agent}","percent":3{session}{claim}"#)),
            9..=11 => ("tasks.completed", format!(r#""agent_id":"{agent}","result":{verb}{session}{claim}"#)),
            12 if *flag => ("tasks.failed", format!(r#""by":"w","error":"e"{after}"#)),
            12 => ("tasks.failed", format!(r#""agent_id":"{agent}","error":"e"{session}{claim}"#)),
            13 => ("tasks.cancelled", format!(r#""by":"op"{after}"#)),
            14 => ("tasks.completed", format!(r#""by":"op","accept":{accept}{after}"#)),
            _ if *flag => ("coordination", format!(r#""agent_id":"{agent}","message":"m""#)),
            _ => ("heartbeat", format!(r#""agent_id":"{agent}"{session}"#)),
        };
        match subject {
            "coordination" => ("mjwork.coordination".into(), format!("{{{rest}}}")),
            "heartbeat" => (format!("mjwork.heartbeat.{agent}"), format!("{{{rest}}}")),
            _ => (format!("mjwork.{subject}"), format!(r#"{{"task_id":"{task}",{rest}}}"#)),
        }
    }
}

fn prepare(board: &Board, todo: &Upkeep) -> Option<Draft> {
    let task = board.task(todo.task().as_str())?;
    let subjects = Subjects::default();
    Some(match todo {
        Upkeep::Requeue(_) => draft::requeue(&subjects, task, Some("owner lost"), "w"),
        Upkeep::GiveUp(_) => draft::give_up(&subjects, task, "owner lost", "w"),
        Upkeep::Carry(_) => draft::carried(&subjects, board, task),
        Upkeep::Forget(_) => draft::forget(&subjects, task),
    })
}

/// All that a board says, but for the histories: those reach as far back as each reader has read.
fn seen(board: &Board) -> impl PartialEq + std::fmt::Debug + use<> {
    let tasks: BTreeMap<TaskId, Task> =
        board.tasks().map(|t| (t.id.clone(), Task { history: History::default(), ..t.clone() })).collect();
    let blockers: BTreeMap<TaskId, Vec<Blocker>> =
        board.tasks().map(|t| (t.id.clone(), board.blockers(t))).collect();
    let agents: BTreeMap<AgentId, Agent> = board.agents().map(|a| (a.id.clone(), a.clone())).collect();
    let said: Vec<Said> = board.said().iter().cloned().collect();
    (tasks, blockers, agents, said)
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn whoever_reads_sees_the_same(ops in prop::collection::vec(op(), 0..150)) {
        let mut stream = Stream::new();
        for op in &ops {
            stream.run(op);
            stream.check();
        }
    }
}

//! The audit finds what it is there for: each rule is broken once, on purpose.

use super::*;
use mjwork::Timestamp;
use mjwork::event::{Event, Subjects};
use serde_json::json;

/// A log, and the project's fold of it.
struct Made {
    raw: Vec<Raw>,
    board: Board,
    words: Vec<Value>,
}

impl Made {
    /// Two tasks, of which the second waits for the first, and one that is urgent.
    fn new() -> Self {
        let mut made = Self { raw: Vec::new(), board: Board::new(), words: Vec::new() };
        made.store("available", None, json!({"task_id": "a", "title": "A", "priority": "low"}));
        made.store("available", None, json!({"task_id": "b", "title": "B", "blocked_by": ["a"]}));
        made.store("available", None, json!({"task_id": "c", "title": "C", "priority": "high"}));
        made
    }

    fn store(&mut self, verb: &str, msg_id: Option<&str>, body: Value) -> u64 {
        let seq = self.raw.len() as u64 + 1;
        let subject = format!("mjwork.tasks.{verb}");
        let payload = body.to_string();
        let event = Event::decode(Subjects::default().topic(&subject), payload.as_bytes());
        let time = Timestamp::from_secs(i64::try_from(seq).unwrap());
        self.board.apply(seq, time, &subject, &event);
        self.raw.push(Raw { seq, subject, msg_id: msg_id.map(Into::into), body });
        seq
    }

    fn claim(&mut self, id: &str, after: u64, seen: u64) -> u64 {
        let body = json!({"task_id": id, "agent_id": "x", "session": "s", "after": after, "seen": seen});
        let seq = self.store("claimed", Some(&format!("claimed.{id}.{after}")), body);
        self.words.push(json!({"claimed": id, "seq": seq}));
        seq
    }

    fn complete(&mut self, id: &str, claim: u64) -> u64 {
        let body = json!({"task_id": id, "agent_id": "x", "session": "s", "claim": claim});
        let seq = self.store("completed", Some(&format!("completed.{id}.{claim}.s")), body);
        self.words.push(json!({"completed": id, "seq": seq, "claim": claim}));
        seq
    }

    /// All done, as it should be.
    fn done() -> Self {
        let mut made = Self::new();
        let c = made.claim("c", 3, 3);
        let a = made.claim("a", 1, 4);
        made.complete("c", c);
        let ready = made.complete("a", a);
        let b = made.claim("b", ready, ready);
        made.complete("b", b);
        made
    }

    fn problems(&self) -> Vec<String> {
        let journal = Journal { name: "x".into(), killed: false, words: self.words.clone() };
        audit(&self.raw, &self.board, &[journal], Rules::strict(3)).problems
    }

    fn finds(&self, what: &str) {
        let problems = self.problems();
        assert!(problems.iter().any(|problem| problem.contains(what)), "{what}: {problems:#?}");
    }
}

#[test]
fn a_race_as_it_should_be_has_no_problems() {
    let made = Made::done();
    assert_eq!(made.problems(), Vec::<String>::new());
    let report = audit(&made.raw, &made.board, &[], Rules::strict(3));
    assert_eq!((report.claims, report.completions, report.judged), ((3, 3, 3), (3, 0), 3));
}

#[test]
fn a_second_completion_is_found() {
    let mut made = Made::done();
    made.store("completed", None, json!({"task_id": "a", "agent_id": "x", "session": "s"}));
    made.finds("1 completions were refused");
    // And one that a put-back made possible.
    let mut made = Made::done();
    let version = made.board.task("b").unwrap().version;
    let requeue = json!({"task_id": "b", "title": "B", "blocked_by": ["a"], "requeue": {}, "after": version});
    made.store("available", None, requeue);
    made.finds("the fold says available");
}

#[test]
fn a_second_owner_is_found() {
    let mut made = Made::done();
    let body = json!({"task_id": "a", "agent_id": "y", "session": "t", "after": 1});
    let seq = made.store("claimed", Some("claimed.a.1.again"), body);
    made.finds("1.333 claims stored a task");
    made.words.push(json!({"claimed": "a", "seq": seq}));
    made.finds(&format!("x believes that it took a at {seq}"));
    made.words.push(json!({"claimed": "a", "seq": 4}));
    made.finds("both believe in the claim 4");
}

#[test]
fn a_completion_of_somebody_else_is_found() {
    let mut made = Made::new();
    let claim = made.claim("c", 3, 3);
    made.store("completed", None, json!({"task_id": "c", "agent_id": "y", "session": "t", "claim": claim}));
    made.finds("and is not its owner's");
}

#[test]
fn a_claim_that_passes_over_something_urgent_is_found() {
    let mut made = Made::new();
    made.claim("a", 1, 3);
    made.finds("4 took a and left c lying, having seen 3");
    // Who had not seen it is no offender, nor who saw it and then lost it to another.
    let mut made = Made::new();
    made.claim("a", 1, 2);
    assert!(!made.problems().iter().any(|p| p.contains("lying")));
    let mut made = Made::new();
    made.claim("c", 3, 3);
    made.claim("a", 1, 3);
    assert!(!made.problems().iter().any(|p| p.contains("lying")));
}

#[test]
fn a_blocked_task_that_somebody_works_on_is_found() {
    let mut made = Made::new();
    made.claim("b", 2, 3);
    made.finds("x believes that it took b");
}

#[test]
fn what_is_stored_twice_or_never_is_found() {
    let mut made = Made::done();
    let body = json!({"task_id": "a", "agent_id": "x", "percent": 1});
    made.store("progress", Some("completed.a.5.s"), body);
    made.finds("completed.a.5.s is stored at");
    let mut made = Made::done();
    made.raw.pop();
    made.finds("b is Taken");
    made.finds("of b the fold says completed");
    let mut made = Made::done();
    made.words.pop();
    made.words.pop();
    made.finds("x does not know that it took b");
}

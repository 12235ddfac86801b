//! Bodies as strangers write them, and as nobody should.

use super::*;

fn decode<'a>(subject: &'static str, body: &'a str) -> Event<'a> {
    Event::decode(Subjects::default().topic(subject), body.as_bytes())
}

fn reason(subject: &'static str, body: &[u8]) -> String {
    match Event::decode(Subjects::default().topic(subject), body) {
        Event::Unreadable(u) => {
            assert_eq!(u.size, body.len());
            u.reason.to_string()
        }
        other => panic!("readable: {other:?}"),
    }
}

#[test]
fn the_required_fields_alone_are_enough() {
    for (subject, body) in [
        ("mjwork.tasks.available", r#"{"task_id":"t","title":"T"}"#),
        ("mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#),
        ("mjwork.tasks.progress", r#"{"task_id":"t","agent_id":"a"}"#),
        ("mjwork.tasks.completed", r#"{"task_id":"t","agent_id":"a"}"#),
        ("mjwork.tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"e"}"#),
        ("mjwork.tasks.cancelled", r#"{"task_id":"t","by":"op"}"#),
        ("mjwork.coordination", r#"{"agent_id":"a","message":"m"}"#),
        ("mjwork.errors", r#"{"message":"m"}"#),
        ("mjwork.heartbeat.a", r#"{"agent_id":"a"}"#),
    ] {
        assert!(!matches!(decode(subject, body), Event::Unreadable(_)), "{subject}");
        // Without any one of them it is unreadable, and the reason names the field.
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(body).unwrap();
        for name in fields.keys() {
            let mut fewer = fields.clone();
            fewer.remove(name);
            let said = reason(subject, serde_json::to_string(&fewer).unwrap().as_bytes());
            assert_eq!(said, format!("missing field `{name}`"), "{subject}");
        }
    }
}

#[test]
fn a_task_id_may_be_a_number() {
    for (id, text) in
        [("7", "7"), ("-3", "-3"), ("18446744073709551615", "18446744073709551615"), (r#""7""#, "7")]
    {
        let body = format!(r#"{{"task_id":{id},"title":"T","blocked_by":[{id},"x"]}}"#);
        match decode("mjwork.tasks.available", &body) {
            Event::Available(e) => assert_eq!((e.task_id.as_str(), e.blocked_by[0].as_str()), (text, text)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn unknown_fields_and_null_are_nothing() {
    let body = r#"{"task_id":"t","title":"T","color":{"x":[1]},"description":null,"blocked_by":null,"tags":null,"after":null,"requeue":null,"priority":null}"#;
    match decode("mjwork.tasks.available", body) {
        Event::Available(e) => {
            assert!(e.description.is_none() && e.blocked_by.is_empty() && e.requeue.is_none());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn text_with_and_without_escapes_is_the_same_text() {
    match decode("mjwork.errors", r#"{"message":"a\u0062\n\"<b>\ud83d\ude00"}"#) {
        Event::Problem(e) => assert_eq!(e.message, "ab\n\"<b>😀"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let available = "mjwork.tasks.available";
    for (body, said) in [
        (&b""[..], "the body is empty"),
        (b"\xff\xfe", "the body is not UTF-8 from byte 0 on"),
        (b"{\"task_id\":\"t\",\"title\":\"\xc3\"}", "the body is not UTF-8 from byte 24 on"),
        (b"hello", "the body is not JSON: expected value at line 1 column 1"),
        (b"{", "the body is not JSON: EOF while parsing an object at line 1 column 1"),
        (b"{} {}", "the body is not JSON: trailing characters at line 1 column 4"),
        (b"[\"t\",\"T\"]", "the body is JSON but not an object"),
        (b"null", "the body is JSON but not an object"),
        (
            b"{\"task_id\":[],\"title\":\"T\"}",
            "task_id is to be a task id, a text of 1 to 256 characters or an integer, not []",
        ),
        (
            b"{\"task_id\":1.5,\"title\":\"T\"}",
            "task_id is to be a task id, a text of 1 to 256 characters or an integer, not 1.5",
        ),
        (
            b"{\"task_id\":\"\",\"title\":\"T\"}",
            "task_id is to be a task id, a text of 1 to 256 characters or an integer, not \"\"",
        ),
        (b"{\"task_id\":\"t\",\"title\":5}", "title is to be a text, not 5"),
        (b"{\"task_id\":\"t\",\"title\":\"T\",\"tags\":\"x\"}", "tags is to be a list of texts, not \"x\""),
        (
            b"{\"type\":\"io.nats.jetstream.api.v1.stream_info_response\"}",
            "forged: the server relayed this message, nobody published it here",
        ),
    ] {
        assert_eq!(reason(available, body), said);
    }
    assert_eq!(
        reason("mjwork.heartbeat.a", br#"{"agent_id":"b"}"#),
        r#"the subject says "a", the body agent_id "b""#
    );
    assert_eq!(
        reason("mjwork.tasks.claimed", br#"{"task_id":"t","agent_id":"a.b"}"#),
        "agent_id has 1 to 64 characters of A-Z a-z 0-9 - _"
    );
    assert_eq!(
        reason("mjwork.tasks.progress", br#"{"task_id":"t","agent_id":"a","percent":101}"#),
        "percent lies from 0 to 100, this one is 101.0"
    );
    assert_eq!(reason("mjwork.nonsense", b"{}"), "the contract knows no such subject");
}

#[test]
fn depth_is_counted_outside_of_texts() {
    let nested = |levels: usize| {
        format!(r#"{{"task_id":"t","agent_id":"a","result":{}{}}}"#, "[".repeat(levels), "]".repeat(levels))
    };
    assert!(matches!(decode("mjwork.tasks.completed", &nested(63)), Event::Completed(_)));
    assert_eq!(
        reason("mjwork.tasks.completed", nested(64).as_bytes()),
        "the body is nested more than 64 levels deep"
    );
    assert_eq!(
        reason("mjwork.tasks.completed", nested(400_000).as_bytes()),
        "the body is nested more than 64 levels deep"
    );
    assert_eq!(
        reason("mjwork.tasks.completed", "[".repeat(1_000_000).as_bytes()),
        "the body is nested more than 64 levels deep"
    );
    let text = format!(r#"{{"message":"{}\"{}"}}"#, "[".repeat(500), "{".repeat(500));
    assert!(matches!(decode("mjwork.errors", &text), Event::Problem(_)));
}

#[test]
fn a_thousand_blockers_and_no_more() {
    let body =
        |n: usize| format!(r#"{{"task_id":"t","title":"T","blocked_by":{:?}}}"#, (0..n).collect::<Vec<_>>());
    assert!(matches!(decode("mjwork.tasks.available", &body(1_000)), Event::Available(_)));
    assert_eq!(
        reason("mjwork.tasks.available", body(1_001).as_bytes()),
        "blocked_by has at most 1000 entries, this one 1001"
    );
}

#[test]
fn a_megabyte_of_text_is_text() {
    let title = "x".repeat(1_000_000);
    match decode("mjwork.tasks.available", &format!(r#"{{"task_id":"t","title":"{title}"}}"#)) {
        Event::Available(e) => assert_eq!(e.title.len(), 1_000_000),
        other => panic!("{other:?}"),
    }
}

//! The server publishes answers with its own rights to whatever reply subject a request names, and it acts on headers.
//! Each test asks in every such way and then compares everything stored with what was there before.

use crate::stage::{Guest, Role, Stage, ask};
use async_nats::{HeaderMap, Message, Subscriber};
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Where answers would do harm, if they were delivered there.
const HOSTILE: [&str; 17] = [
    "mjwork.tasks.claimed",
    "mjwork.tasks.available",
    "mjwork.tasks.cancelled",
    "mjwork.heartbeat.Agent-Alpha",
    "mjboard.tasks.claimed",
    "mjapi.STREAM.INFO.MJ_ONLINE_WORK",
    "mjapi.DIRECT.GET.MJ_ONLINE_WORK",
    "$JS.API.STREAM.PURGE.MJ_ONLINE_WORK",
    "$JS.API.STREAM.DELETE.MJ_ONLINE_WORK",
    "$JS.API.STREAM.DELETE.AGENT_CHAT",
    "$JS.ACK.MJ_ONLINE_WORK.c.1.1.1.1.0",
    "$JS.FC.MJ_ONLINE_WORK.c.x",
    "$SYS.REQ.USER.INFO",
    "_R_.x",
    "_INBOX.x",
    "_INBOX_viewer.x",
    "agents.Alpha",
];
const READS: [&str; 3] =
    ["mjapi.STREAM.INFO.MJ_ONLINE_WORK", "mjapi.DIRECT.GET.MJ_ONLINE_WORK", "$SYS.REQ.USER.INFO"];
/// One message, all of them, and no question at all.
const BODIES: [&str; 3] = [r#"{"seq":1}"#, r#"{"seq":1,"batch":100}"#, r#"{"task_id":"1","agent_id":"x"}"#];
const OPERATOR_WRITES: [&str; 4] =
    ["mjwork.tasks.available", "mjwork.tasks.cancelled", "mjwork.tasks.completed", "mjwork.coordination"];

#[tokio::test]
async fn a_viewers_answers_reach_nobody_but_viewers_and_are_never_new_events() {
    let stage = Stage::set().await;
    let mut work = stage.work.subscribe(">").await.expect("WORK may hear everything");
    stage.work.flush().await.expect("a connection");
    let before = stage.photograph().await;
    let mut guest = stage.guest(Role::Viewer).await;
    let other = stage.page(Role::Viewer).await;
    let mut heard = other.client.subscribe("mjboard.>").await.expect("allowed");
    settle(&other).await;
    for (subject, reply, body) in every(&READS) {
        guest.misdirect(subject, reply, None, body).await;
    }
    settle(&guest).await;
    settle(&other).await;
    assert_eq!(before, stage.photograph().await);

    while let Some(message) = waiting(&mut work) {
        let subject = message.subject.as_str();
        let own = ["$JS.API.STREAM.", "$JS.API.DIRECT.GET.", "$JS.EVENT.", "_R_.", "_INBOX."];
        let expected = own.iter().any(|prefix| subject.starts_with(prefix)) || subject.ends_with(".shutter");
        assert!(expected, "{subject} was published in WORK");
        assert!(!subject.contains("PURGE") && !subject.contains("DELETE"), "{subject}");
    }
    // In their own account an answer may be sent where live events come from. It is an event only if it names its
    // sequence, and then it is word for word the stored one.
    let mut replayed = 0;
    while let Some(message) = waiting(&mut heard) {
        if let Some(sequence) = header(&message, "Nats-Sequence") {
            let which = json!({"seq": sequence.parse::<u64>().expect("a number")}).to_string();
            let stored = ask(&stage.work, "$JS.API.STREAM.MSG.GET.MJ_ONLINE_WORK", &which).await;
            assert_eq!(stored["message"]["subject"].as_str(), header(&message, "Nats-Subject"));
            assert_eq!(decoded(&stored["message"]["data"]), message.payload);
            replayed += 1;
        }
    }
    assert!(replayed > 0, "the test has to have replayed something, or it shows nothing");
}

#[tokio::test]
async fn an_operators_answers_are_written_only_where_the_operator_may_write() {
    let stage = Stage::set().await;
    let before = stage.photograph().await;
    let mut guest = stage.guest(Role::Operator).await;
    for (subject, reply, body) in every(&READS).chain(every(&OPERATOR_WRITES)) {
        guest.misdirect(subject, reply, None, body).await;
    }
    settle(&guest).await;
    let after = stage.photograph().await;
    for line in before.lines() {
        assert!(after.lines().any(|l| l == line), "gone or changed: {line}");
    }
    for line in after.lines().filter(|line| !before.lines().any(|l| l == *line)) {
        let message: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not only a new message: {line}"));
        let subject = message["subject"].as_str().expect("a subject");
        assert!(OPERATOR_WRITES.contains(&subject), "{line}");
    }
}

#[tokio::test]
async fn no_header_makes_an_operators_publish_more_than_a_publish() {
    let stage = Stage::set().await;
    let guest = stage.page(Role::Operator).await;
    let before = stage.photograph().await;
    for (name, value) in [
        ("Nats-Rollup", "all"),
        ("Nats-Rollup", "sub"),
        ("Nats-Incr", "+1"),
        ("Nats-Schedule", "@every 1s"),
        ("Nats-Batch-Id", "b"),
        ("Nats-Expected-Stream", "AGENT_CHAT"),
        ("Nats-Expected-Last-Sequence", "999"),
        ("Nats-TTL", "never-ever"),
    ] {
        for subject in OPERATOR_WRITES {
            let mut headers = HeaderMap::new();
            headers.insert(name, value);
            headers.insert("Nats-Schedule-Target", "mjwork.tasks.claimed");
            headers.insert("Nats-Batch-Sequence", "1");
            headers.insert("Nats-Batch-Commit", "1");
            let ack =
                guest.client.request_with_headers(subject, headers, "{}".into()).await.expect("an answer");
            let ack: Value = serde_json::from_slice(&ack.payload).expect("JSON");
            assert!(ack.get("error").is_some(), "{name} on {subject}: {ack}");
        }
    }
    assert_eq!(before, stage.photograph().await);
}

#[tokio::test]
async fn a_traced_request_writes_its_trace_nowhere() {
    let stage = Stage::set().await;
    let before = stage.photograph().await;
    for role in Role::ALL {
        let mut guest = stage.guest(role).await;
        for target in HOSTILE.into_iter().filter(|target| !OPERATOR_WRITES.contains(target)) {
            for subject in READS {
                let mut headers = HeaderMap::new();
                headers.insert("Nats-Trace-Dest", target);
                headers.insert("Accept-Encoding", "identity");
                let reply = format!("{}.x", role.inbox());
                guest.misdirect(subject, &reply, Some(&headers), BODIES[0]).await;
            }
        }
        settle(&guest).await;
    }
    assert_eq!(before, stage.photograph().await);
}

/// Every subject with every hostile reply and every body.
fn every(subjects: &[&'static str]) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    subjects.iter().flat_map(|subject| {
        HOSTILE.iter().flat_map(move |reply| BODIES.iter().map(move |body| (*subject, *reply, *body)))
    })
}

/// Waits until what was asked so far has been answered: each kind of question is answered in the order of its coming.
async fn settle(guest: &Guest) {
    ask(&guest.client, "mjapi.DIRECT.GET.MJ_ONLINE_WORK", BODIES[0]).await;
    ask(&guest.client, "mjapi.STREAM.INFO.MJ_ONLINE_WORK", "").await;
}

/// The next message that has already come. Unconstrained, as a task that has taken many is otherwise told to wait.
fn waiting(subscription: &mut Subscriber) -> Option<Message> {
    tokio::task::unconstrained(subscription.next()).now_or_never().flatten()
}

fn header<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    Some(message.headers.as_ref()?.get(name)?.as_str())
}

/// The bytes that a JSON answer of the server carries as base64.
fn decoded(text: &Value) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.as_str().unwrap_or_default().bytes().filter_map(|b| alphabet.find(char::from(b)));
    let mut bits = String::new();
    for digit in digits {
        write!(bits, "{digit:06b}").expect("a text");
    }
    bits.as_bytes()
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |value, bit| value << 1 | (bit - b'0')))
        .collect()
}

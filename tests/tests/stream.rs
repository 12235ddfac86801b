//! The stream and its reader on a real server: made, upgraded, read across gaps, restarts and forgeries.

use async_nats::Client;
use bytes::Bytes;
use mjwork::board::{Board, Refusal, Status, Verdict};
use mjwork::draft;
use mjwork::event::Subjects;
use mjwork::reader::{Fault, Range, Reader, Source, Step};
use mjwork::setup::{Done, setup};
use mjwork::{AgentId, Sequence, TaskId};
use mjwork_tests::server::{NatsServer, Options};
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

async fn client(server: &NatsServer) -> Client {
    async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials")
}

async fn api(client: &Client, subject: &str, body: Value) -> Value {
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    let answer = client.request(format!("$JS.API.{subject}"), body).await.expect("the API answers");
    serde_json::from_slice(&answer.payload).expect("JSON")
}

async fn store(client: &Client, subject: &str, body: &str) -> Sequence {
    let answer =
        client.request(subject.to_owned(), body.to_owned().into()).await.expect("an acknowledgement");
    let answer: Value = serde_json::from_slice(&answer.payload).expect("JSON");
    answer["seq"].as_u64().unwrap_or_else(|| panic!("{answer}"))
}

/// A reader, what it has brought, and the board that this makes.
struct Reading {
    reader: Reader,
    board: Board,
    seqs: Vec<Sequence>,
    resets: usize,
}

impl Reading {
    fn open(client: &Client) -> Self {
        let reader = Reader::open(client.clone(), Source::default());
        Self { reader, board: Board::new(), seqs: Vec::new(), resets: 0 }
    }

    async fn until(&mut self, what: &str, mut done: impl FnMut(&Self, bool) -> bool) {
        let reading = async {
            // What is wanted may have come already.
            while !done(self, false) {
                let step = self.reader.next().await;
                let synced = matches!(step, Step::Synced { .. });
                match step {
                    Step::Events(events) => {
                        for stored in &events {
                            let event = stored.event(&Subjects::default());
                            self.board.apply(stored.seq, stored.time, stored.subject(), &event);
                            self.seqs.push(stored.seq);
                        }
                    }
                    Step::Reset => {
                        self.board = Board::new();
                        self.seqs.clear();
                        self.resets += 1;
                    }
                    Step::Synced { .. } => {}
                    Step::Fault(fault) => panic!("{fault}"),
                }
                if done(self, synced) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("waited for {what}"));
        assert!(self.seqs.is_sorted_by(|a, b| a < b), "each once, in order");
    }

    async fn synced(&mut self) {
        self.until("all that the stream holds", |_, synced| synced).await;
    }
}

#[tokio::test]
async fn setup_makes_the_stream_and_then_leaves_it_alone() {
    let server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    let source = Source::default();
    let report = setup(&client, &source, 1).await.expect("it may");
    assert_eq!((report.done, report.warnings), (Done::Created, Vec::new()));
    let info = api(&client, "STREAM.INFO.MJ_ONLINE_WORK", Value::Null).await;
    let config = &info["config"];
    for (name, value) in [
        ("subjects", json!(["mjwork.>"])),
        ("storage", json!("file")),
        ("retention", json!("limits")),
        ("max_age", json!(604_800_000_000_000_u64)),
        ("duplicate_window", json!(3_600_000_000_000_u64)),
        ("allow_direct", json!(true)),
        ("allow_msg_ttl", json!(true)),
        ("deny_delete", json!(true)),
        ("allow_rollup_hdrs", json!(false)),
        ("num_replicas", json!(1)),
    ] {
        assert_eq!(config[name], value, "{name}");
    }
    assert_eq!(config["republish"]["dest"], "mjboard.>");
    let report = setup(&client, &source, 1).await.expect("it may");
    assert_eq!((report.done, report.warnings), (Done::Unchanged, Vec::new()));
}

#[tokio::test]
async fn a_stream_of_the_plain_command_is_upgraded_in_place_and_loses_nothing() {
    let server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    let plain = json!({
        "name": "MJ_ONLINE_WORK", "subjects": ["mjwork.>"], "storage": "file", "retention": "limits",
        "max_age": 604_800_000_000_000_u64, "max_msgs": 1_000_000, "description": "somebody's own",
    });
    let made = api(&client, "STREAM.CREATE.MJ_ONLINE_WORK", plain).await;
    assert!(made.get("error").is_none(), "{made}");
    for id in 0..50 {
        store(&client, "mjwork.tasks.available", &format!(r#"{{"task_id":{id},"title":"T"}}"#)).await;
    }
    // Until then a reader says what is missing.
    let mut reader = Reader::open(client.clone(), Source::default());
    assert!(matches!(reader.next().await, Step::Fault(Fault::NoDirectGet { .. })));

    let report = setup(&client, &Source::default(), 1).await.expect("it may");
    assert!(matches!(report.done, Done::Upgraded(_)) && report.warnings.is_empty(), "{report:?}");
    let info = api(&client, "STREAM.INFO.MJ_ONLINE_WORK", Value::Null).await;
    assert_eq!((&info["state"]["messages"], &info["config"]["max_msgs"]), (&json!(50), &json!(1_000_000)));
    assert_eq!(info["config"]["description"], "somebody's own", "what is not ours stays");
    let mut reading = Reading::open(&client);
    reading.synced().await;
    assert_eq!(reading.board.counts().of(Status::Available), 50);
    assert_eq!(setup(&client, &Source::default(), 1).await.expect("it may").done, Done::Unchanged);
}

#[tokio::test]
async fn a_reader_says_that_there_is_no_stream_and_reads_it_once_it_is_made() {
    let server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    let mut reader = Reader::open(client.clone(), Source::default());
    match reader.next().await {
        Step::Fault(fault @ Fault::NoSuchStream { .. }) => {
            assert!(fault.to_string().contains("mjwork setup"), "{fault}");
        }
        other => panic!("{other:?}"),
    }
    setup(&client, &Source::default(), 1).await.expect("it may");
    let synced = async {
        loop {
            if matches!(reader.next().await, Step::Synced { seq: 0 }) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, synced).await.expect("it goes on trying");
}

#[tokio::test]
async fn history_in_many_batches_and_live_messages_make_one_sequence() {
    let options = Options { sync_interval: Some("2m".into()), ..Options::default() };
    let server = NatsServer::start(options).await;
    let client = client(&server).await;
    setup(&client, &Source::default(), 1).await.expect("it may");
    let publish = async |from: usize, to: usize| {
        for n in from..to {
            let body = format!(r#"{{"agent_id":"a","message":"{n}"}}"#);
            client.publish("mjwork.coordination", body.into()).await.expect("published");
        }
        client.flush().await.expect("flushed");
    };
    publish(0, 50_000).await;
    // Some expire alone, so that sequences have gaps.
    let expiring = async |n: usize| {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-TTL", "1s");
        client
            .publish_with_headers("mjwork.heartbeat.a", headers, r#"{"agent_id":"a"}"#.into())
            .await
            .expect("published");
        if n.is_multiple_of(100) {
            publish(n, n + 1).await;
        }
    };
    for n in 0..2_000 {
        expiring(n).await;
    }
    store(&client, "mjwork.coordination", r#"{"agent_id":"a","message":"last"}"#).await;
    mjwork_tests::wait::until("the heartbeats to expire", PATIENCE, async || {
        let info = api(&client, "STREAM.INFO.MJ_ONLINE_WORK", Value::Null).await;
        if info["state"]["messages"] == 50_021 { Ok(()) } else { Err(info["state"].to_string()) }
    })
    .await;
    let mut reading = Reading::open(&client);
    let ((), ()) = tokio::join!(publish(0, 3_000), reading.synced());
    reading.until("the live messages", |reading, _| reading.seqs.len() == 53_021).await;
    assert_eq!(reading.board.said().total(), 53_021);
}

#[tokio::test]
async fn a_killed_server_loses_nothing_that_it_acknowledged() {
    let mut server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    setup(&client, &Source::default(), 1).await.expect("it may");
    let mut reading = Reading::open(&client);
    reading.synced().await;
    for round in 0..3 {
        let id = TaskId::new(format!("t{round}")).expect("an id");
        let body =
            mjwork::event::Available { task_id: id.as_str().into(), title: "T".into(), ..Default::default() };
        let ack = mjwork::send(&client, draft::available(&Subjects::default(), &body)).await.expect("stored");
        server.kill();
        server.restart().await;
        mjwork_tests::wait::until("the client to be back", PATIENCE, async || {
            client.request("$SYS.REQ.USER.INFO", Bytes::new()).await.map(drop)
        })
        .await;
        reading.reader.reconnected();
        reading
            .until("what was stored", |reading, synced| synced && reading.board.last_seq() == ack.seq)
            .await;
    }
    assert_eq!((reading.board.tasks().len(), reading.resets), (3, 0));
}

#[tokio::test]
async fn of_fifty_who_claim_at_once_the_server_stores_one() {
    let server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    setup(&client, &Source::default(), 1).await.expect("it may");
    let subjects = Subjects::default();
    let version = store(&client, "mjwork.tasks.available", r#"{"task_id":"t","title":"T"}"#).await;
    let task = TaskId::new("t").expect("an id");
    let claims = (0..50).map(|n| {
        let agent = AgentId::new(format!("w{n}")).expect("an id");
        let draft = draft::claim(&subjects, &task, version, &agent, Some("s"));
        let client = client.clone();
        async move { mjwork::send(&client, draft).await.expect("an acknowledgement") }
    });
    let acks = futures_util::future::join_all(claims).await;
    assert_eq!(acks.iter().filter(|ack| !ack.duplicate).count(), 1);
    assert!(acks.iter().all(|ack| ack.seq == version + 1), "all learn which one it is");
    let mut reading = Reading::open(&client);
    reading.synced().await;
    let task = reading.board.task("t").expect("it is there");
    assert_eq!((task.status, task.claim, task.attempts), (Status::InProgress, Some(version + 1), 1));
}

#[tokio::test]
async fn what_the_server_relays_on_somebodys_behalf_is_refused_as_forged() {
    let server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    setup(&client, &Source::default(), 1).await.expect("it may");
    let real = store(&client, "mjwork.tasks.available", r#"{"task_id":"t","title":"Real"}"#).await;
    store(&client, "mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#).await;
    let mut reading = Reading::open(&client);
    reading.synced().await;
    // The server answers a direct get, and the description of the stream, on subjects of the stream itself.
    let body = json!({"seq": real}).to_string();
    client
        .publish_with_reply("$JS.API.DIRECT.GET.MJ_ONLINE_WORK", "mjwork.tasks.available", body.into())
        .await
        .expect("published");
    client
        .publish_with_reply("$JS.API.STREAM.INFO.MJ_ONLINE_WORK", "mjwork.tasks.cancelled", Bytes::new())
        .await
        .expect("published");
    // What is stored then has the status line of an answer, which must end no batch and be no fault.
    client
        .publish_with_reply(
            "$JS.API.DIRECT.GET.MJ_ONLINE_WORK",
            "mjwork.tasks.completed",
            json!({"seq": 99_999}).to_string().into(),
        )
        .await
        .expect("published");
    mjwork_tests::wait::until("the three to be stored", PATIENCE, async || {
        let info = api(&client, "STREAM.INFO.MJ_ONLINE_WORK", Value::Null).await;
        if info["state"]["messages"] == 5 { Ok(()) } else { Err(info["state"].to_string()) }
    })
    .await;
    store(&client, "mjwork.tasks.available", r#"{"task_id":"after","title":"After"}"#).await;
    reading.until("all of it", |reading, _| reading.board.last_seq() == 6).await;
    let reasons: Vec<String> = reading.board.unreadable().iter().map(|r| r.reason.to_string()).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    // In whichever order the server wrote them; the status has no body.
    let forged = reasons.iter().filter(|r| r.starts_with("forged")).count();
    assert!(
        forged >= 2 && reasons.iter().all(|r| r.starts_with("forged") || r.contains("empty")),
        "{reasons:?}"
    );
    let mut fresh = Reading::open(&client);
    fresh.synced().await;
    assert_eq!(fresh.board.unreadable().total(), 3, "history says the same as the live messages");
    assert_eq!(fresh.seqs, [1, 2, 3, 4, 5, 6], "and goes on past all of them");
}

#[tokio::test]
async fn what_would_vanish_is_refused_unless_it_is_a_heartbeat() {
    let server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    setup(&client, &Source::default(), 1).await.expect("it may");
    for (subject, body) in [
        ("mjwork.tasks.available", r#"{"task_id":"t","title":"T"}"#),
        ("mjwork.heartbeat.a", r#"{"agent_id":"a"}"#),
    ] {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-TTL", "60s");
        client.request_with_headers(subject, headers, body.into()).await.expect("stored");
    }
    let mut reading = Reading::open(&client);
    reading.synced().await;
    assert_eq!((reading.board.tasks().len(), reading.board.agents().len()), (0, 1));
    let reason = reading.board.unreadable().iter().map(|r| r.reason.to_string()).next();
    assert!(reason.is_some_and(|reason| reason.contains("Nats-TTL")));
}

#[tokio::test]
async fn two_readers_agree_on_a_log_with_refusals() {
    let server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    setup(&client, &Source::default(), 1).await.expect("it may");
    let mut live = Reading::open(&client);
    live.synced().await;
    for (subject, body) in [
        ("available", r#"{"task_id":"a","title":"A"}"#),
        ("available", r#"{"task_id":"b","title":"B","blocked_by":["a"]}"#),
        ("claimed", r#"{"task_id":"b","agent_id":"x"}"#),
        ("claimed", r#"{"task_id":"a","agent_id":"x","session":"1"}"#),
        ("claimed", r#"{"task_id":"a","agent_id":"y"}"#),
        ("completed", r#"{"task_id":"a","agent_id":"y"}"#),
        ("completed", r#"{"task_id":"a","agent_id":"x","session":"2"}"#),
        ("completed", r#"{"task_id":"a","agent_id":"x","session":"1","result":[1]}"#),
        ("claimed", r#"{"task_id":"b","agent_id":"y"}"#),
    ] {
        store(&client, &format!("mjwork.tasks.{subject}"), body).await;
    }
    live.until("all of it", |reading, _| reading.board.last_seq() == 9).await;
    let mut fresh = Reading::open(&client);
    fresh.synced().await;
    let tasks = |board: &Board| {
        let mut tasks: Vec<_> = board.tasks().cloned().collect();
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        tasks
    };
    assert_eq!(tasks(&live.board), tasks(&fresh.board), "to the nanosecond of every entry");
    let verdicts: Vec<_> =
        live.board.task("a").expect("a").history.iter().map(|entry| entry.verdict()).collect();
    assert!(matches!(&verdicts[2], Verdict::Refused(Refusal::Taken { by }) if by.as_str() == "x"));
    assert_eq!(verdicts.iter().filter(|v| v.refusal().is_some()).count(), 3);
    assert_eq!(live.board.task("b").map(|t| t.status), Some(Status::InProgress));
}

/// All that a range brings: sequences in the order in which they came.
async fn range(
    client: &Client,
    source: &Source,
    first: Sequence,
    last: Sequence,
    subject: Option<&str>,
) -> Result<Vec<Sequence>, Fault> {
    let mut range = Range::open(client, source, first, last, subject).await?;
    let mut seqs = Vec::new();
    while let Some(part) = range.next().await? {
        assert!(!part.is_empty(), "a part is never empty");
        seqs.extend(part.iter().map(|stored| stored.seq));
    }
    Ok(seqs)
}

#[tokio::test]
async fn a_part_of_the_history_is_read_as_it_is() {
    let server = NatsServer::start(Options::default()).await;
    let client = client(&server).await;
    let source = Source::default();
    setup(&client, &source, 1).await.expect("the stream is made");
    assert_eq!(range(&client, &source, 1, 100, None).await, Ok(vec![]), "an empty stream");
    for n in 1..=2_500_u64 {
        let subject = if n.is_multiple_of(500) { "mjwork.coordination" } else { "mjwork.errors" };
        if n == 2_500 {
            store(&client, subject, "{}").await;
        } else {
            client.publish(subject, "{}".into()).await.expect("sent");
        }
    }
    for (first, last) in [(1, 2_500), (0, 10), (7, 7), (999, 2_001), (2_400, 9_000), (9, 8), (3_000, 4_000)] {
        let wanted: Vec<Sequence> = (first.max(1)..=last.min(2_500)).collect();
        assert_eq!(range(&client, &source, first, last, None).await, Ok(wanted), "{first} to {last}");
    }
    let talk = Some("mjwork.coordination");
    assert_eq!(range(&client, &source, 1, 2_500, talk).await, Ok(vec![500, 1_000, 1_500, 2_000, 2_500]));
    assert_eq!(range(&client, &source, 600, 1_999, talk).await, Ok(vec![1_000, 1_500]));
    assert_eq!(range(&client, &source, 1, 2_500, Some("mjwork.tasks.*")).await, Ok(vec![]));
    let nowhere = Source { stream: "NOWHERE".into(), ..Source::default() };
    let stream = nowhere.stream.clone();
    assert_eq!(range(&client, &nowhere, 1, 9, None).await, Err(Fault::NoDirectGet { stream }));
}

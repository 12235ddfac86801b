//! Names and signatures that no other case uses: that both have them is seen when this is compiled.

use std::pin::pin;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};

use crate::support::{case, nats, settled, soon, unique, url};
use nats::client::traits::{Publisher, Requester, Subscriber, TimeoutProvider};
use nats::connection::State;
use nats::header::{self, ParseHeaderNameError, ParseHeaderValueError};
use nats::jetstream::context::traits as streams;
use nats::message::OutboundMessage;
use nats::status::InvalidStatusCode;
use nats::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Subject, jetstream};

#[case]
async fn a_client_can_be_taken_for_what_it_does() {
    let options = nats::ConnectOptions::with_user_and_password("guest".into(), "guest".into());
    let servers = [url().parse::<nats::ServerAddr>().expect("an address")];
    let client = nats::connect_with_options(&servers[..], options).await.expect("a connection");
    assert_eq!(client.connection_state(), State::Connected);
    let (major, minor, patch): (i64, i64, i64) = (2, 11, 0);
    assert!(client.is_server_compatible(major, minor, patch));
    let _: std::sync::Arc<nats::client::Statistics> = client.statistics();
    assert_eq!(TimeoutProvider::timeout(&client), Some(Duration::from_secs(10)));

    let name = unique(&client);
    let listening = Subscriber::subscribe(&client, name.clone()).await.expect("a subject");
    let mut listening = pin!(listening);
    let message = |payload: &'static str| OutboundMessage {
        subject: name.as_str().into(),
        reply: Some("answers".into()),
        payload: payload.into(),
        headers: Some(HeaderMap::from_iter([(HeaderName::from_static("A"), HeaderValue::from("b"))])),
    };
    let mut sink = client.clone();
    sink.send(message("1")).await.expect("it is published");
    Publisher::publish_message(&client, message("2")).await.expect("it is published");
    let message: OutboundMessage = message("3");
    let jetstream = jetstream::new(client.clone());
    Publisher::publish_message(&jetstream, message).await.expect("it is published");
    Publisher::publish_with_reply(&client, name.clone(), "answers", "4".into())
        .await
        .expect("it is published");
    for payload in ["1", "2", "3", "4"] {
        let message = soon("a message", listening.next()).await.expect("a message");
        assert_eq!((&message.payload[..], message.reply.as_deref()), (payload.as_bytes(), Some("answers")));
    }
    let nobody = Requester::send_request(&jetstream, unique(&client), Request::new()).await;
    nobody.expect_err("nobody listens");
}

#[case]
async fn streams_can_be_taken_for_what_they_do() {
    let (jetstream, _, name) = crate::jetstream::fresh().await;
    let client = streams::ClientProvider::client(&jetstream);
    assert_eq!(streams::TimeoutProvider::timeout(&jetstream), Duration::from_secs(5));
    let subject = format!("{name}.a");
    let ack = streams::Publisher::publish(&jetstream, subject.clone(), "1".into()).await.expect("it is sent");
    assert_eq!(ack.await.expect("it is stored").sequence, 1);
    let message = jetstream::message::OutboundMessage::new(subject.into(), "2".into(), None);
    let ack = streams::Publisher::publish_message(&jetstream, message).await.expect("it is sent");
    assert_eq!(ack.await.expect("it is stored").sequence, 2);
    let asked = streams::Requester::request(&jetstream, format!("STREAM.INFO.{name}"), &()).await;
    let info: serde_json::Value = asked.expect("an answer");
    assert_eq!(info["state"]["messages"], 2);

    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.expect("a subject");
    settled(&client).await;
    jetstream.send_request("INFO", Request::new().inbox(inbox.clone())).await.expect("it is sent");
    streams::RequestSender::send_request(&jetstream, "INFO", Request::new().inbox(inbox))
        .await
        .expect("it is sent");
    for _ in 0..2 {
        let answer = soon("an answer", answers.next()).await.expect("an answer");
        assert!(answer.payload.starts_with(b"{"));
    }
}

#[case]
async fn words_of_the_protocol_are_the_same() {
    const SUBJECT: Subject = Subject::from_static_validated("a.b");
    assert_eq!(SUBJECT.as_str(), "a.b");

    assert_eq!(StatusCode::default(), StatusCode::OK);
    assert_eq!("503".parse::<StatusCode>().expect("a status"), StatusCode::NO_RESPONDERS);
    assert_eq!(StatusCode::try_from("423").expect("a status"), StatusCode::PIN_ID_MISMATCH);
    assert_eq!(StatusCode::try_from(&b"404"[..]).expect("a status"), StatusCode::NOT_FOUND);
    let wrong: Result<StatusCode, InvalidStatusCode> = "50".parse();
    wrong.expect_err("two digits");
    assert!(StatusCode::IDLE_HEARTBEAT.is_informational() && StatusCode::OK.is_success());
    assert!(StatusCode::NOT_FOUND.is_client_error() && StatusCode::NO_RESPONDERS.is_server_error());
    assert!(!StatusCode::OK.is_redirection() && 503 == StatusCode::NO_RESPONDERS);

    let name: Result<HeaderName, ParseHeaderNameError> = HeaderName::try_from("a:b");
    name.expect_err("a colon");
    let value: Result<HeaderValue, ParseHeaderValueError> = "a\nb".parse();
    value.expect_err("a line break");
    assert_eq!(AsRef::<[u8]>::as_ref(&HeaderValue::from("a")), b"a");
    for (name, text) in [
        (header::NATS_LAST_STREAM, "Nats-Last-Stream"),
        (header::NATS_LAST_CONSUMER, "Nats-Last-Consumer"),
        (header::NATS_PIN_ID, "Nats-Pin-Id"),
        (header::NATS_REQUIRED_API_LEVEL, "Nats-Required-Api-Level"),
        (header::NATS_BATCH_ID, "Nats-Batch-Id"),
        (header::NATS_BATCH_SEQUENCE, "Nats-Batch-Sequence"),
        (header::NATS_BATCH_COMMIT, "Nats-Batch-Commit"),
        (header::NATS_SCHEDULE, "Nats-Schedule"),
        (header::NATS_SCHEDULE_TARGET, "Nats-Schedule-Target"),
        (header::NATS_SCHEDULE_TTL, "Nats-Schedule-TTL"),
        (header::NATS_SCHEDULE_SOURCE, "Nats-Schedule-Source"),
        (header::NATS_SCHEDULE_TIME_ZONE, "Nats-Schedule-Time-Zone"),
        (header::NATS_SCHEDULE_ROLLUP, "Nats-Schedule-Rollup"),
        (header::NATS_SCHEDULER, "Nats-Scheduler"),
        (header::NATS_SCHEDULE_NEXT, "Nats-Schedule-Next"),
    ] {
        let name: &str = name.as_ref();
        assert_eq!(name, text);
    }
    assert_eq!((header::NATS_BATCH_COMMIT_FINAL, header::NATS_BATCH_COMMIT_EOB), ("1", "eob"));
    let words = [
        header::NATS_SCHEDULE_ROLLUP_SUB,
        header::NATS_SCHEDULE_YEARLY,
        header::NATS_SCHEDULE_MONTHLY,
        header::NATS_SCHEDULE_WEEKLY,
        header::NATS_SCHEDULE_DAILY,
        header::NATS_SCHEDULE_HOURLY,
    ];
    assert_eq!(words, ["sub", "@yearly", "@monthly", "@weekly", "@daily", "@hourly"]);

    let mut headers = HeaderMap::new();
    for value in ["x", "y"] {
        headers.append("Tag", value);
    }
    let written = serde_json::to_value(&headers).expect("it is written");
    assert_eq!(written, serde_json::json!({ "Tag": ["x", "y"] }));
    assert_eq!(serde_json::from_value::<HeaderMap>(written).expect("it is read"), headers);
}

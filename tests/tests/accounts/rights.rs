//! The table of PROTOCOL.md ("Accounts"), line by line: what each role may do, and a list of what it may not.

use crate::stage::{Role, STREAM, Stage, ask, direct_get, next};
use async_nats::HeaderMap;
use serde_json::json;

const READS: [&str; 3] =
    ["mjapi.STREAM.INFO.MJ_ONLINE_WORK", "mjapi.DIRECT.GET.MJ_ONLINE_WORK", "$SYS.REQ.USER.INFO"];
const OPERATOR_WRITES: [&str; 4] =
    ["mjwork.tasks.available", "mjwork.tasks.cancelled", "mjwork.tasks.completed", "mjwork.coordination"];
const NOBODY_PUBLISHES: [&str; 34] = [
    "mjwork",
    "mjwork.tasks",
    "mjwork.tasks.claimed",
    "mjwork.tasks.progress",
    "mjwork.tasks.failed",
    "mjwork.tasks.carried",
    "mjwork.tasks.available.more",
    "mjwork.errors",
    "mjwork.heartbeat.Agent-Alpha",
    "mjboard.tasks.available",
    "mjboard.x",
    "agents.Alpha",
    "mjapi.STREAM.PURGE.MJ_ONLINE_WORK",
    "mjapi.STREAM.INFO.AGENT_CHAT",
    "mjapi.DIRECT.GET.AGENT_CHAT",
    "mjapi.DIRECT.GET.MJ_ONLINE_WORK.mjwork.tasks.available",
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.MJ_ONLINE_WORK",
    "$JS.API.DIRECT.GET.MJ_ONLINE_WORK",
    "$JS.API.STREAM.PURGE.MJ_ONLINE_WORK",
    "$JS.API.STREAM.DELETE.MJ_ONLINE_WORK",
    "$JS.API.STREAM.UPDATE.MJ_ONLINE_WORK",
    "$JS.API.STREAM.CREATE.OTHER",
    "$JS.API.CONSUMER.CREATE.MJ_ONLINE_WORK",
    "$JS.API.CONSUMER.DURABLE.CREATE.MJ_ONLINE_WORK.c",
    "$JS.ACK.MJ_ONLINE_WORK.c.1.1.1.1.0",
    "$JS.FC.MJ_ONLINE_WORK.c.x",
    "_INBOX.x",
    "_INBOX_operator.x",
    "_INBOX_viewer.x",
    "_R_.x",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.ACCOUNT.WORK.CONNZ",
    "$SYS.ACCOUNT.WORK.CONNECT",
];
const NOBODY_SUBSCRIBES: [&str; 12] = [
    ">",
    "*.>",
    "mjwork.>",
    "mjapi.>",
    "agents.>",
    "_INBOX.>",
    "_INBOX.x",
    "_R_.>",
    "$SYS.>",
    "$JS.>",
    "$JS.ACK.>",
    "$JS.API.>",
];

#[tokio::test]
async fn each_role_publishes_what_the_table_says_and_nothing_else() {
    let stage = Stage::set().await;
    let before = stage.photograph().await;
    for role in Role::ALL {
        let mut guest = stage.guest(role).await;
        for subject in NOBODY_PUBLISHES {
            assert!(!guest.may_publish(subject).await, "{role:?} {subject}");
        }
    }
    assert_eq!(before, stage.photograph().await);
    for role in Role::ALL {
        let mut guest = stage.guest(role).await;
        for subject in READS {
            assert!(guest.may_publish(subject).await, "{role:?} {subject}");
        }
        for subject in OPERATOR_WRITES {
            assert_eq!(guest.may_publish(subject).await, role == Role::Operator, "{role:?} {subject}");
        }
    }
}

#[tokio::test]
async fn each_role_subscribes_to_live_events_and_its_own_inbox_and_nothing_else() {
    let stage = Stage::set().await;
    for role in Role::ALL {
        let mut guest = stage.guest(role).await;
        for subject in ["mjboard.>", "mjboard.tasks.claimed", "mjboard.heartbeat.*"] {
            assert!(guest.may_subscribe(subject).await, "{role:?} {subject}");
        }
        for owner in Role::ALL {
            for tail in [">", "x", "*.x"] {
                let subject = format!("{}.{tail}", owner.inbox());
                assert_eq!(guest.may_subscribe(&subject).await, owner == role, "{role:?} {subject}");
            }
        }
        for subject in NOBODY_SUBSCRIBES {
            assert!(!guest.may_subscribe(subject).await, "{role:?} {subject}");
        }
    }
}

#[tokio::test]
async fn each_role_reads_history_and_live_events_as_a_page_and_as_a_program() {
    let stage = Stage::set().await;
    for role in Role::ALL {
        for guest in [stage.guest(role).await, stage.page(role).await] {
            let client = &guest.client;
            let info = ask(client, "mjapi.STREAM.INFO.MJ_ONLINE_WORK", "").await;
            assert_eq!(info["config"]["name"], STREAM);
            let last = info["state"]["last_seq"].as_u64().expect("a last sequence");

            let history =
                direct_get(client, "mjapi.DIRECT.GET.MJ_ONLINE_WORK", &json!({"seq": 1, "batch": 100})).await;
            let sequence = |m: &async_nats::Message| -> Option<u64> {
                m.headers.as_ref()?.get("Nats-Sequence")?.as_str().parse().ok()
            };
            let sequences: Vec<_> = history.iter().filter_map(sequence).collect();
            assert_eq!(sequences, (1..=last).collect::<Vec<_>>(), "{role:?}");

            let heartbeats = json!({"multi_last": ["mjwork.tasks.*"]});
            let latest = direct_get(client, "mjapi.DIRECT.GET.MJ_ONLINE_WORK", &heartbeats).await;
            assert_eq!(latest.iter().filter_map(sequence).collect::<Vec<_>>(), [last], "{role:?}");

            let mut live = client.subscribe("mjboard.>").await.expect("allowed");
            client.flush().await.expect("a connection");
            ask(client, "$SYS.REQ.USER.INFO", "").await;
            let stored = stage.store("mjwork.tasks.available", r#"{"task_id":"live","title":"t"}"#).await;
            let message = next(&mut live).await;
            assert_eq!(message.subject.as_str(), "mjboard.tasks.available");
            assert_eq!(sequence(&message), Some(stored));
            let headers = message.headers.expect("it was republished");
            assert_eq!(headers.get("Nats-Subject").expect("named").as_str(), "mjwork.tasks.available");
            assert!(headers.get("Nats-Time-Stamp").is_some());
        }
    }
}

#[tokio::test]
async fn an_operators_publish_is_acknowledged_and_a_repeated_one_is_stored_once() {
    let stage = Stage::set().await;
    let guest = stage.page(Role::Operator).await;
    let before = ask(&stage.work, "$JS.API.STREAM.INFO.MJ_ONLINE_WORK", "").await;
    let mut last = before["state"]["last_seq"].as_u64().expect("a last sequence");
    for subject in OPERATOR_WRITES {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("once.{subject}"));
        for duplicate in [false, true] {
            let ack = guest
                .client
                .request_with_headers(subject, headers.clone(), r#"{"task_id":"7","by":"operator"}"#.into())
                .await
                .expect("an acknowledgement");
            let ack: serde_json::Value = serde_json::from_slice(&ack.payload).expect("JSON");
            last += u64::from(!duplicate);
            assert_eq!((ack["stream"].as_str(), ack["seq"].as_u64()), (Some(STREAM), Some(last)));
            assert_eq!(ack["duplicate"].as_bool().unwrap_or_default(), duplicate);
        }
        let which = json!({"seq": last}).to_string();
        let stored = ask(&stage.work, "$JS.API.STREAM.MSG.GET.MJ_ONLINE_WORK", &which);
        assert_eq!(stored.await["message"]["subject"], subject);
    }
}

#[tokio::test]
async fn each_role_is_told_its_own_permissions() {
    let stage = Stage::set().await;
    for (role, account) in [(Role::Operator, "OPS"), (Role::Viewer, "VIEW")] {
        let guest = stage.page(role).await;
        let told = ask(&guest.client, "$SYS.REQ.USER.INFO", "").await;
        assert_eq!(told["data"]["user"], role.user());
        assert_eq!(told["data"]["account"], account);
        let allowed = &told["data"]["permissions"]["publish"]["allow"];
        let allowed: Vec<_> = allowed.as_array().expect("a list").iter().filter_map(|s| s.as_str()).collect();
        assert_eq!(allowed.contains(&"mjwork.tasks.available"), role == Role::Operator, "{told}");
    }
}

#[tokio::test]
async fn work_may_do_everything() {
    let stage = Stage::set().await;
    let told = ask(&stage.work, "$SYS.REQ.USER.INFO", "").await;
    assert_eq!(told["data"]["account"], "WORK");
    assert!(told["data"].get("permissions").is_none_or(serde_json::Value::is_null), "{told}");
    for subject in ["mjwork.tasks.claimed", "mjwork.heartbeat.Agent-Alpha", "mjwork.errors", "agents.Alpha"] {
        stage.store(subject, "{}").await;
    }
    for (subject, body) in [
        ("$JS.API.INFO", json!({})),
        ("$JS.API.STREAM.CREATE.MORE", json!({"name": "MORE", "subjects": ["more.>"]})),
        ("$JS.API.CONSUMER.CREATE.MORE", json!({"stream_name": "MORE", "config": {"ack_policy": "none"}})),
        ("$JS.API.STREAM.PURGE.MORE", json!({})),
        ("$JS.API.STREAM.DELETE.MORE", json!({})),
    ] {
        let answer = ask(&stage.work, subject, &body.to_string()).await;
        assert!(answer.get("error").is_none(), "{subject}: {answer}");
    }
}

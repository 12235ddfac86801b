//! JetStream in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use std::future::IntoFuture;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use nats_wasm_shim::HeaderMap;
use nats_wasm_shim::direct_get::{Batch, MultiLast};
use nats_wasm_shim::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind};
use nats_wasm_shim::jetstream::publish::PublishErrorKind;
use nats_wasm_shim::jetstream::stream::{
    BatchEnd, Config, DirectGetErrorKind, Republish, StorageType, Stream,
};
use nats_wasm_shim::jetstream::{self, Context, ErrorCode};
use server::{guest, reconnect, soon, unique, user};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A stream of its own in memory, and a prefix of its subjects; both are its name.
async fn fresh() -> (Context, Stream, String) {
    let client = guest().await;
    let name = unique(&client);
    let jetstream = jetstream::new(client);
    let stream = jetstream.create_stream(config(&name)).await.expect("a stream");
    (jetstream, stream, name)
}

fn config(name: &str) -> Config {
    Config {
        name: name.to_owned(),
        subjects: vec![format!("{name}.>")],
        storage: StorageType::Memory,
        allow_direct: true,
        duplicate_window: Duration::from_secs(60),
        ..Config::default()
    }
}

async fn store(jetstream: &Context, subject: String, body: &str) -> u64 {
    let ack = jetstream.publish(subject, body.to_owned().into()).await.expect("it is sent");
    soon("an acknowledgement", ack.into_future()).await.expect("it is stored").sequence
}

#[wasm_bindgen_test]
async fn a_message_is_stored_once_and_acknowledged() {
    let (jetstream, _, name) = fresh().await;
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", "one");
    for (duplicate, body) in [(false, "first"), (true, "again")] {
        let ack = jetstream.publish_with_headers(format!("{name}.a"), headers.clone(), body.into()).await;
        let ack = soon("an acknowledgement", ack.expect("it is sent").into_future()).await.expect("an ack");
        assert_eq!((ack.sequence, ack.duplicate, ack.stream.as_str()), (1, duplicate, name.as_str()));
    }
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Expected-Last-Sequence", "7");
    let ack = jetstream
        .publish_with_headers(format!("{name}.a"), headers, "late".into())
        .await
        .expect("it is sent");
    let error = soon("a refusal", ack.into_future()).await.expect_err("the last sequence is 1");
    assert_eq!(error.kind(), PublishErrorKind::WrongLastSequence);
    let ack = jetstream.publish("no.stream.has.this", "lost".into()).await.expect("it is sent");
    let error = soon("a refusal", ack.into_future()).await.expect_err("there is no such stream");
    assert_eq!(error.kind(), PublishErrorKind::StreamNotFound);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn a_stream_is_made_once_changed_and_kept_as_it_is() {
    let (jetstream, stream, name) = fresh().await;
    let created = stream.cached_info();
    assert_eq!(created.config.subjects, [format!("{name}.>")]);
    assert!(created.created.is_some() && created.state.first_timestamp.is_none());
    assert_eq!((created.state.messages, created.config.duplicate_window), (0, Duration::from_secs(60)));
    jetstream.create_stream(config(&name)).await.expect("the same again");
    let other = Config { subjects: vec![format!("{name}.other")], ..config(&name) };
    let error = jetstream.create_stream(other.clone()).await.expect_err("another of that name");
    let CreateStreamErrorKind::JetStream(error) = error.kind() else { panic!("{error}") };
    assert_eq!((error.code(), error.error_code()), (400, ErrorCode::STREAM_NAME_EXIST));
    let kept = jetstream.get_or_create_stream(other).await.expect("it is there");
    assert_eq!(kept.cached_info().config.subjects, [format!("{name}.>")]);

    // A field that this crate does not know must come back as it was.
    let mut changed = kept.cached_info().config.clone();
    changed.unknown.insert("allow_batched".into(), true.into());
    changed.max_age = Duration::from_secs(3_600);
    changed.republish = Some(Republish {
        source: format!("{name}.>"),
        destination: format!("again.{name}.>"),
        headers_only: false,
    });
    changed.allow_message_ttl = true;
    let info = jetstream.update_stream(&changed).await.expect("a change");
    assert_eq!((info.config.max_age, info.config.allow_message_ttl), (Duration::from_secs(3_600), true));
    assert_eq!(info.config.republish, changed.republish);
    let same = jetstream.update_stream(&info.config).await.expect("no change");
    assert_eq!(same.config, info.config);
    assert_eq!(same.config.unknown.get("allow_batched"), Some(&true.into()));

    let mut again = jetstream.get_stream(&name).await.expect("it is there");
    store(&jetstream, format!("{name}.a"), "x").await;
    let info = again.info().await.expect("its state");
    assert_eq!((info.state.messages, info.state.last_sequence), (1, 1));
    assert!(info.state.last_timestamp <= info.time && info.state.last_timestamp.is_some());
    let usage = jetstream.query_account().await.expect("the account");
    assert!(usage.streams >= 1 && usage.limits.max_streams.is_none());

    jetstream.delete_stream(&name).await.expect("it is there");
    let error = jetstream.get_stream(&name).await.expect_err("it is gone");
    assert!(error.kind().is(ErrorCode::STREAM_NOT_FOUND), "{error}");
    let error = jetstream.get_stream("a.b").await.expect_err("no name");
    assert_eq!(error.kind(), GetStreamErrorKind::InvalidStreamName);
}

#[wasm_bindgen_test]
async fn a_refused_api_request_fails_at_once() {
    let jetstream = jetstream::new(user("denied", "denied").await);
    let error = soon("a refusal", jetstream.create_stream("refused")).await.expect_err("it is denied");
    assert_eq!(error.kind(), CreateStreamErrorKind::PermissionDenied);
    let elsewhere = jetstream::with_prefix(guest().await, "no.api.here");
    let error = soon("a refusal", elsewhere.get_stream("any")).await.expect_err("nobody answers there");
    assert_eq!(error.kind(), GetStreamErrorKind::Request);
}

#[wasm_bindgen_test]
async fn single_messages_are_read_by_sequence_and_by_subject() {
    let (jetstream, stream, name) = fresh().await;
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Sequence", "99");
    headers.insert("Own", "yes");
    let ack =
        jetstream.publish_with_headers(format!("{name}.a"), headers, "1".into()).await.expect("it is sent");
    soon("an acknowledgement", ack.into_future()).await.expect("it is stored");
    store(&jetstream, format!("{name}.a"), "2").await;
    store(&jetstream, format!("{name}.b"), "3").await;

    let first = soon("a message", stream.direct_get(1)).await.expect("it is there");
    assert_eq!((first.sequence, first.subject.as_str()), (1, format!("{name}.a").as_str()));
    assert_eq!(first.payload, "1");
    assert_eq!(first.headers.get("Own").map(|value| value.as_str()), Some("yes"));
    assert!(first.time > 1_700_000_000_000_000_000);
    let last = soon("a message", stream.direct_get_last_for_subject(format!("{name}.a")))
        .await
        .expect("it is there");
    assert_eq!((last.sequence, &last.payload[..]), (2, &b"2"[..]));
    let without_info = jetstream.get_stream_no_info(&name).await.expect("a name");
    assert_eq!(soon("a message", without_info.direct_get(3)).await.expect("it is there").payload, "3");

    for error in [
        soon("an error", stream.direct_get(4)).await.expect_err("not there yet"),
        soon("an error", stream.direct_get_last_for_subject(format!("{name}.c"))).await.expect_err("none"),
    ] {
        assert_eq!(error.kind(), DirectGetErrorKind::NotFound);
    }
    let error = stream.direct_get_last_for_subject("a.>").await.expect_err("no subject");
    assert_eq!(error.kind(), DirectGetErrorKind::InvalidSubject);
    let missing = jetstream.get_stream_no_info("missing").await.expect("a name");
    let error = soon("an error", missing.direct_get(1)).await.expect_err("no stream");
    assert_eq!(error.kind(), DirectGetErrorKind::NoResponders);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn batches_say_where_they_end() {
    let (jetstream, stream, name) = fresh().await;
    for number in 1..=10 {
        store(&jetstream, format!("{name}.{}", number % 3), &number.to_string()).await;
    }
    let mut batch = stream.get_batch(Batch::from_sequence(0, 4)).await.expect("it is sent");
    let mut expected = 1;
    while let Some(message) = soon("the next message", batch.try_next()).await.expect("a message") {
        assert_eq!((message.sequence, message.num_pending), (expected, Some(10 - expected)));
        assert_eq!(message.payload, expected.to_string());
        expected += 1;
    }
    assert_eq!(batch.end(), Some(BatchEnd { num_pending: 6, last_sequence: 4, up_to_sequence: None }));
    assert!(soon("nothing more", batch.next()).await.is_none());

    let sequences = async |request: Batch| {
        let batch = stream.get_batch(request).await.expect("it is sent");
        soon("a batch", batch.map_ok(|message| message.sequence).try_collect::<Vec<_>>()).await
    };
    assert_eq!(sequences(Batch::from_sequence(8, 100)).await.expect("a batch"), [8, 9, 10]);
    let of_one = Batch::from_sequence(1, 100).subject(format!("{name}.0"));
    assert_eq!(sequences(of_one).await.expect("a batch"), [3, 6, 9]);
    assert_eq!(sequences(Batch::from_sequence(1, 100).max_bytes(1)).await.expect("a batch"), [1]);
    let beyond = sequences(Batch::from_sequence(11, 100)).await.expect_err("nothing from there on");
    assert_eq!(beyond.kind(), DirectGetErrorKind::NotFound);

    let mut latest = stream.get_multi_last(MultiLast::new([format!("{name}.*")])).await.expect("it is sent");
    let mut found = Vec::new();
    while let Some(message) = soon("the next message", latest.try_next()).await.expect("a message") {
        found.push(message.sequence);
    }
    assert_eq!(found, [8, 9, 10]);
    assert_eq!(latest.end(), Some(BatchEnd { num_pending: 0, last_sequence: 10, up_to_sequence: Some(10) }));
    let earlier = stream
        .get_multi_last(MultiLast::new([format!("{name}.*")]).up_to_sequence(4))
        .await
        .expect("it is sent");
    let earlier: Vec<_> = soon("a batch", earlier.try_collect()).await.expect("a batch");
    assert_eq!(earlier.iter().map(|message| message.sequence).collect::<Vec<_>>(), [2, 3, 4]);
    let none = stream.get_multi_last(MultiLast::new(["other"])).await.expect("it is sent");
    let error = soon("an error", none.try_collect::<Vec<_>>()).await.expect_err("none matches");
    assert_eq!(error.kind(), DirectGetErrorKind::NotFound);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn ten_thousand_stored_messages_are_read_back_in_order() {
    const COUNT: u64 = 10_000;
    let (jetstream, stream, name) = fresh().await;
    let mut acks = Vec::new();
    for number in 1..=COUNT {
        acks.push(
            jetstream
                .publish(format!("{name}.a"), format!("{number:0>220}").into())
                .await
                .expect("it is sent"),
        );
        if acks.len() == 500 {
            for ack in acks.drain(..) {
                soon("an acknowledgement", ack.into_future()).await.expect("it is stored");
            }
        }
    }
    let started = js_sys::Date::now();
    let (mut next, mut batches) = (1, 0);
    while next <= COUNT {
        let mut batch = stream.get_batch(Batch::from_sequence(next, 3_000)).await.expect("it is sent");
        while let Some(message) = soon("the next message", batch.try_next()).await.expect("a message") {
            assert_eq!((message.sequence, message.payload), (next, format!("{next:0>220}").into()));
            next += 1;
        }
        batches += 1;
    }
    assert_eq!(batches, 4);
    console_log!("{COUNT} stored messages read in {} ms", js_sys::Date::now() - started);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn a_list_of_keys_has_each_once_though_the_connection_is_lost() {
    const COUNT: u32 = 5_000;
    const LAST: u32 = COUNT - 1;
    const GONE: u32 = COUNT - 2;

    let client = guest().await;
    let (jetstream, name) = (jetstream::new(client.clone()), unique(&client));
    let config = jetstream::kv::Config { bucket: name.clone(), history: 5, ..Default::default() };
    let bucket = jetstream.create_key_value(config).await.expect("a bucket");
    // More than the first pull asks for.
    let stored = futures_util::stream::iter(0..COUNT).map(|key| bucket.put(format!("key.{key}"), "x".into()));
    stored.buffered(100).try_collect::<Vec<_>>().await.expect("they are stored");
    let mut keys = bucket.keys().await.expect("keys");
    let mut found = vec![soon("a key", keys.next()).await.expect("a key").expect("a key")];
    reconnect(&client).await;
    // Behind where the list is, and before: written again, gone, new, and gone again.
    bucket.put("key.0", "y".into()).await.expect("it is stored");
    bucket.put(format!("key.{LAST}"), "y".into()).await.expect("it is stored");
    bucket.delete(format!("key.{GONE}")).await.expect("it is there");
    bucket.put("new", "y".into()).await.expect("it is stored");
    bucket.put("brief", "y".into()).await.expect("it is stored");
    bucket.delete("brief").await.expect("it is there");
    found.extend(soon("the keys", keys.try_collect::<Vec<_>>()).await.expect("keys"));
    found.sort();
    let mut expected: Vec<_> =
        (0..COUNT).filter(|key| *key != GONE).map(|key| format!("key.{key}")).collect();
    expected.push("new".to_owned());
    expected.sort();
    assert!(found == expected, "{} keys", found.len());
    jetstream.delete_key_value(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn a_list_of_keys_that_the_client_does_not_live_to_see_the_end_of_says_so() {
    // More than the first pull asks for.
    const COUNT: u32 = 1_000;

    let (other, client) = (jetstream::new(guest().await), guest().await);
    let name = unique(&client);
    let config = jetstream::kv::Config { bucket: name.clone(), ..Default::default() };
    let bucket = other.create_key_value(config).await.expect("a bucket");
    let stored = futures_util::stream::iter(0..COUNT).map(|key| bucket.put(format!("key.{key}"), "x".into()));
    stored.buffered(100).try_collect::<Vec<_>>().await.expect("they are stored");
    let read = jetstream::new(client.clone()).get_key_value(&name).await.expect("it is there");
    let mut keys = read.keys().await.expect("keys");
    soon("a key", keys.next()).await.expect("a key").expect("a key");
    client.drain().await.expect("it is open");
    let found = soon("the end", keys.collect::<Vec<_>>()).await;
    assert!(matches!(found.as_slice(), [.., Ok(_), Err(_)]), "{:?}", found.last());
    assert_eq!(found.iter().filter(|key| key.is_err()).count(), 1);
    other.delete_key_value(&name).await.expect("it is there");
}

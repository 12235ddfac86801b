//! Publishing to streams, managing them, and reading single messages of them.

use std::error::Error;
use std::future::IntoFuture;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};

use crate::support::{case, guest, nats, soon, unique, url, user, within};
use nats::HeaderMap;
use nats::jetstream::context::{
    AccountErrorKind, CreateStreamErrorKind, GetStreamByNameErrorKind, GetStreamErrorKind, PublishErrorKind,
    UpdateStreamErrorKind,
};
use nats::jetstream::message::PublishMessage;
use nats::jetstream::response::Response;
use nats::jetstream::stream::{
    Compression, Config, ConsumerLimits, DeleteMessageErrorKind, DirectGetErrorKind, DiscardPolicy, Info,
    LastRawMessageErrorKind, Republish, RetentionPolicy, StorageType, SubjectTransform,
};
use nats::jetstream::{self, Context, ErrorCode};

/// A stream of its own in memory, and a prefix of its subjects; both are its name.
pub async fn fresh() -> (Context, jetstream::stream::Stream, String) {
    let client = guest().await;
    let name = unique(&client);
    let jetstream = jetstream::new(client);
    let stream = jetstream.create_stream(config(&name)).await.expect("a stream");
    (jetstream, stream, name)
}

pub fn config(name: &str) -> Config {
    Config {
        name: name.to_owned(),
        subjects: vec![format!("{name}.>")],
        storage: StorageType::Memory,
        allow_direct: true,
        ..Config::default()
    }
}

/// Stores a message, and waits until it is.
pub async fn store(jetstream: &Context, subject: String, body: &str) -> u64 {
    let ack = jetstream.publish(subject, body.to_owned().into()).await.expect("it is sent");
    soon("an acknowledgement", ack.into_future()).await.expect("it is stored").sequence
}

/// Stores messages with the bodies 1 to `count`.
pub async fn store_numbers(jetstream: &Context, subject: &str, count: usize) {
    let mut acks = Vec::new();
    for number in 1..=count {
        let ack = jetstream.publish(subject.to_owned(), number.to_string().into()).await;
        acks.push(ack.expect("it is sent"));
    }
    for ack in acks {
        soon("an acknowledgement", ack.into_future()).await.expect("it is stored");
    }
}

#[case]
async fn a_message_is_stored_once_and_acknowledged() {
    let (jetstream, _, name) = fresh().await;
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", "one");
    for (duplicate, body) in [(false, "first"), (true, "again")] {
        let ack = jetstream.publish_with_headers(format!("{name}.a"), headers.clone(), body.into()).await;
        let ack = soon("an acknowledgement", ack.expect("it is sent").into_future()).await.expect("an ack");
        assert_eq!((ack.sequence, ack.duplicate, ack.stream.as_str()), (1, duplicate, name.as_str()));
    }
    let ack = jetstream.publish("no.stream.has.this", "lost".into()).await.expect("it is sent");
    let error = soon("a refusal", ack.into_future()).await.expect_err("there is no such stream");
    assert_eq!(error.kind(), PublishErrorKind::StreamNotFound);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn what_a_publisher_expects_holds_or_is_refused_by_kind() {
    let (jetstream, _, name) = fresh().await;
    let subject = format!("{name}.a");
    let send = async |message: PublishMessage| {
        let ack = jetstream.send_publish(subject.clone(), message).await.expect("it is sent");
        soon("an acknowledgement", ack.into_future()).await
    };
    let plain = PublishMessage::build;
    let first = plain().payload("1".into()).message_id("a").header("Own", "yes");
    assert_eq!(send(first).await.expect("it is stored").sequence, 1);
    let next = plain().expected_last_sequence(1).expected_last_message_id("a").expected_stream(&name);
    assert_eq!(send(next.message_id("b")).await.expect("all is as expected").sequence, 2);
    let fits = plain().expected_last_subject_sequence(2);
    assert_eq!(send(fits).await.expect("it is the subject's last").sequence, 3);

    for (message, kind) in [
        (plain().expected_last_sequence(1), PublishErrorKind::WrongLastSequence),
        (plain().expected_last_subject_sequence(1), PublishErrorKind::WrongLastSequence),
        (plain().expected_last_message_id("a"), PublishErrorKind::WrongLastMessageId),
        (plain().expected_stream("other"), PublishErrorKind::Other),
        (plain().ttl(Duration::from_secs(60)), PublishErrorKind::Other),
    ] {
        let error = send(message.clone()).await.expect_err("it is refused");
        assert_eq!(error.kind(), kind, "{message:?}");
    }
    let error = send(plain().expected_stream("other")).await.expect_err("it is refused");
    let cause = error.source().and_then(|cause| cause.downcast_ref::<jetstream::Error>());
    assert_eq!(cause.map(jetstream::Error::error_code), Some(ErrorCode::STREAM_NOT_MATCH));
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn a_stream_is_configured_as_was_said() {
    let client = guest().await;
    let name = unique(&client);
    let jetstream = jetstream::new(client);
    let wanted = Config {
        description: Some("all of it".into()),
        retention: RetentionPolicy::Limits,
        max_consumers: 7,
        max_messages: 1_000,
        max_bytes: 1_000_000,
        max_age: Duration::from_secs(3_600),
        max_messages_per_subject: 10,
        max_message_size: 10_000,
        discard: DiscardPolicy::New,
        discard_new_per_subject: true,
        duplicate_window: Duration::from_secs(30),
        allow_rollup: true,
        deny_delete: true,
        compression: Some(Compression::S2),
        first_sequence: Some(5),
        allow_message_ttl: true,
        subject_delete_marker_ttl: Some(Duration::from_secs(5)),
        subject_transform: Some(SubjectTransform {
            source: format!("{name}.>"),
            destination: format!("{name}.>"),
        }),
        consumer_limits: Some(ConsumerLimits {
            inactive_threshold: Duration::from_secs(60),
            max_ack_pending: 100,
        }),
        republish: Some(Republish {
            source: format!("{name}.>"),
            destination: format!("again.{name}.>"),
            headers_only: true,
        }),
        storage: StorageType::File,
        ..config(&name)
    };
    let stream = jetstream.create_stream(wanted.clone()).await.expect("a stream");
    let made = stream.cached_info().config.clone();
    let expected = Config {
        num_replicas: made.num_replicas,
        mirror_direct: made.mirror_direct,
        metadata: made.metadata.clone(),
        persist_mode: made.persist_mode,
        placement: made.placement.clone(),
        ..wanted
    };
    let as_json = |config: &Config| {
        let mut json = serde_json::to_value(config).expect("JSON");
        // What a client does not know it may keep as it came.
        json.as_object_mut().expect("an object").retain(|name, _| name != "allow_batched");
        json
    };
    assert_eq!(as_json(&made), as_json(&expected));
    assert_eq!(store(&jetstream, format!("{name}.a"), "x").await, 5);

    let changed = Config { max_messages: 2_000, ..made };
    let info = jetstream.update_stream(&changed).await.expect("a change");
    assert_eq!(info.config.max_messages, 2_000);
    let error = jetstream
        .update_stream(&Config { storage: StorageType::Memory, ..changed.clone() })
        .await
        .expect_err("storage cannot change");
    assert!(matches!(error.kind(), UpdateStreamErrorKind::JetStream(_)), "{error}");
    let elsewhere = Config { name: unique(&jetstream.client()), ..config(&name) };
    let error = jetstream.update_stream(&elsewhere).await.expect_err("there is none");
    assert_eq!(error.kind(), UpdateStreamErrorKind::NotFound);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn streams_are_found_listed_and_refused_by_kind() {
    let (jetstream, mut stream, name) = fresh().await;
    jetstream.create_stream(config(&name)).await.expect("the same again");
    let other = Config { subjects: vec![format!("{name}.other")], ..config(&name) };
    let error = jetstream.create_stream(other.clone()).await.expect_err("another of that name");
    let CreateStreamErrorKind::JetStream(error) = error.kind() else { panic!("{error}") };
    assert_eq!((error.code(), error.error_code()), (400, ErrorCode::STREAM_NAME_EXIST));
    let kept = jetstream.get_or_create_stream(other).await.expect("it is there");
    assert_eq!(kept.cached_info().config.subjects, [format!("{name}.>")]);
    let second = Config { subjects: vec![format!("{name}2.>")], ..config(&format!("{name}2")) };
    let info = jetstream.create_or_update_stream(second.clone()).await.expect("a new one");
    assert_eq!(info.config.description, None);
    let described = Config { description: Some("second".into()), ..second };
    let info = jetstream.create_or_update_stream(described).await.expect("a change");
    assert_eq!(info.config.description.as_deref(), Some("second"));

    let names: Vec<String> = soon("the names", jetstream.stream_names().try_collect()).await.expect("a list");
    assert!(names.contains(&name) && names.contains(&format!("{name}2")));
    let infos: Vec<_> = soon("the streams", jetstream.streams().try_collect()).await.expect("a list");
    assert!(infos.iter().any(|info| info.config.name == name));
    let found = jetstream.stream_by_subject(format!("{name}.a")).await.expect("it stores this subject");
    assert_eq!(found, name);
    let error = jetstream.stream_by_subject(unique(&jetstream.client())).await.expect_err("nobody stores it");
    assert_eq!(error.kind(), GetStreamByNameErrorKind::NotFound);

    store(&jetstream, format!("{name}.a"), "x").await;
    assert_eq!(stream.cached_info().state.messages, 0);
    assert_eq!(stream.info().await.expect("its state").state.messages, 1);
    assert_eq!(stream.get_info().await.expect("its state").state.last_sequence, 1);

    assert!(jetstream.delete_stream(format!("{name}2")).await.expect("it is there").success);
    assert!(jetstream.delete_stream(&name).await.expect("it is there").success);
    let error = jetstream.get_stream(&name).await.expect_err("it is gone");
    let GetStreamErrorKind::JetStream(error) = error.kind() else { panic!("{error}") };
    assert_eq!((error.code(), error.error_code()), (404, ErrorCode::STREAM_NOT_FOUND));
    for (bad, kind) in [("", GetStreamErrorKind::EmptyName), ("a.b", GetStreamErrorKind::InvalidStreamName)] {
        assert_eq!(jetstream.get_stream(bad).await.expect_err("no name").kind(), kind);
    }
    let error = jetstream.create_stream("").await.expect_err("no name");
    assert_eq!(error.kind(), CreateStreamErrorKind::EmptyStreamName);
    let error = jetstream.create_stream("a.b").await.expect_err("no name");
    assert_eq!(error.kind(), CreateStreamErrorKind::InvalidStreamName);
}

#[case]
async fn single_messages_are_read_by_sequence_and_by_subject() {
    let (jetstream, stream, name) = fresh().await;
    let message = PublishMessage::build().payload("1".into()).header("Own", "yes");
    let ack = jetstream.send_publish(format!("{name}.a"), message).await.expect("it is sent");
    soon("an acknowledgement", ack.into_future()).await.expect("it is stored");
    for (subject, body) in [("a", "2"), ("b", "3"), ("a", "\u{0}4")] {
        store(&jetstream, format!("{name}.{subject}"), body).await;
    }
    let (a, b) = (format!("{name}.a"), format!("{name}.b"));
    for (read, sequence, subject, body) in [
        (stream.direct_get(1).await, 1, &a, "1"),
        (stream.direct_get_last_for_subject(a.clone()).await, 4, &a, "\u{0}4"),
        (stream.direct_get_first_for_subject(b.clone()).await, 3, &b, "3"),
        (stream.direct_get_next_for_subject(a.clone(), Some(2)).await, 2, &a, "2"),
    ] {
        let message = read.expect("it is there");
        assert_eq!((message.sequence, message.subject.as_str()), (sequence, subject.as_str()));
        assert_eq!(message.payload, body);
    }
    for (read, sequence, subject, body) in [
        (stream.get_raw_message(1).await, 1, &a, "1"),
        (stream.get_last_raw_message_by_subject(&a).await, 4, &a, "\u{0}4"),
        (stream.get_first_raw_message_by_subject(a.clone(), 3).await, 4, &a, "\u{0}4"),
        (stream.get_next_raw_message_by_subject(b.clone()).await, 3, &b, "3"),
    ] {
        let message = read.expect("it is there");
        assert_eq!((message.sequence, message.subject.as_str()), (sequence, subject.as_str()));
        assert_eq!(message.payload, body);
    }
    for message in [stream.get_raw_message(1).await.ok(), stream.direct_get(1).await.ok()] {
        let headers = message.expect("it is there").headers;
        assert_eq!(headers.get("Own").map(|value| value.as_str().to_owned()).as_deref(), Some("yes"));
    }
    let error = soon("an error", stream.direct_get(5)).await.expect_err("not there yet");
    assert_eq!(error.kind(), DirectGetErrorKind::NotFound);
    let error = soon("an error", stream.get_raw_message(5)).await.expect_err("not there yet");
    assert_eq!(error.kind(), LastRawMessageErrorKind::NoMessageFound);
    let error = stream.direct_get_first_for_subject("a..b").await.expect_err("no subject");
    assert_eq!(error.kind(), DirectGetErrorKind::InvalidSubject);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn time_limits_are_the_contexts_or_the_clients() {
    let short = Duration::from_millis(200);
    let options = nats::ConnectOptions::with_user_and_password("guest".into(), "guest".into());
    let client = options.request_timeout(Some(short)).connect(url()).await.expect("a connection");
    // Somebody who listens and does not answer.
    let name = unique(&client);
    let mut listener = client.subscribe(format!("{name}.>")).await.expect("a subject");
    let prompt = Duration::from_secs(3);

    // Without a limit of its own a request has the client's, and an acknowledgement five seconds.
    let jetstream = jetstream::with_prefix(client.clone(), &name);
    let asked = within(prompt, "a time-out", jetstream.query_account()).await;
    assert_eq!(asked.expect_err("no answer").kind(), AccountErrorKind::TimedOut);
    within(prompt, "a question", listener.next()).await.expect("it was asked");
    let ack = jetstream.publish(format!("{name}.a"), "".into()).await.expect("it is sent");
    let stored = async {
        let message = listener.next().await.expect("a message");
        // By now the client's limit is over.
        client.request(format!("{name}.b"), "".into()).await.expect_err("no answer");
        let reply = message.reply.expect("it says where to answer");
        client.publish(reply, r#"{"stream":"S","seq":7}"#.into()).await.expect("an answer");
    };
    let (ack, ()) = within(prompt, "an ack", futures_util::future::join(ack.into_future(), stored)).await;
    assert_eq!(ack.expect("it is stored").sequence, 7);
    within(prompt, "a question", listener.next()).await.expect("it was asked");

    // One limit for both; the one of acknowledgements that nobody awaits is something else.
    let builder = jetstream::ContextBuilder::new().timeout(short).ack_timeout(Duration::from_secs(60));
    let jetstream = builder.api_prefix(&name).build(guest().await);
    let asked = within(prompt, "a time-out", jetstream.query_account()).await;
    assert_eq!(asked.expect_err("no answer").kind(), AccountErrorKind::TimedOut);
    let ack = jetstream.publish(format!("{name}.a"), "".into()).await.expect("it is sent");
    let ack = within(prompt, "a time-out", ack.into_future()).await;
    assert_eq!(ack.expect_err("no ack").kind(), PublishErrorKind::TimedOut);
}

#[case]
async fn who_may_read_the_last_of_a_subject_only_does_so() {
    let (jetstream, stream, name) = fresh().await;
    for subject in ["a", "b", "a"] {
        store(&jetstream, format!("{name}.{subject}"), subject).await;
    }
    let reader = jetstream::new(user("reader", "reader").await);
    let read = reader.get_stream(&name).await.expect("it may look");
    let a = format!("{name}.a");
    for message in [
        soon("the last", read.direct_get_last_for_subject(a.clone())).await,
        soon("the last", read.direct_get_builder().last_by_subject(a.clone()).send()).await,
    ] {
        let message = message.expect("it may read it");
        assert_eq!((message.sequence, message.subject.as_str()), (3, a.as_str()));
    }
    let missing = soon("no message", read.direct_get_last_for_subject(format!("{name}.c"))).await;
    assert_eq!(missing.expect_err("there is none").kind(), DirectGetErrorKind::NotFound);
    // Who may read everything gets the last of all that match, too.
    let any = stream.direct_get_builder().last_by_subject(format!("{name}.*")).send();
    assert_eq!(soon("the last", any).await.expect("it is there").sequence, 3);

    let bucket = jetstream::kv::Config { bucket: name.clone(), ..jetstream::kv::Config::default() };
    let store = jetstream.create_key_value(bucket).await.expect("a bucket");
    store.put("theme", "dark".into()).await.expect("a value");
    let store = reader.get_key_value(&name).await.expect("it may look");
    let value = soon("a value", store.get("theme")).await.expect("it may read it");
    assert_eq!(value.as_deref(), Some(&b"dark"[..]));
}

#[case]
async fn messages_are_purged_and_deleted_within_bounds() {
    let (jetstream, stream, name) = fresh().await;
    for number in 0..10 {
        store(&jetstream, format!("{name}.{}", number % 2), &number.to_string()).await;
    }
    assert!(stream.delete_message(4).await.expect("it is there"));
    let error = stream.delete_message(4).await.expect_err("it is gone");
    assert!(matches!(error.kind(), DeleteMessageErrorKind::JetStream(_)), "{error}");
    let details = stream.info_builder().with_deleted(true).subjects(">").fetch().await.expect("its state");
    assert_eq!(details.info.state.deleted, Some(vec![4]));
    let mut subjects: Vec<_> = details.try_collect().await.expect("its subjects");
    subjects.sort();
    assert_eq!(subjects, [(format!("{name}.0"), 5), (format!("{name}.1"), 4)]);

    // 1 to 10, without 4; the even ones are of the subject 1.
    let purged = stream.purge().sequence(3).await.expect("a purge");
    assert_eq!((purged.success, purged.purged), (true, 2));
    let purged = stream.purge().filter(format!("{name}.1")).keep(1).await.expect("a purge");
    assert_eq!(purged.purged, 2);
    let purged = stream.purge().filter(format!("{name}.0")).sequence(6).await.expect("a purge");
    assert_eq!(purged.purged, 2);
    let purged = stream.purge().keep(2).await.expect("a purge");
    assert_eq!(purged.purged, 1);
    assert_eq!(stream.purge().await.expect("a purge").purged, 2);
    assert_eq!(stream.get_info().await.expect("its state").state.messages, 0);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn the_api_is_where_prefix_and_domain_say() {
    let client = guest().await;
    let name = unique(&client);
    let elsewhere = jetstream::with_domain(client.clone(), "nowhere");
    let error = soon("a refusal", elsewhere.create_stream(config(&name))).await.expect_err("nobody is there");
    assert_eq!(error.kind(), CreateStreamErrorKind::JetStreamUnavailable);
    let error = soon("a refusal", elsewhere.get_stream(&name)).await.expect_err("nobody is there");
    assert_eq!(error.kind(), GetStreamErrorKind::Request);
    let same = jetstream::with_prefix(client.clone(), "$JS.API");
    same.create_stream(config(&name)).await.expect("it is the same");
    let built =
        jetstream::ContextBuilder::new().api_prefix("$JS.API").timeout(Duration::from_secs(3)).build(client);
    assert!(built.get_stream(&name).await.is_ok());
    assert!(built.query_account().await.expect("the account").streams >= 1);
    let info: Response<Info> = built.request(format!("STREAM.INFO.{name}"), &()).await.expect("an answer");
    assert!(matches!(info, Response::Ok(info) if info.config.name == name));
    let info: Response<Info> = built.request("STREAM.INFO.none", &()).await.expect("an answer");
    let Response::Err { error } = info else { panic!("there is none") };
    assert_eq!(error.error_code(), ErrorCode::STREAM_NOT_FOUND);
    built.delete_stream(&name).await.expect("it is there");
}

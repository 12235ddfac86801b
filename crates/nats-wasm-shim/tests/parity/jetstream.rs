//! Publishing to streams, managing them, and reading single messages of them.

use std::future::IntoFuture;

use crate::support::{case, guest, nats, soon, unique};
use nats::HeaderMap;
use nats::jetstream::context::PublishErrorKind;
use nats::jetstream::stream::{Config, DirectGetErrorKind, StorageType};
use nats::jetstream::{self, Context};

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
async fn single_messages_are_read_by_sequence_and_by_subject() {
    let (jetstream, stream, name) = fresh().await;
    for (subject, body) in [("a", "1"), ("a", "2"), ("b", "3")] {
        store(&jetstream, format!("{name}.{subject}"), body).await;
    }
    let first = soon("a message", stream.direct_get(1)).await.expect("it is there");
    assert_eq!((first.sequence, first.subject.as_str()), (1, format!("{name}.a").as_str()));
    assert_eq!(first.payload, "1");
    let last = stream.direct_get_last_for_subject(format!("{name}.a"));
    assert_eq!(soon("a message", last).await.expect("it is there").payload, "2");
    let error = soon("an error", stream.direct_get(4)).await.expect_err("not there yet");
    assert_eq!(error.kind(), DirectGetErrorKind::NotFound);
    jetstream.delete_stream(&name).await.expect("it is there");
}

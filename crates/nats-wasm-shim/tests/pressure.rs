//! Publishing more than the browser takes, against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use nats_wasm_shim::direct_get::Batch;
use nats_wasm_shim::jetstream::stream::DirectGetErrorKind;
use nats_wasm_shim::{Client, Subscriber};
use server::{guest, soon, unique};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Sends a last message, an empty one, and counts those that come before it.
async fn count(client: &Client, subject: String, subscriber: &mut Subscriber) -> usize {
    soon("room for more", client.publish(subject, Bytes::new())).await.expect("a publish");
    let mut received = 0;
    while !soon("the next message", subscriber.next()).await.expect("a message").payload.is_empty() {
        received += 1;
    }
    received
}

#[wasm_bindgen_test]
async fn a_publish_that_is_given_up_while_it_waits_is_not_sent() {
    let client = guest().await;
    let subject = unique(&client);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    let body = Bytes::from(vec![7; 200_000]);
    let (mut sent, mut given_up) = (0, 0);
    for _ in 0..100 {
        match client.publish(subject.clone(), body.clone()).now_or_never() {
            Some(published) => {
                published.expect("a publish");
                sent += 1;
            }
            None => given_up += 1,
        }
    }
    assert!(given_up > 0, "twenty megabytes are more than the browser is given at once");
    let received = count(&client, subject, &mut subscriber).await;
    assert_eq!(received, sent);
}

#[wasm_bindgen_test]
async fn a_publish_to_a_stream_that_is_given_up_while_it_waits_is_not_sent() {
    let client = guest().await;
    let subject = unique(&client);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    let jetstream = nats_wasm_shim::jetstream::new(client.clone());
    let body = Bytes::from(vec![7; 200_000]);
    let (mut acks, mut given_up) = (Vec::new(), 0);
    for _ in 0..100 {
        match jetstream.publish(subject.clone(), body.clone()).now_or_never() {
            Some(sent) => acks.push(sent.expect("it is sent")),
            None => given_up += 1,
        }
    }
    assert!(given_up > 0, "twenty megabytes are more than the browser is given at once");
    let received = count(&client, subject, &mut subscriber).await;
    assert_eq!(received, acks.len());
}

#[wasm_bindgen_test]
async fn a_direct_get_waits_for_room() {
    let client = guest().await;
    let subject = unique(&client);
    let jetstream = nats_wasm_shim::jetstream::new(client.clone());
    let stream = jetstream.get_stream_no_info(&subject).await.expect("a name");
    let ask = || stream.get_batch(Batch::from_sequence(1, 1));
    assert!(ask().now_or_never().is_some(), "there is room");
    let body = Bytes::from(vec![7; 200_000]);
    while client.publish(subject.clone(), body.clone()).now_or_never().is_some() {}
    assert!(ask().now_or_never().is_none(), "there is none");
    let mut batch = soon("room for more", ask()).await.expect("it is sent");
    let error = soon("an answer", batch.next()).await.expect("an answer").expect_err("no such stream");
    assert_eq!(error.kind(), DirectGetErrorKind::NoResponders);
}

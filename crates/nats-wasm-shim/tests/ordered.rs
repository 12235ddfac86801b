//! Reading a stream in its order over changes of the connection, in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use std::future::IntoFuture;

use futures_util::{FutureExt, StreamExt};
use nats_wasm_shim::jetstream::consumer::{pull, push};
use nats_wasm_shim::jetstream::stream::{Config, StorageType, Stream};
use nats_wasm_shim::jetstream::{self, Context};
use server::{guest, reconnect, soon, unique};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A stream of its own in memory, and a prefix of its subjects; both are its name.
async fn fresh() -> (Context, Stream, String) {
    let client = guest().await;
    let name = unique(&client);
    let config = Config {
        name: name.clone(),
        subjects: vec![format!("{name}.>")],
        storage: StorageType::Memory,
        ..Config::default()
    };
    let jetstream = jetstream::new(client);
    let stream = jetstream.create_stream(config).await.expect("a stream");
    (jetstream, stream, name)
}

async fn store(jetstream: &Context, name: &str, body: &str) {
    let ack = jetstream.publish(format!("{name}.a"), body.to_owned().into()).await.expect("it is sent");
    soon("an acknowledgement", ack.into_future()).await.expect("it is stored");
}

#[wasm_bindgen_test]
async fn an_ordered_reader_ends_with_the_client_also_while_its_consumer_is_replaced() {
    let (other, _, name) = fresh().await;
    let client = guest().await;
    let stream = jetstream::new(client.clone()).get_stream(&name).await.expect("it is there");
    let consumer = stream.create_consumer(pull::OrderedConfig::default()).await.expect("a consumer");
    let mut messages = consumer.messages().await.expect("messages");
    assert!(messages.next().now_or_never().is_none(), "nothing is stored");
    reconnect(&client).await;
    // So it is being replaced; nobody would answer that, as what asks for it is still to be sent.
    assert!(messages.next().now_or_never().is_none(), "nothing is stored");
    client.drain().await.expect("it is open");
    let end = soon("its end", messages.next()).await;
    assert!(end.is_none(), "{end:?}");
    other.delete_stream(&name).await.expect("it is there");
}

/// An ordered reader that is pushed to, and where its first consumer delivers.
async fn pushed(jetstream: &Context, stream: &Stream) -> (push::Ordered, String) {
    let first = jetstream.client().new_inbox();
    let config = push::OrderedConfig { deliver_subject: first.clone(), ..push::OrderedConfig::default() };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    (consumer.messages().await.expect("messages"), first)
}

#[wasm_bindgen_test]
async fn an_ordered_reader_that_is_pushed_to_listens_elsewhere_after_a_replacement() {
    let (jetstream, stream, name) = fresh().await;
    let (mut messages, first) = pushed(&jetstream, &stream).await;
    reconnect(&jetstream.client()).await;
    // Else the first consumer, which the server has still, could deliver before the reader sees the new connection.
    assert!(messages.next().now_or_never().is_none(), "nothing is stored");
    store(&jetstream, &name, "x").await;
    let message = soon("a message", messages.next()).await.expect("it goes on").expect("a message");
    let consumer = message.info().expect("a delivery").consumer;
    let info = stream.consumer_info(consumer).await.expect("it is there");
    assert_ne!(info.config.deliver_subject, Some(first));
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn what_the_first_consumer_pushes_over_another_connection_is_not_given_out_twice() {
    let (jetstream, stream, name) = fresh().await;
    let client = jetstream.client();
    let (mut messages, first) = pushed(&jetstream, &stream).await;
    let mut beside = client.subscribe(first).await.expect("a subject");
    reconnect(&client).await;
    store(&jetstream, &name, "x").await;
    // The reader has not looked yet, and has it when the server has said all that it had to say by then.
    soon("a delivery", beside.next()).await.expect("it goes on");
    client.flush().await.expect("the server talks to it");
    for body in ["x", "y", "z"] {
        if body != "x" {
            store(&jetstream, &name, body).await;
        }
        let message = soon("a message", messages.next()).await.expect("it goes on").expect("a message");
        assert_eq!(message.payload, body);
        // After the first it looks at the connection, and has the consumer replaced.
        assert!(messages.next().now_or_never().is_none(), "nothing more is stored");
    }
    jetstream.delete_stream(&name).await.expect("it is there");
}

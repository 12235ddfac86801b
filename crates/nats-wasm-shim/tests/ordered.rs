//! Reading a stream in its order over changes of the connection, in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use std::future::IntoFuture;
use std::sync::atomic::Ordering;

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use nats_wasm_shim::ConnectionEvent;
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

/// An ordered reader that pulls.
async fn pulled(stream: &Stream) -> pull::Ordered {
    let consumer = stream.create_consumer(pull::OrderedConfig::default()).await.expect("a consumer");
    consumer.messages().await.expect("messages")
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

#[wasm_bindgen_test]
async fn an_ordered_reader_ends_with_the_client_also_while_its_consumer_is_replaced() {
    for (pushes, is_answered) in [(false, false), (false, true), (true, false), (true, true)] {
        let (other, observed, name) = fresh().await;
        let client = guest().await;
        let jetstream = jetstream::new(client.clone());
        let stream = jetstream.get_stream(&name).await.expect("it is there");
        let mut messages = if pushes {
            pushed(&jetstream, &stream).await.0.map(|next| format!("{next:?}")).boxed_local()
        } else {
            pulled(&stream).await.map(|next| format!("{next:?}")).boxed_local()
        };
        assert!(messages.next().now_or_never().is_none(), "nothing is stored");
        reconnect(&client).await;
        // So it is being replaced; nobody would answer that, as what asks for it is still to be sent.
        assert!(messages.next().now_or_never().is_none(), "nothing is stored");
        if is_answered {
            let is_next = async |name: String| name.ends_with("_1");
            soon("the next consumer", async {
                while !observed.consumer_names().try_any(is_next).await.expect("a list") {}
            })
            .await;
            client.flush().await.expect("the server talks to it");
        }
        client.drain().await.expect("it is open");
        let end = soon("its end", messages.next()).await;
        assert_eq!(end, None, "pushes: {pushes}, answered: {is_answered}");
        other.delete_stream(&name).await.expect("it is there");
    }
}

#[wasm_bindgen_test]
async fn who_pulls_reads_what_had_come_when_the_client_was_drained() {
    // As many as the first pull asks for.
    for (orders, first_pull) in [(false, 200), (true, 500)] {
        let (other, _, name) = fresh().await;
        let acks = futures_util::stream::iter(0..1_000).map(|_| store(&other, &name, "x"));
        acks.buffered(100).collect::<Vec<_>>().await;
        let client = guest().await;
        let stream = jetstream::new(client.clone()).get_stream(&name).await.expect("it is there");
        let mut messages = if orders {
            pulled(&stream).await.map_err(nats_wasm_shim::Error::from).boxed_local()
        } else {
            let consumer = stream.create_consumer(pull::Config::default()).await.expect("a consumer");
            consumer.messages().await.expect("messages").map_err(nats_wasm_shim::Error::from).boxed_local()
        };
        let statistics = client.statistics();
        let before = statistics.in_messages.load(Ordering::Relaxed);
        soon("a message", messages.next()).await.expect("it goes on").expect("a message");
        soon("all that was asked for", async {
            while statistics.in_messages.load(Ordering::Relaxed) < before + first_pull {
                client.flush().await.expect("the server talks to it");
            }
        })
        .await;
        client.drain().await.expect("it is open");
        let rest = soon("the end", messages.try_collect::<Vec<_>>()).await.expect("no error");
        assert_eq!(rest.len() as u64, first_pull - 1);
        other.delete_stream(&name).await.expect("it is there");
    }
}

#[wasm_bindgen_test]
async fn who_is_pushed_to_ends_with_a_client_that_is_drained_without_a_connection() {
    let (other, _, name) = fresh().await;
    let client = guest().await;
    let jetstream = jetstream::new(client.clone());
    let stream = jetstream.get_stream(&name).await.expect("it is there");
    let (mut messages, _) = pushed(&jetstream, &stream).await;
    let mut events = client.events();
    client.force_reconnect().await.expect("it is open");
    soon("the loss", async {
        while !matches!(events.next().await, Some(ConnectionEvent::Disconnected(_))) {}
    })
    .await;
    // Without it there would be nothing to wait for, and the client would be closed at once.
    client.publish(unique(&client), "kept".into()).await.expect("it is kept");
    client.drain().await.expect("it is open");
    let end = soon("its end", messages.next()).await;
    assert!(end.is_none(), "{end:?}");
    other.delete_stream(&name).await.expect("it is there");
}

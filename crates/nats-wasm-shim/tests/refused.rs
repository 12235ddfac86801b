//! What the server does not permit, in a browser against a real server: it answers a refused request with nothing but a
//! complaint, and yet nobody waits for a time-out.
#![cfg(target_arch = "wasm32")]

mod server;

use std::error::Error;
use std::future::IntoFuture;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use nats_wasm_shim::jetstream::consumer::pull::{Config, MessagesErrorKind, OrderedConfig, OrderedErrorKind};
use nats_wasm_shim::jetstream::consumer::{Consumer, ConsumerErrorKind, Info, PullConsumer};
use nats_wasm_shim::jetstream::context::{CreateStreamErrorKind, RequestError, RequestErrorKind};
use nats_wasm_shim::jetstream::publish::PublishErrorKind;
use nats_wasm_shim::jetstream::stream::{self, PurgeErrorKind, StorageType, Stream};
use nats_wasm_shim::jetstream::{self, Context, kv};
use server::{guest, soon, unique, user};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A stream with a message and two consumers, and who may not do much with them.
async fn fresh() -> (Context, Stream, Context, Stream, String) {
    let client = guest().await;
    let name = unique(&client);
    let jetstream = jetstream::new(client);
    let config = stream::Config {
        name: name.clone(),
        subjects: vec![format!("{name}.>")],
        storage: StorageType::Memory,
        ..stream::Config::default()
    };
    let stream = jetstream.create_stream(config).await.expect("a stream");
    for consumer in ["open", "closed"] {
        let config = Config { durable_name: Some(consumer.to_owned()), ..Config::default() };
        stream.create_consumer(config).await.expect("a consumer");
    }
    let ack = jetstream.publish(format!("{name}.a"), "x".into()).await.expect("it is sent");
    soon("an acknowledgement", ack.into_future()).await.expect("it is stored");
    let mut denied = jetstream::new(user("denied", "denied").await);
    // Whoever runs into it, has not been told.
    denied.set_timeout(Duration::from_secs(3_600));
    let theirs = denied.get_stream(&name).await.expect("it may be looked at");
    (jetstream, stream, denied, theirs, name)
}

/// Why a request has no answer, as the source of what became of it says.
fn cause(error: &(dyn Error + 'static)) -> Option<RequestErrorKind> {
    let mut error = error;
    loop {
        if let Some(request) = error.downcast_ref::<RequestError>() {
            return Some(request.kind());
        }
        error = error.source()?;
    }
}

#[wasm_bindgen_test]
async fn every_request_of_the_api_fails_at_once() {
    const DENIED: Option<RequestErrorKind> = Some(RequestErrorKind::PermissionDenied);
    let (jetstream, _, denied, stream, name) = fresh().await;

    let error = soon("a refusal", denied.create_stream("refused")).await.expect_err("it is denied");
    assert_eq!(error.kind(), CreateStreamErrorKind::PermissionDenied);
    let error = soon("a refusal", stream.purge().into_future()).await.expect_err("it is denied");
    assert_eq!((error.kind(), cause(&error)), (PurgeErrorKind::Request, DENIED));
    let error = soon("a refusal", stream.delete_message(1)).await.expect_err("it is denied");
    assert_eq!(cause(&error), DENIED);
    let error = soon("a refusal", stream.get_raw_message(1)).await.expect_err("it is denied");
    assert_eq!(cause(&error), DENIED);
    let error = soon("a refusal", denied.streams().try_next()).await.expect_err("it is denied");
    assert_eq!(error.kind(), RequestErrorKind::PermissionDenied);
    let error = soon("a refusal", stream.create_consumer(Config::default())).await.expect_err("it is denied");
    assert_eq!((error.kind(), cause(&error)), (ConsumerErrorKind::Request, DENIED));
    let bucket = kv::Config { bucket: "refused".into(), ..kv::Config::default() };
    let error = soon("a refusal", denied.create_key_value(bucket)).await.expect_err("it is denied");
    assert_eq!(cause(&error), DENIED);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn every_pull_fails_at_once() {
    let (jetstream, _, _, stream, name) = fresh().await;
    let closed: PullConsumer = stream.get_consumer("closed").await.expect("it may be looked at");

    let mut messages = closed.messages().await.expect("messages");
    let error = soon("a refusal", messages.next()).await.expect("an error").expect_err("it is denied");
    assert_eq!(error.kind(), MessagesErrorKind::Pull);
    assert!(error.to_string().contains("permission denied"), "{error}");
    assert!(soon("the end", messages.next()).await.is_none());

    let mut batch = closed.fetch().max_messages(1).messages().await.expect("a batch");
    let error = soon("a refusal", batch.next()).await.expect("an error").expect_err("it is denied");
    assert!(error.to_string().contains("permission denied"), "{error}");
    assert!(soon("the end", batch.next()).await.is_none());

    // What may be pulled may be pulled all the same.
    let open: PullConsumer = stream.get_consumer("open").await.expect("it may be looked at");
    let mut batch = open.fetch().max_messages(1).messages().await.expect("a batch");
    let message = soon("a message", batch.next()).await.expect("a batch").expect("a message");
    let error = soon("a refusal", message.double_ack()).await.expect_err("it is denied");
    let error = error.downcast_ref::<nats_wasm_shim::RequestError>().expect("a request");
    assert_eq!(error.kind(), nats_wasm_shim::RequestErrorKind::PermissionDenied);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn an_ordered_reader_says_that_it_may_not_go_on() {
    let (jetstream, theirs, denied, _, name) = fresh().await;
    let consumer = theirs.create_consumer(OrderedConfig::default()).await.expect("a consumer");
    let info: Info = consumer.cached_info().clone();
    let mut messages =
        Consumer::new(OrderedConfig::default(), info.clone(), denied).messages().await.expect("messages");
    let message = soon("a message", messages.next()).await.expect("messages").expect("a message");
    assert_eq!(message.payload, "x");
    theirs.delete_consumer(&info.name).await.expect("it is there");
    let error = soon("a refusal", messages.next()).await.expect("an error").expect_err("it is denied");
    assert_eq!(
        (error.kind(), cause(&error)),
        (OrderedErrorKind::Recreate, Some(RequestErrorKind::PermissionDenied))
    );
    assert!(soon("the end", messages.next()).await.is_none());
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn a_batch_fails_at_once_when_the_connection_is_lost() {
    let (jetstream, stream, _, _, name) = fresh().await;
    let consumer: PullConsumer = stream.get_consumer("open").await.expect("it is there");
    let pulling = consumer.batch().max_messages(9).expires(Duration::from_secs(3_600)).messages();
    let mut batch = pulling.await.expect("a batch");
    soon("a message", batch.next()).await.expect("a batch").expect("a message");
    server::kick(&jetstream.client()).await;
    let error = soon("a loss", batch.next()).await.expect("an error").expect_err("it is lost");
    assert!(error.to_string().contains("disconnected"), "{error}");
    assert!(soon("the end", batch.next()).await.is_none());
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[wasm_bindgen_test]
async fn who_may_not_listen_for_acknowledgements_publishes_all_the_same() {
    let (jetstream, mut stream, _, _, name) = fresh().await;
    let boxed = user("boxed", "boxed").await;
    let theirs = jetstream::new(boxed.clone());
    // The first brings the refusal, the others know of it.
    for at in 2..5 {
        let ack = theirs.publish(format!("{name}.a"), "y".into()).await.expect("it is sent");
        if at % 2 == 0 {
            let error = soon("a refusal", ack.into_future()).await.expect_err("nobody may listen");
            assert_eq!(error.kind(), PublishErrorKind::PermissionDenied);
        }
        boxed.flush().await.expect("a flush");
        assert_eq!(stream.info().await.expect("its state").state.messages, at);
    }
    jetstream.delete_stream(&name).await.expect("it is there");
}

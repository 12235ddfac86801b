//! What a link to a server carries and what ends it, in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use std::future::IntoFuture;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use nats_wasm_shim::jetstream::publish::PublishErrorKind;
use nats_wasm_shim::jetstream::stream::{Config, StorageType};
use nats_wasm_shim::{
    Client, ConnectOptions, ConnectionEvent, DisconnectReason, Request, RequestErrorKind, State, jetstream,
};
use server::{guest, kick, soon, unique, within};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn an_answer_of_the_api_may_be_larger_than_what_may_be_published() {
    const SUBJECTS: usize = 60_000;
    let client = guest().await;
    let name = unique(&client);
    let config = Config {
        name: name.clone(),
        subjects: vec![format!("{name}.>")],
        storage: StorageType::Memory,
        no_ack: true,
        ..Config::default()
    };
    let context = jetstream::ContextBuilder::new().timeout(Duration::from_secs(20)).build(client.clone());
    let stream = context.create_stream(config).await.expect("a stream");
    for at in 0..SUBJECTS {
        let subject = format!("{name}.sensors.{at:040}");
        client.publish(subject, Bytes::new()).await.expect("it is sent");
    }
    let limit = Duration::from_secs(20);
    within(limit, "the messages", async {
        while stream.get_info().await.expect("its state").state.messages < SUBJECTS as u64 {}
    })
    .await;
    let listed = async { stream.info_with_subjects(">").await?.try_collect::<Vec<_>>().await };
    let listed = within(limit, "the subjects", listed).await.expect("the answer comes");
    assert_eq!(listed.len(), SUBJECTS);
    let size: usize = listed.iter().map(|(subject, _)| subject.len()).sum();
    assert!(size > 2 * client.max_payload(), "{size} bytes");
    context.delete_stream(&name).await.expect("it is deleted");
}

/// Says what a browser says when the page comes into view or goes out of it.
fn turn(visible: bool) {
    let said = format!(
        "Object.defineProperty(document, 'hidden', {{ value: {}, configurable: true }});
         document.dispatchEvent(new Event('visibilitychange', {{ bubbles: true }}));
         delete document.hidden",
        !visible
    );
    js_sys::Function::new_no_args(&said)
        .call0(&wasm_bindgen::JsValue::NULL)
        .expect("the page has a document");
}

#[wasm_bindgen_test]
async fn only_a_page_that_comes_into_view_asks_for_a_sign_of_life() {
    let client = guest().await;
    for (visible, asked) in [(false, false), (true, true)] {
        let before = client.round_trip();
        turn(visible);
        client.flush().await.expect("a flush");
        assert_eq!(client.round_trip() != before, asked, "visible: {visible}");
    }
}

#[wasm_bindgen_test]
async fn what_was_given_up_without_a_connection_is_not_sent_later() {
    let patience = Duration::from_millis(100);
    let slowly = ConnectOptions::new().reconnect_delay_callback(|_| Duration::from_secs(1));
    let client = slowly.connect(server::url()).await.expect("a connection");
    let name = unique(&client);
    let context = jetstream::ContextBuilder::new().timeout(patience).build(client.clone());
    let config = Config {
        name: name.clone(),
        subjects: vec![format!("{name}.>")],
        storage: StorageType::Memory,
        ..Config::default()
    };
    let mut stream = jetstream::new(client.clone()).create_stream(config).await.expect("a stream");
    let other = guest().await;
    let mut heard = other.subscribe(format!("{name}.>")).await.expect("a subject");
    other.flush().await.expect("a flush");
    let subject = |end: &str| format!("{name}.{end}");

    let mut events = client.events();
    kick(&client).await;
    soon("the loss", async {
        while !matches!(events.next().await, Some(ConnectionEvent::Disconnected(_))) {}
    })
    .await;
    let late = client.send_request(subject("late"), Request::new().timeout(Some(patience)));
    let error = soon("the end of its time", late).await.expect_err("nobody can answer");
    assert_eq!(error.kind(), RequestErrorKind::TimedOut);
    assert!(client.request(subject("dropped"), Bytes::new()).now_or_never().is_none());
    let ack = context.publish(subject("unstored"), Bytes::new()).await.expect("it waits");
    let error = soon("the end of its time", ack.into_future()).await.expect_err("nothing is stored");
    assert_eq!(error.kind(), PublishErrorKind::TimedOut);
    // Who does not want to know whether it is stored publishes all the same.
    drop(context.publish(subject("stored"), Bytes::new()).await.expect("it waits"));
    client.publish(subject("last"), Bytes::new()).await.expect("it is kept");

    for end in ["stored", "last"] {
        let message = soon("a message", heard.next()).await.expect("the subscription goes on");
        assert_eq!(message.subject.as_str(), subject(end));
    }
    client.flush().await.expect("a flush");
    assert_eq!(stream.info().await.expect("its state").state.messages, 2);
    context.delete_stream(&name).await.expect("it is deleted");
}

#[wasm_bindgen_test]
async fn who_says_how_long_to_wait_may_look_at_the_client() {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    static SEEN: Mutex<Vec<(usize, State)>> = Mutex::new(Vec::new());
    let options = ConnectOptions::new().reconnect_delay_callback(|attempt| {
        let client = CLIENT.get().expect("it was connected");
        SEEN.lock().expect("one thread").push((attempt, client.connection_state()));
        Duration::from_millis(attempt as u64)
    });
    let client = options.connect(server::url()).await.expect("a connection");
    assert!(CLIENT.set(client.clone()).is_ok());
    let mut events = client.events();
    kick(&client).await;
    let next = Some(ConnectionEvent::Reconnecting { attempt: 1, delay: Duration::from_millis(1) });
    soon("the next attempt", async { while events.next().await != next {} }).await;
    assert_eq!(soon("a connection", events.next()).await, Some(ConnectionEvent::Connected));
    assert_eq!(*SEEN.lock().expect("one thread"), [(1, State::Disconnected)]);
    client.drain().await.expect("a drain");
}

/// Does something in JavaScript.
fn script(text: &str) {
    js_sys::Function::new_no_args(text).call0(&wasm_bindgen::JsValue::NULL).expect("it can be done");
}

/// Connects; the socket is `All.last` in JavaScript.
async fn guest_with_socket() -> Client {
    script(
        "globalThis.All = WebSocket;
         WebSocket = class extends All { constructor(url) { super(url); All.last = this; } }",
    );
    let client = guest().await;
    script("WebSocket = All");
    client
}

#[wasm_bindgen_test]
async fn a_doubted_connection_that_shows_no_sign_of_life_is_replaced() {
    let client = guest_with_socket().await;
    let mut events = client.events();
    assert_eq!(soon("where it is", events.next()).await, Some(ConnectionEvent::Connected));
    client.check(Duration::from_secs(2));
    client.flush().await.expect("the server answers");
    script("All.last.onmessage = null");
    client.check(Duration::from_millis(100));
    let lost = Some(ConnectionEvent::Disconnected(DisconnectReason::Stale));
    assert_eq!(soon("the loss", events.next()).await, lost);
    soon("a connection", async { while events.next().await != Some(ConnectionEvent::Connected) {} }).await;
    client.flush().await.expect("the server answers");
}

#[wasm_bindgen_test]
async fn what_is_published_while_the_browser_closes_is_kept() {
    let other = guest().await;
    let subject = unique(&other);
    let mut heard = other.subscribe(subject.clone()).await.expect("a subject");
    other.flush().await.expect("a flush");
    let client = guest_with_socket().await;
    script("All.last.close()");
    assert_eq!(client.connection_state(), State::Connected, "nobody was told yet");
    client.publish(subject, "kept".into()).await.expect("it is kept");
    assert_eq!(soon("what was kept", heard.next()).await.expect("a message").payload, "kept");
}

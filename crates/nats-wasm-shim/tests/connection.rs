//! Connecting, losing the connection and getting it back, in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use nats_wasm_shim::event::ConnectionEvents;
use nats_wasm_shim::{
    Client, CloseReason, ConnectErrorKind, ConnectOptions, ConnectionEvent, DisconnectReason,
    PublishErrorKind, RequestErrorKind, State,
};
use server::{guest, kick, soon, unique, user};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Nobody listens there: the port is reserved, and a browser lets pages try it.
const REFUSED: &str = "ws://127.0.0.1:5";

async fn until(events: &mut ConnectionEvents, wanted: impl Fn(&ConnectionEvent) -> bool) -> ConnectionEvent {
    loop {
        let event = soon("an event of the connection", events.next()).await.expect("the events go on");
        if wanted(&event) {
            return event;
        }
    }
}

#[wasm_bindgen_test]
async fn the_server_says_who_it_is() {
    let client = user("ann", "correct horse").await;
    assert_eq!(client.connection_state(), State::Connected);
    let info = client.server_info();
    assert_eq!(info.server_name, "shim-tests");
    assert!(info.jetstream && info.headers && info.client_id > 0 && info.max_payload > 0);
    assert!(client.is_server_compatible(2, 11, 0) && !client.is_server_compatible(99, 0, 0));
    let with_credentials = server::url().replace("ws://", "ws://ann:correct%20horse@");
    nats_wasm_shim::connect(with_credentials).await.expect("credentials in the address");
}

#[wasm_bindgen_test]
async fn a_wrong_password_is_told_apart_and_not_repeated_for_ever() {
    let wrong = || ConnectOptions::with_user_and_password("ann".into(), "wrong".into());
    let error = wrong().connect(server::url()).await.expect_err("the password is wrong");
    assert_eq!(error.kind(), ConnectErrorKind::AuthorizationViolation);

    let client = wrong().retry_on_initial_connect().connect(server::url()).await.expect("it returns at once");
    assert_eq!(client.connection_state(), State::Pending);
    let mut events = client.events();
    let closed = until(&mut events, |event| matches!(event, ConnectionEvent::Closed(_))).await;
    assert!(matches!(closed, ConnectionEvent::Closed(CloseReason::Authorization(_))), "{closed:?}");
    assert_eq!(events.next().await, None);
    assert_eq!(client.connection_state(), State::Closed);
    let error = client.publish("a", Bytes::new()).await.expect_err("it is over");
    assert_eq!(error.kind(), PublishErrorKind::Send);
}

#[wasm_bindgen_test]
async fn an_unreachable_server_is_told_apart_and_tried_again() {
    let error = ConnectOptions::new().connect(REFUSED).await.expect_err("nobody listens there");
    assert_eq!(error.kind(), ConnectErrorKind::Io);
    for bad in ["", "nats://127.0.0.1:4222", "http://127.0.0.1", "ws://", "what"] {
        let error = ConnectOptions::new().connect(bad).await.expect_err("no address");
        assert_eq!(error.kind(), ConnectErrorKind::ServerParse, "{bad:?}");
    }

    let options = ConnectOptions::new().retry_on_initial_connect().max_reconnects(2).pending_limit(10);
    let options = options.reconnect_delay_callback(|attempt| Duration::from_millis(attempt as u64 * 10));
    let client = options.connect(REFUSED).await.expect("it returns at once");
    let mut events = client.events();
    client.publish("a", "0123456789".into()).await.expect("it is kept");
    let error = client.publish("a", "0".into()).await.expect_err("no more is kept");
    assert_eq!(error.kind(), PublishErrorKind::PendingLimitExceeded);
    for attempt in [1, 2] {
        let event = until(&mut events, |event| matches!(event, ConnectionEvent::Reconnecting { .. })).await;
        let delay = Duration::from_millis(u64::from(attempt) * 10);
        assert_eq!(event, ConnectionEvent::Reconnecting { attempt, delay });
    }
    let closed = until(&mut events, |event| matches!(event, ConnectionEvent::Closed(_))).await;
    assert!(matches!(closed, ConnectionEvent::Closed(CloseReason::MaxReconnects(_))), "{closed:?}");
}

async fn lost_and_back(client: &Client, events: &mut ConnectionEvents) {
    let lost = until(events, |event| !matches!(event, ConnectionEvent::Connected)).await;
    assert!(matches!(lost, ConnectionEvent::Disconnected(_)), "{lost:?}");
    let next = soon("the next attempt", events.next()).await;
    assert!(matches!(next, Some(ConnectionEvent::Reconnecting { attempt: 1, .. })), "{next:?}");
    assert_eq!(soon("a connection", events.next()).await, Some(ConnectionEvent::Connected));
    assert_eq!(client.connection_state(), State::Connected);
}

#[wasm_bindgen_test]
async fn subscriptions_and_publishes_survive_a_lost_connection() {
    let (client, other) = (guest().await, guest().await);
    let mut events = client.events();
    let (inward, outward) = (unique(&client), unique(&client));
    let mut received = client.subscribe(inward.clone()).await.expect("a subject");
    let mut limited = client.subscribe(inward.clone()).await.expect("a subject");
    limited.unsubscribe_after(2).await.expect("an unsubscribe");
    let mut elsewhere = other.subscribe(outward.clone()).await.expect("a subject");
    other.flush().await.expect("a flush");
    client.publish(inward.clone(), "before".into()).await.expect("a publish");
    assert_eq!(soon("a message", received.next()).await.expect("a message").payload, "before");
    let mut silent = client.subscribe("silent.service").await.expect("a subject");
    let unanswered = client.clone();
    let (failed, failure) = futures_channel::oneshot::channel();
    wasm_bindgen_futures::spawn_local(async move {
        let result = unanswered.request("silent.service", Bytes::new()).await;
        failed.send(result.expect_err("nobody answers").kind()).expect("the test waits for it");
    });
    soon("the request", silent.next()).await.expect("a request");
    let first_id = client.server_info().client_id;

    // Whoever heard of it only when the kick is answered might find the next connection.
    futures_util::future::join(kick(&client), async {
        until(&mut events, |event| matches!(event, ConnectionEvent::Disconnected(_))).await;
        assert_eq!(client.connection_state(), State::Disconnected);
    })
    .await;
    assert_eq!(soon("the end of the request", failure).await, Ok(RequestErrorKind::Disconnected));
    for number in 0..100 {
        client.publish(outward.clone(), number.to_string().into()).await.expect("it is kept");
    }
    for number in 0..100 {
        let message = soon("what was published meanwhile", elsewhere.next()).await.expect("a message");
        assert_eq!(message.payload, number.to_string());
    }
    until(&mut events, |event| matches!(event, ConnectionEvent::Connected)).await;
    assert_ne!(client.server_info().client_id, first_id);

    for number in 0..3 {
        other.publish(inward.clone(), number.to_string().into()).await.expect("a publish");
    }
    for number in 0..3 {
        let message = soon("a message after it", received.next()).await.expect("the subscription goes on");
        assert_eq!(message.payload, number.to_string());
    }
    let limited = soon("the end of the limited one", limited.collect::<Vec<_>>()).await;
    let bodies: Vec<_> = limited.into_iter().map(|message| message.payload).collect();
    assert_eq!(bodies, ["before", "0"]);
    // Requests find their way again too.
    let nobody = soon("no responders", client.request(unique(&client), Bytes::new())).await;
    assert_eq!(nobody.expect_err("nobody listens").kind(), RequestErrorKind::NoResponders);
}

#[wasm_bindgen_test]
async fn many_losses_in_a_row_are_survived() {
    let client = guest().await;
    let mut events = client.events();
    let subject = unique(&client);
    let mut received = client.subscribe(subject.clone()).await.expect("a subject");
    for round in 0..5 {
        kick(&client).await;
        lost_and_back(&client, &mut events).await;
        client.publish(subject.clone(), round.to_string().into()).await.expect("a publish");
        let message = soon("a message", received.next()).await.expect("the subscription goes on");
        assert_eq!(message.payload, round.to_string());
    }
}

#[wasm_bindgen_test]
async fn a_new_connection_can_be_forced() {
    let client = guest().await;
    let mut events = client.events();
    let first_id = client.server_info().client_id;
    client.force_reconnect().await.expect("it is open");
    let event = until(&mut events, |event| matches!(event, ConnectionEvent::Disconnected(_))).await;
    assert_eq!(event, ConnectionEvent::Disconnected(DisconnectReason::Requested));
    until(&mut events, |event| matches!(event, ConnectionEvent::Connected)).await;
    assert_ne!(client.server_info().client_id, first_id);
}

#[wasm_bindgen_test]
async fn a_drain_delivers_what_is_under_way_and_ends() {
    let client = guest().await;
    let mut events = client.events();
    let subject = unique(&client);
    let received = client.subscribe(subject.clone()).await.expect("a subject");
    for _ in 0..1_000 {
        client.publish(subject.clone(), Bytes::new()).await.expect("a publish");
    }
    client.drain().await.expect("a drain");
    client.publish(subject, Bytes::new()).await.expect_err("nothing more can be sent");
    assert_eq!(soon("the end of the subscription", received.collect::<Vec<_>>()).await.len(), 1_000);
    until(&mut events, |event| *event == ConnectionEvent::Draining).await;
    until(&mut events, |event| *event == ConnectionEvent::Closed(CloseReason::Requested)).await;
}

#[wasm_bindgen_test]
async fn the_callback_speaks_as_async_nats_does() {
    let (sender, mut receiver) = futures_channel::mpsc::unbounded();
    let options = ConnectOptions::new().event_callback(move |event| {
        let sender = sender.clone();
        async move { sender.unbounded_send(event).expect("the test listens") }
    });
    let client = options.connect(server::url()).await.expect("a connection");
    client.force_reconnect().await.expect("it is open");
    client.flush().await.expect("a flush over the new connection");
    client.drain().await.expect("a drain");
    let mut told = Vec::new();
    while let Some(event) = soon("the next event", receiver.next()).await {
        told.push(event.to_string());
    }
    assert_eq!(told, ["connected", "disconnected", "connected", "draining", "closed"]);
}

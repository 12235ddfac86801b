//! Publish, subscribe and request, in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use nats_wasm_shim::{
    ConnectOptions, ConnectionEvent, HeaderMap, Operation, PublishErrorKind, Request, RequestErrorKind,
    SubscribeErrorKind,
};
use server::{guest, soon, unique, user};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Clients and what they give may be kept wherever a framework wants them to be `Send` and `Sync`.
const fn shareable<T: Send + Sync>() {}
const _: () = shareable::<nats_wasm_shim::Client>();
const _: () = shareable::<nats_wasm_shim::Subscriber>();
const _: () = shareable::<nats_wasm_shim::event::ConnectionEvents>();
const _: () = shareable::<nats_wasm_shim::jetstream::Context>();

#[wasm_bindgen_test]
async fn a_message_arrives_with_its_headers_and_reply() {
    let client = guest().await;
    let subject = unique(&client);
    let mut subscriber = client.subscribe(format!("{subject}.*")).await.expect("a filter");
    let mut headers = HeaderMap::new();
    headers.insert("Trace", "1: a");
    headers.append("Tag", "x");
    headers.append("Tag", "ÿ");
    client
        .publish_with_reply_and_headers(format!("{subject}.a"), "answers", headers.clone(), "hello".into())
        .await
        .expect("a publish");
    client.publish(format!("{subject}.b"), Bytes::new()).await.expect("a publish");

    let first = soon("the first message", subscriber.next()).await.expect("a message");
    assert_eq!(first.subject.as_str(), format!("{subject}.a"));
    assert_eq!(first.reply.as_deref(), Some("answers"));
    assert_eq!(first.payload, "hello");
    let received = first.headers.expect("it has headers");
    assert_eq!(received, headers);
    assert_eq!(received.get("Trace").map(|value| value.as_str()), Some("1: a"));
    assert_eq!(received.get_all("Tag").map(|value| value.to_string()).collect::<Vec<_>>(), ["x", "ÿ"]);
    let second = soon("the second message", subscriber.next()).await.expect("a message");
    assert!(second.payload.is_empty() && second.headers.is_none() && second.reply.is_none());
}

#[wasm_bindgen_test]
async fn a_megabyte_comes_through_many_frames_unharmed() {
    let client = guest().await;
    let subject = unique(&client);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    let body: Vec<u8> =
        (0..client.max_payload()).map(|at| u8::try_from(at * 31 % 251).unwrap_or(0)).collect();
    client.publish(subject.clone(), body.clone().into()).await.expect("a megabyte fits");
    client.publish(subject.clone(), "after".into()).await.expect("a publish");
    let message = soon("the megabyte", subscriber.next()).await.expect("a message");
    assert!(message.payload == body);
    let message = soon("what follows", subscriber.next()).await.expect("a message");
    assert_eq!(message.payload, "after");

    let error = client.publish(subject, vec![0; body.len() + 1].into()).await.expect_err("it is too large");
    assert_eq!(error.kind(), PublishErrorKind::MaxPayloadExceeded);
}

#[wasm_bindgen_test]
async fn ten_thousand_messages_arrive_in_order() {
    const COUNT: usize = 10_000;
    let client = guest().await;
    let subject = unique(&client);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    let started = js_sys::Date::now();
    for number in 0..COUNT {
        client.publish(subject.clone(), format!("{number:0>220}").into()).await.expect("a publish");
    }
    for number in 0..COUNT {
        let message = soon("the next message", subscriber.next()).await.expect("a message");
        assert_eq!(message.payload, format!("{number:0>220}"));
    }
    console_log!("{COUNT} messages sent and received in {} ms", js_sys::Date::now() - started);
    assert!(subscriber.next().now_or_never().is_none(), "nothing twice");
}

#[wasm_bindgen_test]
async fn a_queue_group_shares_and_no_echo_keeps_away() {
    let client = guest().await;
    let subject = unique(&client);
    let mut one = client.queue_subscribe(subject.clone(), "group".into()).await.expect("a group");
    let mut other = client.queue_subscribe(subject.clone(), "group".into()).await.expect("a group");
    let silent = ConnectOptions::new().no_echo().connect(server::url()).await.expect("a connection");
    let mut own = silent.subscribe(subject.clone()).await.expect("a subject");
    client.flush().await.expect("the server knows the group");
    for _ in 0..50 {
        silent.publish(subject.clone(), Bytes::new()).await.expect("a publish");
    }
    silent.flush().await.expect("a flush");
    client.flush().await.expect("a flush");
    let count = |subscriber: &mut nats_wasm_shim::Subscriber| {
        std::iter::from_fn(|| subscriber.next().now_or_never().flatten()).count()
    };
    assert_eq!(count(&mut one) + count(&mut other), 50);
    assert_eq!(count(&mut own), 0);

    let error = client.queue_subscribe(subject, "no blanks".into()).await.expect_err("a bad name");
    assert_eq!(error.kind(), SubscribeErrorKind::InvalidQueueName);
}

#[wasm_bindgen_test]
async fn requests_are_answered_or_fail_by_kind() {
    let client = guest().await;
    let subject = unique(&client);
    let mut service = client.subscribe(subject.clone()).await.expect("a subject");
    let answering = client.clone();
    wasm_bindgen_futures::spawn_local(async move {
        while let Some(message) = service.next().await {
            if let Some(reply) = message.reply
                && message.payload != "silence"
            {
                answering.publish(reply, message.payload).await.expect("a publish");
            }
        }
    });
    let answers = (0..100).map(|number| client.request(subject.clone(), number.to_string().into()));
    let answers = soon("a hundred answers", futures_util::future::join_all(answers)).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.expect("an answer").payload, number.to_string());
    }
    let own = Request::new().payload("own".into()).inbox(client.new_inbox());
    let answer = soon("an answer to an inbox of its own", client.send_request(subject.clone(), own)).await;
    assert_eq!(answer.expect("an answer").payload, "own");

    let nobody = soon("no responders", client.request(unique(&client), Bytes::new())).await;
    assert_eq!(nobody.expect_err("nobody listens").kind(), RequestErrorKind::NoResponders);
    let silence = Request::new().payload("silence".into()).timeout(Some(Duration::from_millis(100)));
    let late = soon("a time-out", client.send_request(subject.clone(), silence)).await;
    assert_eq!(late.expect_err("nobody answers").kind(), RequestErrorKind::TimedOut);
    let invalid = client.request("no blanks", Bytes::new()).await.expect_err("a bad subject");
    assert_eq!(invalid.kind(), RequestErrorKind::InvalidSubject);
}

#[wasm_bindgen_test]
async fn a_subscription_ends_after_as_many_as_asked_and_on_drop() {
    let client = guest().await;
    let subject = unique(&client);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    subscriber.unsubscribe_after(3).await.expect("an unsubscribe");
    let dropped = client.subscribe(subject.clone()).await.expect("a subject");
    drop(dropped);
    for _ in 0..5 {
        client.publish(subject.clone(), Bytes::new()).await.expect("a publish");
    }
    let rest = soon("the end of the subscription", subscriber.collect::<Vec<_>>()).await;
    assert_eq!(rest.len(), 3);
    // With all subscriptions gone, the server has nobody to ask.
    let nobody = soon("no responders", client.request(subject, Bytes::new())).await;
    assert_eq!(nobody.expect_err("nobody listens").kind(), RequestErrorKind::NoResponders);
}

#[wasm_bindgen_test]
async fn what_is_not_permitted_fails_at_once_and_is_told() {
    let client = user("denied", "denied").await;
    let mut events = client.events();
    assert_eq!(soon("where it is", events.next()).await, Some(ConnectionEvent::Connected));

    let refused = soon("a refusal", client.request("secret.a", Bytes::new())).await;
    assert_eq!(refused.expect_err("it is denied").kind(), RequestErrorKind::PermissionDenied);
    let told = soon("a violation", events.next()).await;
    let expected =
        ConnectionEvent::PermissionViolation { operation: Operation::Publish, subject: "secret.a".into() };
    assert_eq!(told, Some(expected));

    let mut hidden = client.subscribe("hidden.b").await.expect("it is sent");
    assert!(soon("the end of what is denied", hidden.next()).await.is_none());
    let told = soon("a violation", events.next()).await;
    let expected =
        ConnectionEvent::PermissionViolation { operation: Operation::Subscribe, subject: "hidden.b".into() };
    assert_eq!(told, Some(expected));
    client.flush().await.expect("the connection goes on");

    // A user who may not listen where answers go cannot ask anything, and learns it at once.
    let boxed = user("boxed", "boxed").await;
    let refused = soon("a refusal", boxed.request("anything", Bytes::new())).await;
    assert_eq!(refused.expect_err("it is denied").kind(), RequestErrorKind::PermissionDenied);
    let options = ConnectOptions::with_user_and_password("boxed".into(), "boxed".into());
    let boxed =
        options.custom_inbox_prefix("_INBOX_boxed").connect(server::url()).await.expect("a connection");
    let nobody = soon("no responders", boxed.request(unique(&boxed), Bytes::new())).await;
    assert_eq!(nobody.expect_err("nobody listens").kind(), RequestErrorKind::NoResponders);
}

#[wasm_bindgen_test]
async fn a_slow_reader_is_told_and_harms_nobody_else() {
    let client =
        ConnectOptions::new().subscription_capacity(10).connect(server::url()).await.expect("a connection");
    let subject = unique(&client);
    let mut events = client.events();
    let slow = client.subscribe(subject.clone()).await.expect("a subject");
    for _ in 0..15 {
        client.publish(subject.clone(), Bytes::new()).await.expect("a publish");
    }
    client.flush().await.expect("a flush");
    soon("where it is", events.next()).await;
    assert!(matches!(soon("a slow consumer", events.next()).await, Some(ConnectionEvent::SlowConsumer(_))));
    client.drain().await.expect("a drain");
    assert_eq!(soon("the end", slow.collect::<Vec<_>>()).await.len(), 10);
}

#[wasm_bindgen_test]
async fn a_loop_that_publishes_waits_for_the_browser() {
    const COUNT: usize = 300;
    let client = guest().await;
    let subject = unique(&client);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    let body = Bytes::from(vec![7; 100_000]);
    let mut waits = 0;
    for _ in 0..COUNT {
        let mut publish = std::pin::pin!(client.publish(subject.clone(), body.clone()));
        if publish.as_mut().now_or_never().is_none() {
            waits += 1;
            soon("room for more", publish).await.expect("a publish");
        }
    }
    assert!(waits > 0, "thirty megabytes are more than the browser is given at once");
    for _ in 0..COUNT {
        assert_eq!(
            soon("the next message", subscriber.next()).await.expect("a message").payload.len(),
            body.len()
        );
    }
}

#[wasm_bindgen_test]
async fn nothing_secret_is_printed() {
    let secrets = ["correct horse", "t0ken-of-mine", "e30.e30.c2ln"];
    let mut auth = nats_wasm_shim::Auth::new();
    (auth.password, auth.token, auth.jwt) =
        (Some(secrets[0].into()), Some(secrets[1].into()), Some(secrets[2].into()));
    let address: nats_wasm_shim::ServerAddr =
        "ws://ann:correct%20horse@127.0.0.1:1".parse().expect("an address");
    let signs = |_: Vec<u8>| async { Err(nats_wasm_shim::AuthError::new("never asked")) };
    let client = user("ann", secrets[0]).await;
    let wrong = ConnectOptions::with_token(secrets[1].into()).connect(server::url()).await;
    for printed in [
        format!("{auth:?} {address:?} {client:?} {wrong:?}"),
        format!("{:?}", ConnectOptions::with_user_and_password("ann".into(), secrets[0].into())),
        format!("{:?}", ConnectOptions::with_token(secrets[1].into())),
        format!("{:?}", ConnectOptions::with_jwt(secrets[2].into(), signs)),
    ] {
        for secret in secrets {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
    assert_eq!((address.username(), address.password()), (Some("ann"), Some(secrets[0])));
}

#[wasm_bindgen_test]
async fn what_was_published_is_sent_though_the_client_is_dropped_or_drained() {
    let other = guest().await;
    let subject = unique(&other);
    let mut subscriber = other.subscribe(subject.clone()).await.expect("a subject");
    other.flush().await.expect("the server talks to it");
    for drains in [false, true] {
        let client = guest().await;
        for _ in 0..100 {
            client.publish(subject.clone(), "kept".into()).await.expect("a publish");
        }
        if drains {
            client.drain().await.expect("it is open");
        }
        drop(client);
        for _ in 0..100 {
            soon("what was published", subscriber.next()).await.expect("a message");
        }
    }
}

#[wasm_bindgen_test]
async fn who_does_not_look_at_the_connection_costs_no_memory() {
    let client = guest().await;
    let pages = || core::arch::wasm32::memory_size(0);
    drop(client.events());
    let before = pages();
    for _ in 0..100_000 {
        drop(client.events());
    }
    assert!(pages() - before < 16, "{} pages of 64 KiB more", pages() - before);

    let denied = user("denied", "denied").await;
    let mut unread = denied.events();
    for _ in 0..1_000 {
        denied.publish("secret.x", Bytes::new()).await.expect("a publish");
    }
    denied.flush().await.expect("the server talks to it");
    denied.force_reconnect().await.expect("it is open");
    denied.flush().await.expect("the server talks to it");
    denied.drain().await.expect("it is open");
    let mut told = Vec::new();
    while let Some(event) = soon("the end", unread.next()).await {
        told.push(event);
    }
    assert!(told.len() > 100 && told.len() < 300, "{} events", told.len());
    let end = &told[told.len() - 3..];
    assert!(
        matches!(end, [ConnectionEvent::Connected, ConnectionEvent::Draining, ConnectionEvent::Closed(_)]),
        "{end:?}"
    );
}

#[wasm_bindgen_test]
async fn a_loop_that_publishes_to_a_stream_waits_for_the_browser_too() {
    const COUNT: usize = 300;
    let body = Bytes::from(vec![7; 100_000]);
    let client = guest().await;
    let subject = unique(&client);
    let jetstream = nats_wasm_shim::jetstream::new(client.clone());
    let mut waits = 0;
    for _ in 0..COUNT {
        let mut publish = std::pin::pin!(jetstream.publish(subject.clone(), body.clone()));
        if publish.as_mut().now_or_never().is_none() {
            waits += 1;
            drop(soon("room for more", publish).await.expect("a publish"));
        }
    }
    assert!(waits > 0, "thirty megabytes are more than the browser is given at once");
}

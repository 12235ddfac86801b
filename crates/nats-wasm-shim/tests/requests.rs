//! How requests end, and how they wait, in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::future::join;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use nats_wasm_shim::{ConnectOptions, Request, RequestErrorKind};
use server::{guest, kick, soon, unique, user};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// One that nobody is told the end of by a time-out.
fn patient(inbox: String) -> Request {
    Request::new().timeout(None).inbox(inbox)
}

#[wasm_bindgen_test]
async fn an_inbox_of_its_own_makes_no_difference_to_how_a_request_ends() {
    let client = guest().await;
    let subject = unique(&client);
    let asked = client.send_request(subject.clone(), patient(client.new_inbox()));
    let error = soon("no responders", asked).await.expect_err("nobody listens");
    assert_eq!(error.kind(), RequestErrorKind::NoResponders);

    let mut service = client.subscribe(subject.clone()).await.expect("a subject");
    let mut asked = Box::pin(client.send_request(subject.clone(), patient(client.new_inbox())));
    assert!(asked.as_mut().now_or_never().is_none());
    soon("the request", service.next()).await.expect("a request");
    kick(&client).await;
    let error = soon("the loss", asked).await.expect_err("it is lost");
    assert_eq!(error.kind(), RequestErrorKind::Disconnected);

    let (asked, answered) = join(client.send_request(subject, patient(client.new_inbox())), async {
        let asked = soon("the request", service.next()).await.expect("a request");
        let reply = asked.reply.expect("it wants an answer");
        client.publish(reply, "answer".into()).await
    })
    .await;
    answered.expect("a publish");
    assert_eq!(asked.expect("an answer").payload, "answer");
}

#[wasm_bindgen_test]
async fn what_is_not_permitted_ends_a_request_by_its_own_inbox_at_once() {
    let denied = user("denied", "denied").await;
    // Also where the server has to write the subject in another way to put it into quotes.
    for (subject, inbox) in [
        ("secret.a", denied.new_inbox()),
        (r#"secret."a\"#, denied.new_inbox()),
        ("secret.ä\u{1}\u{200b}", denied.new_inbox()),
        ("open.a", "hidden.inbox".to_owned()),
    ] {
        // Somebody listens, and is silent.
        let service = guest().await;
        let _service = service.subscribe(subject).await.expect("a subject");
        service.flush().await.expect("a flush");
        let asked = denied.send_request(subject, patient(inbox));
        let error = soon("a refusal", asked).await.expect_err("it is denied");
        assert_eq!(error.kind(), RequestErrorKind::PermissionDenied, "{subject}");
    }
}

#[wasm_bindgen_test]
async fn a_request_by_its_own_inbox_ends_with_the_client() {
    let client = guest().await;
    let subject = unique(&client);
    let _service = client.subscribe(subject.clone()).await.expect("a subject");
    let mut asked = Box::pin(client.send_request(subject.clone(), patient(client.new_inbox())));
    assert!(asked.as_mut().now_or_never().is_none());
    client.drain().await.expect("a drain");
    let error = soon("the end", asked).await.expect_err("it is over");
    assert_eq!(error.kind(), RequestErrorKind::Other);
}

#[wasm_bindgen_test]
async fn requests_wait_for_the_browser() {
    const COUNT: u64 = 40;
    const SIZE: u64 = 1_000_000;
    let client = ConnectOptions::new().request_timeout(None).connect(server::url()).await.expect("a client");
    let subject = unique(&client);
    let body = Bytes::from(vec![7; usize::try_from(SIZE).expect("a megabyte")]);
    let mut asked: FuturesUnordered<_> =
        (0..COUNT).map(|_| client.request(subject.clone(), body.clone())).collect();
    assert!(asked.next().now_or_never().is_none());
    let sent = client.statistics().out_bytes.load(Ordering::Relaxed);
    assert!(sent < COUNT * SIZE / 2, "{sent} bytes are more than the browser is given at once");
    for _ in 0..COUNT {
        let error = soon("an answer", asked.next()).await.expect("all end").expect_err("nobody listens");
        assert_eq!(error.kind(), RequestErrorKind::NoResponders);
    }
    assert!(client.statistics().out_bytes.load(Ordering::Relaxed) >= COUNT * SIZE);
}

//! Publish, subscribe and request.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

use crate::support::{case, guest, kick, nats, settled, soon, unique, url};
use nats::{ClientError, Event, PublishErrorKind, RequestErrorKind};

/// Nobody listens there: the port is reserved.
const NOBODY: &str = if cfg!(target_arch = "wasm32") { "ws://127.0.0.1:5" } else { "nats://127.0.0.1:5" };

#[case]
async fn what_one_publishes_all_subscribers_get_in_order() {
    let (client, other) = (guest().await, guest().await);
    let subject = unique(&client);
    let mut exact = client.subscribe(format!("{subject}.a")).await.expect("a subject");
    let mut all = other.subscribe(format!("{subject}.>")).await.expect("a filter");
    for client in [&client, &other] {
        settled(client).await;
    }
    for number in 0..100 {
        client.publish(format!("{subject}.a"), number.to_string().into()).await.expect("a publish");
    }
    for subscriber in [&mut exact, &mut all] {
        for number in 0..100 {
            let message = soon("the next message", subscriber.next()).await.expect("a message");
            assert_eq!(message.subject.as_str(), format!("{subject}.a"));
            assert_eq!(message.payload, number.to_string());
            assert!(message.reply.is_none() && message.headers.is_none() && message.status.is_none());
        }
        assert!(subscriber.next().now_or_never().is_none(), "nothing twice");
    }
}

#[case]
async fn a_request_is_answered_or_says_why_not() {
    let client = guest().await;
    let subject = unique(&client);
    let mut service = client.subscribe(subject.clone()).await.expect("a subject");
    let answering = async {
        let question = service.next().await.expect("a question");
        let reply = question.reply.expect("it says where to answer");
        client.publish(reply, question.payload).await.expect("an answer");
    };
    let asking = client.request(subject.clone(), "echo".into());
    let (answer, ()) = soon("an answer", futures_util::future::join(asking, answering)).await;
    assert_eq!(answer.expect("an answer").payload, "echo");

    let error = client.request(unique(&client), Bytes::new()).await.expect_err("nobody listens");
    assert_eq!(error.kind(), RequestErrorKind::NoResponders);
}

#[case]
async fn what_is_too_large_is_not_sent() {
    let client = guest().await;
    let most = client.server_info().max_payload;
    let error = client.publish(unique(&client), vec![0; most + 1].into()).await.expect_err("it is too large");
    assert_eq!(error.kind(), PublishErrorKind::MaxPayloadExceeded);
}

#[case]
async fn subscriptions_outlive_a_lost_connection() {
    let (client, other) = (guest().await, guest().await);
    let subject = unique(&client);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    client.publish(subject.clone(), "before".into()).await.expect("a publish");
    assert_eq!(soon("a message", subscriber.next()).await.expect("a message").payload, "before");
    let first_id = client.server_info().client_id;

    kick(&client).await;
    let back = async {
        // Asking the server for something gives the other tasks their turn.
        while client.server_info().client_id == first_id {
            let nobody = other.request(unique(&other), Bytes::new()).await;
            nobody.expect_err("nobody listens");
        }
        let nobody = client.request(unique(&client), Bytes::new()).await;
        nobody.expect_err("nobody listens, and the server has the subscription");
    };
    soon("another connection", back).await;
    other.publish(subject, "last".into()).await.expect("a publish");
    while soon("a message after it", subscriber.next()).await.expect("it goes on").payload != "last" {}
}

#[case]
async fn no_bound_on_attempts_is_no_bound() {
    let options = nats::ConnectOptions::with_user_and_password("guest".into(), "guest".into());
    let client = options.max_reconnects(0).connect(url()).await.expect("a connection");
    let (other, first_id) = (guest().await, client.server_info().client_id);
    kick(&client).await;
    let back = async {
        while client.server_info().client_id == first_id {
            let nobody = other.request(unique(&other), Bytes::new()).await;
            nobody.expect_err("nobody listens");
        }
    };
    soon("another connection", back).await;
}

#[case]
async fn a_client_says_that_it_gives_up() {
    let (events, mut told) = futures_channel::mpsc::unbounded();
    let options = nats::ConnectOptions::new()
        .retry_on_initial_connect()
        .max_reconnects(2)
        .reconnect_delay_callback(|_| Duration::from_millis(10))
        .event_callback(move |event| {
            let events = events.clone();
            async move { events.unbounded_send(event).expect("somebody listens") }
        });
    let _client = options.connect(NOBODY).await.expect("it returns at once");
    let mut failed = 0;
    loop {
        match soon("an event", told.next()).await.expect("events") {
            Event::ClientError(ClientError::MaxReconnects) => break,
            Event::ClientError(ClientError::Other(_)) => failed += 1,
            other => panic!("{other}"),
        }
    }
    assert!(failed > 0, "attempts that fail are told, too");
}

#[case]
async fn what_goes_over_a_connection_is_counted() {
    use std::sync::atomic::Ordering::Relaxed;

    let client = guest().await;
    let subject = unique(&client);
    let counts = client.statistics();
    assert_eq!(counts.connects.load(Relaxed), 1);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    for _ in 0..10 {
        client.publish(subject.clone(), "12345".into()).await.expect("a publish");
    }
    for _ in 0..10 {
        soon("a message", subscriber.next()).await.expect("a message");
    }
    assert_eq!((counts.in_messages.load(Relaxed), counts.out_messages.load(Relaxed)), (10, 10));
    assert!(counts.in_bytes.load(Relaxed) >= 50 && counts.out_bytes.load(Relaxed) >= 50);
}

#[case]
async fn credentials_are_asked_for_whenever_a_link_is_opened() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let options = nats::ConnectOptions::with_auth_callback(move |_nonce| {
        counted.fetch_add(1, Relaxed);
        async {
            let mut auth = nats::Auth::new();
            (auth.username, auth.password) = (Some("ann".to_owned()), Some("correct horse".to_owned()));
            Ok(auth)
        }
    });
    let client = soon("a connection", options.connect(url())).await.expect("ann is known");
    client.flush().await.expect("the server talks to it");
    assert_eq!(asked.load(Relaxed), 1);
    kick(&client).await;
    let again = async {
        while asked.load(Relaxed) < 2 {
            // Fails while there is no connection.
            let _ = client.request(unique(&client), Bytes::new()).await;
        }
    };
    soon("to be asked again", again).await;
    client.flush().await.expect("the server talks to it");

    let refused = nats::ConnectOptions::with_auth_callback(|_nonce| async {
        Err(nats::AuthError::new("the session is over"))
    });
    soon("a refusal", refused.connect(url())).await.expect_err("no credentials, no connection");
}

#[case]
async fn one_of_several_servers_is_enough() {
    let options = || nats::ConnectOptions::with_user_and_password("ann".into(), "correct horse".into());
    for order in [vec![NOBODY.to_owned(), url()], vec![url(), NOBODY.to_owned()]] {
        let client = soon("a connection", options().retain_servers_order().connect(order)).await;
        client.expect("one of them answers").flush().await.expect("the server talks to it");
    }
    let nobody = vec![NOBODY; 2];
    soon("a refusal", options().connect(nobody)).await.expect_err("nobody listens there");
}

#[case]
async fn a_subject_may_go_unchecked() {
    let options = nats::ConnectOptions::with_user_and_password("guest".into(), "guest".into());
    let client = options.skip_subject_validation(true).connect(url()).await.expect("a connection");
    let filter = unique(&client);
    let mut subscriber = client.subscribe(format!("{filter}.>")).await.expect("a filter");
    client.publish(format!("{filter}.*"), "star".into()).await.expect("it is not looked at");
    assert_eq!(soon("a message", subscriber.next()).await.expect("a message").payload, "star");
}

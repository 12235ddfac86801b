//! Publish, subscribe and request.

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

use crate::support::{case, guest, kick, nats, soon, unique};
use nats::{PublishErrorKind, RequestErrorKind};

#[case]
async fn what_one_publishes_all_subscribers_get_in_order() {
    let (client, other) = (guest().await, guest().await);
    let subject = unique(&client);
    let mut exact = client.subscribe(format!("{subject}.a")).await.expect("a subject");
    let mut all = other.subscribe(format!("{subject}.>")).await.expect("a filter");
    for client in [&client, &other] {
        client.flush().await.expect("the server has the subscription");
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

//! Headers: on the wire and as a map.

use bytes::Bytes;
use futures_util::StreamExt;

use crate::support::{case, guest, nats, soon, unique};
use nats::HeaderMap;

#[case]
async fn several_values_keep_their_order_and_names_their_case() {
    let client = guest().await;
    let subject = unique(&client);
    let mut subscriber = client.subscribe(subject.clone()).await.expect("a subject");
    let mut headers = HeaderMap::new();
    headers.insert("Trace-Id", "1: a");
    for value in ["x", "y", "x"] {
        headers.append("Tag", value);
    }
    headers.insert("tag", "lower");
    client.publish_with_headers(subject, headers, Bytes::new()).await.expect("a publish");

    let message = soon("the message", subscriber.next()).await.expect("a message");
    let received = message.headers.expect("it has headers");
    let values = |name: &str| -> Vec<String> {
        received.get_all(name).map(|value| value.as_str().to_owned()).collect()
    };
    assert_eq!(values("Tag"), ["x", "y", "x"]);
    assert_eq!(values("tag"), ["lower"]);
    assert_eq!(values("TAG"), Vec::<String>::new());
    assert_eq!(received.get("Trace-Id").map(|value| value.as_str().to_owned()).as_deref(), Some("1: a"));
    assert_eq!(received.get("Tag").map(|value| value.as_str().to_owned()).as_deref(), Some("x"));
    assert_eq!(received.get_last("Tag").map(|value| value.as_str().to_owned()).as_deref(), Some("x"));
    assert_eq!(received.len(), 3);
}

//! What `cargo xtask bench shim` measures: each function does one kind of work and gives how long it took in ms.
//! Whoever answers is a program of the bench: it floods a subject when a message on `bench.go` asks for it, and sends
//! back what comes to `bench.echo`.
#![allow(missing_docs, reason = "a program, not a library")]

fn main() {}

#[cfg(target_arch = "wasm32")]
mod speed {
    use bytes::Bytes;
    use futures_util::{StreamExt, stream};
    use nats_wasm_shim::Client;
    use nats_wasm_shim::jetstream::consumer::pull;
    use wasm_bindgen::prelude::wasm_bindgen;

    /// Bytes of a message's body.
    const SIZE: usize = 128;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance, js_name = now)]
        fn now() -> f64;
    }

    async fn client(url: &str) -> Client {
        nats_wasm_shim::connect(url).await.expect("the server is there")
    }

    /// Receives so many messages, and looks at the subject and the length of each. Timed from one that comes before them
    /// on its own.
    #[wasm_bindgen]
    pub async fn receive(url: String, subject: String, count: u32) -> f64 {
        let client = client(&url).await;
        let mut messages = client.subscribe(subject.clone()).await.expect("a subscription");
        client.flush().await.expect("a flush");
        let (mut left, mut bytes, mut began) = (count + 1, 0, None);
        let order = format!("{subject} {count} {SIZE}");
        client.publish("bench.go", order.into()).await.expect("a publish");
        while let Some(message) = messages.next().await {
            began.get_or_insert_with(now);
            bytes += message.payload.len() + message.subject.as_str().len();
            left -= 1;
            if left == 0 {
                break;
            }
        }
        let took = now() - began.unwrap_or_default();
        assert_eq!(bytes, (SIZE + subject.len()) * (count as usize + 1));
        took
    }

    /// Reads so many stored messages by an ordered consumer, and looks at the sequence and the length of each.
    #[wasm_bindgen]
    pub async fn ordered(url: String, stream: String, count: u32) -> f64 {
        let jetstream = nats_wasm_shim::jetstream::new(client(&url).await);
        let began = now();
        let stream = jetstream.get_stream(stream).await.expect("the stream is there");
        let consumer = stream.create_consumer(pull::OrderedConfig::default()).await.expect("a consumer");
        let mut messages = consumer.messages().await.expect("a pull");
        let (mut sequence, mut bytes) = (0, 0);
        while sequence < u64::from(count) {
            let message = messages.next().await.expect("the stream goes on").expect("a message");
            sequence += 1;
            assert_eq!(message.info().expect("it is stored").stream_sequence, sequence);
            bytes += message.payload.len() + message.subject.as_str().len();
        }
        assert!(bytes > SIZE * count as usize);
        now() - began
    }

    /// Asks so often, with so many questions under way at a time.
    #[wasm_bindgen]
    pub async fn request(url: String, count: u32, under_way: usize) -> f64 {
        let client = client(&url).await;
        client.flush().await.expect("a flush");
        let question = Bytes::from_static(&[b'x'; SIZE]);
        let began = now();
        let answers = stream::iter(0..count)
            .map(|_| client.request("bench.echo", question.clone()))
            .buffer_unordered(under_way);
        let bytes = answers
            .fold(0, |bytes, answer| async move { bytes + answer.expect("an answer").payload.len() })
            .await;
        assert_eq!(bytes, SIZE * count as usize);
        now() - began
    }

    /// Publishes so many messages, and waits until the server has handled them.
    #[wasm_bindgen]
    pub async fn publish(url: String, count: u32) -> f64 {
        let client = client(&url).await;
        client.flush().await.expect("a flush");
        let payload = Bytes::from_static(&[b'x'; SIZE]);
        let began = now();
        for _ in 0..count {
            client.publish("bench.sink", payload.clone()).await.expect("a publish");
        }
        client.flush().await.expect("a flush");
        now() - began
    }
}

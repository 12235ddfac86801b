//! What is told of a connection to whoever does not listen, in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use futures_util::StreamExt;
use nats_wasm_shim::{CloseReason, ConnectionEvent};
use server::{guest, soon};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// As many are kept, and one more, as `Client::events` says.
const MOST: usize = 256;

#[wasm_bindgen_test]
async fn who_does_not_read_learns_the_last_state_and_the_end() {
    let client = guest().await;
    let (one, other) = (client.events(), client.events());
    let mut watched = client.events();
    for _ in 0..MOST {
        client.force_reconnect().await.expect("it is open");
        loop {
            let event = soon("an event", watched.next()).await.expect("the events go on");
            if matches!(event, ConnectionEvent::Disconnected(_)) {
                break;
            }
        }
        let back = async { while watched.next().await != Some(ConnectionEvent::Connected) {} };
        soon("a connection", back).await;
    }
    let told: Vec<_> = soon("what was told", one.take(MOST + 1).collect()).await;
    assert_eq!(told.first(), Some(&ConnectionEvent::Connected));
    let [.., lost, back] = &told[..] else { panic!("{told:?}") };
    // Whoever was at the one before must learn that there is something to ask for anew.
    assert!(matches!(lost, ConnectionEvent::Disconnected(_)), "{lost:?}");
    assert_eq!(*back, ConnectionEvent::Connected, "the last state");
    client.drain().await.expect("a drain");
    soon("the end", async { while watched.next().await.is_some() {} }).await;
    let told: Vec<_> = soon("what was told", other.collect()).await;
    assert_eq!(told.len(), MOST);
    assert_eq!(told.last(), Some(&ConnectionEvent::Closed(CloseReason::Requested)));
}

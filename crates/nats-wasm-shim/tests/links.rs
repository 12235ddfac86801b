//! What a link to a server carries and what ends it, in a browser against a real server.
#![cfg(target_arch = "wasm32")]

mod server;

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use nats_wasm_shim::jetstream;
use nats_wasm_shim::jetstream::stream::{Config, StorageType};
use server::{guest, unique, within};
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

//! A page that stays open holds on to no more the longer it does: a small `cargo xtask bench day`.

use mjwork_tests::browser::{Browser, Options};
use mjwork_tests::gallery::{Gallery, see};
use mjwork_tests::memory::{NOTE_WASM, held};
use mjwork_tests::traffic::{Traffic, fill, pace};
use mjwork_tests::wait;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn traffic_leaves_no_nodes_and_no_listeners_behind() {
    let gallery = Gallery::empty().await;
    let client = async_nats::connect(gallery.server.tcp_url()).await.expect("WORK connects");
    let mut traffic = Traffic::steady(5);
    // Enough for every list to be windowed.
    fill(&client, &mut traffic, 10_000).await;
    let browser = Browser::start(Options::default()).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": NOTE_WASM})).await;
    browser.goto(gallery.site.url()).await.expect("the page loads");
    see(&browser, "[data-synced=true] [data-task-id]").await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        pace(&client, &mut traffic, 1_000, Duration::from_secs(4)).await;
        let seq = traffic.seq();
        wait::until("the page to have read everything", Duration::from_secs(30), async || {
            let read = browser.eval("return Number(document.querySelector('[data-seq]').dataset.seq)").await;
            if read == seq { Ok(()) } else { Err(read) }
        })
        .await;
        seen.push(held(&browser).await);
    }
    // The first is for what is made only once.
    let (middle, end) = (seen[1], seen[2]);
    for (what, middle, end) in
        [("nodes", middle.nodes, end.nodes), ("listeners", middle.listeners, end.listeners)]
    {
        assert!(end < middle * 1.1, "{what}: {seen:#?}");
    }
    assert!(end.script < middle.script * 1.25, "JavaScript: {seen:#?}");
    browser.assert_no_panic().await;
    browser.close().await;
}

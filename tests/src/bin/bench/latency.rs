//! From a client's publish to the card on an open, idle board.

use crate::statistics::{median, percentile, verdict};
use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, Options as BrowserOptions};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, config};
use mjwork_tests::wait;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MESSAGES: usize = 100;
const PATIENCE: Duration = Duration::from_secs(30);
/// Milliseconds, for the slowest.
const BUDGET: f64 = 500.0;

/// Notes when each card first shows, in milliseconds since 1970.
const NOTE_CARDS: &str = "
    window.shownAt = {};
    new MutationObserver(() => {
        for (const card of document.querySelectorAll('[data-column] [data-task-id]')) {
            window.shownAt[card.dataset.taskId] ??= performance.timeOrigin + performance.now();
        }
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-task-id'] });
";

pub async fn run() -> bool {
    let port = Reserved::port();
    let server =
        NatsServer::start(Options { origins: Some(vec![port.origin()]), ..Options::default() }).await;
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
    let site = port.serve("/", &config(&server));
    let browser = Browser::start(BrowserOptions::default()).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": NOTE_CARDS})).await;
    browser.goto(site.url()).await.expect("the page loads");
    wait::until("the board to be synced", PATIENCE, async || {
        let synced = browser.eval("return !!document.querySelector('[data-synced=true]')").await;
        if synced == true { Ok(()) } else { Err("not yet") }
    })
    .await;
    let mut samples = Vec::with_capacity(MESSAGES);
    for n in 0..MESSAGES {
        let id = format!("m{n:03}");
        // The newest stands first in its column, so that every card is within what is shown.
        let body = json!({"task_id": id, "title": "T", "priority": "normal"}).to_string();
        let sent = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64() * 1e3;
        client.publish("mjwork.tasks.available", body.into()).await.expect("published");
        client.flush().await.expect("flushed");
        let script = format!("return window.shownAt['{id}'] || null");
        let shown: Value = wait::until("the card", PATIENCE, async || {
            let shown = browser.eval(&script).await;
            if shown.is_number() { Ok(shown) } else { Err("not yet") }
        })
        .await;
        samples.push(shown.as_f64().unwrap_or(f64::NAN) - sent);
        let cancel = json!({"task_id": id, "by": "bench"}).to_string();
        client.publish("mjwork.tasks.cancelled", cancel.into()).await.expect("published");
    }
    browser.assert_no_panic().await;
    browser.close().await;
    println!(
        "latency of {MESSAGES}: median {:.1} ms, p99 {:.1} ms",
        median(&samples),
        percentile(&samples, 99.0)
    );
    verdict("latency: the slowest", percentile(&samples, 100.0), BUDGET, " ms")
}

//! A day of traffic, pressed into some minutes, through a page that stays open: what it holds at the end is what it held
//! in the middle.

use crate::statistics::verdict;
use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, Options as BrowserOptions};
use mjwork_tests::gallery::see;
use mjwork_tests::memory::{Held, NOTE_WASM, held, tab};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, config};
use mjwork_tests::traffic::{Traffic, pace};
use serde_json::{Value, json};
use std::time::Duration;

const PER_SECOND: u32 = 1_000;
/// A page forgets once a minute what the stream has forgotten, so that it is full after two.
const UNTIL_FULL: Duration = Duration::from_secs(130);
/// Twice as long from then on as between two times that it forgets.
const FROM_THEN_ON: Duration = Duration::from_secs(120);
/// The stream keeps messages for so long.
const MAX_AGE: Duration = Duration::from_secs(20);
/// Nodes of the page at the most: five columns, each of a hundred cards before it is windowed.
const SHOWN: f64 = 15_000.0;
/// Times what it was.
const GROWTH: f64 = 1.05;

pub async fn run() -> bool {
    let port = Reserved::port();
    let origins = Some(vec![port.origin()]);
    let options = Options { origins, sync_interval: Some("2m".into()), ..Options::default() };
    let server = NatsServer::start(options).await;
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
    shorten(&client).await;
    let site = port.serve("/", &config(&server));
    let browser = Browser::start(BrowserOptions { window: (1440, 900), ..BrowserOptions::default() }).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": NOTE_WASM})).await;
    browser.goto(site.url()).await.expect("the page loads");
    see(&browser, "[data-synced=true]").await;

    let mut traffic = Traffic::steady(5);
    let before = pace(&client, &mut traffic, PER_SECOND, UNTIL_FULL).await;
    let middle = held(&browser).await;
    println!("  after {before} events: {middle:?}; {}", tab(&browser).await);
    let after = pace(&client, &mut traffic, PER_SECOND, FROM_THEN_ON).await;
    let end = held(&browser).await;
    println!("  after {after} more: {end:?}; {}", tab(&browser).await);
    let seq = browser.eval("return Number(document.querySelector('[data-seq]').dataset.seq)").await;
    assert_eq!(seq, traffic.seq(), "it has followed to the end");
    browser.assert_no_panic().await;
    browser.close().await;
    let mut held = true;
    held &= verdict("day: nodes shown at the end", end.shown, SHOWN, "");
    // How many cards there are is the traffic's to say; for each there may be no more.
    for (what, of) in [
        ("nodes for each that is shown", (|h| h.nodes / h.shown) as fn(&Held) -> f64),
        ("listeners for each node", |h| h.listeners / h.shown),
        ("bytes of JavaScript for each node", |h| h.script / h.shown),
        ("bytes of WebAssembly", |h| h.wasm),
    ] {
        held &= verdict(&format!("day: {what}, end to middle"), of(&end) / of(&middle), GROWTH, "x");
    }
    held
}

/// Has the stream keep messages for a short while only.
async fn shorten(client: &async_nats::Client) {
    let request = async |subject: &str, body: String| -> Value {
        let answer = client.request(subject.to_owned(), body.into()).await.expect("the server answers");
        serde_json::from_slice(&answer.payload).expect("JSON")
    };
    let mut config = request("$JS.API.STREAM.INFO.MJ_ONLINE_WORK", String::new()).await["config"].take();
    config["max_age"] = json!(u64::try_from(MAX_AGE.as_nanos()).expect("nanoseconds"));
    config["duplicate_window"] = config["max_age"].clone();
    let answer = request("$JS.API.STREAM.UPDATE.MJ_ONLINE_WORK", config.to_string()).await;
    assert!(answer["error"].is_null(), "the stream is changed: {answer}");
}

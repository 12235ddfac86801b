//! A page of the shim while its server is restarted and killed, and the line to it is cut, stalls and breaks off in the
//! middle of a frame. What it was told is stored must be stored once, every subscription must go on, and it must not
//! grow.

use crate::browser::{Browser, Options as BrowserOptions};
use crate::memory::{Held, NOTE_WASM, held};
use crate::proxy::Proxy;
use crate::server::{NatsServer, Options};
use crate::site::Reserved;
use crate::{example, wait};
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::{self, stream};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The longest until everything goes on after a blow.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much more the page may hold at the end than after a third, in bytes.
const GROWTH: f64 = 500e3;
/// How many messages a lane publishes after each blow before it counts as survived.
const SIGNS: u32 = 5;

/// How often the page has been looked at.
static LOOKS: AtomicU32 = AtomicU32::new(0);

const CONFIG: &str = r#"
listen: 127.0.0.1:4222
http: 127.0.0.1:8222
websocket {
  listen: 127.0.0.1:8080
  no_tls: true
  compression: true
  allowed_origins: ["http://localhost:8001"]
}
jetstream {
  store_dir: ".mjwork"
  sync_interval: always
}
"#;

const PAGE: &str = r#"<!doctype html>
<meta charset="utf-8">
<title>soak</title>
<script type="module">
import * as page from './soak.js';
await page.default();
window.page = page;
</script>
"#;

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// Restarts of the server; every other one after `kill -9`.
    pub restarts: usize,
    /// Cuts of the line.
    pub cuts: usize,
    /// Connections that the page made.
    pub connections: usize,
    /// Messages that the page was told are stored.
    pub acknowledged: u32,
    /// Publishes that failed, and were repeated with the same id.
    pub failures: u32,
    /// What the page held after a third, and at the end.
    pub memory: (Held, Held),
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = self.memory;
        write!(
            f,
            "{} restarts and {} cuts, {} connections: {} publishes acknowledged, each stored once; {} failed and were \
             repeated; WebAssembly {:.1} to {:.1} MB, JavaScript {:.2} to {:.2} MB",
            self.restarts,
            self.cuts,
            self.connections,
            self.acknowledged,
            self.failures,
            before.wasm / 1e6,
            after.wasm / 1e6,
            before.script / 1e6,
            after.script / 1e6
        )
    }
}

/// What the page says of itself.
#[derive(Deserialize)]
struct State {
    acknowledged: Vec<u32>,
    heard: Vec<Option<u32>>,
    failures: u32,
}

/// So many restarts and so many cuts in turn, on a page that is built by a profile of `Cargo.toml`.
///
/// # Panics
/// When anything is lost, doubled or over, or the page grows.
pub async fn run(rounds: usize, profile: &str) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    example::build("soak", profile, folder.path());
    std::fs::write(folder.path().join("index.html"), PAGE).expect("a file");
    let port = Reserved::port();
    let options =
        Options { origins: Some(vec![port.origin()]), config: Some(CONFIG.into()), ..Options::default() };
    let mut server = NatsServer::start(options).await;
    make_stream(&server).await;
    let proxy = Proxy::start(server.ws_address()).await;
    let site = port.serve_folder(folder.path().to_path_buf(), "/", &json!({}));
    let browser = Browser::start(BrowserOptions::default()).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": NOTE_WASM})).await;
    browser.goto(site.url()).await.expect("the page loads");
    wait::until("the page's program", PATIENCE, async || {
        let ready = browser.eval("return typeof window.page").await;
        if ready == "object" { Ok(()) } else { Err(ready) }
    })
    .await;
    browser.eval(&format!("window.page.start({:?})", proxy.ws_url())).await;

    let tick = AtomicU32::new(0);
    goes_on(&browser, &server, &tick).await;
    let mut before = None;
    for round in 0..rounds {
        if round % 2 == 0 {
            server.kill();
        } else {
            server.stop();
        }
        server.restart().await;
        goes_on(&browser, &server, &tick).await;
        match round % 3 {
            0 => proxy.cut(),
            1 => proxy.break_off(),
            _ => {
                // The page must find out by itself, and then gets through again.
                let connections = proxy.connections();
                proxy.stall();
                wait::until("the page to give the line up", PATIENCE, async || {
                    if proxy.connections() > connections { Ok(()) } else { Err("not yet") }
                })
                .await;
                proxy.cut();
            }
        }
        goes_on(&browser, &server, &tick).await;
        if round == rounds / 3 {
            before = Some((held(&browser).await, LOOKS.load(Ordering::Relaxed)));
        }
    }
    let (before, looks_before) = before.expect("there are rounds");
    let (mut after, looks) = (held(&browser).await, LOOKS.load(Ordering::Relaxed) - looks_before);
    after.script -= f64::from(looks) * weight_of_a_look(&browser).await;
    let memory = (before, after);
    assert!(memory.1.wasm - memory.0.wasm < GROWTH, "{memory:?}");
    assert!(memory.1.script - memory.0.script < GROWTH, "{memory:?}");
    let state = state(&browser).await;
    browser.assert_no_panic().await;
    browser.close().await;
    stored_once(&server, &state.acknowledged).await;
    Report {
        restarts: rounds,
        cuts: rounds,
        connections: proxy.connections(),
        acknowledged: state.acknowledged.iter().sum(),
        failures: state.failures,
        memory,
    }
}

/// Bytes of the page's memory that each look at it costs for good: the browser keeps every script that it is asked to
/// run, and a long soak is looked at thousands of times.
async fn weight_of_a_look(browser: &Browser) -> f64 {
    const MANY: u32 = 200;
    let before = held(browser).await.script;
    for _ in 0..MANY {
        state(browser).await;
    }
    ((held(browser).await.script - before) / f64::from(MANY)).max(0.0)
}

async fn state(browser: &Browser) -> State {
    LOOKS.fetch_add(1, Ordering::Relaxed);
    let said = browser.eval("return window.page.state()").await;
    serde_json::from_str(said.as_str().expect("a text")).expect("the page's JSON")
}

/// Every lane publishes on, and every subscription hears what is published now.
async fn goes_on(browser: &Browser, server: &NatsServer, tick: &AtomicU32) {
    let before = state(browser).await.acknowledged;
    let client = async_nats::connect(server.tcp_url()).await.expect("everybody is let in");
    let first = tick.load(Ordering::Relaxed) + 1;
    wait::until("everything to go on", PATIENCE, async || {
        let number = tick.fetch_add(1, Ordering::Relaxed) + 1;
        client.publish("soak.tick", number.to_string().into()).await.expect("a publish");
        client.flush().await.expect("a flush");
        let now = state(browser).await;
        let publishes = now.acknowledged.iter().zip(&before).all(|(now, before)| *now >= before + SIGNS);
        let hears = now.heard.iter().all(|heard| heard.is_some_and(|number| number >= first));
        if publishes && hears { Ok(()) } else { Err(format!("{:?} {:?}", now.acknowledged, now.heard)) }
    })
    .await;
}

async fn make_stream(server: &NatsServer) {
    let client = async_nats::connect(server.tcp_url()).await.expect("everybody is let in");
    let config =
        stream::Config { name: "SOAK".into(), subjects: vec!["soak.lane.*".into()], ..Default::default() };
    jetstream::new(client).create_stream(config).await.expect("a stream");
}

/// Each message that was acknowledged is in the stream once, and the one that a lane was at no more than that.
async fn stored_once(server: &NatsServer, acknowledged: &[u32]) {
    let client = async_nats::connect(server.tcp_url()).await.expect("everybody is let in");
    let mut stream = jetstream::new(client).get_stream("SOAK").await.expect("the stream");
    let count = stream.info().await.expect("the stream").state.messages;
    let consumer = stream.create_consumer(OrderedConfig::default()).await.expect("a consumer");
    let mut messages = consumer.messages().await.expect("a pull");
    let mut stored: BTreeMap<(usize, u32), u32> = BTreeMap::new();
    for _ in 0..count {
        let message = messages.next().await.expect("the stream goes on").expect("a message");
        let lane = message.subject.rsplit('.').next().and_then(|lane| lane.parse().ok()).expect("a lane");
        let number = std::str::from_utf8(&message.payload).ok().and_then(|text| text.parse().ok());
        *stored.entry((lane, number.expect("a number"))).or_default() += 1;
    }
    for (lane, count) in acknowledged.iter().enumerate() {
        for number in 0..*count {
            assert_eq!(stored.get(&(lane, number)), Some(&1), "message {number} of lane {lane}");
        }
    }
    for ((lane, number), times) in stored {
        // The page goes on until it is closed.
        assert!(times == 1, "message {number} of lane {lane} is stored {times} times");
    }
}

//! From opening the page to `data-synced`, against a bare page that pulls the same batches and throws them away.

use crate::statistics::{median, verdict};
use async_nats::Client;
use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, Options as BrowserOptions};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, Site, bundle, config};
use mjwork_tests::{http, wait};
use serde_json::{Value, json};
use std::time::Duration;

/// Stored events.
const EVENTS: u64 = 100_000;
const ROUNDS: usize = 9;
const PATIENCE: Duration = Duration::from_secs(60);
/// Times a bare page.
const BUDGET: f64 = 1.3;

/// Notes when the hook says that the history has been read, as time since the page was opened.
const NOTE_SYNCED: &str = "
    new MutationObserver((changes, watcher) => {
        if (document.querySelector('[data-synced=true]')) {
            window.doneAt = performance.now();
            watcher.disconnect();
        }
    }).observe(document, { subtree: true, attributes: true, childList: true, attributeFilter: ['data-synced'] });
";

pub async fn run() -> bool {
    let port = Reserved::port();
    let origins = Some(vec![port.origin()]);
    // Only the filling is quicker so; nothing is stored while it is measured.
    let options = Options { origins, sync_interval: Some("2m".into()), ..Options::default() };
    let server = NatsServer::start(options).await;
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
    let bytes = fill(&client).await;
    println!("{EVENTS} events of {} tasks, {:.1} MB in the stream", EVENTS / 4, bytes / 1e6);

    let folder = tempfile::tempdir().expect("a folder");
    copy(&bundle(), folder.path());
    std::fs::write(folder.path().join("bare.html"), include_str!("bare.html")).expect("a file");
    let site = port.serve_folder(folder.path().to_path_buf(), "/", &config(&server));
    assert!(http::get(site.address(), "/bare.html").await.is_ok_and(|answer| answer.status == 200));

    let (mut bare, mut board) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let pair = (measure_bare(&site, &server).await, measure_board(&site).await);
        // The first round warms what both share: the server's blocks and the machine's files.
        if round > 0 {
            println!(
                "  bare page {:>5.0} ms, board {:>5.0} ms, ratio {:.2}",
                pair.0,
                pair.1,
                pair.1 / pair.0
            );
            bare.push(pair.0);
            board.push(pair.1);
        }
    }
    let (bare, board) = (median(&bare), median(&board));
    println!("median of {ROUNDS}: bare page {bare:.0} ms, board {board:.0} ms");
    verdict("history: board to bare page", board / bare, BUDGET, "x")
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for file in std::fs::read_dir(from).expect("the bundle") {
        let file = file.expect("a file").path();
        if file.is_file() {
            std::fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("a copy");
        }
    }
}

/// Tasks that are published, taken, half done and done, as a fleet leaves them. Gives the stream's size in bytes.
async fn fill(client: &Client) -> f64 {
    for n in 0..EVENTS / 4 {
        let agent = format!("agent-{}", n % 40);
        let claim = 4 * n + 2;
        for (verb, body) in [
            (
                "available",
                json!({
                    "task_id": format!("task-{n:06}"), "title": format!("Port module {n} to the new interface"),
                    "description": "Change every call, run its tests, and say what was left.",
                    "priority": (["high", "normal", "low"][usize::try_from(n % 3).unwrap_or(0)]),
                    "tags": ["port", format!("phase-{}", n % 7)], "by": "planner",
                }),
            ),
            (
                "claimed",
                json!({"task_id": format!("task-{n:06}"), "agent_id": agent, "session": "s1", "after": claim - 1}),
            ),
            (
                "progress",
                json!({"task_id": format!("task-{n:06}"), "agent_id": agent, "session": "s1", "claim": claim,
                    "percent": 50, "note": "calls changed, tests running"}),
            ),
            (
                "completed",
                json!({"task_id": format!("task-{n:06}"), "agent_id": agent, "session": "s1", "claim": claim,
                    "result": {"changed": n % 17, "left": []}}),
            ),
        ] {
            client.publish(format!("mjwork.tasks.{verb}"), body.to_string().into()).await.expect("published");
        }
        if n % 250 == 0 {
            client.flush().await.expect("flushed");
        }
    }
    client.flush().await.expect("flushed");
    wait::until("all events to be stored", PATIENCE, async || {
        let answer = client.request("$JS.API.STREAM.INFO.MJ_ONLINE_WORK", "".into()).await;
        let info: Value =
            serde_json::from_slice(&answer.map_err(|e| e.to_string())?.payload).map_err(|e| e.to_string())?;
        if info["state"]["messages"] == EVENTS {
            Ok(info["state"]["bytes"].as_f64().unwrap_or(0.0))
        } else {
            Err(info["state"].to_string())
        }
    })
    .await
}

async fn measure_bare(site: &Site, server: &NatsServer) -> f64 {
    let browser = Browser::start(BrowserOptions::default()).await;
    let address = format!("{}bare.html?server={}&expected={EVENTS}", site.url(), server.ws_url());
    browser.goto(address).await.expect("the page loads");
    let took = done_at(&browser).await;
    assert_eq!(browser.eval("return window.pulled").await, EVENTS, "it pulled everything");
    browser.close().await;
    took
}

async fn measure_board(site: &Site) -> f64 {
    let browser = Browser::start(BrowserOptions::default()).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": NOTE_SYNCED})).await;
    browser.goto(site.url()).await.expect("the page loads");
    let took = done_at(&browser).await;
    let seen = browser
        .eval(
            "return [Number(document.querySelector('[data-connection]').dataset.seq),
                Number(document.querySelector('[data-column=completed]').dataset.count)]",
        )
        .await;
    assert_eq!(seen, json!([EVENTS, EVENTS / 4]), "it folded everything");
    browser.assert_no_panic().await;
    browser.close().await;
    took
}

async fn done_at(browser: &Browser) -> f64 {
    // The page itself notes the time. Looked at every 250 ms the figures bunched at the looks, so look when it is over.
    wait::until("the page to be done", PATIENCE, async || {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let done = browser.eval("return window.doneAt || null").await;
        done.as_f64().ok_or_else(|| "not yet".to_owned())
    })
    .await
}

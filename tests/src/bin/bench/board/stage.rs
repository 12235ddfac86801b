//! One server with the whole history, the board and its rival on hosts of their own, and pages that note when they are
//! complete.

use async_nats::Client;
use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, Options as BrowserOptions};
use mjwork_tests::memory::NOTE_WASM;
use mjwork_tests::repository;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, Site, bundle, config};
use mjwork_tests::traffic::{Traffic, fill};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Stored events; a tenth of them are new tasks.
const EVENTS: u64 = 1_000_000;
/// The longest that any page may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Notes, as time since the page was opened, when everything stored is read and shown: the hook says so, a card is
/// there, and the frame that has it is done.
const NOTE_COMPLETE: &str = "
    window.complete = new Promise(resolve => {
        const look = (changes, watcher) => {
            if (!document.querySelector('[data-synced=true]') || !document.querySelector('[data-task-id]')) return;
            watcher.disconnect();
            const { port1: send, port2: receive } = new MessageChannel();
            receive.onmessage = () => { window.completeAt = performance.now(); resolve(window.completeAt); };
            requestAnimationFrame(() => send.postMessage(null));
        };
        new MutationObserver(look).observe(document, { subtree: true, attributes: true, childList: true,
            attributeFilter: ['data-synced', 'data-task-id'] });
    });
";

pub struct Stage {
    pub server: NatsServer,
    pub client: Client,
    pub traffic: Traffic,
    pub board: Site,
    pub rival: Site,
    _folder: TempDir,
}

impl Stage {
    /// Fills the stream.
    pub async fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        bundle_rival(folder.path());
        let (board, rival) = (Reserved::port(), Reserved::port());
        let options = Options {
            origins: Some(vec![board.origin(), rival.origin()]),
            // Only the filling is quicker so.
            sync_interval: Some("2m".into()),
            config: Some(with_rival()),
            ..Options::default()
        };
        let server = NatsServer::start(options).await;
        let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
        mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
        let mut traffic = Traffic::new(1);
        let began = Instant::now();
        fill(&client, &mut traffic, EVENTS).await;
        println!(
            "{EVENTS} events of {} tasks, stored in {:.0} s: {:?}",
            traffic.tasks(),
            began.elapsed().as_secs_f64(),
            traffic.counts()
        );
        let settings = json!({"server": server.ws_url(), "user": "rival", "pass": "rival", "stream": "MJ_ONLINE_WORK",
            "prefix": "mjwork"});
        let rival = rival.serve_folder(folder.path().to_path_buf(), "/", &settings);
        let board = board.serve_folder(bundle(), "/", &config(&server));
        Self { server, client, traffic, board, rival, _folder: folder }
    }

    /// Opens the board in a browser of its own, and gives when it was complete.
    pub async fn open(&self) -> (Browser, f64) {
        let browser =
            Browser::start(BrowserOptions { window: (1440, 900), ..BrowserOptions::default() }).await;
        let took = visit(&browser, &self.board.url(), "").await;
        (browser, took)
    }
}

/// Goes to a page with another script in it, and gives after how many ms it was complete.
pub async fn visit(browser: &Browser, address: &str, script: &str) -> f64 {
    let source = format!("{NOTE_COMPLETE}{NOTE_WASM}{script}");
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": source})).await;
    browser.goto(address).await.expect("the page loads");
    let began = Instant::now();
    // The page says it by itself; to look at it again and again would slow it.
    let wait = "const done = arguments[0]; setTimeout(() => done(null), 20000); window.complete.then(done)";
    loop {
        let answer = browser.execute_async(wait, Vec::new()).await.expect("the script runs");
        if let Some(at) = answer.json().as_f64() {
            return at;
        }
        assert!(began.elapsed() < PATIENCE, "{address} was not complete in {PATIENCE:?}");
    }
}

/// Notes what the page's processor does, where `MJWORK_BENCH_PROFILE` names a file for it; a browser's DevTools show it.
pub async fn begin_profile(browser: &Browser) {
    if std::env::var_os("MJWORK_BENCH_PROFILE").is_some() {
        browser.devtools("Profiler.enable", json!({})).await;
        browser.devtools("Profiler.start", json!({})).await;
    }
}

/// Writes down what was noted.
pub async fn end_profile(browser: &Browser) {
    if let Some(file) = std::env::var_os("MJWORK_BENCH_PROFILE") {
        let taken = browser.devtools("Profiler.stop", json!({})).await;
        std::fs::write(file, taken["profile"].to_string()).expect("the profile can be written");
    }
}

/// What the page counts in its columns, by state.
pub async fn counts(browser: &Browser) -> Value {
    let script = "return Object.fromEntries([...document.querySelectorAll('[data-column]')]
        .map(column => [column.dataset.column, Number(column.dataset.count)]))";
    browser.eval(script).await
}

/// The shipped configuration with one user more: the rival reads by a consumer, which a viewer may not make.
fn with_rival() -> String {
    let shipped = std::fs::read_to_string(repository().join("nats-server.conf")).expect("nats-server.conf");
    let work = r#"{user: work, allowed_connection_types: ["STANDARD"]}"#;
    assert!(shipped.contains(work), "the shipped configuration has the user `work`");
    shipped.replace(work, &format!("{work}\n      {{user: rival, password: rival}}"))
}

/// Bundles the rival into a folder, with a bare page that only listens beside it.
fn bundle_rival(into: &Path) {
    let (own, tools) = (repository().join("tests/rival"), repository().join(".tools/rival/node_modules"));
    let done = Command::new(tools.join(".bin/esbuild"))
        .current_dir(&own)
        .env("NODE_PATH", &tools)
        .args([
            "src/main.jsx",
            "--bundle",
            "--minify",
            "--format=esm",
            "--jsx=automatic",
            "--log-level=warning",
        ])
        .args(["--define:process.env.NODE_ENV=\"production\""])
        .arg(format!("--outfile={}", into.join("main.js").display()))
        .status();
    assert!(
        done.is_ok_and(|status| status.success()),
        "esbuild bundles the rival; `cargo xtask bench board` installs it"
    );
    let copy =
        |file: PathBuf| std::fs::copy(&file, into.join(file.file_name().expect("a file"))).expect("a copy");
    copy(own.join("index.html"));
    copy(own.join("rival.css"));
    std::fs::write(into.join("listen.html"), include_str!("listen.html")).expect("a file");
}

//! One server, one page with all sides in it, and whoever answers them.

use super::feeder::Feeder;
use super::line::{Flood, Line};
use mjwork_tests::browser::{Browser, Options as BrowserOptions};
use mjwork_tests::memory::NOTE_WASM;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, Site};
use mjwork_tests::{example, http, repository, wait};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// The longest that one measurement may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The longest that the page may take to compile its programs.
const START: Duration = Duration::from_secs(20);

/// Everybody may do everything, and a reader that is behind is waited for: the server must not drop the slowest side.
const CONFIG: &str = r#"
listen: 127.0.0.1:4222
http: 127.0.0.1:8222
websocket {
  listen: 127.0.0.1:8080
  no_tls: true
  compression: COMPRESSION
  allowed_origins: ["http://localhost:8001"]
}
jetstream {
  store_dir: ".mjwork"
  sync_interval: always
}
max_pending: 1GB
write_deadline: "60s"
"#;

/// The stream that is read.
pub const STREAM: &str = "SPEED";

pub struct Stage {
    pub server: NatsServer,
    pub browser: Browser,
    line: Line,
    _feeder: Feeder,
    _site: Site,
    _folder: TempDir,
}

impl Stage {
    /// Builds the page and opens it.
    pub async fn set(compression: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        example::build("speed", &profile(), folder.path());
        bundle(folder.path());
        let port = Reserved::port();
        let options = Options {
            origins: Some(vec![port.origin()]),
            sync_interval: Some("2m".into()),
            config: Some(CONFIG.replace("COMPRESSION", &compression.to_string())),
            ..Options::default()
        };
        let server = NatsServer::start(options).await;
        let flood = Flood::default();
        let feeder = Feeder::start(server.tcp_address(), flood.clone());
        let line = Line::start(server.ws_address(), flood);
        let site = port.serve_folder(folder.path().to_path_buf(), "/", &json!({}));
        let browser = Browser::start(BrowserOptions::default()).await;
        browser.set_script_timeout(PATIENCE).await.expect("a driver that takes a timeout");
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": NOTE_WASM})).await;
        browser.goto(site.url()).await.expect("the page loads");
        wait::until("the page's programs", START, async || {
            let ready = browser.eval("return typeof window.speed").await;
            if ready == "function" { Ok(()) } else { Err(format!("{:?}", browser.console().await)) }
        })
        .await;
        Self { server, browser, line, _feeder: feeder, _site: site, _folder: folder }
    }

    /// Fills a stream.
    pub async fn store(&self, count: u32) {
        let client = async_nats::connect(self.server.tcp_url()).await.expect("everybody is let in");
        let jetstream = async_nats::jetstream::new(client.clone());
        let config = async_nats::jetstream::stream::Config {
            name: STREAM.into(),
            subjects: vec!["speed.>".into()],
            ..Default::default()
        };
        let mut stream = jetstream.create_stream(config).await.expect("a stream");
        for number in 0..count {
            let subject = format!("speed.{}", number % 100);
            client.publish(subject, vec![0; 128].into()).await.expect("a publish");
        }
        client.flush().await.expect("a flush");
        wait::until("everything to be stored", PATIENCE, async || {
            let stored = stream.info().await.expect("it is there").state.messages;
            if stored == u64::from(count) { Ok(()) } else { Err(stored) }
        })
        .await;
    }

    /// Lets one side do one kind of work, and gives how long that took in ms.
    pub async fn measure(&self, side: &str, kind: &str, given: Value) -> f64 {
        self.browser.devtools("HeapProfiler.collectGarbage", json!({})).await;
        let given = given.as_array().cloned().unwrap_or_default();
        let arguments = [vec![json!(side), json!(kind), json!(self.line.url())], given].concat();
        let script = "const done = arguments[0];
            window.speed(...ARGUMENTS).then(done, error => done(`${error.stack ?? error}`))";
        let script = script.replace("ARGUMENTS", &Value::from(arguments).to_string());
        let answer = self.browser.execute_async(&script, Vec::new()).await.expect("the script runs");
        let took = answer.json().as_f64();
        took.unwrap_or_else(|| panic!("{side} {kind}: {}", answer.json()))
    }

    /// What the page's processor does meanwhile; a browser's DevTools show it.
    pub async fn profile(&self, side: &str, kind: &str, given: Value) -> String {
        self.browser.devtools("Profiler.enable", json!({})).await;
        self.browser.devtools("Profiler.start", json!({})).await;
        self.measure(side, kind, given).await;
        self.browser.devtools("Profiler.stop", json!({})).await["profile"].to_string()
    }

    /// How long the page's own thread has been busy so far, in ms.
    pub async fn busy(&self) -> f64 {
        self.browser.devtools("Performance.enable", json!({"timeDomain": "threadTicks"})).await;
        let said = self.browser.devtools("Performance.getMetrics", json!({})).await;
        let metrics = said["metrics"].as_array().expect("a list");
        let task = metrics.iter().find(|metric| metric["name"] == "TaskDuration").expect("it is counted");
        task["value"].as_f64().expect("a number") * 1e3
    }

    /// Messages that the server has taken in so far.
    pub async fn taken_in(&self) -> u64 {
        // In the older version of HTTP, so that the answer comes in one piece.
        let asked = http::exchange(self.server.monitor_address(), b"GET /varz HTTP/1.0\r\n\r\n").await;
        let answer = String::from_utf8(asked.expect("the server's monitoring")).expect("text");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        let said: Value = serde_json::from_str(body).expect("JSON");
        said["in_msgs"].as_u64().expect("a number")
    }
}

/// `MJWORK_BENCH_BUILD` names another profile of `Cargo.toml` than the one for speed, such as the board's.
fn profile() -> String {
    std::env::var("MJWORK_BENCH_BUILD").unwrap_or_else(|_| "web-fast".to_owned())
}

/// Bundles the page's script with the official client; the shim's module stays beside it.
fn bundle(into: &Path) {
    let (own, tools) = (repository().join("tests/shim"), repository().join(".tools/rival/node_modules"));
    let done = Command::new(tools.join(".bin/esbuild"))
        .current_dir(&own)
        .env("NODE_PATH", &tools)
        .args(["main.js", "--bundle", "--minify", "--format=esm", "--external:./speed.js"])
        .args(["--log-level=warning", "--target=esnext"])
        .arg(format!("--outfile={}", into.join("main.js").display()))
        .status();
    assert!(
        done.is_ok_and(|status| status.success()),
        "esbuild bundles the page; `cargo xtask bench` installs it"
    );
    std::fs::copy(own.join("index.html"), into.join("index.html")).expect("a copy");
}

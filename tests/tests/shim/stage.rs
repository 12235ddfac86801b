//! The page, open in a browser, and what it says of itself.

use mjwork_tests::browser::{Browser, Options};
use mjwork_tests::site::{Reserved, Site};
use mjwork_tests::{example, wait};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// The longest until the page is where it should be.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server with a door for browsers. Without compression, so that what is sent takes as long as it is large.
pub const DOORS: &str = r#"
listen: 127.0.0.1:4222
http: 127.0.0.1:8222
websocket {
  listen: 127.0.0.1:8080
  no_tls: true
  allowed_origins: ["http://localhost:8001"]
}
jetstream {
  store_dir: ".mjwork"
  sync_interval: always
}
"#;

const PAGE: &str = r#"<!doctype html>
<meta charset="utf-8">
<title>roam</title>
<script type="module">
import * as page from './roam.js';
await page.default();
window.page = page;
</script>
"#;

/// The page of `examples/roam.rs`.
pub struct Page {
    pub browser: Browser,
    _site: Site,
    _folder: TempDir,
}

/// What the page says of itself.
#[derive(Debug, Deserialize)]
pub struct State {
    /// The name of the server that it is on, or was on last.
    pub server: String,
    /// Whether it is.
    pub connection: String,
    /// The doors for browsers that this server knows.
    pub known: Vec<String>,
    /// What happened to the connection.
    pub events: Vec<String>,
    /// What came on the subject `tick`.
    pub heard: Vec<String>,
}

impl Page {
    /// Opens the page; it is not connected yet.
    pub async fn open(port: Reserved) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        example::build("roam", "dev", folder.path());
        std::fs::write(folder.path().join("index.html"), PAGE).expect("a file");
        let site = port.serve_folder(folder.path().to_path_buf(), "/", &json!({}));
        let browser = Browser::start(Options::default()).await;
        browser.goto(site.url()).await.expect("the page loads");
        wait::until("the page's program", PATIENCE, async || {
            let ready = browser.eval("return typeof window.page").await;
            if ready == "object" { Ok(()) } else { Err(ready) }
        })
        .await;
        Self { browser, _site: site, _folder: folder }
    }

    /// Calls a function of the page; the error is what it says.
    pub async fn call(&self, function: &str, arguments: &[&str]) -> Result<String, String> {
        let script = "const [call, ...rest] = arguments;
            return window.page[call](...rest).then(said => [true, said ?? ''], error => [false, String(error)])";
        let arguments = std::iter::once(function).chain(arguments.iter().copied());
        let said = self.browser.execute(script, arguments.map(Value::from).collect::<Vec<_>>()).await;
        let said = said.expect("the page's function is there").json().clone();
        let (fine, words): (bool, String) = serde_json::from_value(said).expect("what the script gives");
        if fine { Ok(words) } else { Err(words) }
    }

    pub async fn state(&self) -> State {
        let said = self.browser.eval("return window.page.state()").await;
        serde_json::from_str(said.as_str().expect("a text")).expect("the page's JSON")
    }

    /// Waits until the page says so.
    pub async fn until(&self, what: &str, wanted: impl Fn(&State) -> bool) -> State {
        wait::until(what, PATIENCE, async || {
            let state = self.state().await;
            if wanted(&state) { Ok(state) } else { Err(format!("{state:?}")) }
        })
        .await
    }
}

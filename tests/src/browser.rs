//! Chromium for a test: a chromedriver of its own, a fresh profile, what the page said on its console, screenshots.
//! Elements are found and clicked through `thirtyfour`, to which a [`Browser`] dereferences.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::ChromeCapabilities;
use thirtyfour::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;

/// What Chromium needs in order to run without a screen, as root, in a container, and to stay on this machine.
const ARGUMENTS: [&str; 8] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
];

/// No command to the browser takes that long on two busy cores.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a browser is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Width and height of the page in CSS pixels.
    pub window: (u32, u32),
    /// Keep a list of every request for [`Browser::requested`]. It costs time for every frame of a WebSocket.
    pub log_requests: bool,
    /// Let the page believe that there is a mouse, which Chromium without a screen has not.
    pub has_mouse: bool,
}

/// A mouse: it hovers (2), and hits what is small (4).
const MOUSE: &str =
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4";

impl Default for Options {
    fn default() -> Self {
        Self { window: (1280, 800), log_requests: false, has_mouse: false }
    }
}

/// Which colours the system prefers, as the page sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorScheme {
    /// `prefers-color-scheme: dark`
    Dark,
    /// `prefers-color-scheme: light`
    Light,
}

/// One line of the page's console, or an error that nobody caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLine {
    /// `INFO`, `WARNING`, `SEVERE`, …
    pub level: String,
    /// Source, line and text.
    pub message: String,
}

/// A running browser with one window. Ends when dropped, and all its processes with it.
#[derive(Debug)]
pub struct Browser {
    // The session ends before its driver, and both before the folder goes.
    driver: Option<WebDriver>,
    _chromedriver: Chromedriver,
    console: Mutex<Vec<ConsoleLine>>,
    folder: TempDir,
}

impl Browser {
    /// Starts chromedriver on a free port and Chromium with an empty profile.
    ///
    /// # Panics
    /// When one of them cannot be started.
    pub async fn start(options: Options) -> Self {
        let folder =
            tempfile::Builder::new().prefix("mjwork-browser-").tempdir().expect("a temporary folder");
        let chromedriver = Chromedriver::start(&folder.path().join("chromedriver.log"));
        let capabilities =
            capabilities(&options, &folder.path().join("profile")).expect("plain capabilities");
        let driver = WebDriver::builder(format!("http://127.0.0.1:{}", chromedriver.port), capabilities)
            .request_timeout(PATIENCE)
            .await
            .unwrap_or_else(|error| panic!("Chromium did not start: {error}"));
        driver.set_script_timeout(PATIENCE).await.expect("a driver that takes a timeout");
        let browser =
            Self { driver: Some(driver), _chromedriver: chromedriver, console: Mutex::default(), folder };
        let (width, height) = options.window;
        browser.resize(width, height).await;
        browser
    }

    /// Gives the page that many CSS pixels, as a phone or a large screen would.
    pub async fn resize(&self, width: u32, height: u32) {
        // The window itself cannot be made narrower than 500 px; the page in it can.
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Lets the page believe that the system prefers these colours.
    pub async fn prefer(&self, scheme: ColorScheme) {
        let value = if scheme == ColorScheme::Dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Sends a command of the Chrome `DevTools` Protocol.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let answer = self.cdp().send_raw(method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{method} was refused: {error}"))
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Panics
    /// When it throws.
    pub async fn eval(&self, script: &str) -> Value {
        let answer = self.execute(script, Vec::new()).await;
        answer.unwrap_or_else(|error| panic!("`{script}` failed: {error}")).json().clone()
    }

    /// Everything that the page has said on its console so far.
    pub async fn console(&self) -> Vec<ConsoleLine> {
        let news = self.browser_log().await.expect("the browser keeps its console");
        let mut console = self.console.lock().expect("nobody panics with it");
        console.extend(news.into_iter().map(|e| ConsoleLine { level: e.level, message: e.message }));
        console.clone()
    }

    /// # Panics
    /// When the page's program has panicked or thrown what nobody caught: with the whole console.
    pub async fn assert_no_panic(&self) {
        let console = self.console().await;
        let broken = |line: &ConsoleLine| {
            ["panicked at", "unreachable", "Uncaught"].iter().any(|sign| line.message.contains(sign))
        };
        assert!(!console.iter().any(broken), "the page broke: {console:#?}");
    }

    /// The address of every request that the browser has made since this was last asked, sockets included.
    /// Needs [`Options::log_requests`].
    pub async fn requested(&self) -> Vec<String> {
        let entries = self.get_log("performance").await.expect("the browser keeps its requests");
        let address = |entry: &str| -> Option<String> {
            let entry: Value = serde_json::from_str(entry).ok()?;
            let message = &entry["message"];
            let url = match message["method"].as_str()? {
                "Network.requestWillBeSent" => &message["params"]["request"]["url"],
                "Network.webSocketCreated" => &message["params"]["url"],
                _ => return None,
            };
            // The browser's own pages, such as that of a new window, are no request to anybody.
            url.as_str().filter(|url| !url.starts_with("chrome://")).map(str::to_owned)
        };
        entries.iter().filter_map(|entry| address(&entry.message)).collect()
    }

    /// The processes that render its pages.
    #[must_use]
    pub fn renderers(&self) -> Vec<Pid> {
        let mut found = processes_with(self.folder.path());
        let mut next = 0;
        while let Some(parent) = found.get(next) {
            found.extend(children(*parent));
            next += 1;
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|id| command_line(*id).windows(15).any(|part| part == b"--type=renderer"));
        found
    }

    /// Saves what is to be seen as `target/screenshots/<name>.png`, and gives the file's path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let folder = crate::repository().join("target/screenshots");
        fs::create_dir_all(&folder).expect("target/ is writable");
        let file = folder.join(format!("{name}.png"));
        self.screenshot(&file).await.expect("a screenshot");
        file
    }

    /// Ends the session and waits for it, which is quicker than dropping it.
    pub async fn close(mut self) {
        if let Some(driver) = self.driver.take() {
            driver.quit().await.expect("the browser ends");
        }
    }
}

impl Deref for Browser {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        self.driver.as_ref().expect("there until it is closed")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.driver.take());
        // A browser whose session could not be ended: its own profile names it, so no other is met.
        for process in processes_with(self.folder.path()) {
            let _ = kill(process, Signal::SIGKILL);
        }
    }
}

fn capabilities(options: &Options, profile: &Path) -> WebDriverResult<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument)?;
    }
    if options.has_mouse {
        capabilities.add_arg(MOUSE)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    capabilities.add_arg(&format!("--window-size={},{}", options.window.0, options.window.1))?;
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    if options.log_requests {
        capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
    }
    Ok(capabilities)
}

/// So often a driver is started that does not come up.
const STARTS: usize = 5;

/// The driver's own process.
#[derive(Debug)]
struct Chromedriver {
    process: Child,
    port: u16,
}

impl Chromedriver {
    /// Starts it on a port of its own choosing, which it says. It takes a free port of IPv4 and then wants the same of
    /// IPv6: where another has that, it gives up, and is started again.
    fn start(log: &Path) -> Self {
        let mut said = String::new();
        for _ in 0..STARTS {
            let mut process = Command::new("chromedriver")
                .arg("--port=0")
                .arg(format!("--log-path={}", log.display()))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("no chromedriver ({error}); `cargo xtask test` installs it"));
            let mut lines = BufReader::new(process.stdout.take().expect("its output is a pipe")).lines();
            let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
                said.push_str(&line);
                said.push('\n');
                let is_ready = line.contains("started successfully");
                line.rsplit_once("on port ").filter(|_| is_ready)?.1.trim_end_matches('.').parse().ok()
            });
            if let Some(port) = port {
                return Self { process, port };
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        panic!("chromedriver did not say its port in {STARTS} starts: {said}");
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The processes whose command line names `folder`.
fn processes_with(folder: &Path) -> Vec<Pid> {
    let folder = folder.as_os_str().as_encoded_bytes();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let id = Pid::from_raw(id);
        if command_line(id).windows(folder.len()).any(|part| part == folder) {
            found.push(id);
        }
    }
    found
}

fn command_line(process: Pid) -> Vec<u8> {
    fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default()
}

/// The processes that all threads of one have started.
fn children(process: Pid) -> Vec<Pid> {
    let mut found = Vec::new();
    for thread in fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|id| id.parse().ok()).map(Pid::from_raw));
    }
    found
}

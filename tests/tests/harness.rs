//! The harness itself: a server that is killed comes back with its data, a browser shows a served page, and nothing
//! that a test started is left behind.

use mjwork_tests::browser::{Browser, ColorScheme, Options as BrowserOptions};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::Reserved;
use mjwork_tests::{http, stranger};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::test]
async fn a_killed_server_comes_back_on_the_same_ports_with_its_data() -> Outcome {
    let mut server = NatsServer::start(Options::default()).await;
    let url = server.tcp_url();
    let client = async_nats::connect(&url).await?;
    let create = json!({"name": "S", "subjects": ["s"], "storage": "file"}).to_string();
    client.request("$JS.API.STREAM.CREATE.S", create.into()).await?;
    client.request("s", "kept".into()).await?;

    let process = server.process_id().ok_or("it runs")?;
    server.kill();
    assert!(!PathBuf::from(format!("/proc/{process}")).exists());
    assert!(http::get(server.monitor_address(), "/healthz").await.is_err());

    server.restart().await;
    assert_eq!(server.tcp_url(), url);
    let client = async_nats::connect(&url).await?;
    let info = client.request("$JS.API.STREAM.INFO.S", "".into()).await?;
    let info: serde_json::Value = serde_json::from_slice(&info.payload)?;
    assert_eq!(info["state"]["messages"], 1);
    assert!(server.stop().success());
    Ok(())
}

#[tokio::test]
async fn a_dropped_server_leaves_no_process_no_folder_and_no_listener() {
    let server = NatsServer::start(Options::default()).await;
    let process = PathBuf::from(format!("/proc/{}", server.process_id().expect("it runs")));
    let (folder, monitor) = (server.log_file(), server.monitor_address());
    assert!(process.exists() && folder.exists());
    drop(server);
    assert!(!process.exists() && !folder.exists());
    assert!(http::get(monitor, "/healthz").await.is_err());
}

#[tokio::test]
async fn a_browser_shows_a_served_page_and_leaves_nothing_behind() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("index.html"),
        "<!doctype html><title>t</title><p id=p>page</p><script>console.log('hello');\
         fetch('config.json').then(c => c.json()).then(c => { document.title = c.name; })</script>",
    )?;
    let config = json!({"name": "from the test"});
    let site = Reserved::port().serve_folder(folder.path().to_path_buf(), "/a/path/", &config);
    let browser = Browser::start(BrowserOptions {
        window: (360, 640),
        log_requests: true,
        ..BrowserOptions::default()
    })
    .await;
    browser.goto(site.url()).await?;
    mjwork_tests::wait::until("the title of config.json", std::time::Duration::from_secs(10), async || {
        let title = browser.title().await.unwrap_or_default();
        if title == "from the test" { Ok(()) } else { Err(title) }
    })
    .await;
    assert_eq!(browser.eval("return innerWidth").await, 360);
    for (scheme, dark) in [(ColorScheme::Dark, true), (ColorScheme::Light, false)] {
        browser.prefer(scheme).await;
        assert_eq!(browser.eval("return matchMedia('(prefers-color-scheme: dark)').matches").await, dark);
    }
    assert!(browser.console().await.iter().any(|line| line.message.contains("hello")));
    browser.assert_no_panic().await;
    let requested = browser.requested().await;
    assert!(requested.contains(&format!("{}config.json", site.url())), "{requested:?}");

    browser.close().await;
    Ok(())
}

#[tokio::test]
async fn a_stranger_in_python_is_heard() -> Outcome {
    let server = NatsServer::start(Options::default()).await;
    let said = stranger::run("whoami.py", &server.tcp_url(), &[]).await;
    let told: serde_json::Value = serde_json::from_str(&said)?;
    assert_eq!(told["data"]["account"], "WORK");
    Ok(())
}

//! The release bundle on somebody else's static host: any path, no foreign host, and small.

use crate::stage::{PATIENCE, Stage};
use mjwork_tests::browser::Options as BrowserOptions;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, bundle, config};
use mjwork_tests::wait;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

#[tokio::test]
async fn it_works_under_a_sub_path_and_asks_nobody_else() {
    let stage =
        Stage::set_at("/teams/a/board/", BrowserOptions { log_requests: true, ..BrowserOptions::default() })
            .await;
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"t","title":"T"}"#)]).await;
    stage.until_task("t", "available", "").await;
    stage.history("t").await;
    // A link opens the same view elsewhere.
    let link = stage.browser.current_url().await.expect("an address");
    assert!(
        link.path().starts_with("/teams/a/board/") && link.query().is_some_and(|q| q.contains("task=t")),
        "{link}"
    );
    stage.browser.goto("about:blank").await.expect("a blank page");
    stage.browser.goto(link.as_str()).await.expect("the page loads");
    wait::until("the task's panel", PATIENCE, async || {
        let rows = stage.browser.eval("return document.querySelectorAll('[data-verdict]').length").await;
        if rows == 1 { Ok(()) } else { Err(rows) }
    })
    .await;
    stage.browser.back().await.expect("there is something to go back to");

    let site = stage.site.url();
    let origin = site.trim_end_matches("/teams/a/board/");
    for address in stage.browser.requested().await {
        let own = address.starts_with(&site) || address.starts_with(&stage.server.ws_url());
        let made_here =
            ["data:", "blob:", "about:", "chrome:"].iter().any(|scheme| address.starts_with(scheme));
        // A browser asks every origin for this by itself.
        let icon = address == format!("{origin}/favicon.ico");
        assert!(own || made_here || icon, "a foreign request: {address}");
    }
    stage.close().await;
}

/// Python's own server of files, which knows nothing of us.
struct PythonHost(Child, u16);

impl PythonHost {
    fn start(folder: &std::path::Path) -> Self {
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a port").port();
        let child = Command::new("python3")
            .args(["-m", "http.server", "--bind", "127.0.0.1", &port.to_string(), "--directory"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3");
        Self(child, port)
    }
}

impl Drop for PythonHost {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn it_works_on_any_static_host() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("some/where");
    std::fs::create_dir_all(&folder).expect("a folder");
    for file in std::fs::read_dir(bundle()).expect("the bundle") {
        let file = file.expect("a file");
        if file.path().is_file() {
            std::fs::copy(file.path(), folder.join(file.file_name())).expect("a copy");
        }
    }
    let host = PythonHost::start(root.path());
    let origin = format!("http://127.0.0.1:{}", host.1);
    let server =
        NatsServer::start(Options { origins: Some(vec![origin.clone()]), ..Options::default() }).await;
    std::fs::write(folder.join("config.json"), config(&server).to_string()).expect("a file");
    let work = async_nats::connect(server.tcp_url()).await.expect("connects");
    mjwork::setup::setup(&work, &mjwork::reader::Source::default(), 1).await.expect("the stream is made");
    wait::until("the host to listen", PATIENCE, async || {
        tokio::net::TcpStream::connect(("127.0.0.1", host.1)).await.map(drop)
    })
    .await;

    // The stage wants a site of its own; this one is never asked.
    let site = Reserved::port().serve("/", &config(&server));
    let browser = mjwork_tests::browser::Browser::start(BrowserOptions::default()).await;
    let stage = Stage { server, site, browser };
    for page in ["some/where/", "some/where/index.html"] {
        stage.browser.goto(format!("{origin}/{page}")).await.expect("the page loads");
        stage.until("the board to be synced", |seen| seen.synced).await;
    }
    stage.close().await;
}

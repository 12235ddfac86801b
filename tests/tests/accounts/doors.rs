//! Who gets in, and as whom: origins, credentials, and the ways in which a page might try to be somebody else.

use crate::stage::{Stage, ask};
use async_nats::ConnectOptions;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::{http, repository, tool};
use std::process::Command;
use std::time::Duration;

#[tokio::test]
async fn a_foreign_origin_gets_403_and_the_boards_own_gets_in() {
    let origins = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect());
    let shipped = NatsServer::start(Options::default()).await;
    let moved =
        NatsServer::start(Options { origins: origins(&["http://127.0.0.1:9"]), ..Options::default() }).await;
    for (server, origin, status) in [
        (&shipped, Some("http://localhost:8001"), 101),
        (&shipped, Some("http://127.0.0.1:8001"), 101),
        // Not a browser, which always names its page: a program of this machine.
        (&shipped, None, 101),
        (&shipped, Some("http://localhost:8002"), 403),
        (&shipped, Some("https://localhost:8001"), 403),
        (&shipped, Some("http://localhost"), 403),
        (&shipped, Some("http://localhost:8001.evil.example"), 403),
        (&shipped, Some("http://evil.example"), 403),
        (&shipped, Some("null"), 403),
        (&shipped, Some("file://"), 403),
        (&moved, Some("http://127.0.0.1:9"), 101),
        (&moved, Some("http://localhost:8001"), 403),
    ] {
        let answer = http::open_websocket(server.ws_address(), origin).await.expect("an answer");
        assert_eq!(answer.status, status, "{origin:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn without_credentials_tcp_is_work_and_a_websocket_is_the_viewer() {
    let server = NatsServer::start(Options::default()).await;
    for (url, user, account) in [(server.tcp_url(), "work", "WORK"), (server.ws_url(), "viewer", "VIEW")] {
        let options = ConnectOptions::new().custom_inbox_prefix("_INBOX_viewer");
        let client = options.connect(&url).await.expect("no credentials are needed");
        let told = ask(&client, "$SYS.REQ.USER.INFO", "").await;
        assert_eq!((&told["data"]["user"], &told["data"]["account"]), (&user.into(), &account.into()));
    }
}

#[tokio::test]
async fn nobody_gets_in_with_wrong_credentials_and_no_page_becomes_work() {
    let server = NatsServer::start(Options::default()).await;
    let right = server.password().to_owned();
    for (url, user, password, enters) in [
        (server.ws_url(), "operator", right.as_str(), true),
        (server.tcp_url(), "operator", right.as_str(), true),
        (server.ws_url(), "operator", "", false),
        (server.ws_url(), "operator", "wrong", false),
        (server.tcp_url(), "operator", "", false),
        (server.tcp_url(), "operator", "$MJWORK_OPERATOR_PASSWORD", false),
        (server.ws_url(), "work", "", false),
        (server.ws_url(), "work", right.as_str(), false),
        (server.ws_url(), "WORK", "", false),
        (server.ws_url(), "", right.as_str(), false),
        (server.ws_url(), "sys", "", false),
        (server.tcp_url(), "nobody", "x", false),
    ] {
        let options = ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned());
        let connected = options.connection_timeout(Duration::from_secs(5)).connect(&url).await;
        assert_eq!(connected.is_ok(), enters, "{user} {password} {url}: {:?}", connected.err());
    }
    let token = ConnectOptions::with_token(right).connect(server.ws_url()).await;
    assert!(token.is_err(), "a token is no credential here");
}

/// A page of any origin may send a plain POST to any port of this machine, and the body is its own to choose. On the
/// port for programs a body that the server read as protocol would be published with the rights of WORK.
#[tokio::test]
async fn a_pages_http_request_to_the_tcp_port_publishes_nothing() {
    let stage = Stage::set().await;
    let before = stage.photograph().await;
    let line = "CONNECT {\"verbose\":false}\r\nPUB mjwork.tasks.claimed 2\r\n{}\r\nPING\r\n";
    for first in ["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] {
        let request = format!(
            "{first} / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{line}",
            line.len()
        );
        // It closes the connection: at once, or before all was sent.
        let answer = http::exchange(stage.server.tcp_address(), request.as_bytes()).await.unwrap_or_default();
        assert!(!String::from_utf8_lossy(&answer).contains("PONG"), "{first}");
    }
    assert_eq!(before, stage.photograph().await);
}

#[test]
fn without_a_password_the_server_does_not_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ended = Command::new(tool("nats-server"))
        .arg("-c")
        .arg(repository().join("nats-server.conf"))
        .current_dir(folder.path())
        .env_remove("MJWORK_OPERATOR_PASSWORD")
        .output()
        .expect("nats-server is installed");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success() && said.contains("MJWORK_OPERATOR_PASSWORD"), "{said}");
}

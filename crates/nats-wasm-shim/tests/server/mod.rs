//! The real server that the tests in the browser talk to, and waiting with a deadline.
//! Its address is given when the tests are compiled; README.md says how.
#![allow(dead_code, clippy::missing_panics_doc, reason = "each test program uses a part of it")]

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use nats_wasm_shim::{Client, ConnectOptions, ConnectionEvent};

/// The WebSocket address of the server.
pub fn url() -> &'static str {
    let Some(url) = option_env!("MJWORK_TEST_WS_URL") else {
        panic!(
            "these tests need a real nats-server: start one with tests/nats-server.conf, and set MJWORK_TEST_WS_URL \
             to ws://127.0.0.1:<SHIM_WS_PORT> when compiling them (README.md has the commands)"
        );
    };
    url
}

/// The credentials of the server's system account.
pub fn system_credentials() -> (String, String) {
    let user = option_env!("MJWORK_TEST_WS_SYS_USER").unwrap_or("system");
    let password = option_env!("MJWORK_TEST_WS_SYS_PASSWORD").unwrap_or("system");
    (user.to_owned(), password.to_owned())
}

/// A client without credentials.
pub async fn guest() -> Client {
    ConnectOptions::new().connect(url()).await.expect("the server lets guests in")
}

/// A client with credentials.
pub async fn user(name: &str, password: &str) -> Client {
    let options = ConnectOptions::with_user_and_password(name.to_owned(), password.to_owned());
    options.connect(url()).await.expect("the server knows this user")
}

/// A subject token or stream name that no other test has.
pub fn unique(client: &Client) -> String {
    client.new_inbox().rsplit('.').next().expect("an inbox has tokens").to_owned()
}

/// What `future` comes to within ten seconds.
pub async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    within(Duration::from_secs(10), what, future).await
}

/// What `future` comes to within `limit`.
pub async fn within<F: Future>(limit: Duration, what: &str, future: F) -> F::Output {
    let limit = u32::try_from(limit.as_millis()).expect("a limit of a test is short");
    match select(pin!(future), TimeoutFuture::new(limit)).await {
        Either::Left((output, _)) => output,
        Either::Right(_) => panic!("{what}: nothing within {limit} ms"),
    }
}

/// Waits until the client has another connection.
pub async fn reconnect(client: &Client) {
    let mut events = client.events();
    soon("where it is", events.next()).await;
    client.force_reconnect().await.expect("it is open");
    while soon("another connection", events.next()).await != Some(ConnectionEvent::Connected) {}
}

/// Ends a client's connection from the server's side, as an administrator can.
pub async fn kick(client: &Client) {
    let (user, password) = system_credentials();
    let system = ConnectOptions::with_user_and_password(user, password);
    let system = system.connect(url()).await.expect("the server has a system account");
    let info = client.server_info();
    let request = format!("$SYS.REQ.SERVER.{}.KICK", info.server_id);
    let body = serde_json::json!({ "cid": info.client_id }).to_string();
    system.request(request, body.into()).await.expect("the server kicks clients");
}

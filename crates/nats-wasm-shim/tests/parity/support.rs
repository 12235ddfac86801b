//! What the cases share, and all that differs between the two clients: which one it is, the attribute that makes a
//! test, how to connect, how to wait, and how a moment is written.

use std::future::Future;
use std::time::Duration;

#[cfg(not(target_arch = "wasm32"))]
pub use async_nats as nats;
#[cfg(target_arch = "wasm32")]
pub use nats_wasm_shim as nats;

#[cfg(not(target_arch = "wasm32"))]
pub use tokio::test as case;
#[cfg(target_arch = "wasm32")]
pub use wasm_bindgen_test::wasm_bindgen_test as case;

use nats::{Client, ConnectOptions};

/// How to get the server that the cases need.
const NO_SERVER: &str = "these tests need a real nats-server: `cargo xtask test shim` starts one, and \
     crates/nats-wasm-shim/README.md says how to do it by hand";

/// The server's address: at run time natively, and when the tests are compiled for the browser.
#[cfg(not(target_arch = "wasm32"))]
pub fn url() -> String {
    std::env::var("MJWORK_TEST_NATS_URL").expect(NO_SERVER)
}

/// The server's address: at run time natively, and when the tests are compiled for the browser.
#[cfg(target_arch = "wasm32")]
pub fn url() -> String {
    let Some(url) = option_env!("MJWORK_TEST_WS_URL") else { panic!("{NO_SERVER}") };
    url.to_owned()
}

/// A client of the account that all cases use.
pub async fn guest() -> Client {
    user("guest", "guest").await
}

/// A client with credentials.
pub async fn user(name: &str, password: &str) -> Client {
    let options = ConnectOptions::with_user_and_password(name.to_owned(), password.to_owned());
    options.connect(url()).await.expect("the server knows this user")
}

/// A subject token, stream name or bucket name that no other case and no other run has.
pub fn unique(client: &Client) -> String {
    client.new_inbox().rsplit('.').next().expect("an inbox has tokens").to_owned()
}

/// Waits until the server has handled all that a client has said so far; `flush` of async-nats waits only until it is
/// sent.
pub async fn settled(client: &Client) {
    let nobody = client.request(unique(client), bytes::Bytes::new()).await;
    nobody.expect_err("nobody listens");
}

/// Ends a client's connection from the server's side, as an administrator can.
pub async fn kick(client: &Client) {
    let system = user("system", "system").await;
    let info = client.server_info();
    let request = format!("$SYS.REQ.SERVER.{}.KICK", info.server_id);
    let body = serde_json::json!({ "cid": info.client_id }).to_string();
    system.request(request, body.into()).await.expect("the server kicks clients");
}

/// What `future` comes to within ten seconds.
pub fn soon<F: Future>(what: &str, future: F) -> impl Future<Output = F::Output> {
    // Some are tens of kilobytes, natively.
    within(Duration::from_secs(10), what, Box::pin(future))
}

/// What `future` comes to within `limit`.
#[cfg(not(target_arch = "wasm32"))]
pub async fn within<F: Future>(limit: Duration, what: &str, future: F) -> F::Output {
    let Ok(output) = tokio::time::timeout(limit, future).await else {
        panic!("{what}: nothing within {limit:?}")
    };
    output
}

/// What `future` comes to within `limit`.
#[cfg(target_arch = "wasm32")]
pub async fn within<F: Future>(limit: Duration, what: &str, future: F) -> F::Output {
    use futures_util::future::{Either, select};

    let limit = u32::try_from(limit.as_millis()).expect("a limit of a test is short");
    match select(std::pin::pin!(future), gloo_timers::future::TimeoutFuture::new(limit)).await {
        Either::Left((output, _)) => output,
        Either::Right(_) => panic!("{what}: nothing within {limit} ms"),
    }
}

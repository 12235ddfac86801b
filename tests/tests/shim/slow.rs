//! A page whose network takes what it sends slowly.

use crate::stage::{DOORS, Page};
use futures_util::StreamExt;
use mjwork_tests::proxy::Proxy;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::Reserved;
use std::time::Duration;

/// How many bytes a second it takes.
const UPLOAD: u32 = 200_000;

/// How many messages of 20 kB the page sends.
const COUNT: usize = 100;

#[tokio::test]
async fn a_page_that_wakes_while_it_sends_much_keeps_its_connection() {
    let port = Reserved::port();
    let options =
        Options { config: Some(DOORS.to_owned()), origins: Some(vec![port.origin()]), ..Options::default() };
    let server = NatsServer::start(options).await;
    let proxy = Proxy::start(server.ws_address()).await;
    let page = Page::open(port).await;
    page.call("connect", &[&proxy.ws_url()]).await.expect("everybody is let in");
    let other = async_nats::connect(server.tcp_url()).await.expect("everybody is let in");
    let said = other.subscribe("said").await.expect("a subject");
    other.flush().await.expect("a flush");

    proxy.slow_down(UPLOAD);
    let script = format!(
        "const text = 'x'.repeat(20000);
         for (let at = 0; at < {COUNT}; at++) await page.publish('said', text);
         window.dispatchEvent(new Event('pageshow'))"
    );
    page.browser.eval(&script).await;
    let arrived = said.take(COUNT).count();
    let arrived = tokio::time::timeout(Duration::from_secs(40), arrived).await;
    let state = page.state().await;
    assert_eq!(state.events, ["connected"], "{state:?}");
    assert_eq!(arrived.expect("it all arrives"), COUNT);
    page.browser.assert_no_panic().await;
    page.browser.close().await;
}

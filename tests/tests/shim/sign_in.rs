//! A page that signs in with what an operator's account has signed.

use crate::stage::{DOORS, Page, State};
use mjwork_tests::operator::{Operator, User};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::Reserved;

/// A page that is not connected yet, and a server that knows nobody but an operator's users.
async fn stage(operator: &Operator) -> (NatsServer, Page) {
    let port = Reserved::port();
    let config = Some(format!("{DOORS}{}", operator.config()));
    let options = Options { config, origins: Some(vec![port.origin()]), ..Options::default() };
    let server = NatsServer::start(options).await;
    (server, Page::open(port).await)
}

/// Gives the browser a user's key, so that it signs what it is given, and nobody can read the key.
async fn keep_key(page: &Page, user: &User) {
    let (_, seed) = nkeys::decode_seed(&user.seed()).expect("a seed");
    // PKCS #8 of an Ed25519 key: what stands before the 32 bytes of it is always the same.
    let mut key = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    key.extend_from_slice(&seed);
    page.browser
        .eval(&format!(
            "const key = await crypto.subtle.importKey(
                'pkcs8', new Uint8Array({key:?}), 'Ed25519', false, ['sign']);
            window.sign = async nonce => new Uint8Array(await crypto.subtle.sign('Ed25519', key, nonce))"
        ))
        .await;
}

/// It hears itself, and is let in again when the server, restarted, asks for another signature.
async fn is_in_and_stays(server: &mut NatsServer, page: &Page) {
    for times in 1..=2 {
        page.call("publish", &["tick", "sign"]).await.expect("a publish");
        page.until("to hear itself", |state| state.heard.len() == times).await;
        if times == 1 {
            server.kill();
            server.restart().await;
            let again = |state: &State| state.events.iter().filter(|told| *told == "connected").count() == 2;
            page.until("to be let in again", again).await;
        }
    }
    page.browser.assert_no_panic().await;
}

#[tokio::test]
async fn a_file_of_credentials_is_let_in_and_an_expired_one_is_not() {
    let operator = Operator::default();
    let (mut server, page) = stage(&operator).await;
    page.call("connect", &[&server.ws_url()]).await.expect_err("nobody is let in without credentials");
    let expired = operator.user("old", Some(1_700_000_000)).credentials();
    page.call("connect_by_credentials", &[&server.ws_url(), &expired]).await.expect_err("it is over");
    let file = operator.user("ann", None).credentials();
    page.call("connect_by_credentials", &[&server.ws_url(), &file]).await.expect("the server knows ann");
    // What was told of the attempts before is not of interest.
    is_in_and_stays(&mut server, &page).await;
    page.browser.close().await;
}

#[tokio::test]
async fn a_token_is_let_in_whose_key_the_page_does_not_have() {
    let operator = Operator::default();
    let (mut server, page) = stage(&operator).await;
    let (ann, joe) = (operator.user("ann", None), operator.user("joe", None));
    let wrong = page.call("connect_by_token", &[&server.ws_url(), &ann.jwt]).await.expect_err("no signature");
    assert!(wrong.contains("AuthError"), "{wrong}");
    keep_key(&page, &joe).await;
    let wrong = page.call("connect_by_token", &[&server.ws_url(), &ann.jwt]).await.expect_err("joe's key");
    assert!(wrong.to_lowercase().contains("authorization"), "{wrong}");
    keep_key(&page, &ann).await;
    page.call("connect_by_token", &[&server.ws_url(), &ann.jwt]).await.expect("the server knows ann");
    is_in_and_stays(&mut server, &page).await;
    page.browser.close().await;
}

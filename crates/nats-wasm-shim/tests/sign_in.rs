//! Signing in with keys and credentials, in a browser against a real server.
//! A whole operator with accounts and tokens of users is tried with the board (`tests/tests/board/doors.rs`).
#![cfg(target_arch = "wasm32")]

mod server;

use std::time::Duration;

use futures_util::StreamExt;
use nats_wasm_shim::{ConnectErrorKind, ConnectOptions, ConnectionEvent};
use server::{guest, kick, soon};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The seed of the key in `nats-server.conf`. It opens nothing else.
const SEED: &str = "SUAEURY36S64T2FTJYPJLUHG2VK4RXQOPDKQDHJLZAASVRXCL4SZ4QIEWU";
/// The seed of a key that no server knows.
const STRANGER: &str = "SUABEFU4KKF62ZMTPW2VNRLW36TINGSWYK3PPJKWXAQDZP65YPZMSPD7VY";

#[wasm_bindgen_test]
async fn a_key_signs_every_new_link() {
    let client = ConnectOptions::with_nkey(SEED.into()).connect(server::url()).await.expect("it is known");
    let first_id = client.server_info().client_id;
    let mut events = client.events();
    kick(&client).await;
    let back = async {
        let mut is_lost = false;
        while let Some(event) = events.next().await {
            is_lost |= matches!(event, ConnectionEvent::Disconnected(_));
            if is_lost && event == ConnectionEvent::Connected {
                break;
            }
        }
    };
    soon("to be let in again", back).await;
    assert_ne!(client.server_info().client_id, first_id, "another link, with a nonce of its own");
    client.flush().await.expect("the server talks to it");
}

#[wasm_bindgen_test]
async fn credentials_in_an_address_are_for_that_server_only() {
    let with = |address: &str, who: &str| address.replace("ws://", &format!("ws://{who}"));
    // Nobody listens at the first: the port is reserved.
    let (nobody, real, ann) = ("ws://127.0.0.1:5", server::url(), "ann:correct%20horse@");
    for (servers, user) in [
        ([with(nobody, ann), real.to_owned()], "guest"),
        ([nobody.to_owned(), with(real, ann)], "ann"),
        ([with(nobody, "ann:wrong@"), with(real, ann)], "ann"),
        ([with(nobody, "t0ken@"), with(real, ann)], "ann"),
    ] {
        let options = ConnectOptions::new().retain_servers_order();
        let client = soon("a connection", options.connect(servers.to_vec())).await.expect("one answers");
        let answer = client.request("$SYS.REQ.USER.INFO", "".into()).await.expect("an answer");
        let info: serde_json::Value = serde_json::from_slice(&answer.payload).expect("it is JSON");
        assert_eq!(info["data"]["user"], user, "{info}");
    }
    let options = ConnectOptions::with_user_and_password("guest".into(), "guest".into());
    let client = options.connect(with(real, ann)).await.expect("both are known");
    let answer = client.request("$SYS.REQ.USER.INFO", "".into()).await.expect("an answer");
    assert!(
        String::from_utf8_lossy(&answer.payload).contains(r#""user":"guest""#),
        "what is given counts more"
    );
}

#[wasm_bindgen_test]
async fn what_is_no_key_is_not_even_tried() {
    let broken = &SEED[..SEED.len() - 1];
    for seed in ["", "SU", broken] {
        let error = ConnectOptions::with_nkey(seed.into()).connect(server::url()).await.expect_err("no seed");
        assert_eq!(error.kind(), ConnectErrorKind::Authentication, "{seed}");
        assert!(!format!("{error:?}").contains(&SEED[..8]), "{error:?}");
    }
    for creds in ["", "hello", SEED] {
        let error = ConnectOptions::with_credentials(creds).expect_err("no credentials");
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    }
}

#[wasm_bindgen_test]
async fn a_key_that_the_server_does_not_know_is_refused() {
    let options = ConnectOptions::with_nkey(STRANGER.into());
    assert!(!format!("{options:?}").contains(STRANGER), "{options:?}");
    let error = options.connect(server::url()).await.expect_err("nobody knows it");
    assert_eq!(error.kind(), ConnectErrorKind::AuthorizationViolation);
}

#[wasm_bindgen_test]
async fn a_page_that_wakes_asks_for_a_sign_of_life() {
    let client = guest().await;
    assert_eq!(client.round_trip(), None);
    let window = web_sys::window().expect("a page");
    window.dispatch_event(&web_sys::Event::new("online").expect("an event")).expect("it is listened to");
    client.flush().await.expect("the server answers");
    let round_trip = client.round_trip().expect("a ping was answered");
    assert!(round_trip < Duration::from_secs(2));
}

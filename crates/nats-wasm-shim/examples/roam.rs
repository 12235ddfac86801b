//! The page of `tests/tests/shim`, which sends it from server to server and lets it sign in: it says what happens to its
//! connection, hears what comes on a subject, and asks and publishes when it is told to.
#![allow(missing_docs, reason = "a program, not a library")]

fn main() {}

#[cfg(target_arch = "wasm32")]
mod roam {
    use std::cell::RefCell;

    use bytes::Bytes;
    use futures_util::StreamExt;
    use js_sys::{Function, Promise, Reflect, Uint8Array};
    use nats_wasm_shim::{AuthError, Client, ConnectOptions};
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
    use wasm_bindgen_futures::{JsFuture, spawn_local};

    #[derive(Default)]
    struct Page {
        client: Option<Client>,
        /// What happened to the connection, in async-nats' words.
        events: Vec<String>,
        /// What came on the subject `tick`.
        heard: Vec<String>,
    }

    thread_local! {
        static PAGE: RefCell<Page> = RefCell::default();
    }

    /// Connects without credentials.
    #[wasm_bindgen]
    pub async fn connect(url: String) -> Result<(), String> {
        begin(ConnectOptions::new(), url).await
    }

    /// Connects by a file of credentials.
    #[wasm_bindgen]
    pub async fn connect_by_credentials(url: String, file: String) -> Result<(), String> {
        let options = ConnectOptions::with_credentials(&file).map_err(|error| error.to_string())?;
        begin(options, url).await
    }

    /// Connects by a token whose key the page does not have: its function `sign` does.
    #[wasm_bindgen]
    pub async fn connect_by_token(url: String, jwt: String) -> Result<(), String> {
        let sign = |nonce: Vec<u8>| async move {
            sign(&nonce).await.map_err(|error| AuthError::new(format!("{error:?}")))
        };
        begin(ConnectOptions::with_jwt(jwt, sign), url).await
    }

    async fn begin(options: ConnectOptions, url: String) -> Result<(), String> {
        let options = options.event_callback(|event| async move {
            PAGE.with_borrow_mut(|page| page.events.push(event.to_string()));
        });
        let client = options.connect(url).await.map_err(|error| error.to_string())?;
        let mut ticks = client.subscribe("tick").await.map_err(|error| error.to_string())?;
        spawn_local(async move {
            while let Some(tick) = ticks.next().await {
                let text = String::from_utf8_lossy(&tick.payload).into_owned();
                PAGE.with_borrow_mut(|page| page.heard.push(text));
            }
        });
        client.flush().await.map_err(|error| error.to_string())?;
        PAGE.with_borrow_mut(|page| page.client = Some(client));
        Ok(())
    }

    async fn sign(nonce: &[u8]) -> Result<Vec<u8>, JsValue> {
        let sign: Function = Reflect::get(&js_sys::global(), &"sign".into())?.dyn_into()?;
        let signature: Promise = sign.call1(&JsValue::NULL, &Uint8Array::from(nonce))?.dyn_into()?;
        Ok(Uint8Array::new(&JsFuture::from(signature).await?).to_vec())
    }

    fn client() -> Client {
        PAGE.with_borrow(|page| page.client.clone()).expect("it is connected")
    }

    /// The answer to a request.
    #[wasm_bindgen]
    pub async fn ask(subject: String) -> Result<String, String> {
        let answer = client().request(subject, Bytes::new()).await.map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(&answer.payload).into_owned())
    }

    /// Publishes a text.
    #[wasm_bindgen]
    pub async fn publish(subject: String, text: String) -> Result<(), String> {
        client().publish(subject, text.into()).await.map_err(|error| error.to_string())
    }

    /// Where the page is and what has happened, as JSON.
    #[wasm_bindgen]
    pub fn state() -> String {
        let info = client().server_info();
        PAGE.with_borrow(|page| {
            serde_json::json!({
                "server": info.server_name,
                "connection": client().connection_state().to_string(),
                "known": info.connect_urls,
                "events": page.events,
                "heard": page.heard,
            })
            .to_string()
        })
    }
}

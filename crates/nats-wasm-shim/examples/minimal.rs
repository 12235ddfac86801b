//! The least page with the client: it connects, subscribes, publishes and asks. `cargo xtask bench shim-size` weighs it.

fn main() {
    #[cfg(target_arch = "wasm32")]
    wasm_bindgen_futures::spawn_local(page::run());
}

#[cfg(target_arch = "wasm32")]
mod page {
    use futures_util::StreamExt;
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = console)]
        fn log(text: &str);
    }

    pub async fn run() {
        if let Err(error) = greet().await {
            log(&error.to_string());
        }
    }

    async fn greet() -> Result<(), nats_wasm_shim::Error> {
        let client = nats_wasm_shim::connect("ws://localhost:8080").await?;
        let mut greetings = client.subscribe("greet.*").await?;
        client.publish("greet.joe", "hello".into()).await?;
        if let Some(message) = greetings.next().await {
            log(&message.subject);
        }
        let answer = client.request("service", "question".into()).await?;
        log(&format!("{} bytes", answer.payload.len()));
        Ok(())
    }
}

//! The page of `cargo xtask bench shim-soak`: it publishes to a stream from several lanes, each message until it is
//! acknowledged, and listens on several subscriptions. It never gives up.
#![allow(missing_docs, reason = "a program, not a library")]

fn main() {}

#[cfg(target_arch = "wasm32")]
mod soak {
    use std::cell::RefCell;
    use std::time::Duration;

    use futures_util::StreamExt;
    use gloo_timers::future::TimeoutFuture;
    use nats_wasm_shim::jetstream::{self, context::Context};
    use nats_wasm_shim::{Client, ConnectOptions, HeaderMap};
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen_futures::spawn_local;

    const LANES: usize = 4;
    const SUBSCRIPTIONS: usize = 20;
    /// Milliseconds between two publishes of a lane.
    const PACE: u32 = 10;

    #[derive(Default)]
    struct State {
        /// Acknowledged messages of each lane, which are the first so many of it.
        acknowledged: [u32; LANES],
        /// The last number that each subscription got; none once it has ended.
        heard: [Option<u32>; SUBSCRIPTIONS],
        /// Publishes that failed and were tried again.
        failures: u32,
    }

    thread_local! {
        static STATE: RefCell<State> = RefCell::default();
    }

    /// Connects, and begins.
    #[wasm_bindgen]
    pub async fn start(url: String) {
        let options = ConnectOptions::new()
            .ping_interval(Duration::from_millis(500))
            .connection_timeout(Duration::from_secs(1))
            .request_timeout(Some(Duration::from_secs(5)));
        let client = options.connect(url).await.expect("the server is there");
        for place in 0..SUBSCRIPTIONS {
            STATE.with_borrow_mut(|state| state.heard[place] = Some(0));
            spawn_local(listen(client.clone(), place));
        }
        for lane in 0..LANES {
            spawn_local(publish(jetstream::new(client.clone()), lane));
        }
    }

    /// What has happened so far, as JSON.
    #[wasm_bindgen]
    pub fn state() -> String {
        STATE.with_borrow(|state| {
            serde_json::json!({"acknowledged": state.acknowledged, "heard": state.heard, "failures": state.failures})
                .to_string()
        })
    }

    async fn listen(client: Client, place: usize) {
        let mut ticks = client.subscribe("soak.tick").await.expect("a subscription");
        while let Some(tick) = ticks.next().await {
            let number = std::str::from_utf8(&tick.payload).ok().and_then(|text| text.parse().ok());
            STATE.with_borrow_mut(|state| state.heard[place] = number);
        }
        STATE.with_borrow_mut(|state| state.heard[place] = None);
    }

    async fn publish(jetstream: Context, lane: usize) {
        for number in 0u32.. {
            while send(&jetstream, lane, number).await.is_err() {
                STATE.with_borrow_mut(|state| state.failures += 1);
                TimeoutFuture::new(PACE).await;
            }
            STATE.with_borrow_mut(|state| state.acknowledged[lane] = number + 1);
            TimeoutFuture::new(PACE).await;
        }
    }

    async fn send(jetstream: &Context, lane: usize, number: u32) -> Result<(), nats_wasm_shim::Error> {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("{lane}-{number}"));
        let ack =
            jetstream.publish_with_headers(format!("soak.lane.{lane}"), headers, number.to_string().into());
        ack.await?.await?;
        Ok(())
    }
}

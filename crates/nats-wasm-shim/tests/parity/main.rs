//! Parity: every case here is written once and passes twice against one real server, on async-nats over TCP
//! (natively) and on this crate over WebSocket (in Chromium). What differs between the two stands in `support`.
//!
//! A case takes subjects, streams and buckets of its own (`support::unique`), so that both halves can run on one
//! server, at once. Cases assert what a user sees: kinds of errors, order, values; not merely that a call returns.

mod consumers;
mod core;
mod headers;
mod jetstream;
mod kv;
mod names;
mod support;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

//! The few things that every page and every worker offers: a clock that never goes back, and real randomness.

use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]);
}

/// The time since the page was opened.
pub(crate) fn now() -> Duration {
    Duration::from_secs_f64(performance_now().max(0.0) / 1_000.0)
}

/// A seed for what only has to differ between clients.
pub(crate) fn seed() -> u64 {
    let mut bytes = [0; 8];
    get_random_values(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// 22 letters and digits that nobody can guess (131 bits).
pub(crate) fn token() -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut token = String::with_capacity(22);
    while token.len() < 22 {
        let mut bytes = [0; 32];
        get_random_values(&mut bytes);
        // 248 is the largest multiple of 62 in a byte; taking more would make some letters likelier than others.
        let fair = bytes.iter().filter(|byte| **byte < 248).map(|byte| LETTERS[usize::from(byte % 62)]);
        token.extend(fair.take(22 - token.len()).map(char::from));
    }
    token
}

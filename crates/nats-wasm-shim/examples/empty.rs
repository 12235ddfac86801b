//! A page without the client: what `cargo xtask bench shim-size` subtracts from `minimal`.

fn main() {
    #[cfg(target_arch = "wasm32")]
    wasm_bindgen_futures::spawn_local(page::run());
}

#[cfg(target_arch = "wasm32")]
mod page {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = console)]
        fn log(text: &str);
    }

    #[expect(clippy::unused_async, reason = "a page has a task")]
    pub async fn run() {
        log("hello");
    }
}

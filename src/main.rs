//! The board's bundle. Built by trunk for the browser; there is nothing to run natively.

fn main() {
    #[cfg(target_arch = "wasm32")]
    mjwork_board::mount();
    #[cfg(not(target_arch = "wasm32"))]
    println!("The board runs in a browser: trunk serve");
}

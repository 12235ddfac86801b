//! The board: a page that shows the fold of a stream as it happens, and steers it.
//!
//! What decides is plain and knows no browser; what shows it exists in the browser only.
//!
//! | module | holds |
//! | --- | --- |
//! | [`settings`], [`saved`], [`address`] | where the server is, what is kept of it, and what is looked at |
//! | [`live`] | the fold, what changed since the last frame, the [`clock`] and the raw log ([`messages`]) |
//! | [`order`], [`window`], [`search`] | which tasks show, where, and which of them exist as nodes |
//! | [`card`], [`form`], [`act`], [`remedy`], [`link`], [`server`], [`advice`], [`format`](mod@format) | what stands on the page, as values |
//! | `door` | how one gets in, and what is known of who answers |
//! | `session` | the connection, from `config.json` to the pump that feeds [`live`] |
//! | `looks` | theme and density |
//! | `state` | signals: rows, columns, totals, one clock |
//! | `dom`, `components`, `pages` | pixels |

pub mod act;
pub mod address;
pub mod advice;
pub mod card;
pub mod clock;
pub mod form;
pub mod format;
pub mod link;
pub mod live;
pub mod messages;
pub mod order;
pub mod remedy;
pub mod saved;
pub mod search;
pub mod server;
pub mod settings;
pub mod window;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod door;
#[cfg(target_arch = "wasm32")]
mod frame;
#[cfg(target_arch = "wasm32")]
mod looks;
#[cfg(target_arch = "wasm32")]
mod pages;
#[cfg(target_arch = "wasm32")]
mod panic_page;
#[cfg(target_arch = "wasm32")]
mod route;
#[cfg(target_arch = "wasm32")]
mod session;
#[cfg(target_arch = "wasm32")]
mod state;

#[cfg(test)]
mod contrast;
#[cfg(test)]
mod test_board;

/// Shows the board in the page's `#app`.
#[cfg(target_arch = "wasm32")]
pub fn mount() {
    panic_page::install();
    pages::mount();
}

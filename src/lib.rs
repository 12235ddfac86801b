//! The board: a page that shows the fold of a stream as it happens, and steers it.
//!
//! What decides is plain and knows no browser; what shows it exists in the browser only.
//!
//! | module | holds |
//! | --- | --- |
//! | [`settings`], [`saved`], [`address`] | where the server is, what is kept of it, and what is looked at |
//! | [`live`] | the fold, what changed since the last frame, the [`clock`] and the raw log ([`messages`]) |
//! | [`agent`], [`beats`], [`errors`], [`fingerprint`], [`tail`], [`subject`], [`export`] | what the agents, errors and messages screens list |
//! | [`order`], [`sorted`], [`window`] | where a task stands, and which of them exist as nodes |
//! | [`search`], [`view`], [`selection`], [`fuzzy`], [`combobox`] | which tasks show, in which lanes, which are chosen, how one is found |
//! | [`series`], [`pace`], [`chart`] | what happened when, how long the rest will take, and how that is drawn |
//! | [`store`] | when and how what is known is kept on the device |
//! | [`travel`] | the moments of the past: which one is looked at, and how to get there |
//! | [`card`], [`act`], [`bulk`], [`remedy`], [`link`], [`server`], [`advice`], [`format`](mod@format) | what stands on the page, as values |
//! | [`markdown`], [`json_tree`], [`attempts`], [`graph`] | what a task's panel shows |
//! | [`form`], [`diff`], [`batch`] | what is published: one task, an edit of it, many |
//! | `door` | how one gets in, and what is known of who answers |
//! | `session` | the connection, from `config.json` to the pump that feeds [`live`] |
//! | `operate` | what an operator does, held back for a moment and then sent |
//! | `copies`, `past` | the copies on the device; the board as it was |
//! | `looks` | theme and density |
//! | `reactive` | signals and memos of any type, on one instance each of Leptos' |
//! | `state` | signals: rows, columns, totals, one clock |
//! | `dom`, `components`, `pages` | pixels |

pub mod act;
pub mod address;
pub mod advice;
pub mod agent;
pub mod attempts;
pub mod batch;
pub mod beats;
pub mod bulk;
pub mod card;
pub mod chart;
pub mod clock;
pub mod combobox;
pub mod diff;
pub mod errors;
pub mod export;
pub mod fingerprint;
pub mod form;
pub mod format;
pub mod fuzzy;
pub mod graph;
pub mod json_tree;
pub mod link;
pub mod live;
pub mod markdown;
pub mod messages;
pub mod order;
pub mod pace;
pub mod remedy;
pub mod saved;
pub mod search;
pub mod selection;
pub mod series;
pub mod server;
pub mod settings;
pub mod sorted;
pub mod store;
pub mod subject;
pub mod tail;
pub mod travel;
pub mod view;
pub mod window;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod copies;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod door;
#[cfg(target_arch = "wasm32")]
mod frame;
#[cfg(target_arch = "wasm32")]
mod looks;
#[cfg(target_arch = "wasm32")]
mod operate;
#[cfg(target_arch = "wasm32")]
mod pages;
#[cfg(target_arch = "wasm32")]
mod panic_page;
#[cfg(target_arch = "wasm32")]
mod past;
#[cfg(target_arch = "wasm32")]
mod reactive;
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

/// Smaller than the one that Rust brings along, and as fast.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Shows the board in the page's `#app`.
#[cfg(target_arch = "wasm32")]
pub fn mount() {
    panic_page::install();
    pages::mount();
}

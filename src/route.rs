//! Where the page is in the browser's history. Everything stands in the query, so any host and any folder will do.

use crate::browser::{self, window};
use crate::reactive::{RwSignal, window_event_listener};
use leptos::ev;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, MouseEvent};

/// The query of the address, as it is now.
pub(crate) type Query = RwSignal<String>;

/// Follows Back, Forward and the page's own links.
pub(crate) fn follow() -> Query {
    let query = RwSignal::new(now());
    let _ = window_event_listener(ev::popstate, move |_| query.set(now()));
    let _ = window_event_listener(ev::click, move |event| {
        if let Some(href) = own_link(&event) {
            event.prevent_default();
            go(query, &href, false);
        }
    });
    query
}

/// Goes to a view; `replace` says that Back skips the one before.
pub(crate) fn go(query: Query, href: &str, replace: bool) {
    let url = format!("{}{href}", browser::page_path());
    if let Ok(history) = window().history() {
        // It can only fail for an address of another origin, and this is our own path.
        let _ = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&url))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(&url))
        };
    }
    query.set(now());
}

fn now() -> String {
    window().location().search().unwrap_or_default()
}

/// The view that a plain click on a link of the page opens; any other click is the browser's.
fn own_link(event: &MouseEvent) -> Option<String> {
    let is_plain = event.button() == 0
        && !(event.default_prevented()
            || event.ctrl_key()
            || event.meta_key()
            || event.shift_key()
            || event.alt_key());
    let target: Element = event.target().filter(|_| is_plain)?.dyn_into().ok()?;
    let href = target.closest("a[href]").ok()??.get_attribute("href")?;
    href.starts_with('?').then_some(href)
}

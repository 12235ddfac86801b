//! Keys that work wherever one is, but not while one types.

use super::Page;
use crate::address::Screen;
use crate::browser;
use leptos::prelude::*;

/// Listens for them as long as the page lives.
pub(crate) fn listen_for_keys() {
    let Page { ui, address, .. } = Page::here();
    let go = Page::navigator();
    let after_g = StoredValue::new(false);
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let dialogs = [ui.publishing, ui.signing_in, ui.helping, ui.inspecting];
        if dialogs.iter().any(GetUntracked::get_untracked) {
            // The browser's own dialog knows Esc.
            return;
        }
        let key = event.key();
        if key == "Escape" {
            let there = address.get_untracked();
            if there.task.is_some() {
                go(&there.without_task(), false);
            }
            return;
        }
        if browser::is_typing() {
            return;
        }
        let was_g = after_g.get_value();
        after_g.set_value(key == "g" && !was_g);
        let screen = match (was_g, key.as_str()) {
            (true, "b") => Some(Screen::Board),
            (true, "a") => Some(Screen::Agents),
            (true, "e") => Some(Screen::Errors),
            (true, "m") => Some(Screen::Messages),
            _ => None,
        };
        match (screen, key.as_str()) {
            (Some(screen), _) => go(&address.get_untracked().on(screen), false),
            (None, "/") => browser::focus(".search"),
            (None, "?") => ui.helping.set(true),
            (None, "c") if ui.conn_now().may_publish_now() => ui.publishing.set(true),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

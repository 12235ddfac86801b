//! Keys that work wherever one is, but not while one types.

use super::card::choose;
use super::focus::{self, Way};
use super::{Page, return_to_now};
use crate::address::{Param, Publishing, Screen};
use crate::browser;
use crate::bulk::Verb;
use crate::operate;
use crate::reactive::{StoredValue, on_cleanup, window_event_listener};
use crate::remedy::no_requeue;
use crate::state::{Standing, Ui};
use mjwork::draft;
use web_sys::KeyboardEvent;

/// Listens for them as long as the page lives.
pub(crate) fn listen_for_keys() {
    let page = Page::here();
    let to_now = return_to_now();
    let after_g = StoredValue::new(false);
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let key = event.key();
        if event.default_prevented() || event.alt_key() {
            return;
        }
        if event.ctrl_key() || event.meta_key() {
            // Also while one types, but not over another dialog.
            if key.eq_ignore_ascii_case("k") && !browser::has_dialog() {
                page.ui.commanding.set(true);
                event.prevent_default();
            }
            return;
        }
        // The browser's own dialog knows Esc, and has the keyboard to itself.
        if browser::has_dialog() {
            return;
        }
        if key == "Escape" {
            if !close(page) {
                to_now();
            }
            return;
        }
        if browser::is_typing() {
            return;
        }
        let was_g = after_g.get_value();
        after_g.set_value(key == "g" && !was_g);
        if (was_g && go(page, &key)) || (!was_g && plain(page, &key, &event)) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Closes the panel, or else gives back what is chosen; whether there was anything to close. Last comes the past.
fn close(page: Page) -> bool {
    let there = page.address.get_untracked();
    let is_past = there.param(Param::At).is_some();
    if there.task.is_some() {
        page.go(&there.without_task(), false);
    } else if !page.ui.selection_now().is_empty() {
        page.ui.choose(&mut |selection| selection.clear());
    } else {
        return !is_past;
    }
    true
}

/// The second letter of `g b` and the like; whether it is one.
fn go(page: Page, key: &str) -> bool {
    let screen = Screen::ALL.into_iter().find(|screen| screen.as_str()[..1] == *key);
    if let Some(screen) = screen {
        page.go(&page.address.get_untracked().on(screen), false);
    }
    screen.is_some()
}

/// A key by itself; whether it is one.
fn plain(page: Page, key: &str, event: &KeyboardEvent) -> bool {
    let ui = page.ui;
    match key {
        "/" => {
            browser::focus(".search");
            true
        }
        "?" => {
            ui.helping.set(true);
            true
        }
        "c" if ui.conn_now().may_publish_now() => {
            page.open_publishing(Publishing::One);
            true
        }
        "j" => focus::go(Way::Down),
        "k" => focus::go(Way::Up),
        "ArrowDown" if focus::is_in_list() => focus::go(Way::Down),
        "ArrowUp" if focus::card().is_some() => focus::go(Way::Up),
        "ArrowLeft" if focus::card().is_some() => focus::go(Way::Left),
        "ArrowRight" if focus::card().is_some() => focus::go(Way::Right),
        "x" | "X" => pick(ui, event.shift_key()),
        "r" => requeue(page),
        _ => false,
    }
}

/// Chooses the task whose card has the focus.
fn pick(ui: Ui, is_range: bool) -> bool {
    let Some(id) = focus::task() else { return false };
    let task = {
        let live = ui.live();
        live.board().task(&id).map(|task| (task.id.clone(), task.status))
    };
    let Some((id, status)) = task else { return false };
    let standing = is_range.then(|| Standing::new(ui, status, focus::lane().as_deref()));
    choose(ui, &id, standing.as_ref());
    true
}

/// Requeues what is chosen, or else the task that has the focus or is open.
fn requeue(page: Page) -> bool {
    let ui = page.ui;
    if !ui.conn_now().may_publish_now() {
        return false;
    }
    if !ui.selection_now().is_empty() {
        ui.confirming.set(Some(Verb::Requeue));
        return true;
    }
    let Some(id) = focus::task().or_else(|| page.address.get_untracked().task) else { return false };
    let (by, subjects) = ui.conn_now().signer();
    let draft = {
        let live = ui.live();
        let task = live.board().task(&id).filter(|task| no_requeue(task).is_none());
        task.map(|task| draft::requeue(&subjects, task, None, &by))
    };
    if let Some(draft) = draft {
        operate::act(ui, "Requeue", &id, draft);
    }
    true
}

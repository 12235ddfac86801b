//! What the screens that are tables have in common: a head with what can be done, rows that open, and the pane below
//! that shows the one that is open. Which one that is stands in the address, so a link opens the same.

use crate::address::Param;
use crate::agent::unmoved;
use crate::browser;
use crate::components::{List, Page, button, icon, windowed_rows};
use crate::dom::{El, el};
use crate::reactive::{Memo, RwSignal, untrack};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// A screen: its name, and what is said of it.
pub(super) fn page(name: &str, said: impl Fn() -> String + 'static) -> El {
    let head = el("div", "page-head").child(el("h2", "").text(name)).child(el("span", "soft").says(said));
    let Page { address, .. } = Page::here();
    let go = Page::navigator();
    el("div", "page logs").child(head).on("keydown", move |event| {
        let is_escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
        let there = address.get_untracked();
        if is_escape && there.task.is_none() && there.param(Param::Open).is_some() {
            event.stop_propagation();
            go(&there.with(Param::Open, ""), false);
        }
    })
}

/// A table: its columns and its rows. `is_away` says whether the newest row is out of sight.
pub(super) fn table(class: &str, name: &str, columns: Vec<El>, list: List, is_away: RwSignal<bool>) -> El {
    let head = el("div", "list-head").attr("role", "row").children(columns);
    el("div", &format!("table {class}"))
        .attr("role", "table")
        .attr("aria-label", name)
        .child(el("div", "").attr("role", "rowgroup").child(head))
        .child(windowed_rows(list, is_away))
}

/// The order of a table in which nothing moves while the pointer is over it, or the focus in it.
#[derive(Clone, Default)]
pub(super) struct Still(Rc<RefCell<Vec<String>>>);

impl Still {
    /// The order that is shown, of the order that it would be; `rows` selects what must not move.
    pub(super) fn order(&self, rows: &str, mut now: Vec<String>) -> Vec<String> {
        let mut before = self.0.borrow_mut();
        if browser::document().query_selector(rows).is_ok_and(|held| held.is_some()) {
            now = unmoved(&before, &now);
        }
        before.clone_from(&now);
        now
    }
}

/// A number that was not there before: what a signal says that only says that something changed.
pub(super) fn another() -> usize {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// The head of a column.
pub(super) fn column(name: &str) -> El {
    el("span", "").attr("role", "columnheader").text(name)
}

/// A value in a row.
pub(super) fn cell(classes: &str) -> El {
    el("div", classes).attr("role", "cell")
}

/// What only a screen reader says.
pub(super) fn unseen(text: &str) -> El {
    el("span", "unseen").text(text)
}

/// A row that opens what `key` stands for, by a click or by its link.
pub(super) fn row(class: &str, key: &str) -> El {
    let Page { address, .. } = Page::here();
    let go = Page::navigator();
    let (opened, name) = (key.to_owned(), key.to_owned());
    el("div", &format!("row {class}"))
        .attr("role", "row")
        .toggle("open", move || address.with(|a| a.param(Param::Open) == Some(name.as_str())))
        .on("click", move |event| {
            let on: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
            // Links and buttons of a row have work of their own.
            if on.is_some_and(|on| on.closest("a, button").ok().flatten().is_none()) {
                go(&toggled(&address.get_untracked(), &opened), true);
            }
        })
}

/// The link of a row by which it is opened, and closed again.
pub(super) fn opens(classes: &str, key: &str) -> El {
    let Page { address, .. } = Page::here();
    let (key, same) = (key.to_owned(), key.to_owned());
    el("a", &format!("opens {classes}")).bind("href", move || address.with(|a| toggled(a, &key).href())).bind(
        "aria-expanded",
        move || {
            if address.with(|a| a.param(Param::Open) == Some(same.as_str())) { "true" } else { "false" }
        },
    )
}

fn toggled(address: &crate::address::Address, key: &str) -> crate::address::Address {
    let is_open = address.param(Param::Open) == Some(key);
    address.clone().with(Param::Open, if is_open { "" } else { key })
}

/// The pane that shows what is open.
pub(super) fn pane(label: &'static str, content: Box<dyn Fn(&str) -> El>) -> El {
    let Page { ui, address, .. } = Page::here();
    let open = Memo::new(move || address.with(|a| a.param(Param::Open).unwrap_or_default().to_owned()));
    // A link is opened before there is anything to show.
    let is_synced = Memo::new(move || ui.conn().link.synced);
    el("div", "contents").slot(move || {
        let key = if is_synced.get() { open.get() } else { String::new() };
        let go = Page::navigator();
        let close = move || {
            go(&address.get_untracked().with(Param::Open, ""), false);
            // Where one was in the list, one is again.
            browser::focus(".opens[tabindex='0']");
        };
        (!key.is_empty()).then(|| {
            let content = untrack(|| content(&key));
            el("section", "pane").attr("aria-label", label).child(icon("✕", "Close", close)).child(content)
        })
    })
}

/// A button that copies a text.
pub(super) fn copies(label: &str, text: impl Fn() -> String + 'static) -> El {
    let is_done = RwSignal::new(false);
    button("", "", move || {
        browser::copy(&text());
        is_done.set(true);
        gloo_timers::callback::Timeout::new(2_000, move || {
            let _ = is_done.try_set(false);
        })
        .forget();
    })
    .attr("aria-label", label)
    .says(move || if is_done.get() { "Copied" } else { "Copy" })
}

/// A name and what it stands for, in a list of facts.
pub(super) fn fact(facts: El, name: &str, value: El) -> El {
    facts.child(el("dt", "").text(name)).child(value)
}

//! What narrows the board, one chip for each condition, and how much is left.

use super::{Page, button};
use crate::act::tasks;
use crate::address::Group;
use crate::dom::{El, el, value};
use crate::format::count;
use crate::reactive::{Memo, untrack};
use crate::search::{Search, Term};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The conditions under way; nothing while everything is shown.
pub(crate) fn filters() -> El {
    let page = Page::here();
    let Page { ui, address, .. } = page;
    let search = move || address.with(|address| Search::new(&address.search));
    let terms = move || search().terms().iter().map(Term::to_string).collect();
    let chip = move |term: &str| {
        let name = term.to_owned();
        let remove = move || {
            let search = address.with_untracked(|address| Search::new(&address.search));
            page.go(&page.search_address(&search.without(&name)), false);
        };
        el("li", "").child(
            button("chip", term, remove)
                .attr("aria-label", &format!("Remove {term}"))
                .attr("title", &format!("Remove {term}"))
                .child(super::mark("soft", " ✕")),
        )
    };
    let said = move || {
        let view = ui.view();
        let Some(view) = view.as_ref() else { return String::new() };
        let all = ui.totals().counts.total();
        if view.is_whole() {
            format!("{} of {} match", count(view.total()), tasks(all))
        } else {
            let (looked, found) = (count(view.looked().min(all)), count(view.total()));
            format!("Searching: {looked} of {} looked at, {found} match so far", tasks(all))
        }
    };
    let clear = button("plain", "Clear filters", move || clear(page));
    el("section", "filters")
        .attr("aria-label", "Filters")
        .toggle("gone", move || search().is_empty())
        .child(el("ul", "chips").rows(terms, chip))
        .child(
            el("span", "soft")
                .attr("role", "status")
                .bind("data-searching", move || {
                    if ui.view().as_ref().is_some_and(|view| !view.is_whole()) { "true" } else { "false" }
                })
                .says(said),
        )
        .child(clear)
}

fn clear(page: Page) {
    page.go(&page.search_address(&Search::default()), false);
}

/// What is said when no task matches.
pub(crate) fn nothing_matches() -> El {
    let page = Page::here();
    let ui = page.ui;
    let is_nothing = Memo::new(move || {
        let view = ui.view();
        view.as_ref().is_some_and(|view| view.is_whole() && view.total() == 0 && !view.search().is_empty())
            && ui.conn().link.synced
    });
    el("div", "nothing").attr("role", "status").slot(move || {
        is_nothing.get().then(|| {
            untrack(|| {
                el("div", "empty")
                    .child(el("h2", "").text("Nothing matches"))
                    .child(el("p", "soft").text("No task on the board meets every condition above."))
                    .child(el("p", "").child(button("", "Clear filters", move || clear(page))))
            })
        })
    })
}

/// In which lanes the board stands.
pub(super) fn lanes_choice() -> El {
    let page = Page::here();
    let address = page.address;
    let choices = Group::ALL.map(|group| el("option", "").attr("value", group.as_str()).text(group.title()));
    let chosen = move |event: web_sys::Event| {
        let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return;
        };
        let word = value(&element);
        let group = Group::ALL.into_iter().find(|group| group.as_str() == word).unwrap_or_default();
        page.go(&address.with_untracked(|address| address.grouped(group)), false);
    };
    el("select", "lanes-choice")
        .attr("aria-label", "Lanes")
        .children(choices)
        .holds(move || address.with(|address| address.group.as_str()))
        .on("change", chosen)
}

//! The board: columns by state, or what to do while there is nothing to show.

use crate::components::{Page, column, no_tasks, not_allowed, nothing_read, skeleton};
use crate::dom::{El, el};
use crate::search::Search;
use leptos::prelude::*;
use mjwork::board::Status;

/// The columns.
pub(super) fn board() -> El {
    let Page { ui, .. } = Page::here();
    let showing = Memo::new(move |_| {
        let c = ui.conn();
        match (&c.link, ui.totals().counts.total()) {
            _ if !c.rights.missing.is_empty() => Showing::NotAllowed,
            (link, 0) if link.is_reading() => Showing::Skeleton,
            (link, 0) if link.synced || link.is_stale() => Showing::NoTasks,
            (_, 0) => Showing::Nothing,
            _ => Showing::Columns,
        }
    });
    let shown = move || {
        ui.density_moved.track();
        let showing = showing.get();
        Some(untrack(|| match showing {
            Showing::NotAllowed => not_allowed(),
            Showing::Skeleton => skeleton(),
            Showing::NoTasks => no_tasks(),
            Showing::Nothing => nothing_read(),
            Showing::Columns => el("div", "board").children(Status::ALL.map(column)),
        }))
    };
    el("div", "whole").slot(shown).child(nothing_found())
}

/// What stands on the board.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Showing {
    NotAllowed,
    Skeleton,
    NoTasks,
    Nothing,
    Columns,
}

/// What is said when a search finds nothing.
fn nothing_found() -> El {
    let Page { ui, address, .. } = Page::here();
    let is_something = Memo::new(move |_| {
        let search = address.with(|a| Search::new(&a.search));
        search.is_empty() || ui.live_tasks().board().tasks().any(|task| search.matches(task))
    });
    let all = move || {
        let mut all = address.get();
        all.search.clear();
        all.href()
    };
    el("p", "toasts toast")
        .attr("role", "status")
        .toggle("gone", move || is_something.get())
        .text("Nothing matches the search. ")
        .child(el("a", "").bind("href", all).text("Show everything"))
}

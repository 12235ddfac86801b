//! The board: columns by state, or what to do while there is nothing to show.

use crate::address::Group;
use crate::components::{
    Page, chosen, column, filters, lanes, no_tasks, not_allowed, nothing_matches, nothing_read, skeleton,
};
use crate::dom::{El, el};
use crate::reactive::{Memo, untrack};
use mjwork::board::Status;

/// The columns, or the lanes.
pub(super) fn board() -> El {
    let Page { ui, address, .. } = Page::here();
    let is_whole = Memo::new(move || address.with(|address| address.group == Group::Whole));
    let showing = Memo::new(move || {
        let c = ui.conn();
        match (&c.link, ui.totals().counts.total()) {
            _ if !c.rights.missing.is_empty() => Showing::NotAllowed,
            (_, 0) if c.is_reading() => Showing::Skeleton,
            (link, 0) if link.synced || link.is_stale() => Showing::NoTasks,
            (_, 0) => Showing::Nothing,
            _ if is_whole.get() => Showing::Columns,
            _ => Showing::Lanes,
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
            Showing::Lanes => lanes(),
        }))
    };
    let tasks = el("div", "whole").slot(shown).child(nothing_matches());
    el("div", "screen-board")
        .toggle("choosing", move || !ui.selection().is_empty())
        .child(filters())
        .child(tasks)
        .child(chosen())
}

/// What stands on the board.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Showing {
    NotAllowed,
    Skeleton,
    NoTasks,
    Nothing,
    Columns,
    Lanes,
}

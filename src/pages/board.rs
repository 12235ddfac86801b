//! The board: columns by state, or what to do while there is nothing to show.

use crate::address::Group;
use crate::components::{Page, chosen, column, filters, lanes, nothing_matches};
use crate::dom::{El, el};
use leptos::prelude::*;
use mjwork::board::Status;

/// The columns, or the lanes.
pub(super) fn board() -> El {
    let Page { ui, address, .. } = Page::here();
    let is_empty = Memo::new(move |_| ui.conn().link.synced && ui.totals().counts.total() == 0);
    let is_whole = Memo::new(move |_| address.with(|address| address.group == Group::Whole));
    let shown = move || {
        let (is_empty, is_whole) = (is_empty.get(), is_whole.get());
        Some(untrack(|| match (is_empty, is_whole) {
            (true, _) => no_tasks(),
            (false, true) => el("div", "board").children(Status::ALL.map(column)),
            (false, false) => lanes(),
        }))
    };
    let tasks = el("div", "whole").slot(shown).child(nothing_matches());
    el("div", "screen-board").child(filters()).child(tasks).child(chosen())
}

/// What to do on a stream without tasks, with a command that works as it stands.
fn no_tasks() -> El {
    let ui = Page::here().ui;
    let prefix = ui.conn_now().settings.subject_prefix.clone();
    let example =
        format!("nats pub {prefix}.tasks.available '{{\"task_id\":\"first\",\"title\":\"My first task\"}}'");
    let or = move || if ui.conn().rights.publish { "Or use Publish task above (key c)." } else { "" };
    el("div", "empty")
        .child(el("h2", "").text("No tasks yet"))
        .child(el("p", "").text("Any client that publishes this puts a task on the board:"))
        .child(el("pre", "").text(&example))
        .child(el("p", "").text("or the project's own command:"))
        .child(el("pre", "").text("mjwork publish first 'My first task'"))
        .child(el("p", "").says(or))
}

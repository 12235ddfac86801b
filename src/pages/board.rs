//! The board: columns by state, or what to do while there is nothing to show.

use crate::components::{Page, column};
use crate::dom::{El, el};
use crate::search::Search;
use leptos::prelude::*;
use mjwork::board::Status;

/// The columns.
pub(super) fn board() -> El {
    let Page { ui, .. } = Page::here();
    let is_empty = Memo::new(move |_| ui.conn().link.synced && ui.totals().counts.total() == 0);
    let shown = move || {
        let is_empty = is_empty.get();
        Some(untrack(|| {
            if is_empty { no_tasks() } else { el("div", "board").children(Status::ALL.map(column)) }
        }))
    };
    el("div", "whole").slot(shown).child(nothing_found())
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

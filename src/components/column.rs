//! A column of the board: the tasks of one state, counted by the fold, windowed.

use super::card::task_card;
use super::{List, Page, button, found, glyph, icon, mark, title, tone, windowed};
use crate::dom::{El, el};
use crate::format::count;
use crate::search::Search;
use leptos::prelude::*;
use mjwork::board::Status;
use std::sync::Arc;

/// The tasks of one state.
pub(crate) fn column(status: Status) -> El {
    let Page { ui, address, .. } = Page::here();
    let is_folded = RwSignal::new(status == Status::Cancelled);
    let counted = move || ui.totals().counts.of(status);
    // While somebody searches the column is what matches; else nothing is copied but what is in sight.
    let found = found(move || {
        let search = address.with(|a| Search::new(&a.search));
        (!search.is_empty()).then(|| {
            let live = ui.live_order(status);
            let tasks = live.orders().iter(status).filter_map(|id| live.board().task(id.as_str()));
            tasks.filter(|task| search.matches(task)).map(|task| task.id.to_string()).collect()
        })
    });
    let said = move || match found.get() {
        Some(found) => format!("{} of {}", count(found.len()), count(counted())),
        None => count(counted()),
    };
    let label = move || format!("{}, {}", title(status), said());
    let head = move |head: El| {
        head.child(mark(tone(status), glyph(status)))
            .text(&format!(" {} ", title(status)))
            .child(el("span", "badge").says(said))
    };
    let list = move || List {
        total: Box::new(move || match found.get() {
            Some(found) => found.len(),
            None => ui.live_order(status).orders().len(status),
        }),
        keys: Arc::new(move |range| {
            if let Some(found) = found.get() {
                return found[range.start.min(found.len())..range.end.min(found.len())].to_vec();
            }
            ui.live_order(status).orders().slice(status, range).iter().map(ToString::to_string).collect()
        }),
        place: Box::new(move |id| {
            if let Some(found) = found.get_untracked() {
                return found.iter().position(|other| other == id);
            }
            let live = ui.live();
            live.orders().position(status, &live.board().task(id)?.id)
        }),
        row: Box::new(task_card),
        step: "--card-step",
        class: "cards",
        label: Box::new(label),
    };
    let content = move || {
        if is_folded.get() {
            let unfold = button("plain", "", move || is_folded.set(false)).attr("aria-expanded", "false");
            return Some(head(unfold));
        }
        let header = el("header", "").child(head(el("h2", "")));
        let header = if status == Status::Cancelled {
            header
                .child(icon("›", "Fold Cancelled", move || is_folded.set(true)).attr("aria-expanded", "true"))
        } else {
            header
        };
        Some(el("div", "unfolded").child(header).child(untrack(|| windowed(list()))))
    };
    el("section", "column")
        .toggle("folded", move || is_folded.get())
        .bind("aria-label", label)
        .attr("data-column", status.as_str())
        .bind("data-count", move || counted().to_string())
        .slot(content)
}

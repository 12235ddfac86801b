//! A column of the board: the tasks of one state, counted by the fold, windowed.

use super::card::task_card;
use super::{List, Page, button, glyph, icon, mark, title, tone, windowed_within};
use crate::dom::{El, el};
use crate::format::count;
use crate::reactive::{Memo, RwSignal, untrack};
use crate::search::Key;
use crate::state::Standing;
use crate::window::Bounds;
use mjwork::board::Status;
use std::rc::Rc;

/// What a column is called, with its count.
pub(super) fn heading(head: El, status: Status) -> El {
    let page = Page::here();
    head.child(mark(tone(status), glyph(status)))
        .text(&format!(" {} ", title(status)))
        .child(el("span", "badge").says(move || said_on(page, status)))
}

/// How many tasks of a status there are, or match: `12`, `3 of 12`.
fn said_on(page: Page, status: Status) -> String {
    let ui = page.ui;
    let all = ui.totals().counts.of(status);
    match &*ui.view() {
        Some(view) if !view.search().is_empty() => format!("{} of {}", count(view.count(status)), count(all)),
        _ => count(all),
    }
}

/// The list of a column, or of a lane's part of one.
pub(super) fn cards(standing: Standing, label: impl Fn() -> String + Clone + 'static) -> List {
    let (total, keys, place) = (standing.clone(), standing.clone(), standing.clone());
    let order = Rc::new(standing);
    List {
        total: Box::new(move || total.len()),
        keys: Rc::new(move |range| keys.keys(range)),
        place: Box::new(move |id| place.place(id)),
        row: Box::new(move |key| task_card(key, &order)),
        step: "--card-step",
        class: "cards",
        label: Box::new(label),
    }
}

/// How a column stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Narrow: no task of this state can match.
    LeftOut,
    /// Narrow, as somebody wants it.
    Folded,
    /// Wide, and can be folded.
    Unfolded,
    Wide,
}

/// The tasks of one state.
pub(crate) fn column(status: Status) -> El {
    let page = Page::here();
    let ui = page.ui;
    let is_folded = RwSignal::new(status == Status::Cancelled);
    let counted = move || ui.totals().counts.of(status);
    let label = move || format!("{}, {}", title(status), said_on(page, status));
    // A search that leaves a state out leaves no room for it either, and one that asks for it unfolds it.
    let shape = Memo::new(move || match &*ui.view() {
        Some(view) if !view.search().allows(status) => Shape::LeftOut,
        Some(view) if view.search().asks_for(Key::Status, status.as_str()) => Shape::Wide,
        _ if is_folded.get() => Shape::Folded,
        _ if status == Status::Cancelled => Shape::Unfolded,
        _ => Shape::Wide,
    });
    let narrow = move |unfold: Box<dyn Fn()>| {
        heading(button("plain", "", unfold), status).attr("aria-expanded", "false")
    };
    let content = move || {
        let shape = shape.get();
        Some(untrack(|| match shape {
            Shape::LeftOut => narrow(Box::new(move || page.filter_by(Key::Status, status.as_str()))),
            Shape::Folded => narrow(Box::new(move || is_folded.set(false))),
            Shape::Unfolded | Shape::Wide => {
                let fold = (shape == Shape::Unfolded).then(|| {
                    icon("›", "Fold Cancelled", move || is_folded.set(true)).attr("aria-expanded", "true")
                });
                let header = el("header", "").child(heading(el("h2", ""), status)).children(fold);
                let list = windowed_within(Bounds::CARDS, cards(Standing::new(ui, status, None), label))
                    .attr("tabindex", "0")
                    .attr("role", "group")
                    .bind("aria-label", label);
                el("div", "unfolded").child(header).child(list)
            }
        }))
    };
    el("section", "column")
        .toggle("folded", move || matches!(shape.get(), Shape::LeftOut | Shape::Folded))
        .bind("aria-label", label)
        .attr("data-column", status.as_str())
        .bind("data-count", move || counted().to_string())
        .slot(content)
}

/// `Failed, 12`.
pub(super) fn title_and_count(status: Status, number: usize) -> String {
    format!("{}, {}", title(status), count(number))
}

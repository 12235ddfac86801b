//! The board in lanes, one for each agent or tag: a list of lanes, in each of which every state is a list.

use super::column::{cards, heading, title_and_count};
use super::{List, Page, glyph, mark, title, tone, windowed_within};
use crate::dom::{El, el};
use crate::format::count;
use crate::reactive::Memo;
use crate::state::Standing;
use crate::window::Bounds;
use mjwork::board::Status;
use std::rc::Rc;

/// The key of a lane's row: no name can be empty behind its sign.
fn key(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("={name}"))
}

/// The lanes.
pub(crate) fn lanes() -> El {
    let Page { ui, .. } = Page::here();
    let total = move || ui.view().as_ref().map_or(0, |view| view.lanes().len());
    // Lanes come, and until another view is shown none goes.
    let lanes = Memo::new(move || ui.lanes_moved());
    let list = windowed_within(
        Bounds::LISTS,
        List {
            total: Box::new(total),
            keys: Rc::new(move |range| {
                lanes.track();
                let view = ui.view_now();
                let Some(view) = view.as_ref() else { return Vec::new() };
                let all = view.lanes();
                let (start, end) = (range.start.min(all.len()), range.end.min(all.len()));
                all[start..end].iter().map(|lane| key(view.name(*lane))).collect()
            }),
            place: Box::new(move |row| {
                let view = ui.view_now();
                let view = view.as_ref()?;
                view.lanes().iter().position(|lane| key(view.name(*lane)) == row)
            }),
            row: Box::new(|key| lane(key.strip_prefix('='))),
            step: "--lane-step",
            class: "",
            label: Box::new(|| "Lanes".into()),
        },
    );
    let heads = el("div", "lane-heads").children(shown_statuses().map(|status| {
        let counted = move || ui.totals().counts.of(status).to_string();
        el("div", "lane-head")
            .attr("data-column", status.as_str())
            .bind("data-count", counted)
            .child(heading(el("h2", ""), status))
    }));
    el("div", "lanes").child(el("div", "lanes-wide").child(heads).child(list))
}

/// What was withdrawn has no room in lanes; each lane counts it.
fn shown_statuses() -> impl Iterator<Item = Status> {
    Status::ALL.into_iter().filter(|status| *status != Status::Cancelled)
}

/// One lane.
fn lane(name: Option<&str>) -> El {
    let Page { ui, .. } = Page::here();
    let said = name.unwrap_or("None");
    let standings = Status::ALL.map(|status| Standing::new(ui, status, name));
    let counts = standings.clone().map(|standing| {
        let status = standing.status();
        let number = standing.clone();
        el("span", "soft")
            .toggle("gone", move || standing.len() == 0)
            .child(mark(tone(status), glyph(status)))
            .says(move || format!(" {} {}", count(number.len()), title(status).to_ascii_lowercase()))
    });
    let head = el("header", "").child(el("h3", "cut").attr("title", said).text(said)).children(counts);
    let cells = shown_statuses().map(|status| {
        let standing = Standing::new(ui, status, name);
        let (counted, of) = (standing.clone(), said.to_owned());
        let label = move || format!("{of}: {}", title_and_count(status, counted.len()));
        windowed_within(Bounds::SHORT, cards(standing, label.clone()))
            .attr("tabindex", "0")
            .attr("role", "group")
            .attr("data-cell", status.as_str())
            .bind("aria-label", label)
    });
    el("section", "lane")
        .attr("role", "listitem")
        .attr("data-lane", name.unwrap_or_default())
        .attr("aria-label", said)
        .child(head)
        .child(el("div", "lane-cells").children(cells))
}

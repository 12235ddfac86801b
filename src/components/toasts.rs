//! What became of what one did: pending, stored at a sequence, accepted or refused with the reason.
//! What went wrong stays until it is dismissed.

use super::{Page, button, icon};
use crate::act::{Act, Stage};
use crate::dom::{El, el};
use crate::format::percent;
use crate::operate;
use crate::reactive::{Memo, untrack};

/// The acts that are shown.
pub(crate) fn toasts() -> El {
    let ui = Page::here().ui;
    let ids = move || ui.acts.get().iter().map(|act| act.id.to_string()).collect();
    el("div", "toasts")
        .attr("role", "status")
        .attr("aria-live", "polite")
        .attr("aria-label", "What was done")
        .rows(ids, |key| toast(key.parse().unwrap_or(0)))
}

/// What a toast offers: for what is held, for what goes on, for what is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Offer {
    Undo,
    Stop,
    Dismiss,
}

fn toast(id: u64) -> El {
    let ui = Page::here().ui;
    let act = move || ui.acts.get().into_iter().find(|act| act.id == id);
    let stage = move || act().map_or("", |act| act.stage.as_str());
    let glyph = move || match stage() {
        "accepted" => "✓",
        "refused" | "failed" => "✕",
        "unchanged" => "=",
        "held" => "◷",
        _ => "◌",
    };
    let left = move || act().and_then(|act| act.seconds_left(ui.now().ms));
    let offer = Memo::new(move || match act() {
        Some(act) if act.stage == Stage::Held => Offer::Undo,
        Some(act) if !act.stage.is_final() && act.tally.as_ref().is_some_and(|tally| !tally.is_stopped) => {
            Offer::Stop
        }
        _ => Offer::Dismiss,
    });
    let buttons = move || {
        let offer = offer.get();
        Some(untrack(|| match offer {
            Offer::Undo => el("span", "acts")
                .child(button("", "Undo", move || operate::undo(ui, id)))
                .child(button("", "Publish now", move || operate::release(ui, id))),
            Offer::Stop => button("", "Stop", move || ui.acts.change(|queue, _| queue.stop(id))),
            Offer::Dismiss => icon("✕", "Dismiss", move || ui.acts.dismiss(id)),
        }))
    };
    let share = move || {
        let tally = act().filter(|act| !act.stage.is_final() && act.stage != Stage::Held)?.tally?;
        Some(percent(tally.ended(), tally.total).min(100))
    };
    let meter = el("div", "meter thin")
        .toggle("gone", move || share().is_none())
        .attr("role", "progressbar")
        .attr("aria-label", "Published")
        .bind("aria-valuenow", move || share().unwrap_or(0).to_string())
        .child(el("span", "").style("width", move || format!("{}%", share().unwrap_or(0))));
    // A screen reader hears what is held and what became of it, not each second and each of a thousand.
    let is_told = move || share().is_none();
    el("div", "toast")
        .bind("data-stage", stage)
        .child(el("span", "glyph").attr("aria-hidden", "true").says(glyph))
        .child(
            el("span", "spread")
                .bind("aria-live", move || if is_told() { "polite" } else { "off" })
                .says(move || act().as_ref().map(Act::sentence).unwrap_or_default()),
        )
        .child(
            el("span", "soft")
                .attr("aria-hidden", "true")
                .says(move || left().map(|left| format!("in {left} s")).unwrap_or_default()),
        )
        .slot(buttons)
        .child(meter)
}

//! What became of what one did: pending, stored at a sequence, accepted or refused with the reason.
//! What went wrong stays until it is dismissed.

use super::{Page, icon};
use crate::act::Act;
use crate::dom::{El, el};

/// The acts that are shown.
pub(crate) fn toasts() -> El {
    let ui = Page::here().ui;
    let ids = move || ui.acts.get().iter().map(|act| act.id.to_string()).collect();
    let toast = move |key: &str| {
        let id: u64 = key.parse().unwrap_or(0);
        let act = move || ui.acts.get().into_iter().find(|act| act.id == id);
        let stage = move || act().map_or("", |act| act.stage.as_str());
        let glyph = move || match stage() {
            "accepted" => "✓",
            "refused" | "failed" => "✕",
            "unchanged" => "=",
            _ => "◌",
        };
        el("div", "toast")
            .bind("data-stage", stage)
            .child(el("span", "glyph").attr("aria-hidden", "true").says(glyph))
            .child(el("span", "spread").says(move || act().as_ref().map(Act::sentence).unwrap_or_default()))
            .child(icon("✕", "Dismiss", move || ui.acts.dismiss(id)))
    };
    el("div", "toasts")
        .attr("role", "status")
        .attr("aria-live", "polite")
        .attr("aria-label", "What was done")
        .rows(ids, toast)
}

//! What became of what one did: pending, stored at a sequence, accepted or refused with the reason.
//! What went wrong stays until it is dismissed.

use super::{Page, click};
use crate::act::Act;
use leptos::prelude::*;

/// The acts that are shown.
pub(crate) fn toasts() -> AnyView {
    let ui = Page::here().ui;
    let toast = move |act: &Act| {
        let id = act.id;
        let glyph = match act.stage.as_str() {
            "accepted" => "✓",
            "refused" | "failed" => "✕",
            "unchanged" => "=",
            _ => "◌",
        };
        view! {
            <div class="toast" data-stage=act.stage.as_str()>
                <span class="glyph" aria-hidden="true">
                    {glyph}
                </span>
                <span class="spread">{act.sentence()}</span>
                <button
                    class="icon plain"
                    aria-label="Dismiss"
                    on:click=click(move || ui.acts.dismiss(id))
                >
                    "✕"
                </button>
            </div>
        }
        .into_any()
    };
    let all = move || ui.acts.get().iter().map(toast).collect::<Vec<_>>().into_any();
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-label="What was done">
            {move || all()}
        </div>
    }
    .into_any()
}

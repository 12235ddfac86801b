//! The edge of the panel: dragged by the pointer or moved by the arrow keys. Its width is remembered.

use crate::browser::{self, Shelf, token_px};
use crate::dom::{El, el};
use crate::reactive::{RwSignal, StoredValue};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

/// The width is kept under this name, and is this size of the style sheet.
const KEPT: &str = "panel";
const TOKEN: &str = "--panel";
/// So narrow and so wide the panel can be; the screen beside it keeps some room too.
const NARROWEST: i32 = 320;
const WIDEST: i32 = 1_200;
const BESIDE: i32 = 260;
/// So far a key moves the edge.
const STEP: i32 = 16;

/// The edge that resizes.
pub(super) fn edge() -> El {
    let width = RwSignal::new(0_usize);
    let set = move |pixels: i32| {
        let pixels = pixels.clamp(NARROWEST, widest());
        browser::set_token_px(TOKEN, pixels);
        width.set(usize::try_from(pixels).unwrap_or(0));
    };
    set(Shelf::Local.get(KEPT).and_then(|kept| kept.parse().ok()).unwrap_or_else(|| token_px(TOKEN)));
    let now = move || i32::try_from(width.get_untracked()).unwrap_or(NARROWEST);
    let keep = move || Shelf::Local.set(KEPT, Some(&now().to_string()));
    let is_dragged = StoredValue::new(false);
    el("div", "edge")
        .attr("role", "separator")
        .attr("aria-label", "Width of the panel")
        .attr("aria-orientation", "vertical")
        .attr("tabindex", "0")
        .attr("aria-valuemin", &NARROWEST.to_string())
        .bind("aria-valuemax", move || {
            width.track();
            widest().to_string()
        })
        .bind("aria-valuenow", move || width.get().to_string())
        .on("pointerdown", move |event| {
            let event: PointerEvent = event.unchecked_into();
            if let Some(edge) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
                let _ = edge.set_pointer_capture(event.pointer_id());
            }
            is_dragged.set_value(true);
            event.prevent_default();
        })
        .on("pointermove", move |event| {
            if is_dragged.get_value() {
                set(browser::page_width() - event.unchecked_into::<PointerEvent>().client_x());
            }
        })
        .on("pointerup", move |_| {
            is_dragged.set_value(false);
            keep();
        })
        .on("pointercancel", move |_| is_dragged.set_value(false))
        .on("keydown", move |event| {
            let event: KeyboardEvent = event.unchecked_into();
            set(match event.key().as_str() {
                "ArrowLeft" => now() + STEP,
                "ArrowRight" => now() - STEP,
                "Home" => widest(),
                "End" => NARROWEST,
                _ => return,
            });
            keep();
            event.prevent_default();
        })
}

fn widest() -> i32 {
    (browser::page_width() - BESIDE).clamp(NARROWEST, WIDEST)
}

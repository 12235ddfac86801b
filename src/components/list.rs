//! A list of any length of which only what is in sight exists, at one height a row.
//! What is looked at stays where it is when rows come or go above it.

use crate::browser::token_px;
use crate::dom::{El, effect, el};
use crate::window::{Bounds, Viewport, rows_within};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::ops::Range;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// A list: all but `row` is asked anew when what it tracks changes.
pub(crate) struct List {
    /// How many rows there are.
    pub(crate) total: Box<dyn Fn() -> usize + Send + Sync>,
    /// The keys of the rows at these places from the top.
    pub(crate) keys: Keys,
    /// Where a row stands now.
    pub(crate) place: Place,
    /// Shows a row.
    pub(crate) row: Box<dyn Fn(&str) -> El>,
    /// The name of the size of a row with its gap in the style sheet.
    pub(crate) step: &'static str,
    /// The class of the list.
    pub(crate) class: &'static str,
    /// What a screen reader calls it.
    pub(crate) label: Box<dyn Fn() -> String>,
}

/// What says where a row stands.
pub(crate) type Place = Box<dyn Fn(&str) -> Option<usize>>;

/// What gives the keys of the rows at these places.
pub(crate) type Keys = Arc<dyn Fn(Range<usize>) -> Vec<String> + Send + Sync>;

/// The keys that match while somebody searches; none while nobody does, so that nothing is copied.
pub(crate) type Found = Memo<Option<Arc<Vec<String>>>>;

/// What matches, looked for anew when what it tracks changes.
pub(crate) fn found(look: impl Fn() -> Option<Vec<String>> + Send + Sync + 'static) -> Found {
    let look: Box<dyn Fn() -> Option<Vec<String>> + Send + Sync> = Box::new(look);
    Memo::new(move |_| look().map(Arc::new))
}

/// Shows a list.
pub(crate) fn windowed(list: List) -> El {
    windowed_within(Bounds::ROWS, list)
}

/// Shows a list of which more or less exists beyond what is in sight.
pub(crate) fn windowed_within(bounds: Bounds, list: List) -> El {
    let List { total, keys, place, row, step, class, label } = list;
    let step = usize::try_from(token_px(step)).unwrap_or(0);
    let frame = el("div", "windowed");
    if !class.is_empty() {
        let _ = frame.node().class_list().add_1(class);
    }
    let viewport = RwSignal::new((0_usize, 0_usize));
    let element = SendWrapper::new(frame.node().clone());
    let measure = {
        let element = element.clone();
        move || {
            let pixels = |n: i32| usize::try_from(n).unwrap_or(0);
            let next = (pixels(element.scroll_top()), pixels(element.client_height()));
            if viewport.get_untracked() != next {
                viewport.set(next);
            }
        }
    };
    watch_size(&frame, measure.clone());

    let total = Memo::new(move |_| total());
    let window = move || {
        let (top, height) = viewport.get();
        rows_within(bounds, total.get(), step, Viewport { top, height })
    };
    let (start, end) = (Memo::new(move |_| window().start), Memo::new(move |_| window().end));
    let shown = {
        let keys = keys.clone();
        move || keys(start.get()..end.get())
    };

    // The row at the top, and how far it is scrolled over: where it goes, the list goes with it.
    let anchor: StoredValue<Option<(String, usize)>> = StoredValue::new(None);
    effect(Box::new({
        let shown = shown.clone();
        move || {
            total.track();
            let _ = shown();
            let Some((key, over)) = anchor.get_value() else { return };
            if let Some(now) = untrack(|| place(&key)) {
                let top = i32::try_from(now * step + over).unwrap_or(i32::MAX);
                if top != element.scroll_top() {
                    element.set_scroll_top(top);
                }
            }
        }
    }));
    let scrolled = move |_| {
        measure();
        let (top, _) = viewport.get_untracked();
        let place = top.checked_div(step).unwrap_or(0);
        let key = (top > 0).then(|| untrack(|| keys(place..place + 1)).pop()).flatten();
        anchor.set_value(key.map(|key| (key, top - place * step)));
    };
    let content = el("div", "rows")
        .attr("role", "list")
        .bind("aria-label", label)
        .style("transform", move || format!("translateY({}px)", start.get() * step))
        .rows(shown, row);
    let full = el("div", "full").style("height", move || format!("{}px", total.get() * step));
    frame.on("scroll", scrolled).child(full.child(content))
}

/// Calls back whenever the element's size changes, the first time included.
fn watch_size(element: &El, changed: impl Fn() + 'static) {
    let callback = Closure::<dyn FnMut()>::new(changed);
    if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
        observer.observe(element.node());
        let kept = SendWrapper::new((observer, callback));
        on_cleanup(move || kept.0.disconnect());
    }
}

//! A list of any length of which only what is in sight exists, at one height a row.
//! What is looked at stays where it is when rows come or go above it.

use crate::browser::token_px;
use crate::window::{Viewport, rows};
use leptos::ev::Event;
use leptos::html::Div;
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
    pub(crate) keys: Arc<dyn Fn(Range<usize>) -> Vec<String> + Send + Sync>,
    /// Where a row stands now.
    pub(crate) place: Box<dyn Fn(&str) -> Option<usize> + Send + Sync>,
    /// Shows a row.
    pub(crate) row: Arc<dyn Fn(&str) -> AnyView + Send + Sync>,
    /// The name of the size of a row with its gap in the style sheet.
    pub(crate) step: &'static str,
    /// The class of the list.
    pub(crate) class: &'static str,
    /// What a screen reader calls it.
    pub(crate) label: Box<dyn Fn() -> String + Send + Sync>,
}

/// The keys that match while somebody searches; none while nobody does, so that nothing is copied.
pub(crate) type Found = Memo<Option<Arc<Vec<String>>>>;

/// What matches, looked for anew when what it tracks changes.
pub(crate) fn found(look: impl Fn() -> Option<Vec<String>> + Send + Sync + 'static) -> Found {
    let look: Box<dyn Fn() -> Option<Vec<String>> + Send + Sync> = Box::new(look);
    Memo::new(move |_| look().map(Arc::new))
}

/// Shows a list.
pub(crate) fn windowed(list: List) -> AnyView {
    let List { total, keys, place, row, step, class, label } = list;
    let step = usize::try_from(token_px(step)).unwrap_or(0);
    let element: NodeRef<Div> = NodeRef::new();
    let viewport = RwSignal::new((0_usize, 0_usize));
    let measure = move || {
        if let Some(element) = element.get_untracked() {
            let pixels = |n: i32| usize::try_from(n).unwrap_or(0);
            let next = (pixels(element.scroll_top()), pixels(element.client_height()));
            if viewport.get_untracked() != next {
                viewport.set(next);
            }
        }
    };
    watch_size(element, measure);

    let total = Memo::new(move |_| total());
    let range = Memo::new(move |_| {
        let (top, height) = viewport.get();
        let range = rows(total.get(), step, Viewport { top, height });
        (range.start, range.end)
    });
    let shown = Memo::new({
        let keys = keys.clone();
        move |_| {
            let (start, end) = range.get();
            keys(start..end)
        }
    });

    // The row at the top, and how far it is scrolled over: where it goes, the list goes with it.
    let anchor: StoredValue<Option<(String, usize)>> = StoredValue::new(None);
    let hold = move || {
        let (top, _) = viewport.get_untracked();
        let place = top.checked_div(step).unwrap_or(0);
        let key = (top > 0).then(|| untrack(|| keys(place..place + 1)).pop()).flatten();
        anchor.set_value(key.map(|key| (key, top - place * step)));
    };
    Effect::new(move |_| {
        shown.track();
        total.track();
        let Some((key, over)) = anchor.get_value() else { return };
        let Some(element) = element.get_untracked() else { return };
        if let Some(now) = untrack(|| place(&key)) {
            let top = i32::try_from(now * step + over).unwrap_or(i32::MAX);
            if top != element.scroll_top() {
                element.set_scroll_top(top);
            }
        }
    });

    let scrolled: Box<dyn FnMut(Event)> = Box::new(move |_| {
        measure();
        hold();
    });
    view! {
        <div class=format!("windowed {class}") node_ref=element on:scroll=scrolled>
            <div class="full" style:height=move || format!("{}px", total.get() * step)>
                <div
                    class="rows"
                    role="list"
                    aria-label=label
                    style:transform=move || format!("translateY({}px)", range.get().0 * step)
                >
                    <For each=move || shown.get() key=Clone::clone children=move |key: String| row(&key) />
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// Calls back whenever the element's size changes, the first time included.
fn watch_size(element: NodeRef<Div>, changed: impl Fn() + Copy + 'static) {
    element.on_load(move |element| {
        let callback = Closure::<dyn FnMut()>::new(changed);
        if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let kept = SendWrapper::new((observer, callback));
            on_cleanup(move || kept.0.disconnect());
        }
    });
}

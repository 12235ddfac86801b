//! A list of any length of which only what is in sight exists, at one height a row.
//! What is looked at stays where it is when rows come or go above it; and so does what the pointer is over, or what has
//! the focus, even at the very top, where new rows would push it down.

use crate::browser::{document, token_px};
use crate::dom::{El, effect, el};
use crate::window::{Viewport, rows};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, KeyboardEvent};

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

/// The link of a row by which a table is walked with the keys.
const OPENS: &str = ".opens";

/// Shows a list.
pub(crate) fn windowed(list: List) -> El {
    frame(list, None)
}

/// Shows the rows of a table. Of the links `.opens` in its rows one can be reached by Tab; the arrows go on from there.
/// `is_away` says whether the newest row is out of sight.
pub(crate) fn windowed_rows(list: List, is_away: RwSignal<bool>) -> El {
    frame(list, Some(is_away))
}

/// Goes to the top of the list within `page`, and follows it again.
pub(crate) fn to_top(page: &El) {
    if let Ok(Some(list)) = page.node().query_selector(".windowed") {
        list.set_scroll_top(0);
    }
}

/// What holds a list in its place.
#[derive(Default)]
struct Hold {
    /// The row at the top, and how far it is scrolled over.
    anchor: RefCell<Option<(String, usize)>>,
    /// The pointer is over the list, or the focus in it.
    is_held: Cell<bool>,
    /// Whether it stood at the top when that began, and so goes back there.
    follows: Cell<bool>,
    /// Where it was scrolled to by the page itself.
    set: Cell<i32>,
    /// A row has the focus, or had it until it was scrolled away.
    has_focus: Cell<bool>,
}

fn frame(list: List, is_away: Option<RwSignal<bool>>) -> El {
    let List { total, keys, place, row, step: token, class, label } = list;
    let frame = el("div", "windowed").attr("tabindex", "-1");
    if !class.is_empty() {
        let _ = frame.node().class_list().add_1(class);
    }
    let element = SendWrapper::new(frame.node().clone());
    let viewport = RwSignal::new((0_usize, 0_usize));
    let step = RwSignal::new(0_usize);
    let measure = {
        let element = element.clone();
        move || {
            let next = (pixels(element.scroll_top()), pixels(element.client_height()));
            if viewport.get_untracked() != next {
                viewport.set(next);
            }
        }
    };
    watch_size(&frame, {
        let measure = measure.clone();
        move || {
            // Rows are higher on a narrow page.
            let next = pixels(token_px(token));
            if step.get_untracked() != next {
                step.set(next);
            }
            measure();
        }
    });
    step.set(pixels(token_px(token)));

    let total = Memo::new(move |_| total());
    let window = move || {
        let (top, height) = viewport.get();
        rows(total.get(), step.get(), Viewport { top, height })
    };
    let (start, end) = (Memo::new(move |_| window().start), Memo::new(move |_| window().end));
    let shown = {
        let keys = keys.clone();
        move || keys(start.get()..end.get())
    };
    let hold = Rc::new(Hold::default());
    let place = Rc::new(place);
    let full = el("div", "full");
    effect(Box::new({
        let (shown, hold, place, element) = (shown.clone(), hold.clone(), place.clone(), element.clone());
        let full: HtmlElement = full.node().clone().unchecked_into();
        move || {
            let _ = shown();
            let (total, step) = (total.get(), step.get());
            let mut height = total * step;
            let anchor = hold.anchor.borrow().clone();
            let top = anchor.and_then(|(key, over)| Some(untrack(|| place(&key))? * step + over));
            if let Some(top) = top.filter(|_| hold.is_held.get()) {
                // A short list has room below, so that it can stay where it is.
                height = height.max(top + pixels(element.client_height()));
            }
            let _ = full.style().set_property("height", &format!("{height}px"));
            if let Some(top) = top {
                scroll_to(&element, &hold, top);
            }
        }
    }));
    let remember = {
        let (keys, hold) = (keys.clone(), hold.clone());
        move || {
            let ((top, _), step) = (viewport.get_untracked(), step.get_untracked());
            let place = top.checked_div(step).unwrap_or(0);
            let wanted = top > 0 || hold.is_held.get();
            let key = wanted.then(|| untrack(|| keys(place..place + 1)).pop()).flatten();
            *hold.anchor.borrow_mut() = key.map(|key| (key, top - place * step));
            if let Some(is_away) = is_away.filter(|is_away| is_away.get_untracked() != (top > 0)) {
                is_away.set(top > 0);
            }
        }
    };
    let scrolled = {
        let (measure, remember, hold, element) =
            (measure.clone(), remember.clone(), hold.clone(), element.clone());
        move || {
            measure();
            if element.scroll_top() != hold.set.get() {
                // Somebody scrolled: that is where he wants to be.
                hold.follows.set(element.scroll_top() == 0);
            }
            remember();
            if hold.has_focus.get() {
                let (hold, element) = (hold.clone(), element.clone());
                // A row that goes takes the focus with it: the list has it then, so that the arrows go on from there.
                request_animation_frame(move || {
                    if hold.has_focus.get()
                        && document().active_element().is_none_or(|e| e.tag_name() == "BODY")
                    {
                        focus_row(&element);
                    }
                });
            }
        }
    };
    let held = Rc::new({
        let (hold, remember, element) = (hold.clone(), remember.clone(), element.clone());
        move |is_held: bool| {
            if hold.is_held.replace(is_held) == is_held {
                return;
            }
            if is_held {
                hold.follows.set(element.scroll_top() == 0);
            } else if hold.follows.get() {
                element.set_scroll_top(0);
                viewport.update(|viewport| viewport.0 = 0);
            }
            remember();
            if !is_held {
                // The room below goes.
                step.notify();
            }
        }
    });
    let over = held.clone();
    let frame =
        frame.on("scroll", move |_| scrolled()).on("pointerenter", move |_| over(true)).on("pointerleave", {
            let (held, element) = (held.clone(), element.clone());
            move |_| held(has_focus(&element))
        });

    let Some(_) = is_away else {
        let content = content(start, step).attr("role", "list").bind("aria-label", label).rows(shown, row);
        return frame.child(full.child(content));
    };
    // The row that Tab leads to: the one that had the focus last, or else the first that exists.
    let current = RwSignal::new(String::new());
    let reached = Memo::new({
        let keys = keys.clone();
        move |_| {
            let _ = total.get();
            let current = current.get();
            let rows = keys(start.get()..end.get());
            if rows.contains(&current) { current } else { rows.into_iter().next().unwrap_or_default() }
        }
    });
    let row = move |key: &str| {
        let row = row(key);
        let key = key.to_owned();
        match row.find(OPENS) {
            Some(link) => {
                let _ = link.bind("tabindex", move || if reached.with(|r| *r == key) { "0" } else { "-1" });
                row
            }
            None => row,
        }
    };
    let content = content(start, step).attr("role", "rowgroup").bind("aria-label", label).rows(shown, row);
    let body = SendWrapper::new(content.node().clone());
    let walk = Rc::new({
        let (keys, element, hold) = (keys.clone(), element.clone(), hold.clone());
        let measure = measure.clone();
        move |to: usize| {
            let Some(key) = untrack(|| keys(to..to + 1)).pop() else { return };
            current.set(key);
            let (step, (_, height)) = (step.get_untracked(), viewport.get_untracked());
            let (top, row) = (pixels(element.scroll_top()), to * step);
            if row < top {
                element.set_scroll_top(i32::try_from(row).unwrap_or(i32::MAX));
            } else if row + step > top + height {
                element.set_scroll_top(i32::try_from(row + step - height).unwrap_or(i32::MAX));
            }
            hold.follows.set(to == 0);
            measure();
            let (body, element) = (body.clone(), element.clone());
            // The row may have to be made first.
            request_animation_frame(move || {
                let at = to.checked_sub(start.get_untracked()).and_then(|at| u32::try_from(at).ok());
                let row = at.and_then(|at| body.children().item(at));
                focus_row(row.as_ref().unwrap_or(&element));
            });
        }
    });
    let here = {
        let place = place.clone();
        move || untrack(|| place(&current.get_untracked()))
    };
    frame
        .on("focusin", {
            let (keys, held, hold) = (keys.clone(), held.clone(), hold.clone());
            move |event| {
                held(true);
                hold.has_focus.set(true);
                let row = event.target().and_then(|t| t.dyn_into::<Element>().ok());
                let row = row.and_then(|e| e.closest("[role=row]").ok().flatten());
                let Some(row) = row else { return };
                let at =
                    std::iter::successors(row.previous_element_sibling(), |e| e.previous_element_sibling());
                let at = start.get_untracked() + at.count();
                if let Some(key) = untrack(|| keys(at..at + 1)).pop() {
                    current.set(key);
                }
            }
        })
        .on("focusout", {
            let (element, hold) = (element.clone(), hold.clone());
            move |event| {
                let left = event.target().and_then(|t| t.dyn_into::<Element>().ok());
                if left.is_some_and(|left| left.is_connected()) {
                    hold.has_focus.set(false);
                }
                let (held, element) = (held.clone(), element.clone());
                // Where the focus goes is known only after this.
                request_animation_frame(move || {
                    let is_over = element.matches(":hover").unwrap_or(false);
                    held(is_over || has_focus(&element));
                });
            }
        })
        .on("keydown", move |event| {
            let Ok(event) = event.dyn_into::<KeyboardEvent>() else { return };
            if event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            let last = total.get_untracked().saturating_sub(1);
            let page = viewport.get_untracked().1.checked_div(step.get_untracked()).unwrap_or(1).max(1);
            let at = here();
            let to = match (event.key().as_str(), at) {
                ("ArrowDown" | "j", at) => at.map_or(0, |at| at + 1),
                ("ArrowUp" | "k", Some(at)) => at.saturating_sub(1),
                ("PageDown", Some(at)) => at + page,
                ("PageUp", Some(at)) => at.saturating_sub(page),
                ("Home", _) => 0,
                ("End", _) => last,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            walk(to.min(last));
        })
        .child(full.child(content))
}

/// What holds the rows that exist, at their place.
fn content(start: Memo<usize>, step: RwSignal<usize>) -> El {
    el("div", "rows").style("transform", move || format!("translateY({}px)", start.get() * step.get()))
}

fn pixels(n: i32) -> usize {
    usize::try_from(n).unwrap_or(0)
}

fn scroll_to(element: &Element, hold: &Hold, top: usize) {
    let top = i32::try_from(top).unwrap_or(i32::MAX);
    if top != element.scroll_top() {
        element.set_scroll_top(top);
        hold.set.set(element.scroll_top());
    }
}

fn has_focus(element: &Element) -> bool {
    document().active_element().is_some_and(|active| element.contains(Some(&active)))
}

fn focus_row(row: &Element) {
    let link = row.query_selector(OPENS).ok().flatten();
    if let Ok(element) = link.unwrap_or_else(|| row.clone()).dyn_into::<HtmlElement>() {
        let _ = element.focus();
    }
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

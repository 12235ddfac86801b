//! Rows of a table by the keyboard: Tab leads to one of them, the arrows, Page, Home and End to the others, and Enter
//! follows the link of a row, which opens it.

use super::list::Frame;
use crate::dom::El;
use crate::reactive::{Memo, request_animation_frame, untrack};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// The link of a row.
const OPENS: &str = ".opens";

impl Frame {
    /// Rows of which one can be reached by Tab: the one that had the focus last, or else the first that exists.
    pub(super) fn reached_by_tab(&self, row: Box<dyn Fn(&str) -> El>) -> impl Fn(&str) -> El + use<> {
        let (shown, current) = (self.shown(), self.current);
        let reached = Memo::new(move || {
            let (current, rows) = (current.get(), shown());
            if rows.contains(&current) { current } else { rows.into_iter().next().unwrap_or_default() }
        });
        move |key| {
            let row = row(key);
            if let Some(link) = row.find(OPENS) {
                let key = key.to_owned();
                let _ = link.bind("tabindex", move || if reached.with(|r| *r == key) { "0" } else { "-1" });
            }
            row
        }
    }

    /// Listens for the keys; `content` holds the rows.
    pub(super) fn walked_by_keys(&self, outer: El, content: &El) -> El {
        let rows = SendWrapper::new(content.node().clone());
        let (met, frame) = (self.clone(), self.clone());
        outer.on("focusin", move |event| met.meet(event.target())).on("keydown", move |event| {
            let Ok(event) = event.dyn_into::<KeyboardEvent>() else { return };
            if let Some(to) = frame.target(&event) {
                event.prevent_default();
                event.stop_propagation();
                frame.walk(to, &rows);
            }
        })
    }

    /// A row got the focus.
    fn meet(&self, target: Option<web_sys::EventTarget>) {
        let target = target.and_then(|target| target.dyn_into::<Element>().ok());
        let Some(row) = target.and_then(|e| e.closest("[role=row]").ok().flatten()) else { return };
        let before = std::iter::successors(row.previous_element_sibling(), Element::previous_element_sibling);
        if let Some(key) = self.key_at(self.start.get_untracked() + before.count()) {
            self.current.set(key);
        }
    }

    /// The place to which a key leads.
    fn target(&self, event: &KeyboardEvent) -> Option<usize> {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return None;
        }
        let last = self.total.get_untracked().checked_sub(1)?;
        let (_, height) = self.viewport.get_untracked();
        let page = height.checked_div(self.step.get_untracked()).unwrap_or(1).max(1);
        let here = untrack(|| (self.place)(&self.current.get_untracked()));
        let to = match (event.key().as_str(), here) {
            ("Home", _) | ("ArrowDown" | "j", None) => 0,
            ("ArrowDown" | "j", Some(here)) => here + 1,
            ("ArrowUp" | "k", Some(here)) => here.saturating_sub(1),
            ("PageDown", Some(here)) => here + page,
            ("PageUp", Some(here)) => here.saturating_sub(page),
            ("End", _) => last,
            _ => return None,
        };
        Some(to.min(last))
    }

    fn walk(&self, to: usize, rows: &SendWrapper<Element>) {
        let Some(key) = self.key_at(to) else { return };
        self.current.set(key);
        let (step, (_, height)) = (self.step.get_untracked(), self.viewport.get_untracked());
        let (top, row) = (self.top(), to * step);
        if row < top {
            self.scroll_to(row);
        } else if row + step > top + height {
            self.scroll_to(row + step - height);
        }
        self.hold.follow(to == 0);
        self.measure();
        self.remember();
        let (frame, rows) = (self.clone(), rows.clone());
        // The row may have to be made first.
        request_animation_frame(move || {
            let at = to.checked_sub(frame.start.get_untracked()).and_then(|at| u32::try_from(at).ok());
            let link = at.and_then(|at| rows.children().item(at)?.query_selector(OPENS).ok()?);
            let focused = link.unwrap_or_else(|| Element::clone(&frame.element));
            let _ = focused.unchecked_ref::<HtmlElement>().focus();
        });
    }
}

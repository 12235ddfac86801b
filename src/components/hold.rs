//! What keeps a list where it is: the row at the top is its anchor once it is scrolled; and while the pointer is over
//! it, or the focus in it, even at the very top, where new rows would push down what one is about to press. Left alone,
//! a list that stood at the top goes back there.

use super::list::{Frame, pixels};
use crate::browser::{document, elapsed_ms};
use crate::dom::El;
use crate::reactive::request_animation_frame;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Where a list is kept.
#[derive(Default)]
pub(super) struct Hold {
    /// The row at the top, and how far it is scrolled over.
    anchor: RefCell<Option<(String, usize)>>,
    /// The place of the first row that exists, and the rows: what is in sight may be older than the order.
    rows: RefCell<(usize, Vec<String>)>,
    /// The pointer is over the list, or the focus in it.
    is_held: Cell<bool>,
    /// Whether it stands at the top but for that, and so goes back there.
    follows: Cell<bool>,
    /// Where the page itself has scrolled it.
    set: Cell<usize>,
    /// Where it is, as far as is known without asking: to ask right after a change makes the browser lay everything out.
    at: Cell<usize>,
    /// A row has the focus, or had it until it was scrolled away.
    has_focus: Cell<bool>,
}

impl Hold {
    pub(super) fn anchor(&self) -> Option<(String, usize)> {
        self.anchor.borrow().clone()
    }

    /// These rows exist now.
    pub(super) fn shows(&self, start: usize, rows: Vec<String>) {
        *self.rows.borrow_mut() = (start, rows);
    }

    /// The row that is seen at a place.
    fn row_at(&self, place: usize) -> Option<String> {
        let (start, rows) = &*self.rows.borrow();
        rows.get(place.checked_sub(*start)?).cloned()
    }

    /// How much room there must be so that a list can be scrolled to `top`: a short one that is held has some below.
    pub(super) fn room(&self, top: Option<usize>, height: usize) -> usize {
        top.filter(|_| self.is_held.get()).map_or(0, |top| top + height)
    }

    /// Whether it follows what is newest is decided anew.
    pub(super) fn follow(&self, follows: bool) {
        self.follows.set(follows);
    }

    /// It is scrolled to there, as was just seen.
    pub(super) fn seen_at(&self, top: usize) {
        self.at.set(top);
    }
}

/// So long after a list moved under somebody's hand it counts as still moving, in ms.
const MOVES_MS: f64 = 200.0;

thread_local! {
    /// The lists that were scrolled since the last frame.
    static SCROLLED: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
    /// When somebody scrolled last, in ms since the page was opened.
    static MOVED: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
}

/// Whether somebody is scrolling.
pub(crate) fn is_scrolled() -> bool {
    elapsed_ms() - MOVED.get() < MOVES_MS
}

/// Reads how far lists are scrolled: of all before any of them follows, as what follows makes the browser lay out
/// everything again for the next that is asked.
pub(crate) fn read_scrolled() {
    let scrolled = SCROLLED.take();
    let tops: Vec<usize> = scrolled.iter().map(Frame::top).collect();
    for (frame, top) in scrolled.iter().zip(tops) {
        frame.scrolled(top);
    }
}

impl Frame {
    /// Scrolls without taking that for somebody's wish.
    pub(super) fn scroll_to(&self, top: usize) {
        if top != self.hold.at.get() {
            self.element.set_scroll_top(i32::try_from(top).unwrap_or(i32::MAX));
            self.hold.set.set(top);
            self.hold.at.set(top);
        }
    }

    /// Listens to what holds it and what scrolls it.
    pub(super) fn held(&self, outer: El) -> El {
        let [scrolled, over, left, got, lost] = [(); 5].map(|()| self.clone());
        outer
            .on("scroll", move |_| scrolled.clone().will_be_read())
            .on("pointerenter", move |_| over.take_hold(true))
            .on("pointerleave", move |_| left.take_hold(left.holds_focus()))
            .on("focusin", move |_| {
                got.hold.has_focus.set(true);
                got.take_hold(true);
            })
            .on("focusout", move |event| {
                let row = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if row.is_some_and(|row| row.is_connected()) {
                    lost.hold.has_focus.set(false);
                }
                let frame = lost.clone();
                // Where the focus goes is known only after this.
                request_animation_frame(move || {
                    let is_over = frame.element.matches(":hover").unwrap_or(false);
                    frame.take_hold(is_over || frame.holds_focus());
                });
            })
    }

    /// Has it read with all others that are scrolled in this frame.
    fn will_be_read(self) {
        let is_first = SCROLLED.with_borrow_mut(|scrolled| {
            scrolled.push(self);
            scrolled.len() == 1
        });
        if is_first {
            request_animation_frame(read_scrolled);
        }
    }

    fn scrolled(&self, top: usize) {
        // It may be gone since.
        let Some((_, height)) = self.viewport.try_get_untracked() else { return };
        self.seen(top, height);
        if top != self.hold.set.get() {
            // Somebody scrolled: that is where he wants to be.
            MOVED.set(elapsed_ms());
            self.hold.follow(top == 0);
        }
        self.remember();
        if self.hold.has_focus.get() {
            let frame = self.clone();
            // A row that goes takes the focus with it: the list has it then, and the arrows go on from there.
            request_animation_frame(move || {
                let is_gone = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
                if frame.hold.has_focus.get() && is_gone {
                    let _ = frame.element.unchecked_ref::<HtmlElement>().focus();
                }
            });
        }
    }

    fn take_hold(&self, is_held: bool) {
        let Hold { is_held: was_held, follows, .. } = &*self.hold;
        if was_held.replace(is_held) == is_held {
            return;
        }
        if is_held {
            follows.set(self.element.scroll_top() == 0);
        } else if follows.get() {
            self.element.set_scroll_top(0);
            self.measure();
        }
        self.remember();
        if !is_held {
            // The room below goes.
            self.step.notify();
        }
    }

    /// Takes the row that is at the top now for its anchor.
    pub(super) fn remember(&self) {
        let ((top, _), step) = (self.viewport.get_untracked(), self.step.get_untracked());
        let place = top.checked_div(step).unwrap_or(0);
        let is_kept = top > 0 || self.hold.is_held.get();
        let seen = || self.hold.row_at(place).or_else(|| self.key_at(place));
        let key = is_kept.then(seen).flatten();
        *self.hold.anchor.borrow_mut() = key.map(|key| (key, top - place * step));
        if let Some(is_away) = self.is_away.filter(|is_away| is_away.get_untracked() != (top > 0)) {
            is_away.set(top > 0);
        }
    }

    fn holds_focus(&self) -> bool {
        document().active_element().is_some_and(|active| self.element.contains(Some(&active)))
    }

    /// How far it is scrolled now.
    pub(super) fn top(&self) -> usize {
        pixels(self.element.scroll_top())
    }
}

//! A list of any length of which only what is in sight exists, at one height a row.
//! What is looked at stays where it is when rows come or go above it; see [`hold`](super::hold).

use super::hold::Hold;
use crate::browser::token_px;
use crate::dom::{El, effect, el};
use crate::reactive::{Memo, RwSignal, on_cleanup, untrack};
use crate::window::{Bounds, Viewport, rows_within};
use send_wrapper::SendWrapper;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement};

/// A list: all but `row` is asked anew when what it tracks changes.
pub(crate) struct List {
    /// How many rows there are.
    pub(crate) total: Box<dyn Fn() -> usize>,
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
pub(crate) type Keys = Rc<dyn Fn(Range<usize>) -> Vec<String>>;

/// The keys that match while somebody searches; none while nobody does, so that nothing is copied.
pub(crate) type Found = Memo<Option<Rc<Vec<String>>>>;

/// What matches, looked for anew when what it tracks changes.
pub(crate) fn found(look: impl Fn() -> Option<Vec<String>> + 'static) -> Found {
    Memo::new(move || look().map(Rc::new))
}

impl List {
    /// The list of what is found, at one height a row.
    pub(crate) fn of(
        found: Found,
        step: &'static str,
        label: &'static str,
        row: Box<dyn Fn(&str) -> El>,
    ) -> Self {
        Self {
            total: Box::new(move || found.get().map_or(0, |all| all.len())),
            keys: Rc::new(move |range| {
                let all = found.get().unwrap_or_default();
                all[range.start.min(all.len())..range.end.min(all.len())].to_vec()
            }),
            place: Box::new(move |key| found.get_untracked()?.iter().position(|other| other == key)),
            row,
            step,
            class: "",
            label: Box::new(move || label.into()),
        }
    }
}

/// Shows a list.
pub(crate) fn windowed(list: List) -> El {
    windowed_within(Bounds::ROWS, list)
}

/// Shows a list of which more or less exists beyond what is in sight.
pub(crate) fn windowed_within(bounds: Bounds, list: List) -> El {
    let (frame, parts) = Frame::new(bounds, list, None);
    let Parts { outer, full, row, label } = parts;
    let content = el("div", "rows").attr("role", "list").bind("aria-label", label);
    let content = content.placed_rows(frame.shown(), row, frame.first());
    outer.child(full.child(content))
}

/// Shows the rows of a table. Of the links `.opens` in its rows one can be reached by Tab; the arrows go on from there.
/// `is_away` says whether the first row is out of sight.
pub(crate) fn windowed_rows(list: List, is_away: RwSignal<bool>) -> El {
    let (frame, parts) = Frame::new(Bounds::ROWS, list, Some(is_away));
    let Parts { outer, full, row, label } = parts;
    let row = frame.reached_by_tab(row);
    let content = el("div", "rows").placed_rows(frame.shown(), row, frame.first());
    // A table owns groups of rows and nothing that takes the focus, so what scrolls is the group.
    let outer = outer.attr("role", "rowgroup").bind("aria-label", label);
    frame.walked_by_keys(outer, &content).child(full.child(content))
}

/// Goes to the top of the list within `page`, and follows it again.
pub(crate) fn to_top(page: &El) {
    if let Ok(Some(list)) = page.node().query_selector(".windowed") {
        list.set_scroll_top(0);
    }
}

/// A list that is shown: what all that keeps it in order looks at.
#[derive(Clone)]
pub(super) struct Frame {
    /// What scrolls.
    pub(super) element: SendWrapper<Element>,
    pub(super) keys: Keys,
    pub(super) place: Rc<Place>,
    pub(super) total: Memo<usize>,
    /// How high a row is.
    pub(super) step: RwSignal<usize>,
    /// How far it is scrolled, and how high what is in sight is.
    pub(super) viewport: RwSignal<(usize, usize)>,
    /// Which rows exist.
    pub(super) start: Memo<usize>,
    pub(super) end: Memo<usize>,
    /// The row that had the focus last.
    pub(super) current: RwSignal<String>,
    pub(super) is_away: Option<RwSignal<bool>>,
    pub(super) hold: Rc<Hold>,
}

/// What a list is made of.
struct Parts {
    /// What scrolls.
    outer: El,
    /// As high as all rows.
    full: El,
    row: Box<dyn Fn(&str) -> El>,
    label: Box<dyn Fn() -> String>,
}

impl Frame {
    fn new(bounds: Bounds, list: List, is_away: Option<RwSignal<bool>>) -> (Self, Parts) {
        let List { total, keys, place, row, step: token, class, label } = list;
        let outer = el("div", "windowed").attr("tabindex", "-1");
        if !class.is_empty() {
            let _ = outer.node().class_list().add_1(class);
        }
        let viewport = RwSignal::new((0_usize, 0_usize));
        let step = RwSignal::new(pixels(token_px(token)));
        let total = Memo::new(total);
        let window = move || {
            let (top, height) = viewport.get();
            rows_within(bounds, total.get(), step.get(), Viewport { top, height })
        };
        let frame = Self {
            element: SendWrapper::new(outer.node().clone()),
            keys,
            place: Rc::new(place),
            total,
            step,
            viewport,
            start: Memo::new(move || window().start),
            end: Memo::new(move || window().end),
            current: RwSignal::new(String::new()),
            is_away,
            hold: Rc::default(),
        };
        let measured = frame.clone();
        watch_size(&outer, move || {
            // Rows are higher on a narrow page.
            let next = pixels(token_px(token));
            if step.get_untracked() != next {
                step.set(next);
            }
            measured.measure();
        });
        let full = el("div", "full");
        frame.stays(&full);
        let outer = frame.held(outer);
        (frame, Parts { outer, full, row, label })
    }

    /// Looks where it is scrolled to, and how much is in sight.
    pub(super) fn measure(&self) {
        self.seen(self.top(), pixels(self.element.client_height()));
    }

    /// It is scrolled to there, and that much is in sight.
    pub(super) fn seen(&self, top: usize, height: usize) {
        let next = (top, height);
        self.hold.seen_at(top);
        if self.viewport.get_untracked() != next {
            self.viewport.set(next);
        }
    }

    /// The keys of the rows that exist; asks again when these change.
    pub(super) fn shown(&self) -> impl Fn() -> Vec<String> + use<> {
        let (keys, start, end) = (self.keys.clone(), self.start, self.end);
        move || keys(start.get()..end.get())
    }

    /// The key of the row at a place now.
    pub(super) fn key_at(&self, place: usize) -> Option<String> {
        untrack(|| (self.keys)(place..place + 1)).pop()
    }

    /// The place of the first row that exists, and how high each is.
    fn first(&self) -> impl Fn() -> (usize, usize) + use<> {
        let (start, step) = (self.start, self.step);
        move || (start.get(), step.get())
    }

    /// As high as all rows; and where the row at the top goes, the list goes with it.
    fn stays(&self, full: &El) {
        let (frame, shown) = (self.clone(), self.shown());
        let full: HtmlElement = full.node().clone().unchecked_into();
        let laid_out = Cell::new(usize::MAX);
        effect(Box::new(move || {
            let rows = shown();
            frame.hold.shows(frame.start.get(), rows);
            let (total, step) = (frame.total.get(), frame.step.get());
            let top = frame.hold.anchor().and_then(|(key, over)| {
                let place = untrack(|| (frame.place)(&key))?;
                Some(place * step + over)
            });
            let height = frame.viewport.get_untracked().1;
            let room = frame.hold.room(top, height).max(total * step);
            // The same again would still be work for the browser.
            if laid_out.replace(room) != room {
                let _ = full.style().set_property("height", &format!("{room}px"));
            }
            if let Some(top) = top {
                frame.scroll_to(top.min(room.saturating_sub(height)));
            }
        }));
    }
}

/// Whole pixels, of which there are never less than none.
pub(super) fn pixels(n: i32) -> usize {
    usize::try_from(n).unwrap_or(0)
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

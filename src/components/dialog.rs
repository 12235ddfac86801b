//! A dialog of the browser's own: it keeps the focus inside, and Esc closes it.

use super::{Page, button};
use crate::browser;
use crate::dom::{El, el};
use crate::reactive::{RwSignal, on_cleanup, untrack};
use send_wrapper::SendWrapper;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

/// Whether a dialog is open, and what closes it.
#[derive(Clone)]
pub(crate) struct Opening {
    pub(super) is_open: Rc<dyn Fn() -> bool>,
    pub(super) close: Rc<dyn Fn()>,
}

impl Opening {
    /// One that lies elsewhere than in a signal, such as in the address.
    pub(crate) fn new(is_open: impl Fn() -> bool + 'static, close: impl Fn() + 'static) -> Self {
        Self { is_open: Rc::new(is_open), close: Rc::new(close) }
    }
}

impl From<RwSignal<bool>> for Opening {
    fn from(open: RwSignal<bool>) -> Self {
        Self::new(move || open.get(), move || open.set(false))
    }
}

/// Shows `content` as a modal dialog while that is open.
pub(crate) fn dialog(opening: impl Into<Opening>, label: &'static str, content: fn() -> El) -> El {
    let Opening { is_open, close } = opening.into();
    el("div", "contents").slot(move || {
        is_open().then(|| {
            let (closed, beside) = (close.clone(), close.clone());
            let shown = el("dialog", "dialog").attr("aria-label", label).on("close", move |_| closed());
            // What lies beside the content is the backdrop.
            let shown = shown.on("click", move |event| {
                if event.target() == event.current_target() {
                    beside();
                }
            });
            let before = SendWrapper::new(browser::focused());
            // Whoever works by keyboard goes on where the dialog was opened.
            on_cleanup(move || {
                if let Some(element) = before.as_ref() {
                    let _ = element.focus();
                }
            });
            let element: HtmlDialogElement = shown.node().clone().unchecked_into();
            // It must be on the page first.
            browser::spawn(async move {
                let _ = element.show_modal();
            });
            shown.child(untrack(content))
        })
    })
}

/// All keys.
pub(crate) fn help() -> El {
    dialog(Page::here().ui.helping, "Keys", || {
        let open = Page::here().ui.helping;
        let mut keys = el("dl", "keys");
        for (key, what) in [
            ("/", "Search"),
            ("j  k", "Next and previous task"),
            ("← →", "Next column"),
            ("Enter", "Open the task"),
            ("x", "Select the task; with Shift all from the last"),
            ("r", "Requeue the task, or what is selected"),
            ("c", "Publish a task"),
            ("g b", "Board"),
            ("g a", "Agents"),
            ("g e", "Errors"),
            ("g m", "Messages"),
            ("Ctrl K", "Every command, and any task by name"),
            ("Esc", "Close what is open"),
            ("?", "This list"),
        ] {
            keys = keys.child(el("dt", "").child(el("kbd", "").text(key))).child(el("dd", "").text(what));
        }
        let close = button("", "Close", move || open.set(false));
        el("div", "form")
            .child(el("h2", "").text("Keys"))
            .child(keys)
            .child(el("div", "buttons").child(close))
    })
}

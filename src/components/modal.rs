//! A dialog over the page that holds what somebody typed: a stray Esc asks before it throws that away.

use super::button;
use crate::browser;
use crate::dom::{El, el};
use crate::reactive::{RwSignal, on_cleanup, untrack};
use gloo_timers::callback::Timeout;
use send_wrapper::SendWrapper;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, KeyboardEvent};

/// A dialog to be shown.
pub(crate) struct Modal {
    /// What it is called.
    pub(crate) label: &'static str,
    /// The classes of the dialog.
    pub(crate) class: &'static str,
    /// Whether something stands in it that would be lost.
    pub(crate) is_dirty: Rc<dyn Fn() -> bool>,
    /// What closes it.
    pub(crate) close: Rc<dyn Fn()>,
    /// Where Back can lead away from it.
    pub(crate) back: Option<Back>,
}

/// How one comes back to a dialog that Back led away from; until then it asks.
pub(crate) struct Back {
    /// Whether one is away.
    pub(crate) is_away: Rc<dyn Fn() -> bool>,
    /// Leads there again.
    pub(crate) again: Rc<dyn Fn()>,
}

impl Modal {
    /// Shows it with this content, which is given what closes it and asks before.
    pub(crate) fn show(self, content: impl FnOnce(Rc<dyn Fn()>) -> El) -> El {
        let Self { label, class, is_dirty, close, back } = self;
        let is_asking = RwSignal::new(false);
        let (is_away, again) = match back {
            Some(Back { is_away, again }) => (is_away, again),
            None => (Rc::new(|| false) as Rc<dyn Fn() -> bool>, Rc::new(|| ()) as Rc<dyn Fn()>),
        };
        let asks: Rc<dyn Fn() -> bool> = {
            let is_away = is_away.clone();
            Rc::new(move || is_asking.get() || is_away())
        };
        let stay: Rc<dyn Fn()> = Rc::new(move || {
            is_asking.set(false);
            if untrack(|| is_away()) {
                again();
            }
        });
        // The event that closes it goes on through the dialog, whose handlers must be there until it is through.
        let close: Rc<dyn Fn()> = Rc::new(move || {
            let close = close.clone();
            Timeout::new(0, move || close()).forget();
        });
        let leave: Rc<dyn Fn()> = {
            let (close, asks) = (close.clone(), asks.clone());
            Rc::new(move || {
                if untrack(|| asks() || !is_dirty()) {
                    close();
                } else {
                    is_asking.set(true);
                }
            })
        };
        let (by_key, beside, closed) = (leave.clone(), leave.clone(), close.clone());
        let (asked, stayed) = (asks.clone(), stay.clone());
        let dialog = el("dialog", class)
            .attr("aria-label", label)
            .on("keydown", move |event| {
                // The keys of the page are not meant while a dialog is open.
                event.stop_propagation();
                let event: KeyboardEvent = event.unchecked_into();
                // What somebody in the dialog has used closes nothing.
                if event.key() == "Escape" && !event.default_prevented() {
                    event.prevent_default();
                    if untrack(|| asked()) {
                        stayed();
                    } else {
                        by_key();
                    }
                }
            })
            .on("click", move |event| {
                // What lies beside the content is the backdrop.
                if event.target() == event.current_target() {
                    beside();
                }
            })
            // The browser may close it for reasons of its own.
            .on("close", move |_| closed());
        let question = move || {
            asks().then(|| {
                let (close, stay) = (close.clone(), stay.clone());
                let stay = button("primary", "Keep editing", move || stay()).attr("autofocus", "");
                let node = SendWrapper::new(stay.node().clone());
                browser::spawn(async move {
                    let _ = node.unchecked_ref::<web_sys::HtmlElement>().focus();
                });
                el("div", "question")
                    .attr("role", "alertdialog")
                    .attr("aria-label", "Unsaved input")
                    .child(el("span", "spread").text("What you typed is not published."))
                    .child(stay)
                    .child(button("", "Discard", move || close()))
            })
        };
        let element: HtmlDialogElement = dialog.node().clone().unchecked_into();
        // Whoever works by keyboard goes on where the dialog was opened; while it is there nothing else takes the focus.
        let kept = SendWrapper::new((element.clone(), browser::focused()));
        on_cleanup(move || {
            let (dialog, before) = &*kept;
            dialog.remove();
            if let Some(element) = before {
                let _ = element.focus();
            }
        });
        // It must be on the page first.
        browser::spawn(async move {
            let _ = element.show_modal();
        });
        dialog.child(untrack(|| content(leave))).slot(question)
    }
}

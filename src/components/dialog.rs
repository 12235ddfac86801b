//! A dialog of the browser's own: it keeps the focus inside, and Esc closes it.

use super::{Page, click, nothing};
use crate::browser;
use leptos::ev::{Event, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;

/// Shows `content` as a modal dialog while `open`.
pub(crate) fn dialog(open: RwSignal<bool>, label: &'static str, content: fn() -> AnyView) -> AnyView {
    let shown = move || {
        if !open.get() {
            return nothing();
        }
        let element: NodeRef<html::Dialog> = NodeRef::new();
        element.on_load(|dialog| {
            let before = SendWrapper::new(browser::focused());
            let _ = dialog.show_modal();
            // Whoever works by keyboard goes on where the dialog was opened.
            on_cleanup(move || {
                if let Some(element) = before.as_ref() {
                    let _ = element.focus();
                }
            });
        });
        let closed: Box<dyn FnMut(Event)> = Box::new(move |_| open.set(false));
        let clicked: Box<dyn FnMut(MouseEvent)> = Box::new(move |event| {
            // What lies beside the content is the backdrop.
            if event.target() == event.current_target() {
                open.set(false);
            }
        });
        view! {
            <dialog class="dialog" node_ref=element aria-label=label on:close=closed on:click=clicked>
                {content()}
            </dialog>
        }
        .into_any()
    };
    view! { {move || shown()} }.into_any()
}

/// All keys.
pub(crate) fn help() -> AnyView {
    dialog(Page::here().ui.helping, "Keys", || {
        let open = Page::here().ui.helping;
        let key = |(key, what): (&'static str, &'static str)| {
            view! {
                <dt>
                    <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
            }
            .into_any()
        };
        let keys = [
            ("/", "Search"),
            ("c", "Publish a task"),
            ("g b", "Board"),
            ("g a", "Agents"),
            ("g e", "Errors"),
            ("g m", "Messages"),
            ("Esc", "Close what is open"),
            ("?", "This list"),
        ];
        view! {
            <div class="form">
                <h2>"Keys"</h2>
                <dl class="keys">{keys.into_iter().map(key).collect::<Vec<_>>()}</dl>
                <div class="buttons">
                    <button on:click=click(move || open.set(false))>"Close"</button>
                </div>
            </div>
        }
        .into_any()
    })
}

//! The form that publishes a task, or many. It checks as one types, and stays until the stream has stored the task.

use super::bulk::Import;
use super::fields::TaskFields;
use super::modal::{Back, Modal};
use super::{Page, button};
use crate::address::Publishing;
use crate::browser;
use crate::dom::{El, el};
use crate::form::TaskForm;
use crate::reactive::{Memo, Owner, RwSignal, StoredValue, untrack};
use crate::session;
use mjwork::publisher::Intent;
use std::cell::Cell;
use std::rc::Rc;

/// The form in its dialog.
pub(crate) fn publish() -> El {
    let page = Page::here();
    let form = StoredValue::new(None::<Form>);
    let is_addressed = move || page.address.with(|address| address.publishing.is_some());
    let may = move || page.ui.conn().rights.publish;
    // Back leads away from it: what holds something stays until somebody has said what becomes of it.
    let was_shown = Cell::new(false);
    let is_shown = Memo::new(move || {
        let holds = || form.get_value().is_some_and(|f| !f.is_done.get() && untrack(|| f.is_dirty()));
        was_shown.set(may() && (is_addressed() || (was_shown.get() && holds())));
        was_shown.get()
    });
    el("div", "contents").slot(move || {
        is_shown.get().then(|| {
            let next = untrack(Form::new);
            form.set_value(Some(next));
            untrack(|| {
                next.dialog(Rc::new(move || {
                    next.is_done.set(true);
                    page.close_publishing();
                }))
            })
        })
    })
}

#[derive(Clone, Copy)]
struct Form {
    fields: TaskFields,
    import: Import,
    is_pending: RwSignal<bool>,
    /// What became of the one before, where another follows.
    before: RwSignal<String>,
    failure: RwSignal<String>,
    /// Whether it was closed, so that nothing in it is missed.
    is_done: RwSignal<bool>,
}

impl Form {
    fn new() -> Self {
        Self {
            fields: TaskFields::new(&TaskForm::default(), Intent::Publish),
            import: Import::new(),
            is_pending: RwSignal::new(false),
            before: RwSignal::default(),
            failure: RwSignal::default(),
            is_done: RwSignal::new(false),
        }
    }

    fn is_dirty(self) -> bool {
        self.fields.is_filled() || self.import.is_unfinished()
    }

    fn dialog(self, close: Rc<dyn Fn()>) -> El {
        let page = Page::here();
        let addressed = move || page.address.with(|address| address.publishing);
        // Where Back leads away from it, it stays the one that it was.
        let was_many = Cell::new(false);
        let is_many = Memo::new(move || {
            was_many.set(addressed().map_or(was_many.get(), |what| what == Publishing::Bulk));
            was_many.get()
        });
        let again = move || {
            page.open_publishing(if is_many.get_untracked() { Publishing::Bulk } else { Publishing::One });
        };
        let modal = Modal {
            label: "Publish a task",
            class: "dialog wide",
            is_dirty: Rc::new(move || self.is_dirty()),
            close: close.clone(),
            back: Some(Back { is_away: Rc::new(move || addressed().is_none()), again: Rc::new(again) }),
        };
        modal.show(move |leave| {
            let choice = |label: &'static str, what: Publishing| {
                let is_it = move || is_many.get() == (what == Publishing::Bulk);
                button("plain", label, move || page.switch_publishing(what))
                    .attr("role", "tab")
                    .bind("aria-selected", move || if is_it() { "true" } else { "false" })
            };
            let head = el("div", "tabs")
                .attr("role", "tablist")
                .attr("aria-label", "What to publish")
                .child(choice("One task", Publishing::One))
                .child(choice("Many tasks", Publishing::Bulk));
            let shown = move || {
                let is_many = is_many.get();
                let (close, leave) = (close.clone(), leave.clone());
                Some(untrack(|| if is_many { self.import.show(leave) } else { self.show(close, leave) }))
            };
            el("div", "form").child(el("h2", "").text("Publish")).child(head).slot(shown)
        })
    }

    /// Publishes what stands in the fields; then closes, or begins another.
    fn send(self, close: Rc<dyn Fn()>, is_last: bool) {
        let Some(task) = self.fields.task().filter(|_| !self.is_pending.get_untracked()) else { return };
        let ui = Page::here().ui;
        let (by, subjects) = ui.conn_now().signer();
        let id = task.id.as_str().to_owned();
        let sending = session::send(ui, "Publish", &id, task.draft(&subjects, Some(&by), 0));
        let next = untrack(|| self.fields.form()).another();
        self.is_pending.set(true);
        self.failure.set(String::new());
        browser::spawn(async move {
            let stored = sending.await;
            // A form that was closed meanwhile has nothing to say, and one that was opened since is another.
            if self.is_pending.try_set(false).is_some() {
                return;
            }
            match stored {
                // Stored is enough: the verdict shows outside.
                Ok(()) if is_last => close(),
                Ok(()) => {
                    self.before.set(format!("{id} is published."));
                    self.fields.again(&next);
                    browser::focus("#task-id");
                }
                Err(why) => self.failure.set(why),
            }
        });
    }

    fn show(self, close: Rc<dyn Fn()>, leave: Rc<dyn Fn()>) -> El {
        let owner = Owner::current().unwrap_or_default();
        let (of_submit, of_another) = (owner.clone(), owner);
        let closed = close.clone();
        let sent = move |event: web_sys::Event| {
            event.prevent_default();
            of_submit.with(|| self.send(closed.clone(), true));
        };
        let another = move || of_another.with(|| self.send(close.clone(), false));
        let buttons = el("div", "buttons")
            .child(el("span", "soft spread").attr("role", "status").says(move || self.before.get()))
            .child(button("", "Close", move || leave()))
            .child(button("", "Publish and add another", another).disabled(move || self.is_pending.get()))
            .child(
                el("button", "primary")
                    .attr("type", "submit")
                    .text("Publish")
                    .disabled(move || self.is_pending.get()),
            );
        el("form", "fields")
            .on("submit", sent)
            .child(self.fields.show())
            .child(el("p", "problem").attr("role", "alert").says(move || self.failure.get()))
            .child(buttons)
    }
}

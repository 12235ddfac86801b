//! The form that publishes a task. It checks as one types, and stays until the stream has stored the task.

use super::{Page, button, dialog};
use crate::browser;
use crate::dom::{El, el};
use crate::form::{Remark, Remarks, TaskForm};
use crate::session;
use leptos::prelude::*;
use mjwork::draft;
use std::rc::Rc;

/// The form in its dialog.
pub(crate) fn publish() -> El {
    dialog(Page::here().publishing(), "Publish a task", || Form::new().show())
}

/// The fields, each a text as it was typed.
#[derive(Clone, Copy)]
struct Form {
    id: RwSignal<String>,
    title: RwSignal<String>,
    description: RwSignal<String>,
    blocked_by: RwSignal<String>,
    priority: RwSignal<String>,
    tags: RwSignal<String>,
    /// Whether it was sent once: an empty form is not wrong yet.
    is_tried: RwSignal<bool>,
    is_pending: RwSignal<bool>,
    failure: RwSignal<String>,
}

impl Form {
    fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            id: text(),
            title: text(),
            description: text(),
            blocked_by: text(),
            priority: RwSignal::new("normal".to_owned()),
            tags: text(),
            is_tried: RwSignal::new(false),
            is_pending: RwSignal::new(false),
            failure: text(),
        }
    }

    fn filled_in(self) -> TaskForm {
        TaskForm {
            id: self.id.get(),
            title: self.title.get(),
            description: self.description.get(),
            blocked_by: self.blocked_by.get(),
            priority: self.priority.get(),
            tags: self.tags.get(),
        }
    }

    fn remarks(self) -> Remarks {
        let form = self.filled_in();
        let live = Page::here().ui.live_tasks();
        form.check(|id| live.board().task(id).is_some())
    }

    fn send(self) {
        self.is_tried.set(true);
        if !untrack(|| self.remarks()).allow() || self.is_pending.get_untracked() {
            return;
        }
        let page = Page::here();
        let ui = page.ui;
        let (by, subjects) = ui.conn_now().signer();
        let form = untrack(|| self.filled_in());
        let body = form.body(&by);
        let sending = session::send(ui, "Publish", &body.task_id, draft::available(&subjects, &body));
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
                Ok(()) => page.close_publishing(),
                Err(why) => self.failure.set(why),
            }
        });
    }

    fn show(self) -> El {
        let page = Page::here();
        let owner = Owner::current().unwrap_or_default();
        let sent = move |event: web_sys::Event| {
            event.prevent_default();
            owner.with(|| self.send());
        };
        let choices = ["critical", "high", "normal", "low"].map(|word| {
            let choice = el("option", "").attr("value", word).text(word);
            if word == "normal" { choice.attr("selected", "") } else { choice }
        });
        let priority = el("select", "").children(choices).field(self.priority);
        let tags = el("input", "").attr("autocomplete", "off").attr("placeholder", "commas between");
        let pair = el("div", "pair").child(field("task-priority", "Priority", priority, None)).child(field(
            "task-tags",
            "Tags",
            tags.field(self.tags),
            None,
        ));
        let buttons = el("div", "buttons").child(button("", "Close", move || page.close_publishing())).child(
            el("button", "primary")
                .attr("type", "submit")
                .text("Publish")
                .disabled(move || self.is_pending.get()),
        );
        let blockers = line("task ids, commas between", self.blocked_by);
        let id = line("", self.id).attr("autofocus", "");
        el("form", "form")
            .on("submit", sent)
            .child(el("h2", "").text("Publish a task"))
            .child(field("task-id", "Task id", id, Some(self.said(self.id, |r| r.id))))
            .child(field("task-title", "Title", line("", self.title), Some(self.said_late(|r| r.title))))
            .child(field("task-description", "Description", el("textarea", "").field(self.description), None))
            .child(field(
                "task-blocked-by",
                "Blocked by",
                blockers,
                Some(self.said(self.blocked_by, |r| r.blocked_by)),
            ))
            .child(pair)
            .child(el("p", "problem").attr("role", "alert").says(move || self.failure.get()))
            .child(buttons)
    }

    /// What is said about a field as soon as something stands in it.
    fn said(self, of: RwSignal<String>, remark: fn(Remarks) -> Option<Remark>) -> Said {
        Box::new(move || {
            let is_due = self.is_tried.get() || of.with(|text| !text.is_empty());
            remark(self.remarks()).filter(|_| is_due)
        })
    }

    /// What is said about a field once the form was sent.
    fn said_late(self, remark: fn(Remarks) -> Option<Remark>) -> Said {
        Box::new(move || remark(self.remarks()).filter(|_| self.is_tried.get()))
    }
}

/// What is said about a field: an error, a warning, or nothing.
type Said = Box<dyn Fn() -> Option<Remark>>;

/// A field of one line.
fn line(hint: &str, text: RwSignal<String>) -> El {
    el("input", "")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("placeholder", hint)
        .field(text)
}

/// A control with its label, and what is to be said about it.
pub(crate) fn field(id: &str, label: &str, control: El, said: Option<Said>) -> El {
    let labelled = el("div", "field").child(el("label", "").attr("for", id).text(label));
    let control = control.attr("id", id);
    let Some(said) = said else { return labelled.child(control) };
    let said = Rc::new(said);
    let is = {
        let said = said.clone();
        move |error: bool| said().is_some_and(|remark| matches!(remark, Remark::Error(_)) == error)
    };
    let place = format!("{id}-remark");
    let control = control.attr("aria-describedby", &place).bind("aria-invalid", {
        let is = is.clone();
        move || if is(true) { "true" } else { "false" }
    });
    let remark = el("span", "remark")
        .attr("id", &place)
        .toggle("red", {
            let is = is.clone();
            move || is(true)
        })
        .toggle("amber", move || is(false))
        .says(move || said().map(|remark| remark.text().to_owned()).unwrap_or_default());
    labelled.child(control).child(remark)
}

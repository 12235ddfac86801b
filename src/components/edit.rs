//! The form over a task that is there: its definition is replaced, or it is put back with another one. What changes is
//! shown before it is published, and a task that somebody else changed meanwhile is pointed out.

use super::button;
use super::fields::TaskFields;
use super::modal::Modal;
use super::task_panel::Shown;
use crate::browser;
use crate::diff::{self, Line};
use crate::dom::{El, el};
use crate::form::TaskForm;
use crate::reactive::{RwSignal, untrack};
use crate::{remedy, session};
use mjwork::Sequence;
use mjwork::board::{Definition, Status, Task};
use mjwork::publisher::Intent;
use std::rc::Rc;

/// What the form does with the task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Replaces its definition.
    Edit,
    /// Puts it back with another one.
    Requeue,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Edit => "Edit the task",
            Self::Requeue => "Requeue with edit",
        }
    }

    /// What it says of the act, and on the button.
    const fn verb(self) -> &'static str {
        match self {
            Self::Edit => "Edit",
            Self::Requeue => "Requeue",
        }
    }
}

/// What the form started from.
#[derive(Clone)]
struct Base {
    form: TaskForm,
    definition: Definition,
    version: Sequence,
}

impl Base {
    fn of(task: &Task) -> Self {
        Self { form: TaskForm::of(task), definition: task.definition.clone(), version: task.version }
    }
}

/// The form of the task that is shown, in its dialog; none for a task that is gone.
pub(super) fn edit(shown: Shown, purpose: Purpose, close: Rc<dyn Fn()>) -> Option<El> {
    let base = untrack(|| shown.with(|_, task| Base::of(task)))?;
    let fields = TaskFields::new(&base.form, Intent::Edit);
    let form = Form {
        shown,
        purpose,
        fields,
        base: RwSignal::new(base),
        failure: RwSignal::default(),
        is_pending: RwSignal::new(false),
    };
    let modal = Modal {
        label: purpose.label(),
        class: "dialog",
        is_dirty: Rc::new(move || form.fields.form() != form.base.with(|base| base.form.clone())),
        close: close.clone(),
        back: None,
    };
    Some(modal.show(move |leave| form.show(&close, leave)))
}

#[derive(Clone, Copy)]
struct Form {
    shown: Shown,
    purpose: Purpose,
    fields: TaskFields,
    base: RwSignal<Base>,
    failure: RwSignal<String>,
    is_pending: RwSignal<bool>,
}

impl Form {
    /// Why it cannot be sent now; none when it can.
    fn why_not(self) -> Option<String> {
        if let Some(hindrance) = self.shown.page.ui.conn().why_not_now() {
            return Some(hindrance.to_owned());
        }
        if self.is_stale() {
            return Some("The task has changed: look at it first.".to_owned());
        }
        let rule = |task: &Task| match self.purpose {
            Purpose::Requeue => remedy::no_requeue(task),
            Purpose::Edit => None,
        };
        let Some(rule) = self.shown.with(|_, task| rule(task)) else {
            return Some("The task is gone.".to_owned());
        };
        if rule.is_none() && self.purpose == Purpose::Edit && self.differences().is_empty() {
            return Some("Nothing is changed yet.".to_owned());
        }
        rule.map(ToOwned::to_owned)
    }

    fn is_stale(self) -> bool {
        let version = self.base.with(|base| base.version);
        self.shown.with(|_, task| task.version != version).unwrap_or(false)
    }

    fn differences(self) -> Vec<diff::Difference> {
        let task = self.fields.form().task();
        let new = task.map(|task| task.definition());
        self.base.with(|base| new.map(|new| diff::definitions(&base.definition, &new)).unwrap_or_default())
    }

    /// Starts over from the task as it is now, and keeps what was typed.
    fn rebase(self) {
        let Some(now) = untrack(|| self.shown.with(|_, task| Base::of(task))) else { return };
        let typed = untrack(|| self.fields.form());
        let both = self.base.with_untracked(|base| typed.over(&base.form, &now.form));
        self.base.set(now);
        self.fields.set(&both);
    }

    fn send(self, close: &Rc<dyn Fn()>) {
        if self.is_pending.get_untracked() || untrack(|| self.why_not()).is_some() {
            return;
        }
        let Some(task) = self.fields.task() else { return };
        let ui = self.shown.page.ui;
        let (by, subjects) = ui.conn_now().signer();
        let version = self.base.with_untracked(|base| base.version);
        let draft = match self.purpose {
            Purpose::Edit => task.draft(&subjects, Some(&by), version),
            Purpose::Requeue => task.requeue(&subjects, None, &by, version),
        };
        let sending = session::send(ui, self.purpose.verb(), task.id.as_str(), draft);
        self.is_pending.set(true);
        self.failure.set(String::new());
        let close = close.clone();
        browser::spawn(async move {
            let stored = sending.await;
            // A form that was closed meanwhile has nothing to say.
            if self.is_pending.try_set(false).is_some() {
                return;
            }
            match stored {
                Ok(()) => close(),
                Err(why) => self.failure.set(why),
            }
        });
    }

    fn show(self, close: &Rc<dyn Fn()>, leave: Rc<dyn Fn()>) -> El {
        let closed = close.clone();
        let sent = move |event: web_sys::Event| {
            event.prevent_default();
            self.send(&closed);
        };
        let submit = el("button", "primary")
            .attr("type", "submit")
            .text(self.purpose.verb())
            .disabled(move || self.is_pending.get() || self.why_not().is_some())
            .bind("title", move || self.why_not().unwrap_or_default());
        let buttons = el("div", "buttons")
            .child(el("span", "soft spread").says(move || self.why_not().unwrap_or_default()))
            .child(button("", "Close", move || leave()))
            .child(submit);
        let id = self.shown.id.get_value();
        el("form", "form")
            .on("submit", sent)
            .child(el("h2", "").text(self.purpose.label()).text(" ").child(el("span", "mono soft").text(&id)))
            .slot(move || self.is_stale().then(|| untrack(|| self.warning())))
            .child(self.fields.show())
            .child(el("p", "amber").says(move || self.owner_goes_on()))
            .slot(move || Some(self.changes()))
            .child(el("p", "problem").attr("role", "alert").says(move || self.failure.get()))
            .child(buttons)
    }

    fn warning(self) -> El {
        let said = move || {
            let word =
                self.shown.with(|_, task| format!("It is {} now, version {}.", task.status, task.version));
            format!("The task changed while you were editing. {}", word.unwrap_or_default())
        };
        el("div", "notice bad").attr("role", "alert").child(el("span", "spread").says(said)).child(button(
            "",
            "Go on from there",
            move || self.rebase(),
        ))
    }

    fn owner_goes_on(self) -> &'static str {
        let is_taken = self.shown.with(|_, task| task.status == Status::InProgress);
        match (is_taken, self.purpose) {
            (Some(true), Purpose::Edit) => "Its owner goes on with what it took.",
            (Some(true), Purpose::Requeue) => "It is taken from its owner.",
            _ => "",
        }
    }

    /// The difference between the definition that is there and the one that is typed.
    fn changes(self) -> El {
        let all = self.differences();
        let section = el("section", "changes").attr("aria-label", "What changes");
        if all.is_empty() {
            return section.child(el("p", "soft").text("Nothing changes."));
        }
        section.child(el("h3", "").text("What changes")).children(all.iter().map(|difference| {
            el("div", "difference")
                .child(el("h4", "").text(difference.field))
                .children(difference.lines.iter().map(line))
        }))
    }
}

fn line(line: &Line) -> El {
    let (class, mark, word, text) = match line {
        Line::Same(text) => ("same", " ", "", text.clone()),
        Line::Gone(text) => ("was", "−", "removed: ", text.clone()),
        Line::New(text) => ("will", "+", "added: ", text.clone()),
        Line::Cut(count) => ("same soft", "⋯", "", format!("{count} lines stay")),
    };
    el("div", class)
        .child(el("span", "sign").attr("aria-hidden", "true").text(mark))
        .child(el("span", "unseen").text(word))
        .child(el("span", "").text(&text))
}

//! The fields of forms: a control with its label, and what is to be said about it.

use super::list::Found;
use super::{Page, found};
use crate::dom::{El, el};
use crate::form::{Ground, Remark, TaskForm, being_typed, completions};
use crate::reactive::{RwSignal, untrack};
use crate::session;
use mjwork::NewTask;
use mjwork::publisher::Intent;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

/// So many completions are offered.
const OFFERED: usize = 8;
/// The priorities that have a meaning of their own.
const PRIORITIES: [&str; 4] = ["critical", "high", "normal", "low"];

/// What is said about a field: an error, a warning, or nothing.
pub(crate) type Said = Box<dyn Fn() -> Option<Remark>>;

/// A field of one line.
pub(super) fn line(hint: &str, text: RwSignal<String>) -> El {
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

/// The place of what is said of a field among all.
#[derive(Clone, Copy)]
enum Place {
    Id,
    Title,
    Description,
    BlockedBy,
    Attempts,
}

/// The fields of a task, each a text as it was typed.
#[derive(Clone, Copy)]
pub(super) struct TaskFields {
    id: RwSignal<String>,
    title: RwSignal<String>,
    description: RwSignal<String>,
    blocked_by: RwSignal<String>,
    priority: RwSignal<String>,
    tags: RwSignal<String>,
    attempts: RwSignal<String>,
    /// Whether it was sent once: an empty form is not wrong yet.
    is_tried: RwSignal<bool>,
    intent: Intent,
    /// What is said of each, as texts: a type of memo that is there costs the bundle nothing.
    remarks: Found,
}

impl TaskFields {
    /// Fields that hold these texts.
    pub(super) fn new(form: &TaskForm, intent: Intent) -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        let [id, title, description, blocked_by, priority, tags, attempts] = [
            &form.id,
            &form.title,
            &form.description,
            &form.blocked_by,
            &form.priority,
            &form.tags,
            &form.attempts,
        ]
        .map(|field| text(field));
        if form.priority.is_empty() {
            priority.set("normal".to_owned());
        }
        let filled_in = move || TaskForm {
            id: id.get(),
            title: title.get(),
            description: description.get(),
            blocked_by: blocked_by.get(),
            priority: priority.get(),
            tags: tags.get(),
            attempts: attempts.get(),
        };
        let ui = Page::here().ui;
        let remarks = found(move || {
            let form = filled_in();
            let (by, subjects) = ui.conn_now().signer();
            let size = |task: &NewTask| task.draft(&subjects, Some(&by), u64::MAX).wire_len();
            let live = ui.live_tasks();
            let max_payload = session::max_payload();
            let remarks = form.check(&Ground { board: live.board(), intent, max_payload, size: &size });
            Some(remarks.all().map(Remark::written).to_vec())
        });
        let is_tried = RwSignal::new(false);
        Self { id, title, description, blocked_by, priority, tags, attempts, is_tried, intent, remarks }
    }

    /// What stands in them.
    pub(super) fn form(self) -> TaskForm {
        TaskForm {
            id: self.id.get(),
            title: self.title.get(),
            description: self.description.get(),
            blocked_by: self.blocked_by.get(),
            priority: self.priority.get(),
            tags: self.tags.get(),
            attempts: self.attempts.get(),
        }
    }

    /// Whether something stands in them that would be lost.
    pub(super) fn is_filled(self) -> bool {
        [self.id, self.title, self.description, self.blocked_by]
            .iter()
            .any(|text| text.with(|text| !text.trim().is_empty()))
    }

    /// Other texts in them.
    pub(super) fn set(self, form: &TaskForm) {
        let texts = [
            (self.id, &form.id),
            (self.title, &form.title),
            (self.description, &form.description),
            (self.blocked_by, &form.blocked_by),
            (self.priority, &form.priority),
            (self.tags, &form.tags),
            (self.attempts, &form.attempts),
        ];
        for (signal, text) in texts {
            if signal.with_untracked(|shown| shown != text) {
                signal.set(text.clone());
            }
        }
    }

    /// The task that is to be published, if nothing stands against it; what does is said from now on.
    pub(super) fn task(self) -> Option<NewTask> {
        self.is_tried.set(true);
        let remarks = self.remarks.get_untracked().unwrap_or_default();
        let allowed = !remarks.iter().any(|remark| remark.starts_with('!'));
        untrack(|| self.form()).task().filter(|_| allowed)
    }

    /// As after opening: what is missing is not wrong yet.
    pub(super) fn again(self, form: &TaskForm) {
        self.is_tried.set(false);
        self.set(form);
    }

    /// The fields; `Task id` only for a task that is to be new.
    pub(super) fn show(self) -> El {
        let is_new = self.intent == Intent::Publish;
        let choices = PRIORITIES.into_iter().map(ToOwned::to_owned);
        let kept = self.priority.get_untracked();
        let odd = (!PRIORITIES.contains(&kept.as_str())).then_some(kept);
        let choices = choices.chain(odd).map(|word| el("option", "").attr("value", &word).text(&word));
        let priority = el("select", "").children(choices).field(self.priority);
        let attempts = line("3", self.attempts).attr("inputmode", "numeric");
        let row = el("div", "pair")
            .child(field("task-priority", "Priority", priority, None))
            .child(field("task-tags", "Tags", line("commas between", self.tags), None))
            .child(field(
                "task-attempts",
                "Attempts",
                attempts,
                Some(self.said(self.attempts, Place::Attempts)),
            ));
        let title = line("", self.title);
        let mut fields = el("div", "fields");
        if is_new {
            let id = line("", self.id).attr("autofocus", "");
            fields = fields.child(field("task-id", "Task id", id, Some(self.said(self.id, Place::Id))));
        }
        let title = if is_new { title } else { title.attr("autofocus", "") };
        let title_said: Said =
            Box::new(move || self.remark(Place::Title).filter(|_| !is_new || self.is_tried.get()));
        fields
            .child(field("task-title", "Title", title, Some(title_said)))
            .child(field(
                "task-description",
                "Description",
                el("textarea", "").attr("placeholder", "Markdown").field(self.description),
                Some(self.said(self.description, Place::Description)),
            ))
            .child(self.blockers())
            .child(row)
    }

    fn remark(self, of: Place) -> Option<Remark> {
        Remark::read(self.remarks.get()?.get(of as usize)?)
    }

    /// What is said about a field as soon as something stands in it.
    fn said(self, of: RwSignal<String>, place: Place) -> Said {
        Box::new(move || {
            let is_due = self.is_tried.get() || of.with(|text| !text.is_empty());
            self.remark(place).filter(|_| is_due)
        })
    }

    /// The field of the blockers, completed as one types (the combobox of the ARIA practices).
    fn blockers(self) -> El {
        let ui = Page::here().ui;
        let (list_id, text) = ("task-blockers", self.blocked_by);
        let is_open = RwSignal::new(false);
        // Which is chosen by the keys, from 1; 0 for none.
        let active = RwSignal::new(0_usize);
        let offered = found(move || {
            let own = is_open.get().then(|| self.id.get())?;
            let live = ui.live();
            let ids = completions(live.board(), &text.get(), &own, OFFERED);
            (!ids.is_empty()).then(|| ids.iter().map(ToString::to_string).collect())
        });
        let take = move |id: &str| {
            let before = text.with_untracked(|text| being_typed(text).0.to_owned());
            let gap = if before.is_empty() { "" } else { " " };
            text.set(format!("{before}{gap}{id}, "));
            is_open.set(false);
        };
        let keys = move |event: web_sys::Event| {
            let event: KeyboardEvent = event.unchecked_into();
            let offered = offered.get_untracked().unwrap_or_default();
            let count = offered.len();
            let at = active.get_untracked();
            match event.key().as_str() {
                "ArrowDown" if count > 0 => active.set(at % count + 1),
                "ArrowUp" if count > 0 => active.set(if at <= 1 { count } else { at - 1 }),
                "Enter" | "Tab" if at > 0 => {
                    if let Some(id) = offered.get(at - 1) {
                        take(id);
                    }
                }
                "Escape" if count > 0 => is_open.set(false),
                _ => return,
            }
            event.prevent_default();
        };
        let is_shown = move || offered.with(Option::is_some);
        let control = line("task ids, commas between", text)
            .attr("role", "combobox")
            .attr("aria-autocomplete", "list")
            .attr("aria-controls", list_id)
            .bind("aria-expanded", move || if is_shown() { "true" } else { "false" })
            .bind_some("aria-activedescendant", move || {
                let at = active.get();
                (at > 0 && is_shown()).then(|| format!("task-blocker-{at}"))
            })
            .on("input", move |_| {
                active.set(0);
                is_open.set(true);
            })
            .on("keydown", keys)
            .on("blur", move |_| is_open.set(false));
        let options = move || {
            offered.get().map(|shown| {
                let option = |(place, id): (usize, &String)| {
                    let (at, id) = (place + 1, id.clone());
                    let title = ui
                        .live()
                        .board()
                        .task(&id)
                        .map(|task| format!(" {}", task.definition.title))
                        .unwrap_or_default();
                    el("li", "")
                        .attr("role", "option")
                        .attr("id", &format!("task-blocker-{at}"))
                        .bind("aria-selected", move || if active.get() == at { "true" } else { "false" })
                        .child(el("span", "mono").text(&id))
                        .child(el("span", "soft").text(&title))
                        // Before the field loses the focus.
                        .on("pointerdown", move |event| {
                            event.prevent_default();
                            take(&id);
                        })
                };
                el("ul", "options")
                    .attr("role", "listbox")
                    .attr("id", list_id)
                    .attr("aria-label", "Tasks")
                    .children(shown.iter().enumerate().map(option))
            })
        };
        let said = self.said(text, Place::BlockedBy);
        field("task-blocked-by", "Blocked by", control, Some(said)).slot(options)
    }
}

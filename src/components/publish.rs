//! The form that publishes a task. It checks as one types, and stays until the stream has stored the task.

use super::{Page, click, dialog, submitted, typed};
use crate::form::{Remark, Remarks, TaskForm};
use crate::session;
use leptos::prelude::*;
use mjwork::draft;
use wasm_bindgen_futures::spawn_local;

/// The form in its dialog.
pub(crate) fn publish() -> AnyView {
    dialog(Page::here().ui.publishing, "Publish a task", form)
}

/// What is said about a field: an error, a warning, or nothing.
type Said = Box<dyn Fn() -> Option<Remark> + Send + Sync>;

fn form() -> AnyView {
    let ui = Page::here().ui;
    let text = || RwSignal::new(String::new());
    let [id, title, description, blocked_by, tags] = std::array::from_fn(|_| text());
    let priority = RwSignal::new("normal".to_owned());
    // An empty form is not wrong yet.
    let is_tried = RwSignal::new(false);
    let is_pending = RwSignal::new(false);
    let failure = text();
    let filled_in = move || TaskForm {
        id: id.get(),
        title: title.get(),
        description: description.get(),
        blocked_by: blocked_by.get(),
        priority: priority.get(),
        tags: tags.get(),
    };
    let remarks = move || {
        let form = filled_in();
        let live = ui.live_tasks();
        form.check(|id| live.board().task(id).is_some())
    };
    let send = move || {
        is_tried.set(true);
        if !untrack(remarks).allow() || is_pending.get_untracked() {
            return;
        }
        let (by, subjects) = ui.conn_now().signer();
        let form = untrack(filled_in);
        let body = form.body(&by);
        let sending = session::send(ui, "Publish", &body.task_id, draft::available(&subjects, &body));
        is_pending.set(true);
        failure.set(String::new());
        spawn_local(async move {
            let stored = sending.await;
            // A form that was closed meanwhile has nothing to say, and one that was opened since is another.
            if is_pending.try_set(false).is_some() {
                return;
            }
            match stored {
                // Stored is enough: the verdict shows outside.
                Ok(()) => ui.publishing.set(false),
                Err(why) => failure.set(why),
            }
        });
    };
    let said = move |always: bool, of: RwSignal<String>, remark: fn(Remarks) -> Option<Remark>| -> Said {
        Box::new(move || {
            let is_due = is_tried.get() || (always && of.with(|text| !text.is_empty()));
            remark(remarks()).filter(|_| is_due)
        })
    };
    let choices = ["critical", "high", "normal", "low"].map(|word| {
        view! {
            <option value=word selected=word == "normal">
                {word}
            </option>
        }
        .into_any()
    });
    let choice = view! {
        <select id="task-priority" on:change=typed(move |word| priority.set(word))>
            {choices.into_iter().collect::<Vec<_>>()}
        </select>
    }
    .into_any();
    let text = view! {
        <textarea
            id="task-description"
            prop:value=move || description.get()
            on:input=typed(move |text| description.set(text))
        ></textarea>
    }
    .into_any();
    view! {
        <form class="form" on:submit=submitted(send)>
            <h2>"Publish a task"</h2>
            {line("task-id", "Task id", "", id, Some(said(true, id, |r| r.id)))}
            {line("task-title", "Title", "", title, Some(said(false, title, |r| r.title)))}
            {field("task-description", "Description", text)}
            {line(
                "task-blocked-by",
                "Blocked by",
                "task ids, commas between",
                blocked_by,
                Some(said(true, blocked_by, |r| r.blocked_by)),
            )}
            <div class="pair">
                {field("task-priority", "Priority", choice)}
                {line("task-tags", "Tags", "commas between", tags, None)}
            </div>
            <p role="alert" class="problem">
                {move || failure.get()}
            </p>
            <div class="buttons">
                <button type="button" on:click=click(move || ui.publishing.set(false))>
                    "Close"
                </button>
                <button type="submit" class="primary" disabled=move || is_pending.get()>
                    "Publish"
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn field(id: &'static str, label: &'static str, control: AnyView) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
        </div>
    }
    .into_any()
}

/// A field of one line, with what is to be said about it.
fn line(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    value: RwSignal<String>,
    said: Option<Said>,
) -> AnyView {
    // 0 for nothing to say, 1 for a warning, 2 for an error.
    let remark = Memo::new(move |_| match said.as_ref().and_then(|said| said()) {
        None => (0_usize, String::new()),
        Some(Remark::Warning(text)) => (1, text),
        Some(Remark::Error(text)) => (2, text),
    });
    let control = view! {
        <input
            id=id
            autofocus=id == "task-id"
            autocomplete="off"
            spellcheck="false"
            placeholder=hint
            aria-describedby=format!("{id}-remark")
            aria-invalid=move || if remark.with(|r| r.0 == 2) { "true" } else { "false" }
            prop:value=move || value.get()
            on:input=typed(move |text| value.set(text))
        />
        <span
            class="remark"
            id=format!("{id}-remark")
            class:red=move || remark.with(|r| r.0 == 2)
            class:amber=move || remark.with(|r| r.0 == 1)
        >
            {move || remark.with(|r| r.1.clone())}
        </span>
    }
    .into_any();
    field(id, label, control)
}

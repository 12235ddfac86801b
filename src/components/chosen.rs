//! What may be done to the chosen tasks, and the question before it is done.

use super::{Page, button, dialog};
use crate::act::tasks;
use crate::bulk::{Plan, Verb};
use crate::dom::{El, el, value};
use crate::operate;
use crate::reactive::{Memo, RwSignal, untrack};
use crate::state::Ui;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The priority that is offered first.
const FIRST_PRIORITY: &str = "high";
const PRIORITIES: [&str; 4] = ["critical", "high", "normal", "low"];

/// The bar over the board while tasks are chosen.
pub(crate) fn chosen() -> El {
    let page = Page::here();
    let ui = page.ui;
    let number = Memo::new(move || ui.selection().len());
    let rights = Memo::new(move || {
        let connected = ui.conn();
        usize::from(connected.rights.publish) + 2 * usize::from(connected.rights.cancel)
    });
    let all = move || format!("Select all {}{}", tasks(ui.shown_total()), matching(ui));
    let select_all = button("", "", move || ui.choose_all())
        .toggle("gone", move || number.get() >= ui.shown_total())
        .says(all);
    let acts = move || {
        let rights = rights.get();
        Some(untrack(|| {
            let may = |right: usize| rights & right != 0;
            let acts = [
                may(1).then(|| act(ui, number, Verb::Requeue, "Requeue selected")),
                may(2).then(|| act(ui, number, Verb::Cancel, "Cancel selected")),
                may(1).then(|| act(ui, number, Verb::Prioritize(FIRST_PRIORITY), "Change priority")),
            ];
            el("span", "acts").children(acts.into_iter().flatten())
        }))
    };
    el("section", "selection")
        .attr("aria-label", "Selection")
        .toggle("gone", move || number.get() == 0)
        .bind("data-selected", move || number.get().to_string())
        .child(
            el("strong", "").attr("role", "status").says(move || format!("{} selected", tasks(number.get()))),
        )
        .child(select_all)
        .slot(acts)
        .child(button("plain", "Clear selection", move || ui.choose(&mut |selection| selection.clear())))
}

/// ` matching`, while something is searched for.
fn matching(ui: Ui) -> &'static str {
    let view = ui.view();
    if view.as_ref().is_some_and(|view| !view.search().is_empty()) { " matching" } else { "" }
}

/// A button that asks before it does something to all that are chosen; disabled where that can be done to none.
fn act(ui: Ui, number: Memo<usize>, verb: Verb, label: &'static str) -> El {
    // Looked at again with each choice and each second, not with each change of a board of 100,000 tasks.
    let why_not = Memo::new(move || {
        let _ = (number.get(), ui.now().ms / 1_000);
        let hindrance = ui.conn().why_not_now().map(ToOwned::to_owned);
        hindrance.or_else(|| {
            let (selection, live) = (ui.selection_now(), ui.live());
            let of = |id: &mjwork::TaskId| live.board().task(id.as_str()).map(|task| verb.why_not(task));
            // One that is ready is enough.
            let first =
                selection.iter().filter_map(of).try_fold(None, |first, why| Some(first.or(Some(why?))));
            // What differs from task to task is asked in the dialog.
            let is_priority =
                matches!(verb, Verb::Prioritize(_)) && first.flatten() == Some("It has that priority.");
            first.flatten().filter(|_| !is_priority).map(|why| format!("None can: {why}"))
        })
    });
    button("", label, move || ui.confirming.set(Some(verb)))
        .disabled(move || why_not.with(Option::is_some))
        .bind("title", move || why_not.get().unwrap_or_else(|| label.to_owned()))
        .bind_some("aria-description", move || why_not.get())
}

/// The question before something is done to many tasks.
pub(crate) fn confirm() -> El {
    let ui = Page::here().ui;
    let close = move || ui.confirming.set(None);
    let opening = super::Opening::new(move || ui.confirming.with(Option::is_some), close);
    dialog(opening, "Confirm", || question(Page::here().ui))
}

fn question(ui: Ui) -> El {
    let Some(asked) = ui.confirming.get_untracked() else { return el("div", "") };
    let verb = RwSignal::new(asked);
    let plan = {
        let plan = Memo::new(move || {
            let (verb, selection, live) = (verb.get(), ui.selection(), ui.live());
            Plan::of(verb, live.board(), selection.iter())
        });
        Rc::new(move || plan.get())
    };
    let what = {
        let plan = plan.clone();
        move || format!("{} {}", verb.get().title(), tasks(plan().ready.len()))
    };
    let hindered = {
        let plan = plan.clone();
        move || plan().hindered.iter().map(|(why, number)| format!("{}: {why}", tasks(*number))).collect()
    };
    let unseen = {
        let plan = plan.clone();
        move || {
            let view = ui.view_now();
            let hidden = view
                .as_ref()
                .map_or(0, |view| plan().ready.iter().filter(|(id, _)| !view.has(id.as_str())).count());
            if hidden > 0 {
                format!("{} of them do not match the search.", tasks(hidden))
            } else {
                String::new()
            }
        }
    };
    let run = {
        let plan = plan.clone();
        move || {
            let ready = untrack(|| plan()).ready;
            ui.confirming.set(None);
            if !ready.is_empty() {
                operate::act_on_many(ui, verb.get_untracked(), ready);
            }
        }
    };
    let priority = matches!(asked, Verb::Prioritize(_)).then(|| {
        let choices = PRIORITIES.map(|word| el("option", "").attr("value", word).text(word));
        let chosen = move |event: web_sys::Event| {
            let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let word = element.map(|element| value(&element)).unwrap_or_default();
            if let Some(word) = PRIORITIES.into_iter().find(|other| *other == word) {
                verb.set(Verb::Prioritize(word));
            }
        };
        let choice = el("select", "").attr("id", "new-priority").children(choices).on("change", chosen);
        let choice = choice.holds(move || match verb.get() {
            Verb::Prioritize(word) => word,
            _ => "",
        });
        el("div", "field")
            .child(el("label", "").attr("for", "new-priority").text("New priority"))
            .child(choice)
    });
    let go = button("primary", "", run).disabled(move || plan().ready.is_empty()).says(what.clone());
    el("div", "form")
        .child(el("h2", "").says(move || format!("{}?", what())))
        .children(priority)
        .child(el("ul", "hindered soft").rows(hindered, |line| el("li", "").text(line)))
        .child(el("p", "amber").says(unseen))
        .child(el("p", "soft").text("It is held back for 5 s, in which it can be undone."))
        .child(
            el("div", "buttons")
                .child(button("", "Keep as they are", move || ui.confirming.set(None)).attr("autofocus", ""))
                .child(go),
        )
}

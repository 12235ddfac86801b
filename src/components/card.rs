//! A task's card: title, id, priority, labels, owner and how it lives, what it waits for, how far it is.
//! Patched in place; the whole card opens the task, and its values filter the board by themselves.

use super::{Page, ago, focus, pulse};
use crate::dom::{El, el};
use crate::reactive::{RwSignal, on_cleanup, untrack};
use crate::search::Key;
use crate::state::Standing;
use mjwork::TaskId;
use mjwork::board::{Liveness, Status};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, MouseEvent};

/// Whether a process lives, by glyph and word.
pub(crate) fn liveness_word(of: impl Fn() -> Option<Liveness> + Copy + 'static) -> El {
    let word = move || of().map_or("", Liveness::as_str);
    let mark = el("span", "").attr("aria-hidden", "true").says(move || of().map_or("", pulse));
    el("span", "liveness")
        .toggle("gone", move || of().is_none())
        .bind("data-word", word)
        .child(mark)
        .says(word)
}

/// The card of one task, in a column or in a lane's part of one.
pub(super) fn task_card(key: &str, standing: &Rc<Standing>) -> El {
    let page = Page::here();
    let ui = page.ui;
    let article = el("article", "card");
    let Some((id, row)) = TaskId::new(key).ok().and_then(|id| ui.card(&id).map(|row| (id, row))) else {
        return article;
    };
    let card = RwSignal::from(row);
    let (name, chosen) = (key.to_owned(), key.to_owned());
    let pick = pick(&id, standing);
    on_cleanup(move || ui.cards.drop_node(&id));
    focus::hand_on_when_gone(&article);
    let title = move || card.with(|c| c.title.clone());
    let note = move || card.with(|c| c.note.clone());
    let owner = move || card.with(|c| c.owner.as_ref().map(ToString::to_string).unwrap_or_default());
    let priority = move || card.with(|c| c.priority.clone().unwrap_or_default());
    let percent = move || card.with(|c| c.percent.map(|p| format!("{p} %")).unwrap_or_default());
    let attempts =
        move || card.with(|c| if c.attempts > 1 { format!("×{}", c.attempts) } else { String::new() });
    let tags = move || card.with(|c| c.tags.clone());
    let is_bad = move || card.with(|c| c.is_stuck || c.status == Status::Failed);
    let link = page.task_link("title cut", key).attr("tabindex", "-1").bind("title", title).says(title);
    let urgency = value(Key::Priority, priority)
        .bind("data-rank", move || card.with(|c| c.rank.to_string()))
        .toggle("priority", || true);
    let first = el("div", "line").child(pick).child(link).child(urgency);
    let second = el("div", "line small").child(el("span", "mono cut").attr("title", key).text(key)).child(
        el("span", "line cut").rows(tags, |tag| {
            let name = tag.to_owned();
            value(Key::Tag, move || name.clone()).toggle("tag", || true)
        }),
    );
    let third = el("div", "line small")
        .child(value(Key::Owner, owner).toggle("cut", || true))
        .child(liveness_word(move || card.with(|c| c.liveness)))
        .child(el("span", "cut spread").toggle("red", is_bad).bind("title", note).says(note))
        .child(el("span", "amber").says(move || card.with(|c| if c.late > 0 { "late result" } else { "" })))
        .child(el("span", "").attr("title", "Attempts").says(attempts))
        .child(el("span", "blue").says(percent))
        .child(ago(move || Some(card.with(|c| c.since))));
    let share = el("span", "").style("width", move || format!("{}%", card.with(|c| c.percent.unwrap_or(0))));
    let meter = el("div", "meter thin blue").toggle("gone", move || card.with(|c| c.percent.is_none()));
    article
        .attr("role", "listitem")
        .attr("data-task-id", key)
        .bind("data-status", move || card.with(|c| c.status.as_str()))
        .bind("data-owner", owner)
        .toggle("open", move || page.address.with(|a| a.task.as_ref() == Some(&name)))
        .toggle("chosen", move || ui.selection().has(&chosen))
        .child(first)
        .child(second)
        .child(third)
        .child(meter.child(share))
}

/// The box that chooses a task; with Shift all from the one before.
fn pick(id: &TaskId, standing: &Rc<Standing>) -> El {
    let ui = Page::here().ui;
    let (task, standing, name) = (id.clone(), standing.clone(), id.to_string());
    let pressed = move |event: web_sys::Event| {
        let with_shift = event.dyn_ref::<MouseEvent>().is_some_and(MouseEvent::shift_key);
        choose(ui, &task, with_shift.then_some(&*standing));
        // The browser has toggled it already, which a range may not have meant.
        if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
            input.set_checked(ui.selection_now().has(task.as_str()));
        }
    };
    el("input", "pick")
        .attr("type", "checkbox")
        .attr("tabindex", "-1")
        .attr("aria-label", &format!("Select {id}"))
        .ticked(move || ui.selection().has(&name))
        .on("click", pressed)
}

/// Chooses a task or gives it back; in an order all from the one before.
pub(super) fn choose(ui: crate::state::Ui, task: &TaskId, order: Option<&Standing>) {
    ui.choose(&mut |selection| match order {
        Some(order) => selection.extend(task, order),
        None => selection.toggle(task),
    });
}

/// A value of a task that filters the board when it is clicked. By keyboard the search completes it.
fn value(key: Key, of: impl Fn() -> String + Clone + 'static) -> El {
    let page = Page::here();
    let (said, named) = (of.clone(), of.clone());
    el("button", "value")
        .attr("type", "button")
        .attr("tabindex", "-1")
        .toggle("gone", {
            let of = of.clone();
            move || of().is_empty()
        })
        .bind("title", move || format!("Filter by {}:{}", key.as_str(), named()))
        .says(said)
        .click(move || page.filter_by(key, &untrack(&of)))
}

/// A label.
pub(super) fn tag(text: &str) -> El {
    el("span", "tag").text(text)
}

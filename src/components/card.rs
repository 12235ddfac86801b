//! A task's card: title, id, priority, labels, owner and how it lives, what it waits for, how far it is.
//! Patched in place; the whole card opens the task.

use super::{Page, ago, pulse};
use crate::dom::{El, el};
use leptos::prelude::*;
use mjwork::TaskId;
use mjwork::board::{Liveness, Status};

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

/// The card of one task.
pub(crate) fn task_card(key: &str) -> El {
    let page = Page::here();
    let ui = page.ui;
    let article = el("article", "card");
    let Some((id, row)) = TaskId::new(key).ok().and_then(|id| ui.card(&id).map(|row| (id, row))) else {
        return article;
    };
    let card = RwSignal::from(row);
    let name = key.to_owned();
    on_cleanup(move || ui.cards.drop_node(&id));
    let title = move || card.with(|c| c.title.clone());
    let note = move || card.with(|c| c.note.clone());
    let owner = move || card.with(|c| c.owner.as_ref().map(ToString::to_string).unwrap_or_default());
    let percent = move || card.with(|c| c.percent.map(|p| format!("{p} %")).unwrap_or_default());
    let attempts =
        move || card.with(|c| if c.attempts > 1 { format!("×{}", c.attempts) } else { String::new() });
    let tags = move || card.with(|c| c.tags.clone());
    let is_bad = move || card.with(|c| c.is_stuck || c.status == Status::Failed);
    let first =
        el("div", "line").child(page.task_link("title cut", key).bind("title", title).says(title)).child(
            el("span", "priority")
                .bind("data-rank", move || card.with(|c| c.rank.to_string()))
                .says(move || card.with(|c| c.priority.clone().unwrap_or_default())),
        );
    let second = el("div", "line small")
        .child(el("span", "mono cut").attr("title", key).text(key))
        .child(el("span", "line cut").rows(tags, tag));
    let third = el("div", "line small")
        .child(el("span", "cut").says(owner))
        .child(liveness_word(move || card.with(|c| c.liveness)))
        .child(el("span", "cut spread").toggle("red", is_bad).bind("title", note).says(note))
        .child(el("span", "amber").says(move || card.with(|c| if c.late > 0 { "late result" } else { "" })))
        .child(el("span", "").attr("title", "Attempts").says(attempts))
        .child(el("span", "blue").says(percent))
        .child(ago(move || Some(card.with(|c| c.since))));
    let share = el("span", "").style("width", move || card.with(|c| format!("{}%", c.percent.unwrap_or(0))));
    let meter = el("div", "meter thin blue").toggle("gone", move || card.with(|c| c.percent.is_none()));
    article
        .attr("role", "listitem")
        .attr("data-task-id", key)
        .bind("data-status", move || card.with(|c| c.status.as_str()))
        .bind("data-owner", owner)
        .toggle("open", move || page.address.with(|a| a.task.as_ref() == Some(&name)))
        .child(first)
        .child(second)
        .child(third)
        .child(meter.child(share))
}

/// A label.
pub(super) fn tag(text: &str) -> El {
    el("span", "tag").text(text)
}

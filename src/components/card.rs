//! A task's card: title, id, priority, labels, owner and how it lives, what it waits for, how far it is.
//! Patched in place; the whole card opens the task.

use super::{Page, ago, nothing, pulse};
use leptos::prelude::*;
use mjwork::TaskId;
use mjwork::board::{Liveness, Status};

/// Whether a process lives, by glyph and word.
pub(crate) fn liveness_word(of: impl Fn() -> Option<Liveness> + Copy + Send + Sync + 'static) -> AnyView {
    let word = move || of().map_or("", Liveness::as_str);
    view! {
        <span class="liveness" data-word=word>
            <span aria-hidden="true">{move || of().map_or("", pulse)}</span>
            {word}
        </span>
    }
    .into_any()
}

/// The card of one task.
pub(crate) fn task_card(key: &str) -> AnyView {
    let page = Page::here();
    let ui = page.ui;
    let Some((id, row)) = TaskId::new(key).ok().and_then(|id| ui.card(&id).map(|row| (id, row))) else {
        return nothing();
    };
    let card = RwSignal::from(row);
    let name = StoredValue::new(key.to_owned());
    on_cleanup(move || ui.cards.drop_node(&id));
    let title = move || card.with(|c| c.title.clone());
    let note = move || card.with(|c| c.note.clone());
    let owner = move || card.with(|c| c.owner.as_ref().map(ToString::to_string).unwrap_or_default());
    let percent = move || card.with(|c| c.percent.map(|p| format!("{p} %")).unwrap_or_default());
    let attempts =
        move || card.with(|c| if c.attempts > 1 { format!("×{}", c.attempts) } else { String::new() });
    view! {
        <article
            class="card"
            class:open=move || page.address.with(|a| name.with_value(|id| a.task.as_ref() == Some(id)))
            role="listitem"
            data-task-id=key.to_owned()
            data-status=move || card.with(|c| c.status.as_str())
            data-owner=move || owner()
        >
            <div class="line">
                <a class="title cut" href=move || name.with_value(|id| page.task_href(id)) title=move || title()>
                    {move || title()}
                </a>
                <span class="priority" data-rank=move || card.with(|c| c.rank.to_string())>
                    {move || card.with(|c| c.priority.clone().unwrap_or_default())}
                </span>
            </div>
            <div class="line small">
                <span class="mono cut" title=key.to_owned()>{key.to_owned()}</span>
                {move || card.with(|c| tags(&c.tags))}
            </div>
            <div class="line small">
                <span class="cut">{move || owner()}</span>
                {liveness_word(move || card.with(|c| c.liveness))}
                <span
                    class="cut spread"
                    class:red=move || card.with(|c| c.is_stuck || c.status == Status::Failed)
                    title=move || note()
                >
                    {move || note()}
                </span>
                <span class="amber">{move || card.with(|c| if c.late > 0 { "late result" } else { "" })}</span>
                <span title="Attempts">{move || attempts()}</span>
                <span class="blue">{move || percent()}</span>
                {ago(move || Some(card.with(|c| c.since)))}
            </div>
            <div class="meter thin blue" class:gone=move || card.with(|c| c.percent.is_none())>
                <span style:width=move || card.with(|c| format!("{}%", c.percent.unwrap_or(0)))></span>
            </div>
        </article>
    }
    .into_any()
}

/// Labels.
pub(super) fn tags<T: ToString>(tags: &[T]) -> AnyView {
    let tag = |tag: &T| view! { <span class="tag">{tag.to_string()}</span> }.into_any();
    tags.iter().map(tag).collect::<Vec<_>>().into_any()
}

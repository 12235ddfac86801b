//! A column of the board: the tasks of one state, counted by the fold, windowed.

use super::card::task_card;
use super::{List, Page, click, found, glyph, title, tone, windowed};
use crate::format::count;
use crate::search::Search;
use leptos::prelude::*;
use mjwork::board::Status;
use std::sync::Arc;

/// The tasks of one state.
pub(crate) fn column(status: Status) -> AnyView {
    let Page { ui, address } = Page::here();
    let is_folded = RwSignal::new(status == Status::Cancelled);
    let counted = move || ui.totals().counts.of(status);
    // While somebody searches the column is what matches; else nothing is copied but what is in sight.
    let found = found(move || {
        let search = address.with(|a| Search::new(&a.search));
        (!search.is_empty()).then(|| {
            let live = ui.live_order(status);
            let tasks = live.orders().iter(status).filter_map(|id| live.board().task(id.as_str()));
            tasks.filter(|task| search.matches(task)).map(|task| task.id.to_string()).collect()
        })
    });
    let said = move || match found.get() {
        Some(found) => format!("{} of {}", count(found.len()), count(counted())),
        None => count(counted()),
    };
    let label = move || format!("{}, {}", title(status), said());
    let head = move || {
        view! {
            <span class=tone(status) aria-hidden="true">
                {glyph(status)}
            </span>
            " "
            {title(status)}
            " "
            <span class="badge">{move || said()}</span>
        }
        .into_any()
    };
    let list = move || List {
        total: Box::new(move || match found.get() {
            Some(found) => found.len(),
            None => ui.live_order(status).orders().len(status),
        }),
        keys: Arc::new(move |range| match found.get() {
            Some(found) => found[range.start.min(found.len())..range.end.min(found.len())].to_vec(),
            None => {
                ui.live_order(status).orders().slice(status, range).iter().map(ToString::to_string).collect()
            }
        }),
        place: Box::new(move |id| match found.get_untracked() {
            Some(found) => found.iter().position(|other| other == id),
            None => {
                let live = ui.live();
                let id = &live.board().task(id)?.id;
                live.orders().position(status, id)
            }
        }),
        row: Arc::new(task_card),
        step: "--card-step",
        class: "cards",
        label: Box::new(label),
    };
    let content = move || {
        if is_folded.get() {
            return view! {
                <button class="plain" aria-expanded="false" on:click=click(move || is_folded.set(false))>
                    {head()}
                </button>
            }
            .into_any();
        }
        let fold = (status == Status::Cancelled).then(|| {
            view! {
                <button
                    class="plain icon"
                    aria-expanded="true"
                    aria-label="Fold Cancelled"
                    title="Fold"
                    on:click=click(move || is_folded.set(true))
                >
                    "›"
                </button>
            }
            .into_any()
        });
        view! {
            <header>
                <h2>{head()}</h2>
                {fold}
            </header>
            {windowed(list())}
        }
        .into_any()
    };
    view! {
        <section
            class="column"
            class:folded=move || is_folded.get()
            aria-label=move || label()
            data-column=status.as_str()
            data-count=move || counted().to_string()
        >
            {move || content()}
        </section>
    }
    .into_any()
}

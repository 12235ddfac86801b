//! The page as a whole, and its screens.

mod agents;
mod board;
mod connect;
mod errors;
mod messages;

use crate::address::{Address, Screen};
use crate::browser::document;
use crate::components::{
    Page, click, clock, dialog, header, help, listen_for_keys, nothing, notices, publish, summary,
    task_panel, toasts,
};
use crate::format::count;
use crate::link::Phase;
use crate::state::{State, Ui};
use crate::{frame, session};
use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;
use mjwork::Timestamp;
use wasm_bindgen::JsCast;

/// Shows the page in `#app`, and connects.
pub(crate) fn mount() {
    let Some(app) = document().get_element_by_id("app").and_then(|e| e.dyn_into().ok()) else {
        panic!("the page has no element #app");
    };
    mount_to(app, || {
        let ui = State::open();
        session::start(ui);
        frame::start(ui);
        // Everything stands in the query, so no path is ever matched, and any host and any folder will do.
        view! {
            <Router>
                <Shell ui=ui />
            </Router>
        }
    })
    .forget();
}

#[component]
fn Shell(ui: Ui) -> impl IntoView {
    let location = use_location();
    let address = Memo::new(move |_| location.search.with(|search| Address::parse(search)));
    provide_context(Page { ui, address });
    listen_for_keys();
    let is_closed = Memo::new(move |_| matches!(ui.conn().link.phase, Phase::Closed { .. }));
    let task =
        Memo::new(move |_| address.with(|a| a.task.clone()).filter(|_| !is_closed.get()).unwrap_or_default());
    let screen = Memo::new(move |_| if is_closed.get() { None } else { Some(address.with(|a| a.screen)) });
    let shown = move || match screen.get() {
        None => {
            view! { <div class="center"><div class="sheet">{connect::form("Connect")}</div></div> }.into_any()
        }
        Some(Screen::Board) => board::board(),
        Some(Screen::Agents) => agents::agents(),
        Some(Screen::Errors) => errors::errors(),
        Some(Screen::Messages) => messages::messages(),
    };
    let panel = move || match task.get() {
        id if id.is_empty() => nothing(),
        id => task_panel(id),
    };
    view! {
        <div
            class="app"
            data-board=""
            data-connection=move || ui.conn().link.hook()
            data-synced=move || ui.conn().link.synced.then_some("true")
            data-stale=move || ui.conn().link.is_stale().then_some("true")
            data-access=move || if ui.conn().rights.publish { "operator" } else { "viewer" }
            data-seq=move || ui.totals().seq.to_string()
        >
            {header()}
            {notices()}
            {summary()}
            <div class="main" class:with-panel=move || task.with(|id| !id.is_empty())>
                <main class="screen" aria-label=move || address.with(|a| a.screen.title())>
                    {move || shown()}
                </main>
                {move || panel()}
            </div>
            {publish()}
            {dialog(ui.signing_in, "Sign in", || connect::form("Sign in"))}
            {help()}
            {toasts()}
        </div>
    }
}

/// A screen that is a table: what is said of it, something above, the names of its columns, its rows.
fn table(
    class: &'static str,
    name: &'static str,
    said: impl Fn() -> String + Send + Sync + 'static,
    above: AnyView,
    columns: &[&'static str],
    rows: AnyView,
) -> AnyView {
    let column = |name: &&'static str| view! { <span>{*name}</span> }.into_any();
    view! {
        <div class="page">
            <div class="page-head">
                <h2>{name}</h2>
                <span class="soft">{move || said()}</span>
            </div>
            <div>{above}</div>
            <div class=format!("table {class}")>
                <div class="list-head" aria-hidden="true">
                    {columns.iter().map(column).collect::<Vec<_>>()}
                </div>
                {rows}
            </div>
        </div>
    }
    .into_any()
}

/// A row of such a table that stands for a message; a click shows it whole, another hides it.
fn line(seq: u64, time: Timestamp, open: RwSignal<u64>, cells: AnyView) -> AnyView {
    let toggle = move || open.set(if open.get_untracked() == seq { 0 } else { seq });
    view! {
        <div class="row" role="listitem" data-message-seq=seq.to_string() on:click=click(toggle)>
            <span class="mono">{count(seq)}</span>
            {clock(time)}
            {cells}
        </div>
    }
    .into_any()
}

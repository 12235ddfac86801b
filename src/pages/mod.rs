//! The page as a whole, and its screens.

mod agents;
mod board;
mod connect;
mod errors;
mod history;
mod messages;
mod table;

use crate::address::{Address, Screen};
use crate::browser::document;
use crate::components::{
    Page, charts, confirm, connection_details, dialog, header, help, listen_for_keys, moment, notices,
    palette, publish, summary, task_panel, toasts,
};
use crate::dom::{El, effect, el};
use crate::link::Phase;
use crate::reactive::{Memo, Owner, untrack};
use crate::state::{State, Ui};
use crate::{door, frame, operate, route, session};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// So long the connection has the page's thread to itself, in ms: time for the few round trips after which the server
/// has enough to do while the page is built.
const HEAD_START_MS: u32 = 20;

/// Connects, and shows the page in `#app`.
pub(crate) fn mount() {
    let Some(app) = document().get_element_by_id("app").and_then(|e| e.dyn_into::<HtmlElement>().ok()) else {
        panic!("the page has no element #app");
    };
    let owner = Owner::default();
    let ui = owner.with(State::open);
    session::start(ui);
    Timeout::new(HEAD_START_MS, move || {
        let parent = app.clone();
        let show = move || {
            frame::start(ui);
            door::watch_sleep(ui);
            let query = route::follow();
            let address = Memo::new(move || query.with(|query| Address::parse(query)));
            Page { ui, address, query }.provide();
            listen_for_keys();
            operate::warn_before_leaving(ui);
            let shown = Memo::new(move || address.with(|address| (address.search.clone(), address.group)));
            effect(Box::new(move || shown.with(|(search, group)| ui.look_for(search, *group))));
            // What index.html shows until now has the same place.
            parent.set_text_content(None);
            let _ = parent.append_child(page(ui, address).node());
        };
        owner.with(|| leptos::mount::mount_to(app, show).forget());
        // There is one page, and it lives as long as the tab: nothing of it is ever given back.
        std::mem::forget(owner);
    })
    .forget();
}

fn page(ui: Ui, address: Memo<Address>) -> El {
    let is_closed = Memo::new(move || matches!(ui.conn().link.phase, Phase::Closed { .. }));
    let task =
        Memo::new(move || address.with(|a| a.task.clone()).filter(|_| !is_closed.get()).unwrap_or_default());
    // The place of the screen among all, or one behind for the form to connect.
    let screen = Memo::new(move || {
        let screen = address.with(|a| a.screen);
        if is_closed.get() { Screen::ALL.len() } else { screen as usize }
    });
    let shown = move || {
        let screen = Screen::ALL.get(screen.get()).copied();
        Some(untrack(|| match screen {
            None => el("div", "center").child(el("div", "sheet").child(connect::form("Connect"))),
            Some(Screen::Board) => board::board(),
            Some(Screen::Agents) => agents::agents(),
            Some(Screen::Errors) => errors::errors(),
            Some(Screen::Messages) => messages::messages(),
        }))
    };
    let panel = move || {
        let id = task.get();
        (!id.is_empty()).then(|| untrack(|| task_panel(&id)))
    };
    let main = el("div", "main")
        .toggle("with-panel", move || task.with(|id| !id.is_empty()))
        .child(
            el("main", "screen").bind("aria-label", move || address.with(|a| a.screen.title())).slot(shown),
        )
        .slot(panel);
    el("div", "app")
        .attr("data-board", "")
        .bind("data-connection", move || ui.conn().link.hook())
        .bind_some("data-synced", move || ui.conn().link.synced.then_some("true"))
        .bind_some("data-stale", move || ui.conn().is_old().then_some("true"))
        .bind_some("data-past", move || ui.conn().past.is_some().then_some("true"))
        .bind_some("data-reading", move || ui.conn().is_reading().then_some("true"))
        .bind("data-access", move || if ui.conn().rights.publish { "operator" } else { "viewer" })
        .bind("data-seq", move || ui.totals().seq.to_string())
        .child(header())
        .child(notices())
        .child(el("div", "over").child(summary()).child(moment()).child(charts()))
        .child(main)
        .child(publish())
        .child(dialog(ui.signing_in, "Sign in", || connect::form("Sign in")))
        .child(confirm())
        .child(palette())
        .child(connection_details())
        .child(help())
        .child(toasts())
}

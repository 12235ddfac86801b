//! What always stands at the top: where one is, the state of the connection, who one is and what one may do.

use super::{Page, button, connection, icon, who};
use crate::address::Screen;
use crate::dom::{El, el};
use crate::format::count;
use crate::looks;
use leptos::prelude::*;

/// The header.
pub(crate) fn header() -> El {
    let ui = Page::here().ui;
    let may_publish = Memo::new(move |_| ui.conn().rights.publish);
    let publish = move || {
        may_publish.get().then(|| {
            button("primary", "Publish task", move || ui.publishing.set(true))
                .disabled(move || !ui.conn().is_up())
        })
    };
    let tools = el("div", "tools")
        .child(search())
        .slot(publish)
        .child(looks::density(ui))
        .child(looks::theme())
        .child(icon("?", "Keys", move || ui.helping.set(true)));
    let nav = el("nav", "nav").attr("aria-label", "Screens").children(Screen::ALL.map(screen_link));
    el("header", "header")
        .child(el("h1", "brand").text("mjwork"))
        .child(nav)
        .child(el("span", "spread"))
        .child(connection())
        .child(who())
        .child(tools)
}

fn screen_link(screen: Screen) -> El {
    let Page { ui, address, .. } = Page::here();
    let number = move || {
        let totals = ui.totals();
        match screen {
            Screen::Board => totals.counts.total(),
            Screen::Agents => totals.agents,
            Screen::Errors => totals.problems + totals.unreadable,
            Screen::Messages => totals.messages,
        }
    };
    let is_alarm = move || match screen {
        Screen::Agents => !ui.orphans().is_empty(),
        Screen::Errors => number() > 0,
        Screen::Board | Screen::Messages => false,
    };
    el("a", "")
        .bind("href", move || address.with(|a| a.on(screen).href()))
        .bind_some("aria-current", move || address.with(|a| a.screen == screen).then_some("page"))
        .text(screen.title())
        .child(el("span", "badge").toggle("red", is_alarm).says(move || count(number())))
}

/// Search over id, title and labels. It stands in the address, so that a link opens the same view.
fn search() -> El {
    let Page { address, .. } = Page::here();
    let go = Page::navigator();
    let text = RwSignal::new(String::new());
    // The address leads: Back changes the field, and the field changes the address.
    crate::dom::effect(Box::new(move || {
        let said = address.with(|a| a.search.clone());
        if text.with_untracked(|text| *text != said) {
            text.set(said);
        }
    }));
    el("input", "search")
        .attr("type", "search")
        .attr("placeholder", "Search  /")
        .attr("aria-label", "Search id, title and tags")
        .field(text)
        .on("input", move |_| {
            let mut to = address.get_untracked();
            to.search = text.get_untracked();
            go(&to, true);
        })
}

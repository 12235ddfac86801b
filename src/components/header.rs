//! What always stands at the top: where one is, the state of the connection, who one is and what one may do.

use super::search_box::search_box;
use super::{Page, button, connection, icon, who};
use crate::address::{Publishing, Screen};
use crate::dom::{El, el};
use crate::format::count;
use crate::looks;
use crate::reactive::Memo;

/// The header.
pub(crate) fn header() -> El {
    let page = Page::here();
    let ui = page.ui;
    let may_publish = Memo::new(move || ui.conn().rights.publish);
    let publish = move || {
        may_publish.get().then(|| {
            button("primary", "Publish task", move || page.open_publishing(Publishing::One))
                .disabled(move || !ui.conn().is_up())
                .bind_some("title", move || ui.conn().why_not_now())
        })
    };
    let tools = el("div", "tools")
        .child(search_box())
        .slot(publish)
        .child(looks::density(ui))
        .child(looks::theme())
        .child(icon("⌘", "Commands", move || ui.commanding.set(true)))
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

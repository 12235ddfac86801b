//! What always stands at the top: where one is, the state of the connection, who one is and what one may do.

use super::search_box::search_box;
use super::{Page, button, icon};
use crate::address::{Publishing, Screen};
use crate::browser::{Shelf, east_minutes, mark_root};
use crate::dom::{El, el};
use crate::format::count;
use crate::link::Phase;
use leptos::prelude::*;
use mjwork::Timestamp;

/// The header.
pub(crate) fn header() -> El {
    let page = Page::here();
    let ui = page.ui;
    let may_publish = Memo::new(move |_| ui.conn().rights.publish);
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
        .child(theme())
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

/// The state of the connection, in words that tick.
fn connection() -> El {
    let ui = Page::here().ui;
    let word = move || ui.conn().link.hook();
    let glyph = move || match word() {
        "connected" => "●",
        "closed" => "✕",
        _ => "◌",
    };
    let text = move || {
        let now_ms = ui.now().ms;
        ui.conn().link.sentence(now_ms, east_minutes(Timestamp::from_millis(now_ms)))
    };
    el("span", "connection")
        .attr("role", "status")
        .bind("data-word", word)
        .bind("title", move || ui.conn().server.clone())
        .child(el("span", "glyph").attr("aria-hidden", "true").says(glyph))
        .child(el("span", "").says(text))
}

/// Who one is, whether one may change anything, and the way to sign in.
fn who() -> El {
    let ui = Page::here().ui;
    let is_there = |phase: &Phase| matches!(phase, Phase::Connected | Phase::Reconnecting { .. });
    let user = move || {
        let c = ui.conn();
        c.rights.user.clone().filter(|_| is_there(&c.link.phase)).unwrap_or_default()
    };
    // 0 while it is not known, 1 for who only reads, 2 for who may change something.
    let standing = Memo::new(move |_| {
        let c = ui.conn();
        match (is_there(&c.link.phase) && c.rights.known, c.rights.publish) {
            (false, _) => 0_usize,
            (true, false) => 1,
            (true, true) => 2,
        }
    });
    let sign_in = move || ui.signing_in.set(true);
    let choice = move || match standing.get() {
        0 => None,
        1 => Some(button("", "Sign in", sign_in)),
        _ => Some(button("plain", "Change user", sign_in)),
    };
    let reads_only = el("span", "badge")
        .toggle("gone", move || standing.get() != 1)
        .attr("title", "This user has no right to publish tasks, so that nothing can be changed here.")
        .text("Read only");
    el("span", "who")
        .child(el("span", "soft cut").attr("title", "Signed in as").says(user))
        .child(reads_only)
        .slot(choice)
}

/// Light, dark, or what the system says.
fn theme() -> El {
    let theme = RwSignal::new(Shelf::Local.get("theme").unwrap_or_default());
    let apply = |theme: &str| mark_root("data-theme", (!theme.is_empty()).then_some(theme));
    apply(&theme.get_untracked());
    let next = move || {
        let next = match theme.get_untracked().as_str() {
            "" => "light",
            "light" => "dark",
            _ => "",
        };
        apply(next);
        Shelf::Local.set("theme", (!next.is_empty()).then_some(next));
        theme.set(next.to_owned());
    };
    let says = move || {
        let theme = theme.get();
        format!("Theme: {}", if theme.is_empty() { "system" } else { &theme })
    };
    let glyph = move || match theme.get().as_str() {
        "" => "◐",
        "light" => "☀",
        _ => "☾",
    };
    button("icon plain", "", next).bind("title", says).bind("aria-label", says).says(glyph)
}

//! What always stands at the top: where one is, the state of the connection, who one is and what one may do.

use super::{Page, click, nothing, typed};
use crate::address::Screen;
use crate::browser::{Shelf, east_minutes, mark_root};
use crate::format::count;
use crate::link::Phase;
use leptos::prelude::*;
use mjwork::Timestamp;

/// The header.
pub(crate) fn header() -> AnyView {
    let ui = Page::here().ui;
    let may_publish = Memo::new(move |_| ui.conn().rights.publish);
    let publish = move || {
        if !may_publish.get() {
            return nothing();
        }
        view! {
            <button
                class="primary"
                disabled=move || !ui.conn().is_up()
                on:click=click(move || ui.publishing.set(true))
            >
                "Publish task"
            </button>
        }
        .into_any()
    };
    view! {
        <header class="header">
            <h1 class="brand">"mjwork"</h1>
            <nav class="nav" aria-label="Screens">
                {Screen::ALL.into_iter().map(screen_link).collect::<Vec<_>>()}
            </nav>
            <span class="spread"></span>
            {connection()}
            {who()}
            <div class="tools">
                {search()}
                {move || publish()}
                {theme()}
                <button
                    class="icon plain"
                    aria-label="Keys"
                    title="Keys (?)"
                    on:click=click(move || ui.helping.set(true))
                >
                    "?"
                </button>
            </div>
        </header>
    }
    .into_any()
}

fn screen_link(screen: Screen) -> AnyView {
    let Page { ui, address } = Page::here();
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
    view! {
        <a
            href=move || address.with(|a| a.on(screen).href())
            aria-current=move || if address.with(|a| a.screen == screen) { "page" } else { "false" }
        >
            {screen.title()}
            <span class="badge" class:red=move || is_alarm()>
                {move || count(number())}
            </span>
        </a>
    }
    .into_any()
}

/// The state of the connection, in words that tick.
fn connection() -> AnyView {
    let ui = Page::here().ui;
    let text = move || {
        let now_ms = ui.now().ms;
        ui.conn().link.sentence(now_ms, east_minutes(Timestamp::from_millis(now_ms)))
    };
    let word = move || ui.conn().link.hook();
    let glyph = move || match word() {
        "connected" => "●",
        "closed" => "✕",
        _ => "◌",
    };
    view! {
        <span
            class="connection"
            role="status"
            data-word=move || word()
            title=move || ui.conn().server.clone()
        >
            <span class="glyph" aria-hidden="true">
                {move || glyph()}
            </span>
            <span>{move || text()}</span>
        </span>
    }
    .into_any()
}

/// Who one is, whether one may change anything, and the way to sign in.
fn who() -> AnyView {
    let ui = Page::here().ui;
    let is_there = |phase: &Phase| matches!(phase, Phase::Connected | Phase::Reconnecting { .. });
    let user = move || {
        let c = ui.conn();
        let user = c.rights.user.as_ref().filter(|_| is_there(&c.link.phase));
        user.cloned().unwrap_or_default()
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
    let choices = move || match standing.get() {
        0 => nothing(),
        1 => view! {
            <span
                class="badge"
                title="This user has no right to publish tasks, so that nothing can be changed here."
            >
                "Read only"
            </span>
            <button on:click=click(sign_in)>"Sign in"</button>
        }
        .into_any(),
        _ => view! {
            <button class="plain" on:click=click(sign_in)>
                "Change user"
            </button>
        }
        .into_any(),
    };
    view! {
        <span class="who">
            <span class="soft cut" title="Signed in as">
                {move || user()}
            </span>
            {move || choices()}
        </span>
    }
    .into_any()
}

/// Search over id, title and labels. It stands in the address, so that a link opens the same view.
fn search() -> AnyView {
    let Page { address, .. } = Page::here();
    let go = Page::navigator();
    view! {
        <input
            class="search"
            type="search"
            placeholder="Search  /"
            aria-label="Search id, title and tags"
            prop:value=move || address.with(|a| a.search.clone())
            on:input=typed(move |text| {
                let mut to = address.get_untracked();
                to.search = text;
                go(&to, true);
            })
        />
    }
    .into_any()
}

/// Light, dark, or what the system says.
fn theme() -> AnyView {
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
    view! {
        <button class="icon plain" title=move || says() aria-label=move || says() on:click=click(next)>
            {move || glyph()}
        </button>
    }
    .into_any()
}

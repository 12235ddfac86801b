//! The state of the connection: in the header at all times, and in full when somebody asks.

use super::notice::copyable;
use super::{Page, button, dialog};
use crate::advice::Place;
use crate::browser::east_minutes;
use crate::dom::{El, el};
use crate::door;
use crate::format::count;
use crate::link::Phase;
use crate::reactive::Memo;
use crate::state::Connected;
use mjwork::Timestamp;

/// The state in words that tick, what ends a wait, and who one is.
pub(crate) fn connection() -> El {
    let ui = Page::here().ui;
    let word = move || ui.conn().link.hook();
    let glyph = move || match (word(), ui.conn().link.is_stale()) {
        ("connected", false) => "●",
        ("closed", _) => "✕",
        _ => "◌",
    };
    let east = move |ms| east_minutes(Timestamp::from_millis(ms));
    let text = move || {
        let now_ms = ui.now().ms;
        ui.conn().link.sentence(now_ms, east(now_ms))
    };
    // Who listens to the page hears of changes, and not of every second.
    let spoken = el("span", "spoken").attr("role", "status").says(move || ui.conn().link.word());
    let look = move || {
        ui.inspecting.set(true);
        door::look(ui);
    };
    let state = button("plain state", "", look)
        .attr("aria-haspopup", "dialog")
        .bind("title", move || format!("{}\n{}\nDetails of the connection", text(), ui.conn().server))
        .child(el("span", "glyph").attr("aria-hidden", "true").says(glyph))
        .child(el("span", "cut").says(text))
        .slot(move || {
            let is_alarm = !warnings(&ui.conn()).is_empty();
            is_alarm.then(|| el("span", "badge amber").attr("aria-label", "needs attention").text("!"))
        });
    let is_waiting = Memo::new(move || ui.conn().link.is_waiting());
    el("span", "connection")
        .bind("data-word", word)
        .child(spoken)
        .child(state)
        .slot(move || is_waiting.get().then(|| button("", "Try now", door::try_now)))
}

/// Who one is, whether one may change anything, and the way to sign in.
pub(crate) fn who() -> El {
    let ui = Page::here().ui;
    let is_there = |phase: &Phase| matches!(phase, Phase::Connected | Phase::Reconnecting { .. });
    let user = move || {
        let c = ui.conn();
        c.rights.user.clone().filter(|_| is_there(&c.link.phase)).unwrap_or_default()
    };
    // 0 while it is not known, 1 for who only reads, 2 for who may change something.
    let standing = Memo::new(move || {
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
        .attr("title", READS_ONLY)
        .text("Read only");
    el("span", "who")
        .child(el("span", "soft cut").attr("title", "Signed in as").says(user))
        .child(reads_only)
        .slot(choice)
}

/// Why one only reads.
const READS_ONLY: &str = "The server lets this user publish no tasks, so nothing can be changed here.";

/// What wants attention.
fn warnings(c: &Connected) -> Vec<crate::advice::Notice> {
    c.answers.warnings(Place { server: &c.server, settings: &c.settings })
}

/// All that is known of the connection.
pub(crate) fn connection_details() -> El {
    dialog(Page::here().ui.inspecting, "Connection", || {
        let ui = Page::here().ui;
        let fact = |facts: El, name: &'static str, says: Box<dyn Fn() -> String>| {
            facts.child(el("dt", "").text(name)).child(el("dd", "").says(says))
        };
        let mut facts = el("dl", "facts");
        for (name, says) in [
            ("State", Box::new(move || ui.conn().link.word().to_owned()) as Box<dyn Fn() -> String>),
            ("Address", Box::new(move || ui.conn().server.clone())),
            ("Server", Box::new(move || ui.conn().answers.title())),
            ("Round trip", Box::new(move || ui.conn().answers.way())),
            ("Signed in as", Box::new(move || signed_in(&ui.conn()))),
            ("May", Box::new(move || may(&ui.conn()))),
            ("Stream", Box::new(move || stream(&ui.conn()))),
            ("Last sequence", Box::new(move || count(ui.totals().seq))),
        ] {
            facts = fact(facts, name, says);
        }
        let said = move || {
            let mut list = el("ul", "warnings");
            for warning in warnings(&ui.conn()) {
                let text = el("p", "").child(super::mark("amber", "⚠ ")).text(&warning.text);
                let line = el("li", "").child(text);
                list = list.child(match &warning.command {
                    Some(command) => line.child(copyable(command)),
                    None => line,
                });
            }
            Some(list)
        };
        el("div", "form").child(el("h2", "").text("Connection")).child(facts).slot(said).child(
            el("div", "buttons").child(button("", "Check now", move || door::look(ui))).child(button(
                "",
                "Close",
                move || ui.inspecting.set(false),
            )),
        )
    })
}

fn signed_in(c: &Connected) -> String {
    let user = c.rights.user.as_deref().unwrap_or("nobody by name");
    match &c.rights.account {
        Some(account) if !account.is_empty() => format!("{user}, account {account}"),
        _ => user.to_owned(),
    }
}

fn may(c: &Connected) -> String {
    let rights = &c.rights;
    if !rights.known {
        return "not known yet".to_owned();
    }
    let what = [
        (rights.publish, "publish, edit and requeue tasks"),
        (rights.cancel, "cancel tasks"),
        (rights.accept, "accept late results"),
    ];
    let what: Vec<_> = what.iter().filter_map(|(may, what)| may.then_some(*what)).collect();
    if what.is_empty() { format!("only read. {READS_ONLY}") } else { what.join(", ") }
}

fn stream(c: &Connected) -> String {
    let Some(stream) = &c.answers.stream else { return c.settings.stream.clone() };
    let keeps = match c.max_age.as_secs() {
        0 => "keeps everything".to_owned(),
        seconds => format!("keeps {} h", seconds / 3_600),
    };
    let replicas = match stream.num_replicas {
        0 | 1 => "one server".to_owned(),
        many => format!("{many} servers"),
    };
    format!("{}: {}; {keeps}, on {replicas}", c.settings.stream, stream.subjects.join(", "))
}

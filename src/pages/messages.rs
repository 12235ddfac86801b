//! The raw log: what is on the stream as it is, newest first, readable or not. It follows what comes until somebody
//! stops it to read, or loads an older part; then it stands still and counts.

mod older;

use super::history::{self, Whole};
use super::table::{another, cell, column, copies, fact, opens, page, pane, row, table};
use crate::address::{Address, Param};
use crate::browser::{self, east_minutes};
use crate::components::{List, Page, button, clock, to_top};
use crate::dom::{El, effect, el};
use crate::format::{both_zones, bytes, count, one_line, pretty_json};
use crate::messages::{Fault, Lines, Message};
use crate::reactive::{Memo, RwSignal, untrack};
use crate::search::Search;
use crate::session;
use crate::subject::SubjectFilter;
use crate::tail::{Held, Matches, Query, since};
use mjwork::event::{Event, Subjects};
use mjwork::reader;
use mjwork::{AgentId, Sequence, draft};
use std::cell::{RefCell, RefMut};
use std::rc::Rc;

/// So many messages are loaded at once.
const PART: usize = 5_000;

/// The log as it is shown.
#[derive(Clone)]
struct Log {
    page: Page,
    /// While it stands still.
    held: Rc<RefCell<Option<Held>>>,
    matches: Rc<RefCell<Matches>>,
    /// Moves when it is stopped, goes on or is loaded.
    turned: RwSignal<usize>,
    /// Moves with what matches.
    revision: Memo<usize>,
    /// What is being read from the stream, in words; empty for nothing.
    reading: RwSignal<String>,
    /// Whether somebody wants no more of it.
    is_cancelled: RwSignal<bool>,
    /// What came of it.
    said: RwSignal<String>,
}

/// The subjects that the address asks for, as they are written.
fn wanted(address: &Address) -> &str {
    address.param(Param::Filter).unwrap_or_default()
}

fn query(address: &Address) -> Query {
    Query { subject: SubjectFilter::parse(wanted(address)).ok(), search: Search::new(&address.search) }
}

impl Log {
    fn new() -> Self {
        let page = Page::here();
        let Page { ui, address, .. } = page;
        let held: Rc<RefCell<Option<Held>>> = Rc::default();
        let matches: Rc<RefCell<Matches>> = Rc::default();
        let turned = RwSignal::new(0_usize);
        let revision = Memo::new({
            let (held, matches) = (held.clone(), matches.clone());
            move || {
                turned.track();
                let query = address.with(query);
                let mut held = held.borrow_mut();
                // What was loaded for some subjects says nothing of others.
                if held.as_ref().is_some_and(|h| h.loaded_for.is_some() && h.loaded_for != query.subject) {
                    *held = None;
                }
                if let Some(held) = &*held {
                    matches.borrow_mut().update(&held.lines, &query);
                } else {
                    let _ = ui.totals();
                    matches.borrow_mut().update(ui.live().messages().lines(), &query);
                }
                another()
            }
        });
        let (reading, said) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
        let is_cancelled = RwSignal::new(false);
        Self { page, held, matches, turned, revision, reading, is_cancelled, said }
    }

    /// What matches; asks again whenever that changes.
    fn matches(&self) -> RefMut<'_, Matches> {
        let _ = self.revision.get();
        self.matches.borrow_mut()
    }

    fn is_held(&self) -> bool {
        let _ = self.revision.get();
        self.held.borrow().is_some()
    }

    fn with_lines<T>(&self, look: impl FnOnce(&Lines) -> T) -> T {
        match &*self.held.borrow() {
            Some(held) => look(&held.lines),
            None => look(self.page.ui.live().messages().lines()),
        }
    }

    /// Stops it, or lets it go on.
    fn turn(&self, holds: bool) {
        let live = self.page.ui.live();
        *self.held.borrow_mut() = holds.then(|| Held::new(live.messages(), live.board().last_seq()));
        drop(live);
        self.turned.update(|turned| *turned += 1);
    }
}

/// The messages.
pub(super) fn messages() -> El {
    let Page { ui, .. } = Page::here();
    let log = Log::new();
    older::fill(&log);
    let is_away = RwSignal::new(false);
    let (a, b, c, d) = (log.clone(), log.clone(), log.clone(), log.clone());
    let list = List {
        total: Box::new(move || a.matches().len()),
        keys: Rc::new(move |range| {
            let matches = b.matches();
            range.map_while(|place| matches.newest(place)).map(|seq| seq.to_string()).collect()
        }),
        place: Box::new(move |seq| c.matches.borrow().position(seq.parse().ok()?)),
        row: Box::new(move |key| message(key, &d)),
        step: "--log-step",
        class: "",
        label: Box::new(|| "Messages, newest first".into()),
    };
    let columns = ["Sequence", "Time", "Subject", "Size", "Body"].map(column).into();
    let listed = table("messages", "Messages", columns, list, is_away);
    let said = {
        let log = log.clone();
        move || how_many(&log)
    };
    let shown = log.clone();
    let top = listed.clone();
    let latest = button("", "Jump to latest", move || to_top(&top)).toggle("gone", move || !is_away.get());
    let tools = el("div", "tools").child(latest).child(pause(&log));
    let is_empty = {
        let log = log.clone();
        move || ui.conn().link.synced && log.reading.with(String::is_empty) && log.matches().is_empty()
    };
    page("Messages", said)
        .child(el("div", "bar").child(subjects()).child(presets()).child(el("span", "spread")).child(tools))
        .child(listed)
        .child(el("p", "nothing").toggle("gone", move || !is_empty()).text("No message at hand matches."))
        .child(older::older(&log))
        .child(composer())
        .child(pane("Message", Box::new(move |key| detail(key, &shown))))
}

fn how_many(log: &Log) -> String {
    let Page { ui, address, .. } = Page::here();
    let all = ui.totals().messages;
    let matches = log.matches().len();
    let at_hand = log.with_lines(Lines::len);
    let whose = if log.is_held() { "those at hand" } else { "the newest" };
    if address.with(|a| !query(a).is_all()) {
        return format!("{} match among {whose} {} of {}", count(matches), count(at_hand), count(all));
    }
    match at_hand {
        some if some < all && log.is_held() => format!("{} of {} shown", count(some), count(all)),
        some if some < all => format!("newest {} of {} shown", count(some), count(all)),
        _ => count(all),
    }
}

/// A button that stops the log, and says how much has come since.
fn pause(log: &Log) -> El {
    let Page { ui, address, .. } = Page::here();
    let log = log.clone();
    let press = {
        let log = log.clone();
        move || log.turn(!untrack(|| log.is_held()))
    };
    let says = move || {
        if !log.is_held() {
            return "Pause".to_owned();
        }
        let _ = ui.totals();
        let held = log.held.borrow();
        let until = held.as_ref().map_or(0, |held| held.until);
        match since(ui.live().messages(), until, &address.with(query)) {
            Some(0) => "Resume".to_owned(),
            Some(new) => format!("{} new – resume", count(new)),
            None => "More than 5,000 new – resume".to_owned(),
        }
    };
    button("", "", press).attr("data-pause", "").says(says)
}

/// The field for the subjects that are shown. What is no filter changes nothing, and says why.
fn subjects() -> El {
    let Page { address, .. } = Page::here();
    let go = Page::navigator();
    let text = RwSignal::new(String::new());
    effect(Box::new(move || {
        let said = address.with(|a| wanted(a).to_owned());
        if text.with_untracked(|text| text.trim() != said) {
            text.set(said);
        }
    }));
    let fault = Memo::new(move || {
        text.with(|text| match SubjectFilter::parse(text) {
            Err(fault) if !text.trim().is_empty() => fault.to_string(),
            _ => String::new(),
        })
    });
    let field = el("input", "mono")
        .attr("aria-label", "Subject filter")
        .attr("aria-describedby", "subject-remark")
        .attr("placeholder", "Subject, with * and >")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .bind("aria-invalid", move || if fault.with(String::is_empty) { "false" } else { "true" })
        .field(text)
        .on("input", move |_| {
            if fault.with_untracked(String::is_empty) {
                let filter = text.get_untracked();
                go(&address.get_untracked().with(Param::Filter, filter.trim()), true);
            }
        });
    let remark = el("span", "remark red").attr("id", "subject-remark").says(move || fault.get());
    el("span", "subjects").child(field).child(remark)
}

/// What is asked for most.
fn presets() -> El {
    let Page { ui, address, .. } = Page::here();
    let all = Subjects::new(ui.conn_now().settings.subject_prefix.clone());
    let presets = [
        ("All", String::new()),
        ("Tasks", all.task("*")),
        ("Heartbeats", format!("{}.heartbeat.>", all.prefix())),
        ("Errors", all.errors()),
        ("Coordination", all.coordination()),
    ];
    let links = presets.map(|(name, filter)| {
        let same = filter.clone();
        el("a", "")
            .bind("href", move || address.with(|a| a.clone().with(Param::Filter, &filter).href()))
            .bind_some("aria-current", move || address.with(|a| wanted(a) == same).then_some("true"))
            .text(name)
    });
    el("nav", "nav").attr("aria-label", "Subjects").children(links)
}

fn message(key: &str, log: &Log) -> El {
    let row = row("", key);
    log.with_lines(|lines| {
        let Some(message) = lines.find(key.parse().unwrap_or(0)) else { return row };
        let fault = match &message.fault {
            Some(Fault::Unreadable(why)) => format!("✕ unreadable: {why} "),
            Some(Fault::Refused(why)) => format!("✕ refused: {why} "),
            None => String::new(),
        };
        let body = match said(message) {
            Some((who, words)) => cell("cut")
                .child(el("strong", "").text(&format!("{who} ")))
                .child(el("span", "").text(&words)),
            None => cell("cut")
                .child(el("span", "red").text(&fault))
                .child(el("span", "mono soft").text(&message.preview)),
        };
        row.attr("data-message-seq", key)
            .child(cell("mono").child(opens("", key).text(&count(message.seq))))
            .child(cell("").child(clock(message.time)))
            .child(cell("cut mono").attr("title", &message.subject).text(&message.subject))
            .child(cell("number").text(&bytes(message.size)))
            .child(body)
    })
}

/// Who said what, where that is what a message is for.
fn said(message: &Message) -> Option<(String, String)> {
    let subjects = Subjects::new(Page::here().ui.conn_now().settings.subject_prefix.clone());
    match Event::decode(subjects.topic(&message.subject), message.preview.as_bytes()) {
        Event::Coordination(said) if message.fault.is_none() => {
            Some((one_line(&said.agent_id, 64), one_line(&said.message, 400)))
        }
        _ => None,
    }
}

/// Where an operator joins in, while what agents say is shown.
fn composer() -> El {
    let Page { ui, address, .. } = Page::here();
    let text = RwSignal::new(String::new());
    let is_shown = Memo::new(move || {
        let conn = ui.conn();
        conn.rights.say && address.with(|a| wanted(a) == conn.signer().1.coordination())
    });
    let send = move || {
        let words = text.with_untracked(|text| text.trim().to_owned());
        let (by, subjects) = ui.conn_now().signer();
        let who = AgentId::new(by.as_str()).or_else(|_| AgentId::new("operator"));
        let Some(who) = who.ok().filter(|_| !words.is_empty() && ui.conn_now().is_up()) else { return };
        let sending = session::send(ui, "Message", "to all", draft::say(&subjects, &who, &words));
        browser::spawn(async move {
            if sending.await.is_ok() {
                let _ = text.try_update(|text| {
                    if text.trim() == words {
                        text.clear();
                    }
                });
            }
        });
    };
    let field = el("input", "")
        .attr("aria-label", "Message to all")
        .attr("placeholder", "Message to all agents and operators")
        .attr("autocomplete", "off")
        .field(text);
    let submit = el("button", "primary")
        .attr("type", "submit")
        .disabled(move || !ui.conn().is_up() || text.with(|text| text.trim().is_empty()))
        .text("Send");
    el("form", "bar composer")
        .toggle("gone", move || !is_shown.get())
        .on("submit", move |event| {
            event.prevent_default();
            send();
        })
        .child(field)
        .child(submit)
}

/// All of one message, read from the stream when it is opened.
fn detail(key: &str, log: &Log) -> El {
    let ui = Page::here().ui;
    let seq: Sequence = key.parse().unwrap_or(0);
    let whole: RwSignal<Option<Result<Whole, String>>> = RwSignal::new(None);
    browser::spawn(async move {
        let read = match history::whole(ui, seq).await {
            Ok(Some(read)) => Ok(read),
            Ok(None) => Err("The stream no longer has this message.".to_owned()),
            Err(reader::Fault::Closed) => Err("There is no connection to read it by.".to_owned()),
            Err(fault) => Err(fault.to_string()),
        };
        let _ = whole.try_set(Some(read));
    });
    let fault = log.with_lines(|lines| match lines.find(seq).and_then(|message| message.fault.as_ref()) {
        Some(Fault::Unreadable(why)) => format!("✕ unreadable: {why}"),
        Some(Fault::Refused(why)) => format!("✕ refused: {why}"),
        None => String::new(),
    });
    let is_raw = RwSignal::new(false);
    el("div", "body")
        .child(el("h3", "").text(&format!("Message {}", count(seq))))
        .child(el("p", "red").text(&fault))
        .slot(move || {
            Some(match whole.get() {
                None => el("p", "soft").text("Reading…"),
                Some(Err(why)) => el("p", "red").text(&why),
                Some(Ok(whole)) => untrack(|| shown_whole(whole, is_raw)),
            })
        })
}

fn shown_whole(whole: Whole, is_raw: RwSignal<bool>) -> El {
    let Whole { time, subject, headers, body } = whole;
    let facts = fact(el("dl", "facts"), "Subject", el("dd", "mono").text(&subject));
    let facts =
        fact(facts, "Stored", el("dd", "").text(&both_zones(time, east_minutes(time)).replace('\n', ", ")));
    let facts = fact(facts, "Size", el("dd", "").text(&bytes(body.len())));
    let facts = headers.iter().fold(facts, |facts, (name, value)| {
        facts.child(el("dt", "mono").text(name)).child(el("dd", "mono").attr("data-header", name).text(value))
    });
    let is_json = serde_json::from_slice::<&serde_json::value::RawValue>(&body).is_ok();
    let raw = String::from_utf8_lossy(&body).into_owned();
    let pretty = if is_json { pretty_json(&raw) } else { raw.clone() };
    let copied = raw.clone();
    let toggle = button("", "Raw", move || is_raw.update(|raw| *raw = !*raw))
        .toggle("gone", move || !is_json)
        .bind("aria-pressed", move || if is_raw.get() { "true" } else { "false" });
    let tools = el("div", "buttons").child(toggle).child(copies("Copy the payload", move || copied.clone()));
    let payload = el("pre", "text mono")
        .attr("tabindex", "0")
        .attr("data-payload", "")
        .says(move || if is_raw.get() { raw.clone() } else { pretty.clone() });
    el("div", "contents").child(facts).child(tools).child(payload)
}

//! Which moment is shown, where that is not now: a copy of before, a history read in part, the past. And the slider over
//! the past.

use super::{Page, button};
use crate::address::Param;
use crate::browser::{self, east_minutes, now_ms};
use crate::dom::{El, effect, el};
use crate::format::{age, count, date_time, time_of_day};
use crate::reactive::{Memo, RwSignal, untrack};
use crate::travel::{from_param, to_param};
use crate::{past, session};
use gloo_timers::callback::Timeout;
use mjwork::Timestamp;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

/// So long the slider must rest before the fold follows it, in ms.
const RESTS_MS: u32 = 150;

/// What is said of the moment that is shown, and how one gets to another.
pub(crate) fn moment() -> El {
    let Page { ui, address, .. } = Page::here();
    follow_address();
    let is_past = Memo::new(move || address.with(|a| a.param(Param::At).is_some()));
    let is_out = move || is_past.get() || ui.travelling.get();
    let slider = move || is_out().then(|| untrack(slider));
    el("div", "contents").child(strip()).slot(slider)
}

/// Goes to the moment that the address names, once there is a present to come back to.
fn follow_address() {
    let Page { ui, address, .. } = Page::here();
    let wanted = Memo::new(move || {
        let at = address.with(|a| a.param(Param::At).and_then(from_param));
        let is_ready = ui.conn().past.is_some() || ui.conn().link.synced;
        at.filter(|_| is_ready).map(Timestamp::as_millis)
    });
    effect(Box::new(move || {
        let at = wanted.get().map(Timestamp::from_millis);
        // Not now: an effect must not write what it reads.
        browser::spawn(async move { past::look(ui, at) });
    }));
}

/// One line over everything else while what is shown is not how things are.
fn strip() -> El {
    let ui = Page::here().ui;
    let word = move || {
        let c = ui.conn();
        if c.past.is_some() {
            "past"
        } else if c.is_cut {
            "cut"
        } else if c.as_of.is_some() {
            "copy"
        } else {
            ""
        }
    };
    let kind = Memo::new(move || match word() {
        "past" => 1_usize,
        "cut" => 2,
        "copy" => 3,
        _ => 0,
    });
    let does = move || match kind.get() {
        1 => Some(button("", "Return to now", return_to_now())),
        2 => Some(button("", "Read the rest", || session::read_history(true))),
        _ => None,
    };
    let is_on_the_way = move || ui.conn().past.as_ref().is_some_and(|past| !past.is_there());
    let bar = el("div", "meter thin blue")
        .toggle("gone", move || !is_on_the_way())
        .attr("role", "progressbar")
        .attr("aria-label", "Going there")
        .attr("aria-valuemin", "0")
        .attr("aria-valuemax", "100")
        .bind("aria-valuenow", move || percent().to_string())
        .child(el("span", "").style("width", move || format!("{}%", percent())));
    let line = el("div", "moment")
        .toggle("gone", move || kind.get() == 0)
        .bind("data-moment", word)
        .child(el("span", "spread").attr("role", "status").says(sentence))
        .child(bar);
    line.slot(does)
}

fn percent() -> usize {
    Page::here().ui.conn().past.as_ref().map_or(0, |past| past.percent)
}

fn at(time: Timestamp) -> String {
    date_time(time, east_minutes(time))[..19].to_owned()
}

fn sentence() -> String {
    let ui = Page::here().ui;
    let c = ui.conn();
    if let Some(past) = &c.past {
        let there = match (&past.fault, past.shown) {
            (Some(fault), _) => format!("The past cannot be read for now. {fault}"),
            (None, Some(shown)) if past.is_there() => {
                let ago = ui.present().now(now_ms()).since(shown);
                return format!("The past: the board as it was at {}, {} ago.", at(shown), age(ago));
            }
            (None, Some(shown)) => format!("The past: still as it was at {}.", at(shown)),
            (None, None) => "The past: nothing is shown yet.".to_owned(),
        };
        return format!("{there} Going to {}: {} events read.", at(past.at), count(past.read));
    }
    if c.is_cut {
        let (read, all) = (ui.totals().read, c.history);
        let last = ui.present().board().last_time();
        return format!(
            "This is not all: {} of {} events were read, up to {}. Nothing new comes in.",
            count(read),
            count(all.max(read)),
            at(last)
        );
    }
    match c.as_of {
        Some(as_of) => {
            let as_of = time_of_day(as_of, east_minutes(as_of));
            let read = ui.totals().read;
            format!("As of {as_of}, catching up: {} of {} events.", count(read), count(c.history.max(read)))
        }
        None => String::new(),
    }
}

/// What takes the moment out of the address.
pub(crate) fn return_to_now() -> impl Fn() + 'static {
    let Page { ui, address, .. } = Page::here();
    let go = Page::navigator();
    move || {
        ui.travelling.set(false);
        go(&address.get_untracked().with(Param::At, ""), false);
    }
}

/// The slider over all that the stream still has.
fn slider() -> El {
    let Page { ui, address, .. } = Page::here();
    let go = Page::navigator();
    let span = move || past::span(ui);
    let now = move || ui.present().now(now_ms());
    // What the slider says, before the fold has followed it.
    let held = RwSignal::new(None::<i64>);
    let addressed = move || address.with(|a| a.param(Param::At).and_then(from_param));
    let shown = move || {
        ui.now();
        held.get().map(Timestamp::from_millis).or_else(addressed).unwrap_or_else(now)
    };
    let waits: Rc<RefCell<Option<Timeout>>> = Rc::default();
    let turn = Rc::new(move |to: Timestamp| {
        let is_first = address.with_untracked(|a| a.param(Param::At).is_none());
        held.set(Some(to.as_millis()));
        let go = go.clone();
        let rested = Timeout::new(RESTS_MS, move || {
            held.set(None);
            go(&address.get_untracked().with(Param::At, &to_param(to)), !is_first);
        });
        // The one before is given up.
        waits.replace(Some(rested));
    });
    let by_hand = turn.clone();
    let range = el("input", "")
        .attr("type", "range")
        .attr("aria-label", "Moment")
        .attr("min", "0")
        .attr("step", "1")
        .bind("max", move || {
            ui.now();
            span().seconds().to_string()
        })
        .bind("aria-valuetext", move || at(shown()))
        .attr("title", "Arrows: a minute. Page up and down: an hour. Home and End: the ends. Esc: now.")
        .on("input", move |event| {
            let input: Option<HtmlInputElement> = event.target().and_then(|t| t.dyn_into().ok());
            if let Some(place) = input.and_then(|input| input.value().parse().ok()) {
                by_hand(span().moment(place));
            }
        })
        .on("keydown", move |event| {
            let key = event.unchecked_ref::<KeyboardEvent>().key();
            if let Some(to) = span().by_key(&key, untrack(shown)) {
                event.prevent_default();
                turn(to);
            }
        });
    let input: HtmlInputElement = range.node().clone().unchecked_into();
    effect(Box::new(move || {
        let place = span().place(shown()).to_string();
        if input.value() != place {
            input.set_value(&place);
        }
    }));
    let first = move || {
        ui.now();
        at(span().moment(0))
    };
    let close = button("", "Close", return_to_now())
        .toggle("gone", move || address.with(|a| a.param(Param::At).is_some()));
    el("section", "travel")
        .attr("aria-label", "Time travel")
        .child(el("span", "soft small").says(first))
        .child(range)
        .child(el("output", "mono").says(move || match (held.get(), addressed()) {
            (None, None) => "now".to_owned(),
            _ => at(shown()),
        }))
        .child(close)
}

//! What the stream holds beyond what is at hand: older parts, a certain message, all that matches as a file.

use super::super::history::{self, LOOKED_THROUGH, is_now};
use super::{Log, PART, query, wanted};
use crate::browser;
use crate::components::{Page, button};
use crate::dom::{El, effect, el};
use crate::format::count;
use crate::messages::{KEPT, Lines};
use crate::reactive::{RwSignal, untrack};
use crate::tail::Query;
use mjwork::Sequence;

/// What the stream holds beyond what is at hand: an older part, a certain message, all that matches as a file.
pub(super) fn older(log: &Log) -> El {
    let Page { ui, address, .. } = Page::here();
    let seq = RwSignal::new(String::new());
    let more = {
        let log = log.clone();
        move || load(&log, None)
    };
    let has_older = {
        let log = log.clone();
        move || {
            let all = ui.totals().messages;
            let _ = log.revision.get();
            let before = log.held.borrow().as_ref().map_or(Sequence::MAX, |held| held.before);
            before > 1 && (address.with(|a| !wanted(a).is_empty()) || log.with_lines(Lines::len) < all)
        }
    };
    let is_busy = {
        let reading = log.reading;
        move || !reading.with(String::is_empty) || !ui.conn().is_up()
    };
    let jump = {
        let log = log.clone();
        move || {
            let digits: String = seq.get_untracked().chars().filter(char::is_ascii_digit).collect();
            if let Some(at) = digits.parse().ok().filter(|at| *at > 0) {
                load(&log, Some(at));
            }
        }
    };
    let field = el("input", "number")
        .attr("aria-label", "Sequence")
        .attr("placeholder", "Sequence")
        .attr("inputmode", "numeric")
        .attr("autocomplete", "off")
        .field(seq);
    let to = el("form", "line")
        .on("submit", move |event| {
            event.prevent_default();
            jump();
        })
        .child(field)
        .child(
            el("button", "")
                .attr("type", "submit")
                .disabled(is_busy)
                .text("Go")
                .attr("aria-label", "Go to this sequence"),
        );
    let (exported, reading, cancelled) = (log.clone(), log.reading, log.is_cancelled);
    let outcome = log.said;
    el("div", "bar")
        .child(button("", "Load older", more).disabled(move || is_busy() || !has_older()))
        .child(to)
        .child(
            button("", "Export", move || export(&exported))
                .disabled(is_busy)
                .attr("title", "All that matches, as JSON lines"),
        )
        .child(el("span", "line").attr("role", "status").child(el("span", "soft").says(move || {
            match reading.get() {
                nothing if nothing.is_empty() => outcome.get(),
                reading => reading,
            }
        })))
        .child(
            button("", "Cancel", move || cancelled.set(true))
                .toggle("gone", move || reading.with(String::is_empty)),
        )
}

/// Loads what lies before what is at hand; or what lies up to a sequence, in its place.
fn load(log: &Log, up_to: Option<Sequence>) {
    let Page { ui, address, .. } = log.page;
    let query = address.with_untracked(query);
    if untrack(|| !log.is_held()) {
        log.turn(true);
    }
    let end = match up_to {
        Some(at) => at.saturating_add(1),
        None => log.held.borrow().as_ref().map_or(1, |held| held.before),
    };
    let span = if query.subject.is_some() { LOOKED_THROUGH } else { PART as u64 };
    let first = end.saturating_sub(span).max(1);
    let log = log.clone();
    log.begin("Loading…");
    browser::spawn(async move {
        let (reading, cancelled) = (log.reading, log.is_cancelled);
        let came = move |number: usize| {
            let _ = reading.try_set(format!("{} loaded…", count(number)));
            !cancelled.try_get_untracked().unwrap_or(true)
        };
        let part = history::part(ui, (first, end), PART, query.clone(), Box::new(came)).await;
        let said = match part {
            Err(fault) => fault.to_string(),
            Ok(_) if cancelled.try_get_untracked().unwrap_or(true) => "Cancelled.".to_owned(),
            Ok(part) => {
                let number = part.len();
                // Where more match than were taken in, the next part goes on from the oldest of them.
                let from = part.first().filter(|_| number == PART).map_or(first, |oldest| oldest.seq);
                if let Some(held) = &mut *log.held.borrow_mut() {
                    if up_to.is_some() {
                        held.lines = Lines::default();
                    }
                    held.load(from, part, query.subject.as_ref());
                }
                format!("{} loaded, down to sequence {}", count(number), count(from))
            }
        };
        log.end(said);
        let _ = log.turned.try_update(|turned| *turned += 1);
    });
}

/// Fills the log up, once all that is new has been read: a board that was opened from a copy has only what came since.
pub(super) fn fill(log: &Log) {
    let ui = log.page.ui;
    let (is_now, log) = (is_now(ui), log.clone());
    effect(Box::new(move || {
        if !is_now.get() {
            return;
        }
        let (missing, end) = {
            let live = ui.present();
            let lines = live.messages().lines();
            let missing = live.messages().total().min(KEPT).saturating_sub(lines.len());
            (missing, lines.ends().map_or(live.board().last_seq() + 1, |(first, _)| first))
        };
        if missing == 0 || end <= 1 {
            return;
        }
        let log = log.clone();
        untrack(|| log.begin("Reading the newest…"));
        browser::spawn(async move {
            let cancelled = log.is_cancelled;
            let came = move |_| !cancelled.try_get_untracked().unwrap_or(true);
            // There are gaps where heartbeats have expired.
            let first = end.saturating_sub(4 * missing as u64).max(1);
            let part = history::part(ui, (first, end), missing, Query::default(), Box::new(came)).await;
            match part {
                Ok(part) => {
                    ui.live_mut().fill_log(part);
                    log.end(String::new());
                }
                Err(fault) => log.end(fault.to_string()),
            }
            let _ = log.turned.try_update(|turned| *turned += 1);
        });
    }));
}

/// Writes all that matches into a file.
fn export(log: &Log) {
    let Page { ui, address, .. } = log.page;
    let query = address.with_untracked(query);
    let last = ui.live().board().last_seq();
    let log = log.clone();
    log.begin("Exporting…");
    browser::spawn(async move {
        let (reading, cancelled) = (log.reading, log.is_cancelled);
        let came = move |number: usize, position: Sequence| {
            let position = count(position.saturating_sub(1).min(last));
            let _ =
                reading.try_set(format!("{} exported, {position} of {} read…", count(number), count(last)));
            !cancelled.try_get_untracked().unwrap_or(true)
        };
        let said = match history::export(ui, last, &query, came).await {
            Err(fault) => fault.to_string(),
            Ok(_) if cancelled.try_get_untracked().unwrap_or(true) => {
                "Cancelled: no file was written.".to_owned()
            }
            Ok(number) => format!("{} exported", count(number)),
        };
        log.end(said);
    });
}

impl Log {
    fn begin(&self, what: &str) {
        self.is_cancelled.set(false);
        self.said.set(String::new());
        self.reading.set(what.to_owned());
    }

    fn end(&self, said: String) {
        // The screen may be another by then.
        let _ = self.said.try_set(said);
        let _ = self.reading.try_set(String::new());
    }
}

//! All that happened to a task, newest first: what was accepted, and what was refused with the reason.
//! What an event has on the wire is fetched when somebody asks.

use super::{button, clock, copier};
use crate::browser;
use crate::dom::{El, el};
use crate::format::{bytes, count, pretty_json};
use crate::reactive::RwSignal;
use crate::session;
use crate::state::Ui;
use mjwork::board::{Entry, Task, Verb};
use mjwork::event::Subjects;
use mjwork::reader::Stored;
use std::fmt::Write as _;
use std::rc::Rc;

/// So many events are shown; older ones are in the stream.
const SHOWN: usize = 500;

/// Shows the task to who looks, and again when it changes.
pub(super) type Look = Rc<dyn Fn(&mut dyn FnMut(&Task))>;

/// The events of a task.
pub(super) fn history(ui: Ui, look: Look) -> El {
    let length = {
        let look = look.clone();
        move || {
            let mut length = 0;
            look(&mut |task| length = task.history.len());
            length
        }
    };
    let head = move || match length() {
        all if all > SHOWN => format!("History: newest {} of {} shown", count(SHOWN), count(all)),
        _ => "History".to_owned(),
    };
    let keys = {
        let look = look.clone();
        move || {
            let mut keys = Vec::new();
            look(&mut |task| {
                let older = task.history.len().saturating_sub(SHOWN);
                keys = task.history.iter().skip(older).map(|entry| entry.seq.to_string()).collect();
                keys.reverse();
            });
            keys
        }
    };
    let row = move |key: &str| {
        let seq: u64 = key.parse().unwrap_or(0);
        let mut row = el("li", "");
        look(&mut |task| {
            if let Some(entry) = task.history.find(seq) {
                row = event(ui, &entry);
            }
        });
        row
    };
    el("section", "").child(el("h3", "").says(head)).child(el("ol", "history").rows(keys, row))
}

fn event(ui: Ui, entry: &Entry<'_>) -> El {
    let Entry { seq, time, verb, who, session, text, refused } = entry;
    let seq = *seq;
    let who = match (who, session) {
        (Some(who), Some(session)) => format!(" · {who} · {session}"),
        (Some(who), None) => format!(" · {who}"),
        (None, _) => String::new(),
    };
    let reason = refused.as_ref().map(|reason| format!("✕ refused: {reason}")).unwrap_or_default();
    let subject = Subjects::new(ui.conn_now().settings.subject_prefix.clone()).task(subject_word(entry));
    let what =
        el("span", "cut").child(el("span", "verb").text(verb.as_str())).child(el("span", "soft").text(&who));
    let fetched = RwSignal::new(String::new());
    let show = move || {
        if !fetched.with_untracked(String::is_empty) {
            fetched.set(String::new());
            return;
        }
        fetched.set("Reading…".to_owned());
        browser::spawn(async move {
            let text = match session::stored(ui, seq).await {
                Ok(Some(stored)) => as_stored(&stored),
                Ok(None) => "The stream no longer has it.".to_owned(),
                Err(why) => why,
            };
            // The panel may be gone meanwhile.
            let _ = fetched.try_set(text);
        });
    };
    let raw = move || {
        let text = fetched.get();
        (!text.is_empty()).then(|| {
            let copied = text.clone();
            el("div", "raw").child(el("pre", "text").attr("tabindex", "0").text(&text)).child(copier(
                "plain",
                "Copy",
                move || copied.clone(),
            ))
        })
    };
    let is_open = move || if fetched.with(String::is_empty) { "false" } else { "true" };
    let toggle = button("plain small", "Raw", show)
        .attr("aria-label", &format!("Raw event {seq}"))
        .bind("aria-expanded", is_open);
    el("li", "")
        .attr("data-seq", &seq.to_string())
        .attr("data-verdict", if refused.is_some() { "refused" } else { "accepted" })
        .child(el("span", "mono soft").text(&count(seq)))
        .child(what)
        .child(el("span", "soft").child(clock(*time)))
        .child(toggle)
        .child(el("span", "said mono soft subject").text(&subject))
        .child(el("span", "said").text(text.as_deref().unwrap_or_default()))
        .child(el("span", "said red").text(&reason))
        .slot(raw)
}

/// The last word of the subject on which such an event is published.
fn subject_word(entry: &Entry) -> &'static str {
    match entry.verb {
        Verb::Available | Verb::Requeue => "available",
        Verb::Claimed => "claimed",
        Verb::Progress => "progress",
        Verb::Completed | Verb::Accept => "completed",
        Verb::Failed | Verb::GivenUp => "failed",
        Verb::Cancelled => "cancelled",
        Verb::Carried => "carried",
    }
}

/// A message as the stream has it: subject, size, headers, body.
fn as_stored(stored: &Stored) -> String {
    let mut text = format!("{}  {}\n", stored.subject(), bytes(stored.payload().len()));
    if let Some(headers) = stored.headers() {
        for (name, values) in headers {
            for value in values {
                let _ = writeln!(text, "{name}: {value}");
            }
        }
    }
    text.push('\n');
    match std::str::from_utf8(stored.payload()) {
        Ok(body) => text.push_str(&pretty_json(body)),
        Err(_) => text.push_str(&String::from_utf8_lossy(stored.payload())),
    }
    text
}

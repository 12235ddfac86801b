//! All that happened to a task, newest first: what was accepted, and what was refused with the reason.

use super::clock;
use crate::dom::{El, el};
use crate::format::count;
use mjwork::board::{Entry, Task};
use std::rc::Rc;

/// So many events are shown; older ones are in the stream.
const SHOWN: usize = 500;

/// Shows the task to who looks, and again when it changes.
pub(super) type Look = Rc<dyn Fn(&mut dyn FnMut(&Task))>;

/// The events of a task.
pub(super) fn history(look: Look) -> El {
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
                keys = task.history.iter().rev().take(SHOWN).map(|entry| entry.seq.to_string()).collect();
            });
            keys
        }
    };
    let row = move |key: &str| {
        let seq: u64 = key.parse().unwrap_or(0);
        let mut row = el("li", "");
        look(&mut |task| {
            if let Some(entry) = task.history.find(seq) {
                row = event(&entry);
            }
        });
        row
    };
    el("section", "").child(el("h3", "").says(head)).child(el("ol", "history").rows(keys, row))
}

fn event(entry: &Entry<'_>) -> El {
    let Entry { seq, time, verb, who, session, text, refused } = entry;
    let who = match (who, session) {
        (Some(who), Some(session)) => format!(" · {who} · {session}"),
        (Some(who), None) => format!(" · {who}"),
        (None, _) => String::new(),
    };
    let reason = refused.as_ref().map(|reason| format!("✕ refused: {reason}")).unwrap_or_default();
    let what =
        el("span", "cut").child(el("span", "verb").text(verb.as_str())).child(el("span", "soft").text(&who));
    el("li", "")
        .attr("data-seq", &seq.to_string())
        .attr("data-verdict", if refused.is_some() { "refused" } else { "accepted" })
        .child(el("span", "mono soft").text(&count(*seq)))
        .child(what)
        .child(el("span", "soft").child(clock(*time)))
        .child(el("span", "said").text(text.as_deref().unwrap_or_default()))
        .child(el("span", "said red").text(&reason))
}

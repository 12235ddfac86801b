//! All that happened to a task, newest first: what was accepted, and what was refused with the reason.

use super::clock;
use crate::format::count;
use leptos::prelude::*;
use mjwork::board::Entry;

/// So many events are shown; older ones are in the stream.
const SHOWN: usize = 500;

/// The events of a task.
pub(super) fn history(entries: &[Entry]) -> AnyView {
    let head = if entries.len() > SHOWN {
        format!("History: newest {} of {} shown", count(SHOWN), count(entries.len()))
    } else {
        "History".to_owned()
    };
    view! {
        <section>
            <h3>{head}</h3>
            <ol class="history">{entries.iter().rev().take(SHOWN).map(event).collect::<Vec<_>>()}</ol>
        </section>
    }
    .into_any()
}

fn event(entry: &Entry) -> AnyView {
    let Entry { seq, time, verb, who, session, text, refused } = entry;
    let verdict = if refused.is_some() { "refused" } else { "accepted" };
    let who = match (who, session) {
        (Some(who), Some(session)) => format!(" · {who} · {session}"),
        (Some(who), None) => format!(" · {who}"),
        (None, _) => String::new(),
    };
    let reason = refused.as_ref().map(|reason| format!("✕ refused: {reason}")).unwrap_or_default();
    view! {
        <li data-seq=seq.to_string() data-verdict=verdict>
            <span class="mono soft">{count(*seq)}</span>
            <span class="cut">
                <span class="verb">{verb.as_str()}</span>
                <span class="soft">{who}</span>
            </span>
            <span class="soft">{clock(*time)}</span>
            <span class="said">{text.as_deref().unwrap_or_default().to_owned()}</span>
            <span class="said red">{reason}</span>
        </li>
    }
    .into_any()
}

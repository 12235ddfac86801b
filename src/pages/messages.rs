//! The raw log: what is on the stream as it is, newest first, readable or not.

use super::{detail, line, table};
use crate::components::{List, Page, found, windowed};
use crate::dom::{El, el};
use crate::format::{bytes, count};
use crate::messages::{Fault, Message};
use crate::search::Search;
use leptos::prelude::*;
use std::sync::Arc;

/// The messages.
pub(super) fn messages() -> El {
    let Page { ui, address, .. } = Page::here();
    let in_all = move || ui.totals().messages;
    // While somebody searches the list is what matches.
    let found = found(move || {
        let search = address.with(|a| Search::new(&a.search));
        (!search.is_empty()).then(|| {
            let _ = in_all();
            let live = ui.live();
            let all = (0..live.messages().len()).filter_map(|place| live.messages().newest(place));
            let matches = |m: &&Message| search.matches_any(&[&*m.subject, &*m.preview]);
            all.filter(matches).map(|m| m.seq.to_string()).collect()
        })
    });
    let open = RwSignal::new(0_u64);
    let kept = move || {
        let _ = in_all();
        ui.live().messages().len()
    };
    let list = windowed(List {
        total: Box::new(move || found.get().map_or_else(kept, |found| found.len())),
        keys: Arc::new(move |range| {
            if let Some(found) = found.get() {
                return found[range.start.min(found.len())..range.end.min(found.len())].to_vec();
            }
            let _ = in_all();
            let live = ui.live();
            range.filter_map(|place| live.messages().newest(place)).map(|m| m.seq.to_string()).collect()
        }),
        place: Box::new(move |seq| match found.get_untracked() {
            Some(found) => found.iter().position(|other| other == seq),
            None => ui.live().messages().position(seq.parse().ok()?),
        }),
        row: Box::new(move |key| row(key, open)),
        step: "--row-step",
        class: "",
        label: Box::new(|| "Messages, newest first".into()),
    });
    let said = move || {
        let (kept, all) = (kept(), in_all());
        match found.get() {
            Some(found) => {
                format!("{} match among the newest {} of {}", count(found.len()), count(kept), count(all))
            }
            None if kept < all => format!("newest {} of {} shown", count(kept), count(all)),
            None => count(all),
        }
    };
    let whole = detail(open, move |seq| {
        let live = ui.live();
        live.messages().find(seq).map(|m| format!("{}\n\n{}", m.subject, m.preview)).unwrap_or_default()
    });
    table("messages", "Messages", said, whole, &["Sequence", "Time", "Subject", "Size", "Body"], list)
}

fn row(key: &str, open: RwSignal<u64>) -> El {
    let seq = key.parse().unwrap_or(0);
    let live = Page::here().ui.live();
    let Some(message) = live.messages().find(seq) else { return el("div", "row") };
    let fault = match &message.fault {
        Some(Fault::Unreadable(why)) => format!("✕ unreadable: {why} "),
        Some(Fault::Refused(why)) => format!("✕ refused: {why} "),
        None => String::new(),
    };
    let body = el("span", "cut")
        .child(el("span", "red").text(&fault))
        .child(el("span", "mono soft").text(&message.preview));
    line(seq, message.time, open)
        .child(el("span", "cut mono").attr("title", &message.subject).text(&message.subject))
        .child(el("span", "").text(&bytes(message.size)))
        .child(body)
}

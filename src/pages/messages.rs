//! The raw log: what is on the stream as it is, newest first, readable or not.

use super::{line, table};
use crate::components::{List, Page, found, nothing, windowed};
use crate::format::{bytes, count};
use crate::messages::{Fault, Message};
use crate::search::Search;
use leptos::prelude::*;
use std::sync::Arc;

/// The messages.
pub(super) fn messages() -> AnyView {
    let Page { ui, address } = Page::here();
    let in_all = move || ui.totals().messages;
    // While somebody searches the list is what matches.
    let found = found(move || {
        let search = address.with(|a| Search::new(&a.search));
        (!search.is_empty()).then(|| {
            let _ = in_all();
            let live = ui.live();
            let messages = live.messages();
            let all = (0..messages.len()).filter_map(|place| messages.newest(place));
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
        keys: Arc::new(move |range| match found.get() {
            Some(found) => found[range.start.min(found.len())..range.end.min(found.len())].to_vec(),
            None => {
                let _ = in_all();
                let live = ui.live();
                range.filter_map(|place| live.messages().newest(place)).map(|m| m.seq.to_string()).collect()
            }
        }),
        place: Box::new(move |seq| match found.get_untracked() {
            Some(found) => found.iter().position(|other| other == seq),
            None => ui.live().messages().position(seq.parse().ok()?),
        }),
        row: Arc::new(move |key| row(key, open)),
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
    let detail = move || {
        let seq = open.get();
        ui.live().messages().find(seq).map(|m| format!("{}\n\n{}", m.subject, m.preview)).unwrap_or_default()
    };
    let detail = view! {
        <div class="text mono" class:gone=move || open.get() == 0>
            {move || detail()}
        </div>
    };
    table(
        "messages",
        "Messages",
        said,
        detail.into_any(),
        &["Sequence", "Time", "Subject", "Size", "Body"],
        list,
    )
}

fn row(key: &str, open: RwSignal<u64>) -> AnyView {
    let seq = key.parse().unwrap_or(0);
    let live = Page::here().ui.live();
    let Some(message) = live.messages().find(seq) else { return nothing() };
    let fault = match &message.fault {
        Some(Fault::Unreadable(why)) => format!("✕ unreadable: {why} "),
        Some(Fault::Refused(why)) => format!("✕ refused: {why} "),
        None => String::new(),
    };
    let cells = view! {
        <span class="cut mono" title=message.subject.to_string()>{message.subject.to_string()}</span>
        <span>{bytes(message.size)}</span>
        <span class="cut">
            <span class="red">{fault}</span>
            <span class="mono soft">{message.preview.to_string()}</span>
        </span>
    };
    line(seq, message.time, open, cells.into_any())
}

//! How far the work is, in one line: a bar, done of all, and while the history is read how far that is.

use super::{Page, glyph, title, tone};
use crate::format::{count, percent};
use leptos::prelude::*;
use mjwork::board::Status;

/// The overall progress.
pub(crate) fn summary() -> AnyView {
    let ui = Page::here().ui;
    let is_reading = move || ui.conn().link.is_reading();
    let of = move |status| ui.totals().counts.of(status);
    // What was withdrawn is neither done nor to be done.
    let all = move || ui.totals().counts.total() - of(Status::Cancelled);
    let read = move || ui.totals().messages;
    let history = move || usize::try_from(ui.conn().history).unwrap_or(0);
    let share = move || {
        let share =
            if is_reading() { percent(read(), history()) } else { percent(of(Status::Completed), all()) };
        share.min(100)
    };
    let sentence = move || match (is_reading(), history()) {
        (true, 0) => "Reading the history".to_owned(),
        (true, end) => format!("Reading the history: {} of {}", count(read()), count(end)),
        (false, _) => format!("{} of {} done", count(of(Status::Completed)), count(all())),
    };
    let number = |status: Status| {
        view! {
            <span class="soft">
                <span class=tone(status) aria-hidden="true">
                    {glyph(status)}
                </span>
                {move || format!(" {} {}", count(of(status)), title(status).to_ascii_lowercase())}
            </span>
        }
        .into_any()
    };
    let open = [Status::Blocked, Status::Available, Status::InProgress, Status::Failed];
    view! {
        <section class="summary" aria-label="Progress">
            <strong>{move || sentence()}</strong>
            <div
                class="meter"
                class:blue=move || is_reading()
                role="progressbar"
                aria-label=move || sentence()
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || share().to_string()
            >
                <span style:width=move || format!("{}%", share())></span>
            </div>
            {open.map(number).into_iter().collect::<Vec<_>>()}
        </section>
    }
    .into_any()
}

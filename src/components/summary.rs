//! How far the work is, in one line: a bar, done of all, and while the history is read how far that is; and how many
//! tasks stand in each state, each count a filter.

use super::filters::lanes_choice;
use super::{Page, button, glyph, mark, title, tone};
use crate::address::Screen;
use crate::dom::{El, el};
use crate::format::{count, percent};
use crate::reactive::{Memo, untrack};
use crate::search::{Key, Search};
use crate::session;
use mjwork::board::Status;

/// A history of so many events is read before anybody could stop it.
const STOPPABLE: usize = 5_000;

/// The overall progress.
pub(crate) fn summary() -> El {
    let page = Page::here();
    let Page { ui, address, .. } = page;
    let is_board = Memo::new(move || address.with(|address| address.screen == Screen::Board));
    let is_reading = move || ui.conn().is_reading() && ui.conn().past.is_none();
    let of = move |status| ui.totals().counts.of(status);
    // What was withdrawn is neither done nor to be done.
    let all = move || ui.totals().counts.total() - of(Status::Cancelled);
    let read = move || usize::try_from(ui.totals().read).unwrap_or(0);
    let history = move || usize::try_from(ui.conn().history).unwrap_or(0);
    let share = move || {
        let done = of(Status::Completed);
        let share = if is_reading() { percent(read(), history()) } else { percent(done, all()) };
        share.min(100)
    };
    let sentence = move || match (is_reading(), history()) {
        (true, 0) => "Reading the history".to_owned(),
        (true, end) => format!("Reading the history: {} of {} events", count(read()), count(end.max(read()))),
        (false, _) => format!("{} of {} done", count(of(Status::Completed)), count(all())),
    };
    let bar = el("div", "meter")
        .toggle("blue", is_reading)
        .attr("role", "progressbar")
        .bind("aria-label", sentence)
        .attr("aria-valuemin", "0")
        .attr("aria-valuemax", "100")
        .bind("aria-valuenow", move || share().to_string())
        .child(el("span", "").style("width", move || format!("{}%", share())));
    let asked = move |status: Status| {
        address.with(|address| Search::new(&address.search).asks_for(Key::Status, status.as_str()))
    };
    // Each count is a filter, wherever one is.
    let number = |status: Status| {
        el("button", "count plain")
            .attr("type", "button")
            .attr("data-filter", status.as_str())
            .bind("aria-pressed", move || if asked(status) { "true" } else { "false" })
            .child(mark(tone(status), glyph(status)))
            .says(move || format!(" {} {}", count(of(status)), title(status).to_ascii_lowercase()))
            .click(move || page.filter_by(Key::Status, status.as_str()))
    };
    let lanes = move || is_board.get().then(|| untrack(lanes_choice));
    let may_stop = Memo::new(move || is_reading() && history() > STOPPABLE);
    let stop = move || may_stop.get().then(|| button("", "Stop reading", || session::read_history(false)));
    el("section", "summary")
        .attr("aria-label", "Progress")
        .child(el("strong", "").says(sentence))
        .child(bar)
        .child(
            el("div", "counts")
                .attr("role", "group")
                .attr("aria-label", "Filter by state")
                .children(Status::ALL.map(number)),
        )
        .slot(stop)
        .child(super::charts::brief())
        .slot(lanes)
}

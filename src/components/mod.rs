//! Parts of pages. They show what the state holds and decide nothing.

mod actions;
mod attempts;
mod bulk;
mod card;
mod charts;
mod chosen;
mod column;
mod connection;
mod copies;
mod dialog;
mod edit;
mod empty;
mod fields;
mod filters;
mod focus;
mod graph;
mod header;
mod history;
mod hold;
mod json_view;
mod keys;
mod lanes;
mod list;
mod modal;
mod moment;
mod notice;
mod palette;
mod prose;
mod publish;
mod resize;
mod search_box;
mod summary;
mod task_panel;
mod toasts;
mod walk;

pub(crate) use card::liveness_word;
pub(crate) use charts::charts;
pub(crate) use chosen::{chosen, confirm};
pub(crate) use column::column;
pub(crate) use connection::{connection, connection_details, who};
pub(crate) use copies::copy_choice;
pub(crate) use dialog::{Opening, dialog, help};
pub(crate) use empty::{no_tasks, not_allowed, nothing_read, skeleton};
pub(crate) use fields::field;
pub(crate) use filters::{filters, nothing_matches};
pub(crate) use header::header;
pub(crate) use hold::{is_scrolled, read_scrolled};
pub(crate) use keys::listen_for_keys;
pub(crate) use lanes::lanes;
pub(crate) use list::{List, found, to_top, windowed, windowed_rows, windowed_within};
pub(crate) use moment::{moment, return_to_now};
pub(crate) use notice::{copyable, notices};
pub(crate) use palette::palette;
pub(crate) use publish::publish;
pub(crate) use summary::summary;
pub(crate) use task_panel::task_panel;
pub(crate) use toasts::toasts;

use crate::address::{Address, Publishing, Screen};
use crate::browser::{self, east_minutes};
use crate::dom::{El, apart, el};
use crate::format::{age, both_zones, time_of_day};
use crate::reactive::{Memo, RwSignal};
use crate::route::{self, Query};
use crate::search::{Key, Search};
use crate::state::Ui;
use gloo_timers::future::TimeoutFuture;
use mjwork::Timestamp;
use mjwork::board::{Liveness, Status};
use std::cell::Cell;
use std::rc::Rc;

/// What every part is given: the state, and what is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) ui: Ui,
    pub(crate) address: Memo<Address>,
    pub(crate) query: Query,
}

thread_local! {
    /// There is one page, and it lives as long as the tab.
    static HERE: Cell<Option<Page>> = const { Cell::new(None) };
}

/// What goes to a view by its address; the flag says whether Back skips the one before.
pub(crate) type Go = Rc<dyn Fn(&Address, bool)>;

impl Page {
    /// Makes it the page of all parts.
    pub(crate) fn provide(self) {
        HERE.set(Some(self));
    }

    /// The page, for any part of it.
    pub(crate) fn here() -> Self {
        HERE.get().unwrap_or_else(|| panic!("there is no page yet"))
    }

    /// What opens a view by its address.
    pub(crate) fn navigator() -> Go {
        let query = Self::here().query;
        Rc::new(move |to, replace| route::go(query, &to.href(), replace))
    }

    /// Goes to a view; `replace` says that Back skips the one before.
    pub(crate) fn go(self, to: &Address, replace: bool) {
        route::go(self.query, &to.href(), replace);
    }

    /// The address of the board with this search.
    pub(crate) fn search_address(self, search: &Search) -> Address {
        self.address.with_untracked(|address| {
            let on_board =
                if address.screen == Screen::Board { address.clone() } else { address.on(Screen::Board) };
            on_board.searching(&search.to_string())
        })
    }

    /// Searches the board for this value as well, or no more.
    pub(crate) fn filter_by(self, key: Key, value: &str) {
        let search = self.address.with_untracked(|address| Search::new(&address.search));
        self.go(&self.search_address(&search.toggled(key, value)), false);
    }

    /// Opens a form to publish over the present view.
    pub(crate) fn open_publishing(self, what: Publishing) {
        let to = self.address.with_untracked(|address| address.publishing(Some(what)));
        route::go(self.query, &to.href(), false);
    }

    /// Goes on with the other form; Back skips this one.
    pub(crate) fn switch_publishing(self, what: Publishing) {
        let to = self.address.with_untracked(|address| address.publishing(Some(what)));
        route::go(self.query, &to.href(), true);
    }

    /// Closes it; Back does not open it again.
    pub(crate) fn close_publishing(self) {
        let to = self.address.with_untracked(|address| address.publishing(None));
        route::go(self.query, &to.href(), true);
    }

    /// The link to a task's panel over the present view.
    pub(crate) fn task_href(self, id: &str) -> String {
        self.address.with(|address| address.with_task(id).href())
    }

    /// A link to a task's panel, to be filled.
    pub(crate) fn task_link(self, classes: &str, id: &str) -> El {
        let id = id.to_owned();
        el("a", classes).bind("href", move || self.task_href(&id))
    }
}

/// A button.
pub(crate) fn button(classes: &str, label: &str, run: impl Fn() + 'static) -> El {
    el("button", classes).attr("type", "button").text(label).click(run)
}

/// A button that shows a glyph only.
pub(crate) fn icon(glyph: &str, label: &str, run: impl Fn() + 'static) -> El {
    button("icon plain", glyph, run).attr("aria-label", label).attr("title", label)
}

/// So long a button says that it has copied, in ms.
const COPIED_MS: u32 = 1_500;

/// A button that lays a text on the clipboard, and says that it did.
pub(crate) fn copier(classes: &str, label: &'static str, text: impl Fn() -> String + 'static) -> El {
    let is_copied = RwSignal::new(false);
    let run = move || {
        browser::copy(&text());
        is_copied.set(true);
        browser::spawn(async move {
            TimeoutFuture::new(COPIED_MS).await;
            // The button may be gone.
            let _ = is_copied.try_set(false);
        });
    };
    let says = move || if is_copied.get() { "Copied" } else { label };
    button(classes, "", run).attr("aria-live", "polite").says(says)
}

/// What is only seen.
pub(crate) fn mark(classes: &str, glyph: &str) -> El {
    el("span", classes).attr("aria-hidden", "true").text(glyph)
}

/// How long ago that was, by the server's clock; hovering shows both zones.
pub(crate) fn ago(since: impl Fn() -> Option<Timestamp> + Copy + 'static) -> El {
    let ui = Page::here().ui;
    let shown = el("time", "").bind("title", move || since().map(hover).unwrap_or_default());
    apart(|| shown.says(move || since().map(|since| age(ui.now().server.since(since))).unwrap_or_default()))
}

/// The time of day at which that was; hovering shows both zones.
pub(crate) fn clock(at: Timestamp) -> El {
    el("time", "").attr("title", &hover(at)).text(&time_of_day(at, east_minutes(at)))
}

fn hover(time: Timestamp) -> String {
    both_zones(time, east_minutes(time))
}

/// A status' glyph: state is never told by colour alone.
pub(crate) const fn glyph(status: Status) -> &'static str {
    match status {
        Status::Blocked => "‖",
        Status::Available => "○",
        Status::InProgress => "◐",
        Status::Failed => "✕",
        Status::Completed => "✓",
        Status::Cancelled => "⊘",
    }
}

/// The class that colours a status' glyph.
pub(crate) const fn tone(status: Status) -> &'static str {
    match status {
        Status::Blocked => "amber",
        Status::InProgress => "blue",
        Status::Failed => "red",
        Status::Completed => "green",
        Status::Available | Status::Cancelled => "grey",
    }
}

/// A status as a column's title.
pub(crate) const fn title(status: Status) -> &'static str {
    match status {
        Status::Blocked => "Blocked",
        Status::Available => "Available",
        Status::InProgress => "In progress",
        Status::Failed => "Failed",
        Status::Completed => "Completed",
        Status::Cancelled => "Cancelled",
    }
}

/// A liveness' glyph.
pub(crate) const fn pulse(liveness: Liveness) -> &'static str {
    match liveness {
        Liveness::Live => "●",
        Liveness::Late => "◑",
        Liveness::Lost => "✕",
        Liveness::Silent => "◌",
    }
}

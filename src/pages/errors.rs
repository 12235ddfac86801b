//! What went wrong: groups of one kind on top, each of them a filter; all of it below, newest first.

use super::table::{Still, another, cell, column, copies, fact, opens, page, pane, row, table, unseen};
use crate::address::Param;
use crate::browser::{Shelf, east_minutes};
use crate::components::{List, Page, ago, button, clock, found};
use crate::dom::{El, el};
use crate::errors::{Errors, Found, Group, find, number};
use crate::format::{bytes, count, date_time, one_line};
use crate::reactive::{Memo, RwSignal, StoredValue};
use crate::search::Search;
use mjwork::AgentId;
use mjwork::board::Status;

/// The groups, and a signal that moves with them.
#[derive(Clone, Copy)]
struct Shown {
    errors: StoredValue<Errors>,
    revision: Memo<usize>,
}

impl Shown {
    fn new() -> Self {
        let ui = Page::here().ui;
        let errors = StoredValue::new(Errors::default());
        // Not with every event, but only when there is another error, or one less.
        let reported = Memo::new(move || {
            let _ = ui.totals();
            let live = ui.live();
            let board = live.board();
            let last = |seq: Option<u64>| usize::try_from(seq.unwrap_or(0)).unwrap_or(0);
            let (problems, unreadable) = (board.problems(), board.unreadable());
            last(problems.iter().next_back().map(|p| p.seq))
                .wrapping_add(last(unreadable.iter().next_back().map(|m| m.seq)).wrapping_mul(31))
                .wrapping_add(problems.total().wrapping_add(unreadable.total()).wrapping_mul(961))
        });
        let revision = Memo::new(move || {
            let _ = reported.get();
            let live = ui.live_order(Status::Failed);
            errors.update_value(|errors| errors.update(&live));
            another()
        });
        Self { errors, revision }
    }

    /// Looks at the errors, and again when they change.
    fn with<T>(self, look: impl FnOnce(&Errors) -> T) -> T {
        let _ = self.revision.get();
        self.errors.with_value(look)
    }

    /// Something of one group.
    fn of_group<T>(self, key: u64, look: fn(&Group) -> T) -> Option<T> {
        self.with(|errors| errors.group(key).map(look))
    }
}

/// The errors.
pub(super) fn errors() -> El {
    let Page { ui, address, .. } = Page::here();
    let shown = Shown::new();
    let filter = Memo::new(move || address.with(|a| a.param(Param::Filter).unwrap_or_default().to_owned()));
    let search = Memo::new(move || address.with(|a| a.search.clone()));
    let listed = found(move || {
        let group = filter.with(|filter| u64::from_str_radix(filter, 16).ok());
        let search = search.with(|text| Search::new(text));
        Some(shown.with(|errors| errors.listed(&ui.live(), group, &search)))
    });
    let number_shown = move || listed.get().map_or(0, |all| all.len());
    let list = List::of(listed, "--log-step", "Errors, newest first", Box::new(error));
    let said = move || {
        let totals = ui.totals();
        let (reported, unreadable) = totals.of_errors();
        let failed = totals.counts.of(Status::Failed);
        let all = reported + unreadable + failed;
        let cut = if number_shown() < all {
            format!("; {} of {} shown", count(number_shown()), count(all))
        } else {
            String::new()
        };
        let tasks = if failed == 1 { "task" } else { "tasks" };
        let (reported, failed, unreadable) = (count(reported), count(failed), count(unreadable));
        format!("{reported} reported, {failed} failed {tasks}, {unreadable} unreadable{cut}")
    };
    let all = move || address.with(|a| a.clone().with(Param::Filter, "").href());
    let filtered = el("a", "button")
        .toggle("gone", move || filter.with(String::is_empty))
        .bind("href", all)
        .text("Show all groups");
    let columns = ["Sequence", "Time", "Kind", "Where", "What"].map(column).into();
    page("Errors", said)
        .child(groups(shown))
        .child(filtered)
        .child(table("errors", "Errors", columns, list, RwSignal::new(false)))
        .child(pane("Error", Box::new(detail)))
}

/// The groups: a link each, which filters the list by it.
fn groups(shown: Shown) -> El {
    let still = Still::default();
    let keys = found(move || {
        let now =
            shown.with(|errors| errors.groups().iter().map(|group| format!("{:x}", group.key)).collect());
        Some(still.order(".table.groups :is(.windowed:hover, .windowed:focus-within)", now))
    });
    let total = move || keys.get().map_or(0, |keys| keys.len());
    let row = Box::new(move |key: &str| group(key, shown));
    let list = List::of(keys, "--row-step", "Groups, the last seen first", row);
    let columns = ["Count", "Kind", "Group", "Last seen", "First seen", "Agents", "Tasks"].map(column).into();
    table("groups", "Groups of errors", columns, list, RwSignal::new(false))
        .style("--rows", move || total().to_string())
        .toggle("gone", move || total() == 0)
}

fn group(name: &str, shown: Shown) -> El {
    let Page { address, .. } = Page::here();
    let key = u64::from_str_radix(name, 16).unwrap_or(0);
    let Some(group) = shown.with(|errors| errors.group(key).cloned()) else {
        return el("div", "row").attr("role", "row");
    };
    let says = move |say: fn(&Group) -> String| move || shown.of_group(key, say).unwrap_or_default();
    let (wanted, same) = (name.to_owned(), name.to_owned());
    let is_on = move || address.with(|a| a.param(Param::Filter) == Some(same.as_str()));
    let href = {
        let is_on = is_on.clone();
        move || {
            let filter = if is_on() { "" } else { wanted.as_str() };
            address.with(|a| a.clone().with(Param::Filter, filter).href())
        }
    };
    let link = el("a", "opens cut")
        .attr("title", &group.print)
        .bind("href", href)
        .bind("aria-current", {
            let is_on = is_on.clone();
            move || if is_on() { "true" } else { "false" }
        })
        .text(&group.print);
    el("div", "row")
        .attr("role", "row")
        .attr("data-group", name)
        .toggle("open", is_on)
        .child(cell("number").attr("data-count", "").says(says(|g| count(g.count))))
        .child(cell(tone(&group.level)).says(says(|g| one_line(&g.level, 16))))
        .child(cell("cut").child(link))
        .child(cell("").child(ago(move || shown.of_group(key, |g| g.last))).text(" ago"))
        .child(cell("soft").child(ago(move || shown.of_group(key, |g| g.first))).text(" ago"))
        .child(cell("number").says(says(|g| number(&g.agents))))
        .child(cell("number").says(says(|g| number(&g.tasks))))
}

fn error(key: &str) -> El {
    let page = Page::here();
    let live = page.ui.live();
    let row = row("", key);
    let Some(found) = find(&live, key.parse().unwrap_or(0)) else { return row };
    let agent = found.agent().map(|agent| el("span", "cut").text(agent.as_str()));
    let task = found
        .task()
        .map(|task| page.task_link("mono cut", task.as_str()).attr("tabindex", "-1").text(task.as_str()));
    let subject = found.subject().map(|subject| el("span", "mono cut").text(&one_line(subject, 100)));
    let text = one_line(&found.text(), 300);
    row.attr("data-message-seq", key)
        .child(cell("mono").child(opens("", key).text(&count(found.seq()))))
        .child(cell("").child(clock(found.time())))
        .child(cell(tone(found.level())).text(&one_line(found.level(), 16)))
        .child(cell("where").children([agent, task, subject].into_iter().flatten()))
        .child(cell("cut").attr("title", &text).text(&text))
}

/// What merely informs takes no colour.
fn tone(level: &str) -> &'static str {
    match level {
        "warning" => "amber cut",
        "info" | "debug" | "notice" => "soft cut",
        _ => "red cut",
    }
}

/// All of one error: where it happened, its text and its stack.
fn detail(key: &str) -> El {
    let page = Page::here();
    let live = page.ui.live();
    let seq = key.parse().unwrap_or(0);
    let Some(found) = find(&live, seq) else {
        return el("p", "soft").text("Nothing is listed at this sequence any more.");
    };
    let wrap = RwSignal::new(Shelf::Local.get("wrap").is_none());
    let toggle = move || {
        wrap.update(|wrap| *wrap = !*wrap);
        Shelf::Local.set("wrap", (!wrap.get_untracked()).then_some("no"));
    };
    let time = found.time();
    let facts = fact(
        el("dl", "facts"),
        "Stored",
        el("dd", "").text(&format!("{}, sequence {}", date_time(time, east_minutes(time)), count(seq))),
    );
    let facts = match found.agent().map(AgentId::as_str) {
        Some(agent) => fact(facts, "Agent", el("dd", "").text(agent)),
        None => facts,
    };
    let facts = match found.task() {
        Some(task) => {
            let link = page.task_link("mono", task.as_str()).text(task.as_str());
            fact(facts, "Task", el("dd", "").child(link))
        }
        None => facts,
    };
    let facts = match found {
        Found::Unreadable(message) => {
            let said = format!("{}, {}", one_line(&message.subject, 300), bytes(message.size));
            fact(facts, "Subject", el("dd", "mono").text(&said))
        }
        _ => facts,
    };
    let whole = found.whole();
    let copied = whole.clone();
    let tools = el("div", "buttons")
        .child(
            button("", "Wrap lines", toggle)
                .bind("aria-pressed", move || if wrap.get() { "true" } else { "false" }),
        )
        .child(copies("Copy the error", move || copied.clone()));
    el("div", "body")
        .child(el("h3", "").text(found.level()).child(unseen(" in detail")))
        .child(facts)
        .child(tools)
        .child(
            el("pre", "text mono")
                .attr("tabindex", "0")
                .toggle("unwrapped", move || !wrap.get())
                .text(&whole),
        )
}

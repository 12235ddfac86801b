//! One task, whole: what it is, where it stands, what it waits for, how it ended, what may be done to it.

use super::actions::{accept_one, actions};
use super::attempts::attempt;
use super::card::tag;
use super::graph::drawing;
use super::history::history;
use super::json_view::json_view;
use super::prose::prose;
use super::resize::edge;
use super::{Page, ago, clock, copier, glyph, icon, liveness_word, title, tone};
use crate::attempts::{attempts, way};
use crate::browser::{self, east_minutes};
use crate::card::whole_percent;
use crate::dom::{El, el};
use crate::format::{count, date_time, one_line};
use crate::graph::Graph;
use crate::json_tree::Value;
use crate::live::Live;
use crate::reactive::{Memo, StoredValue, untrack};
use mjwork::board::{Outcome, Status, Task};
use std::rc::Rc;

/// So many tasks are listed of those that it blocks.
const BLOCKS_LISTED: usize = 100;
/// So many attempts are listed: the last ones.
const ATTEMPTS_LISTED: usize = 50;

/// The task of the panel: looked at anew only when something moves that the panel shows.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) page: Page,
    pub(super) id: StoredValue<String>,
    stamp: Memo<u64>,
}

impl Shown {
    fn new(id: &str) -> Self {
        let page = Page::here();
        let id = StoredValue::new(id.to_owned());
        let stamp = Memo::new(move || id.with_value(|id| stamp(&page.ui.live_tasks(), id)));
        Self { page, id, stamp }
    }

    pub(super) fn with<R>(self, look: impl FnOnce(&Live, &Task) -> R) -> Option<R> {
        self.stamp.track();
        let live = self.page.ui.live();
        let task = self.id.with_value(|id| live.board().task(id))?;
        Some(look(&live, task))
    }

    /// A text about it; empty while it is not known.
    fn text(self, say: Say) -> impl Fn() -> String + Copy {
        move || self.with(say).unwrap_or_default()
    }
}

/// A number that moves when anything moves that the panel shows: 0 for a task that is not known.
fn stamp(live: &Live, id: &str) -> u64 {
    let board = live.board();
    let Some(task) = board.task(id) else { return 0 };
    let last = task.history.last_seq();
    let near = task.definition.blocked_by.iter().chain(board.blocked_by(id).iter().take(BLOCKS_LISTED));
    let statuses = near.map(|id| board.task(id.as_str()).map_or(7, |task| task.status as u64));
    let numbers = [last, task.version, task.history.len() as u64, task.status as u64].into_iter();
    // FNV-1a over numbers.
    numbers
        .chain(statuses)
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, number| (hash ^ number).wrapping_mul(0x0000_0100_0000_01b3))
        | 1
}

/// The panel of this task.
pub(crate) fn task_panel(id: &str) -> El {
    let shown = Shown::new(id);
    let Page { ui, address, .. } = shown.page;
    let go = Page::navigator();
    let close = move || go(&address.get_untracked().without_task(), false);
    let heading = move || {
        shown.with(|_, task| task.definition.title.to_string()).unwrap_or_else(|| "Unknown task".into())
    };
    let status = move || shown.with(|_, task| task.status);
    let may_act = Memo::new(move || shown.stamp.get() != 0 && ui.conn().rights.any());
    let missing = move || match (shown.stamp.get(), ui.conn().link.synced) {
        (0, true) => "The stream knows no such task; it may have expired.",
        (0, false) => "The history is still being read.",
        _ => "",
    };
    let liveness = move || {
        let now = ui.now().server;
        shown.with(|live, task| live.board().owner_liveness(task, now)).flatten()
    };
    let word = el("span", "")
        .bind("class", move || status().map_or("", tone))
        .bind("data-panel-status", move || status().map_or("", Status::as_str))
        .says(move || status().map(|s| format!("{} {}", glyph(s), title(s))).unwrap_or_default());
    let copy_link = move || {
        let href = shown.id.with_value(|id| address.with_untracked(|address| address.with_task(id).href()));
        browser::link(&href)
    };
    let top = el("div", "top")
        .child(el("h2", "").says(heading))
        .child(copier("plain", "Copy link", copy_link))
        .child(icon("✕", "Close", close));
    let links = el("div", "links")
        .child(el("span", "mono").text(&one_line(id, 256)))
        .child(word)
        .child(liveness_word(liveness));
    let header = el("header", "")
        .child(top)
        .child(links)
        .slot(move || may_act.get().then(|| untrack(|| actions(shown))));
    let body = el("div", "body")
        .attr("tabindex", "-1")
        .child(el("p", "soft").says(missing))
        .child(path(shown))
        .child(facts(shown))
        .child(part(
            shown,
            "Description",
            |task| task.definition.description.as_deref().map(ToOwned::to_owned),
            prose,
        ))
        .child(neighbours(shown, "Waits for", waits_for))
        .child(neighbours(shown, "Blocks", blocks))
        .child(dependencies(shown))
        .child(ended(shown))
        .child(late_results(shown))
        .child(all_attempts(shown))
        .child(history(
            ui,
            Rc::new(move |look| {
                shown.with(|_, task| look(task));
            }),
        ));
    el("aside", "panel")
        .attr("aria-label", "Task")
        .attr("data-task-panel", id)
        .child(edge())
        .child(header)
        .child(body)
}

/// The way of its states, with the times.
fn path(shown: Shown) -> El {
    let steps = move || {
        let found = shown.with(|_, task| way(task, task.history.iter()));
        let (steps, left_out) = found.unwrap_or_default();
        let mut keys: Vec<String> =
            steps.iter().map(|step| format!("{}\n{}", step.time.as_millis(), step.what)).collect();
        if left_out > 0 {
            keys.insert(2.min(keys.len()), format!("\n{} more", count(left_out)));
        }
        keys
    };
    let row = |key: &str| {
        let (time, what) = key.split_once('\n').unwrap_or_default();
        let step = el("li", "").child(el("span", "").text(what));
        match time.parse() {
            Ok(millis) => step.child(el("span", "soft").child(clock(mjwork::Timestamp::from_millis(millis)))),
            Err(_) => step,
        }
    };
    el("ol", "way").attr("aria-label", "States").rows(steps, row)
}

/// What says something of a task.
type Say = fn(&Live, &Task) -> String;

fn facts(shown: Shown) -> El {
    let mut facts = el("dl", "facts").toggle("gone", move || shown.stamp.get() == 0);
    let since = el("dd", "")
        .child(ago(move || shown.with(|_, task| task.since)))
        .says(shown.text(|_, task| format!(", since {}", at(task.since))));
    facts = facts.child(el("dt", "").text("For")).child(since);
    let texts: [(&str, Say); 8] = [
        ("Priority", |_, task| task.definition.priority.to_string()),
        ("Owner", |_, task| {
            let session = |s: &str| format!(", session {s}");
            let owner = task.owner.as_ref();
            owner
                .map(|o| format!("{}{}", o.agent, o.session.as_deref().map(session).unwrap_or_default()))
                .unwrap_or_default()
        }),
        ("Attempts", |_, task| format!("{} of {}", task.attempts, task.definition.max_attempts)),
        ("Progress", |_, task| match &task.progress {
            Some(progress) if task.status == Status::InProgress => {
                let percent = progress.percent.map(|p| format!("{} %", whole_percent(p))).unwrap_or_default();
                format!("{percent} {}", progress.note.as_deref().unwrap_or_default())
            }
            _ => String::new(),
        }),
        ("Reported", |_, task| match &task.progress {
            Some(progress) if task.status == Status::InProgress => at(progress.time),
            _ => String::new(),
        }),
        ("Version", |_, task| count(task.version)),
        ("Claim", |_, task| task.claim.map(count).unwrap_or_default()),
        ("Published", |_, task| at(task.created)),
    ];
    for (name, say) in texts {
        let text = shown.text(say);
        facts = facts
            .child(el("dt", "").toggle("gone", move || text().is_empty()).text(name))
            .child(el("dd", "").toggle("gone", move || text().is_empty()).says(text));
    }
    let tags = move || {
        shown
            .with(|_, task| task.definition.tags.iter().map(|t| one_line(t, 60)).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    facts
        .child(el("dt", "").toggle("gone", move || tags().is_empty()).text("Tags"))
        .child(el("dd", "links").toggle("gone", move || tags().is_empty()).rows(tags, tag))
}

fn at(time: mjwork::Timestamp) -> String {
    date_time(time, east_minutes(time))
}

/// Other tasks as links: each key is a tone, a word and an id, so that a row is made anew when its state changes.
fn neighbours(shown: Shown, head: &'static str, list: fn(&Live, &Task) -> Vec<String>) -> El {
    let keys = move || shown.with(list).unwrap_or_default();
    let row = move |key: &str| {
        let mut parts = key.splitn(3, '\n');
        let (tone, word, id) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        el("li", "")
            .child(shown.page.task_link("mono", id).text(id))
            .text(" ")
            .child(el("span", tone).text(word))
    };
    el("section", "")
        .toggle("gone", move || keys().is_empty())
        .child(el("h3", "").text(head))
        .child(el("ul", "links").rows(keys, row))
}

fn waits_for(live: &Live, task: &Task) -> Vec<String> {
    let open = live.board().blockers(task);
    let done = task.definition.blocked_by.iter().filter(|id| !open.iter().any(|b| b.id == **id));
    let done = done.map(|id| format!("green\ncompleted\n{id}"));
    let open = open
        .iter()
        .map(|b| format!("{}\n{}\n{}", if b.why.is_stuck() { "red" } else { "soft" }, b.why, b.id));
    open.chain(done).collect()
}

fn blocks(live: &Live, task: &Task) -> Vec<String> {
    let board = live.board();
    let all = board.blocked_by(task.id.as_str());
    let one = |id: &mjwork::TaskId| Some(format!("soft\n{}\n{id}", board.task(id.as_str())?.status));
    let mut listed: Vec<String> = all.iter().take(BLOCKS_LISTED).filter_map(one).collect();
    if all.len() > BLOCKS_LISTED {
        listed.push(format!("soft\nand {} more\n", count(all.len() - BLOCKS_LISTED)));
    }
    listed
}

/// A section that is there while there is something to show, and made anew when that changes.
fn part(shown: Shown, head: &'static str, say: fn(&Task) -> Option<String>, show: fn(&str) -> El) -> El {
    // An empty text and none are the same here.
    let text = Memo::new(move || shown.with(|_, task| say(task)).flatten().unwrap_or_default());
    el("div", "contents").slot(move || {
        let text = text.get();
        (!text.is_empty())
            .then(|| untrack(|| el("section", "").child(el("h3", "").text(head)).child(show(&text))))
    })
}

/// The drawing of what it waits for and what waits for it.
fn dependencies(shown: Shown) -> El {
    el("div", "contents").slot(move || {
        let graph =
            shown.with(|live, task| Graph::of(live.board(), task)).filter(|graph| !graph.is_alone())?;
        let section = el("section", "").child(el("h3", "").text("Dependencies"));
        Some(untrack(|| section.child(drawing(&graph))))
    })
}

/// How it ended: its result, its error or who withdrew it.
fn ended(shown: Shown) -> El {
    // The first line is the head, the second says what follows.
    let said = Memo::new(move || shown.with(|_, task| ending(task)).unwrap_or_default());
    el("div", "contents").slot(move || {
        let said = said.get();
        let (head, text) = said.split_once('\n').filter(|_| !said.is_empty())?;
        let section = el("section", "").child(el("h3", "").text(head));
        Some(untrack(|| match Value::read(text) {
            _ if text.is_empty() => section,
            Some(Value::Nested(..)) => section.child(json_view("Result", text)),
            Some(Value::Text(words)) => section.child(words_of(&words)),
            _ => section.child(words_of(text)),
        }))
    })
}

fn words_of(text: &str) -> El {
    let copied = text.to_owned();
    let copy = copier("plain", "Copy", move || copied.clone());
    el("div", "json-view")
        .child(el("div", "tools").child(copy))
        .child(el("div", "text mono").attr("tabindex", "0").text(text))
}

fn ending(task: &Task) -> String {
    match &task.outcome {
        Some(Outcome::Result(None)) => "Completed without a result\n".into(),
        Some(Outcome::Result(Some(json))) => format!("Result\n{json}"),
        Some(Outcome::Error { kind, by, error }) => {
            let kind = kind.as_ref().map(|k| format!(" ({k})")).unwrap_or_default();
            let by = by.as_ref().map(|by| format!(", given up by {by}")).unwrap_or_default();
            format!("✕ Error{kind}{by}\n{error}")
        }
        Some(Outcome::Cancelled { by, reason }) => {
            format!("Cancelled by {by}\n{}", reason.as_deref().unwrap_or_default())
        }
        None => String::new(),
    }
}

/// Results that came too late, newest first, each with what accepts it.
fn late_results(shown: Shown) -> El {
    let keys = move || {
        let all = shown.with(|_, task| task.late.iter().rev().map(|late| late.seq.to_string()).collect());
        all.unwrap_or_default()
    };
    let row = move |key: &str| {
        let seq = key.parse().unwrap_or(0);
        let found = shown.with(|_, task| {
            let late = task.late.iter().find(|late| late.seq == seq)?;
            Some((late.owner.agent.to_string(), late.result.as_deref().map(ToOwned::to_owned)))
        });
        let (agent, result) = found.flatten().unwrap_or_default();
        let head = el("div", "line")
            .child(el("span", "mono soft").text(&count(seq)))
            .child(el("span", "cut spread").text(&agent));
        let may = shown.page.ui.conn_now().rights.accept;
        let head = if may { head.child(accept_one(shown, seq)) } else { head };
        let view = match result {
            Some(json) => json_view("Late result", &json),
            None => el("p", "soft").text("without a result"),
        };
        el("li", "late-result").attr("data-late", key).child(head).child(view)
    };
    let head = move || {
        let all = shown.with(|_, task| task.late.len()).unwrap_or(0);
        format!("Results that came too late: {}", count(all))
    };
    el("section", "")
        .toggle("gone", move || shown.with(|_, task| task.late.is_empty()).unwrap_or(true))
        .child(el("h3", "").says(head))
        .child(el("ul", "lates").rows(keys, row))
}

/// The attempts, newest first. A row is made anew when its attempt has come further.
fn all_attempts(shown: Shown) -> El {
    let list = move || shown.with(|_, task| attempts(task.history.iter())).unwrap_or_default();
    let keys = move || {
        let all = list();
        let key = |(at, attempt): (usize, &crate::attempts::Attempt)| {
            format!("{at} {} {}", attempt.end.as_str(), attempt.notes.len())
        };
        all.iter().enumerate().rev().take(ATTEMPTS_LISTED).map(key).collect()
    };
    let row = move |key: &str| {
        let at: usize = key.split(' ').next().and_then(|at| at.parse().ok()).unwrap_or(0);
        list().get(at).map_or_else(|| el("li", ""), |found| attempt(at + 1, found))
    };
    let head = move || match list().len() {
        all if all > ATTEMPTS_LISTED => {
            format!("Attempts: newest {} of {} shown", count(ATTEMPTS_LISTED), count(all))
        }
        _ => "Attempts".to_owned(),
    };
    el("section", "")
        .toggle("gone", move || list().is_empty())
        .child(el("h3", "").says(head))
        .child(el("ol", "attempts").rows(keys, row))
}

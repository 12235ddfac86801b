//! One task, whole: what it is, where it stands, what it waits for, how it ended, what may be done to it.

use super::card::tag;
use super::history::history;
use super::{Page, ago, button, glyph, icon, liveness_word, title, tone};
use crate::act::Act;
use crate::browser::east_minutes;
use crate::card::whole_percent;
use crate::dom::{El, el};
use crate::format::{count, date_time, one_line, pretty_json};
use crate::live::Live;
use crate::{operate, remedy};
use leptos::prelude::*;
use mjwork::board::{Outcome, Status, Task};
use mjwork::draft::{self, Draft};
use mjwork::event::Subjects;
use std::rc::Rc;

/// So many tasks are listed of those that it blocks.
const BLOCKS_LISTED: usize = 100;

/// The task of the panel: looked at anew only when something moves that the panel shows.
#[derive(Clone, Copy)]
struct Shown {
    page: Page,
    id: StoredValue<String>,
    stamp: Memo<u64>,
}

impl Shown {
    fn new(id: &str) -> Self {
        let page = Page::here();
        let id = StoredValue::new(id.to_owned());
        let stamp = Memo::new(move |_| id.with_value(|id| stamp(&page.ui.live_tasks(), id)));
        Self { page, id, stamp }
    }

    fn with<R>(self, look: impl FnOnce(&Live, &Task) -> R) -> Option<R> {
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
    let may_act = Memo::new(move |_| shown.stamp.get() != 0 && ui.conn().rights.any());
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
    let top = el("div", "top").child(el("h2", "").says(heading)).child(icon("✕", "Close", close));
    let links = el("div", "links")
        .child(el("span", "mono").text(&one_line(id, 256)))
        .child(word)
        .child(liveness_word(liveness));
    let header = el("header", "")
        .child(top)
        .child(links)
        .slot(move || may_act.get().then(|| untrack(|| actions(shown))));
    let body = el("div", "body")
        .child(el("p", "soft").says(missing))
        .child(facts(shown))
        .child(passage(
            |_| "Description".into(),
            "text",
            shown,
            |task| task.definition.description.as_deref().map(ToOwned::to_owned),
        ))
        .child(neighbours(shown, "Waits for", waits_for))
        .child(neighbours(shown, "Blocks", blocks))
        .child(passage(how_it_ended, "text mono", shown, ending))
        .child(passage(
            |task| format!("Results that came too late: {}", task.late.len()),
            "text mono",
            shown,
            late,
        ))
        .child(history(Rc::new(move |look| {
            shown.with(|_, task| look(task));
        })));
    el("aside", "panel").attr("aria-label", "Task").attr("data-task-panel", id).child(header).child(body)
}

/// What may be done; what the state does not allow is disabled and says why.
fn actions(shown: Shown) -> El {
    type Make = fn(&Subjects, &Task, &str) -> Option<Draft>;
    let ui = shown.page.ui;
    let action = |label: &'static str,
                  what: &'static str,
                  may: bool,
                  rule: fn(&Task) -> Option<&'static str>,
                  make: Make| {
        let why_not = move || {
            let why_not = ui.conn().why_not_now();
            if why_not.is_some() {
                return why_not;
            }
            shown.with(|_, task| rule(task)).flatten()
        };
        let run = move || {
            let (by, subjects) = ui.conn_now().signer();
            let draft = untrack(|| shown.with(|_, task| make(&subjects, task, &by))).flatten();
            if let Some(draft) = draft {
                shown.id.with_value(|id| operate::act(ui, what, id, draft));
            }
        };
        may.then(|| {
            button("", label, run)
                .disabled(move || why_not().is_some())
                .bind("title", move || why_not().unwrap_or(label))
                .bind_some("aria-description", why_not)
        })
    };
    let rights = ui.conn_now().rights.clone();
    let buttons = [
        action("Requeue", "Requeue", rights.publish, remedy::no_requeue, |subjects, task, by| {
            Some(draft::requeue(subjects, task, None, by))
        }),
        action("Cancel task", "Cancel", rights.cancel, remedy::no_cancel, |subjects, task, by| {
            Some(draft::cancel(subjects, task, None, by))
        }),
        action("Accept late result", "Accept", rights.accept, remedy::no_accept, |subjects, task, by| {
            Some(draft::accept(subjects, task, task.late.last()?.seq, by))
        }),
    ];
    let last = move || shown.id.with_value(|id| ui.acts.get().into_iter().rfind(|act| act.task == *id));
    let said = el("p", "")
        .bind_some("data-stage", move || last().map(|act| act.stage.as_str()))
        .says(move || last().as_ref().map(Act::sentence).unwrap_or_default());
    let buttons = el("div", "actions").children(buttons.into_iter().flatten());
    el("div", "acting").child(buttons).child(said)
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

fn how_it_ended(task: &Task) -> String {
    match &task.outcome {
        Some(Outcome::Result(None)) => "Completed without a result".into(),
        Some(Outcome::Result(Some(_))) => "Result".into(),
        Some(Outcome::Error { kind, by, .. }) => {
            let kind = kind.as_ref().map(|k| format!(" ({k})")).unwrap_or_default();
            let by = by.as_ref().map(|by| format!(", given up by {by}")).unwrap_or_default();
            format!("✕ Error{kind}{by}")
        }
        Some(Outcome::Cancelled { by, .. }) => format!("Cancelled by {by}"),
        None => String::new(),
    }
}

fn ending(task: &Task) -> Option<String> {
    Some(match task.outcome.as_ref()? {
        Outcome::Result(json) => pretty_json(json.as_deref().unwrap_or_default()),
        Outcome::Error { error, .. } => error.to_string(),
        Outcome::Cancelled { reason, .. } => reason.as_deref().unwrap_or_default().to_owned(),
    })
}

fn late(task: &Task) -> Option<String> {
    let one = |late: &mjwork::board::LateResult| {
        let result = pretty_json(late.result.as_deref().unwrap_or("no result"));
        format!("{} from {}:\n{result}", count(late.seq), late.owner.agent)
    };
    (!task.late.is_empty()).then(|| task.late.iter().map(one).collect::<Vec<_>>().join("\n\n"))
}

/// A text of its own, as it is: never markup.
fn passage(
    head: fn(&Task) -> String,
    class: &'static str,
    shown: Shown,
    say: fn(&Task) -> Option<String>,
) -> El {
    let text = move || shown.with(|_, task| say(task)).flatten();
    el("section", "")
        .toggle("gone", move || text().is_none())
        .child(el("h3", "").says(move || shown.with(|_, task| head(task)).unwrap_or_default()))
        .child(el("div", class).says(move || text().unwrap_or_default()))
}

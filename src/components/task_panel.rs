//! One task, whole: what it is, where it stands, what it waits for, how it ended, what may be done to it.

use super::card::tags;
use super::history::history;
use super::{Page, ago, click, clock, glyph, liveness_word, nothing, title, tone};
use crate::card::whole_percent;
use crate::format::{count, one_line, pretty_json};
use crate::live::Live;
use crate::{remedy, session};
use leptos::prelude::*;
use mjwork::board::{LateResult, Outcome, Status, Task};
use mjwork::draft::{self, Draft};
use mjwork::event::Subjects;

/// So many tasks are listed of those that it blocks.
const BLOCKS_LISTED: usize = 100;

/// The panel of this task.
pub(crate) fn task_panel(id: String) -> AnyView {
    let page = Page::here();
    let Page { ui, address } = page;
    let go = Page::navigator();
    let close = move || go(&address.get_untracked().without_task(), false);
    let name = StoredValue::new(id.clone());
    // What the panel shows is looked at again only when this moves.
    let stamp = Memo::new(move |_| name.with_value(|id| stamp(&ui.live_tasks(), id)));
    let with_task = move |look: &dyn Fn(&Live, &Task) -> AnyView| {
        stamp.track();
        let live = ui.live();
        name.with_value(|id| live.board().task(id).map_or_else(nothing, |task| look(&live, task)))
    };
    let heading = move || {
        stamp.track();
        let title = |live: &Live| {
            name.with_value(|id| live.board().task(id).map(|task| task.definition.title.to_string()))
        };
        title(&ui.live()).unwrap_or_else(|| "Unknown task".into())
    };
    let status = |_: &Live, task: &Task| {
        view! {
            <span class=tone(task.status) data-panel-status=task.status.as_str()>
                <span aria-hidden="true">{glyph(task.status)}</span>
                " "
                {title(task.status)}
            </span>
        }
        .into_any()
    };
    let may_act = Memo::new(move |_| stamp.get() != 0 && ui.conn().rights.any());
    let missing = move || match (stamp.get(), ui.conn().link.synced) {
        (0, true) => "The stream knows no such task; it may have expired.",
        (0, false) => "The history is still being read.",
        _ => "",
    };
    let liveness = move || {
        let now = ui.now().server;
        stamp.track();
        let live = ui.live();
        name.with_value(|id| live.board().owner_liveness(live.board().task(id)?, now))
    };
    view! {
        <aside class="panel" aria-label="Task" data-task-panel=id.clone()>
            <header>
                <div class="top">
                    <h2>{move || heading()}</h2>
                    <button class="icon plain" aria-label="Close" title="Close (Esc)" on:click=click(close)>
                        "✕"
                    </button>
                </div>
                <div class="links">
                    <span class="mono">{one_line(&id, 256)}</span>
                    {move || with_task(&status)}
                    {liveness_word(liveness)}
                </div>
                {move || if may_act.get() { actions(name, stamp) } else { nothing() }}
            </header>
            <div class="body">
                <p class="soft">{move || missing()}</p>
                {move || with_task(&facts)}
                {move || with_task(&|live, task| neighbours(page, live, task))}
                {move || with_task(&ended)}
                {move || with_task(&|_, task| history(&task.history))}
            </div>
        </aside>
    }
    .into_any()
}

/// A number that moves when anything moves that the panel shows: 0 for a task that is not known.
fn stamp(live: &Live, id: &str) -> u64 {
    let board = live.board();
    let Some(task) = board.task(id) else { return 0 };
    let last = task.history.last().map_or(0, |entry| entry.seq);
    let near = task.definition.blocked_by.iter().chain(board.blocked_by(id).iter().take(BLOCKS_LISTED));
    let statuses = near.map(|id| board.task(id.as_str()).map_or(7, |task| task.status as u64));
    let numbers = [last, task.version, task.history.len() as u64, task.status as u64].into_iter();
    // FNV-1a over numbers.
    numbers
        .chain(statuses)
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, number| (hash ^ number).wrapping_mul(0x0000_0100_0000_01b3))
        | 1
}

/// What may be done; what the state does not allow is disabled and says why.
fn actions(name: StoredValue<String>, stamp: Memo<u64>) -> AnyView {
    type Make = fn(&Subjects, &Task, &str) -> Option<Draft>;
    let ui = Page::here().ui;
    let button = move |label: &'static str,
                       what: &'static str,
                       may: bool,
                       rule: fn(&Task) -> Option<&'static str>,
                       make: Make| {
        if !may {
            return nothing();
        }
        let why_not = move || {
            stamp.track();
            if !ui.conn().is_up() {
                return Some("There is no connection.");
            }
            let live = ui.live();
            name.with_value(|id| live.board().task(id).and_then(rule))
        };
        let run = move || {
            let (by, subjects) = ui.conn_now().signer();
            let draft = {
                let live = ui.live();
                name.with_value(|id| live.board().task(id).and_then(|task| make(&subjects, task, &by)))
            };
            if let Some(draft) = draft {
                name.with_value(|id| session::act(ui, what, id, draft));
            }
        };
        view! {
            <button
                disabled=move || why_not().is_some()
                title=move || why_not().unwrap_or(label)
                aria-description=move || why_not().unwrap_or("")
                on:click=click(run)
            >
                {label}
            </button>
        }
        .into_any()
    };
    let rights = ui.conn_now().rights.clone();
    let last = move || {
        let acts = ui.acts.get();
        let act = name.with_value(|id| acts.iter().rfind(|act| act.task == *id));
        act.map_or_else(nothing, |act| {
            view! { <p data-stage=act.stage.as_str()>{act.sentence()}</p> }.into_any()
        })
    };
    view! {
        <div class="actions">
            {button(
                "Requeue",
                "Requeue",
                rights.publish,
                remedy::no_requeue,
                |subjects, task, by| Some(draft::requeue(subjects, task, None, by)),
            )}
            {button(
                "Cancel task",
                "Cancel",
                rights.cancel,
                remedy::no_cancel,
                |subjects, task, by| Some(draft::cancel(subjects, task, None, by)),
            )}
            {button(
                "Accept late result",
                "Accept",
                rights.accept,
                remedy::no_accept,
                |subjects, task, by| Some(draft::accept(subjects, task, task.late.last()?.seq, by)),
            )}
        </div>
        {move || last()}
    }
    .into_any()
}

fn facts(_: &Live, task: &Task) -> AnyView {
    let since = task.since;
    let fact = |name: &'static str, value: AnyView| {
        view! {
            <dt>{name}</dt>
            <dd>{value}</dd>
        }
        .into_any()
    };
    let text = |text: String| text.into_any();
    let definition = &task.definition;
    let mut facts = vec![
        fact("Since", view! { {ago(move || Some(since))} " (" {clock(since)} ")" }.into_any()),
        fact("Priority", text(definition.priority.to_string())),
    ];
    if !definition.tags.is_empty() {
        facts.push(fact("Tags", tags(&definition.tags)));
    }
    if let Some(owner) = &task.owner {
        let session = owner.session.as_ref().map(|s| format!(", session {s}")).unwrap_or_default();
        facts.push(fact("Owner", text(format!("{}{session}", owner.agent))));
    }
    facts.push(fact("Attempts", text(format!("{} of {}", task.attempts, definition.max_attempts))));
    if let Some(progress) = task.progress.as_ref().filter(|_| task.status == Status::InProgress) {
        let time = progress.time;
        let percent = progress.percent.map(|p| format!("{} %, ", whole_percent(p))).unwrap_or_default();
        facts.push(fact("Progress", view! { {percent} {ago(move || Some(time))} " ago" }.into_any()));
        if let Some(note) = &progress.note {
            facts.push(fact("Last note", text(note.to_string())));
        }
    }
    facts.push(fact("Version", text(count(task.version))));
    if let Some(claim) = task.claim {
        facts.push(fact("Claim", text(count(claim))));
    }
    facts.push(fact("Published", clock(task.created)));
    let description = definition.description.as_ref().map(|d| passage("Description".into(), "text", d));
    view! {
        <dl class="facts">{facts}</dl>
        {description}
    }
    .into_any()
}

/// What it waits for and what waits for it, as links.
fn neighbours(page: Page, live: &Live, task: &Task) -> AnyView {
    let board = live.board();
    let link = move |id: &str, tone: &'static str, word: String| {
        let href = StoredValue::new(id.to_owned());
        view! {
            <li>
                <a class="mono" href=move || href.with_value(|id| page.task_href(id))>
                    {id.to_owned()}
                </a>
                " "
                <span class=tone>{word}</span>
            </li>
        }
        .into_any()
    };
    let list = |head: String, links: Vec<AnyView>| {
        if links.is_empty() {
            return nothing();
        }
        view! {
            <section>
                <h3>{head}</h3>
                <ul class="links">{links}</ul>
            </section>
        }
        .into_any()
    };
    let open = board.blockers(task);
    let mut waits: Vec<AnyView> = open
        .iter()
        .map(|b| link(b.id.as_str(), if b.why.is_stuck() { "red" } else { "soft" }, b.why.to_string()))
        .collect();
    let done = task.definition.blocked_by.iter().filter(|id| !open.iter().any(|b| b.id == **id));
    waits.extend(done.map(|id| link(id.as_str(), "green", "completed".into())));
    let all = board.blocked_by(task.id.as_str());
    let blocks: Vec<AnyView> = all
        .iter()
        .take(BLOCKS_LISTED)
        .filter_map(|id| Some(link(id.as_str(), "soft", board.task(id.as_str())?.status.to_string())))
        .collect();
    let head = if all.len() > BLOCKS_LISTED {
        format!("Blocks: {} of {} shown", count(BLOCKS_LISTED), count(all.len()))
    } else {
        "Blocks".to_owned()
    };
    vec![list("Waits for".into(), waits), list(head, blocks)].into_any()
}

/// How it ended, and what came too late.
fn ended(_: &Live, task: &Task) -> AnyView {
    let mut parts = Vec::new();
    match &task.outcome {
        None => {}
        Some(Outcome::Result(None)) => parts.push(passage("Completed without a result".into(), "gone", "")),
        Some(Outcome::Result(Some(json))) => {
            parts.push(passage("Result".into(), "text mono", &pretty_json(json)))
        }
        Some(Outcome::Error { error, kind, by }) => {
            let kind = kind.as_ref().map(|k| format!(" ({k})")).unwrap_or_default();
            let by = by.as_ref().map(|by| format!(", given up by {by}")).unwrap_or_default();
            parts.push(passage(format!("Error{kind}{by}"), "text mono error", error));
        }
        Some(Outcome::Cancelled { by, reason }) => {
            let class = if reason.is_some() { "text" } else { "gone" };
            parts.push(passage(format!("Cancelled by {by}"), class, reason.as_deref().unwrap_or_default()));
        }
    }
    for LateResult { seq, owner, result } in &task.late {
        let head = format!("Result that came too late, from {} ({})", owner.agent, count(*seq));
        parts.push(passage(head, "text mono", &pretty_json(result.as_deref().unwrap_or("none"))));
    }
    parts.into_any()
}

/// A text of its own, as it is: never markup.
fn passage(head: String, class: &'static str, text: &str) -> AnyView {
    view! {
        <section>
            <h3>{head}</h3>
            <div class=class>{text.to_owned()}</div>
        </section>
    }
    .into_any()
}

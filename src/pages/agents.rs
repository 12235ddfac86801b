//! Who works, whether their processes live, and on top the work whose owner is lost, with its remedy.

use super::table;
use crate::card::Orphan;
use crate::components::{List, Page, ago, click, liveness_word, nothing, windowed};
use crate::format::count;
use crate::session;
use leptos::prelude::*;
use mjwork::{AgentId, TaskId, draft};
use std::sync::Arc;

/// The agents.
pub(super) fn agents() -> AnyView {
    let ui = Page::here().ui;
    let total = move || ui.agents().len();
    let list = windowed(List {
        total: Box::new(total),
        keys: Arc::new(move |range| {
            let all = ui.agents();
            all[range.start.min(all.len())..range.end.min(all.len())]
                .iter()
                .map(ToString::to_string)
                .collect()
        }),
        place: Box::new(move |id| ui.agents().binary_search_by(|a| a.as_str().cmp(id)).ok()),
        row: Arc::new(row),
        step: "--row-step",
        class: "",
        label: Box::new(|| "Agents".into()),
    });
    let names = ["Agent", "Process", "Last beat", "Status", "Task", "Host", "Session", "Done", "Failed"];
    let said = move || match total() {
        0 => "None has beaten or taken a task yet.".to_owned(),
        known => format!("{} known", count(known)),
    };
    table("agents", "Agents", said, view! { {move || orphans()} }.into_any(), &names, list)
}

fn row(key: &str) -> AnyView {
    let page = Page::here();
    let ui = page.ui;
    let Some((id, row)) = AgentId::new(key).ok().and_then(|id| ui.agent_row(&id).map(|row| (id, row))) else {
        return nothing();
    };
    let row = RwSignal::from(row);
    on_cleanup(move || ui.agent_rows.drop_node(&id));
    let task = move || row.with(|r| r.task.as_ref().map(TaskId::to_string).unwrap_or_default());
    let never = move || if row.with(|r| r.beat.is_none()) { "never" } else { "" };
    view! {
        <div
            class="row"
            role="listitem"
            data-agent-id=key.to_owned()
            data-liveness=move || row.with(|r| r.liveness.as_str())
        >
            <strong class="cut" title=key.to_owned()>{key.to_owned()}</strong>
            {liveness_word(move || Some(row.with(|r| r.liveness)))}
            <span class="cut" data-beat="">
                {ago(move || row.with(|r| r.beat))}
                <span class="soft">{move || never()}</span>
            </span>
            <span class="cut">{move || row.with(|r| r.status.clone())}</span>
            <a class="mono cut" href=move || page.task_href(&task())>
                {move || task()}
            </a>
            <span class="cut">{move || row.with(|r| r.host.clone())}</span>
            <span class="cut mono">{move || row.with(|r| r.session.clone())}</span>
            <span>{move || count(row.with(|r| r.completed))}</span>
            <span class:red=move || row.with(|r| r.failed > 0)>{move || count(row.with(|r| r.failed))}</span>
        </div>
    }
    .into_any()
}

/// Work whose owner is lost: anybody may put it back.
fn orphans() -> AnyView {
    let page = Page::here();
    let ui = page.ui;
    let may_requeue = ui.conn().rights.publish;
    let orphans = ui.orphans();
    if orphans.is_empty() {
        return nothing();
    }
    let whose = if orphans.len() == 1 { "task lost its owner" } else { "tasks lost their owners" };
    let rows: Vec<AnyView> = orphans.iter().map(|orphan| orphan_row(page, orphan, may_requeue)).collect();
    view! {
        <section class="orphans" aria-label="Orphaned work">
            <strong class="red">{format!("✕ {} {whose}", count(orphans.len()))}</strong>
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}

fn orphan_row(page: Page, orphan: &Orphan, may_requeue: bool) -> AnyView {
    let ui = page.ui;
    let Orphan { id, title, owner, since } = orphan.clone();
    let name = StoredValue::new(id.to_string());
    let requeue = move || {
        let (by, subjects) = ui.conn_now().signer();
        let draft = ui
            .live()
            .board()
            .task(id.as_str())
            .map(|task| draft::requeue(&subjects, task, Some("owner lost"), &by));
        if let Some(draft) = draft {
            session::act(ui, "Requeue", id.as_str(), draft);
        }
    };
    let button = may_requeue.then(|| {
        view! {
            <button disabled=move || !ui.conn().is_up() on:click=click(requeue)>
                "Requeue"
            </button>
        }
        .into_any()
    });
    view! {
        <li>
            <a href=move || name.with_value(|id| page.task_href(id))>{title}</a>
            <span class="soft">{format!("claimed by {owner} ")} {ago(move || Some(since))} " ago"</span>
            {button}
        </li>
    }
    .into_any()
}

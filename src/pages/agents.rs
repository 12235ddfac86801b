//! Who works, whether their processes live, and on top the work whose owner is lost, with its remedy.

use super::table;
use crate::components::{List, Page, ago, button, liveness_word, windowed};
use crate::dom::{El, el};
use crate::format::count;
use crate::operate;
use leptos::prelude::*;
use mjwork::{AgentId, TaskId, draft};
use std::sync::Arc;

/// The agents.
pub(super) fn agents() -> El {
    let ui = Page::here().ui;
    let total = move || ui.agents().len();
    let list = windowed(List {
        total: Box::new(total),
        keys: Arc::new(move |range| {
            let all = ui.agents();
            let (start, end) = (range.start.min(all.len()), range.end.min(all.len()));
            all[start..end].iter().map(ToString::to_string).collect()
        }),
        place: Box::new(move |id| ui.agents().binary_search_by(|a| a.as_str().cmp(id)).ok()),
        row: Box::new(row),
        step: "--row-step",
        class: "",
        label: Box::new(|| "Agents".into()),
    });
    let names = ["Agent", "Process", "Last beat", "Status", "Task", "Host", "Session", "Done", "Failed"];
    let said = move || match total() {
        0 => "None has beaten or taken a task yet.".to_owned(),
        known => format!("{} known", count(known)),
    };
    table("agents", "Agents", said, orphans(), &names, list)
}

fn row(key: &str) -> El {
    let page = Page::here();
    let ui = page.ui;
    let element = el("div", "row");
    let Some((id, row)) = AgentId::new(key).ok().and_then(|id| ui.agent_row(&id).map(|row| (id, row))) else {
        return element;
    };
    let row = RwSignal::from(row);
    on_cleanup(move || ui.agent_rows.drop_node(&id));
    let task = move || row.with(|r| r.task.as_ref().map(TaskId::to_string).unwrap_or_default());
    let never = move || if row.with(|r| r.beat.is_none()) { "never" } else { "" };
    let beat = el("span", "cut")
        .attr("data-beat", "")
        .child(ago(move || row.with(|r| r.beat)))
        .child(el("span", "soft").says(never));
    element
        .attr("role", "listitem")
        .attr("data-agent-id", key)
        .bind("data-liveness", move || row.with(|r| r.liveness.as_str()))
        .child(el("strong", "cut").attr("title", key).text(key))
        .child(liveness_word(move || Some(row.with(|r| r.liveness))))
        .child(beat)
        .child(el("span", "cut").says(move || row.with(|r| r.status.clone())))
        .child(el("a", "mono cut").bind("href", move || page.task_href(&task())).says(task))
        .child(el("span", "cut").says(move || row.with(|r| r.host.clone())))
        .child(el("span", "cut mono").says(move || row.with(|r| r.session.clone())))
        .child(el("span", "").says(move || count(row.with(|r| r.completed))))
        .child(
            el("span", "")
                .toggle("red", move || row.with(|r| r.failed > 0))
                .says(move || count(row.with(|r| r.failed))),
        )
}

/// Work whose owner is lost: anybody may put it back.
fn orphans() -> El {
    let ui = Page::here().ui;
    let number = move || ui.orphans().len();
    let head = move || {
        let whose = if number() == 1 { "task lost its owner" } else { "tasks lost their owners" };
        format!("✕ {} {whose}", count(number()))
    };
    let keys = move || ui.orphans().iter().map(|orphan| orphan.id.to_string()).collect();
    el("section", "orphans")
        .attr("aria-label", "Orphaned work")
        .toggle("gone", move || number() == 0)
        .child(el("strong", "red").says(head))
        .child(el("ul", "").rows(keys, orphan))
}

fn orphan(key: &str) -> El {
    let page = Page::here();
    let ui = page.ui;
    let row = el("li", "");
    let Some(orphan) = ui.orphans().iter().find(|orphan| orphan.id.as_str() == key).cloned() else {
        return row;
    };
    let since = orphan.since;
    let may_requeue = Memo::new(move |_| ui.conn().rights.publish);
    let id = orphan.id.clone();
    let requeue = move || {
        let (by, subjects) = ui.conn_now().signer();
        let lost = |task| draft::requeue(&subjects, task, Some("owner lost"), &by);
        let draft = ui.live().board().task(id.as_str()).map(lost);
        if let Some(draft) = draft {
            operate::act(ui, "Requeue", id.as_str(), draft);
        }
    };
    let remedy = move || {
        let requeue = requeue.clone();
        may_requeue.get().then(|| button("", "Requeue", requeue).disabled(move || !ui.conn().is_up()))
    };
    let claimed = el("span", "soft")
        .text(&format!("claimed by {} ", orphan.owner))
        .child(ago(move || Some(since)))
        .text(" ago");
    row.child(page.task_link("", key).text(&orphan.title)).child(claimed).slot(remedy)
}

//! Who works: each agent's process, its beats, its work and how far that is. On top stands the work that needs somebody:
//! its owner is lost, or lives and says nothing of it.

use super::history::read_beats;
use super::table::{Still, cell, column, fact, opens, page, pane, row, table, unseen};
use crate::address::Param;
use crate::agent::{AgentRow, Sort, last_word, listed, stalled};
use crate::beats::STEPS;
use crate::components::{List, Page, ago, button, found, liveness_word};
use crate::dom::{El, el, svg};
use crate::format::{age, count, one_line};
use crate::operate;
use crate::reactive::{Memo, RwSignal, on_cleanup};
use crate::search::Search;
use mjwork::board::{Beat, Status};
use mjwork::{AgentId, draft};

/// So many tasks of an agent are linked in one list.
const LINKED: usize = 30;

/// The agents.
pub(super) fn agents() -> El {
    let Page { ui, address, .. } = Page::here();
    read_beats(ui);
    let sort =
        Memo::new(move || address.with(|a| Sort::named(a.param(Param::Sort).unwrap_or_default())) as usize);
    let search = Memo::new(move || address.with(|a| a.search.clone()));
    let still = Still::default();
    let listed = found(move || {
        drop(ui.agents());
        let (sort, search) = (Sort::ALL[sort.get()], search.with(|text| Search::new(text)));
        // The names alone do not change with time.
        let now = if sort == Sort::Name && search.is_empty() { ui.server_now() } else { ui.now().server };
        let now = listed(&ui.live(), &search, sort, now);
        Some(still.order(".table.agents :is(.windowed:hover, .windowed:focus-within)", now))
    });
    let shown = move || listed.get().map_or(0, |all| all.len());
    let list = List::of(listed, "--agent-step", "Agents", Box::new(agent));
    let said = move || match (ui.agents().len(), shown()) {
        (0, _) => "none has beaten or taken a task yet".to_owned(),
        (known, shown) if shown < known => format!("{} of {} shown", count(shown), count(known)),
        (known, _) => format!("{} known", count(known)),
    };
    let sorted = |name, order: Sort| {
        let href = move || address.with(|a| a.clone().with(Param::Sort, order.as_str()).href());
        let is_it = move || sort.get() == order as usize;
        column("")
            .bind("aria-sort", move || if is_it() { "ascending" } else { "none" })
            .child(el("a", "sort").toggle("on", is_it).bind("href", href).text(name))
    };
    let columns = vec![
        sorted("Agent", Sort::Name),
        sorted("Process", Sort::Process),
        sorted("Heartbeats, 15 min", Sort::Beat),
        sorted("Work", Sort::Work),
        column("Progress"),
        column("Done"),
        column("Failed"),
    ];
    page("Agents", said)
        .child(troubles())
        .child(table("agents", "Agents", columns, list, RwSignal::new(false)))
        .child(pane("Agent", Box::new(detail)))
}

fn agent(key: &str) -> El {
    let page = Page::here();
    let ui = page.ui;
    let element = row("", key);
    let Some((id, shown)) = AgentId::new(key).ok().and_then(|id| ui.agent_row(&id).map(|row| (id, row)))
    else {
        return element;
    };
    let shown = RwSignal::from(shown);
    on_cleanup(move || ui.agent_rows.drop_node(&id));
    let text = move |of: fn(&AgentRow) -> &str| move || shown.with(|row| of(row).to_owned());
    let task = move || shown.with(|r| r.task.as_ref().map(ToString::to_string).unwrap_or_default());
    let where_it_runs = move || {
        shown.with(|r| {
            let parts = [r.host.as_str(), r.session.as_str()];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
        })
    };
    let name = cell("two").child(opens("cut", key).attr("title", key).text(key)).child(
        el("span", "small soft cut")
            .bind("title", where_it_runs)
            .child(unseen("host and session "))
            .says(where_it_runs),
    );
    let never = move || if shown.with(|r| r.beat.is_none()) { "no beat" } else { " ago" };
    let process = cell("two").child(liveness_word(move || Some(shown.with(|r| r.liveness)))).child(
        el("span", "small soft").attr("data-beat", "").child(ago(move || shown.with(|r| r.beat))).says(never),
    );
    let held = move || {
        shown.with(|r| match (r.since, r.more) {
            (None, _) if r.task.is_some() => ", as it says".to_owned(),
            (_, 0) => String::new(),
            (_, more) => format!(" and {} more", count(more)),
        })
    };
    let work = cell("two")
        .child(
            el("span", "cut")
                .child(el("span", "").says(text(|r| &r.status)))
                .text(" ")
                .child(
                    el("a", "mono")
                        .attr("tabindex", "-1")
                        .toggle("gone", move || shown.with(|r| r.task.is_none()))
                        .bind("href", move || page.task_href(&task()))
                        .says(task),
                )
                .child(el("span", "soft").says(held)),
        )
        .child(
            el("span", "small soft cut")
                .bind("title", text(|r| &r.title))
                .child(ago(move || shown.with(|r| r.since)))
                .child(
                    el("span", "").says(move || if shown.with(|r| r.since.is_some()) { " · " } else { "" }),
                )
                .says(text(|r| &r.title)),
        );
    let percent = move || shown.with(|r| r.percent.map(|p| format!("{p} %")).unwrap_or_default());
    let reported = move || if shown.with(|r| r.reported.is_some()) { " ago" } else { "" };
    let width = move || format!("{}%", shown.with(|r| r.percent.unwrap_or(0)));
    let meter = el("div", "meter thin blue")
        .toggle("gone", move || shown.with(|r| r.percent.is_none()))
        .child(el("span", "").style("width", width));
    let progress =
        cell("two")
            .child(el("span", "pair").child(el("span", "blue").says(percent)).child(
                el("span", "small soft").child(ago(move || shown.with(|r| r.reported))).says(reported),
            ))
            .child(el("span", "small soft cut").bind("title", text(|r| &r.note)).says(text(|r| &r.note)))
            .child(meter);
    element
        .attr("data-agent-id", key)
        .bind("data-liveness", move || shown.with(|r| r.liveness.as_str()))
        .child(name)
        .child(process)
        .child(cell("beats").child(strip(shown)))
        .child(work)
        .child(progress)
        .child(cell("number").attr("data-label", "done").says(move || count(shown.with(|r| r.completed))))
        .child(
            cell("number")
                .attr("data-label", "failed")
                .toggle("red", move || shown.with(|r| r.failed > 0))
                .says(move || count(shown.with(|r| r.failed))),
        )
}

/// The heartbeats of the last quarter of an hour, newest at the right; of what is shaded nothing is known.
fn strip(shown: RwSignal<AgentRow>) -> El {
    let text = move || shown.with(|r| r.strip.text.clone());
    svg("svg", "strip")
        .attr("role", "img")
        .attr("viewBox", &format!("0 0 {STEPS} 10"))
        .attr("preserveAspectRatio", "none")
        .bind("aria-label", text)
        .child(
            svg("rect", "unknown")
                .attr("height", "10")
                .bind("width", move || shown.with(|r| r.strip.unknown.to_string())),
        )
        .child(
            svg("path", "")
                .attr("transform", "translate(0 1)")
                .bind("d", move || shown.with(|r| r.strip.ticks.clone())),
        )
        .child(svg("title", "").says(text))
}

/// All of one agent: what it says of itself, and its tasks.
fn detail(key: &str) -> El {
    let page = Page::here();
    let ui = page.ui;
    let Ok(id) = AgentId::new(key) else { return el("p", "soft").text("No agent can have this name.") };
    let name = key.to_owned();
    // Its own words change with its heartbeats.
    let beat = move |of: fn(&Beat) -> Option<String>| {
        let name = name.clone();
        move || {
            let now = ui.now().server;
            let live = ui.live();
            let beat = live.board().agent(&name).and_then(|agent| agent.beat_at(now));
            beat.and_then(of).unwrap_or_else(|| "–".to_owned())
        }
    };
    let facts = [
        ("Description", beat(|b| b.description.as_deref().map(|text| one_line(text, 500)))),
        ("Version", beat(|b| b.version.as_deref().map(|text| one_line(text, 60)))),
        ("Session", beat(|b| b.session.as_deref().map(|text| one_line(text, 100)))),
        ("Host", beat(|b| b.host.as_deref().map(|text| one_line(text, 100)))),
        ("Beats every", beat(|b| Some(age(b.interval)))),
    ];
    let facts = facts
        .into_iter()
        .fold(el("dl", "facts"), |facts, (name, says)| fact(facts, name, el("dd", "").says(says)));
    let is_known = {
        let id = id.clone();
        move || {
            drop(ui.agents());
            ui.live().board().agent(id.as_str()).is_some()
        }
    };
    let unknown = el("p", "amber").toggle("gone", is_known).text("No agent of this name is known any more.");
    let lists =
        [("In progress", Status::InProgress), ("Failed", Status::Failed), ("Completed", Status::Completed)];
    let lists = lists.map(|(head, status)| tasks(&id, head, status));
    el("div", "body").child(el("h3", "").text(key)).child(unknown).child(facts).children(lists)
}

/// The tasks of one status that an agent works on, or ended.
fn tasks(agent: &AgentId, head: &'static str, status: Status) -> El {
    let page = Page::here();
    let ui = page.ui;
    let agent = agent.clone();
    let ids = found(move || {
        let live = ui.live_order(status);
        let mut ids = Vec::new();
        for task in live.tasks_in(status) {
            if task.owner.as_ref().is_some_and(|owner| owner.agent == agent) {
                ids.push(task.id.to_string());
            }
        }
        Some(ids)
    });
    let number = move || ids.get().map_or(0, |ids| ids.len());
    let says = move || match number() {
        all if all > LINKED => format!("{head}: newest {LINKED} of {}", count(all)),
        all => format!("{head}: {}", count(all)),
    };
    let keys = move || ids.get().map(|ids| ids.iter().take(LINKED).cloned().collect()).unwrap_or_default();
    let link = move |key: &str| {
        let title = ui.live().board().task(key).map(|task| one_line(&task.definition.title, 120));
        el("li", "").child(page.task_link("mono", key).attr("title", &title.unwrap_or_default()).text(key))
    };
    el("section", "")
        .toggle("gone", move || number() == 0)
        .child(el("h4", "soft").says(says))
        .child(el("ul", "links").rows(keys, link))
}

/// Work that needs somebody: anybody may put back what lost its owner; what is stalled is to be looked at.
fn troubles() -> El {
    let ui = Page::here().ui;
    let still = found(move || Some(stalled(&ui.live_order(Status::InProgress), ui.now().server)));
    let lost = move || ui.orphans().len();
    let stalled = move || still.get().map_or(0, |ids| ids.len());
    let says = move |number: usize, one: &str, many: &str| {
        if number == 0 {
            String::new()
        } else {
            format!("{} {}", count(number), if number == 1 { one } else { many })
        }
    };
    let lost_says = move || says(lost(), "task lost its owner", "tasks lost their owners");
    let stalled_says = move || says(stalled(), "task is stalled", "tasks are stalled");
    let lost_keys = move || ui.orphans().iter().map(|orphan| orphan.id.to_string()).collect();
    let stalled_keys = move || still.get().map(|ids| ids.to_vec()).unwrap_or_default();
    el("section", "orphans")
        .attr("aria-label", "Work that needs somebody")
        .toggle("gone", move || lost() + stalled() == 0)
        .child(el("strong", "red").toggle("gone", move || lost() == 0).text("✕ ").says(lost_says))
        .child(el("ul", "").rows(lost_keys, orphan))
        .child(el("strong", "amber").toggle("gone", move || stalled() == 0).text("◑ ").says(stalled_says))
        .child(el("ul", "").rows(stalled_keys, at_a_stand))
}

fn orphan(key: &str) -> El {
    let page = Page::here();
    let ui = page.ui;
    let row = el("li", "").attr("data-orphan", key);
    let Some(orphan) = ui.orphans().iter().find(|orphan| orphan.id.as_str() == key).cloned() else {
        return row;
    };
    let since = orphan.since;
    let may_requeue = Memo::new(move || ui.conn().rights.publish);
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
        may_requeue.get().then(|| {
            button("", "Requeue", requeue)
                .disabled(move || !ui.conn().is_up())
                .bind_some("title", move || ui.conn().why_not_now())
                .bind_some("aria-description", move || ui.conn().why_not_now())
        })
    };
    let claimed = el("span", "soft")
        .text(&format!("claimed by {} ", orphan.owner))
        .child(ago(move || Some(since)))
        .text(" ago");
    row.child(page.task_link("", key).text(&orphan.title)).child(claimed).slot(remedy)
}

/// A task whose owner beats and says nothing of it.
fn at_a_stand(key: &str) -> El {
    let page = Page::here();
    let ui = page.ui;
    let row = el("li", "").attr("data-stalled", key);
    let live = ui.live();
    let Some((task, owner)) = live.board().task(key).and_then(|task| Some((task, task.owner.as_ref()?)))
    else {
        return row;
    };
    // With the next word the task is no longer stalled.
    let heard = last_word(task);
    let said = el("span", "soft")
        .text(&format!("{} beats, and said nothing of it for ", owner.agent))
        .child(ago(move || Some(heard)));
    let open = page.task_link("button", key).text("Open");
    row.child(page.task_link("", key).text(&one_line(&task.definition.title, 120))).child(said).child(open)
}

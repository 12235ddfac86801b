//! The palette: every command, screen and task, by a few of its letters.

use super::{Page, button, dialog};
use crate::address::{Group, Publishing, Screen};
use crate::browser::{self, now_ms};
use crate::bulk::Verb;
use crate::combobox::{Combobox, Did};
use crate::dom::{El, el};
use crate::fuzzy::{Finder, score};
use crate::reactive::{RwSignal, on_cleanup};
use crate::search::{Key, Search};
use gloo_timers::callback::Timeout;
use mjwork::board::Status;
use send_wrapper::SendWrapper;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

/// So many tasks are offered at most.
const TASKS: usize = 8;
/// So long the tasks are searched at a time, in ms.
const SLICE_MS: i64 = 8;

/// One thing to do.
#[derive(Clone)]
struct Entry {
    label: String,
    /// The key that does the same, or the task's state.
    hint: String,
    run: Rc<dyn Fn()>,
}

/// The palette in its dialog.
pub(crate) fn palette() -> El {
    dialog(Page::here().ui.commanding, "Commands", content)
}

/// Everything that can be done now, other than to open a task.
fn commands(page: Page) -> Vec<Entry> {
    let Page { ui, address, .. } = page;
    let mut all: Vec<Entry> = Vec::new();
    let mut add = |label: &str, hint: &str, run: Rc<dyn Fn()>| {
        all.push(Entry { label: label.to_owned(), hint: hint.to_owned(), run });
    };
    for screen in Screen::ALL {
        let to = address.get_untracked().on(screen);
        let key = format!("g {}", &screen.as_str()[..1]);
        add(&format!("Go to {}", screen.title()), &key, Rc::new(move || page.go(&to, false)));
    }
    let rights = ui.conn_now().rights.clone();
    if rights.publish && ui.conn_now().is_up() {
        add("Publish a task", "c", Rc::new(move || page.open_publishing(Publishing::One)));
        add("Publish many tasks", "", Rc::new(move || page.open_publishing(Publishing::Bulk)));
    }
    add("Search", "/", Rc::new(|| browser::focus(".search")));
    for group in Group::ALL {
        let to = page.search_address(&Search::new(&address.get_untracked().search)).grouped(group);
        add(&format!("Lanes: {}", group.title()), "", Rc::new(move || page.go(&to, false)));
    }
    for status in Status::ALL {
        let run = move || page.filter_by(Key::Status, status.as_str());
        add(&format!("Filter: {status}"), "", Rc::new(run));
    }
    let cleared = page.search_address(&Search::default());
    add("Clear filters", "", Rc::new(move || page.go(&cleared, false)));
    add("Select all that are shown", "", Rc::new(move || ui.choose_all()));
    if !ui.selection_now().is_empty() {
        add("Clear selection", "", Rc::new(move || ui.choose(&mut |selection| selection.clear())));
        if rights.publish && ui.conn_now().is_up() {
            add("Requeue selected", "r", Rc::new(move || ui.confirming.set(Some(Verb::Requeue))));
        }
        if rights.cancel && ui.conn_now().is_up() {
            add("Cancel selected", "", Rc::new(move || ui.confirming.set(Some(Verb::Cancel))));
        }
    }
    add("Sign in as somebody", "", Rc::new(move || ui.signing_in.set(true)));
    add("Keys", "?", Rc::new(move || ui.helping.set(true)));
    all
}

struct Model {
    list: Combobox,
    commands: Vec<Entry>,
    offered: Vec<Entry>,
}

#[expect(clippy::too_many_lines, reason = "one control, whose parts share what is typed and what is offered")]
fn content() -> El {
    let page = Page::here();
    let ui = page.ui;
    let moved = RwSignal::new(0_u64);
    let step = move || _ = moved.try_update(|moved| *moved += 1);
    let all = commands(page);
    let model = Rc::new(RefCell::new(Model {
        list: Combobox { is_open: true, active: Some(0) },
        offered: all.clone(),
        commands: all,
    }));
    // The letters under way; a search for others is overtaken.
    let run = Rc::new(Cell::new(0_u64));
    on_cleanup({
        let run = SendWrapper::new(run.clone());
        move || run.set(u64::MAX)
    });
    let close = move || ui.commanding.set(false);
    let input = el("input", "");
    let field: HtmlInputElement = input.node().clone().unchecked_into();
    let typed = {
        let (model, run) = (model.clone(), run.clone());
        move || {
            let pattern: String = field.value().to_lowercase().split_whitespace().collect();
            run.set(run.get() + 1);
            {
                let mut model = model.borrow_mut();
                // All of them fit nothing alike.
                let fit = |label: &str| if pattern.is_empty() { Some(0) } else { score(label, &pattern) };
                let fits = |entry: &Entry| Some((fit(&entry.label)?, entry.clone()));
                let mut fitting: Vec<(i32, Entry)> = Vec::new();
                for fit in model.commands.iter().filter_map(fits) {
                    // Each behind those that fit as well.
                    let at = fitting.partition_point(|(score, _)| *score >= fit.0);
                    fitting.insert(at, fit);
                }
                model.offered = fitting.into_iter().map(|(_, entry)| entry).collect();
                model.list = Combobox { is_open: true, active: Some(0) };
            }
            step();
            let commands = model.borrow().offered.len();
            let finder = Finder::new(&pattern, TASKS);
            find(
                page,
                Looking {
                    model: model.clone(),
                    run: run.clone(),
                    of: run.get(),
                    commands,
                    step: Rc::new(step),
                },
                finder,
            );
        }
    };
    let take = {
        let model = model.clone();
        move |place: usize| {
            let entry = model.borrow().offered.get(place).cloned();
            close();
            if let Some(entry) = entry {
                // After the dialog has given the focus back.
                Timeout::new(0, move || (entry.run)()).forget();
            }
        }
    };
    let pressed = {
        let (model, take) = (model.clone(), take.clone());
        move |event: web_sys::Event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            if event.key() == "Escape" || event.key() == "Tab" {
                return;
            }
            let did = {
                let mut model = model.borrow_mut();
                let choices = model.offered.len();
                model.list.key(&event.key(), choices)
            };
            match did {
                Did::Nothing => return,
                Did::Moved => step(),
                Did::Took(place) => take(place),
            }
            event.prevent_default();
            browser::show_nearest(".palette [aria-selected=true]");
        }
    };
    let active = {
        let model = model.clone();
        move || {
            moved.track();
            model.borrow().list.active
        }
    };
    let rows = {
        let model = model.clone();
        move || {
            moved.track();
            let model = model.borrow();
            let all = model.offered.iter().enumerate();
            all.map(|(at, entry)| format!("{at}\n{}\n{}", entry.hint, entry.label)).collect()
        }
    };
    let row = {
        let active = active.clone();
        move |key: &str| {
            let mut parts = key.splitn(3, '\n');
            let place = parts.next().and_then(|place| place.parse().ok()).unwrap_or(0);
            let hint = parts.next().unwrap_or_default();
            let (active, take) = (active.clone(), take.clone());
            el("li", "option")
                .attr("role", "option")
                .attr("id", &format!("command-{place}"))
                .bind("aria-selected", move || if active() == Some(place) { "true" } else { "false" })
                .child(el("span", "cut").text(parts.next().unwrap_or_default()))
                .child(el("kbd", "").text(hint))
                .click(move || take(place))
        }
    };
    let nothing = {
        let model = model.clone();
        move || {
            moved.track();
            if model.borrow().offered.is_empty() { "Nothing fits." } else { "" }
        }
    };
    let input = input
        .attr("type", "text")
        .attr("role", "combobox")
        .attr("autofocus", "")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("placeholder", "A command, a screen, or a task's id or title")
        .attr("aria-label", "Command")
        .attr("aria-autocomplete", "list")
        .attr("aria-expanded", "true")
        .attr("aria-controls", "commands")
        .bind_some("aria-activedescendant", move || active().map(|place| format!("command-{place}")))
        .on("input", move |_| typed())
        .on("keydown", pressed);
    let list = el("ul", "")
        .attr("id", "commands")
        .attr("role", "listbox")
        .attr("aria-label", "Commands")
        .rows(rows, row);
    el("div", "palette")
        .child(el("div", "palette-head").child(input).child(button("plain", "Close", close)))
        .child(list)
        .child(el("p", "soft").attr("role", "status").says(nothing))
}

/// A search for tasks, of which there may be very many.
struct Looking {
    model: Rc<RefCell<Model>>,
    run: Rc<Cell<u64>>,
    of: u64,
    /// So many commands stand before the tasks.
    commands: usize,
    step: Rc<dyn Fn()>,
}

/// Looks for a moment, and goes on after the page has had its turn.
fn find(page: Page, looking: Looking, mut finder: Finder) {
    if looking.run.get() != looking.of {
        return;
    }
    let ui = page.ui;
    let until = now_ms() + SLICE_MS;
    let is_whole = {
        let live = ui.live();
        let is_whole = finder.step(live.board(), live.orders(), &mut || now_ms() >= until);
        let task = |id: &mjwork::TaskId| {
            let task = live.board().task(id.as_str())?;
            let to = page.address.get_untracked().with_task(id.as_str());
            let label = format!("{} · {id}", crate::format::one_line(&task.definition.title, 80));
            Some(Entry { label, hint: task.status.to_string(), run: Rc::new(move || page.go(&to, false)) })
        };
        let mut model = looking.model.borrow_mut();
        model.offered.truncate(looking.commands);
        model.offered.extend(finder.best().filter_map(task));
        is_whole
    };
    (looking.step)();
    if !is_whole {
        Timeout::new(0, move || find(page, looking, finder)).forget();
    }
}

//! The search, with what may come next under it. It stands in the address, so that a link opens the same view.

use super::Page;
use crate::address::Screen;
use crate::browser::{focused, now_ms};
use crate::combobox::{Combobox, Did};
use crate::dom::{El, effect, el};
use crate::reactive::{RwSignal, untrack};
use crate::search::{Completion, Vocabulary, complete};
use crate::state::Ui;
use hashbrown::HashMap;
use mjwork::board::Priority;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

/// So many tags are offered at most, the most frequent of all.
const TAGS: usize = 2_000;
/// So long it is looked for them, in ms.
const LOOK_MS: i64 = 10;

/// The field and its list.
struct Model {
    list: Combobox,
    completion: Completion,
    vocabulary: Vocabulary,
    /// What the address says of what was typed: it is not told again.
    sent: String,
    /// Whether Back leads to before this search.
    is_begun: bool,
}

/// Search over the board; on other screens over what they list.
#[expect(clippy::too_many_lines, reason = "one control, whose parts share what is typed and what is offered")]
pub(super) fn search_box() -> El {
    let page = Page::here();
    let Page { ui, address, .. } = page;
    let text = RwSignal::new(String::new());
    let moved = RwSignal::new(0_u64);
    let model = Rc::new(RefCell::new(Model {
        list: Combobox::default(),
        completion: Completion::default(),
        vocabulary: Vocabulary::default(),
        sent: String::new(),
        is_begun: false,
    }));
    // The address leads: Back changes the field, and the field changes the address.
    effect(Box::new({
        let model = model.clone();
        move || {
            let said = address.with(|address| address.search.clone());
            let mut model = model.borrow_mut();
            if model.sent != said {
                model.sent.clone_from(&said);
                text.set(said);
            }
        }
    }));
    let input = el("input", "search");
    let field: HtmlInputElement = input.node().clone().unchecked_into();
    let field = send_wrapper::SendWrapper::new(field);

    let send = {
        let model = model.clone();
        move |search: &str| {
            let to = {
                let mut model = model.borrow_mut();
                if model.sent == search {
                    return;
                }
                search.clone_into(&mut model.sent);
                (address.get_untracked().searching(search), std::mem::replace(&mut model.is_begun, true))
            };
            page.go(&to.0, to.1);
        }
    };
    let typed = {
        let (model, field, send) = (model.clone(), field.clone(), send.clone());
        move |is_open: bool| {
            let typed = field.value();
            let on_board = address.with_untracked(|address| address.screen == Screen::Board);
            let settled = {
                let mut model = model.borrow_mut();
                let caret = field.selection_start().ok().flatten();
                model.completion = complete(&typed, bytes(&typed, caret), &model.vocabulary);
                let choices = if is_open && on_board { model.completion.choices.len() } else { 0 };
                model.list.typed(choices);
                if choices > 0 { model.completion.settled.clone() } else { typed.clone() }
            };
            text.set(typed);
            moved.update(|moved| *moved += 1);
            send(&settled);
        }
    };
    let take = {
        let (model, field, typed) = (model.clone(), field.clone(), typed.clone());
        move |place: usize| {
            let taken = {
                let model = model.borrow();
                let choice = model.completion.choices.get(place);
                choice.map(|choice| model.completion.taken(&field.value(), choice))
            };
            let Some((now, caret)) = taken else { return };
            field.set_value(&now);
            let caret = u32::try_from(now[..caret].encode_utf16().count()).unwrap_or(0);
            let _ = field.set_selection_range(caret, caret);
            // Behind a key its values follow at once.
            typed(now.ends_with(':'));
        }
    };
    let pressed = {
        let (model, take, typed) = (model.clone(), take.clone(), typed.clone());
        move |event: web_sys::Event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            let did = {
                let mut model = model.borrow_mut();
                let choices = model.completion.choices.len();
                model.list.key(&event.key(), choices)
            };
            match (did, event.key().as_str()) {
                (Did::Nothing, "ArrowDown") => typed(true),
                (Did::Nothing, "Enter") => typed(false),
                (Did::Nothing, "Escape") => {
                    if let Some(element) = focused() {
                        let _ = element.blur();
                    }
                }
                (Did::Nothing, _) => return,
                (Did::Moved, _) => {}
                (Did::Took(place), _) => take(place),
            }
            moved.update(|moved| *moved += 1);
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let begin = {
        let model = model.clone();
        move |_: web_sys::Event| {
            let mut model = model.borrow_mut();
            model.is_begun = false;
            model.vocabulary = vocabulary(ui);
        }
    };
    let end = {
        let typed = typed.clone();
        move |_: web_sys::Event| typed(false)
    };
    let is_open = {
        let model = model.clone();
        move || {
            moved.track();
            model.borrow().list.is_open
        }
    };
    let active = {
        let model = model.clone();
        move || {
            moved.track();
            model.borrow().list.active
        }
    };
    let labels = {
        let model = model.clone();
        move || {
            moved.track();
            let model = model.borrow();
            let all = model.completion.choices.iter().filter(|_| model.list.is_open).enumerate();
            all.map(|(at, choice)| format!("{at}\n{}\n{}", choice.label, choice.hint)).collect()
        }
    };
    let option = {
        let active = active.clone();
        move |key: &str| {
            let mut parts = key.splitn(3, '\n');
            let place = parts.next().and_then(|place| place.parse().ok()).unwrap_or(0);
            let label = parts.next().unwrap_or_default();
            let (active, take) = (active.clone(), take.clone());
            el("li", "option")
                .attr("role", "option")
                .attr("id", &format!("search-choice-{place}"))
                .bind("aria-selected", move || if active() == Some(place) { "true" } else { "false" })
                .child(el("span", "mono").text(label))
                .child(el("span", "soft").text(parts.next().unwrap_or_default()))
                // Before the field loses the focus.
                .on("mousedown", move |event| {
                    event.prevent_default();
                    take(place);
                })
        }
    };
    let input = input
        .attr("type", "search")
        .attr("role", "combobox")
        .attr("placeholder", "Search  /")
        .attr("aria-label", "Search")
        .attr("aria-autocomplete", "list")
        .attr("aria-controls", "search-choices")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .bind("aria-expanded", {
            let is_open = is_open.clone();
            move || if is_open() { "true" } else { "false" }
        })
        .bind_some("aria-activedescendant", move || active().map(|place| format!("search-choice-{place}")))
        .holds(move || text.get())
        .on("focus", begin)
        .on("blur", end)
        .on("input", move |_| typed(true))
        .on("keydown", pressed);
    let list = el("ul", "options")
        .attr("id", "search-choices")
        .attr("role", "listbox")
        .attr("aria-label", "What may come next")
        .toggle("gone", move || !is_open())
        .rows(labels, option);
    el("div", "search-box").child(input).child(list)
}

/// The place in bytes of one in UTF-16; the end where there is none.
fn bytes(text: &str, caret: Option<u32>) -> usize {
    let Some(caret) = caret else { return text.len() };
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units >= caret as usize {
            return at;
        }
        units += c.len_utf16();
    }
    text.len()
}

/// What stands on the board now: of very many tasks as much as can be looked at in a moment.
fn vocabulary(ui: Ui) -> Vocabulary {
    let live = ui.live();
    let board = live.board();
    let owners = untrack(|| ui.agents().iter().map(ToString::to_string).collect());
    let mut tags: HashMap<&str, usize> = HashMap::new();
    let mut priorities: Vec<String> = Vec::new();
    let until = now_ms() + LOOK_MS;
    for (place, task) in board.tasks().enumerate() {
        if place.is_multiple_of(512) && now_ms() > until {
            break;
        }
        for tag in &task.definition.tags {
            *tags.entry(tag).or_default() += 1;
        }
        if let Priority::Other(word) = &task.definition.priority
            && priorities.len() < 20
            && !priorities.iter().any(|other| **other == **word)
        {
            priorities.push(word.to_string());
        }
    }
    let mut most: Vec<(usize, &str)> = Vec::new();
    for (tag, number) in tags {
        let at = most.partition_point(|other| (number, other.1) < (other.0, tag));
        if at < TAGS {
            most.insert(at, (number, tag));
            most.truncate(TAGS);
        }
    }
    Vocabulary { owners, tags: most.into_iter().map(|(_, tag)| tag.to_owned()).collect(), priorities }
}

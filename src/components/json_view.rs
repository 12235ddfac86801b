//! JSON as a tree that opens level by level, and raw; with the keys of a tree, and to be copied.

use super::{button, copier};
use crate::dom::{El, el};
use crate::format::{count, pretty_json};
use crate::json_tree::{Entry, Value, entries};
use crate::reactive::{Owner, RwSignal, StoredValue, untrack};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// So many entries of a level are made at once.
const PAGE: usize = 100;
/// A first level that is no longer than this is open from the start.
const OPEN_UP_TO: usize = 20;

/// A value, called `name`.
pub(super) fn json_view(name: &'static str, json: &str) -> El {
    let is_raw = RwSignal::new(false);
    let (copied, shown) = (json.to_owned(), json.to_owned());
    let says = move || if is_raw.get() { "Tree" } else { "Raw" };
    let tools = el("div", "tools")
        .child(button("plain", "", move || is_raw.update(|raw| *raw = !*raw)).says(says))
        .child(copier("plain", "Copy", move || copied.clone()));
    let body = move || {
        let is_raw = is_raw.get();
        Some(untrack(|| match Value::read(&shown).filter(|_| !is_raw) {
            Some(value) => {
                el("div", "json mono").attr("role", "group").attr("aria-label", name).child(root(&value))
            }
            None => el("div", "text mono").attr("tabindex", "0").text(&pretty_json(&shown)),
        }))
    };
    el("div", "json-view").child(tools).slot(body)
}

fn root(value: &Value) -> El {
    match value {
        Value::Nested(json, length) => nested("", json, *length, *length <= OPEN_UP_TO),
        leaf => leaf_of("", leaf),
    }
}

fn entry(entry: &Entry) -> El {
    match &entry.value {
        Value::Nested(json, length) => nested(&entry.name, json, *length, false),
        leaf => leaf_of(&entry.name, leaf),
    }
}

fn leaf_of(name: &str, value: &Value) -> El {
    let (class, text) = match value {
        Value::Text(text) => ("json-text", text),
        Value::Word(word) => ("json-word", word),
        Value::Nested(json, _) => ("", json),
    };
    el("div", "leaf").child(named(name)).child(el("span", class).text(text))
}

fn named(name: &str) -> El {
    let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
    el("span", "json-name").text(&name)
}

/// A list or an object: what is in it is made when it is opened for the first time.
fn nested(name: &str, json: &str, length: usize, is_open: bool) -> El {
    let value = Value::Nested(json.to_owned(), length);
    let summary = el("summary", "")
        .child(named(name))
        .child(el("span", "soft").text(&value.summary().unwrap_or_default()))
        .on("keydown", |event| keys(event.unchecked_ref()));
    let inside = el("div", "level");
    let details = el("details", "").child(summary).child(inside.clone());
    let json = json.to_owned();
    let is_made = StoredValue::new(false);
    let owner = Owner::current().unwrap_or_default();
    let make = move || {
        if !is_made.get_value() {
            is_made.set_value(true);
            owner.with(|| page(&inside, &json, 0, length));
        }
    };
    if is_open {
        make();
        return details.attr("open", "");
    }
    details.on("toggle", move |_| make())
}

/// Makes the next entries, and a button for those after them.
fn page(inside: &El, json: &str, from: usize, length: usize) {
    let mut inside = inside.clone().children(entries(json, from, PAGE).iter().map(entry));
    let next = from + PAGE;
    if next < length {
        let (again, json) = (inside.clone(), json.to_owned());
        let owner = Owner::current().unwrap_or_default();
        let label = format!("{} more of {}", count((length - next).min(PAGE)), count(length));
        let more = el("button", "plain").attr("type", "button").text(&label);
        let node = more.node().clone();
        inside = inside.child(more.click(move || {
            node.remove();
            owner.with(|| page(&again, &json, next, length));
        }));
    }
    drop(inside);
}

/// Right opens and Left closes; Up and Down go from one to the next that can be opened.
fn keys(event: &KeyboardEvent) {
    let Some(summary) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return;
    };
    let Some(details) = summary.parent_element() else { return };
    let is_open = details.has_attribute("open");
    let focus = |element: Option<Element>| {
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    };
    match event.key().as_str() {
        "ArrowRight" if !is_open => {
            let _ = details.set_attribute("open", "");
        }
        "ArrowLeft" if is_open => {
            let _ = details.remove_attribute("open");
        }
        // Out of what is closed one comes to what it lies in.
        "ArrowLeft" => {
            let above = details.parent_element().and_then(|level| level.closest("details").ok().flatten());
            focus(above.and_then(|above| above.first_element_child()));
        }
        key @ ("ArrowDown" | "ArrowUp" | "ArrowRight") => {
            let Ok(Some(tree)) = summary.closest(".json") else { return };
            let Ok(all) = tree.query_selector_all("summary") else { return };
            let all = (0..all.length()).filter_map(|at| all.item(at)?.dyn_into::<HtmlElement>().ok());
            // What lies in something closed has no place on the page.
            let seen: Vec<Element> = all.filter(|e| e.offset_parent().is_some()).map(Into::into).collect();
            let at = seen.iter().position(|element| *element == summary);
            let next = at.and_then(|at| if key == "ArrowUp" { at.checked_sub(1) } else { Some(at + 1) });
            focus(next.and_then(|next| seen.get(next).cloned()));
        }
        _ => return,
    }
    event.prevent_default();
}

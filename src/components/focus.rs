//! The keyboard's focus among cards. Tab goes from list to list; inside, arrows go from card to card, so that nobody
//! walks through thousands.

use crate::browser::{document, focused};
use crate::dom::El;
use crate::reactive::on_cleanup;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

const CARD: &str = ".card[data-task-id]";

/// The card that has the focus, or holds what has it.
pub(super) fn card() -> Option<Element> {
    document().active_element()?.closest(CARD).ok()?
}

/// The task of the card that has the focus.
pub(super) fn task() -> Option<String> {
    card()?.get_attribute("data-task-id")
}

/// The lane of that card; none where it stands in no lane of a name.
pub(super) fn lane() -> Option<String> {
    let lane = card()?.closest("[data-lane]").ok()??;
    lane.get_attribute("data-lane").filter(|name| !name.is_empty())
}

/// Whether the focus is on a card, or on the list that holds some.
pub(super) fn is_in_list() -> bool {
    document().active_element().is_some_and(|element| matches!(element.closest(".cards"), Ok(Some(_))))
}

/// Where one goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Down,
    Up,
    Left,
    Right,
}

/// Moves the focus to the next card on that way; from nowhere to the first. Whether there was one.
pub(super) fn go(way: Way) -> bool {
    let next = match (card(), way) {
        (None, _) => first_card(),
        (Some(card), Way::Down) => card.next_element_sibling(),
        (Some(card), Way::Up) => card.previous_element_sibling(),
        (Some(card), Way::Left | Way::Right) => beside(&card, way),
    };
    next.is_some_and(|card| on(&card))
}

/// Puts the focus on a card.
fn on(card: &Element) -> bool {
    let title = card.query_selector("a.title").ok().flatten();
    title.and_then(|title| title.dyn_into::<HtmlElement>().ok()).is_some_and(|title| title.focus().is_ok())
}

/// The first card of the list that has the focus, where one has it, or else of the page.
fn first_card() -> Option<Element> {
    let list = document().active_element().filter(|element| element.class_list().contains("cards"));
    match list {
        Some(list) => list.query_selector(CARD),
        None => document().query_selector(CARD),
    }
    .ok()
    .flatten()
}

/// The card of the next list with any that stands nearest to the height of this one.
fn beside(card: &Element, way: Way) -> Option<Element> {
    let here = card.closest(".windowed").ok()??;
    let within = here.closest(".lane, .board").ok()??;
    let lists = within.query_selector_all(".windowed.cards").ok()?;
    let lists: Vec<Element> = (0..lists.length()).filter_map(|at| lists.get(at)?.dyn_into().ok()).collect();
    let at = lists.iter().position(|list| *list == here)?;
    let nearest = |list: &Element| {
        let cards = list.query_selector_all(CARD).ok()?;
        let cards = (0..cards.length()).filter_map(|at| cards.get(at)?.dyn_into::<Element>().ok());
        let height = card.get_bounding_client_rect().top();
        let distance = |card: &Element| (card.get_bounding_client_rect().top() - height).abs();
        cards.min_by(|one, other| distance(one).total_cmp(&distance(other)))
    };
    if way == Way::Right {
        lists[at + 1..].iter().find_map(nearest)
    } else {
        lists[..at].iter().rev().find_map(nearest)
    }
}

/// When a card goes that has the focus, a neighbour takes it: whoever works through a list goes on where they were.
pub(super) fn hand_on_when_gone(card: &El) {
    let card = SendWrapper::new(card.node().clone());
    on_cleanup(move || {
        let has_focus = focused().is_some_and(|element| card.contains(Some(&element)));
        if has_focus {
            let next = card.next_element_sibling().or_else(|| card.previous_element_sibling());
            if let Some(next) = next {
                on(&next);
                return;
            }
            // The last of its list: the list itself keeps the place.
            let list = card.closest(".windowed").ok().flatten();
            if let Some(list) = list.and_then(|list| list.dyn_into::<HtmlElement>().ok()) {
                let _ = list.focus();
            }
        }
    });
}

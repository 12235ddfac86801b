//! Elements of the page, and what in them changes by itself when Leptos' signals do.
//!
//! A view of Leptos has a type of its own, for which the compiler makes code of its own: two thirds of the bundle were
//! that. An [`El`] is one type for all, and what changes is a boxed closure in an effect of Leptos. Text is only ever
//! set as text, so that nothing in a message can become markup.

use crate::browser::document;
use crate::reactive::{self, Owner, RwSignal, on_cleanup, untrack};
use std::borrow::Cow;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement, Node};

/// An element. Its methods add to it and give it back.
#[derive(Clone)]
pub(crate) struct El(Element);

/// A text: one that stands in the program, or one that was made.
type Words = Cow<'static, str>;

/// A new element with these classes.
#[inline(never)]
pub(crate) fn el(tag: &'static str, classes: &str) -> El {
    let element = document().create_element(tag).unwrap_or_else(|_| panic!("{tag} is no element"));
    if !classes.is_empty() {
        element.set_class_name(classes);
    }
    El(element)
}

/// A new element of a drawing (SVG) with these classes.
#[inline(never)]
pub(crate) fn svg(tag: &'static str, classes: &str) -> El {
    let element = document().create_element_ns(Some("http://www.w3.org/2000/svg"), tag);
    let element = El(element.unwrap_or_else(|_| panic!("{tag} is no element")));
    if classes.is_empty() { element } else { element.attr("class", classes) }
}

impl El {
    /// The browser's element.
    pub(crate) fn node(&self) -> &Element {
        &self.0
    }

    /// The first element in it that a selector finds.
    pub(crate) fn find(&self, selector: &str) -> Option<Self> {
        self.0.query_selector(selector).ok().flatten().map(Self)
    }

    /// With an attribute.
    #[inline(never)]
    pub(crate) fn attr(self, name: &'static str, value: &str) -> Self {
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// With a text.
    #[inline(never)]
    pub(crate) fn text(self, text: &str) -> Self {
        let _ = self.0.append_child(&document().create_text_node(text));
        self
    }

    /// With another element in it.
    #[inline(never)]
    pub(crate) fn child(self, child: Self) -> Self {
        let Self(child) = child;
        let _ = self.0.append_child(&child);
        self
    }

    /// With others in it.
    pub(crate) fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// With a text that changes.
    pub(crate) fn says<T: Into<Words>>(self, text: impl Fn() -> T + 'static) -> Self {
        let node: Node = document().create_text_node("").into();
        let _ = self.0.append_child(&node);
        watch(Box::new(move || Some(text().into())), Box::new(move |text| node.set_node_value(text)));
        self
    }

    /// With an attribute that changes.
    pub(crate) fn bind<T: Into<Words>>(self, name: &'static str, value: impl Fn() -> T + 'static) -> Self {
        self.bind_some(name, move || Some(value()))
    }

    /// With an attribute that changes, comes and goes.
    pub(crate) fn bind_some<T: Into<Words>>(
        self,
        name: &'static str,
        value: impl Fn() -> Option<T> + 'static,
    ) -> Self {
        self.watch_attribute(name, Box::new(move || value().map(Into::into)))
    }

    /// With a class that comes and goes.
    pub(crate) fn toggle(self, class: &'static str, is_on: impl Fn() -> bool + 'static) -> Self {
        let element = self.0.clone();
        watch(
            Box::new(move || is_on().then_some(Cow::Borrowed(class))),
            Box::new(move |on| {
                let _ = element.class_list().toggle_with_force(class, on.is_some());
            }),
        );
        self
    }

    /// Disabled while that holds.
    pub(crate) fn disabled(self, is_disabled: impl Fn() -> bool + 'static) -> Self {
        self.bind_some("disabled", move || is_disabled().then_some(""))
    }

    /// With a style property that changes.
    pub(crate) fn style(self, property: &'static str, value: impl Fn() -> String + 'static) -> Self {
        let element: HtmlElement = self.0.clone().unchecked_into();
        watch(
            Box::new(move || Some(value().into())),
            Box::new(move |value| {
                let _ = element.style().set_property(property, value.unwrap_or_default());
            }),
        );
        self
    }

    /// A field that holds this text, and hands back what is typed into it.
    #[inline(never)]
    pub(crate) fn field(self, text: RwSignal<String>) -> Self {
        let element = self.0.clone();
        watch(
            Box::new(move || Some(text.get().into())),
            Box::new(move |text| set_value(&element, text.unwrap_or_default())),
        );
        let element = self.0.clone();
        self.on("input", move |_| text.set(value(&element)))
    }

    /// A field or a choice that holds this text.
    pub(crate) fn holds<T: Into<Words>>(self, text: impl Fn() -> T + 'static) -> Self {
        let element = self.0.clone();
        watch(
            Box::new(move || Some(text().into())),
            Box::new(move |text| set_value(&element, text.unwrap_or_default())),
        );
        self
    }

    /// A box that is ticked while that holds.
    pub(crate) fn ticked(self, is_ticked: impl Fn() -> bool + 'static) -> Self {
        let input: HtmlInputElement = self.0.clone().unchecked_into();
        watch(
            Box::new(move || is_ticked().then_some(Cow::Borrowed(""))),
            Box::new(move |ticked| input.set_checked(ticked.is_some())),
        );
        self
    }

    /// With what may be there or not. What is shown is made anew whenever what `content` looks at changes.
    pub(crate) fn slot(self, content: impl Fn() -> Option<Self> + 'static) -> Self {
        self.slot_of(Box::new(content))
    }

    /// With a row for each key, in that order. A row stays the same node as long as its key is there.
    pub(crate) fn rows(
        self,
        keys: impl Fn() -> Vec<String> + 'static,
        row: impl Fn(&str) -> Self + 'static,
    ) -> Self {
        self.rows_of(Box::new(keys), Box::new(row), None)
    }

    /// The same for rows of one height that stand free of each other, the first of them so many rows down: where some
    /// come and go, the others are neither laid out nor painted again.
    pub(crate) fn placed_rows(
        self,
        keys: impl Fn() -> Vec<String> + 'static,
        row: impl Fn(&str) -> Self + 'static,
        first: impl Fn() -> (usize, usize) + 'static,
    ) -> Self {
        self.rows_of(Box::new(keys), Box::new(row), Some(Box::new(first)))
    }

    /// With a handler of an event.
    pub(crate) fn on(self, event: &'static str, run: impl FnMut(Event) + 'static) -> Self {
        self.listen(event, Box::new(run))
    }

    /// With a handler of clicks.
    pub(crate) fn click(self, run: impl Fn() + 'static) -> Self {
        self.listen("click", Box::new(move |_| run()))
    }

    #[inline(never)]
    fn watch_attribute(self, name: &'static str, value: Box<dyn Fn() -> Option<Words>>) -> Self {
        let element = self.0.clone();
        watch(
            value,
            Box::new(move |value| {
                let _ = match value {
                    Some(value) => element.set_attribute(name, value),
                    None => element.remove_attribute(name),
                };
            }),
        );
        self
    }

    #[inline(never)]
    fn listen(self, event: &'static str, run: Box<dyn FnMut(Event)>) -> Self {
        let closure = Closure::wrap(run);
        let _ = self.0.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        // What a listener closes may hold others that the same event still comes to: they must not hear of it.
        let kept = (self.0.clone(), closure);
        on_cleanup(move || {
            let (element, closure) = &kept;
            let _ = element.remove_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        });
        self
    }

    #[inline(never)]
    fn slot_of(self, content: Box<dyn Fn() -> Option<Self>>) -> Self {
        // What marks the place while nothing is there.
        let place: Node = document().create_text_node("").into();
        let _ = self.0.append_child(&place);
        let mut shown: Option<Self> = None;
        effect(Box::new(move || {
            let next = content();
            if let Some(gone) = shown.take() {
                gone.0.remove();
            }
            if let (Some(next), Some(parent)) = (&next, place.parent_node()) {
                let _ = parent.insert_before(&next.0, Some(&place));
            }
            shown = next;
        }));
        self
    }

    #[inline(never)]
    fn rows_of(
        self,
        keys: Box<dyn Fn() -> Vec<String>>,
        row: Box<dyn Fn(&str) -> Self>,
        first: Option<First>,
    ) -> Self {
        let parent = self.0.clone();
        let mut shown: Vec<Option<Row>> = Vec::new();
        effect(Box::new(move || {
            let mut before = std::mem::take(&mut shown);
            let mut start = 0;
            for key in keys() {
                // Most rows stand where they stood, behind the one found before.
                let is_it = |row: &Option<Row>| row.as_ref().is_some_and(|row| row.key == key);
                let at = before[start..].iter().position(is_it).map(|at| at + start);
                let at = at.or_else(|| before[..start].iter().position(is_it));
                let found = at.and_then(|at| {
                    start = at + 1;
                    before[at].take()
                });
                shown.push(found.or_else(|| Some(Row::new(key, &row))));
            }
            if let Some((first, step)) = first.as_ref().map(|first| first()) {
                for (place, row) in shown.iter_mut().flatten().enumerate() {
                    row.stand_at((first + place) * step);
                }
            }
            // Who hands the focus on finds the others where they stand now.
            before.into_iter().flatten().for_each(Row::remove);
            let mut next = parent.first_element_child();
            for Row { el: El(row), .. } in shown.iter().flatten() {
                if next.as_ref() == Some(row) {
                    next = row.next_element_sibling();
                } else {
                    let _ = parent.insert_before(row, next.as_deref());
                }
            }
        }));
        self
    }
}

/// The place of the first row, and how high each is.
type First = Box<dyn Fn() -> (usize, usize)>;

/// A row of a list. It outlives the runs of the effect that made it, so what is in it is its own.
struct Row {
    key: String,
    el: El,
    owner: Owner,
    /// How far down it stands, in pixels, where it stands free.
    top: Option<usize>,
}

impl Row {
    fn new(key: String, make: &dyn Fn(&str) -> El) -> Self {
        let owner = Owner::default();
        let el = owner.with(|| untrack(|| together(|| make(&key))));
        Self { key, el, owner, top: None }
    }

    fn stand_at(&mut self, top: usize) {
        if self.top.replace(top) != Some(top) {
            let style = self.el.0.unchecked_ref::<HtmlElement>().style();
            let _ = style.set_property("top", &format!("{top}px"));
        }
    }

    fn remove(self) {
        self.owner.clean_up();
        self.el.0.remove();
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        // Where the list itself goes, it takes its rows with it.
        self.owner.clean_up();
    }
}

/// Runs now, and again whenever a signal changes that it looked at, for as long as its owner lives.
#[inline(never)]
pub(crate) fn effect(mut run: Box<dyn FnMut()>) {
    reactive::effect(Box::new(move || {
        // What it makes is its own.
        let others = WATCHES.take();
        run();
        WATCHES.set(others);
    }));
}

/// What takes over a text, or that there is none.
type Setter = Box<dyn Fn(Option<&str>)>;

/// A text that changes, and what takes it over whenever it is another than before.
#[expect(clippy::option_option, reason = "before the first look there is neither a text nor none")]
struct Watch {
    look: Box<dyn Fn() -> Option<Words>>,
    set: Setter,
    last: Option<Option<Words>>,
}

impl Watch {
    #[inline(never)]
    fn run(&mut self) {
        let next = (self.look)();
        if self.last.as_ref() != Some(&next) {
            (self.set)(next.as_deref());
            self.last = Some(next);
        }
    }
}

thread_local! {
    /// What is to be watched together, while something is made of which all is.
    static WATCHES: RefCell<Option<Vec<Watch>>> = const { RefCell::new(None) };
}

#[inline(never)]
fn watch(look: Box<dyn Fn() -> Option<Words>>, set: Setter) {
    let mut watch = Watch { look, set, last: None };
    match WATCHES.take() {
        Some(mut together) => {
            together.push(watch);
            WATCHES.set(Some(together));
        }
        None => effect(Box::new(move || watch.run())),
    }
}

/// Makes something that changes as a whole, like a row: all its texts are looked at together whenever a signal changes
/// that one of them looked at. An effect for each would take longer to make than the rest of the row.
fn together(make: impl FnOnce() -> El) -> El {
    let others = WATCHES.replace(Some(Vec::new()));
    let made = make();
    let mut watches = WATCHES.replace(others).unwrap_or_default();
    effect(Box::new(move || watches.iter_mut().for_each(Watch::run)));
    made
}

/// Makes a part of that which changes by itself, and oftener.
pub(crate) fn apart(make: impl FnOnce() -> El) -> El {
    let others = WATCHES.take();
    let made = make();
    WATCHES.set(others);
    made
}

/// What a field holds.
pub(crate) fn value(element: &Element) -> String {
    match element.dyn_ref::<HtmlTextAreaElement>() {
        Some(area) => area.value(),
        // An input, or a choice, whose `value` is of the same name.
        None => element.unchecked_ref::<HtmlInputElement>().value(),
    }
}

fn set_value(element: &Element, text: &str) {
    // Writing the same again would move the cursor.
    if value(element) == text {
        return;
    }
    match element.dyn_ref::<HtmlTextAreaElement>() {
        Some(area) => area.set_value(text),
        None => element.unchecked_ref::<HtmlInputElement>().set_value(text),
    }
}

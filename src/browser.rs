//! What the page asks of the browser: clocks, its own files, storage, the sizes that the style sheet names.
//! Nothing here decides anything, and nothing fails aloud: a browser may refuse storage, and the page still works.

use mjwork::Timestamp;
use std::pin::Pin;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Response, Storage, Window};

pub(crate) fn window() -> Window {
    leptos::prelude::window()
}

pub(crate) fn document() -> Document {
    leptos::prelude::document()
}

fn root() -> Option<Element> {
    document().document_element()
}

/// Milliseconds since the Unix epoch by the browser's clock.
#[expect(clippy::cast_possible_truncation, reason = "a browser's clock stays far below 2^53")]
pub(crate) fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// How long the page has been open, in ms: by a clock that nobody sets.
pub(crate) fn elapsed_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// How many minutes the reader's zone was east of UTC at that time.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "milliseconds fit, offsets are small"
)]
pub(crate) fn east_minutes(time: Timestamp) -> i64 {
    let date = js_sys::Date::new(&(time.as_millis() as f64).into());
    -(date.get_timezone_offset() as i64)
}

/// Whether the page cannot be seen, and so gets no frames.
pub(crate) fn is_hidden() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Hidden
}

/// The host that serves the page, and whether it does so by https.
pub(crate) fn page_host() -> (bool, String) {
    let location = window().location();
    let is_https = location.protocol().is_ok_and(|p| p == "https:");
    (is_https, location.hostname().unwrap_or_default())
}

/// The path of the page itself, wherever it is hosted.
pub(crate) fn page_path() -> String {
    window().location().pathname().unwrap_or_else(|_| "/".into())
}

/// One of the page's own files; none when there is no such file.
pub(crate) async fn own_file(name: &str) -> Option<String> {
    let response = JsFuture::from(window().fetch_with_str(name)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    // A host that answers every path with the page itself has no such file either.
    let is_page = || {
        let kind = response.headers().get("content-type").ok().flatten();
        kind.is_some_and(|kind| kind.starts_with("text/html"))
    };
    if !response.ok() || is_page() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// Runs a future beside the page. One type for all, as each costs the bundle its own machinery.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    wasm_bindgen_futures::spawn_local(future);
}

/// A size of the style sheet, in whole pixels.
pub(crate) fn token_px(name: &str) -> i32 {
    let style = root().and_then(|root| window().get_computed_style(&root).ok().flatten());
    let value = style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
    value.trim().trim_end_matches("px").parse().unwrap_or(0)
}

/// Sets a size of the style sheet, in whole pixels, for as long as the page lives.
pub(crate) fn set_token_px(name: &str, pixels: i32) {
    if let Some(root) = root().and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = root.style().set_property(name, &format!("{pixels}px"));
    }
}

/// How wide the page is, in pixels.
pub(crate) fn page_width() -> i32 {
    root().map_or(0, |root| root.client_width())
}

/// The page's address with this query.
pub(crate) fn link(href: &str) -> String {
    let origin = window().location().origin().unwrap_or_default();
    format!("{origin}{}{href}", page_path())
}

/// Lays a text on the clipboard. Where a browser has none to offer, as on a page that came by plain http, the older way
/// is tried; should that be refused too, nothing happens.
pub(crate) fn copy(text: &str) {
    let navigator = window().navigator();
    if js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|there| there.is_object()) {
        let _ = navigator.clipboard().write_text(text);
        return;
    }
    let (document, before) = (document(), focused());
    let Some(body) = document.body() else { return };
    let Ok(area) = document.create_element("textarea") else { return };
    let area: web_sys::HtmlTextAreaElement = area.unchecked_into();
    area.set_value(text);
    // A dialog that is open makes everything beside it inert.
    let dialog = document.query_selector("dialog[open]").ok().flatten();
    let _ = dialog.as_ref().map_or(&**body, |dialog| dialog).append_child(&area);
    area.select();
    let _ = document.unchecked_ref::<web_sys::HtmlDocument>().exec_command("copy");
    area.remove();
    if let Some(before) = before {
        let _ = before.focus();
    }
}

/// The text of a file that somebody chose or dropped.
pub(crate) async fn file_text(file: &web_sys::File) -> Option<String> {
    JsFuture::from(file.text()).await.ok()?.as_string()
}

/// Sets or removes an attribute of the page's root.
pub(crate) fn mark_root(name: &str, value: Option<&str>) {
    if let Some(root) = root() {
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Whether the keyboard's focus lies in a field, so that a letter is a letter.
pub(crate) fn is_typing() -> bool {
    document().active_element().is_some_and(|element| {
        let is_ticked_only = || element.get_attribute("type").is_some_and(|kind| kind == "checkbox");
        match element.tag_name().as_str() {
            "INPUT" => !is_ticked_only(),
            "TEXTAREA" | "SELECT" => true,
            _ => element.has_attribute("contenteditable"),
        }
    })
}

/// Whether a dialog is open, which has the keyboard to itself.
pub(crate) fn has_dialog() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// What has the keyboard's focus.
pub(crate) fn focused() -> Option<web_sys::HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Puts the keyboard's focus on the first element that a selector finds.
pub(crate) fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Hands out a file made of these texts.
pub(crate) fn save(name: &str, kind: &str, texts: &js_sys::Array) {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(texts, &options);
    let Ok(url) = blob.and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob)) else { return };
    if let Ok(link) = document().create_element("a").map(JsCast::unchecked_into::<web_sys::HtmlElement>) {
        let _ = link.set_attribute("href", &url);
        let _ = link.set_attribute("download", name);
        link.click();
    }
    // The browser has taken the file by then.
    gloo_timers::callback::Timeout::new(60_000, move || {
        let _ = web_sys::Url::revoke_object_url(&url);
    })
    .forget();
}

/// Scrolls the first element that a selector finds into sight, as little as that takes.
pub(crate) fn show_nearest(selector: &'static str) {
    // With the next frame: what is to be found may change until then.
    leptos::prelude::request_animation_frame(move || {
        if let Some(element) = document().query_selector(selector).ok().flatten() {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

/// Where something is remembered.
#[derive(Clone, Copy)]
pub(crate) enum Shelf {
    /// Until somebody clears it.
    Local,
    /// Until the tab is closed.
    Session,
}

impl Shelf {
    fn storage(self) -> Option<Storage> {
        match self {
            Self::Local => window().local_storage(),
            Self::Session => window().session_storage(),
        }
        .ok()
        .flatten()
    }

    pub(crate) fn get(self, key: &str) -> Option<String> {
        self.storage()?.get_item(&name(key)).ok().flatten()
    }

    pub(crate) fn set(self, key: &str, value: Option<&str>) {
        if let Some(storage) = self.storage() {
            let _ = match value {
                Some(value) => storage.set_item(&name(key), value),
                None => storage.remove_item(&name(key)),
            };
        }
    }
}

/// Other pages of the same origin keep things too.
fn name(key: &str) -> String {
    format!("mjwork.{key}")
}

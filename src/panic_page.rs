//! What a person sees when the page itself has failed: that it has, and a report to pass on.
//! It uses the browser only, as nothing of the page can be relied on any more.

use crate::browser::{document, window};
use std::panic::PanicHookInfo;
use web_sys::Element;

/// Makes a panic show itself.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let report = report(info);
        // Should the page be beyond showing anything, the console has it.
        leptos::logging::error!("{report}");
        let _ = show(&report);
    }));
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let at = String::from(js_sys::Date::new_0().to_iso_string());
    format!("mjwork-board {}\n{at}\n{agent}\n\n{info}\n", env!("CARGO_PKG_VERSION"))
}

/// Shows the report once: the first panic is the cause of those that follow.
fn show(report: &str) -> Option<()> {
    let document = document();
    if document.query_selector(".panic").ok()?.is_some() {
        return None;
    }
    let element = |name: &str, text: &str| -> Option<Element> {
        let element = document.create_element(name).ok()?;
        element.set_text_content(Some(text));
        Some(element)
    };
    let page = element("div", "")?;
    page.set_attribute("class", "panic").ok()?;
    page.set_attribute("role", "alert").ok()?;
    let text = element("textarea", report)?;
    text.set_attribute("readonly", "").ok()?;
    text.set_attribute("aria-label", "Report").ok()?;
    let again = element("a", "Load the board again")?;
    again.set_attribute("href", &window().location().href().ok()?).ok()?;
    for child in [
        element("h1", "The board has failed")?,
        element(
            "p",
            "What it shows is no longer kept up to date. The stream is untouched. This report says what happened; copy it to whoever looks after the board.",
        )?,
        text,
        again,
    ] {
        page.append_child(&child).ok()?;
    }
    document.body()?.append_child(&page).ok()?;
    Some(())
}

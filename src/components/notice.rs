//! What stands in the way of reading the stream, with what to do about it.

use super::Page;
use leptos::prelude::*;

/// The notice, if there is one.
pub(crate) fn notices() -> AnyView {
    let ui = Page::here().ui;
    let text = move || ui.conn().notice.as_ref().map(|n| n.text.clone()).unwrap_or_default();
    let command = move || ui.conn().notice.as_ref().and_then(|n| n.command.clone()).unwrap_or_default();
    view! {
        <div role="alert">
            <div class="notice bad" class:gone=move || ui.conn().notice.is_none()>
                <span>{move || text()}</span>
                <code>{move || command()}</code>
            </div>
        </div>
    }
    .into_any()
}

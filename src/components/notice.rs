//! What stands in the way of reading the stream, with what to do about it.

use super::Page;
use crate::dom::{El, el};

/// The notice, if there is one.
pub(crate) fn notices() -> El {
    let ui = Page::here().ui;
    let text = move || ui.conn().notice.as_ref().map(|n| n.text.clone()).unwrap_or_default();
    let command = move || ui.conn().notice.as_ref().and_then(|n| n.command.clone()).unwrap_or_default();
    let notice = el("div", "notice bad")
        .toggle("gone", move || ui.conn().notice.is_none())
        .child(el("span", "").says(text))
        .child(el("code", "").says(command));
    el("div", "").attr("role", "alert").child(notice)
}

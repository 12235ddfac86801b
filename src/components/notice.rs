//! What stands in the way of reading the stream, with what to do about it.

use super::{Page, button};
use crate::advice::Offer;
use crate::browser;
use crate::dom::{El, el};
use crate::door;
use crate::reactive::{Memo, RwSignal};

/// The notice, if there is one.
pub(crate) fn notices() -> El {
    let ui = Page::here().ui;
    let notice = Memo::new(move || {
        let c = ui.conn();
        let may_create = c.rights.create;
        c.notice.clone().map(|notice| {
            let offers = may_create && notice.offer == Some(Offer::CreateStream);
            (notice.text, notice.command, offers)
        })
    });
    let shown = move || {
        let (text, command, offers) = notice.get()?;
        let line = el("div", "notice").child(super::mark("red", "⚠")).child(el("span", "").text(&text));
        let line = match &command {
            Some(command) => line.child(copyable(command)),
            None => line,
        };
        Some(if offers {
            line.child(button("primary", "Create stream", move || door::create_stream(ui)))
        } else {
            line
        })
    };
    el("div", "").attr("role", "alert").slot(shown)
}

/// A line to be copied as it stands.
pub(crate) fn copyable(text: &str) -> El {
    let copied = RwSignal::new(false);
    let owned = text.to_owned();
    let copy = move || {
        browser::copy(&owned);
        copied.set(true);
    };
    el("span", "copyable")
        .child(el("code", "").text(text))
        .child(button("", "", copy).says(move || if copied.get() { "Copied" } else { "Copy" }))
}

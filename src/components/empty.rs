//! What stands where tasks would: nothing yet, nothing that one may see, or nothing read so far.

use super::notice::copyable;
use super::{Page, button};
use crate::dom::{El, el};
use mjwork::board::Status;

/// So many shapes of cards stand in a column before the history is read.
const SHAPES: usize = 4;

/// What to do on a stream without tasks, with commands that work as they stand.
pub(crate) fn no_tasks() -> El {
    let ui = Page::here().ui;
    let prefix = ui.conn_now().settings.subject_prefix.clone();
    let by_hand =
        format!("nats pub {prefix}.tasks.available '{{\"task_id\":\"first\",\"title\":\"My first task\"}}'");
    let own = match prefix.as_str() {
        "mjwork" => "mjwork publish first 'My first task'".to_owned(),
        prefix => format!("mjwork publish --prefix {prefix} first 'My first task'"),
    };
    let or = move || if ui.conn().rights.publish { "Or use Publish task above (key c)." } else { "" };
    el("div", "empty")
        .child(el("h2", "").text("No tasks yet"))
        .child(el("p", "").text("This puts one on the board, from wherever the server can be reached:"))
        .child(copyable(&own))
        .child(el("p", "").text("So does any NATS client, in any language:"))
        .child(copyable(&by_hand))
        .child(el("p", "soft").says(or))
}

/// What to do where one may not read: which permissions are missing.
pub(crate) fn not_allowed() -> El {
    let ui = Page::here().ui;
    let who = ui.conn_now().rights.user.clone();
    let who = who.map_or("This user".to_owned(), |user| format!("The user “{user}”"));
    let missing = move || {
        let mut list = el("ul", "missing");
        for what in &ui.conn().rights.missing {
            list = list.child(el("li", "").child(el("code", "").text(what)));
        }
        Some(list)
    };
    el("div", "empty")
        .child(el("h2", "").text("Not allowed to read"))
        .child(el("p", "").text(&format!(
            "{who} may not read the board. What is missing among the permissions on the server:"
        )))
        .slot(missing)
        .child(el("p", "").text("Sign in as somebody who may, or have these permissions added."))
        .child(button("", "Sign in as another", move || ui.signing_in.set(true)))
}

/// What is said where nothing could be read so far.
pub(crate) fn nothing_read() -> El {
    el("div", "empty")
        .child(el("h2", "").text("Nothing can be read yet"))
        .child(el("p", "").text("What stands in the way is said above. The board goes on trying by itself."))
}

/// The shapes of columns and cards, while the history is read.
pub(crate) fn skeleton() -> El {
    let column = |_| {
        let cards = (0..SHAPES).map(|_| el("div", "shape card"));
        el("div", "shape column").child(el("div", "shape head")).children(cards)
    };
    el("div", "board skeleton")
        .attr("aria-busy", "true")
        .attr("aria-label", "The history is being read")
        .attr("role", "img")
        .children(Status::ALL[..5].iter().map(column))
}

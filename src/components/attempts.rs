//! The attempts at a task, newest first: who, in which process, for how long, what was reported, how it ended.

use super::{ago, clock};
use crate::attempts::{Attempt, End};
use crate::dom::{El, el};
use crate::format::{age, count};

/// So many reports of an attempt are shown: its last.
const NOTES: usize = 50;

/// One attempt, the `number`th since the history begins.
pub(super) fn attempt(number: usize, attempt: &Attempt) -> El {
    let Attempt { claim, agent, session, from, to, end, why, notes } = attempt;
    let from = *from;
    let lasted = el("span", "");
    let lasted = match to {
        Some(_) => lasted.text(&age(attempt.lasted(from))),
        None => lasted.child(ago(move || Some(from))),
    };
    let tone = match end {
        End::Running => "blue",
        End::Completed => "green",
        End::Failed | End::GivenUp => "red",
        End::Requeued | End::Cancelled => "grey",
    };
    let session = session.as_deref().map(|session| format!(" · {session}")).unwrap_or_default();
    let first = el("div", "line")
        .child(el("span", "soft").text(&format!("{number}.")))
        .child(el("span", "cut spread").text(agent).child(el("span", "soft").text(&session)))
        .child(el("span", tone).text(end.as_str()))
        .child(el("span", "soft").child(clock(from)).text(" · ").child(lasted));
    let listed = notes.iter().rev().take(NOTES).map(|note| {
        el("li", "").child(el("span", "soft").child(clock(note.time)).text(" ")).text(&note.text)
    });
    let left_out = notes.len().saturating_sub(NOTES);
    let cut = if left_out > 0 { format!("and {} earlier reports", count(left_out)) } else { String::new() };
    el("li", "attempt")
        .attr("data-claim", &claim.to_string())
        .child(first)
        .child(
            el("p", if *end == End::Failed { "red" } else { "soft" })
                .text(why.as_deref().unwrap_or_default()),
        )
        .child(el("ul", "notes").attr("aria-label", "Progress").children(listed))
        .child(el("p", "soft").text(&cut))
}

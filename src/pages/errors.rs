//! What went wrong: reported errors, and messages that cannot be read, newest first.

use super::{detail, line, table};
use crate::components::{List, Page, found, windowed};
use crate::dom::{El, el};
use crate::format::{bytes, count, one_line};
use crate::live::Live;
use leptos::prelude::*;
use mjwork::board::{ProblemRecord, UnreadableRecord};
use mjwork::{AgentId, TaskId};
use std::sync::Arc;

/// The sequences of both logs as one list, newest first.
fn all(live: &Live) -> Vec<String> {
    let board = live.board();
    let mut reported = board.problems().iter().rev().map(|problem| problem.seq).peekable();
    let mut unreadable = board.unreadable().iter().rev().map(|message| message.seq).peekable();
    let mut all = Vec::new();
    while let Some(seq) =
        if reported.peek() > unreadable.peek() { reported.next() } else { unreadable.next() }
    {
        all.push(seq.to_string());
    }
    all
}

/// The errors.
pub(super) fn errors() -> El {
    let ui = Page::here().ui;
    let in_all = move || ui.totals().of_errors();
    // Looked for anew when there are more.
    let listed = found(move || {
        let _ = in_all();
        Some(all(&ui.live()))
    });
    let open = RwSignal::new(0_u64);
    let shown = move || listed.get().map_or(0, |all| all.len());
    let list = windowed(List {
        total: Box::new(shown),
        keys: Arc::new(move |range| {
            let all = listed.get().unwrap_or_default();
            all[range.start.min(all.len())..range.end.min(all.len())].to_vec()
        }),
        place: Box::new(move |seq| listed.get_untracked()?.iter().position(|other| other == seq)),
        row: Box::new(move |key| row(key, open)),
        step: "--row-step",
        class: "",
        label: Box::new(|| "Errors, newest first".into()),
    });
    let said = move || {
        let (problems, unreadable) = in_all();
        let cut = if shown() < problems + unreadable {
            format!(", newest {} of {} shown", count(shown()), count(problems + unreadable))
        } else {
            String::new()
        };
        format!("{} reported, {} unreadable{cut}", count(problems), count(unreadable))
    };
    let whole = detail(open, move |seq| match find(&ui.live(), seq) {
        Some(Found::Problem(problem)) => match &problem.stack {
            Some(stack) => format!("{}\n\n{stack}", problem.message),
            None => problem.message.to_string(),
        },
        Some(Found::Unreadable(message)) => {
            format!("{}\n\n{}, {}", message.reason, message.subject, bytes(message.size))
        }
        None => String::new(),
    });
    table("errors", "Errors", said, whole, &["Sequence", "Time", "Kind", "Where", "What"], list)
}

enum Found<'a> {
    Problem(&'a ProblemRecord),
    Unreadable(&'a UnreadableRecord),
}

fn find(live: &Live, seq: u64) -> Option<Found<'_>> {
    let board = live.board();
    let problem = board.problems().iter().rev().find(|problem| problem.seq == seq).map(Found::Problem);
    problem.or_else(|| board.unreadable().iter().rev().find(|m| m.seq == seq).map(Found::Unreadable))
}

fn row(key: &str, open: RwSignal<u64>) -> El {
    let seq = key.parse().unwrap_or(0);
    let live = Page::here().ui.live();
    let (time, kind, place, what) = match find(&live, seq) {
        None => return el("div", "row"),
        Some(Found::Problem(problem)) => {
            let places =
                [problem.agent.as_ref().map(AgentId::as_str), problem.task.as_ref().map(TaskId::as_str)];
            let place = places.into_iter().flatten().collect::<Vec<_>>().join(" · ");
            let level = one_line(problem.level.as_deref().unwrap_or("error"), 16);
            (problem.time, level, place, one_line(&problem.message, 300))
        }
        Some(Found::Unreadable(message)) => {
            let place = one_line(&message.subject, 100);
            (message.time, "unreadable".to_owned(), place, message.reason.to_string())
        }
    };
    line(seq, time, open)
        .child(el("span", "cut red").text(&kind))
        .child(el("span", "cut").text(&place))
        .child(el("span", "cut").text(&what))
}

//! What may be done to a task. What the state does not allow is disabled and says why; what one has no right to is not
//! offered.

use super::button;
use super::edit::{Purpose, edit};
use super::task_panel::Shown;
use crate::act::Act;
use crate::dom::{El, el};
use crate::format::count;
use crate::reactive::{RwSignal, untrack};
use crate::{operate, remedy};
use mjwork::Sequence;
use mjwork::board::Task;
use mjwork::draft::{self, Draft};
use mjwork::event::Subjects;
use std::rc::Rc;

/// A rule of the state: why not, or nothing.
type Rule = fn(&Task) -> Option<&'static str>;

/// The buttons, and what became of the last act.
pub(super) fn actions(shown: Shown) -> El {
    let ui = shown.page.ui;
    let rights = ui.conn_now().rights.clone();
    // 0 for no form, or one more than its purpose.
    let form = RwSignal::new(0_usize);
    let mut buttons = el("div", "actions");
    if rights.publish {
        buttons = buttons
            .child(act(shown, "Requeue", "Requeue", remedy::no_requeue, |subjects, task, by| {
                draft::requeue(subjects, task, None, by)
            }))
            .child(gated(shown, "Requeue with edit", remedy::no_requeue, move || form.set(2)))
            .child(gated(shown, "Edit", |_| None, move || form.set(1)));
    }
    if rights.cancel {
        buttons =
            buttons.child(act(shown, "Cancel task", "Cancel", remedy::no_cancel, |subjects, task, by| {
                draft::cancel(subjects, task, None, by)
            }));
    }
    if rights.accept {
        buttons = buttons.child(late(shown));
    }
    let last = move || shown.id.with_value(|id| ui.acts.get().into_iter().rfind(|act| act.task == *id));
    let said = el("p", "")
        .bind_some("data-stage", move || last().map(|act| act.stage.as_str()))
        .says(move || last().as_ref().map(Act::sentence).unwrap_or_default());
    let dialog = move || {
        let purpose = match form.get() {
            0 => return None,
            1 => Purpose::Edit,
            _ => Purpose::Requeue,
        };
        untrack(|| edit(shown, purpose, Rc::new(move || form.set(0))))
    };
    el("div", "acting").child(buttons).child(said).child(el("div", "contents").slot(dialog))
}

/// A button that does something to the task at once.
fn act(
    shown: Shown,
    label: &'static str,
    what: &'static str,
    rule: Rule,
    make: fn(&Subjects, &Task, &str) -> Draft,
) -> El {
    gated(shown, label, rule, move || run(shown, what, |subjects, task, by| Some(make(subjects, task, by))))
}

fn run(shown: Shown, what: &'static str, make: impl FnOnce(&Subjects, &Task, &str) -> Option<Draft>) {
    let ui = shown.page.ui;
    let (by, subjects) = ui.conn_now().signer();
    let draft = untrack(|| shown.with(|_, task| make(&subjects, task, &by))).flatten();
    if let Some(draft) = draft {
        shown.id.with_value(|id| operate::act(ui, what, id, draft));
    }
}

/// A button that is disabled while the rule or the connection stands against it, and says so.
pub(super) fn gated(shown: Shown, label: &'static str, rule: Rule, run: impl Fn() + 'static) -> El {
    let ui = shown.page.ui;
    let why_not = move || {
        let hindrance = ui.conn().why_not_now();
        if hindrance.is_some() {
            return hindrance;
        }
        shown.with(|_, task| rule(task)).flatten()
    };
    button("", label, run)
        .disabled(move || why_not().is_some())
        .bind("title", move || why_not().unwrap_or(label))
        .bind_some("aria-description", why_not)
}

/// Accepts a result that came too late; of several, the one that is chosen.
fn late(shown: Shown) -> El {
    let chosen = RwSignal::new(String::new());
    let accept = move || {
        let seq: Option<Sequence> = chosen.with_untracked(|seq| seq.parse().ok());
        run(shown, "Accept", |subjects, task, by| {
            let is_there = |seq: &Sequence| task.late.iter().any(|late| late.seq == *seq);
            let seq = seq.filter(is_there).or_else(|| Some(task.late.last()?.seq))?;
            Some(draft::accept(subjects, task, seq, by))
        });
    };
    let choice = move || {
        let all: Vec<(Sequence, String)> = shown
            .with(|_, task| {
                task.late.iter().rev().map(|late| (late.seq, late.owner.agent.to_string())).collect()
            })
            .unwrap_or_default();
        (all.len() > 1).then(|| {
            let options = all.iter().map(|(seq, agent)| {
                el("option", "").attr("value", &seq.to_string()).text(&format!("{} by {agent}", count(*seq)))
            });
            el("select", "which").attr("aria-label", "Which late result").children(options).field(chosen)
        })
    };
    el("span", "late").child(gated(shown, "Accept late result", remedy::no_accept, accept)).slot(choice)
}

/// A late result in full has a button of its own.
pub(super) fn accept_one(shown: Shown, seq: Sequence) -> El {
    let label = "Accept";
    let accept =
        move || run(shown, "Accept", |subjects, task, by| Some(draft::accept(subjects, task, seq, by)));
    gated(shown, label, remedy::no_accept, accept).attr("aria-label", &format!("Accept result {seq}"))
}

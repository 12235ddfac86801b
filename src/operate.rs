//! Sends what an operator decided: after a moment in which it can be undone, and many tasks' worth at a time.

use crate::act::{HELD_MS, Stage};
use crate::bulk::Verb;
use crate::reactive::window_event_listener;
use crate::state::Ui;
use crate::{browser, frame, session};
use futures_util::StreamExt;
use futures_util::stream;
use gloo_timers::callback::Timeout;
use leptos::ev;
use mjwork::draft::Draft;
use mjwork::{Sequence, TaskId};
use std::cell::RefCell;

/// So many messages of an act to many are under way at a time.
const IN_FLIGHT: usize = 64;

/// What sends an act.
type Sending = Box<dyn FnOnce()>;

thread_local! {
    /// What is sent when its moment has passed, by the number of its act.
    static HELD: RefCell<Vec<(u64, Sending)>> = const { RefCell::new(Vec::new()) };
}

/// Does something to a task, unless it is undone.
pub(crate) fn act(ui: Ui, what: &'static str, task: &str, draft: Draft) {
    // Whatever led here: what one sees is not what one would change.
    if let Some(why) = ui.conn_now().why_not_now() {
        let id = ui.acts.begin(what, task);
        ui.acts.set(id, Stage::Failed(why.to_owned()));
        return;
    }
    let id = ui.acts.change(|queue, now_ms| queue.hold(what, task, now_ms));
    let send = move || {
        let sending = session::deliver(draft);
        browser::spawn(async move {
            ui.acts.set(id, stage(sending.await));
            // Its event may have come before the acknowledgement.
            frame::ask(ui);
        });
    };
    hold(ui, id, Box::new(send));
}

/// Does something to many tasks, each at the version that was seen, unless it is undone.
pub(crate) fn act_on_many(ui: Ui, verb: Verb, tasks: Vec<(TaskId, Sequence)>) {
    let total = tasks.len();
    let id = ui.acts.change(|queue, now_ms| queue.hold_many(verb.title(), total, now_ms));
    hold(ui, id, Box::new(move || browser::spawn(send_many(ui, id, verb, tasks))));
}

async fn send_many(ui: Ui, id: u64, verb: Verb, tasks: Vec<(TaskId, Sequence)>) {
    let send = |(task, version): (TaskId, Sequence)| async move {
        if ui.acts.queue().is_stopped(id) {
            return None;
        }
        let draft = {
            let (by, subjects) = ui.conn_now().signer();
            let live = ui.present();
            let seen = live.board().task(task.as_str()).filter(|task| task.version == version);
            seen.map(|seen| verb.draft(&subjects, seen, &by))
        };
        let sent = match draft {
            Some(draft) => session::deliver(draft).await,
            None => Err("It changed meanwhile.".to_owned()),
        };
        Some((task, stage(sent)))
    };
    let mut unsent = 0;
    let mut sent = stream::iter(tasks).map(send).buffer_unordered(IN_FLIGHT);
    while let Some(one) = sent.next().await {
        match one {
            Some((task, stage)) => {
                ui.acts.change(|queue, now_ms| queue.set_one(id, &task, stage, now_ms));
                frame::ask(ui);
            }
            None => unsent += 1,
        }
    }
    ui.acts.change(|queue, now_ms| queue.leave(id, unsent, now_ms));
}

fn stage(sent: Result<Sequence, String>) -> Stage {
    match sent {
        Ok(seq) => Stage::Acknowledged(seq),
        Err(why) => Stage::Failed(why),
    }
}

fn hold(ui: Ui, id: u64, send: Sending) {
    HELD.with_borrow_mut(|held| held.push((id, send)));
    let wait = u32::try_from(HELD_MS).unwrap_or(0);
    Timeout::new(wait, move || release(ui, id)).forget();
}

/// Sends a held act now.
pub(crate) fn release(ui: Ui, id: u64) {
    let send = take(id);
    if ui.acts.change(|queue, _| queue.release(id))
        && let Some(send) = send
    {
        send();
    }
}

/// Takes a held act back: nothing was sent.
pub(crate) fn undo(ui: Ui, id: u64) {
    drop(take(id));
    ui.acts.change(|queue, _| queue.undo(id));
}

fn take(id: u64) -> Option<Sending> {
    HELD.with_borrow_mut(|held| {
        let at = held.iter().position(|(of, _)| *of == id)?;
        Some(held.swap_remove(at).1)
    })
}

/// Warns whoever leaves the page while something is held back or on its way.
pub(crate) fn warn_before_leaving(ui: Ui) {
    let _ = window_event_listener(ev::beforeunload, move |event| {
        if ui.acts.queue().is_open() {
            event.prevent_default();
        }
    });
}

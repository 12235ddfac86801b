//! The board as it was: the history folded once more up to the moment that the address names, beside the board that
//! goes on. It goes forward only; going back begins at a moment that was kept on the way.

use crate::browser::{self, now_ms};
use crate::state::{Past, Ui};
use crate::travel::{Frames, Span, Start};
use crate::{copies, session};
use futures_util::future::{AbortHandle, abortable};
use mjwork::reader::{Origin, Source};
use mjwork::replay::{Replay, Replayed};
use mjwork::{Duration, Timestamp};
use nats_wasm_shim::Client;
use std::cell::{Cell, RefCell};
use std::task::{Poll, Waker};

/// So long the fold may have the page's thread at a time, in ms.
const SLICE_MS: i64 = 12;

thread_local! {
    /// Which moment is wanted, and who waits for another.
    static WANTED: Cell<Option<Timestamp>> = const { Cell::new(None) };
    static WAITS: RefCell<Option<Waker>> = const { RefCell::new(None) };
    /// What ends the fold under way.
    static FOLDING: RefCell<Option<AbortHandle>> = const { RefCell::new(None) };
    static FRAMES: RefCell<Frames> = RefCell::default();
}

/// Goes to a moment of the past; or to now.
pub(crate) fn look(ui: Ui, at: Option<Timestamp>) {
    let Some(at) = at else { return leave(ui) };
    WANTED.set(Some(at));
    let before = ui.conn_now().past.clone();
    match before {
        Some(before) => ui.set_conn(|c| c.past = Some(Past { at, fault: None, ..before })),
        None => ui.turn(Some(Past { at, shown: None, percent: 0, read: 0, fault: None })),
    }
    if let Some(waker) = WAITS.take() {
        waker.wake();
    }
    if FOLDING.with_borrow(Option::is_none) {
        begin(ui);
    }
}

/// Returns to now.
pub(crate) fn leave(ui: Ui) {
    WANTED.set(None);
    if let Some(folding) = FOLDING.take() {
        folding.abort();
    }
    FRAMES.with_borrow_mut(Frames::clear);
    if ui.conn_now().past.is_some() {
        ui.turn(None);
    }
}

/// The connection was cut and is there again: what was asked is lost.
pub(crate) fn reconnected(ui: Ui) {
    if let Some(folding) = FOLDING.take() {
        folding.abort();
        begin(ui);
    }
}

/// What the slider spans.
pub(crate) fn span(ui: Ui) -> Span {
    let now = ui.present().now(now_ms());
    let c = ui.conn_now();
    let kept = if c.max_age.is_zero() { Timestamp::default() } else { now - c.max_age };
    Span::new(c.first_time.unwrap_or(now).max(kept), now)
}

fn begin(ui: Ui) {
    let Some(client) = session::client() else { return };
    let source = ui.conn_now().settings.source();
    let (running, handle) = abortable(run(ui, client, source));
    FOLDING.replace(Some(handle));
    browser::spawn(async move {
        // An end by a newer one, or by the return to now, needs no word.
        let _ = running.await;
    });
}

/// The fold's way to a moment: a reader, and the time up to which it has come.
struct Way {
    replay: Replay,
    here: Timestamp,
}

/// The shortest way to `at`, and the past as it is where that begins.
fn way(ui: Ui, client: &Client, source: &Source, at: Timestamp, before: Option<Way>) -> Way {
    let (created, max_age) = (ui.conn_now().created.clone(), ui.conn_now().max_age);
    let (client, source) = (client.clone(), source.clone());
    match (FRAMES.with_borrow(|frames| frames.start(at, before.as_ref().map(|way| way.here))), before) {
        (Start::Here, Some(before)) => before,
        (Start::Frame(known), _) => {
            let (here, seq) = (known.board.last_time(), known.board.last_seq());
            ui.past_mut().restore(*known);
            Way { replay: Replay::resume(client, source, Origin { created, seq }), here }
        }
        (Start::Here | Start::Beginning, _) => {
            from_nothing(ui, max_age);
            Way { replay: Replay::open(client, source), here: Timestamp::MIN }
        }
    }
}

fn from_nothing(ui: Ui, max_age: Duration) {
    let mut past = ui.past_mut();
    past.reset();
    past.lasts(max_age);
}

async fn run(ui: Ui, client: Client, source: Source) {
    let mut on: Option<Way> = None;
    let mut slice = now_ms();
    while let Some(at) = WANTED.get() {
        let next = way(ui, &client, &source, at, on.take());
        let going = on.insert(next);
        match going.replay.next(at).await {
            Ok(Replayed::Events(stored)) => {
                let mut past = ui.past_mut();
                session::fold(&mut past, &stored, 0, &source.subjects);
                let time = past.board().last_time();
                going.here = time;
                let span = span(ui);
                FRAMES.with_borrow_mut(|frames| {
                    if frames.wants(time, span) {
                        frames.keep(past.known());
                    }
                });
                let read = past.totals().read;
                drop(past);
                progressed(ui, span.percent(time, at), read);
            }
            Ok(Replayed::Reached) => {
                arrived(ui, at);
                going.here = at;
                another(at).await;
            }
            Ok(Replayed::Reset) => {
                FRAMES.with_borrow_mut(Frames::clear);
                going.here = Timestamp::MIN;
                from_nothing(ui, ui.conn_now().max_age);
            }
            Err(fault) => {
                let fault = fault.to_string();
                ui.set_conn(|c| {
                    if let Some(past) = &mut c.past {
                        past.fault = Some(fault);
                    }
                });
                // The reader waits before it tries again.
            }
        }
        if now_ms() - slice >= SLICE_MS {
            copies::pause().await;
            slice = now_ms();
        }
    }
}

/// Says how far it is, when that is another percent.
fn progressed(ui: Ui, percent: usize, read: u64) {
    let is_new = ui.conn_now().past.as_ref().is_some_and(|past| past.percent != percent);
    if is_new {
        ui.set_conn(|c| {
            if let Some(past) = &mut c.past {
                (past.percent, past.read, past.fault) = (percent, read, None);
            }
        });
    }
}

/// The past is what was known at `at`, without what had expired by then.
fn arrived(ui: Ui, at: Timestamp) {
    let max_age: Duration = ui.conn_now().max_age;
    {
        let mut past = ui.past_mut();
        past.show();
        past.forget(at, max_age);
    }
    let read = ui.past_mut().totals().read;
    let wanted = WANTED.get().unwrap_or(at);
    ui.turn(Some(Past { at: wanted, shown: Some(at), percent: 100, read, fault: None }));
}

/// Done when another moment is wanted, or none.
async fn another(than: Timestamp) {
    std::future::poll_fn(|cx| {
        if WANTED.get() == Some(than) {
            WAITS.replace(Some(cx.waker().clone()));
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

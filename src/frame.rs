//! When the page is brought up to date: once in an animation frame, however much arrives.
//! A hidden tab gets no frames, so there a timer does it, and the moment of becoming visible or hidden itself. A timer
//! does it too while the history is read: a frame for every few messages would cost more than reading them.

use crate::browser;
use crate::copies;
use crate::reactive::{request_animation_frame, window_event_listener};
use crate::state::Ui;
use gloo_timers::callback::{Interval, Timeout};
use leptos::ev;
use std::cell::Cell;

/// How often a page is brought up to date that is hidden, or that reads the history, in ms.
const SELDOM_MS: u32 = 1_000;
/// How often what has expired is forgotten, in ticks of a second.
const FORGET_TICKS: u32 = 60;

thread_local! {
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Asks for the page to be brought up to date with the next frame.
pub(crate) fn ask(ui: Ui) {
    if ASKED.replace(true) {
        return;
    }
    if browser::is_hidden() || !ui.live().is_synced() {
        Timeout::new(SELDOM_MS, move || flush(ui)).forget();
    } else {
        request_animation_frame(move || flush(ui));
    }
}

fn flush(ui: Ui) {
    // A frame that was asked for before the tab was hidden may come long after the flush that replaced it.
    if ASKED.replace(false) {
        ui.flush();
    }
}

/// Starts the page's one clock, and what follows the tab's visibility.
pub(crate) fn start(ui: Ui) {
    let _ = window_event_listener(ev::visibilitychange, move |_| {
        ui.tick();
        flush(ui);
        copies::look_after(ui);
    });
    let ticks = Cell::new(0_u32);
    Interval::new(1_000, move || {
        ticks.set(ticks.get().wrapping_add(1));
        if ticks.get().is_multiple_of(FORGET_TICKS) {
            ui.forget_expired();
            ask(ui);
        }
        ui.tick();
        copies::look_after(ui);
    })
    .forget();
}

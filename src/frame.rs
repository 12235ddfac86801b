//! When the page is brought up to date: once in an animation frame, however much arrives.
//! What takes longer than a share of a frame goes on in the next one, and what took long rests before the next time, so
//! that scrolling stays smooth while a thousand events a second come in.
//!
//! A hidden tab gets no frames, so there a timer does it, and the moment of becoming visible or hidden itself. A timer
//! does it too while the history is read: a frame for every few messages would cost more than reading them.

use crate::browser;
use crate::components::{is_scrolled, read_scrolled};
use crate::copies;
use crate::reactive::{request_animation_frame, settled, window_event_listener};
use crate::state::{Arrived, Ui};
use gloo_timers::callback::{Interval, Timeout};
use leptos::ev;
use std::cell::{Cell, RefCell};

/// How often a page is brought up to date that is hidden, or that reads the history, in ms.
const SELDOM_MS: u32 = 1_000;
/// How often what has expired is forgotten, in ticks of a second.
const FORGET_TICKS: u32 = 60;
/// So much of a frame the page takes for what arrived, in ms: the browser has to lay out and paint it, too.
const SHARE_MS: f64 = 5.0;
/// After what arrived the page rests so many times as long as that took it, and no longer than this in ms.
const REST: f64 = 6.0;
const LONGEST_REST_MS: f64 = 300.0;
/// It rests so long while somebody scrolls: what passes by under his eyes had better stand still.
const REST_WHILE_SCROLLED_MS: f64 = 2_000.0;
/// So often it looks whether it has rested long enough.
const LOOK_MS: u32 = 20;

thread_local! {
    /// Whether something arrived that nobody has taken yet.
    static ASKED: Cell<bool> = const { Cell::new(false) };
    /// Whether a frame or a timer will take it.
    static WILL_COME: Cell<bool> = const { Cell::new(false) };
    /// Which run of frames and timers that is: those of an earlier one come to nothing.
    static RUN: Cell<u32> = const { Cell::new(0) };
    /// What was taken, and is not wholly shown yet.
    static UNDER_WAY: RefCell<Option<Arrived>> = const { RefCell::new(None) };
    /// How long that has taken so far, or what was before it took, and when that was shown, in ms.
    static PACE: Cell<(f64, f64)> = const { Cell::new((0.0, 0.0)) };
}

/// Asks for the page to be brought up to date with the next frame.
pub(crate) fn ask(ui: Ui) {
    ASKED.set(true);
    if !WILL_COME.replace(true) {
        next(ui);
    }
}

/// Goes on with the next frame; with a timer where there are no frames, or more than need be.
fn next(ui: Ui) {
    let run = RUN.get();
    if browser::is_hidden() || !ui.live().is_synced() {
        Timeout::new(SELDOM_MS, move || {
            if run == RUN.get() {
                flush(ui);
            }
        })
        .forget();
    } else {
        request_animation_frame(move || begin(ui, run));
    }
}

/// Brings everything up to date at once, if there is anything to follow.
fn flush(ui: Ui) {
    // A frame does not come while the tab is hidden, and may come long after: by then others have taken over.
    RUN.set(RUN.get().wrapping_add(1));
    WILL_COME.set(false);
    read_scrolled();
    if let Some(mut before) = UNDER_WAY.take() {
        while before.step(ui) {}
    }
    if ASKED.replace(false) {
        ui.flush();
    }
}

/// Brings as much up to date as a frame has room for.
fn begin(ui: Ui, run: u32) {
    if run != RUN.get() {
        return;
    }
    read_scrolled();
    let began = browser::elapsed_ms();
    if UNDER_WAY.with_borrow(Option::is_none) {
        let (took, shown) = PACE.get();
        let rest = if is_scrolled() { REST_WHILE_SCROLLED_MS } else { LONGEST_REST_MS.min(took * REST) };
        if shown + rest > began {
            Timeout::new(LOOK_MS, move || {
                if run == RUN.get() {
                    next(ui);
                }
            })
            .forget();
            return;
        }
        if !ASKED.replace(false) {
            WILL_COME.set(false);
            return;
        }
        PACE.set((0.0, began));
        UNDER_WAY.set(Some(ui.arrived()));
    }
    browser::spawn(async move {
        while let Some(mut arrived) = UNDER_WAY.take() {
            let is_more = arrived.step(ui);
            if is_more {
                UNDER_WAY.set(Some(arrived));
                // What looks at the signals has its turn before the clock is looked at.
                settled().await;
                if run != RUN.get() {
                    return;
                }
            }
            let now = browser::elapsed_ms();
            if is_more && now < began + SHARE_MS {
                continue;
            }
            PACE.set((PACE.get().0 + now - began, now));
            if is_more || ASKED.get() {
                next(ui);
            } else {
                WILL_COME.set(false);
            }
            return;
        }
    });
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

//! What runs again when a signal changes that it looked at.
//!
//! An effect of Leptos is a task of its own, and asks what it looked at one by one only until one says that it changed:
//! what changes while another is asked, and before was found unchanged, it never hears of. These run in one task, in the
//! order in which they were told, and one that is told while it asks believes that.

use super::owner::{Owned, Owner};
use leptos::reactive::graph::{
    AnySource, AnySubscriber, ReactiveNode, Source as _, Subscriber, WithObserver as _,
};
use send_wrapper::SendWrapper;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

/// One effect. Its owner has it; signals know it only weakly.
pub(super) struct Effect(SendWrapper<Parts>);

struct Parts {
    me: Weak<Effect>,
    run: RefCell<Option<Box<dyn FnMut()>>>,
    /// What it looked at in its last run.
    sources: RefCell<Vec<AnySource>>,
    told: Cell<Told>,
    /// It waits for its turn.
    is_queued: Cell<bool>,
    /// It is not to run again.
    has_ended: Cell<bool>,
    /// Of what it made in its last run.
    owner: Owner,
}

/// What an effect has been told since it last ran.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    /// Something has changed that what it looked at is worked out from.
    Perhaps,
    /// Something that it looked at has changed.
    Change,
}

thread_local! {
    /// Those that were told something, in that order.
    static QUEUE: RefCell<VecDeque<Weak<Effect>>> = const { RefCell::new(VecDeque::new()) };
    /// Whether a task will see to them.
    static WILL_RUN: Cell<bool> = const { Cell::new(false) };
}

/// Runs now, and again whenever a signal changes that it looked at, for as long as the present owner lives.
#[inline(never)]
pub(crate) fn effect(run: Box<dyn FnMut()>) {
    let effect = Arc::new_cyclic(|me| {
        Effect(SendWrapper::new(Parts {
            me: me.clone(),
            run: RefCell::new(Some(run)),
            sources: RefCell::default(),
            told: Cell::new(Told::Nothing),
            is_queued: Cell::new(false),
            has_ended: Cell::new(false),
            owner: Owner::default(),
        }))
    });
    effect.run();
    Owner::own(Owned::Effect(effect));
}

impl Effect {
    fn subscriber(&self) -> AnySubscriber {
        let me: Weak<dyn Subscriber + Send + Sync> = self.0.me.clone();
        AnySubscriber(std::ptr::from_ref(self).addr(), me)
    }

    #[inline(never)]
    fn run(&self) {
        // None when it has ended, or is running.
        let Some(mut run) = self.0.run.take() else { return };
        self.0.told.set(Told::Nothing);
        self.forget_sources();
        self.0.owner.clean_up();
        let subscriber = self.subscriber();
        self.0.owner.with(|| subscriber.with_observer(&mut run));
        if self.0.has_ended.get() {
            self.end();
        } else {
            self.0.run.replace(Some(run));
        }
    }

    /// Runs if what it looked at has changed.
    fn take_turn(&self) {
        self.0.is_queued.set(false);
        if self.update_if_necessary() {
            self.run();
        }
    }

    /// It never runs again, and what it made goes.
    pub(super) fn end(&self) {
        self.0.has_ended.set(true);
        self.forget_sources();
        drop(self.0.run.take());
        self.0.owner.clean_up();
    }

    fn forget_sources(&self) {
        let me = self.subscriber();
        for source in self.0.sources.take() {
            source.remove_subscriber(&me);
        }
    }

    fn tell(&self, what: Told) {
        if what == Told::Change || self.0.told.get() == Told::Nothing {
            self.0.told.set(what);
        }
        if !self.0.is_queued.replace(true) {
            QUEUE.with_borrow_mut(|queue| queue.push_back(self.0.me.clone()));
            if !WILL_RUN.replace(true) {
                crate::browser::spawn(async { run_all() });
            }
        }
    }
}

/// Gives everyone that was told something a turn.
fn run_all() {
    while let Some(next) = QUEUE.with_borrow_mut(VecDeque::pop_front) {
        if let Some(effect) = next.upgrade() {
            effect.take_turn();
        }
    }
    WILL_RUN.set(false);
}

impl ReactiveNode for Effect {
    fn mark_dirty(&self) {
        self.tell(Told::Change);
    }

    fn mark_check(&self) {
        self.tell(Told::Perhaps);
    }

    fn mark_subscribers_check(&self) {}

    /// Whether what it looked at has changed; asks until that is sure.
    fn update_if_necessary(&self) -> bool {
        if self.0.told.get() == Told::Perhaps {
            let sources = self.0.sources.borrow().clone();
            for source in sources {
                if source.update_if_necessary() {
                    self.0.told.set(Told::Change);
                }
                if self.0.told.get() == Told::Change {
                    break;
                }
            }
        }
        // Nothing that is worked out sets a signal, so nothing else can have been told meanwhile.
        self.0.told.replace(Told::Nothing) == Told::Change
    }
}

impl Subscriber for Effect {
    fn add_source(&self, source: AnySource) {
        let mut sources = self.0.sources.borrow_mut();
        if !sources.contains(&source) {
            sources.push(source);
        }
    }

    fn clear_sources(&self, _: &AnySubscriber) {
        self.forget_sources();
    }
}

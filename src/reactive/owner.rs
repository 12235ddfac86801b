//! Who owns what is made: signals, effects, and what is to be done when they go.
//!
//! Leptos' owner keeps a mark of every child that it ever had, so one that makes rows for days would grow for days.
//! This one knows only what is there.

use super::effect::Effect;
use super::node::Held;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// The owner of what is made while it is the present one, until it is cleaned up.
#[derive(Clone, Default)]
pub(crate) struct Owner(Rc<RefCell<Vec<Owned>>>);

/// One thing that is owned. It goes by being dropped.
pub(super) enum Owned {
    Node(Held),
    Effect(Arc<Effect>),
    /// What is to be done then.
    Run(Box<dyn FnOnce()>),
}

thread_local! {
    /// The present owner.
    static PRESENT: RefCell<Option<Owner>> = const { RefCell::new(None) };
}

impl Owner {
    /// The present owner, if there is one.
    pub(crate) fn current() -> Option<Self> {
        PRESENT.with_borrow(Clone::clone)
    }

    /// Makes something that this one owns.
    pub(crate) fn with<R>(&self, make: impl FnOnce() -> R) -> R {
        let before = PRESENT.replace(Some(self.clone()));
        let made = make();
        PRESENT.set(before);
        made
    }

    /// Gives back what it owns, in the order in which that was made; signals last, as the others may look at them.
    pub(crate) fn clean_up(&self) {
        let owned = self.0.take();
        let mut nodes = Vec::new();
        for one in owned {
            match one {
                Owned::Run(run) => run(),
                Owned::Effect(effect) => effect.end(),
                Owned::Node(node) => nodes.push(node),
            }
        }
    }

    /// Has the present owner own something; what nobody owns is given back at once, but for signals, which stay.
    pub(super) fn own(owned: Owned) {
        match (Self::current(), owned) {
            (Some(owner), owned) => owner.0.borrow_mut().push(owned),
            (None, Owned::Node(node)) => std::mem::forget(node),
            (None, Owned::Effect(effect)) => effect.end(),
            (None, Owned::Run(_)) => {}
        }
    }
}

/// Runs it when the present owner goes: before what is made after it goes, and after what was made before.
pub(crate) fn on_cleanup(run: impl FnOnce() + 'static) {
    Owner::own(Owned::Run(Box::new(run)));
}

//! The nodes that handles lie in: a value of any type, and what tells of it.

use super::owner::{Owned, Owner};
use leptos::reactive::computed::ArcMemo;
use leptos::reactive::signal::ArcTrigger;
use leptos::reactive::traits::{Get as _, GetUntracked as _, Notify as _, Track as _};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// What tells that a value has changed.
#[derive(Clone)]
pub(super) enum Source {
    Signal(ArcTrigger),
    /// The revision of a value that is worked out when it is asked for.
    Memo(ArcMemo<u64>),
    /// Nothing does.
    Still,
}

impl Source {
    /// Brings the value up to date; whoever looks is told of its changes when `tracks` says so.
    #[inline(never)]
    fn look(&self, tracks: bool) {
        match self {
            Self::Signal(moved) if tracks => moved.track(),
            Self::Memo(revision) if tracks => _ = revision.get(),
            Self::Memo(revision) => _ = revision.get_untracked(),
            Self::Signal(_) | Self::Still => {}
        }
    }
}

/// A value, in a `RefCell` of its type, and what tells of it.
#[derive(Clone)]
struct Node {
    source: Source,
    value: Rc<dyn Any>,
}

/// Where a node lies for as long as its owner lives: the slot, and below it how often that was taken before. One number,
/// as what handlers and views capture most of all is signals.
#[derive(Clone, Copy)]
pub(super) struct Place(u32);

/// The bits of a place that count how often its slot was taken. A handle that outlives its owner by that many others
/// would find another's node, and then nothing in it unless that is of the same type.
const TAKEN: u32 = (1 << 12) - 1;

/// All nodes.
#[derive(Default)]
struct Nodes {
    /// Each slot's present place, and its node.
    slots: Vec<(u32, Option<Node>)>,
    free: Vec<u32>,
}

thread_local! {
    static NODES: RefCell<Nodes> = RefCell::default();
}

impl Nodes {
    fn put(&mut self, node: Node) -> u32 {
        if let Some(slot) = self.free.pop() {
            let (place, held) = &mut self.slots[slot as usize];
            *place = *place & !TAKEN | (*place + 1) & TAKEN;
            *held = Some(node);
            return *place;
        }
        let place = u32::try_from(self.slots.len()).unwrap_or_default() * (TAKEN + 1);
        self.slots.push((place, Some(node)));
        place
    }

    fn get(&self, place: u32) -> Option<Node> {
        let (present, node) = self.slots.get((place / (TAKEN + 1)) as usize)?;
        node.clone().filter(|_| *present == place)
    }

    fn take(&mut self, place: u32) -> Option<Node> {
        let slot = place / (TAKEN + 1);
        let node = self.slots.get_mut(slot as usize)?.1.take();
        self.free.push(slot);
        node
    }
}

/// What an owner holds of a node: with it the node goes.
pub(super) struct Held(u32);

impl Drop for Held {
    fn drop(&mut self) {
        // Dropped when the nodes can be reached again, as a value may hold signals.
        let node = NODES.with_borrow_mut(|nodes| nodes.take(self.0));
        drop(node);
    }
}

impl Place {
    #[inline(never)]
    pub(super) fn new(source: Source, value: Rc<dyn Any>) -> Self {
        let place = NODES.with_borrow_mut(|nodes| nodes.put(Node { source, value }));
        Owner::own(Owned::Node(Held(place)));
        Self(place)
    }

    fn node(self) -> Option<Node> {
        NODES.with_borrow(|nodes| nodes.get(self.0))
    }

    /// The value as it is now; none when its owner is gone.
    #[inline(never)]
    pub(super) fn reach(self, tracks: bool) -> Option<Rc<dyn Any>> {
        let Node { source, value } = self.node()?;
        source.look(tracks);
        Some(value)
    }

    #[inline(never)]
    pub(super) fn notify(self) {
        if let Some(Node { source: Source::Signal(moved), .. }) = self.node() {
            moved.notify();
        }
    }

    #[inline(never)]
    pub(super) fn track(self) {
        let _ = self.reach(true);
    }
}

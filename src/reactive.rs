//! Signals and memos: values of any type, on one instance each of Leptos' machinery.
//!
//! Leptos compiles a graph node, a lock, an arena's slot and a destructor for each type of value, and a memo for each
//! closure. Here the graph knows only that something changed; the value lies beside it in a cell, so that a further
//! type costs little more than reading and writing it.

use leptos::reactive::computed::ArcMemo;
use leptos::reactive::owner::{ArenaItem, LocalStorage, on_cleanup as leptos_on_cleanup};
use leptos::reactive::signal::ArcTrigger;
use leptos::reactive::traits::{Get as _, GetUntracked as _, Notify as _, Track as _};
use send_wrapper::SendWrapper;
use std::any::Any;
use std::cell::{Ref, RefCell};
use std::marker::PhantomData;
use std::rc::Rc;
use std::task::Poll;

pub(crate) use leptos::prelude::{Owner, request_animation_frame, window_event_listener};

/// What tells that a value has changed.
#[derive(Clone)]
enum Source {
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
struct Place(u32);

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

/// What Leptos' owner holds of a node: with it the node goes.
struct Held(u32);

impl Drop for Held {
    fn drop(&mut self) {
        // Dropped when the nodes can be reached again, as a value may hold signals.
        let node = NODES.with_borrow_mut(|nodes| nodes.take(self.0));
        drop(node);
    }
}

impl Place {
    #[inline(never)]
    fn new(source: Source, value: Rc<dyn Any>) -> Self {
        let place = NODES.with_borrow_mut(|nodes| nodes.put(Node { source, value }));
        ArenaItem::<Held, LocalStorage>::new_with_storage(Held(place));
        Self(place)
    }

    fn node(self) -> Option<Node> {
        NODES.with_borrow(|nodes| nodes.get(self.0))
    }

    /// The value as it is now; none when its owner is gone.
    #[inline(never)]
    fn reach(self, tracks: bool) -> Option<Rc<dyn Any>> {
        let Node { source, value } = self.node()?;
        source.look(tracks);
        Some(value)
    }

    #[inline(never)]
    fn notify(self) {
        if let Some(Node { source: Source::Signal(moved), .. }) = self.node() {
            moved.notify();
        }
    }

    #[inline(never)]
    fn track(self) {
        let _ = self.reach(true);
    }
}

/// A value of this type, whose owner may be gone.
fn typed<T: 'static>(value: Option<Rc<dyn Any>>) -> Option<Rc<RefCell<T>>> {
    value.and_then(|value| value.downcast().ok())
}

#[cold]
#[inline(never)]
fn gone() -> ! {
    panic!("a signal was used after its owner had gone");
}

/// A value that is told of when it is set, as a handle that lives as long as its owner.
pub(crate) struct RwSignal<T>(Place, PhantomData<fn() -> T>);

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T: Default + 'static> Default for RwSignal<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: 'static> From<ArcRwSignal<T>> for RwSignal<T> {
    fn from(ArcRwSignal { moved, value }: ArcRwSignal<T>) -> Self {
        Self(Place::new(Source::Signal(moved), value), PhantomData)
    }
}

impl<T: 'static> RwSignal<T> {
    pub(crate) fn new(value: T) -> Self {
        ArcRwSignal::new(value).into()
    }

    #[inline(never)]
    fn cell(self, tracks: bool) -> Rc<RefCell<T>> {
        typed(self.0.reach(tracks)).unwrap_or_else(|| gone())
    }

    /// Asks again whenever it is set.
    pub(crate) fn track(self) {
        self.0.track();
    }

    /// Tells of it without setting it.
    pub(crate) fn notify(self) {
        self.0.notify();
    }

    pub(crate) fn with<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.cell(true).borrow())
    }

    pub(crate) fn with_untracked<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.cell(false).borrow())
    }

    #[inline(never)]
    pub(crate) fn get(self) -> T
    where
        T: Clone,
    {
        self.cell(true).borrow().clone()
    }

    #[inline(never)]
    pub(crate) fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.cell(false).borrow().clone()
    }

    pub(crate) fn try_get_untracked(self) -> Option<T>
    where
        T: Clone,
    {
        typed::<T>(self.0.reach(false)).map(|cell| cell.borrow().clone())
    }

    /// Sets it; what it held before is dropped when nobody looks any more.
    #[inline(never)]
    pub(crate) fn set(self, value: T) {
        let before = self.cell(false).replace(value);
        self.0.notify();
        drop(before);
    }

    /// Sets it, or gives the value back when its owner is gone.
    #[inline(never)]
    pub(crate) fn try_set(self, value: T) -> Option<T> {
        let Some(cell) = typed(self.0.reach(false)) else { return Some(value) };
        cell.replace(value);
        self.0.notify();
        None
    }

    pub(crate) fn update<R>(self, change: impl FnOnce(&mut T) -> R) -> R {
        let changed = change(&mut self.cell(false).borrow_mut());
        self.0.notify();
        changed
    }

    /// Changes it; none when its owner is gone.
    pub(crate) fn try_update<R>(self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let changed = change(&mut typed::<T>(self.0.reach(false))?.borrow_mut());
        self.0.notify();
        Some(changed)
    }
}

/// A value that is told of when it is set, shared by those who hold it.
pub(crate) struct ArcRwSignal<T> {
    moved: ArcTrigger,
    value: Rc<RefCell<T>>,
}

impl<T> Clone for ArcRwSignal<T> {
    fn clone(&self) -> Self {
        Self { moved: self.moved.clone(), value: self.value.clone() }
    }
}

impl<T> ArcRwSignal<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { moved: ArcTrigger::new(), value: Rc::new(RefCell::new(value)) }
    }

    pub(crate) fn track(&self) {
        self.moved.track();
    }

    pub(crate) fn read(&self) -> Ref<'_, T> {
        self.moved.track();
        self.value.borrow()
    }

    pub(crate) fn read_untracked(&self) -> Ref<'_, T> {
        self.value.borrow()
    }

    pub(crate) fn get(&self) -> T
    where
        T: Clone,
    {
        self.read().clone()
    }

    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.value.borrow().clone()
    }

    pub(crate) fn set(&self, value: T) {
        let before = self.value.replace(value);
        self.moved.notify();
        drop(before);
    }

    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let changed = change(&mut self.value.borrow_mut());
        self.moved.notify();
        changed
    }
}

/// A value that is worked out anew when what it looked at has changed, and told of when it is another than before.
pub(crate) struct Memo<T>(Place, PhantomData<fn() -> T>);

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

impl<T: PartialEq + 'static> Memo<T> {
    pub(crate) fn new(look: impl Fn() -> T + 'static) -> Self {
        Self::boxed(Box::new(look))
    }

    #[inline(never)]
    fn boxed(look: Box<dyn Fn() -> T>) -> Self {
        let value: Rc<RefCell<Option<T>>> = Rc::default();
        let cell = value.clone();
        let renew = move || {
            let next = Some(look());
            let is_other = *cell.borrow() != next;
            if is_other {
                cell.replace(next);
            }
            is_other
        };
        Self(Place::new(revised(Box::new(renew)), value), PhantomData)
    }
}

/// The revisions of what `renew` works out; it says whether that has become another.
#[inline(never)]
fn revised(renew: Box<dyn Fn() -> bool>) -> Source {
    let renew = SendWrapper::new(renew);
    Source::Memo(ArcMemo::new_owning(move |before: Option<u64>| {
        let is_other = renew();
        (before.unwrap_or_default() + u64::from(is_other), is_other)
    }))
}

impl<T: 'static> Memo<T> {
    #[inline(never)]
    fn cell(self, tracks: bool) -> Rc<RefCell<Option<T>>> {
        typed(self.0.reach(tracks)).unwrap_or_else(|| gone())
    }

    /// Asks again whenever it is another.
    pub(crate) fn track(self) {
        self.0.track();
    }

    pub(crate) fn with<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(worked_out(self.cell(true).borrow().as_ref()))
    }

    pub(crate) fn with_untracked<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(worked_out(self.cell(false).borrow().as_ref()))
    }

    #[inline(never)]
    pub(crate) fn get(self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    #[inline(never)]
    pub(crate) fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }
}

fn worked_out<T>(value: Option<&T>) -> &T {
    match value {
        Some(value) => value,
        // Whoever looks has had it worked out.
        None => gone(),
    }
}

/// A value that nobody is told of, as a handle that lives as long as its owner.
pub(crate) struct StoredValue<T>(Place, PhantomData<fn() -> T>);

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

impl<T: 'static> StoredValue<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Place::new(Source::Still, Rc::new(RefCell::new(value))), PhantomData)
    }

    #[inline(never)]
    fn cell(self) -> Rc<RefCell<T>> {
        typed(self.0.reach(false)).unwrap_or_else(|| gone())
    }

    pub(crate) fn with_value<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.cell().borrow())
    }

    /// Looks at it; none when its owner is gone.
    pub(crate) fn try_with_value<R>(self, look: impl FnOnce(&T) -> R) -> Option<R> {
        Some(look(&typed::<T>(self.0.reach(false))?.borrow()))
    }

    pub(crate) fn get_value(self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    pub(crate) fn set_value(self, value: T) {
        self.cell().replace(value);
    }

    pub(crate) fn update_value<R>(self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.cell().borrow_mut())
    }

    /// Changes it; none when its owner is gone.
    pub(crate) fn try_update_value<R>(self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        Some(change(&mut typed::<T>(self.0.reach(false))?.borrow_mut()))
    }
}

/// Runs it without being told of what it looks at.
pub(crate) fn untrack<R>(run: impl FnOnce() -> R) -> R {
    let (mut run, mut result) = (Some(run), None);
    untracked(&mut || result = run.take().map(|run| run()));
    result.unwrap_or_else(|| gone())
}

#[inline(never)]
fn untracked(run: &mut dyn FnMut()) {
    leptos::prelude::untrack(run);
}

/// Done when everything that looks at a signal has seen what was set before.
pub(crate) async fn settled() {
    // Whoever is told is woken, and so stands before this in the queue.
    let mut has_waited = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs it when the present owner goes.
pub(crate) fn on_cleanup(run: impl FnOnce() + 'static) {
    clean_up(Box::new(run));
}

#[inline(never)]
fn clean_up(run: Box<dyn FnOnce()>) {
    let run = SendWrapper::new(run);
    leptos_on_cleanup(move || run.take()());
}

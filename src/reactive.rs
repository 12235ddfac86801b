//! Signals and memos: values of any type, on one instance each of Leptos' machinery.
//!
//! Leptos compiles a graph node, a lock, an arena's slot and a destructor for each type of value, and a memo for each
//! closure. Here the graph knows only that something changed; the value lies beside it in a cell, so that a further
//! type costs little more than reading and writing it. Who owns what, and what runs again, is this module's own.

mod effect;
mod node;
mod owner;

use leptos::reactive::computed::ArcMemo;
use leptos::reactive::signal::ArcTrigger;
use leptos::reactive::traits::{Notify as _, Track as _};
use node::{Place, Source};
use send_wrapper::SendWrapper;
use std::any::Any;
use std::cell::{Ref, RefCell};
use std::marker::PhantomData;
use std::rc::Rc;
use std::task::Poll;

pub(crate) use effect::effect;
pub(crate) use leptos::prelude::{request_animation_frame, window_event_listener};
pub(crate) use owner::{Owner, on_cleanup};

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

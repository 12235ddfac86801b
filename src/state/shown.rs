//! Which part of the board is shown, and which tasks of it are chosen.

use super::{Moved, State, Ui};
use crate::address::Group;
use crate::browser::now_ms;
use crate::live::Changes;
use crate::reactive::Memo;
use crate::search::Search;
use crate::selection::{Order, Selection};
use crate::view::View;
use gloo_timers::callback::Timeout;
use mjwork::TaskId;
use mjwork::board::Status;
use std::cell::{Cell, Ref, RefCell};
use std::ops::Range;
use std::sync::Arc;

/// So long a search holds the page's thread at a time, in ms: half a frame.
const SLICE_MS: i64 = 8;

/// What is shown, and what is chosen.
pub(super) struct Shown {
    /// None for the whole board without lanes, which the order of all tasks is enough for.
    view: RefCell<Option<View>>,
    view_moved: Moved,
    /// The search under way; any other has been overtaken.
    run: Cell<u64>,
    selection: RefCell<Selection>,
    selection_moved: Moved,
}

impl Shown {
    pub(super) fn new() -> Self {
        Self {
            view: RefCell::default(),
            view_moved: Moved::new(),
            run: Cell::new(0),
            selection: RefCell::default(),
            selection_moved: Moved::new(),
        }
    }
}

impl State {
    /// What is shown; asks again whenever that changes.
    #[inline(never)]
    pub(crate) fn view(&self) -> Ref<'_, Option<View>> {
        self.shown.view_moved.track();
        self.view_now()
    }

    /// What is shown, without being told when that changes.
    #[inline(never)]
    pub(crate) fn view_now(&self) -> Ref<'_, Option<View>> {
        self.shown.view.borrow()
    }

    /// A number that moves when another view is shown or a lane comes up; asks again whenever the view changes.
    pub(crate) fn lanes_moved(&self) -> u64 {
        let lanes = self.view().as_ref().map_or(0, |view| view.lanes().len());
        self.shown.run.get() << 32 | lanes as u64
    }
}

impl Ui {
    /// Shows what a search leaves, in these lanes; what was shown before is overtaken.
    pub(crate) fn look_for(self, search: &str, group: Group) {
        let search = Search::new(search);
        let is_all = search.is_empty() && group == Group::Whole;
        self.begin_view((!is_all).then(|| View::new(search, group)));
    }

    fn begin_view(self, view: Option<View>) {
        let run = self.shown.run.get() + 1;
        self.shown.run.set(run);
        *self.shown.view.borrow_mut() = view;
        look(self, run);
    }

    /// Takes changed tasks into what is shown.
    pub(super) fn follow_view(self, changes: &Changes) {
        if changes.all {
            let again = {
                let view = self.view_now();
                view.as_ref().map(|view| View::new(view.search().clone(), view.group()))
            };
            if again.is_some() {
                self.begin_view(again);
            }
        } else {
            let has_moved = {
                let live = self.live();
                let mut view = self.shown.view.borrow_mut();
                view.as_mut().is_some_and(|view| view.update(live.board(), &changes.tasks))
            };
            if has_moved {
                self.shown.view_moved.step();
            }
        }
        self.give_back_gone(changes);
    }
}

impl State {
    /// What is chosen; asks again whenever that changes.
    #[inline(never)]
    pub(crate) fn selection(&self) -> Ref<'_, Selection> {
        self.shown.selection_moved.track();
        self.selection_now()
    }

    /// What is chosen, without being told when that changes.
    #[inline(never)]
    pub(crate) fn selection_now(&self) -> Ref<'_, Selection> {
        self.shown.selection.borrow()
    }

    /// Chooses otherwise.
    #[inline(never)]
    pub(crate) fn choose(&self, change: &mut dyn FnMut(&mut Selection)) {
        change(&mut self.shown.selection.borrow_mut());
        self.shown.selection_moved.step();
    }

    /// Chooses everything that is shown.
    pub(crate) fn choose_all(&self) {
        let (view, live) = (self.view_now(), self.live());
        self.choose(&mut |selection| match &*view {
            Some(view) => selection.add(view.iter()),
            None => selection.add(live.board().tasks().map(|task| &task.id)),
        });
    }

    /// How many tasks are shown.
    pub(crate) fn shown_total(&self) -> usize {
        match &*self.view() {
            Some(view) => view.total(),
            None => self.totals().counts.total(),
        }
    }

    /// What is gone from the board cannot be chosen any more.
    fn give_back_gone(&self, changes: &Changes) {
        if self.selection_now().is_empty() {
            return;
        }
        let gone: Vec<TaskId> = {
            let (live, selection) = (self.live(), self.selection_now());
            let is_gone = |id: &&TaskId| live.board().task(id.as_str()).is_none();
            if changes.all {
                selection.iter().filter(is_gone).cloned().collect()
            } else {
                changes
                    .tasks
                    .iter()
                    .filter(|id| selection.has(id.as_str()))
                    .filter(is_gone)
                    .cloned()
                    .collect()
            }
        };
        self.give_back(&gone);
    }

    /// Gives these back, where they are chosen.
    pub(super) fn give_back(&self, ids: &[TaskId]) {
        if ids.iter().any(|id| self.selection_now().has(id.as_str())) {
            self.choose(&mut |selection| {
                for id in ids {
                    selection.drop(id.as_str());
                }
            });
        }
    }
}

/// Looks for a moment, and goes on after the page has had its turn.
fn look(ui: Ui, run: u64) {
    if ui.shown.run.get() != run {
        return;
    }
    let until = now_ms() + SLICE_MS;
    let is_whole = {
        let live = ui.live();
        let mut view = ui.shown.view.borrow_mut();
        let mut step = |view: &mut View| view.step(live.board(), live.orders(), &mut || now_ms() >= until);
        view.as_mut().is_none_or(&mut step)
    };
    ui.shown.view_moved.step();
    if !is_whole {
        Timeout::new(0, move || look(ui, run)).forget();
    }
}

/// The tasks of one state, or of one state in one lane, as they are shown.
#[derive(Clone)]
pub(crate) struct Standing {
    ui: Ui,
    status: Status,
    /// The lane's name; none for what has no agent or tag, and for a board without lanes.
    lane: Option<Arc<str>>,
    /// Moves with them.
    moved: Memo<u64>,
}

impl Standing {
    pub(crate) fn new(ui: Ui, status: Status, lane: Option<&str>) -> Self {
        let lane: Option<Arc<str>> = lane.map(Into::into);
        let named = lane.clone();
        let moved = Memo::new(move || match &*ui.view() {
            Some(view) => {
                let moved = view.number(named.as_deref()).map_or(0, |lane| view.moved(lane, status));
                ui.shown.run.get() << 32 | u64::from(moved)
            }
            None => ui.order_moved[status as usize].0.get(),
        });
        Self { ui, status, lane, moved }
    }

    /// Of which state they are.
    pub(crate) const fn status(&self) -> Status {
        self.status
    }

    /// How many there are; asks again whenever they change.
    #[inline(never)]
    pub(crate) fn len(&self) -> usize {
        self.moved.track();
        match &*self.ui.view_now() {
            Some(view) => view.number(self.lane.as_deref()).map_or(0, |lane| view.len(lane, self.status)),
            None => self.ui.live().orders().len(self.status),
        }
    }

    /// The ids at these places; asks again whenever they change.
    pub(crate) fn keys(&self, range: Range<usize>) -> Vec<String> {
        self.moved.track();
        self.slice(range).iter().map(ToString::to_string).collect()
    }

    /// Where one stands now.
    pub(crate) fn place(&self, id: &str) -> Option<usize> {
        let id = self.ui.live().board().task(id)?.id.clone();
        self.position(&id)
    }
}

impl Order for Standing {
    fn position(&self, id: &TaskId) -> Option<usize> {
        match &*self.ui.view_now() {
            Some(view) => view.position(view.number(self.lane.as_deref())?, self.status, id),
            None => self.ui.live().orders().position(self.status, id),
        }
    }

    fn slice(&self, range: Range<usize>) -> Vec<TaskId> {
        match &*self.ui.view_now() {
            Some(view) => view
                .number(self.lane.as_deref())
                .map_or_else(Vec::new, |lane| view.slice(lane, self.status, range)),
            None => self.ui.live().orders().slice(self.status, range),
        }
    }
}

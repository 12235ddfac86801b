//! How the signals come up to date with what arrived, and with the clock.
//!
//! What arrived is taken from what is known at once; then part after part of the page follows, each by what is known
//! when its turn comes. So a frame may stop after any part, and the next one goes on.

use super::{Now, State, Ui};
use crate::agent::{AgentRow, Work, orphans};
use crate::browser;
use crate::card::Card;
use crate::format::count;
use crate::live::{Changes, Live};
use crate::reactive::ArcRwSignal;
use mjwork::board::Status;
use mjwork::{AgentId, TaskId};

/// What arrived, and which parts of the page have not followed yet.
pub(crate) struct Arrived {
    changes: Changes,
    /// Whether another agent is listed.
    lists_agents: bool,
    next: u8,
}

impl Arrived {
    /// Brings the next part up to date. Whether there was any left.
    pub(crate) fn step(&mut self, ui: Ui) -> bool {
        let part = self.next;
        self.next += 1;
        let Changes { all, tasks, agents, columns, .. } = &self.changes;
        let any_task = *all || !tasks.is_empty();
        if let Some(status) = Status::ALL.get(usize::from(part)) {
            if columns.has(*status) {
                ui.order_moved[usize::from(part)].step();
            }
            return true;
        }
        match usize::from(part) - Status::ALL.len() {
            0 if any_task => ui.follow_view(&self.changes),
            1 if any_task => {
                ui.tasks_moved.step();
                ui.refresh_cards(&|card, live| {
                    *all || tasks.contains(&card.id) || waits_for_any(card, live, &self.changes)
                });
            }
            2 => {
                if self.lists_agents {
                    ui.list_agents();
                }
                if *all || !agents.is_empty() {
                    ui.refresh_agents(&|id| *all || agents.contains(id));
                }
                if *all || columns.has(Status::InProgress) {
                    ui.find_orphans();
                }
            }
            3 => {
                let mut done = Vec::new();
                ui.acts
                    .judge(&|seq, task| ui.present().verdict(seq, task), &mut |task| done.push(task.clone()));
                ui.give_back(&done);
                ui.say_title();
            }
            0 | 1 => {}
            _ => return false,
        }
        true
    }
}

/// Whether it is a card of a blocked task that waits for one of these.
fn waits_for_any(card: &Card, live: &Live, changes: &Changes) -> bool {
    card.status == Status::Blocked
        && live
            .board()
            .task(card.id.as_str())
            .is_some_and(|task| task.definition.blocked_by.iter().any(|id| changes.tasks.contains(id)))
}

impl Ui {
    /// Takes what arrived. The counts follow at once, and with [`Arrived::step`] all else.
    pub(crate) fn arrived(self) -> Arrived {
        let mut changes = self.live_mut().flush();
        if self.shows_past.get() {
            // What came meanwhile shows when one returns to now.
            changes = self.past_mut().flush();
        }
        let before = self.totals.get_untracked();
        if before != changes.totals {
            self.totals.set(changes.totals);
        }
        let is_new = |id: &AgentId| self.agents.borrow().binary_search(id).is_err();
        let lists_agents =
            changes.all || before.agents != changes.totals.agents || changes.agents.iter().any(is_new);
        Arrived { changes, lists_agents, next: 0 }
    }

    /// Brings everything up to date with what arrived.
    pub(crate) fn flush(self) {
        let mut arrived = self.arrived();
        while arrived.step(self) {}
    }
}

impl State {
    /// The title says what is wrong, for who has another tab before him.
    fn say_title(&self) {
        let failed = self.present().board().counts().of(Status::Failed);
        let title =
            if failed == 0 { "mjwork".to_owned() } else { format!("({} failed) mjwork", count(failed)) };
        let document = browser::document();
        if document.title() != title {
            document.set_title(&title);
        }
    }

    /// A second has passed.
    pub(crate) fn tick(&self) {
        let ms = browser::now_ms();
        let past = self.conn_now().past.as_ref().map(|past| past.shown.unwrap_or(past.at));
        let server = past.unwrap_or_else(|| self.present().now(ms));
        self.now.set(Now { ms, server });
        self.refresh_cards(&|card, _| card.liveness.is_some());
        self.refresh_agents(&|_| true);
        self.find_orphans();
        self.acts.expire(ms);
    }

    /// Forgets what the stream no longer holds.
    pub(crate) fn forget_expired(&self) {
        let (now, max_age) = (self.present().now(browser::now_ms()), self.conn_now().max_age);
        self.live_mut().forget(now, max_age);
    }

    /// The row signal of a task's card; none for a task that is gone.
    pub(crate) fn card(&self, id: &TaskId) -> Option<ArcRwSignal<Card>> {
        let now = self.server_now();
        self.cards.take(id, || {
            let live = self.live();
            live.board().task(id.as_str()).map(|task| Card::of(live.board(), task, now))
        })
    }

    /// The row signal of an agent; none for one that is gone.
    pub(crate) fn agent_row(&self, id: &AgentId) -> Option<ArcRwSignal<AgentRow>> {
        let now = self.server_now();
        self.agent_rows.take(id, || {
            let live = self.live();
            live.board().agent(id.as_str()).map(|agent| AgentRow::of(&live, agent, live.work_of(id), now))
        })
    }

    fn list_agents(&self) {
        let mut agents: Vec<AgentId> = Vec::new();
        for agent in self.live().board().agents() {
            let at = agents.partition_point(|other| *other < agent.id);
            agents.insert(at, agent.id.clone());
        }
        *self.agents.borrow_mut() = agents;
        self.agents_moved.step();
    }

    fn refresh_cards(&self, which: &dyn Fn(&Card, &Live) -> bool) {
        let (now, live) = (self.server_now(), self.live());
        self.cards.refresh(&|id, card| {
            let task = live.board().task(id.as_str()).filter(|_| which(card, &live))?;
            Some(Card::of(live.board(), task, now))
        });
    }

    fn refresh_agents(&self, which: &dyn Fn(&AgentId) -> bool) {
        let (now, live) = (self.server_now(), self.live());
        if self.agent_rows.is_empty() {
            return;
        }
        let work = Work::of(&live);
        self.agent_rows.refresh(&|id, _| {
            let agent = live.board().agent(id.as_str()).filter(|_| which(id))?;
            Some(AgentRow::of(&live, agent, work.of_agent(id), now))
        });
    }

    fn find_orphans(&self) {
        let (now, live) = (self.server_now(), self.live());
        let found = orphans(live.board(), live.orders().iter(Status::InProgress), now);
        let mut known = self.orphans.borrow_mut();
        if *known != found {
            *known = found;
            drop(known);
            self.orphans_moved.step();
        }
    }
}

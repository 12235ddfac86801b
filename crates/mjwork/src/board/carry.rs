//! Past the end of retention: a task that goes on is carried, one that is done with is forgotten, each by one event.
//!
//! A reader knows a task worse than the writer when it has nothing as old as the writer's `base`; then it goes by
//! the writer's word. Else the word must agree with what it knows, and changes only the task's age.

use super::apply::{At, boxed, entry, new_task, shared, unknown};
use super::task::{Definition, Entry, LastProgress, LateResult, Owner, Status, Task, Verb};
use super::{Board, Change, Needs, Refusal, Verdict};
use crate::event::{Carried, CarriedState};
use crate::{AgentId, Sequence, TaskId, Timestamp};

/// How a reader stands to the writer of a carried task.
enum Known {
    /// It has never heard of the task.
    Not,
    /// It has nothing as old as the writer.
    Worse,
    /// It has all that the writer has.
    As,
}

impl Board {
    /// An unfinished task brought past the end of retention.
    pub(super) fn carried(&mut self, at: At, e: &Carried<'_>, state: &CarriedState<'_>) -> Change {
        let note = entry(at, Verb::Carried, None, None, None);
        match self.known(e) {
            Known::As => self.carry(at, e, state, note),
            known => self.restore(at, e, state, note, &known),
        }
    }

    /// A finished task to be forgotten by all, before some can know it but in part.
    pub(super) fn forgotten(&mut self, at: At, e: &Carried<'_>) -> Change {
        let Some(task) = self.tasks.get(e.task_id.as_str()) else { return unknown() };
        if matches!(self.known(e), Known::As)
            && let Err(refusal) = agrees(task, e, task.status.is_finished())
        {
            return self.refuse(&e.task_id, entry(at, Verb::Carried, None, None, None), refusal);
        }
        let id = task.id.clone();
        self.remove(&id);
        Change { verdict: Verdict::Accepted, task: Some(id), others: Vec::new(), agent: None }
    }

    fn known(&self, e: &Carried<'_>) -> Known {
        match (self.tasks.get(e.task_id.as_str()), e.base) {
            (None, _) => Known::Not,
            (Some(task), Some(base)) if task.needs.seq > base => Known::Worse,
            _ => Known::As,
        }
    }

    fn carry(&mut self, at: At, e: &Carried<'_>, state: &CarriedState<'_>, note: Entry) -> Change {
        let id = e.task_id.as_str();
        let Some(task) = self.tasks.get(id) else { return unknown() };
        let same_late = task.late.last().map(|late| late.seq) == state.late.as_ref().map(|late| late.seq);
        if let Err(refusal) = agrees(task, e, !task.status.is_finished() && same_late) {
            self.rewrite(id);
            return self.refuse(id, note, refusal);
        }
        // Blockers that were completed are not carried, so that nobody needs to remember them.
        let carried = |id: &TaskId| state.definition.blocked_by.iter().any(|b| b.as_str() == id.as_str());
        let blocked_by = task.definition.blocked_by.iter().filter(|b| self.is_open(b) || carried(b));
        let definition = Definition { blocked_by: blocked_by.cloned().collect(), ..task.definition.clone() };
        let keep = task.late.len().saturating_sub(1);
        let change = self.change(id, at, note, |task| {
            task.needs = Needs { seq: at.seq, time: at.time };
            (task.handed_in, task.rewritten) = (false, false);
            task.late.drain(..keep);
            None
        });
        self.replace_definition(id, definition);
        self.vouch(id, at);
        change
    }

    fn restore(
        &mut self,
        at: At,
        e: &Carried<'_>,
        state: &CarriedState<'_>,
        note: Entry,
        known: &Known,
    ) -> Change {
        let id = e.task_id.as_str();
        let named = [Some(state.version), state.claim, state.late.as_ref().map(|late| late.seq)];
        if let Some(version) = named.into_iter().flatten().find(|seq| *seq >= at.seq) {
            let refusal = Refusal::FromTheFuture { version };
            return match known {
                Known::Not => Change { verdict: Verdict::Refused(refusal), ..unknown() },
                _ => self.refuse(id, note, refusal),
            };
        }
        let definition = Definition::of_carried(&state.definition, |id| self.intern(id));
        let (mut status, mut version) = (state.status, state.version);
        let owner = state.owner.as_ref().filter(|_| status == Status::InProgress).map(|agent| Owner {
            agent: AgentId::from_checked(agent),
            session: state.session.as_ref().map(shared),
        });
        if status != Status::InProgress {
            // A blocker may have been completed while the event was on its way. Then every reader that knew the
            // task has made it ready at that sequence, and so does this one.
            let completed = |id: &TaskId| self.tasks.get(id).filter(|b| b.status == Status::Completed);
            let versions = definition.blocked_by.iter().filter_map(|id| completed(id).map(|b| b.version));
            version = versions.fold(version, Sequence::max);
            status = self.status_by_blockers(&definition.blocked_by);
        }
        let before = self.tasks.get(id).map(|task| task.status);
        if before.is_some() {
            self.replace_definition(id, definition);
        } else {
            let id = self.intern(id);
            self.insert(new_task(id, definition, status, at));
        }
        let time = |ns: Option<u64>, or: Timestamp| {
            ns.and_then(|ns| i64::try_from(ns).ok()).map_or(or, |ns| Timestamp::from_nanos(ns).min(at.time))
        };
        let mut change = self.change(id, at, note, |task| {
            task.version = version;
            task.claim = state.claim.filter(|_| status == Status::InProgress);
            task.attempts = state.attempts;
            task.outcome = None;
            task.progress = state.progress.as_ref().map(|progress| LastProgress {
                time: time(Some(progress.time_ns), at.time),
                percent: progress.percent,
                note: progress.note.as_ref().map(boxed),
            });
            task.late = state
                .late
                .iter()
                .map(|late| LateResult {
                    seq: late.seq,
                    owner: Owner {
                        agent: AgentId::from_checked(&late.agent_id),
                        session: late.session.as_ref().map(shared),
                    },
                    result: late.result.map(|result| result.get().into()),
                })
                .collect();
            task.created = time(state.created_ns, task.created);
            task.needs = Needs { seq: at.seq, time: at.time };
            (task.handed_in, task.rewritten) = (false, false);
            Some((status, owner))
        });
        if let Some(task) = self.tasks.get_mut(id) {
            task.since = time(state.since_ns, task.since);
        }
        self.rest_on_blockers(id);
        self.vouch(id, at);
        if before == Some(Status::Completed) {
            change.others = self.block_again(id, at);
        }
        change
    }

    /// Who is named in a carried task is known from then on to readers that come late, and so to all.
    fn vouch(&mut self, id: &str, at: At) {
        let Some(task) = self.tasks.get(id) else { return };
        let (owner, late) = (task.owner.clone(), task.late.last().map(|late| late.owner.agent.clone()));
        for agent in owner.iter().map(|owner| &owner.agent).chain(&late) {
            self.acted(agent.as_str(), at.time);
        }
        if let Some(Owner { agent, session: Some(_) }) = owner {
            self.promised(&agent, at.time);
        }
    }
}

/// The guard of a writer that knows no more than this reader.
fn agrees(task: &Task, e: &Carried<'_>, fits: bool) -> Result<(), Refusal> {
    if fits && e.after == task.version {
        Ok(())
    } else {
        Err(Refusal::Stale { after: Some(e.after), version: task.version })
    }
}

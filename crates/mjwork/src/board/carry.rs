//! Past the end of retention: a task that goes on is carried, one that is done with is forgotten, each by one event.
//!
//! | of the reader's task | the event's word | the reader |
//! | --- | --- | --- |
//! | nothing is known | – | goes by it |
//! | published or carried last by the same event | rests on something older | lacks that, and goes by it |
//! | published or carried last by the same event | – | knows as much: the word must agree, and only makes it younger |
//! | another | is newer than the word by which the task was carried last | lacks the beginning, and goes by it |
//! | another | – | knows better: refused as stale |

use super::apply::{At, boxed, entry, new_task, unknown};
use super::task::{Definition, LastProgress, LateResult, Owner, Status, Task, Verb, Word};
use super::{Board, Change, Entry, Needs, Refusal, Verdict};
use crate::event::{Carried, CarriedState};
use crate::{Sequence, TaskId, Text, Timestamp};
use std::sync::Arc;

/// How a reader stands to the writer of a carried task.
enum Known {
    /// It has never heard of the task, or knows it worse.
    Worse,
    /// It knows as much as the writer.
    As,
    /// It knows that the writer is behind.
    Better,
}

impl Board {
    /// An unfinished task brought past the end of retention.
    pub(super) fn carried(&mut self, at: At, e: &Carried<'_>, state: &CarriedState<'_>) -> Change {
        self.vouch(at, state);
        let note = entry(at, Verb::Carried, None, None, None);
        match self.known(e) {
            Known::Worse => self.restore(at, e, state, &note),
            known => self.carry(at, e, state, &note, &known),
        }
    }

    /// A finished task to be forgotten by all, before some can know it but in part.
    pub(super) fn forgotten(&mut self, at: At, e: &Carried<'_>) -> Change {
        let Some(task) = self.tasks.get(e.task_id.as_str()) else { return unknown() };
        let known = self.known(e);
        let fits = matches!(known, Known::As) && task.status.is_finished();
        if !matches!(known, Known::Worse)
            && let Err(refusal) = agrees(task, e, fits)
        {
            return self.refuse(&e.task_id, &entry(at, Verb::Carried, None, None, None), refusal);
        }
        let id = task.id.clone();
        self.remove(&id);
        Change { verdict: Verdict::Accepted, task: Some(id), others: Vec::new(), agent: None }
    }

    fn known(&self, e: &Carried<'_>) -> Known {
        let Some(task) = self.tasks.get(e.task_id.as_str()) else { return Known::Worse };
        let origin = e.origin.unwrap_or(task.origin);
        if origin == task.origin {
            return if e.base.is_some_and(|base| task.needs.seq > base) { Known::Worse } else { Known::As };
        }
        let newer = task.word.as_ref().is_none_or(|word| word_of(e, origin) > **word);
        if newer { Known::Worse } else { Known::Better }
    }

    fn carry(
        &mut self,
        at: At,
        e: &Carried<'_>,
        state: &CarriedState<'_>,
        note: &Entry<'_>,
        known: &Known,
    ) -> Change {
        let id = e.task_id.as_str();
        let Some(task) = self.tasks.get(id) else { return unknown() };
        let same_late = task.late.last().map(|late| late.seq) == state.late.as_ref().map(|late| late.seq);
        let fits = matches!(known, Known::As) && !task.status.is_finished() && same_late;
        if let Err(refusal) = agrees(task, e, fits) {
            self.rewrite(id);
            return self.refuse(id, note, refusal);
        }
        // Blockers that were completed are not carried, so that nobody needs to remember them.
        let carried = |id: &TaskId| state.definition.blocked_by.iter().any(|b| b.as_str() == id.as_str());
        let blocked_by = task.definition.blocked_by.iter().filter(|b| self.is_open(b) || carried(b));
        let definition = Definition { blocked_by: blocked_by.cloned().collect(), ..task.definition.clone() };
        let keep = task.late.len().saturating_sub(1);
        let change = self.change(id, at, note, |task| {
            begin_anew(task, at, e);
            task.late.drop_first(keep);
            task.progress = progress(at, state);
            None
        });
        self.replace_definition(id, definition);
        change
    }

    fn restore(&mut self, at: At, e: &Carried<'_>, state: &CarriedState<'_>, note: &Entry<'_>) -> Change {
        let id = e.task_id.as_str();
        let named = [Some(state.version), state.claim, state.late.as_ref().map(|late| late.seq)];
        if let Some(version) = named.into_iter().flatten().find(|seq| *seq >= at.seq) {
            let refusal = Refusal::FromTheFuture { version };
            return if self.tasks.get(id).is_some() {
                self.refuse(id, note, refusal)
            } else {
                Change { verdict: Verdict::Refused(refusal), ..unknown() }
            };
        }
        let tags = state.definition.tags.iter().map(|tag| self.shared.text(tag)).collect();
        let definition = Definition::of_carried(&state.definition, tags, |id| self.intern(id));
        let (mut status, mut version) = (state.status, state.version);
        let owner = state.owner.as_ref().filter(|_| status == Status::InProgress);
        let owner = owner.map(|agent| self.shared_owner(agent, state.session.as_ref()));
        let late = state.late.as_ref().map(|late| LateResult {
            seq: late.seq,
            owner: self.shared_owner(&late.agent_id, late.session.as_ref()),
            result: late.result.map(|result| result.get().into()),
        });
        if status != Status::InProgress {
            // A blocker may have been completed while the event was on its way. Then every reader that knew the
            // task has made it ready at that sequence, and so does this one.
            let other = |b: &&TaskId| b.as_str() != id;
            let completed = |b: &TaskId| self.tasks.get(b).filter(|b| b.status == Status::Completed);
            let others = definition.blocked_by.iter().filter(other);
            let versions = others.filter_map(|b| completed(b).map(|b| b.version));
            version = versions.fold(version, Sequence::max);
            // One that waits for itself is not done, whatever this reader took it for.
            status = if definition.blocked_by.iter().all(|b| other(&b)) {
                self.status_by_blockers(&definition.blocked_by)
            } else {
                Status::Blocked
            };
        }
        let before = self.tasks.get(id).map(|task| task.status);
        if before.is_some() {
            self.replace_definition(id, definition);
        } else {
            let id = self.intern(id);
            self.insert(new_task(id, definition, status, at));
        }
        let mut change = self.change(id, at, note, |task| {
            task.version = version;
            task.claim = state.claim.filter(|_| status == Status::InProgress);
            task.attempts = state.attempts;
            task.outcome = None;
            task.progress = progress(at, state);
            task.late = late.into_iter().collect();
            task.created = time(at, state.created_ns);
            begin_anew(task, at, e);
            Some((status, owner))
        });
        if let Some(task) = self.tasks.get_mut(id) {
            task.since = time(at, state.since_ns);
        }
        self.rest_on_blockers(id);
        if before == Some(Status::Completed) {
            change.others = self.block_again(id, at);
        }
        change
    }

    fn shared_owner(&mut self, agent: &Text<'_>, session: Option<&Text<'_>>) -> Arc<Owner> {
        let agent = self.agent_entry(agent);
        self.shared.owner(agent, session.map(Text::as_str))
    }

    /// Who is named in a carried task is known from then on to readers that come late, and so to all.
    fn vouch(&mut self, at: At, state: &CarriedState<'_>) {
        if let Some(late) = &state.late {
            self.acted(&late.agent_id, at.time);
        }
        if let Some(owner) = &state.owner {
            self.took(owner, state.session.is_some(), at.time);
        }
    }
}

fn word_of(e: &Carried<'_>, origin: Sequence) -> Word {
    let late = e.state.as_ref().and_then(|state| state.late.as_ref()).map_or(0, |late| late.seq);
    Word { origin, version: e.after, late }
}

/// A carried task rests on nothing older.
fn begin_anew(task: &mut Task, at: At, e: &Carried<'_>) {
    task.word = Some(Box::new(word_of(e, e.origin.unwrap_or(task.origin))));
    task.origin = at.seq;
    task.needs = Needs { seq: at.seq, time: at.time };
    (task.handed_in, task.rewritten) = (false, false);
}

/// A time from before the event; that of the event where it names none.
fn time(at: At, nanos: Option<u64>) -> Timestamp {
    let time = nanos.and_then(|nanos| i64::try_from(nanos).ok()).map(Timestamp::from_nanos);
    time.map_or(at.time, |time| time.min(at.time))
}

fn progress(at: At, state: &CarriedState<'_>) -> Option<LastProgress> {
    state.progress.as_ref().map(|progress| LastProgress {
        time: time(at, progress.time_ns),
        percent: progress.percent,
        note: progress.note.as_ref().map(boxed),
    })
}

/// The guard of a writer that knows no more than this reader.
fn agrees(task: &Task, e: &Carried<'_>, fits: bool) -> Result<(), Refusal> {
    if fits && e.after == task.version {
        Ok(())
    } else {
        Err(Refusal::Stale { after: Some(e.after), version: task.version })
    }
}

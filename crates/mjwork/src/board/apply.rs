//! The truth table of PROTOCOL.md, event by event. Each function below is one row of it.

use super::agent::Beat;
use super::patch::{accept, keep, refuse, transition};
use super::task::{Definition, LastProgress, LateResult, LateResults, Outcome, Owner, Status, Task, Verb};
use super::{Board, Change, Entry, History, Needs, ProblemRecord, Refusal, Said, UnreadableRecord, Verdict};
use crate::event::{
    Available, Cancelled, Claimed, Completed, Coordination, Event, Failed, Heartbeat, Problem, Progress,
};
use crate::{AgentId, Sequence, TaskId, Text, Timestamp};
use std::sync::Arc;

/// Where and when an event was stored.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) seq: Sequence,
    pub(super) time: Timestamp,
}

impl Board {
    /// Applies what lies at `seq` in the stream, stored at `time` under `subject`.
    ///
    /// Events come in stream order; gaps are normal (expired or purged messages), and a sequence that was applied
    /// before changes nothing.
    pub fn apply(&mut self, seq: Sequence, time: Timestamp, subject: &str, event: &Event<'_>) -> Change {
        if seq <= self.last_seq {
            return Change { verdict: Verdict::Repeated, task: None, others: Vec::new(), agent: None };
        }
        self.last_seq = seq;
        self.last_time = self.last_time.max(time);
        let at = At { seq, time };
        let expired = self.expire(self.last_time, event);
        let mut change = self.row(at, subject, event);
        change.others.extend(expired);
        change
    }

    fn row(&mut self, at: At, subject: &str, event: &Event<'_>) -> Change {
        match event {
            Event::Available(e) => self.available(at, e),
            Event::Claimed(e) => self.claimed(at, e),
            Event::Progress(e) => self.progress(at, e),
            Event::Completed(e) if e.accept.is_some() => self.accept(at, e),
            Event::Completed(e) => self.completed(at, e),
            Event::Failed(e) if e.by.is_some() => self.given_up(at, e),
            Event::Failed(e) => self.failed(at, e),
            Event::Cancelled(e) => self.cancelled(at, e),
            Event::Carried(e) => match &e.state {
                Some(state) => self.carried(at, e, state),
                None => self.forgotten(at, e),
            },
            Event::Heartbeat(e) => self.heartbeat(at, e),
            Event::Coordination(e) => self.coordination(at, e),
            Event::Problem(e) => self.problem(at, e),
            Event::Unreadable(e) => {
                self.unreadable.push(UnreadableRecord {
                    seq: at.seq,
                    time: at.time,
                    subject: subject.into(),
                    size: e.size,
                    reason: e.reason.clone(),
                });
                noted(None)
            }
        }
    }

    /// A new task; an edit; or a requeue.
    fn available(&mut self, at: At, e: &Available<'_>) -> Change {
        let tags = e.tags.iter().map(|tag| self.shared.text(tag)).collect();
        let definition = Definition::of_available(e, tags, |id| self.intern(id));
        let Some(task) = self.tasks.get(e.task_id.as_str()) else {
            let id = self.intern_new(&e.task_id);
            let status = self.status_by_blockers(&definition.blocked_by);
            let mut task = new_task(id, definition, status, at);
            task.history.push(&entry(at, Verb::Available, e.by.as_ref(), None, None));
            return self.insert(task);
        };
        let verb = if e.requeue.is_some() { Verb::Requeue } else { Verb::Available };
        let note = entry(at, verb, e.by.as_ref(), None, e.requeue.as_ref().and_then(|r| r.reason.as_ref()));
        let stale = not_stale(task, e.after);
        self.rewrite(&e.task_id);
        if let Err(refusal) = stale {
            return self.refuse(&e.task_id, &note, refusal);
        }
        if e.requeue.is_some() {
            return self.requeue(&e.task_id, at, definition, &note);
        }
        if let Some(task) = self.tasks.get_mut(e.task_id.as_str())
            && task.definition == definition
        {
            return keep(task, &note, Verdict::Unchanged);
        }
        self.replace_definition(&e.task_id, definition);
        // Whoever has claimed it goes on with what he took; only an unclaimed task follows its new blockers.
        let status = self.tasks.get(e.task_id.as_str()).map(|t| (t.status, &t.definition.blocked_by));
        let next = match status {
            Some((Status::Blocked | Status::Available, blocked_by)) => {
                Some(self.status_by_blockers(blocked_by))
            }
            _ => None,
        };
        self.change(&e.task_id, at, &note, |task| {
            task.version = at.seq;
            next.map(|status| (status, None))
        })
    }

    fn requeue(&mut self, id: &str, at: At, definition: Definition, note: &Entry<'_>) -> Change {
        let Some(before) = self.tasks.get(id).map(|t| t.status) else { return unknown() };
        if matches!(before, Status::Blocked | Status::Available) {
            return self.refuse(id, note, Refusal::NothingToRequeue { status: before });
        }
        if self.tasks.get(id).is_some_and(|t| t.definition != definition) {
            self.replace_definition(id, definition);
        }
        let status = self
            .tasks
            .get(id)
            .map_or(Status::Available, |t| self.status_by_blockers(&t.definition.blocked_by));
        let mut change = self.change(id, at, note, |task| {
            task.version = at.seq;
            task.claim = None;
            task.progress = None;
            task.outcome = None;
            Some((status, None))
        });
        if before == Status::Completed {
            change.others = self.block_again(id, at);
        }
        change
    }

    /// A claim: `available`, and not stale.
    fn claimed(&mut self, at: At, e: &Claimed<'_>) -> Change {
        let agent = self.took(&e.agent_id, e.session.is_some(), at.time);
        let Some(task) = self.tasks.get(e.task_id.as_str()) else { return unknown_by(agent) };
        let note = entry(at, Verb::Claimed, Some(&e.agent_id), e.session.as_ref(), None);
        let refusal = match task.status {
            Status::Available => not_stale(task, e.after).err(),
            Status::InProgress => task.owner.as_ref().map(|o| Refusal::Taken { by: o.agent.clone() }),
            Status::Blocked => {
                self.first_blocker(&task.definition.blocked_by).map(|by| Refusal::Blocked { by })
            }
            status => Some(Refusal::Finished { status }),
        };
        let change = if let Some(refusal) = refusal {
            self.refuse(&e.task_id, &note, refusal)
        } else {
            let owner = self.shared.owner(agent.clone(), e.session.as_deref());
            self.change(&e.task_id, at, &note, |task| {
                task.version = at.seq;
                task.claim = Some(at.seq);
                task.attempts = task.attempts.saturating_add(1);
                task.progress = None;
                Some((Status::InProgress, Some(owner)))
            })
        };
        Change { agent: Some(agent), ..change }
    }

    /// Progress: the owner's alone. It changes nothing that a version guards.
    fn progress(&mut self, at: At, e: &Progress<'_>) -> Change {
        let agent = self.acted(&e.agent_id, at.time);
        let Some(task) = self.tasks.get_mut(e.task_id.as_str()) else { return unknown_by(agent) };
        let note = entry(at, Verb::Progress, Some(&e.agent_id), e.session.as_ref(), e.note.as_ref());
        let is_owner = is_owner(task, e.claim, &e.agent_id, e.session.as_ref());
        let change = if let Err(refusal) = is_owner {
            refuse(task, &note, refusal)
        } else {
            let said = e.note.as_ref().map(boxed);
            task.progress = Some(LastProgress { time: at.time, percent: e.percent, note: said });
            accept(task, &note)
        };
        Change { agent: Some(agent), ..change }
    }

    /// Completion: the owner's alone. One that comes too late is kept for an operator to accept.
    fn completed(&mut self, at: At, e: &Completed<'_>) -> Change {
        let Some(agent_id) = &e.agent_id else { return unknown() };
        let agent = self.acted(agent_id, at.time);
        let Self { tasks, shared, .. } = self;
        let Some(task) = tasks.get_mut(e.task_id.as_str()) else { return unknown_by(agent) };
        let note = entry(at, Verb::Completed, Some(agent_id), e.session.as_ref(), None);
        let result = e.result.map(|r| r.get().into());
        let change = if let Err(refusal) = is_owner(task, e.claim, agent_id, e.session.as_ref()) {
            let owner = shared.owner(agent.clone(), e.session.as_deref());
            task.late.push(LateResult { seq: at.seq, owner, result });
            let change = refuse(task, &note, refusal);
            let needs = task.hand_in();
            self.rest_on(&e.task_id, needs);
            change
        } else {
            let owner = task.owner.clone();
            self.complete(&e.task_id, at, &note, owner, result)
        };
        Change { agent: Some(agent), ..change }
    }

    /// An operator takes a late result: that sequence is a refused completion of this task, and not stale.
    fn accept(&mut self, at: At, e: &Completed<'_>) -> Change {
        let change = self.accepted(at, e);
        // A refused one counts, too; one that counts was noted already, and is not noted twice.
        let needs = self.tasks.get_mut(e.task_id.as_str()).and_then(Task::hand_in);
        self.rest_on(&e.task_id, needs);
        change
    }

    fn accepted(&mut self, at: At, e: &Completed<'_>) -> Change {
        let Some(task) = self.tasks.get(e.task_id.as_str()) else { return unknown() };
        let note = entry(at, Verb::Accept, e.by.as_ref(), None, None);
        let accept = e.accept.unwrap_or_default();
        let Some(late) = task.late.iter().find(|late| late.seq == accept) else {
            return self.refuse(&e.task_id, &note, Refusal::NoLateResult { accept });
        };
        if let Err(refusal) = not_stale(task, e.after) {
            return self.refuse(&e.task_id, &note, refusal);
        }
        let LateResult { owner, result, .. } = late.clone();
        self.complete(&e.task_id, at, &note, Some(owner), result)
    }

    fn complete(
        &mut self,
        id: &str,
        at: At,
        note: &Entry<'_>,
        owner: Option<Arc<Owner>>,
        result: Option<Box<str>>,
    ) -> Change {
        let Self { tasks, agents, counts, .. } = self;
        let Some(task) = tasks.get_mut(id) else { return unknown() };
        task.version = at.seq;
        task.claim = None;
        task.outcome = Some(Outcome::Result(result));
        transition(task, agents, counts, Status::Completed, owner, at.time);
        let needs = task.hand_in();
        let mut change = accept(task, note);
        if self.blocked_by(id).is_empty() {
            return change;
        }
        change.others = self.make_ready(id, at);
        self.rest_on(id, needs);
        change
    }

    /// Failure: the owner's alone.
    fn failed(&mut self, at: At, e: &Failed<'_>) -> Change {
        let Some(agent_id) = &e.agent_id else { return unknown() };
        let agent = self.acted(agent_id, at.time);
        let Some(task) = self.tasks.get(e.task_id.as_str()) else { return unknown_by(agent) };
        let note = entry(at, Verb::Failed, Some(agent_id), e.session.as_ref(), Some(&e.error));
        let change = match is_owner(task, e.claim, agent_id, e.session.as_ref()) {
            Err(refusal) => self.refuse(&e.task_id, &note, refusal),
            Ok(()) => self.fail(at, e, &note),
        };
        Change { agent: Some(agent), ..change }
    }

    /// A lost owner's task is given up by another: in progress, and the version must be named.
    fn given_up(&mut self, at: At, e: &Failed<'_>) -> Change {
        let Some(task) = self.tasks.get(e.task_id.as_str()) else { return unknown() };
        let note = entry(at, Verb::GivenUp, e.by.as_ref(), None, Some(&e.error));
        if task.status != Status::InProgress {
            let status = task.status;
            return self.refuse(&e.task_id, &note, Refusal::NotInProgress { status });
        }
        if e.after != Some(task.version) {
            let refusal = Refusal::Stale { after: e.after, version: task.version };
            return self.refuse(&e.task_id, &note, refusal);
        }
        self.fail(at, e, &note)
    }

    fn fail(&mut self, at: At, e: &Failed<'_>, note: &Entry<'_>) -> Change {
        self.change(&e.task_id, at, note, |task| {
            task.version = at.seq;
            task.claim = None;
            task.outcome = Some(Outcome::Error {
                error: boxed(&e.error),
                kind: e.kind.as_ref().map(boxed),
                by: e.by.as_ref().map(boxed),
            });
            let owner = task.owner.clone();
            Some((Status::Failed, owner))
        })
    }

    /// A withdrawal: not finished, and not stale.
    fn cancelled(&mut self, at: At, e: &Cancelled<'_>) -> Change {
        let Some(task) = self.tasks.get(e.task_id.as_str()) else { return unknown() };
        let note = entry(at, Verb::Cancelled, Some(&e.by), None, e.reason.as_ref());
        if task.status.is_finished() {
            let status = task.status;
            return self.refuse(&e.task_id, &note, Refusal::Finished { status });
        }
        if let Err(refusal) = not_stale(task, e.after) {
            return self.refuse(&e.task_id, &note, refusal);
        }
        self.change(&e.task_id, at, &note, |task| {
            task.version = at.seq;
            task.claim = None;
            task.outcome =
                Some(Outcome::Cancelled { by: boxed(&e.by), reason: e.reason.as_ref().map(boxed) });
            Some((Status::Cancelled, None))
        })
    }

    fn heartbeat(&mut self, at: At, e: &Heartbeat<'_>) -> Change {
        let id = self.agent_entry(&e.agent_id);
        let task = e.task_id.as_ref().map(|id| self.intern(id));
        if let Some(agent) = self.agents.get_mut(&id) {
            let session = e.session.as_ref().map(|session| match &agent.beat {
                Some(Beat { session: Some(before), .. }) if **before == **session => before.clone(),
                _ => shared(session),
            });
            agent.beat = Some(Beat {
                time: at.time,
                session,
                status: e.status.as_ref().map(boxed),
                task,
                description: e.description.as_ref().map(boxed),
                interval: Beat::interval(e.interval_s),
                host: e.host.as_ref().map(boxed),
                version: e.version.as_ref().map(boxed),
            });
        }
        noted(Some(id))
    }

    fn coordination(&mut self, at: At, e: &Coordination<'_>) -> Change {
        let agent = AgentId::from_checked(&e.agent_id);
        self.said.push(Said { seq: at.seq, time: at.time, agent, message: boxed(&e.message) });
        noted(None)
    }

    fn problem(&mut self, at: At, e: &Problem<'_>) -> Change {
        let task = e.task_id.as_ref().map(|id| self.intern(id));
        self.problems.push(ProblemRecord {
            seq: at.seq,
            time: at.time,
            message: boxed(&e.message),
            agent: e.agent_id.as_ref().map(|id| AgentId::from_checked(id)),
            task,
            level: e.level.as_ref().map(boxed),
            stack: e.stack.as_ref().map(boxed),
        });
        noted(None)
    }
}

/// The guard `after`: absent, or the task's version.
fn not_stale(task: &Task, after: Option<Sequence>) -> Result<(), Refusal> {
    match after {
        Some(after) if after != task.version => {
            Err(Refusal::Stale { after: Some(after), version: task.version })
        }
        _ => Ok(()),
    }
}

/// The guard `claim`, or the owner's name where no claim is given.
///
/// | `claim` given | it matches | agent and session match | the owner |
/// | --- | --- | --- | --- |
/// | yes | yes | – | yes |
/// | yes | no | – | no: stale claim |
/// | no | – | yes (a session that only one side gives does not count) | yes |
/// | no | – | no | no: not the owner |
fn is_owner(
    task: &Task,
    claim: Option<Sequence>,
    agent: &str,
    session: Option<&Text<'_>>,
) -> Result<(), Refusal> {
    let (Status::InProgress, Some(owner), Some(current)) = (task.status, &task.owner, task.claim) else {
        return Err(Refusal::NotInProgress { status: task.status });
    };
    if let Some(claim) = claim {
        return if claim == current { Ok(()) } else { Err(Refusal::StaleClaim { claim, current }) };
    }
    let same_agent = owner.agent.as_str() == agent;
    let same_session = match (&owner.session, session) {
        (Some(a), Some(b)) => **a == **b,
        _ => true,
    };
    if same_agent && same_session {
        Ok(())
    } else {
        Err(Refusal::NotOwner { owner: owner.agent.clone(), other_session: same_agent })
    }
}

pub(super) fn new_task(id: TaskId, definition: Definition, status: Status, at: At) -> Task {
    Task {
        id,
        definition,
        status,
        version: at.seq,
        claim: None,
        owner: None,
        attempts: 0,
        created: at.time,
        since: at.time,
        origin: at.seq,
        needs: Needs { seq: at.seq, time: at.time },
        handed_in: false,
        rewritten: false,
        word: None,
        progress: None,
        outcome: None,
        late: LateResults::default(),
        history: History::default(),
    }
}

pub(super) fn entry<'e>(
    at: At,
    verb: Verb,
    who: Option<&'e Text<'_>>,
    session: Option<&'e Text<'_>>,
    text: Option<&'e Text<'_>>,
) -> Entry<'e> {
    Entry {
        seq: at.seq,
        time: at.time,
        verb,
        who: who.map(Text::as_str),
        session: session.map(Text::as_str),
        text: text.map(Text::as_str),
        refused: None,
    }
}

fn noted(agent: Option<AgentId>) -> Change {
    Change { verdict: Verdict::Noted, task: None, others: Vec::new(), agent }
}

pub(super) fn unknown() -> Change {
    Change { verdict: Verdict::Refused(Refusal::UnknownTask), task: None, others: Vec::new(), agent: None }
}

fn unknown_by(agent: AgentId) -> Change {
    Change { agent: Some(agent), ..unknown() }
}

pub(super) fn shared(text: &Text<'_>) -> Arc<str> {
    text.as_str().into()
}

pub(super) fn boxed(text: &Text<'_>) -> Box<str> {
    text.as_str().into()
}

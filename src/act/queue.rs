//! The acts of an operator that are under way or have just ended. Time is an argument, so that nothing here waits.
//!
//! | from | by | to |
//! | --- | --- | --- |
//! | held | undone | gone: nothing was sent |
//! | held | due, or *Publish now* | pending |
//! | pending | the stream's acknowledgement | acknowledged, or failed |
//! | acknowledged | the fold's verdict | accepted, unchanged or refused |
//!
//! An act to many tasks is pending until each of them has come to its end.

use super::{Act, Stage, Tally};
use mjwork::board::Verdict;
use mjwork::{Sequence, TaskId};

/// So long an act is held back in which it can be undone, in ms.
pub const HELD_MS: i64 = 5_000;
/// An act that went well is shown so long, in ms.
const SHOWN_MS: i64 = 6_000;
/// So many acts are shown at most.
const SHOWN: usize = 5;

/// All acts that are shown, oldest first.
#[derive(Debug, Default)]
pub struct Queue {
    acts: Vec<Act>,
    /// Of acts to many, by their number: what has been acknowledged and waits for its verdict.
    waiting: Vec<(u64, Vec<(Sequence, TaskId)>)>,
    begun: u64,
}

impl Queue {
    /// All that are shown, oldest first.
    #[must_use]
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// Whether something would be lost or left in doubt if the page were closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.acts.iter().any(|act| matches!(act.stage, Stage::Held | Stage::Pending))
    }

    /// An act that is sent at once; its number.
    pub fn begin(&mut self, what: &'static str, task: &str) -> u64 {
        self.add(what, task.to_owned(), Stage::Pending, 0, None)
    }

    /// An act that can be undone for a while; its number.
    pub fn hold(&mut self, what: &'static str, task: &str, now_ms: i64) -> u64 {
        self.add(what, task.to_owned(), Stage::Held, now_ms + HELD_MS, None)
    }

    /// The same to so many tasks.
    pub fn hold_many(&mut self, what: &'static str, total: usize, now_ms: i64) -> u64 {
        let tally = Tally { total, ..Tally::default() };
        let id = self.add(what, String::new(), Stage::Held, now_ms + HELD_MS, Some(tally));
        self.waiting.push((id, Vec::new()));
        id
    }

    fn add(
        &mut self,
        what: &'static str,
        task: String,
        stage: Stage,
        due_ms: i64,
        tally: Option<Tally>,
    ) -> u64 {
        self.begun += 1;
        self.acts.push(Act { id: self.begun, what, task, stage, due_ms, ended_ms: None, tally });
        while self.acts.len() > SHOWN
            && let Some(ended) = self.acts.iter().position(|act| act.stage.is_final())
        {
            let ended = self.acts[ended].id;
            self.dismiss(ended);
        }
        self.begun
    }

    fn act(&mut self, id: u64) -> Option<&mut Act> {
        self.acts.iter_mut().find(|act| act.id == id)
    }

    /// Takes an act back that is still held; false when it is too late.
    pub fn undo(&mut self, id: u64) -> bool {
        let is_held = self.act(id).is_some_and(|act| act.stage == Stage::Held);
        if is_held {
            self.dismiss(id);
        }
        is_held
    }

    /// Lets a held act go; false when it is not held any more.
    pub fn release(&mut self, id: u64) -> bool {
        match self.act(id).filter(|act| act.stage == Stage::Held) {
            Some(act) => {
                act.stage = Stage::Pending;
                true
            }
            None => false,
        }
    }

    /// The held acts whose time has come.
    #[must_use]
    pub fn due(&self, now_ms: i64) -> Vec<u64> {
        let is_due = |act: &&Act| act.stage == Stage::Held && act.due_ms <= now_ms;
        self.acts.iter().filter(is_due).map(|act| act.id).collect()
    }

    /// An act to one task has come further.
    pub fn set(&mut self, id: u64, stage: Stage, now_ms: i64) {
        if let Some(act) = self.act(id) {
            act.ended_ms = stage.is_final().then_some(now_ms);
            act.stage = stage;
        }
    }

    /// One task of an act to many has come further.
    pub fn set_one(&mut self, id: u64, task: &TaskId, stage: Stage, now_ms: i64) {
        let Self { acts, waiting, .. } = self;
        let Some(act) = acts.iter_mut().find(|act| act.id == id) else { return };
        let Some(tally) = &mut act.tally else { return };
        match stage {
            Stage::Held | Stage::Pending => return,
            Stage::Acknowledged(seq) => {
                tally.stored += 1;
                if let Some((_, waiting)) = waiting.iter_mut().find(|(of, _)| *of == id) {
                    waiting.push((seq, task.clone()));
                }
            }
            Stage::Accepted(_) | Stage::Unchanged(_) => tally.accepted += 1,
            Stage::Refused(_, reason) | Stage::Failed(reason) => {
                if tally.bad == 0 {
                    tally.reason = reason;
                }
                tally.bad += 1;
            }
        }
        end_when_all_have(act, now_ms);
    }

    /// So many of an act's tasks are not sent, as somebody stopped it.
    pub fn leave(&mut self, id: u64, unsent: usize, now_ms: i64) {
        if let Some(act) = self.act(id) {
            if let Some(tally) = &mut act.tally {
                tally.unsent += unsent;
            }
            end_when_all_have(act, now_ms);
        }
    }

    /// Stops an act to many: what has been sent has been sent, and no more is.
    pub fn stop(&mut self, id: u64) {
        if let Some(tally) = self.act(id).and_then(|act| act.tally.as_mut()) {
            tally.is_stopped = true;
        }
    }

    /// Whether somebody has stopped it.
    #[must_use]
    pub fn is_stopped(&self, id: u64) -> bool {
        let act = self.acts.iter().find(|act| act.id == id);
        act.and_then(|act| act.tally.as_ref()).is_some_and(|tally| tally.is_stopped)
    }

    /// Looks for the verdicts on what was acknowledged. Hands over each task of an act to many on which there is one;
    /// whether anything has changed.
    pub fn judge(
        &mut self,
        verdict: &dyn Fn(Sequence, &str) -> Option<Verdict>,
        judged: &mut dyn FnMut(&TaskId, &Stage),
        now_ms: i64,
    ) -> bool {
        let mut changed = false;
        for act in &mut self.acts {
            if let Stage::Acknowledged(seq) = act.stage
                && let Some(verdict) = verdict(seq, &act.task)
            {
                act.stage = Stage::judged(seq, &verdict);
                act.ended_ms = Some(now_ms);
                changed = true;
            }
        }
        let mut found = Vec::new();
        for (id, waiting) in &mut self.waiting {
            waiting.retain(|(seq, task)| match verdict(*seq, task.as_str()) {
                Some(verdict) => {
                    found.push((*id, task.clone(), Stage::judged(*seq, &verdict)));
                    false
                }
                None => true,
            });
        }
        for (id, task, stage) in found {
            judged(&task, &stage);
            self.set_one(id, &task, stage, now_ms);
            changed = true;
        }
        changed
    }

    /// Somebody has seen it.
    pub fn dismiss(&mut self, id: u64) {
        self.acts.retain(|act| act.id != id);
        self.waiting.retain(|(of, _)| *of != id);
    }

    /// Takes away what went well and was shown long enough; whether that was any. What went wrong stays.
    pub fn expire(&mut self, now_ms: i64) -> bool {
        let is_over =
            |act: &&Act| !act.stage.is_bad() && act.ended_ms.is_some_and(|ended| now_ms - ended > SHOWN_MS);
        let over: Vec<u64> = self.acts.iter().filter(is_over).map(|act| act.id).collect();
        for id in &over {
            self.dismiss(*id);
        }
        !over.is_empty()
    }
}

/// An act to many ends with the last of its tasks.
fn end_when_all_have(act: &mut Act, now_ms: i64) {
    let Some(tally) = &act.tally else { return };
    if tally.ended() == tally.total {
        act.ended_ms = Some(now_ms);
        act.stage = match (tally.bad, tally.unsent) {
            (0, 0) => Stage::Accepted(0),
            _ => Stage::Failed(tally.reason.clone()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::board::Refusal;

    fn stages(queue: &Queue) -> Vec<&'static str> {
        queue.acts().iter().map(|act| act.stage.as_str()).collect()
    }

    fn id(name: &str) -> TaskId {
        TaskId::new(name).unwrap()
    }

    #[test]
    fn a_held_act_goes_when_it_is_due_and_not_before() {
        let mut queue = Queue::default();
        let act = queue.hold("Cancel", "a", 1_000);
        assert!(queue.is_open() && queue.due(5_999).is_empty());
        assert_eq!(queue.due(6_000), [act]);
        assert!(queue.release(act) && !queue.release(act) && queue.due(9_000).is_empty());
        assert!(!queue.undo(act), "what was sent cannot be undone");
        queue.set(act, Stage::Acknowledged(7), 6_100);
        assert!(!queue.is_open(), "what is stored is safe");
        assert!(!queue.judge(&|_, _| None, &mut |_, _| {}, 6_200));
        assert!(queue.judge(
            &|seq, task| (seq == 7 && task == "a").then_some(Verdict::Accepted),
            &mut |_, _| {},
            6_300
        ));
        assert_eq!(stages(&queue), ["accepted"]);
        assert!(!queue.expire(12_300) && queue.expire(12_301) && queue.acts().is_empty());
    }

    #[test]
    fn an_act_that_is_undone_was_never_there() {
        let mut queue = Queue::default();
        let (one, many) = (queue.hold("Requeue", "a", 0), queue.hold_many("Cancel", 3, 0));
        assert!(queue.undo(one) && queue.undo(many) && !queue.undo(one));
        assert!(queue.acts().is_empty() && !queue.is_open() && queue.due(i64::MAX).is_empty());
        assert!(!queue.release(many));
    }

    #[test]
    fn what_went_wrong_stays_until_it_is_seen() {
        let mut queue = Queue::default();
        let act = queue.begin("Publish", "a");
        queue.set(act, Stage::Failed("No.".into()), 0);
        assert!(!queue.expire(i64::MAX));
        queue.dismiss(act);
        assert!(queue.acts().is_empty());
    }

    #[test]
    fn only_so_many_are_shown_but_none_that_is_under_way_is_lost() {
        let mut queue = Queue::default();
        let acts: Vec<u64> = (0..7).map(|_| queue.begin("Publish", "a")).collect();
        assert_eq!(queue.acts().len(), 7);
        queue.set(acts[3], Stage::Accepted(1), 0);
        queue.begin("Publish", "b");
        assert_eq!(queue.acts().len(), 7);
        assert!(queue.acts().iter().all(|act| act.id != acts[3]));
    }

    #[test]
    fn an_act_to_many_ends_with_the_last_of_them() {
        let mut queue = Queue::default();
        let act = queue.hold_many("Requeue", 4, 0);
        queue.release(act);
        queue.set_one(act, &id("a"), Stage::Acknowledged(1), 1);
        queue.set_one(act, &id("b"), Stage::Acknowledged(2), 2);
        queue.set_one(act, &id("c"), Stage::Failed("No connection.".into()), 3);
        let mut judged = Vec::new();
        let verdict = |seq, _: &str| {
            Some(if seq == 1 { Verdict::Accepted } else { Verdict::Refused(Refusal::UnknownTask) })
        };
        queue.judge(&verdict, &mut |task, stage| judged.push((task.to_string(), stage.as_str())), 4);
        assert_eq!(judged, [("a".to_owned(), "accepted"), ("b".to_owned(), "refused")]);
        assert_eq!(stages(&queue), ["pending"]);
        queue.stop(act);
        assert!(queue.is_stopped(act));
        queue.leave(act, 1, 5);
        let done = &queue.acts()[0];
        let tally = done.tally.as_ref().unwrap();
        assert_eq!((tally.total, tally.stored, tally.accepted, tally.bad, tally.unsent), (4, 2, 1, 2, 1));
        assert_eq!(
            (done.stage.as_str(), done.ended_ms, tally.reason.as_str()),
            ("failed", Some(5), "No connection.")
        );
        assert!(!queue.expire(i64::MAX), "it did not go well");
    }

    #[test]
    fn an_act_to_many_that_goes_well_goes_away() {
        let mut queue = Queue::default();
        let act = queue.hold_many("Cancel", 2, 0);
        queue.release(act);
        for (seq, name) in [(1, "a"), (2, "b")] {
            queue.set_one(act, &id(name), Stage::Acknowledged(seq), 0);
        }
        queue.judge(&|_, _| Some(Verdict::Unchanged), &mut |_, _| {}, 10);
        assert_eq!(stages(&queue), ["accepted"]);
        assert!(queue.expire(10_000));
    }
}

//! Requests that wait for an answer, all over one inbox: the last token of the reply subject is the request's number.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use crate::Subject;
use crate::numbered::Numbered;

use super::outbox::Outbox;

/// So many deadlines may be left behind in any case.
const FEW: usize = 64;

/// The number of a request, never used twice on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(super) u64);

/// How many answers a request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// One, which ends it.
    One,
    /// Any number, until it is cancelled; its time limit runs anew from each answer.
    Many,
}

#[derive(Debug)]
struct Request {
    subject: Subject,
    /// None come over the shared inbox if it has one of its own.
    answers: Option<Answers>,
    /// Whether its bytes have gone out on the present link.
    sent: bool,
    timeout: Option<Duration>,
    /// Its entry in `deadlines`; others there are of requests that have ended. It may be early for a request with many
    /// answers, and is then put off.
    deadline: Option<Duration>,
    last_answer: Duration,
}

/// All requests that wait.
#[derive(Debug, Default)]
pub(super) struct Requests {
    waiting: Numbered<RequestId, Request>,
    /// The earliest on top. Of those that have ended there are not many more than of those that wait.
    deadlines: BinaryHeap<Reverse<(Duration, RequestId)>>,
    last_id: u64,
}

impl Requests {
    pub(super) fn add(
        &mut self,
        now: Duration,
        subject: Subject,
        answers: Option<Answers>,
        timeout: Option<Duration>,
    ) -> RequestId {
        self.last_id += 1;
        let id = RequestId(self.last_id);
        let deadline = timeout.map(|timeout| now.saturating_add(timeout));
        if let Some(deadline) = deadline {
            self.deadlines.push(Reverse((deadline, id)));
        }
        let request = Request { subject, answers, sent: false, timeout, deadline, last_answer: now };
        self.waiting.insert(id, request);
        id
    }

    /// Ends a request, which is not sent any more if it has not been.
    pub(super) fn withdraw(&mut self, id: RequestId, outbox: &mut Outbox) {
        if self.waiting.get(id).is_some_and(|request| !request.sent) {
            outbox.withdraw(id);
        }
        self.remove(id);
    }

    /// Ends a request, which is sent all the same. Whether it was waiting.
    pub(super) fn remove(&mut self, id: RequestId) -> bool {
        let was_waiting = self.waiting.remove(id).is_some();
        // What has ended leaves its deadline behind until that comes to the top, or until there are too many.
        let waiting = &self.waiting;
        while self.deadlines.peek().is_some_and(|Reverse((_, id))| waiting.get(*id).is_none()) {
            self.deadlines.pop();
        }
        if self.deadlines.len() > 2 * waiting.len() + FEW {
            self.deadlines.retain(|Reverse((_, id))| waiting.get(*id).is_some());
        }
        was_waiting
    }

    /// Notes an answer. Whether the request was waiting for it; `last` ends it whatever it was.
    pub(super) fn answer(&mut self, now: Duration, id: RequestId, last: bool) -> bool {
        let Some(request) = self.waiting.get_mut(id) else { return false };
        match request.answers {
            None => return false,
            Some(Answers::Many) if !last => {}
            Some(_) => return self.remove(id),
        }
        request.last_answer = now;
        true
    }

    /// All that has been asked is on its way.
    pub(super) fn mark_sent(&mut self) {
        // Those not yet sent are the newest: stop at the first that has been.
        for (_, request) in self.waiting.iter_mut().rev() {
            if request.sent {
                break;
            }
            request.sent = true;
        }
    }

    /// Ends and returns those that were sent, as their answers cannot come any more.
    pub(super) fn take_sent(&mut self, outbox: &mut Outbox) -> Vec<RequestId> {
        self.take(outbox, |request| request.sent)
    }

    /// Ends and returns those to this subject.
    pub(super) fn take_to(&mut self, outbox: &mut Outbox, subject: &str) -> Vec<RequestId> {
        self.take(outbox, |request| request.subject.as_str() == subject)
    }

    /// Ends and returns those that are answered over the shared inbox.
    pub(super) fn take_sharing(&mut self, outbox: &mut Outbox) -> Vec<RequestId> {
        self.take(outbox, |request| request.answers.is_some())
    }

    /// Ends and returns all; what of them has not been sent may still be, as other publishes are.
    pub(super) fn take_all(&mut self) -> Vec<RequestId> {
        self.deadlines.clear();
        std::mem::take(&mut self.waiting).iter().map(|(id, _)| id).collect()
    }

    /// When the next request runs out of time, at the earliest.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.peek().map(|Reverse((deadline, _))| *deadline)
    }

    /// Ends and returns those that have run out of time.
    pub(super) fn take_expired(&mut self, outbox: &mut Outbox, now: Duration) -> Vec<RequestId> {
        let mut expired = Vec::new();
        while let Some(Reverse((deadline, id))) = self.deadlines.peek().copied()
            && deadline <= now
        {
            self.deadlines.pop();
            let Some(request) = self.waiting.get_mut(id) else { continue };
            if request.deadline != Some(deadline) {
                continue;
            }
            let put_off = request.timeout.map(|timeout| request.last_answer.saturating_add(timeout));
            match put_off {
                Some(later) if later > now => {
                    request.deadline = Some(later);
                    self.deadlines.push(Reverse((later, id)));
                }
                _ => {
                    self.withdraw(id, outbox);
                    expired.push(id);
                }
            }
        }
        expired
    }

    fn take(&mut self, outbox: &mut Outbox, wanted: impl Fn(&Request) -> bool) -> Vec<RequestId> {
        let found: Vec<_> =
            self.waiting.iter().filter(|(_, request)| wanted(request)).map(|(id, _)| id).collect();
        for id in &found {
            self.withdraw(*id, outbox);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn each_ends_once_by_answer_cancel_or_time() {
        let (mut requests, mut outbox) = (Requests::default(), Outbox::default());
        let now = Duration::ZERO;
        let first = requests.add(now, "a".into(), Some(Answers::One), Some(SECOND));
        let second = requests.add(now, "b".into(), Some(Answers::One), Some(2 * SECOND));
        let third = requests.add(now, "a".into(), Some(Answers::One), None);
        assert_eq!(requests.next_deadline(), Some(SECOND));
        assert!(requests.answer(now, first, false) && !requests.answer(now, first, false));
        assert_eq!(requests.next_deadline(), Some(2 * SECOND));
        assert_eq!(requests.take_expired(&mut outbox, SECOND), []);
        assert_eq!(requests.take_expired(&mut outbox, 2 * SECOND), [second]);
        assert_eq!(requests.take_to(&mut outbox, "a"), [third]);
        assert!(!requests.remove(third));
        assert_eq!(requests.next_deadline(), None);
    }

    #[test]
    fn many_answers_put_the_end_off() {
        let (mut requests, mut outbox) = (Requests::default(), Outbox::default());
        let id = requests.add(Duration::ZERO, "a".into(), Some(Answers::Many), Some(2 * SECOND));
        assert!(requests.answer(SECOND, id, false) && requests.answer(SECOND, id, false));
        assert_eq!(requests.take_expired(&mut outbox, 2 * SECOND), []);
        assert_eq!(requests.next_deadline(), Some(3 * SECOND));
        assert!(requests.answer(2 * SECOND, id, true) && !requests.answer(2 * SECOND, id, false));
        assert_eq!(requests.next_deadline(), None);
    }

    #[test]
    fn one_that_waits_long_holds_no_memory_of_others() {
        let mut requests = Requests::default();
        let long = requests.add(Duration::ZERO, "a".into(), Some(Answers::One), Some(SECOND));
        for round in 0..10_000 {
            let timeout = Some(10 * SECOND);
            let ids = [0; 10].map(|_| requests.add(Duration::ZERO, "a".into(), Some(Answers::One), timeout));
            for id in ids {
                assert!(requests.answer(Duration::ZERO, id, false));
            }
            assert!(requests.deadlines.len() <= 2 + FEW, "{} in round {round}", requests.deadlines.len());
        }
        let other = requests.add(Duration::ZERO, "a".into(), Some(Answers::One), Some(2 * SECOND));
        assert_eq!(requests.take_expired(&mut Outbox::default(), 3 * SECOND), [long, other]);
    }

    #[test]
    fn only_what_was_sent_is_lost_with_a_link() {
        let (mut requests, mut outbox) = (Requests::default(), Outbox::default());
        let sent = requests.add(Duration::ZERO, "a".into(), Some(Answers::One), None);
        requests.mark_sent();
        let unsent = requests.add(Duration::ZERO, "a".into(), Some(Answers::One), None);
        assert_eq!(requests.take_sent(&mut outbox), [sent]);
        assert_eq!(requests.take_all(), [unsent]);
    }
}

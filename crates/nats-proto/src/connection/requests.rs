//! Requests that wait for an answer, all over one inbox: the last token of the reply subject is the request's number.

use std::time::Duration;

use crate::Subject;
use crate::numbered::Numbered;

use super::outbox::Outbox;

/// Once it has been looked who has run out of time it is not looked again for so long, as that goes through all that
/// wait: a later one is told as much too late.
const PAUSE: Duration = Duration::from_millis(10);

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
    /// Or when it was asked, before the first.
    last_answer: Duration,
}

impl Request {
    fn deadline(&self) -> Option<Duration> {
        Some(self.last_answer.saturating_add(self.timeout?))
    }
}

/// All requests that wait.
#[derive(Debug, Default)]
pub(super) struct Requests {
    waiting: Numbered<RequestId, Request>,
    /// The earliest deadline, or that of a request that has ended or put its own off meanwhile: to be looked at then, and
    /// not with every request, of which there are many.
    next_deadline: Option<Duration>,
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
        let request = Request { subject, answers, sent: false, timeout, last_answer: now };
        self.next_deadline = self.next_deadline.into_iter().chain(request.deadline()).min();
        self.waiting.insert(id, request);
        id
    }

    /// Ends a request, which is not sent any more if it has not been.
    #[inline(never)]
    pub(super) fn withdraw(&mut self, id: RequestId, outbox: &mut Outbox) {
        if self.waiting.get(id).is_some_and(|request| !request.sent) {
            outbox.withdraw(id);
        }
        self.remove(id);
    }

    /// Ends a request, which is sent all the same. Whether it was waiting.
    pub(super) fn remove(&mut self, id: RequestId) -> bool {
        let was_waiting = self.waiting.remove(id).is_some();
        if self.waiting.is_empty() {
            self.next_deadline = None;
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

    /// Ends and returns those that are answered over the shared inbox; what of them has not been sent still is.
    pub(super) fn take_sharing(&mut self) -> Vec<RequestId> {
        let found = self.find(|request| request.answers.is_some());
        for id in &found {
            self.remove(*id);
        }
        found
    }

    /// Ends and returns all; what of them has not been sent may still be, as other publishes are.
    pub(super) fn take_all(&mut self) -> Vec<RequestId> {
        self.next_deadline = None;
        std::mem::take(&mut self.waiting).iter().map(|(id, _)| id).collect()
    }

    /// When the next request runs out of time, at the earliest.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.next_deadline
    }

    /// Ends and returns those that have run out of time.
    pub(super) fn take_expired(&mut self, outbox: &mut Outbox, now: Duration) -> Vec<RequestId> {
        if self.next_deadline.is_none_or(|next| next > now) {
            return Vec::new();
        }
        let expired = self.take(outbox, |request| request.deadline().is_some_and(|deadline| deadline <= now));
        let next = self.waiting.iter().filter_map(|(_, request)| request.deadline()).min();
        self.next_deadline = next.map(|next| next.max(now.saturating_add(PAUSE)));
        expired
    }

    fn take(&mut self, outbox: &mut Outbox, wanted: impl Fn(&Request) -> bool) -> Vec<RequestId> {
        let found = self.find(wanted);
        for id in &found {
            self.withdraw(*id, outbox);
        }
        found
    }

    fn find(&self, wanted: impl Fn(&Request) -> bool) -> Vec<RequestId> {
        self.waiting.iter().filter(|(_, request)| wanted(request)).map(|(id, _)| id).collect()
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
        assert_eq!(requests.take_expired(&mut outbox, SECOND), []);
        assert_eq!(requests.next_deadline(), Some(2 * SECOND));
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
    fn one_by_an_inbox_of_its_own_has_no_answer_over_that_of_the_others() {
        let mut requests = Requests::default();
        let own = requests.add(Duration::ZERO, "a".into(), None, Some(SECOND));
        for last in [false, true] {
            assert!(!requests.answer(SECOND, own, last));
        }
        assert_eq!(requests.next_deadline(), Some(SECOND), "nothing puts it off");
        assert!(requests.remove(own));
    }

    #[test]
    fn each_ends_in_its_time_whatever_the_others_do() {
        let (mut requests, mut outbox) = (Requests::default(), Outbox::default());
        let mut add = |now, timeout| requests.add(now, "a".into(), Some(Answers::One), timeout);
        let long = add(Duration::ZERO, Some(9 * SECOND));
        let patient = add(Duration::ZERO, None);
        let [short, answered] = [0; 2].map(|_| add(SECOND, Some(SECOND)));
        assert!(requests.answer(SECOND, answered, false));
        assert_eq!(requests.next_deadline(), Some(2 * SECOND));
        assert_eq!(requests.take_expired(&mut outbox, 2 * SECOND), [short]);
        assert_eq!(requests.next_deadline(), Some(9 * SECOND));
        let late = requests.add(2 * SECOND, "a".into(), Some(Answers::One), Some(SECOND));
        assert!(requests.answer(2 * SECOND, late, false));
        // It may be early by one that has ended, once.
        assert_eq!(requests.next_deadline(), Some(3 * SECOND));
        assert_eq!(requests.take_expired(&mut outbox, 3 * SECOND), []);
        assert_eq!(requests.next_deadline(), Some(9 * SECOND));
        assert_eq!(requests.take_expired(&mut outbox, 10 * SECOND), [long]);
        assert_eq!((requests.next_deadline(), requests.take_all()), (None, vec![patient]));
    }

    #[test]
    fn many_that_run_out_one_after_the_other_are_not_each_looked_for() {
        let (mut requests, mut outbox) = (Requests::default(), Outbox::default());
        let asked = |at| Duration::from_micros(100 * at);
        for at in 0..1_000 {
            requests.add(asked(at), "a".into(), Some(Answers::One), Some(SECOND));
        }
        let (mut looks, mut expired) = (0, 0);
        while let Some(now) = requests.next_deadline() {
            looks += 1;
            for id in requests.take_expired(&mut outbox, now) {
                let late = now.saturating_sub(asked(id.0 - 1) + SECOND);
                assert!(late <= PAUSE, "{id:?}: {late:?} late");
                expired += 1;
            }
        }
        assert_eq!((looks, expired), (11, 1_000));
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

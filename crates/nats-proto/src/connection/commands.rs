//! What a user asks of a connection: publish, subscribe, request, flush, drain, close.

use std::time::Duration;

use bytes::Bytes;

use crate::subject::is_valid_queue_group;
use crate::{HeaderMap, Subject, encode};

use super::event::{CloseReason, DisconnectReason, Event, RequestFailure, SendError};
use super::link::Awaited;
use super::requests::{Answers, RequestId};
use super::session::FlushId;
use super::{Connection, Phase};

/// What a server accepts as a message unless it says otherwise, in bytes.
const DEFAULT_MAX_PAYLOAD: usize = 1024 * 1024;

impl Connection {
    /// Publishes a message: sent with the next transmission, or kept until there is a connection.
    pub fn publish(
        &mut self,
        subject: &Subject,
        reply: Option<&Subject>,
        headers: Option<&HeaderMap>,
        payload: &Bytes,
    ) -> Result<(), SendError> {
        if !self.may_publish(subject) || reply.is_some_and(|reply| !self.may_publish(reply)) {
            return Err(SendError::InvalidSubject);
        }
        self.check_room(headers, payload)?;
        let reply = reply.map(Subject::as_str);
        self.session.outbox.publish(|out| encode::publish(out, subject, reply, headers, payload));
        Ok(())
    }

    /// Publishes a message whose answers come back as [`Event::Response`], over the inbox that all requests share.
    /// `timeout` bounds the wait for an answer, or for the next one of [`Answers::Many`]; what has not been sent by then
    /// never is. Unlike that of a publish, its subject may have wildcards, which are sent as they are. Where the server
    /// does not let this user listen for answers it is sent all the same, and fails at once.
    pub fn request(
        &mut self,
        now: Duration,
        subject: &Subject,
        headers: Option<&HeaderMap>,
        payload: &Bytes,
        answers: Answers,
        timeout: Option<Duration>,
    ) -> Result<RequestId, SendError> {
        self.now = now;
        self.check_request(subject, headers, payload)?;
        if self.session.inbox_sid.is_none() {
            let inbox = Subject::from(format!("{}.*", self.config.inbox));
            self.session.inbox_sid = Some(self.subscribe(&inbox, None)?);
        }
        let request = self.session.requests.add(now, subject.clone(), Some(answers), timeout);
        let reply = format!("{}.{}", self.config.inbox, request.0);
        self.session
            .outbox
            .request(request, |out| encode::publish(out, subject, Some(&reply), headers, payload));
        if self.link.inbox_denied {
            self.session.requests.remove(request);
            let result = Err(RequestFailure::PermissionDenied);
            self.events.push_back(Event::Response { request, result });
        }
        Ok(request)
    }

    /// Publishes a request that is to be answered to an inbox of its own, to which whoever asks is subscribed: an answer
    /// comes there, and what becomes of the request otherwise as an [`Event::Response`]. `timeout` bounds the wait. It
    /// goes on until it is cancelled or has failed.
    pub fn request_by_inbox(
        &mut self,
        now: Duration,
        subject: &Subject,
        inbox: &Subject,
        headers: Option<&HeaderMap>,
        payload: &Bytes,
        timeout: Option<Duration>,
    ) -> Result<RequestId, SendError> {
        self.now = now;
        if !self.may_publish(inbox) {
            return Err(SendError::InvalidSubject);
        }
        self.check_request(subject, headers, payload)?;
        let request = self.session.requests.add(now, subject.clone(), None, timeout);
        self.session
            .outbox
            .request(request, |out| encode::publish(out, subject, Some(inbox), headers, payload));
        Ok(request)
    }

    /// Nobody waits for the answers to a request any more. One that has not been sent is not sent any more, as when its
    /// time is over.
    pub fn cancel_request(&mut self, request: RequestId) {
        self.session.requests.withdraw(request, &mut self.session.outbox);
    }

    /// Nobody waits for the answers to a request any more; it is sent all the same, whenever it can be.
    pub fn leave_request(&mut self, request: RequestId) {
        self.session.requests.remove(request);
    }

    /// Subscribes to a subject or filter, alone or sharing the messages with a queue group. The number returned is in
    /// its [`Event::Message`]s.
    pub fn subscribe(&mut self, subject: &Subject, queue: Option<&str>) -> Result<u64, SendError> {
        if self.phase == Phase::Closed || self.draining {
            return Err(SendError::Closed);
        }
        if !subject.is_valid() {
            return Err(SendError::InvalidSubject);
        }
        if queue.is_some_and(|queue| !is_valid_queue_group(queue)) {
            return Err(SendError::InvalidQueueGroup);
        }
        let sid = self.session.add_subscription(subject.clone(), queue.map(str::to_owned));
        if self.phase == Phase::Connected {
            self.session.outbox.command(|out| encode::subscribe(out, subject, queue, sid));
        }
        Ok(sid)
    }

    /// Ends a subscription at once, or when it has had `max` messages in all, which may be now.
    pub fn unsubscribe(&mut self, sid: u64, max: Option<u64>) {
        let Some(subscription) = self.session.subscriptions.get_mut(sid) else { return };
        subscription.max = max;
        let goes_on = max.is_some_and(|max| max > subscription.delivered);
        let max_on_link = subscription.max_on_link().filter(|_| goes_on);
        if self.phase == Phase::Connected {
            self.session.outbox.command(|out| encode::unsubscribe(out, sid, max_on_link));
        }
        if !goes_on {
            self.end_subscription(sid);
        }
    }

    /// Ends a subscription after what the server has sent so far.
    pub fn drain_subscription(&mut self, sid: u64) {
        if self.session.subscriptions.get(sid).is_none() {
            return;
        }
        if self.phase == Phase::Connected {
            self.session.outbox.command(|out| encode::unsubscribe(out, sid, None));
            self.ping(Awaited::DrainSubscription(sid));
        } else {
            self.end_subscription(sid);
        }
    }

    /// Asks the server to confirm everything sent so far, by [`Event::Flushed`]. It speaks for one link: the present one,
    /// with which it fails, or else the next, and then for what has waited for that. What an earlier link had taken may be
    /// lost, as [`Event::Disconnected`] has said.
    pub fn flush(&mut self) -> Result<FlushId, SendError> {
        if self.phase == Phase::Closed {
            return Err(SendError::Closed);
        }
        let flush = self.session.add_flush();
        if self.phase == Phase::Connected {
            self.ping(Awaited::Flush(flush));
        } else {
            self.session.flushes.push_back(flush);
        }
        Ok(flush)
    }

    /// Ends all subscriptions after what the server has sent so far, and then the connection. Nothing more can be sent.
    /// Without a link it is over at once, unless there are publishes that wait for one: these are sent before, if one
    /// comes about within 30 s; or else they are lost, and [`CloseReason::DrainTimedOut`] says so. Requests fail at once
    /// then, with [`RequestFailure::Closed`], and are sent as those are.
    pub fn drain(&mut self, now: Duration) -> Result<(), SendError> {
        self.now = now;
        if self.phase == Phase::Closed || self.draining {
            return Err(SendError::Closed);
        }
        self.draining = true;
        self.events.push_back(Event::Draining);
        if self.phase == Phase::Connected {
            for sid in self
                .session
                .subscriptions
                .iter()
                .map(|(sid, _)| sid)
                .filter(|sid| Some(*sid) != self.session.inbox_sid)
            {
                self.session.outbox.command(|out| encode::unsubscribe(out, sid, None));
            }
            self.ping(Awaited::Drain);
        } else if self.session.outbox.len() > 0 {
            self.end_subscriptions();
            self.bound_drain();
            if let Phase::Waiting { until } = &mut self.phase {
                *until = self.drain_by.min(*until);
            }
        } else {
            self.close();
        }
        Ok(())
    }

    /// Ends the connection at once.
    pub fn close(&mut self) {
        if self.phase != Phase::Closed {
            self.events.push_back(Event::HangUp);
            self.close_with(CloseReason::Requested);
        }
    }

    /// Drops the link, if there is one, and opens a new one without waiting.
    pub fn force_reconnect(&mut self, now: Duration) -> Result<(), SendError> {
        self.now = now;
        match self.phase {
            Phase::Closed => return Err(SendError::Closed),
            Phase::Waiting { .. } => self.dial(),
            Phase::Dialing { .. } | Phase::Greeting { .. } => {}
            Phase::Connected => self.lose(&DisconnectReason::Requested),
        }
        Ok(())
    }

    /// Somebody doubts the link: a machine may have slept, or its network may be another. Asks the server for a sign of
    /// life, without which the link counts as dead after `within`, and `behind` in addition: so long what has left before
    /// may still be on its way. A wait for the next attempt ends at once.
    pub fn check(&mut self, now: Duration, within: Duration, behind: Duration) {
        self.now = now;
        match self.phase {
            Phase::Waiting { .. } => self.dial(),
            Phase::Dialing { .. } | Phase::Greeting { .. } | Phase::Closed => {}
            Phase::Connected if self.link.check_by.is_some() => {}
            Phase::Connected => {
                self.link.check_within = within;
                self.link.check_by = Some(now.saturating_add(within).saturating_add(behind));
                self.ping(Awaited::Ping { sent: now });
            }
        }
    }

    /// The largest message that may be published, headers included, in bytes.
    #[must_use]
    pub fn max_payload(&self) -> usize {
        self.info.as_ref().map_or(DEFAULT_MAX_PAYLOAD, |info| info.max_payload)
    }

    fn may_publish(&self, subject: &Subject) -> bool {
        if self.config.skip_subject_validation { subject.fits_protocol() } else { subject.is_publishable() }
    }

    fn check_request(
        &self,
        subject: &Subject,
        headers: Option<&HeaderMap>,
        payload: &Bytes,
    ) -> Result<(), SendError> {
        // A filter may stand in the subject of a request: JetStream's API is asked so for a consumer.
        if !subject.is_valid() && !self.may_publish(subject) {
            return Err(SendError::InvalidSubject);
        }
        self.check_room(headers, payload)
    }

    fn check_room(&self, headers: Option<&HeaderMap>, payload: &Bytes) -> Result<(), SendError> {
        if self.phase == Phase::Closed || self.draining {
            return Err(SendError::Closed);
        }
        let (size, limit) = (encode::message_size(headers, payload), self.max_payload());
        if size > limit {
            return Err(SendError::MaxPayloadExceeded { size, limit });
        }
        let limit = self.config.pending_limit;
        if self.phase != Phase::Connected && self.session.outbox.len() + size > limit {
            return Err(SendError::PendingLimitExceeded { limit });
        }
        Ok(())
    }
}

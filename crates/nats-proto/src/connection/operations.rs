//! What each operation of the server does to the connection.

use crate::{ConnectInfo, Message, ServerInfo, ServerOp, Unread, encode};

use super::event::{DisconnectReason, Event, Operation, RequestFailure};
use super::link::Awaited;
use super::requests::RequestId;
use super::server_error::ServerError;
use super::{CloseReason, Connection, Phase};

impl Connection {
    /// Handles one operation. A message comes back at once; everything else is in the queue of events.
    #[inline]
    pub(super) fn handle_operation(&mut self, operation: ServerOp) -> Option<Event> {
        match operation {
            ServerOp::Message { sid, subject, reply, headers, payload } => {
                return self.handle_message(sid, Unread { subject, reply, headers, payload });
            }
            other => self.handle_rare(other),
        }
        None
    }

    /// Everything but messages; kept apart, so that what handles those stays small.
    #[inline(never)]
    fn handle_rare(&mut self, operation: ServerOp) {
        match operation {
            ServerOp::Ping => self.handle_ping(),
            ServerOp::Pong => self.handle_pong(),
            ServerOp::Info(info) => self.handle_info(info),
            ServerOp::Err(words) => self.handle_error(words),
            ServerOp::Ok | ServerOp::Message { .. } => {}
        }
    }

    #[inline]
    fn handle_message(&mut self, sid: u64, message: Unread) -> Option<Event> {
        if self.session.inbox_sid == Some(sid) {
            return self.handle_response(message.read());
        }
        if self.session.count_delivered(sid)? {
            self.end_subscription(sid);
        }
        Some(Event::Message { sid, message })
    }

    pub(super) fn handle_response(&mut self, message: Message) -> Option<Event> {
        let token = message.subject.strip_prefix(self.config.inbox.as_str())?.strip_prefix('.')?;
        let request = RequestId(token.parse().ok()?);
        let nobody = message.status.is_some_and(|status| status == 503) && message.payload.is_empty();
        if !self.session.requests.answer(self.now, request, nobody) {
            return None;
        }
        let result = if nobody { Err(RequestFailure::NoResponders) } else { Ok(message) };
        Some(Event::Response { request, result })
    }

    fn handle_info(&mut self, info: Box<ServerInfo>) {
        if matches!(self.phase, Phase::Dialing { .. }) {
            self.link.greeted = Some(info);
            if self.config.asks_credentials {
                self.ask_credentials();
            } else {
                let connect = self.config.connect.clone();
                self.greet(&connect);
            }
            return;
        }
        if info.lame_duck_mode {
            self.events.push_back(Event::LameDuckMode);
        }
        match self.phase {
            Phase::Connected => self.info = Some(info),
            _ => self.link.greeted = Some(info),
        }
    }

    /// Answers the server's first word.
    pub(super) fn greet(&mut self, connect: &ConnectInfo) {
        let (Phase::Dialing { deadline }, Some(info)) = (self.phase, &self.link.greeted) else { return };
        self.link.opening.write(|out| {
            encode::connect(out, connect, self.config.key.as_deref(), info);
            encode::ping(out);
        });
        self.link.pongs.push_back(Awaited::Greeting);
        self.phase = Phase::Greeting { deadline };
    }

    fn handle_ping(&mut self) {
        // One answer that has not left speaks for all: a server that asks and does not read fills no memory.
        if std::mem::replace(&mut self.link.owes_pong, true) {
            return;
        }
        match self.phase {
            Phase::Connected => self.session.outbox.command(encode::pong),
            _ => self.link.opening.write(encode::pong),
        }
    }

    fn handle_pong(&mut self) {
        match self.link.pongs.pop_front() {
            Some(Awaited::Greeting) => self.connected(),
            Some(Awaited::Flush(flush)) => self.events.push_back(Event::Flushed { flush, completed: true }),
            Some(Awaited::DrainSubscription(sid)) => self.end_subscription(sid),
            Some(Awaited::Drain) => {
                self.events.push_back(Event::HangUp);
                self.close_with(CloseReason::Requested);
            }
            Some(Awaited::Ping { sent }) => self.link.round_trip = Some(self.now.saturating_sub(sent)),
            // Some servers answer more pings than were sent; that harms nobody.
            None => {}
        }
    }

    /// The server has accepted the client: takes up the session where the last link left it.
    fn connected(&mut self) {
        self.phase = Phase::Connected;
        self.info = self.link.greeted.take();
        self.attempts = 0;
        self.refusal = None;
        self.link.complaint = None;
        self.link.connected_at = self.now;
        self.link.next_ping = self.now.saturating_add(self.config.ping_interval);
        // Subscriptions first, so that no answer to a publish that was kept can come too early.
        self.link.opening.write(|out| self.session.resubscribe(out));
        for flush in std::mem::take(&mut self.session.flushes) {
            self.ping(Awaited::Flush(flush));
        }
        if self.draining {
            self.ping(Awaited::Drain);
        }
        self.events.push_back(Event::Connected);
    }

    fn handle_error(&mut self, words: String) {
        match ServerError::read(words) {
            ServerError::Permission(operation, subject, queue) => {
                let failed = match operation {
                    Operation::Publish => self.session.requests.take_to(&mut self.session.outbox, &subject),
                    Operation::Subscribe => self.deny_subscription(&subject, queue.as_deref()),
                };
                for request in failed {
                    let result = Err(RequestFailure::PermissionDenied);
                    self.events.push_back(Event::Response { request, result });
                }
                self.events.push_back(Event::PermissionViolation { operation, subject });
            }
            ServerError::Authorization(words) => {
                self.link.complaint = Some((self.now, DisconnectReason::Authorization(words.clone())));
                self.events.push_back(Event::ServerError(words));
            }
            ServerError::Other(words) => {
                self.link.complaint = Some((self.now, DisconnectReason::Server(words.clone())));
                self.events.push_back(Event::ServerError(words));
            }
        }
    }

    /// Ends the subscriptions that were refused, and returns the requests that can get no answer because of it.
    fn deny_subscription(&mut self, subject: &str, queue: Option<&str>) -> Vec<RequestId> {
        let denied = self
            .session
            .subscriptions
            .iter()
            .filter(|(_, denied)| denied.subject.as_str() == subject && denied.queue.as_deref() == queue);
        let denied: Vec<_> = denied.map(|(sid, _)| sid).collect();
        let mut requests = Vec::new();
        for sid in denied {
            if self.session.inbox_sid == Some(sid) {
                self.link.inbox_denied = true;
                requests = self.session.requests.take_sharing();
            } else {
                self.end_subscription(sid);
            }
        }
        requests
    }
}

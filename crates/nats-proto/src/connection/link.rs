//! One link to a server: opening it, keeping it alive, and what follows from losing it.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use zeroize::Zeroize;

use crate::{Decoder, ServerInfo, encode};

use super::event::{CloseReason, DisconnectReason, Event, RequestFailure};
use super::session::FlushId;
use super::{Connection, Phase};

/// A drain goes on so long without a link: as long as nats.go lets a drain take.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);

/// A server that closes a link because of something says so just before; an older complaint is not the reason.
const BLAME: Duration = Duration::from_secs(2);

/// A link that has lived for so long is no failure, and the waits between attempts begin anew after it.
const GOOD: Duration = Duration::from_secs(5);

/// A server that has refused the same credentials for so long is believed: before that its configuration may be changing.
const REFUSED_FOR: Duration = Duration::from_secs(3);

/// After so long another server, or other words, are watched instead: the first may be gone.
const REFUSAL_FADES: Duration = Duration::from_secs(60);

/// A refusal of credentials: by whom, in which words, and when first.
pub(super) struct Refusal {
    server_id: String,
    words: String,
    since: Duration,
}

/// The state of one link to a server.
#[derive(Default)]
pub(super) struct Link {
    pub(super) decoder: Decoder,
    /// What goes out before everything else: the handshake, and then the subscriptions.
    pub(super) opening: Opening,
    /// What each expected `PONG` answers.
    pub(super) pongs: VecDeque<Awaited>,
    /// A `PONG` is still to be sent.
    pub(super) owes_pong: bool,
    pub(super) connected_at: Duration,
    pub(super) last_heard: Duration,
    pub(super) next_ping: Duration,
    pub(super) pings_out: u32,
    /// By when something must be heard, if somebody doubts the link.
    pub(super) check_by: Option<Duration>,
    /// How long was given for that.
    pub(super) check_within: Duration,
    /// How long the last ping took to be answered.
    pub(super) round_trip: Option<Duration>,
    /// The last complaint and when it came, as it may be why the server then closes the link.
    pub(super) complaint: Option<(Duration, DisconnectReason)>,
    /// What the server said of itself, until it has accepted the client.
    pub(super) greeted: Option<Box<ServerInfo>>,
    /// What has been asked, and not been answered.
    pub(super) asked: Option<Asked>,
    /// The server refuses the subscription that requests get their answers by.
    pub(super) inbox_denied: bool,
}

/// The first that goes out over a link. There may be credentials in it, so what is never sent is wiped when dropped.
#[derive(Default)]
pub(super) struct Opening(BytesMut);

impl Opening {
    pub(super) fn write(&mut self, write: impl FnOnce(&mut BytesMut)) {
        write(&mut self.0);
    }

    /// All of it, to be sent now, in memory that nobody else holds: whoever sends it can wipe it.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        (!self.0.is_empty()).then(|| std::mem::take(&mut self.0).freeze())
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// What whoever drives the connection has to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The credentials that the server waits for.
    Credentials,
    /// How long to wait for the next link, as this one is lost.
    Delay,
}

/// What a `PONG` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    Greeting,
    Ping { sent: Duration },
    Flush(FlushId),
    DrainSubscription(u64),
    Drain,
}

impl Link {
    /// What the server complained of, if that was just now.
    pub(super) fn blame(&mut self, now: Duration) -> Option<DisconnectReason> {
        let (when, complaint) = self.complaint.take()?;
        (now.saturating_sub(when) <= BLAME).then_some(complaint)
    }
}

impl Connection {
    pub(super) fn dial(&mut self) {
        self.link = Link::default();
        self.phase = Phase::Dialing { deadline: self.now.saturating_add(self.config.connect_timeout) };
        self.events.push_back(Event::Dial);
    }

    pub(super) fn keep_alive(&mut self) {
        let silent_until = self.link.last_heard.saturating_add(self.config.ping_interval);
        if silent_until > self.now {
            self.link.next_ping = silent_until;
        } else if self.link.pings_out >= self.config.max_pings_out {
            self.lose(&DisconnectReason::Stale);
        } else {
            self.link.pings_out += 1;
            self.link.next_ping = self.now.saturating_add(self.config.ping_interval);
            self.ping(Awaited::Ping { sent: self.now });
        }
    }

    pub(super) fn ping(&mut self, awaited: Awaited) {
        self.link.pongs.push_back(awaited);
        self.session.outbox.command(encode::ping);
    }

    /// The link is lost: says so, ends what cannot go on, and decides what comes next.
    pub(super) fn lose(&mut self, reason: &DisconnectReason) {
        let was_connected = self.phase == Phase::Connected;
        self.events.push_back(Event::HangUp);
        let link = std::mem::take(&mut self.link);
        for awaited in link.pongs {
            match awaited {
                // What it was to confirm may be lost with the link, even if the `PING` itself had not gone out: what was
                // published before it may have.
                Awaited::Flush(flush) => self.events.push_back(Event::Flushed { flush, completed: false }),
                Awaited::DrainSubscription(sid) => self.end_subscription(sid),
                Awaited::Greeting | Awaited::Ping { .. } | Awaited::Drain => {}
            }
        }
        self.session.outbox.keep_publishes();
        for request in self.session.requests.take_sent(&mut self.session.outbox) {
            self.events.push_back(Event::Response { request, result: Err(RequestFailure::Disconnected) });
        }
        if self.draining {
            self.end_subscriptions();
        }
        if was_connected {
            self.bound_drain();
        }
        self.events.push_back(if was_connected {
            Event::Disconnected(reason.clone())
        } else {
            Event::ConnectFailed(reason.clone())
        });
        let server = link.greeted.as_ref().or(self.info.as_ref());
        let server_id = server.map_or_else(String::new, |info| info.server_id.clone());
        if let Some(close) = self.gives_up(reason, server_id) {
            self.close_with(close);
            return;
        }
        self.attempts = self.attempts.saturating_add(1);
        if was_connected && !matches!(reason, DisconnectReason::Requested) {
            let lived = self.now.saturating_sub(link.connected_at);
            self.short_lived = if lived < GOOD { self.short_lived.saturating_add(1) } else { 0 };
        }
        let attempt = self.attempts.max(self.short_lived);
        let delay = match reason {
            DisconnectReason::Requested => Some(Duration::ZERO),
            // The next of several servers is tried at once.
            _ if self.info.is_none() && !self.config.retry_on_initial_connect => Some(Duration::ZERO),
            _ => self.config.backoff.delay(attempt, &mut self.jitter),
        };
        if let Some(delay) = delay {
            self.wait(delay);
        } else {
            self.link.asked = Some(Asked::Delay);
            self.phase = Phase::Waiting { until: if self.draining { self.drain_by } else { Duration::MAX } };
            self.events.push_back(Event::AskDelay { attempt });
        }
    }

    /// The answer to [`Event::AskDelay`]. One that comes too late is forgotten.
    pub fn reconnect_after(&mut self, now: Duration, delay: Duration) {
        self.now = now;
        if self.link.asked == Some(Asked::Delay) {
            self.link.asked = None;
            self.wait(delay);
        }
    }

    fn wait(&mut self, mut delay: Duration) {
        if self.draining {
            delay = delay.min(self.drain_by.saturating_sub(self.now));
        }
        self.phase = Phase::Waiting { until: self.now.saturating_add(delay) };
        self.events.push_back(Event::Reconnecting { attempt: self.attempts, delay });
    }

    /// From now on there is no link.
    pub(super) fn bound_drain(&mut self) {
        self.drain_by = self.now.saturating_add(DRAIN_WITHIN);
    }

    /// Why no further attempt is made, if none is.
    ///
    /// | lost by | and | then |
    /// | --- | --- | --- |
    /// | anything | it was draining, and no publish waits | over, as asked for |
    /// | anything | it was draining, and had no link for too long | over |
    /// | anything | it never was connected, and each server was tried as often as asked for | over |
    /// | a refusal of the credentials | the same server has said the same for seconds, and nothing else happened since | over |
    /// | anything | as many attempts as allowed have failed | over |
    fn gives_up(&mut self, reason: &DisconnectReason, server_id: String) -> Option<CloseReason> {
        if self.draining && self.session.outbox.len() == 0 {
            return Some(CloseReason::Requested);
        }
        if self.draining && self.now >= self.drain_by {
            return Some(CloseReason::DrainTimedOut);
        }
        let is_initial = self.info.is_none() && !self.config.retry_on_initial_connect;
        if is_initial && self.attempts + 1 >= self.config.initial_attempts {
            return Some(CloseReason::InitialConnect(reason.clone()));
        }
        match reason {
            // Those that are asked for anew may be others.
            DisconnectReason::Authorization(words) if !self.config.asks_credentials => {
                if self.is_refused_for_good(server_id, words) {
                    return Some(CloseReason::Authorization(words.clone()));
                }
            }
            _ => self.refusal = None,
        }
        let most = self.config.max_reconnects?;
        (self.attempts >= most).then(|| CloseReason::MaxReconnects(reason.clone()))
    }

    /// Notes a refusal. Whether its server has said the same for long enough, and no other did anything else meanwhile.
    fn is_refused_for_good(&mut self, server_id: String, words: &str) -> bool {
        let watched = self.refusal.as_ref().map(|refusal| (refusal, self.now.saturating_sub(refusal.since)));
        match watched {
            Some((refusal, since)) if refusal.server_id == server_id && refusal.words == words => {
                since >= REFUSED_FOR
            }
            Some((_, since)) if since < REFUSAL_FADES => false,
            _ => {
                self.refusal = Some(Refusal { server_id, words: words.to_owned(), since: self.now });
                false
            }
        }
    }

    /// The connection is over: ends everything that was pending.
    pub(super) fn close_with(&mut self, reason: CloseReason) {
        self.phase = Phase::Closed;
        self.link = Link::default();
        self.session.outbox.clear();
        for flush in std::mem::take(&mut self.session.flushes) {
            self.events.push_back(Event::Flushed { flush, completed: false });
        }
        self.end_subscriptions();
        self.events.push_back(Event::Closed(reason));
    }

    /// Nothing can come for any subscription any more, nor an answer to a request.
    #[inline(never)]
    pub(super) fn end_subscriptions(&mut self) {
        for request in self.session.requests.take_all() {
            self.events.push_back(Event::Response { request, result: Err(RequestFailure::Closed) });
        }
        for sid in std::mem::take(&mut self.session.subscriptions).iter().map(|(sid, _)| sid) {
            self.events.push_back(Event::SubscriptionEnded { sid });
        }
    }

    pub(super) fn end_subscription(&mut self, sid: u64) {
        if self.session.subscriptions.remove(sid).is_some() {
            self.events.push_back(Event::SubscriptionEnded { sid });
        }
    }
}

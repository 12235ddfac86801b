//! A whole connection, driven by bytes: each says what happens next, from either side.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use nats_proto::connection::{Answers, Backoff, Event, State};
use nats_proto::{Config, Connection, Subject};

/// The most bytes of publishes that wait, beside what one more command takes.
const PENDING: usize = 4096;

/// What a user may name.
const SUBJECTS: [&str; 4] = ["a", "b.>", "no blanks", "c.d"];

/// Whatever a server says and a user does, in any order: no panic, no event without end, nothing sent that was not
/// wanted, every subscription and request ended once, and silence after the end.
pub fn connection(data: &[u8]) {
    let config = Config {
        inbox: "_INBOX.f".into(),
        pending_limit: PENDING,
        retry_on_initial_connect: data.len().is_multiple_of(2),
        max_reconnects: Some(4),
        backoff: if data.len().is_multiple_of(3) { Backoff::Asked } else { Backoff::default() },
        ..Config::default()
    };
    let mut run = Run {
        connection: Connection::new(config, 1, Duration::ZERO),
        now: Duration::ZERO,
        given: BTreeSet::new(),
        subscriptions: BTreeSet::new(),
        inbox_ended: None,
        requests: BTreeSet::new(),
        is_over: false,
    };
    run.settle();
    let mut rest = data;
    while let Some((step, later)) = rest.split_first() {
        rest = run.step(*step, later);
        run.settle();
    }
    run.connection.close();
    run.settle();
    assert!(run.is_over && run.subscriptions.is_empty() && run.requests.is_empty());
    assert_eq!(run.connection.poll_timeout(), None);
}

struct Run {
    connection: Connection,
    now: Duration,
    /// All subscriptions that there ever were.
    given: BTreeSet<u64>,
    /// Those that have not ended.
    subscriptions: BTreeSet<u64>,
    inbox_ended: Option<u64>,
    requests: BTreeSet<nats_proto::connection::RequestId>,
    is_over: bool,
}

impl Run {
    /// Does what a byte says, with what follows it; gives what is left.
    fn step<'a>(&mut self, step: u8, rest: &'a [u8]) -> &'a [u8] {
        let subject = Subject::from(SUBJECTS[usize::from(step >> 4) % SUBJECTS.len()]);
        match step & 15 {
            0..=4 => {
                // Up to the next byte 0, so that whole lines stay whole.
                let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
                self.connection.handle_bytes(self.now, Bytes::copy_from_slice(&rest[..end]));
                return rest.get(end + 1..).unwrap_or_default();
            }
            5 => self.connection.handle_open(self.now),
            6 => self.connection.handle_close(self.now, "gone"),
            7 => {
                if let Some(at) = self.connection.poll_timeout() {
                    self.now = self.now.max(at);
                    self.connection.handle_timeout(self.now);
                }
            }
            8 => {
                // It may be refused, for the subject or because too much waits.
                let _ = self.connection.publish(
                    &subject,
                    None,
                    None,
                    &Bytes::from(vec![b'x'; usize::from(step)]),
                );
            }
            9 => {
                if let Ok(sid) = self.connection.subscribe(&subject, None) {
                    assert!(self.given.insert(sid) && self.subscriptions.insert(sid));
                }
            }
            10 => {
                if let Some(sid) = self.subscriptions.first().copied() {
                    self.connection.unsubscribe(sid, (step > 127).then_some(2));
                }
            }
            11 => {
                let answers = if step > 127 { Answers::Many } else { Answers::One };
                let timeout = Some(Duration::from_secs(1));
                let body = Bytes::new();
                let asked = if step & 0x20 == 0 {
                    self.connection.request(self.now, &subject, None, &body, answers, timeout)
                } else {
                    let inbox = Subject::from("own");
                    self.connection.request_by_inbox(self.now, &subject, &inbox, None, &body, timeout)
                };
                if let Ok(request) = asked {
                    assert!(self.requests.insert(request));
                }
            }
            12 => drop(self.connection.flush()),
            13 => {
                if let Some(sid) = self.subscriptions.last().copied() {
                    self.connection.drain_subscription(sid);
                }
            }
            14 if step > 200 => drop(self.connection.drain(self.now)),
            14 => self.connection.check(self.now, Duration::from_secs(2), Duration::ZERO),
            _ => drop(self.connection.force_reconnect(self.now)),
        }
        rest
    }

    /// What a driver does after every call.
    fn settle(&mut self) {
        for _ in 0..100_000 {
            let mut got = Vec::new();
            self.connection.poll_messages(|sid, _| got.push(sid));
            assert!(got.iter().all(|sid| self.subscriptions.contains(sid)));
            let Some(event) = self.connection.poll_event() else {
                self.transmit();
                return;
            };
            assert!(!self.is_over || matches!(event, Event::Response { .. }), "{event:?} after the end");
            match event {
                Event::SubscriptionEnded { sid } => {
                    // The inbox of the requests is the only one that nobody asked for.
                    let is_first = if self.given.contains(&sid) {
                        self.subscriptions.remove(&sid)
                    } else {
                        self.inbox_ended.replace(sid).is_none()
                    };
                    assert!(is_first, "{sid} ends again");
                }
                Event::Message { sid, .. } => assert!(self.subscriptions.contains(&sid)),
                Event::Response { request, result: Err(_) } => assert!(self.requests.remove(&request)),
                Event::Response { request, result: Ok(_) } => {
                    assert!(self.requests.contains(&request));
                    self.connection.cancel_request(request);
                    self.requests.remove(&request);
                }
                Event::AskDelay { attempt } if attempt.is_multiple_of(2) => {
                    self.connection.reconnect_after(self.now, Duration::from_secs(attempt.into()));
                }
                Event::Closed(_) => self.is_over = true,
                _ => {}
            }
        }
        panic!("events without end");
    }

    fn transmit(&mut self) {
        while let Some(bytes) = self.connection.poll_transmit() {
            assert!(!bytes.is_empty() && self.connection.state() != State::Closed);
        }
        assert!(self.connection.pending_bytes() <= PENDING + 1024);
    }
}

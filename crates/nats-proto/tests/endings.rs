//! How a connection, its flushes and its requests end, against a scripted server.

mod script;

use bytes::Bytes;
use nats_proto::Subject;
use nats_proto::connection::{
    Answers, Backoff, CloseReason, Config, Connection, Event, RequestFailure, SendError, State,
};
use script::{Bench, SECOND, bodies};

#[test]
fn a_flush_is_not_confirmed_by_another_link() {
    let mut bench = Bench::connected(Config::default());
    bench.publish("x", "lost").expect("it is sent");
    let sent = bench.connection.flush().expect("it is sent");
    bench.sent();
    // What was published before it has gone out, though it has not itself.
    let unsent = bench.connection.flush().expect("it is to be sent");
    let failed = |flush| Event::Flushed { flush, completed: false };
    assert_eq!(bench.lose()[1..3], [failed(sent), failed(unsent)]);
    let next = bench.connection.flush().expect("it waits for a link");
    bench.publish("x", "kept").expect("it is kept");
    bench.wait();
    bench.greet();
    assert_eq!(bench.events(), [Event::Connected]);
    assert_eq!(bench.sent(), "PUB x 4\r\nkept\r\nPING\r\n");
    assert_eq!(bench.hear("PONG\r\n"), [Event::Flushed { flush: next, completed: true }]);
}

#[test]
fn a_drain_ends_everything_in_order() {
    let mut bench = Bench::connected(Config::default());
    let sid = bench.connection.subscribe(&"a".into(), None).expect("a subject");
    let request = bench.request("b", Answers::One);
    bench.sent();
    bench.connection.drain(bench.now).expect("it is open");
    assert_eq!(bench.connection.drain(bench.now), Err(SendError::Closed));
    assert_eq!(bench.publish("a", ""), Err(SendError::Closed));
    assert_eq!(bench.events(), [Event::Draining]);
    assert_eq!(bench.sent(), format!("UNSUB {sid}\r\nPING\r\n"));
    let events = bench.hear(&format!("MSG a {sid} 1\r\n1\r\nPONG\r\n"));
    assert!(matches!(&events[0], Event::Message { message, .. } if message.payload == "1"));
    assert_eq!(events[1], Event::HangUp);
    assert_eq!(events[2], Event::Response { request, result: Err(RequestFailure::Closed) });
    assert!(events.contains(&Event::SubscriptionEnded { sid }));
    assert_eq!(events.last(), Some(&Event::Closed(CloseReason::Requested)));
}

/// Loses the link, and drains before or after that.
fn lose_and_drain(bench: &mut Bench, begun_before: bool) -> Vec<Event> {
    if begun_before {
        bench.connection.drain(bench.now).expect("it is open");
    }
    let mut events = bench.lose();
    if !begun_before {
        bench.connection.drain(bench.now).expect("it is open");
        events.extend(bench.events());
    }
    events
}

#[test]
fn a_drain_sends_first_what_waits_for_a_link() {
    // Begun without a link, or with one that is lost meanwhile.
    for begun_before in [false, true] {
        let mut bench = Bench::connected(Config::default());
        let sid = bench.connection.subscribe(&"a".into(), None).expect("a subject");
        bench.sent();
        bench.publish("x", "kept").expect("it is kept");
        let events = lose_and_drain(&mut bench, begun_before);
        assert!(events.contains(&Event::SubscriptionEnded { sid }), "{events:?}");
        assert_eq!(bench.connection.state(), State::Disconnected);
        assert_eq!(bench.publish("x", "late"), Err(SendError::Closed));
        assert_eq!(bench.wait(), [Event::Dial]);
        bench.greet();
        assert_eq!(bench.events(), [Event::Connected]);
        assert_eq!(bench.sent(), "PUB x 4\r\nkept\r\nPING\r\n");
        assert_eq!(bench.hear("PONG\r\n"), [Event::HangUp, Event::Closed(CloseReason::Requested)]);
    }
    let mut bench = Bench::connected(Config::default());
    bench.lose();
    bench.connection.drain(bench.now).expect("it is open");
    assert_eq!(bench.events().last(), Some(&Event::Closed(CloseReason::Requested)), "nothing waits");
}

#[test]
fn a_request_by_an_inbox_of_its_own_fails_as_every_other() {
    let ask = |bench: &mut Bench, subject: &str| {
        let (subject, inbox) = (Subject::from(subject), Subject::from("own"));
        let body = Bytes::new();
        let asked =
            bench.connection.request_by_inbox(bench.now, &subject, &inbox, None, &body, Some(5 * SECOND));
        asked.expect("it can be sent")
    };
    let failed = |request, failure| Event::Response { request, result: Err(failure) };
    let mut bench = Bench::connected(Config::default());
    let sid = bench.connection.subscribe(&"own".into(), None).expect("a subject");
    let answered = ask(&mut bench, "a");
    assert_eq!(bench.sent(), format!("SUB own {sid}\r\nPUB a own 0\r\n\r\n"));
    assert_eq!(bodies(bench.hear(&format!("MSG own {sid} 1\r\n1\r\n"))), ["1"]);
    bench.connection.cancel_request(answered);

    let denied = ask(&mut bench, "b");
    let events = bench.hear("-ERR 'Permissions Violation for Publish to \"b\"'\r\n");
    assert_eq!(events[0], failed(denied, RequestFailure::PermissionDenied));

    let late = ask(&mut bench, "c");
    assert_eq!(bench.wait(), [failed(late, RequestFailure::TimedOut)]);

    // It does not need the inbox that the others share.
    let (own, shared) = (ask(&mut bench, "d"), bench.request("d", Answers::One));
    let events = bench.hear("-ERR 'Permissions Violation for Subscription to \"_INBOX.me.*\"'\r\n");
    assert_eq!(events[0], failed(shared, RequestFailure::PermissionDenied));
    assert!(!events.contains(&failed(own, RequestFailure::PermissionDenied)));
    bench.sent();
    let unsent = ask(&mut bench, "e");
    let events = bench.lose();
    assert!(events.contains(&failed(own, RequestFailure::Disconnected)), "{events:?}");
    bench.connection.close();
    assert!(bench.events().contains(&failed(unsent, RequestFailure::Closed)));
}

#[test]
fn a_drain_without_a_link_ends_the_requests_and_sends_them() {
    let mut bench = Bench::connected(Config::default());
    bench.lose();
    let request = bench.request("a", Answers::One);
    bench.connection.drain(bench.now).expect("it is open");
    let events = bench.events();
    assert!(events.contains(&Event::Response { request, result: Err(RequestFailure::Closed) }), "{events:?}");
    assert_eq!(bench.connection.state(), State::Disconnected, "it is still to be sent");
    bench.wait();
    bench.greet();
    bench.events();
    assert_eq!(bench.sent(), "PUB a _INBOX.me.1 0\r\n\r\nPING\r\n");
}

#[test]
fn a_drain_without_a_link_gives_up_in_time() {
    // Begun in a long wait for the next attempt, or before the link is lost.
    for begun_before in [false, true] {
        let hour = 3_600 * SECOND;
        let mut bench = Bench::connected(Config { ping_interval: 9 * hour, ..Config::default() });
        bench.publish("x", "kept").expect("it is kept");
        bench.now = hour;
        if begun_before {
            bench.connection.drain(bench.now).expect("it is open");
            bench.now += hour;
        }
        bench.lose();
        // The attempts have come to be an hour apart.
        for _ in 0..if begun_before { 0 } else { 3_600 } {
            bench.wait();
            bench.lose();
        }
        if !begun_before {
            bench.connection.drain(bench.now).expect("it is open");
        }
        bench.events();
        let lost = bench.now;
        let closed = (0..100).find_map(|_| {
            assert_eq!(bench.wait(), [Event::Dial]);
            match bench.lose().pop() {
                Some(Event::Closed(reason)) => Some(reason),
                _ => None,
            }
        });
        assert_eq!((closed, bench.now), (Some(CloseReason::DrainTimedOut), lost + 30 * SECOND));
    }
}

#[test]
fn a_drain_does_not_wait_for_whoever_says_how_long_to_wait() {
    for begun_before in [false, true] {
        let mut bench = Bench::new(Config::default());
        let config = Config { backoff: Backoff::Asked, retry_on_initial_connect: true, ..Config::default() };
        bench.connection = Connection::new(config, 1, bench.now);
        assert_eq!(bench.events(), [Event::Dial]);
        bench.publish("x", "kept").expect("it is kept");
        let events = lose_and_drain(&mut bench, begun_before);
        assert!(events.contains(&Event::AskDelay { attempt: 1 }), "{events:?}");
        assert_eq!(bench.wait(), [Event::Dial], "nobody has answered");
        assert_eq!(bench.now, 30 * SECOND);
        assert_eq!(bench.lose().last(), Some(&Event::Closed(CloseReason::DrainTimedOut)));
    }
}

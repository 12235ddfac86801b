//! How a connection, its flushes and its requests end, against a scripted server.

mod script;

use nats_proto::connection::{Answers, CloseReason, Config, Event, RequestFailure, SendError, State};
use script::Bench;

#[test]
fn a_flush_that_went_out_is_not_confirmed_by_another_link() {
    let mut bench = Bench::connected(Config::default());
    bench.publish("x", "lost").expect("it is sent");
    let sent = bench.connection.flush().expect("it is sent");
    bench.sent();
    let unsent = [bench.connection.flush(), bench.connection.flush()].map(|flush| flush.expect("it is sent"));
    let events = bench.lose();
    assert_eq!(events[1], Event::Flushed { flush: sent, completed: false });
    bench.wait();
    bench.greet();
    assert_eq!(bench.events(), [Event::Connected]);
    assert_eq!(bench.sent(), "PING\r\nPING\r\n");
    let completed = |flush| Event::Flushed { flush, completed: true };
    assert_eq!(bench.hear("PONG\r\nPONG\r\n"), unsent.map(completed));
}

#[test]
fn a_drain_ends_everything_in_order() {
    let mut bench = Bench::connected(Config::default());
    let sid = bench.connection.subscribe(&"a".into(), None).expect("a subject");
    let request = bench.request("b", Answers::One);
    bench.sent();
    bench.connection.drain().expect("it is open");
    assert_eq!(bench.connection.drain(), Err(SendError::Closed));
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

#[test]
fn a_drain_sends_first_what_waits_for_a_link() {
    // Begun without a link, or with one that is lost meanwhile.
    for begun_before in [false, true] {
        let mut bench = Bench::connected(Config::default());
        let sid = bench.connection.subscribe(&"a".into(), None).expect("a subject");
        bench.sent();
        bench.publish("x", "kept").expect("it is kept");
        if begun_before {
            bench.connection.drain().expect("it is open");
        }
        let mut events = bench.lose();
        if !begun_before {
            bench.connection.drain().expect("it is open");
            events.extend(bench.events());
        }
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
    bench.connection.drain().expect("it is open");
    assert_eq!(bench.events().last(), Some(&Event::Closed(CloseReason::Requested)), "nothing waits");
}

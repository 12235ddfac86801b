//! A link to a server: what may come over it, when it counts as dead, and how soon the next one is tried.

mod script;

use nats_proto::Config;
use std::time::Duration;

use nats_proto::connection::{Backoff, CloseReason, Connection, DisconnectReason, Event, State};
use script::{Bench, INFO, SECOND, bodies};

#[test]
fn what_a_server_sends_may_be_larger_than_what_it_takes() {
    // An answer of its API, or a message that was stored when it took larger ones.
    let mut bench = Bench::connected(Config::default());
    let limit = bench.connection.max_payload();
    let body = "x".repeat(4 * limit + 1024 * 1024);
    let sid = bench.connection.subscribe(&"a".into(), None).expect("a subject");
    let got = bodies(bench.hear(&format!("MSG a {sid} {}\r\n{body}\r\n", body.len())));
    assert_eq!(got, [body]);
}

#[test]
fn a_link_that_carries_is_not_given_up_for_an_answer_that_stands_in_line() {
    let mut bench = Bench::connected(Config { ping_interval: 10 * SECOND, ..Config::default() });
    bench.connection.check(bench.now, 2 * SECOND, Duration::ZERO);
    for _ in 0..30 {
        bench.now += SECOND;
        bench.connection.handle_progress(bench.now, Duration::ZERO);
        bench.connection.handle_timeout(bench.now);
        assert_eq!(bench.events(), [], "at {:?}", bench.now);
    }
    assert_eq!(bench.wait()[..2], [Event::HangUp, Event::Disconnected(DisconnectReason::Stale)]);
    assert_eq!(bench.now, 32 * SECOND, "it has stood still for as long as was given");

    // What has left may be on its way for longer than that.
    let mut bench = Bench::connected(Config::default());
    bench.connection.check(bench.now, 2 * SECOND, 16 * SECOND);
    assert_eq!(bench.connection.poll_timeout(), Some(18 * SECOND));
    bench.now += 17 * SECOND;
    bench.connection.handle_progress(bench.now, 10 * SECOND);
    assert_eq!(bench.connection.poll_timeout(), Some(29 * SECOND));

    let mut bench = Bench::connected(Config { ping_interval: 10 * SECOND, ..Config::default() });
    for _ in 0..9 {
        bench.now += 9 * SECOND;
        bench.connection.handle_progress(bench.now, Duration::ZERO);
        bench.connection.handle_timeout(bench.now);
    }
    assert_eq!((bench.events(), bench.sent().as_str()), (vec![], ""));
    while bench.wait().is_empty() {}
    assert_eq!(bench.now, 111 * SECOND, "three times the interval later");

    // What it was asked before, and has not answered, counts no longer.
    let mut bench = Bench::connected(Config { ping_interval: 10 * SECOND, ..Config::default() });
    for _ in 0..2 {
        assert_eq!(bench.wait(), []);
    }
    assert_eq!(bench.sent(), "PING\r\nPING\r\n");
    bench.now += 5 * SECOND;
    bench.connection.handle_progress(bench.now, Duration::ZERO);
    while bench.wait().is_empty() {}
    assert_eq!(bench.now, 55 * SECOND, "three times the interval later");
}

#[test]
fn a_refusal_from_before_a_connection_counts_no_longer() {
    const EXPIRED: &str = "-ERR 'User Authentication Expired'\r\n";
    let mut bench = Bench::new(Config { retry_on_initial_connect: true, ..Config::default() });
    assert_eq!(bench.events(), [Event::Dial]);
    bench.hear(&format!("{INFO}{EXPIRED}"));
    bench.lose();
    bench.sent();
    assert_eq!(bench.wait(), [Event::Dial]);
    bench.greet();
    assert_eq!(bench.events(), [Event::Connected]);
    bench.now += 10 * SECOND;
    bench.hear(EXPIRED);
    let events = bench.lose();
    assert!(matches!(events.last(), Some(Event::Reconnecting { .. })), "{events:?}");
}

#[test]
fn links_that_die_at_once_are_tried_ever_more_seldom() {
    let mut bench = Bench::connected(Config { max_reconnects: Some(2), ..Config::default() });
    // Each is a success, so `attempt` and `max_reconnects` begin anew.
    for (lived, wait) in [(0, 1), (4, 2), (1, 3), (4, 4), (5, 1), (0, 1), (0, 2), (600, 1), (0, 1)] {
        bench.now += SECOND * lived;
        let next = Event::Reconnecting { attempt: 1, delay: SECOND * wait };
        assert_eq!(bench.lose().last(), Some(&next), "lived {lived} s");
        assert_eq!(bench.wait(), [Event::Dial]);
        bench.greet();
        assert_eq!(bench.events(), [Event::Connected]);
        bench.sent();
    }
}

/// What one server after the other does with a client, and when it gives up.
#[test]
fn refused_credentials_are_not_repeated_for_ever() {
    const REFUSED: &str = "Authorization Violation";
    const OTHER: &str = "User Authentication Expired";
    for (attempts, closed) in [
        // For three seconds: the waits are 1 and 2 s.
        (&[("A", REFUSED), ("A", REFUSED), ("A", REFUSED)][..], true),
        (&[("A", REFUSED), ("A", REFUSED)], false),
        // Another server, other words, or none at all.
        (&[("A", REFUSED), ("A", REFUSED), ("B", REFUSED)], false),
        (&[("A", REFUSED), ("B", REFUSED), ("A", REFUSED)], true),
        (&[("A", REFUSED), ("A", REFUSED), ("A", OTHER)], false),
        (&[("A", REFUSED), ("A", ""), ("A", REFUSED), ("A", "")], false),
        (&[("A", REFUSED), ("A", ""), ("A", REFUSED), ("A", REFUSED)], true),
    ] {
        let mut bench = Bench::new(Config { retry_on_initial_connect: true, ..Config::default() });
        for (at, (server, words)) in attempts.iter().enumerate() {
            assert_eq!(bench.events(), [Event::Dial], "{attempts:?}");
            bench.hear(&format!("INFO {{\"server_id\":\"{server}\"}}\r\n"));
            if !words.is_empty() {
                bench.hear(&format!("-ERR '{words}'\r\n"));
            }
            let events = bench.lose();
            let last = events.last().expect("something happened");
            if closed && at + 1 == attempts.len() {
                assert_eq!(*last, Event::Closed(CloseReason::Authorization(REFUSED.into())), "{attempts:?}");
            } else {
                assert!(matches!(last, Event::Reconnecting { .. }), "{attempts:?}: {last:?}");
                bench.now = bench.connection.poll_timeout().expect("it waits");
                bench.connection.handle_timeout(bench.now);
            }
        }
    }
}

#[test]
fn a_server_that_was_replaced_is_not_waited_for() {
    let mut bench = Bench::new(Config { retry_on_initial_connect: true, ..Config::default() });
    let mut server = "old";
    while bench.connection.state() != State::Closed {
        assert_eq!(bench.events(), [Event::Dial]);
        bench.hear(&format!("INFO {{\"server_id\":\"{server}\"}}\r\n-ERR 'Authorization Violation'\r\n"));
        bench.lose();
        if let Some(next) = bench.connection.poll_timeout() {
            bench.now = next;
            bench.connection.handle_timeout(bench.now);
        }
        server = "new";
    }
    let since = bench.now.as_secs();
    assert!((60..90).contains(&since), "after {since} s");
}

#[test]
fn a_server_that_asks_and_does_not_read_fills_no_memory() {
    let mut bench = Bench::new(Config::default());
    bench.events();
    bench.hear(INFO);
    bench.hear(&"PING\r\n".repeat(1_000));
    let sent = bench.sent();
    assert!(sent.ends_with("}\r\nPING\r\nPONG\r\n") && sent.matches("PONG").count() == 1, "{sent}");
    bench.hear("PONG\r\n");
    for _ in 0..2 {
        bench.hear(&"PING\r\n".repeat(1_000));
        assert_eq!(bench.connection.pending_bytes(), "PONG\r\n".len());
        assert_eq!(bench.sent(), "PONG\r\n");
    }
    bench.hear("PING\r\n");
    bench.lose();
    bench.wait();
    bench.greet();
    bench.events();
    bench.hear("PING\r\n");
    assert_eq!(bench.sent(), "PONG\r\n", "another link");
}

#[test]
fn whoever_drives_it_can_say_how_long_to_wait() {
    let asked = || {
        let mut bench = Bench::connected(Config::default());
        let config = Config { backoff: Backoff::Asked, retry_on_initial_connect: true, ..Config::default() };
        bench.connection = Connection::new(config, 1, bench.now);
        assert_eq!(bench.events(), [Event::Dial]);
        assert_eq!(bench.lose().last(), Some(&Event::AskDelay { attempt: 1 }));
        bench
    };
    let mut bench = asked();
    bench.connection.handle_timeout(Duration::from_secs(1_000_000));
    assert_eq!(bench.events(), [], "it waits for the answer");
    bench.now = Duration::from_secs(1_000_000);
    bench.connection.reconnect_after(bench.now, SECOND);
    bench.connection.reconnect_after(bench.now, 2 * SECOND);
    assert_eq!(bench.events(), [Event::Reconnecting { attempt: 1, delay: SECOND }], "one answer is enough");
    assert_eq!(bench.wait(), [Event::Dial]);
    assert_eq!(bench.now, Duration::from_secs(1_000_001));
    bench.connection.reconnect_after(bench.now, SECOND);
    assert_eq!(bench.events(), [], "nobody asked");
    assert_eq!(bench.lose().last(), Some(&Event::AskDelay { attempt: 2 }));
    // What cannot wait does not wait for the answer either.
    bench.connection.check(bench.now, SECOND, Duration::ZERO);
    bench.connection.reconnect_after(bench.now, SECOND);
    assert_eq!(bench.events(), [Event::Dial]);
    bench.lose();
    bench.connection.close();
    bench.connection.reconnect_after(bench.now, SECOND);
    assert_eq!(
        (bench.events().last(), bench.connection.poll_timeout()),
        (Some(&Event::Closed(CloseReason::Requested)), None)
    );
}

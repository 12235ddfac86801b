//! The connection against a scripted server: what goes out, what happens, and when.

mod script;

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use nats_proto::connection::{
    Answers, Auth, CloseReason, Config, Connection, DisconnectReason, Event, Operation, RequestFailure,
    SendError, State,
};
use nats_proto::secret::wipe;
use nats_proto::{ConnectInfo, HeaderMap, Subject};
use script::{Bench, INFO, SECOND, bodies, gone};

#[test]
fn credentials_and_wishes_are_in_the_greeting() {
    let connect = ConnectInfo {
        user: Some("ann".into()),
        pass: Some("secret".into()),
        name: Some("bench".into()),
        echo: false,
        ..ConnectInfo::default()
    };
    let mut bench = Bench::new(Config { connect, ..Config::default() });
    assert_eq!(bench.connection.state(), State::Pending);
    bench.events();
    bench.hear(INFO);
    let sent = bench.sent();
    for part in [
        "\"verbose\":false",
        "\"pedantic\":false",
        "\"headers\":true",
        "\"no_responders\":true",
        "\"echo\":false",
        "\"user\":\"ann\"",
        "\"pass\":\"secret\"",
        "\"name\":\"bench\"",
        "\"protocol\":1",
    ] {
        assert!(sent.contains(part), "{part} in {sent}");
    }
    assert!(!sent.contains("auth_token"));
}

#[test]
fn what_is_secret_is_not_printed() {
    let connect = ConnectInfo { pass: Some("sesame".into()), ..ConnectInfo::default() };
    let config = Config { connect, inbox: "_INBOX.guess".into(), ..Config::default() };
    let printed = format!("{config:?}");
    let mut connection = Connection::new(config, 1, Duration::ZERO);
    while connection.poll_event().is_some() {}
    connection.handle_bytes(Duration::ZERO, INFO.into());
    connection.publish(&"x".into(), None, None, &"body".into()).expect("it is kept");
    while connection.poll_event().is_some() {}
    let printed = format!("{printed} {connection:?}");
    for secret in ["sesame", "guess", "body", &format!("{:?}", b"sesame")] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    let greeting = connection.poll_transmit().expect("the greeting was still to be sent");
    assert!(greeting.windows(6).any(|part| part == b"sesame"));
    assert!(wipe(greeting), "it is the only copy, and can be wiped");
}

#[test]
fn messages_pings_and_complaints_in_their_order() {
    let mut bench = Bench::connected(Config::default());
    let sid = bench.connection.subscribe(&"a.*".into(), None).expect("a filter");
    let shared = bench.connection.subscribe(&"b".into(), Some("q")).expect("a subject");
    bench.publish("a.x", "1").expect("it is sent");
    assert_eq!(bench.sent(), format!("SUB a.* {sid}\r\nSUB b q {shared}\r\nPUB a.x 1\r\n1\r\n"));
    let heard =
        bench.hear(&format!("MSG a.x {sid} 1\r\n1\r\nPING\r\nMSG b 99 1\r\n?\r\nMSG a.y {sid} 1\r\n2\r\n"));
    assert_eq!(bodies(heard), ["1", "2"]);
    assert_eq!(bench.sent(), "PONG\r\n");
    assert_eq!(bench.hear("-ERR 'Slow Down'\r\n"), [Event::ServerError("Slow Down".into())]);
    assert_eq!(bench.hear("INFO {\"ldm\":true,\"max_payload\":7}\r\n"), [Event::LameDuckMode]);
    assert_eq!(bench.connection.max_payload(), 7);
    bench.connection.unsubscribe(shared, None);
    assert_eq!(bench.events(), [Event::SubscriptionEnded { sid: shared }]);
    assert_eq!(bench.sent(), format!("UNSUB {shared}\r\n"));
}

#[test]
fn what_cannot_be_sent_is_refused_before() {
    let mut bench = Bench::connected(Config::default());
    for subject in ["", "a b", "a.*", ">", "a..b", "a\r\nPING"] {
        assert_eq!(bench.publish(subject, ""), Err(SendError::InvalidSubject), "{subject:?}");
    }
    for (subject, fits) in [("", false), ("a b", false), ("a..b", false), ("api.a.*", true), ("api.>", true)]
    {
        let (subject, body) = (Subject::from(subject), Bytes::new());
        let asked = bench.connection.request(Duration::ZERO, &subject, None, &body, Answers::One, None);
        assert_eq!(asked.is_ok(), fits, "{subject:?}");
    }
    assert_eq!(bench.connection.subscribe(&"a b".into(), None), Err(SendError::InvalidSubject));
    assert_eq!(bench.connection.subscribe(&"a".into(), Some("")), Err(SendError::InvalidQueueGroup));
    let mut headers = HeaderMap::new();
    headers.insert("A", "b");
    let subject = Subject::from("a");
    let body = Bytes::from(vec![b'x'; 82]);
    bench.connection.publish(&subject, None, Some(&headers), &body).expect("just fits");
    let body = Bytes::from(vec![b'x'; 83]);
    let too_large = Err(SendError::MaxPayloadExceeded { size: 101, limit: 100 });
    assert_eq!(bench.connection.publish(&subject, None, Some(&headers), &body), too_large);
}

#[test]
fn requests_share_an_inbox_and_end_in_every_way() {
    let mut bench = Bench::connected(Config::default());
    let (one, two) = (bench.request("a", Answers::One), bench.request("b", Answers::One));
    assert_eq!(bench.sent(), "SUB _INBOX.me.* 1\r\nPUB a _INBOX.me.1 0\r\n\r\nPUB b _INBOX.me.2 0\r\n\r\n");
    let answers =
        bench.hear("MSG _INBOX.me.2 1 1\r\n2\r\nMSG _INBOX.me.1 1 1\r\n1\r\nMSG _INBOX.me.1 1 1\r\n?\r\n");
    assert!(matches!(&answers[..], [
        Event::Response { request: first, result: Ok(_) },
        Event::Response { request: second, result: Ok(_) },
    ] if *first == two && *second == one));
    assert_eq!(bodies(answers), ["2", "1"]);

    let failed = |request, failure| [Event::Response { request, result: Err(failure) }];
    let nobody = bench.request("c", Answers::One);
    let events = bench.hear("HMSG _INBOX.me.3 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
    assert_eq!(events, failed(nobody, RequestFailure::NoResponders));

    let denied = bench.request("d", Answers::One);
    let events = bench.hear("-ERR 'Permissions Violation for Publish to \"d\"'\r\n");
    assert_eq!(events[..1], failed(denied, RequestFailure::PermissionDenied));
    let violation = Event::PermissionViolation { operation: Operation::Publish, subject: "d".into() };
    assert_eq!(events[1..], [violation]);

    let late = bench.request("e", Answers::One);
    assert_eq!(bench.connection.poll_timeout(), Some(bench.now + 5 * SECOND));
    assert_eq!(bench.wait(), failed(late, RequestFailure::TimedOut));

    let lost = bench.request("f", Answers::One);
    bench.sent();
    let unsent = bench.request("g", Answers::One);
    let events = bench.lose();
    assert!(events.contains(&failed(lost, RequestFailure::Disconnected)[0]), "{events:?}");
    assert!(
        !events.iter().any(|event| matches!(event, Event::Response { request, .. } if *request == unsent))
    );
    bench.connection.cancel_request(unsent);
    bench.connection.close();
    let never = bench.connection.request(bench.now, &"h".into(), None, &Bytes::new(), Answers::One, None);
    assert_eq!(never, Err(SendError::Closed));
}

#[test]
fn many_answers_come_until_they_are_enough() {
    let mut bench = Bench::connected(Config::default());
    let request = bench.request("a", Answers::Many);
    bench.sent();
    assert_eq!(bodies(bench.hear("MSG _INBOX.me.1 1 1\r\n1\r\nMSG _INBOX.me.1 1 1\r\n2\r\n")), ["1", "2"]);
    bench.connection.cancel_request(request);
    assert_eq!(bench.hear("MSG _INBOX.me.1 1 1\r\n3\r\n"), []);
}

#[test]
fn a_denied_inbox_fails_every_request_at_once_and_sends_it() {
    let mut bench = Bench::connected(Config::default());
    let first = bench.request("a", Answers::One);
    bench.sent();
    let denied = |request| Event::Response { request, result: Err(RequestFailure::PermissionDenied) };
    let unsent = bench.request("b", Answers::One);
    let events = bench.hear("-ERR 'Permissions Violation for Subscription to \"_INBOX.me.*\"'\r\n");
    assert_eq!(events[..2], [denied(first), denied(unsent)]);
    let later = bench.request("c", Answers::One);
    assert_eq!(bench.events(), [denied(later)]);
    // Nobody is left who waits for it, and that takes nothing back.
    bench.connection.cancel_request(later);
    assert_eq!(bench.sent(), "PUB b _INBOX.me.2 0\r\n\r\nPUB c _INBOX.me.3 0\r\n\r\n");
    assert_eq!(bench.connection.poll_timeout(), Some(60 * SECOND), "none is waited for");
}

#[test]
fn a_refusal_ends_the_subscriptions_that_it_names_and_no_other() {
    let mut bench = Bench::connected(Config::default());
    let [plain, shared, other] = [None, Some("q"), Some("r")]
        .map(|queue| bench.connection.subscribe(&"a".into(), queue).expect("a subject"));
    let subject = Subject::from("a");
    let violation = Event::PermissionViolation { operation: Operation::Subscribe, subject };
    for (words, sid) in [("\"a\" using queue \"q\"", shared), ("\"a\"", plain)] {
        let events = bench.hear(&format!("-ERR 'Permissions Violation for Subscription to {words}'\r\n"));
        assert_eq!(events, [Event::SubscriptionEnded { sid }, violation.clone()]);
    }
    assert_eq!(bodies(bench.hear(&format!("MSG a {other} 1\r\n1\r\n"))), ["1"]);
}

#[test]
fn a_lost_link_is_replaced_and_nothing_that_can_survive_is_lost() {
    let mut bench = Bench::connected(Config::default());
    let all = bench.connection.subscribe(&"all".into(), None).expect("a subject");
    let few = bench.connection.subscribe(&"few".into(), Some("q")).expect("a subject");
    bench.connection.unsubscribe(few, Some(3));
    assert_eq!(bench.sent(), format!("SUB all {all}\r\nSUB few q {few}\r\nUNSUB {few} 3\r\n"));
    assert_eq!(bodies(bench.hear(&format!("MSG few {few} 1\r\n1\r\n"))), ["1"]);
    bench.publish("x", "unsent").expect("it is sent");
    assert_eq!(
        bench.lose(),
        [Event::HangUp, Event::Disconnected(gone()), Event::Reconnecting { attempt: 1, delay: SECOND },]
    );
    assert_eq!(bench.connection.state(), State::Disconnected);
    bench.publish("x", "kept").expect("it is kept");
    let flush = bench.connection.flush().expect("it waits for a link");
    assert_eq!(bench.sent(), "");
    assert_eq!(bench.wait(), [Event::Dial]);
    bench.greet();
    assert_eq!(bench.events(), [Event::Connected]);
    assert_eq!(
        bench.sent(),
        format!(
            "SUB all {all}\r\nSUB few q {few}\r\nUNSUB {few} 2\r\nPUB x 6\r\nunsent\r\nPUB x 4\r\nkept\r\nPING\r\n"
        )
    );
    assert_eq!(bench.hear("PONG\r\n"), [Event::Flushed { flush, completed: true }]);
    let mut events =
        bench.hear(&format!("MSG few {few} 1\r\n2\r\nMSG few {few} 1\r\n3\r\nMSG few {few} 1\r\n4\r\n"));
    assert_eq!(events.pop(), Some(Event::SubscriptionEnded { sid: few }));
    assert_eq!(bodies(events), ["2", "3"]);
}

#[test]
fn what_is_kept_meanwhile_is_bounded() {
    let mut bench = Bench::connected(Config { pending_limit: 40, ..Config::default() });
    bench.lose();
    bench.publish("x", "0123456789").expect("it is kept");
    bench.publish("x", "0123").expect("it is kept");
    assert_eq!(bench.publish("x", "0123456789"), Err(SendError::PendingLimitExceeded { limit: 40 }));
}

#[test]
fn attempts_go_on_with_growing_waits_until_they_are_too_many() {
    let mut bench = Bench::connected(Config { max_reconnects: Some(3), ..Config::default() });
    bench.lose();
    for attempt in 2..4 {
        assert_eq!(bench.wait(), [Event::Dial]);
        let next = Event::Reconnecting { attempt, delay: SECOND * attempt };
        assert_eq!(bench.lose(), [Event::HangUp, Event::ConnectFailed(gone()), next]);
    }
    let sid = bench.connection.subscribe(&"a".into(), None).expect("a subject");
    bench.wait();
    assert_eq!(
        bench.lose(),
        [
            Event::HangUp,
            Event::ConnectFailed(gone()),
            Event::SubscriptionEnded { sid },
            Event::Closed(CloseReason::MaxReconnects(gone())),
        ]
    );
    assert_eq!((bench.connection.state(), bench.connection.poll_timeout()), (State::Closed, None));
    assert_eq!(bench.publish("a", ""), Err(SendError::Closed));
}

#[test]
fn the_first_attempt_is_the_last_unless_asked_otherwise() {
    let mut bench = Bench::new(Config::default());
    bench.events();
    let closed = Event::Closed(CloseReason::InitialConnect(gone()));
    assert_eq!(bench.lose(), [Event::HangUp, Event::ConnectFailed(gone()), closed]);

    let mut bench = Bench::new(Config { retry_on_initial_connect: true, ..Config::default() });
    bench.events();
    let next = Event::Reconnecting { attempt: 1, delay: SECOND };
    assert_eq!(bench.lose(), [Event::HangUp, Event::ConnectFailed(gone()), next]);
}

#[test]
fn a_slow_link_or_credentials_asked_for_anew_are_tried_again() {
    for (asks_credentials, words) in [(false, "Authentication Timeout"), (true, "Authorization Violation")] {
        let config = Config { asks_credentials, retry_on_initial_connect: true, ..Config::default() };
        let mut bench = Bench::new(config);
        for attempt in 1..4 {
            assert_eq!(bench.events(), [Event::Dial]);
            bench.hear(INFO);
            bench.connection.authenticate(bench.now, Ok(Auth::new()));
            bench.hear(&format!("-ERR '{words}'\r\n"));
            let next = Event::Reconnecting { attempt, delay: SECOND * attempt };
            assert_eq!(bench.lose().last(), Some(&next), "{words}");
            bench.now = bench.connection.poll_timeout().expect("it waits");
            bench.connection.handle_timeout(bench.now);
        }
    }
}

#[test]
fn a_complaint_is_blamed_for_what_follows_at_once_only() {
    let mut bench = Bench::connected(Config::default());
    bench.hear("-ERR 'Maximum Payload Violation'\r\n");
    let blamed = DisconnectReason::Server("Maximum Payload Violation".into());
    assert_eq!(bench.lose()[1], Event::Disconnected(blamed));

    let mut bench = Bench::connected(Config::default());
    bench.hear("-ERR 'Something Small'\r\n");
    bench.now = 10 * SECOND;
    assert_eq!(bench.lose()[1], Event::Disconnected(gone()));
}

#[test]
fn a_server_that_says_nothing_is_given_up_in_time() {
    let mut bench = Bench::new(Config { retry_on_initial_connect: true, ..Config::default() });
    bench.events();
    bench.connection.handle_open(SECOND);
    let events = bench.wait();
    assert_eq!(bench.now, 5 * SECOND);
    assert_eq!(events[..2], [Event::HangUp, Event::ConnectFailed(DisconnectReason::TimedOut)]);
}

#[test]
fn a_silent_link_is_pinged_and_then_given_up() {
    let mut bench = Bench::connected(Config { ping_interval: 10 * SECOND, ..Config::default() });
    bench.now = 4 * SECOND;
    bench.hear("PING\r\n");
    assert_eq!(bench.sent(), "PONG\r\n");
    assert_eq!(bench.wait(), []);
    assert_eq!(bench.sent(), "", "it was heard of 6 s ago");
    for _ in 0..2 {
        assert_eq!(bench.wait(), []);
        assert_eq!(bench.sent(), "PING\r\n");
    }
    assert_eq!(bench.now, 24 * SECOND);
    assert_eq!(bench.wait()[..2], [Event::HangUp, Event::Disconnected(DisconnectReason::Stale)]);
    assert_eq!(bench.now, 34 * SECOND);
}

#[test]
fn what_is_not_nats_ends_the_link() {
    let mut bench = Bench::new(Config::default());
    bench.events();
    let events = bench.hear("HTTP/1.1 200 OK\r\n");
    assert!(matches!(events[1], Event::ConnectFailed(DisconnectReason::Protocol(_))), "{events:?}");
    assert_eq!(bench.hear(INFO), [], "what comes over a link that was given up is not heard");
}

#[test]
fn a_new_link_can_be_asked_for_at_any_time() {
    let mut bench = Bench::connected(Config::default());
    bench.connection.force_reconnect(bench.now).expect("it is open");
    let events = bench.events();
    assert_eq!(events[1], Event::Disconnected(DisconnectReason::Requested));
    assert_eq!(events[2], Event::Reconnecting { attempt: 1, delay: Duration::ZERO });
    bench.connection.force_reconnect(bench.now).expect("it is open");
    assert_eq!(bench.events(), [Event::Dial], "the wait is over");
    bench.connection.force_reconnect(bench.now).expect("it is open");
    assert_eq!(bench.events(), [], "it is on its way already");
    bench.connection.close();
    bench.connection.force_reconnect(bench.now).expect_err("it is over");
}

#[test]
fn a_key_signs_what_the_server_asks_for_on_every_link() {
    let theirs = nkeys::KeyPair::new_user();
    let key = nats_proto::UserKey::from_seed(&theirs.seed().expect("a new key has one")).expect("a seed");
    let connect = ConnectInfo { nkey: Some(key.public_key()), ..ConnectInfo::default() };
    let mut bench = Bench::new(Config { connect, key: Some(Box::new(key)), ..Config::default() });
    bench.events();
    for nonce in ["first", "second"] {
        bench.connection.handle_open(bench.now);
        bench.hear(&format!("INFO {{\"nonce\":\"{nonce}\",\"headers\":true,\"max_payload\":100}}\r\n"));
        let sent = bench.sent();
        assert!(sent.contains(&format!("\"nkey\":\"{}\"", theirs.public_key())), "{sent}");
        let (_, signature) = sent.split_once("\"sig\":\"").expect("it is signed");
        let (signature, _) = signature.split_once('"').expect("a text");
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base 64");
        theirs.verify(nonce.as_bytes(), &signature).expect("the key's own signature of this nonce");
        bench.connection.handle_bytes(bench.now, "PONG\r\n".into());
        assert_eq!(bench.events(), [Event::Connected]);
        bench.lose();
        bench.wait();
    }
}

#[test]
fn a_doubted_link_must_answer_in_time() {
    let mut bench = Bench::connected(Config { ping_interval: 60 * SECOND, ..Config::default() });
    bench.connection.check(bench.now, 2 * SECOND, Duration::ZERO);
    bench.connection.check(bench.now, SECOND, Duration::ZERO);
    assert_eq!(bench.sent(), "PING\r\n", "one is enough");
    bench.now += SECOND;
    assert_eq!(bench.hear("PONG\r\n"), []);
    assert_eq!(bench.connection.round_trip(), Some(SECOND));
    assert_eq!(bench.connection.poll_timeout(), Some(60 * SECOND), "it goes on as before");

    bench.connection.check(bench.now, 2 * SECOND, Duration::ZERO);
    assert_eq!(bench.connection.poll_timeout(), Some(3 * SECOND));
    let events = bench.wait();
    assert_eq!(events[..2], [Event::HangUp, Event::Disconnected(DisconnectReason::Stale)]);
    // A wait for the next attempt ends at once, and an attempt under way is let be.
    bench.connection.check(bench.now, SECOND, Duration::ZERO);
    assert_eq!(bench.events(), [Event::Dial]);
    bench.connection.check(bench.now, SECOND, Duration::ZERO);
    assert_eq!(bench.events(), []);
    bench.greet();
    assert_eq!(bench.events(), [Event::Connected]);
    assert_eq!(bench.connection.round_trip(), None, "another link, another way");
}

#[test]
fn a_request_that_ends_before_it_was_sent_is_not_sent_later() {
    let mut bench = Bench::connected(Config::default());
    bench.request("first", Answers::One);
    bench.sent();
    bench.lose();
    bench.publish("a", "1").expect("it is kept");
    let early = bench.request("early", Answers::One);
    let left = bench.request("left", Answers::One);
    bench.publish("a", "2").expect("it is kept");
    let pending = bench.connection.pending_bytes();
    let late = bench.request("late", Answers::Many);
    let own = bench
        .connection
        .request_by_inbox(bench.now, &"own".into(), &"inbox".into(), None, &Bytes::new(), Some(5 * SECOND))
        .expect("it can be sent");
    bench.connection.leave_request(left);
    // Attempts fail until the time of the others is over.
    let mut events = Vec::new();
    while !events.iter().any(|event| matches!(event, Event::Response { .. })) {
        events = bench.wait();
        if events == [Event::Dial] {
            bench.lose();
        }
    }
    let failed = |request| Event::Response { request, result: Err(RequestFailure::TimedOut) };
    assert_eq!(events, [early, late, own].map(failed));
    assert!(bench.connection.pending_bytes() < pending);
    let present = bench.request("present", Answers::One);
    let gone = bench.request("cancelled", Answers::One);
    bench.connection.cancel_request(gone);
    while bench.events() != [Event::Dial] {
        bench.now = bench.connection.poll_timeout().expect("it waits");
        bench.connection.handle_timeout(bench.now);
    }
    bench.greet();
    assert_eq!(bench.events(), [Event::Connected]);
    assert_eq!(
        bench.sent(),
        "SUB _INBOX.me.* 1\r\nPUB a 1\r\n1\r\nPUB left _INBOX.me.3 0\r\n\r\nPUB a 1\r\n2\r\n\
         PUB present _INBOX.me.6 0\r\n\r\n"
    );
    // What has been sent cannot be taken back.
    bench.connection.cancel_request(present);
    assert_eq!(bench.sent(), "");
}

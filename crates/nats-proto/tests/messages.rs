//! Messages handed over many at once: the same comes of it as of one event after the other.

mod script;

use bytes::Bytes;
use nats_proto::connection::{Answers, Config, Event};
use script::{Bench, bodies};

/// What comes of some text, its messages taken by `poll_messages` or by `poll_event`.
fn hear(bench: &mut Bench, text: &str, at_once: bool) -> Vec<Event> {
    bench.connection.handle_bytes(bench.now, Bytes::copy_from_slice(text.as_bytes()));
    let mut heard = Vec::new();
    loop {
        if at_once {
            bench.connection.poll_messages(|sid, message| heard.push(Event::Message { sid, message }));
        }
        let Some(event) = bench.connection.poll_event() else { return heard };
        heard.push(event);
    }
}

#[test]
fn a_subscription_ends_with_its_last_message() {
    for at_once in [false, true] {
        let mut bench = Bench::connected(Config::default());
        let sid = bench.connection.subscribe(&"a".into(), None).expect("a subject");
        bench.connection.unsubscribe(sid, Some(2));
        let text = ["1", "2", "3"].map(|body| format!("MSG a {sid} 1\r\n{body}\r\n")).concat();
        let mut heard = hear(&mut bench, &text, at_once);
        assert_eq!(heard.pop(), Some(Event::SubscriptionEnded { sid }), "at once: {at_once}");
        assert_eq!(bodies(heard), ["1", "2"]);
        bench.lose();
        bench.wait();
        bench.greet();
        bench.events();
        assert_eq!(bench.sent(), "", "it is not subscribed anew");
    }
}

/// Numbers that look random, and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// What a server may send to whoever has three subscriptions and then three requests.
    fn operation(&mut self) -> String {
        match self.below(8) {
            0 => "PING\r\n".to_owned(),
            1 => "-ERR 'x'\r\n".to_owned(),
            2 => "HMSG _INBOX.me.2 4 16 16\r\nNATS/1.0 503\r\n\r\n\r\n".to_owned(),
            3 => format!("MSG _INBOX.me.{} 4 1\r\nr\r\n", 1 + self.below(4)),
            4 => "-ERR 'Permissions Violation for Subscription to \"s1\"'\r\n".to_owned(),
            _ => format!("MSG s {} 1\r\n{}\r\n", 1 + self.below(3), self.below(10)),
        }
    }
}

#[test]
fn nothing_depends_on_how_messages_are_taken() {
    for seed in 1..1_000_u64 {
        let [one_by_one, at_once] = [false, true].map(|at_once| {
            let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut bench = Bench::connected(Config::default());
            for subject in ["s0", "s1", "s2"] {
                let sid = bench.connection.subscribe(&subject.into(), None).expect("a subject");
                if numbers.below(2) == 0 {
                    bench.connection.unsubscribe(sid, Some(1 + numbers.below(3)));
                }
            }
            for answers in [Answers::Many, Answers::One, Answers::One] {
                bench.request("q", answers);
            }
            let mut heard = vec![(bench.events(), bench.sent())];
            for _ in 0..3 {
                let text: String = (0..numbers.below(8)).map(|_| numbers.operation()).collect();
                let cut = usize::try_from(numbers.below(text.len() as u64 + 1)).expect("a length");
                for part in [&text[..cut], &text[cut..]] {
                    heard.push((hear(&mut bench, part, at_once), bench.sent()));
                }
            }
            heard
        });
        assert_eq!(one_by_one, at_once, "seed {seed}");
    }
}

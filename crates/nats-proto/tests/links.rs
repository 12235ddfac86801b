//! A link to a server: what may come over it, when it counts as dead, and how soon the next one is tried.

mod script;

use nats_proto::Config;
use script::{Bench, bodies};

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

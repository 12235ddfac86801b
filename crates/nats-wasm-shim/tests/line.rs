//! How long a doubted link is waited for, of which a browser and the system below it hold what is still to leave.
#![cfg(target_arch = "wasm32")]

#[path = "../src/driver/line.rs"]
mod line;

use std::time::Duration;

use line::Line;
use nats_proto::{Config, Connection, Event};
use nats_wasm_shim::DisconnectReason;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const MS: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(2);

fn ms(count: u32) -> Duration {
    MS * count
}

/// A browser and the system below it, and what they are waited for.
struct Path {
    line: Line,
    connection: Connection,
    now: Duration,
    browser: u32,
    below: u32,
    /// How many bytes the system holds at most.
    room: u32,
    /// How many of them leave in a millisecond.
    speed: u32,
}

impl Path {
    fn connected(room: u32, speed: u32) -> Self {
        let config = Config { ping_interval: Duration::from_secs(3_600), ..Config::default() };
        let mut connection = Connection::new(config, 1, Duration::ZERO);
        while connection.poll_event().is_some() {}
        connection.handle_open(Duration::ZERO);
        connection.handle_bytes(Duration::ZERO, "INFO {}\r\nPONG\r\n".into());
        while connection.poll_event().is_some() {}
        Self { line: Line::default(), connection, now: Duration::ZERO, browser: 0, below: 0, room, speed }
    }

    fn send(&mut self, bytes: u32) {
        self.line.takes(self.now, self.browser, bytes as usize);
        self.browser += bytes;
    }

    fn pass(&mut self, millis: u32) {
        for _ in 0..millis {
            self.below -= self.below.min(self.speed);
            let moved = self.browser.min(self.room - self.below);
            self.browser -= moved;
            self.below += moved;
            self.now += MS;
        }
    }

    fn look(&mut self) -> Duration {
        let (moves, behind) = self.line.look(self.now, self.browser);
        if moves {
            self.connection.handle_progress(self.now, behind);
        }
        behind
    }

    fn check(&mut self) {
        let behind = self.look();
        self.connection.check(self.now, PATIENCE, behind);
    }

    /// Lets the time pass until all has left, or the link is given up: whether it is.
    fn is_given_up(&mut self) -> bool {
        while self.browser + self.below > 0 {
            self.pass(1);
            if self.connection.poll_timeout().is_some_and(|next| next <= self.now) {
                self.look();
                self.connection.handle_timeout(self.now);
                let lost = |event| event == Event::Disconnected(DisconnectReason::Stale);
                if std::iter::from_fn(|| self.connection.poll_event()).any(lost) {
                    return true;
                }
            }
        }
        false
    }
}

#[wasm_bindgen_test]
fn a_link_that_is_slow_and_well_is_not_given_up() {
    for (room, speed) in [(1_000_000, 100), (2_500_000, 200), (100_000, 65), (1_000_000, 65), (0, 65)] {
        for looked_before in [None, Some(10), Some(400)] {
            let mut path = Path::connected(room.max(speed), speed);
            path.send(3_000_000);
            path.pass(500 - looked_before.unwrap_or(0));
            if let Some(before) = looked_before {
                path.look();
                path.pass(before);
            }
            path.check();
            assert!(!path.is_given_up(), "{room} B, {speed} B/ms, {looked_before:?}: {:?}", path.now);
        }
    }
}

#[wasm_bindgen_test]
fn a_link_that_is_quick_and_dies_is_given_up_in_time() {
    // What left long ago, in one piece or in many, is no reason to wait.
    let mut path = Path::connected(1_000_000, 10_000);
    path.send(1_100_000);
    path.pass(55_000);
    assert_eq!(path.look(), Duration::ZERO);
    for _ in 0..1_000 {
        path.send(60);
        path.pass(1);
    }
    assert_eq!(path.look(), Duration::ZERO);
    // A system holds no more, however much it has sent.
    for _ in 0..100 {
        path.send(1_000_000);
        path.pass(100);
    }
    let behind = path.look();
    assert!(behind <= ms(16_000), "{behind:?}");
    path.pass(16_000);
    assert_eq!(path.look(), Duration::ZERO);

    path.speed = 0;
    path.send(64_000);
    path.pass(1);
    path.check();
    assert_eq!(path.connection.poll_timeout(), Some(path.now + PATIENCE + ms(999)));
    assert!(path.is_given_up());
}

#[wasm_bindgen_test]
fn what_the_browser_holds_is_no_part_of_what_has_left() {
    let mut path = Path::connected(64_000, 0);
    path.send(640_000);
    path.pass(1);
    assert_eq!(path.line.look(path.now, path.browser), (false, ms(999)));
    path.speed = 64;
    path.pass(100);
    assert_eq!(path.line.look(path.now, path.browser), (true, ms(999)));
    assert_eq!(path.line.look(path.now, path.browser), (false, ms(999)), "nothing since");
}

//! A connection against a scripted server, for every test program that needs one.
#![allow(dead_code, clippy::missing_panics_doc, reason = "each test program uses a part of it")]

use std::time::Duration;

use bytes::Bytes;
use nats_proto::connection::{
    Answers, Backoff, Config, Connection, DisconnectReason, Event, RequestId, SendError,
};

pub const SECOND: Duration = Duration::from_secs(1);
pub const INFO: &str =
    "INFO {\"server_id\":\"S\",\"version\":\"2.15.1\",\"headers\":true,\"max_payload\":100}\r\n";

/// A connection with its driver and its server in one hand.
pub struct Bench {
    pub connection: Connection,
    pub now: Duration,
}

impl Bench {
    pub fn new(config: Config) -> Self {
        let backoff =
            Backoff::Custom(Box::new(|attempt| SECOND * u32::try_from(attempt).unwrap_or(u32::MAX)));
        let config = Config { inbox: "_INBOX.me".into(), backoff, ..config };
        Self { connection: Connection::new(config, 1, Duration::ZERO), now: Duration::ZERO }
    }

    /// One that is connected.
    pub fn connected(config: Config) -> Self {
        let mut bench = Self::new(config);
        assert_eq!(bench.events(), [Event::Dial]);
        bench.greet();
        assert_eq!(bench.events(), [Event::Connected]);
        bench
    }

    /// The server accepts the client.
    pub fn greet(&mut self) {
        self.connection.handle_open(self.now);
        assert_eq!(self.hear(INFO), []);
        let sent = self.sent();
        assert!(sent.starts_with("CONNECT {") && sent.ends_with("}\r\nPING\r\n"), "{sent}");
        self.connection.handle_bytes(self.now, "PONG\r\n".into());
    }

    pub fn hear(&mut self, text: &str) -> Vec<Event> {
        self.connection.handle_bytes(self.now, Bytes::copy_from_slice(text.as_bytes()));
        self.events()
    }

    pub fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.connection.poll_event()).collect()
    }

    pub fn sent(&mut self) -> String {
        let parts = std::iter::from_fn(|| self.connection.poll_transmit());
        parts.map(|part| String::from_utf8_lossy(&part).into_owned()).collect()
    }

    pub fn lose(&mut self) -> Vec<Event> {
        self.connection.handle_close(self.now, "gone");
        self.events()
    }

    /// Lets the time pass up to the next deadline.
    pub fn wait(&mut self) -> Vec<Event> {
        self.now = self.connection.poll_timeout().expect("it waits for something");
        self.connection.handle_timeout(self.now);
        self.events()
    }

    pub fn publish(&mut self, subject: &str, payload: &'static str) -> Result<(), SendError> {
        self.connection.publish(&subject.into(), None, None, &payload.into())
    }

    pub fn request(&mut self, subject: &str, answers: Answers) -> RequestId {
        let timeout = Some(5 * SECOND);
        let request =
            self.connection.request(self.now, &subject.into(), None, &Bytes::new(), answers, timeout);
        request.expect("it can be sent")
    }
}

pub fn gone() -> DisconnectReason {
    DisconnectReason::Closed("gone".into())
}

pub fn bodies(events: Vec<Event>) -> Vec<Bytes> {
    let body = |event| match event {
        Event::Message { message, .. } => message.payload,
        Event::Response { result: Ok(message), .. } => message.payload,
        other => panic!("{other:?}"),
    };
    events.into_iter().map(body).collect()
}

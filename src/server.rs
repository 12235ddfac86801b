//! What is known of the server, of the way to it and of the stream, and what of that wants attention.

use crate::advice::{Notice, Place};
use mjwork::reader::StreamConfig;
use nats_proto::ServerInfo;
use std::time::Duration;

/// The version from which on known faults of security are mended (PROTOCOL.md, "Stream").
const ADVISED: (u64, u64, u64) = (2, 14, 3);
/// A way that takes longer than this is felt.
const SLOW: Duration = Duration::from_millis(300);

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// What the server says of itself; nothing before it is connected.
    pub info: Option<ServerInfo>,
    /// How long the last ping took to be answered.
    pub round_trip: Option<Duration>,
    /// How the stream is set up; nothing before it was read.
    pub stream: Option<StreamConfig>,
}

impl Server {
    /// Name and version.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.info {
            None => "unknown".to_owned(),
            Some(info) if info.server_name == info.server_id => format!("nats-server {}", info.version),
            Some(info) => format!("{}, nats-server {}", info.server_name, info.version),
        }
    }

    /// The way there and back: `0.4 ms`, `12 ms`.
    #[must_use]
    pub fn way(&self) -> String {
        match self.round_trip.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX)) {
            None => "not measured yet".to_owned(),
            Some(micros @ 0..10_000) => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
            Some(micros) => format!("{} ms", micros / 1_000),
        }
    }

    /// What wants attention.
    ///
    /// | what | when |
    /// | --- | --- |
    /// | the server's version | below 2.14.3 |
    /// | the way | a ping took more than 300 ms |
    /// | the stream's direct get | off: history cannot be read |
    /// | the stream's republish | absent, elsewhere, or without bodies: live events are only a bell |
    /// | the stream's message TTL | off: heartbeats fill it |
    #[must_use]
    pub fn warnings(&self, place: Place<'_>) -> Vec<Notice> {
        let mut warnings = Vec::new();
        if let Some(info) = &self.info {
            let (major, minor, patch) = ADVISED;
            if !info.is_at_least(major, minor, patch) {
                warnings.push(Notice::say(format!(
                    "nats-server {} lacks security fixes: {major}.{minor}.{patch} or later is advised.",
                    info.version
                )));
            }
        }
        if self.round_trip.is_some_and(|time| time > SLOW) {
            warnings.push(Notice::say("The way to the server is slow, so what one does shows late."));
        }
        let lacks = self.stream.as_ref().map(|stream| lacks(stream, place)).unwrap_or_default();
        if !lacks.is_empty() {
            let text = format!(
                "The stream {} lacks {}. Mend it in place, without losing a message, where the server runs:",
                place.settings.stream,
                lacks.join(", ")
            );
            warnings.push(Notice::say(text).with(place.setup()));
        }
        warnings
    }
}

fn lacks(stream: &StreamConfig, place: Place<'_>) -> Vec<&'static str> {
    let dest = format!("{}.>", place.settings.live_prefix);
    let is_sent_on = stream.republish.as_ref().is_some_and(|r| !r.headers_only && r.dest == dest);
    [
        (stream.allow_direct, "allow_direct (history is read by it)"),
        (is_sent_on, "republish (live events arrive by it)"),
        (stream.allow_msg_ttl, "allow_msg_ttl (heartbeats expire by it)"),
    ]
    .into_iter()
    .filter_map(|(is_there, what)| (!is_there).then_some(what))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use mjwork::reader::Republish;

    fn info(version: &str) -> ServerInfo {
        ServerInfo {
            version: version.into(),
            server_name: "box".into(),
            server_id: "ID".into(),
            ..ServerInfo::default()
        }
    }

    fn whole() -> StreamConfig {
        StreamConfig {
            allow_direct: true,
            allow_msg_ttl: true,
            republish: Some(Republish {
                src: "mjwork.>".into(),
                dest: "mjboard.>".into(),
                headers_only: false,
            }),
            ..StreamConfig::default()
        }
    }

    #[test]
    fn what_is_as_it_should_be_needs_no_word() {
        let settings = Settings::default();
        let place = Place { server: "ws://box", settings: &settings };
        assert_eq!(Server::default().warnings(place), []);
        let round_trip = Some(Duration::from_millis(12));
        let good = Server { info: Some(info("2.14.3")), round_trip, stream: Some(whole()) };
        assert_eq!(good.warnings(place), []);
        assert_eq!((good.title().as_str(), good.way().as_str()), ("box, nats-server 2.14.3", "12 ms"));
    }

    #[test]
    fn what_wants_attention_is_said_with_what_mends_it() {
        let settings = Settings::default();
        let place = Place { server: "ws://box", settings: &settings };
        let old =
            Server { info: Some(info("2.11.0")), round_trip: Some(Duration::from_millis(301)), stream: None };
        let said: Vec<_> = old.warnings(place).into_iter().map(|notice| notice.text).collect();
        assert!(said.len() == 2 && said[0].contains("2.14.3") && said[1].contains("slow"), "{said:?}");

        for (stream, lacks) in [
            (StreamConfig { allow_direct: false, ..whole() }, "lacks allow_direct"),
            (StreamConfig { allow_msg_ttl: false, ..whole() }, "lacks allow_msg_ttl"),
            (StreamConfig { republish: None, ..whole() }, "lacks republish"),
            (
                StreamConfig {
                    republish: Some(Republish { dest: "other.>".into(), ..Republish::default() }),
                    ..whole()
                },
                "lacks republish",
            ),
        ] {
            let server = Server { stream: Some(stream), ..Server::default() };
            let [warning] = &server.warnings(place)[..] else { panic!("{lacks}") };
            assert!(warning.text.contains(lacks), "{}", warning.text);
            let command = warning.command.as_deref().unwrap_or_default();
            assert_eq!(command, "mjwork setup --server nats://box:4222 --stream MJ_ONLINE_WORK");
        }
    }

    #[test]
    fn a_short_way_is_told_in_parts_of_a_millisecond() {
        let way =
            |micros| Server { round_trip: Some(Duration::from_micros(micros)), ..Server::default() }.way();
        assert_eq!((way(420), way(9_999), way(10_500)), ("0.4 ms".into(), "9.9 ms".into(), "10 ms".into()));
        assert_eq!(Server::default().way(), "not measured yet");
    }
}

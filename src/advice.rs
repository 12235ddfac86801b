//! What stands in the way, in a sentence, and what to do about it. The one place that speaks of failed connections.

use crate::format::date_time;
use crate::settings::{Credentials, Settings};
use mjwork::reader::Fault;
use std::fmt::Write as _;

/// What stands in the way, with what to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// What is wrong, and what to do.
    pub text: String,
    /// A command or a line of configuration that helps, to be copied as it stands.
    pub command: Option<String>,
    /// What the page itself can do.
    pub offer: Option<Offer>,
}

/// What the page can do about a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Make the stream that is missing.
    CreateStream,
}

impl Notice {
    /// Words alone.
    #[must_use]
    pub fn say(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// With something to be copied.
    #[must_use]
    pub fn with(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The address is none.
    Address,
    /// The credentials cannot be used.
    Unusable(String),
    /// The server refused them, in these words.
    Refused(String),
    /// It did not answer in time.
    TimedOut,
    /// Nothing came about, and a browser does not say why.
    Unreachable,
    /// Anything else, in words.
    Other(String),
}

/// An attempt to connect.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Where to.
    pub server: &'a str,
    /// As whom.
    pub credentials: &'a Credentials,
    /// The origin of the page: `http://localhost:8001`.
    pub origin: &'a str,
    /// When, in seconds since 1970 by the browser's clock.
    pub now: u64,
}

impl Attempt<'_> {
    /// Why it failed, and what to do.
    ///
    /// | it failed by | and | it says |
    /// | --- | --- | --- |
    /// | no address | | its form |
    /// | unusable credentials | | why |
    /// | a refusal | nobody signed in | that one has to |
    /// | a refusal | the token's time is over | since when |
    /// | a refusal | otherwise | what was refused, never the secret |
    /// | silence | | that the address may be another service's |
    /// | nothing that a browser tells | an https page and a ws:// address | that TLS is needed |
    /// | nothing that a browser tells | a wss:// address | the three things that it may be |
    /// | nothing that a browser tells | otherwise | the two things that it may be |
    #[must_use]
    pub fn why_not(&self, failure: &Failure) -> Notice {
        let Self { server, origin, .. } = self;
        match failure {
            Failure::Address => Notice::say(format!(
                "“{server}” is no address of a server. It has the form ws://host:port, or wss://host:port with TLS."
            )),
            Failure::Unusable(why) => Notice::say(sentence(why)),
            Failure::Refused(words) => self.refused(words),
            Failure::TimedOut => Notice::say(format!(
                "{server} did not answer in time. It may be busy, or what listens there is no NATS server."
            )),
            Failure::Unreachable if origin.starts_with("https:") && server.starts_with("ws:") => {
                Notice::say(format!(
                    "This page came by https, so a browser lets it connect by wss:// only, and {server} is not. Give \
                     the server's websocket listener a certificate, or open the board by http."
                ))
            }
            Failure::Unreachable => {
                let third = if server.starts_with("wss:") {
                    ", or its certificate is not trusted by this browser"
                } else {
                    ""
                };
                Notice::say(format!(
                    "No connection to {server}. Either nothing listens there{third}, or the server does not let in \
                     pages from {origin}: a browser does not tell which. See that nats-server runs with a websocket \
                     listener on this address, and that the listener has this line:"
                ))
                .with(format!("allowed_origins: [\"{origin}\"]"))
            }
            Failure::Other(words) => Notice::say(sentence(words)),
        }
    }

    fn refused(&self, words: &str) -> Notice {
        let expired = match self.credentials {
            Credentials::File { claims, .. } => claims.expires.filter(|_| claims.is_expired(self.now)),
            _ => None,
        };
        if let Some(expires) = expired {
            let at =
                mjwork::Timestamp::from_millis(i64::try_from(expires).unwrap_or(0).saturating_mul(1_000));
            let at = date_time(at, 0);
            return Notice::say(format!(
                "These credentials expired at {} UTC. Ask whoever made them for new ones.",
                at.get(..19).unwrap_or(&at)
            ));
        }
        if words.to_ascii_lowercase().contains("expired") {
            return Notice::say("These credentials have expired. Ask whoever made them for new ones.");
        }
        Notice::say(match self.credentials {
            Credentials::Anonymous => {
                "The server lets nobody in without signing in. Sign in below as somebody it knows.".to_owned()
            }
            Credentials::Password { user, .. } => format!(
                "The server refused this user and password. Mind upper and lower case; the server may also not let \
                 “{user}” in by WebSocket."
            ),
            Credentials::Token(_) => "The server refused this token.".to_owned(),
            Credentials::File { claims, .. } => format!(
                "The server refused the credentials of “{}”: it does not know their account, or they were revoked.",
                claims.name
            ),
            Credentials::Key { public, .. } => format!(
                "The server does not know the key {public}. It must stand among the users of its configuration."
            ),
        })
    }
}

/// Where a board reads.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The server's address, as the page knows it.
    pub server: &'a str,
    /// The stream and the prefixes.
    pub settings: &'a Settings,
}

impl Place<'_> {
    /// The command that makes the stream, or mends its settings.
    #[must_use]
    pub fn setup(&self) -> String {
        let Settings { stream, subject_prefix, live_prefix, .. } = self.settings;
        let usual = Settings::default();
        let mut command = format!("mjwork setup --server nats://{}:4222", host(self.server));
        for (flag, is, usual) in [
            ("stream", stream, &usual.stream),
            ("prefix", subject_prefix, &usual.subject_prefix),
            ("live-prefix", live_prefix, &usual.live_prefix),
        ] {
            if flag == "stream" || is != usual {
                let _ = write!(command, " --{flag} {is}");
            }
        }
        command
    }

    /// Why the stream cannot be read, and what to do.
    #[must_use]
    pub fn fault(&self, fault: &Fault) -> Notice {
        match fault {
            Fault::NoSuchStream { stream } => Notice {
                text: format!(
                    "There is no stream {stream} on this server. Make it, where the server runs:"
                ),
                command: Some(self.setup()),
                offer: Some(Offer::CreateStream),
            },
            Fault::NoDirectGet { stream } => Notice::say(format!(
                "The stream {stream} does not allow direct get, by which its history is read. Mend it in place, where \
                 the server runs:"
            ))
            .with(self.setup()),
            Fault::NoJetStream => Notice::say(format!(
                "Nobody answers for JetStream under {}. It is off on this server (its configuration needs a jetstream \
                 block), or this account reaches it by another prefix: that can be said under Advanced.",
                self.settings.api_prefix
            )),
            Fault::NotAllowed { subject } => Notice::say(
                "This user may not read the board. Sign in as somebody who may, or have the server allow this user:",
            )
            .with(format!("publish: {{allow: [\"{subject}\"]}}")),
            other => Notice::say(sentence(&other.to_string())),
        }
    }

    /// What one needs in order to read the board, and may not do.
    #[must_use]
    pub fn missing(
        &self,
        may_publish: &dyn Fn(&str) -> bool,
        may_subscribe: &dyn Fn(&str) -> bool,
        inbox: &str,
    ) -> Vec<String> {
        let Settings { stream, api_prefix, live_prefix, .. } = self.settings;
        let ask = |verb: &str| format!("{api_prefix}.{verb}.{stream}");
        let asked = [ask("STREAM.INFO"), ask("DIRECT.GET")];
        let heard = [format!("{live_prefix}.>"), format!("{inbox}.>")];
        let publish = asked.iter().filter(|subject| !may_publish(subject));
        let subscribe = heard.iter().filter(|subject| !may_subscribe(subject));
        publish
            .map(|subject| format!("publish to {subject}"))
            .chain(subscribe.map(|subject| format!("subscribe to {subject}")))
            .collect()
    }
}

/// The host of an address.
fn host(server: &str) -> &str {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let rest = rest.split(['/', '?']).next().unwrap_or_default();
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    match host.rsplit_once(':') {
        // An address of IPv6 has colons of its own, and stands in brackets.
        Some((host, port)) if !port.contains(']') => host,
        _ => host,
    }
}

/// The words of an error as a sentence. They are ours or a server's, and so begin in ASCII.
#[must_use]
pub fn sentence(words: &str) -> String {
    let mut sentence = words.to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !sentence.ends_with(['.', '!', '?', ':']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use nats_proto::credentials::Claims;

    fn why(server: &str, credentials: &Credentials, origin: &str, failure: &Failure) -> Notice {
        Attempt { server, credentials, origin, now: 1_700_000_000 }.why_not(failure)
    }

    #[test]
    fn the_table_of_failures() {
        let refused = Failure::Refused("Authorization Violation".into());
        let file = |expires| Credentials::File {
            text: "secret".into(),
            claims: Claims { name: "ann".into(), expires },
            public: "UABC".into(),
        };
        let key = Credentials::Key { seed: "secret".into(), public: "UABC".into() };
        let (nobody, http) = (Credentials::Anonymous, "http://board");
        for (server, credentials, origin, failure, says) in [
            ("x", &nobody, http, &Failure::Address, "form ws://host:port"),
            ("ws://s", &key, http, &Failure::Unusable("no seed".into()), "No seed."),
            ("ws://s", &nobody, http, &refused, "without signing in"),
            ("ws://s", &Credentials::password("ann", "secret"), http, &refused, "let “ann” in"),
            ("ws://s", &Credentials::token("secret"), http, &refused, "this token"),
            ("ws://s", &file(None), http, &refused, "credentials of “ann”"),
            ("ws://s", &file(Some(1_700_000_001)), http, &refused, "credentials of “ann”"),
            ("ws://s", &file(Some(1_699_999_999)), http, &refused, "expired at 2023-11-14 22:13:19"),
            ("ws://s", &key, http, &refused, "key UABC"),
            ("ws://s", &nobody, http, &Failure::Refused("User Authentication Expired".into()), "expired"),
            ("ws://s", &nobody, http, &Failure::TimedOut, "did not answer in time"),
            ("ws://s", &nobody, "https://board", &Failure::Unreachable, "wss:// only"),
            ("wss://s", &nobody, "https://board", &Failure::Unreachable, "certificate"),
            ("ws://s", &nobody, http, &Failure::Unreachable, "pages from http://board"),
            ("ws://s", &nobody, http, &Failure::Other("what".into()), "What."),
        ] {
            let notice = why(server, credentials, origin, failure);
            assert!(notice.text.contains(says), "{failure:?}: {}", notice.text);
            assert!(!notice.text.contains("secret"), "{}", notice.text);
        }
        let line = why("ws://s", &nobody, http, &Failure::Unreachable).command;
        assert_eq!(line.as_deref(), Some("allowed_origins: [\"http://board\"]"));
    }

    #[test]
    fn the_command_names_this_server_and_what_is_not_usual() {
        let place = |server| Place { server, settings: &Settings::default() }.setup();
        assert_eq!(place("ws://box:8080"), "mjwork setup --server nats://box:4222 --stream MJ_ONLINE_WORK");
        for (server, is) in [("wss://u:p@a.b/x", "a.b"), ("ws://[::1]:80", "[::1]"), ("ws://[::1]", "[::1]")]
        {
            assert_eq!(host(server), is);
        }
        let settings = Settings {
            stream: "OWN".into(),
            subject_prefix: "team".into(),
            live_prefix: "board".into(),
            ..Settings::default()
        };
        assert_eq!(
            Place { server: "ws://box", settings: &settings }.setup(),
            "mjwork setup --server nats://box:4222 --stream OWN --prefix team --live-prefix board"
        );
    }

    #[test]
    fn what_keeps_one_from_reading_is_named() {
        let settings = Settings::default();
        let place = Place { server: "ws://box", settings: &settings };
        let no_stream = place.fault(&Fault::NoSuchStream { stream: "MJ_ONLINE_WORK".into() });
        assert_eq!(no_stream.offer, Some(Offer::CreateStream));
        let denied = place.fault(&Fault::NotAllowed { subject: "mjapi.X".into() });
        assert_eq!(denied.command.as_deref(), Some("publish: {allow: [\"mjapi.X\"]}"));
        assert!(place.fault(&Fault::NoJetStream).text.contains("under $JS.API"));
        assert_eq!(place.fault(&Fault::TimedOut).text, "The server did not answer in time.");

        assert_eq!(place.missing(&|_| true, &|_| true, "_INBOX"), Vec::<String>::new());
        let missing = place.missing(&|s| s.contains("INFO"), &|s| s.starts_with("_INBOX"), "_INBOX_ann");
        assert_eq!(missing, ["publish to $JS.API.DIRECT.GET.MJ_ONLINE_WORK", "subscribe to mjboard.>"]);
    }
}

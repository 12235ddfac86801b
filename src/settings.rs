//! Where the board finds its server and its stream: `config.json` beside the page, each key optional.
//! Without any it fits a plain shared server; the bundled file names what `nats-server.conf` isolates.

use crate::advice::sentence;
use mjwork::event::Subjects;
use mjwork::reader::Source;
use nats_proto::credentials::Claims;
use nats_proto::{Secret, UserKey};
use serde::Deserialize;

/// What `config.json` says. The names are the file's keys.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The server's WebSocket address; without one, port 8080 of the host that serves the page.
    pub server: Option<String>,
    /// The stream.
    pub stream: String,
    /// What the stream's subjects begin with.
    pub subject_prefix: String,
    /// What the stream republishes them under.
    pub live_prefix: String,
    /// Where the JetStream API answers: an import may have mapped it elsewhere.
    pub api_prefix: String,
    /// What reply subjects begin with; `{user}` stands for who is signed in.
    pub inbox_prefix: String,
    /// Who a browser is that gives no credentials.
    pub anonymous_user: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: None,
            stream: "MJ_ONLINE_WORK".into(),
            subject_prefix: "mjwork".into(),
            live_prefix: "mjboard".into(),
            api_prefix: "$JS.API".into(),
            inbox_prefix: "_INBOX".into(),
            anonymous_user: "viewer".into(),
        }
    }
}

/// Who connects. What is secret is neither printed nor left in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Whoever the server lets in without asking.
    #[default]
    Anonymous,
    /// By user and password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// By token.
    Token(Secret),
    /// By a file of credentials.
    File {
        /// The file's text.
        text: Secret,
        /// What its token says of the user.
        claims: Claims,
        /// The public key of the user.
        public: String,
    },
    /// By a key.
    Key {
        /// The seed.
        seed: Secret,
        /// The public key.
        public: String,
    },
}

/// How one signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Not at all.
    #[default]
    Nobody,
    /// By user and password.
    Password,
    /// By token.
    Token,
    /// By a file of credentials.
    File,
    /// By a key.
    Key,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Nobody, Self::Password, Self::Token, Self::File, Self::Key];

    /// Its word where it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Password => "password",
            Self::Token => "token",
            Self::File => "creds",
            Self::Key => "nkey",
        }
    }

    /// What it is called on the page.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nobody => "Nobody",
            Self::Password => "User and password",
            Self::Token => "By token",
            Self::File => "Credentials file",
            Self::Key => "Key",
        }
    }
}

impl Credentials {
    /// By user and password; nobody without a user.
    #[must_use]
    pub fn password(user: &str, password: &str) -> Self {
        match user.trim() {
            "" => Self::Anonymous,
            user => Self::Password { user: user.into(), password: password.into() },
        }
    }

    /// By token; nobody without one.
    #[must_use]
    pub fn token(token: &str) -> Self {
        match token.trim() {
            "" => Self::Anonymous,
            token => Self::Token(token.into()),
        }
    }

    /// By what a file says: credentials, or the seed of a key alone.
    ///
    /// # Errors
    /// A sentence, when it is neither.
    pub fn file(text: &str) -> Result<Self, String> {
        if !text.contains("---") {
            return Self::key(text);
        }
        match nats_proto::Credentials::parse(text) {
            Ok(read) => {
                Ok(Self::File { text: text.into(), claims: read.claims, public: read.key.public_key() })
            }
            Err(error) => Err(sentence(&error.to_string())),
        }
    }

    /// By the seed of a key.
    ///
    /// # Errors
    /// A sentence, when it is none.
    pub fn key(seed: &str) -> Result<Self, String> {
        match UserKey::from_seed(seed) {
            Ok(key) => Ok(Self::Key { seed: seed.trim().into(), public: key.public_key() }),
            Err(error) => Err(sentence(&error.to_string())),
        }
    }

    /// What was kept of somebody.
    ///
    /// # Errors
    /// A sentence, when it cannot be used.
    pub fn kept(kind: Kind, user: &str, secret: &Secret) -> Result<Self, String> {
        match kind {
            Kind::Nobody => Ok(Self::Anonymous),
            Kind::Password => Ok(Self::password(user, secret.expose())),
            Kind::Token => Ok(Self::token(secret.expose())),
            Kind::File => Self::file(secret.expose()),
            Kind::Key => Self::key(secret.expose()),
        }
    }

    /// How they sign in.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Anonymous => Kind::Nobody,
            Self::Password { .. } => Kind::Password,
            Self::Token(_) => Kind::Token,
            Self::File { .. } => Kind::File,
            Self::Key { .. } => Kind::Key,
        }
    }

    /// The user's name, where it is known before the server says so.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::Password { user: name, .. } | Self::Key { public: name, .. } => Some(name),
            Self::File { claims, .. } => Some(claims.name.as_str()).filter(|name| !name.is_empty()),
            Self::Anonymous | Self::Token(_) => None,
        }
    }

    /// What must be kept to sign in again.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Anonymous => None,
            Self::Password { password: secret, .. }
            | Self::Token(secret)
            | Self::File { text: secret, .. }
            | Self::Key { seed: secret, .. } => Some(secret),
        }
    }
}

impl Settings {
    /// Reads the file.
    ///
    /// # Errors
    /// A sentence, when it is not JSON of this shape.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| format!("config.json cannot be read: {e}"))
    }

    /// The server's address for a page from `host`.
    #[must_use]
    pub fn server_url(&self, page_is_https: bool, host: &str) -> String {
        if let Some(server) = &self.server {
            return normalized_url(server);
        }
        let scheme = if page_is_https { "wss" } else { "ws" };
        let host = if host.is_empty() { "localhost" } else { host };
        format!("{scheme}://{host}:8080")
    }

    /// Which stream is read, and by which subjects.
    #[must_use]
    pub fn source(&self) -> Source {
        Source {
            stream: self.stream.clone(),
            subjects: Subjects::new(self.subject_prefix.clone()),
            live_prefix: self.live_prefix.clone(),
            api_prefix: self.api_prefix.clone(),
        }
    }

    /// The prefix of reply subjects, which permissions may tie to a user.
    #[must_use]
    pub fn inbox(&self, credentials: &Credentials) -> String {
        let name = match credentials {
            Credentials::Anonymous => Some(self.anonymous_user.as_str()),
            other => other.user(),
        };
        // A user's name may hold what no subject token may.
        match name.filter(|n| !n.is_empty() && !n.contains(['.', '*', '>', ' ', '\t'])) {
            Some(name) => self.inbox_prefix.replace("{user}", name),
            None => self.inbox_prefix.replace("{user}", "").trim_end_matches(['_', '-', '.']).to_owned(),
        }
    }
}

/// An address as people type it, with the scheme that they leave out.
#[must_use]
pub fn normalized_url(text: &str) -> String {
    let text = text.trim();
    if text.contains("://") { text.to_owned() } else { format!("ws://{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_in(user: &str) -> Credentials {
        Credentials::Password { user: user.into(), password: "x".into() }
    }

    #[test]
    fn every_key_is_optional_and_others_are_ignored() {
        assert_eq!(Settings::parse("{}").unwrap(), Settings::default());
        let some = Settings::parse(r#"{"stream":"S","server":"ws://a:1","more":[1]}"#).unwrap();
        assert_eq!((some.stream.as_str(), some.server_url(false, "h")), ("S", "ws://a:1".into()));
        assert_eq!(some.api_prefix, "$JS.API");
        assert!(Settings::parse("[").unwrap_err().starts_with("config.json cannot be read"));
    }

    #[test]
    fn the_server_is_beside_the_page_unless_named() {
        let plain = Settings::default();
        assert_eq!(plain.server_url(false, "box"), "ws://box:8080");
        assert_eq!(plain.server_url(true, "box"), "wss://box:8080");
        assert_eq!(plain.server_url(false, ""), "ws://localhost:8080");
        assert_eq!(normalized_url(" box:9 "), "ws://box:9");
        assert_eq!(normalized_url("wss://box"), "wss://box");
    }

    #[test]
    fn reply_subjects_follow_the_user() {
        let settings = Settings { inbox_prefix: "_INBOX_{user}".into(), ..Settings::default() };
        assert_eq!(settings.inbox(&Credentials::Anonymous), "_INBOX_viewer");
        assert_eq!(settings.inbox(&signed_in("operator")), "_INBOX_operator");
        assert_eq!(settings.inbox(&signed_in("a.b")), "_INBOX");
        assert_eq!(settings.inbox(&Credentials::Token("t".into())), "_INBOX");
        assert_eq!(Settings::default().inbox(&signed_in("operator")), "_INBOX");
    }

    #[test]
    fn empty_fields_are_nobody() {
        assert_eq!(Credentials::password("u", "p").user(), Some("u"));
        assert_eq!(Credentials::password(" ", "p"), Credentials::Anonymous);
        assert_eq!(Credentials::token(" t "), Credentials::Token("t".into()));
        assert_eq!(Credentials::token(" "), Credentials::Anonymous);
    }

    #[test]
    fn a_file_is_credentials_or_a_seed() {
        // Made for this test: header and claims {"name":"ann"}, and a seed that signs nothing.
        let seed = "SUAEURY36S64T2FTJYPJLUHG2VK4RXQOPDKQDHJLZAASVRXCL4SZ4QIEWU";
        let file = format!(
            "-----BEGIN NATS USER JWT-----\nh.eyJuYW1lIjoiYW5uIn0.s\n------END NATS USER JWT------\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        let ann = Credentials::file(&file).unwrap();
        assert_eq!((ann.kind(), ann.user()), (Kind::File, Some("ann")));
        let key = Credentials::file(seed).unwrap();
        assert_eq!((key.kind(), key.secret().map(Secret::expose)), (Kind::Key, Some(seed)));
        assert!(key.user().unwrap().starts_with('U'));
        for credentials in [ann, key] {
            let secret = credentials.secret().unwrap();
            assert_eq!(Credentials::kept(credentials.kind(), "", secret), Ok(credentials.clone()));
            assert!(!format!("{credentials:?}").contains(seed));
        }
        assert!(Credentials::file("hello").unwrap_err().starts_with("This is no seed"));
        assert!(Credentials::file("-----BEGIN X-----").unwrap_err().starts_with("This is no file"));
    }
}

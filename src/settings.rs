//! Where the board finds its server and its stream: `config.json` beside the page, each key optional.
//! Without any it fits a plain shared server; the bundled file names what `nats-server.conf` isolates.

use mjwork::event::Subjects;
use mjwork::reader::Source;
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

/// Who connects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Whoever the server lets in without asking.
    #[default]
    Anonymous,
    /// By user and password.
    Password {
        /// The user.
        user: String,
        /// The secret; never stored unless asked.
        password: String,
    },
    /// By token.
    Token(String),
}

impl Credentials {
    /// What the three fields of the form say; a token counts before a user.
    #[must_use]
    pub fn from_fields(user: &str, password: &str, token: &str) -> Self {
        match (user.trim(), token.trim()) {
            (_, token) if !token.is_empty() => Self::Token(token.into()),
            ("", _) => Self::Anonymous,
            (user, _) => Self::Password { user: user.into(), password: password.into() },
        }
    }

    /// The user's name, where it is known before the server says so.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::Password { user, .. } => Some(user),
            _ => None,
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
            Credentials::Password { user, .. } => Some(user.as_str()),
            Credentials::Token(_) => None,
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
    fn a_token_counts_before_a_user() {
        assert_eq!(Credentials::from_fields("u", "p", "t"), Credentials::Token("t".into()));
        assert_eq!(Credentials::from_fields("u", "p", "").user(), Some("u"));
        assert_eq!(Credentials::from_fields(" ", "p", ""), Credentials::Anonymous);
    }
}

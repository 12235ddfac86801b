//! Connections that are kept: where, and how one signs in there. The secret only where somebody asked for it.
//! Each is a line that reads like the query of an address, and says only what `config.json` does not.

use crate::address::{decode, encode};
use crate::settings::{Credentials, Kind, Settings};
use nats_proto::Secret;
use std::fmt::Write as _;

/// A connection that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// What somebody calls it.
    pub name: String,
    /// The server's address.
    pub server: String,
    /// The stream and the prefixes.
    pub settings: Settings,
    /// How one signs in.
    pub kind: Kind,
    /// Who one is there.
    pub user: String,
    /// What one signs in with, where it is kept.
    pub secret: Option<Secret>,
}

/// How long a secret is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Until the page is left.
    #[default]
    Page,
    /// Until the tab is closed.
    Tab,
    /// On this device, until somebody removes it.
    Device,
}

impl Keep {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Page, Self::Tab, Self::Device];

    /// Its word in a form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Tab => "tab",
            Self::Device => "device",
        }
    }

    /// What choosing it means.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Page => "Forget the secret when this page is left",
            Self::Tab => "Keep the secret until this tab is closed",
            Self::Device => {
                "Keep the secret on this device, unencrypted: whoever uses this browser can sign in"
            }
        }
    }
}

/// Where a setting lies.
type Field = fn(&mut Settings) -> &mut String;

/// The settings that a connection may change, by their names in `config.json`.
const CHANGED: [(&str, Field); 5] = [
    ("stream", |settings| &mut settings.stream),
    ("subject_prefix", |settings| &mut settings.subject_prefix),
    ("live_prefix", |settings| &mut settings.live_prefix),
    ("api_prefix", |settings| &mut settings.api_prefix),
    ("inbox_prefix", |settings| &mut settings.inbox_prefix),
];

impl Saved {
    /// A connection as it is now, without its secret.
    #[must_use]
    pub fn of(server: &str, settings: &Settings, credentials: &Credentials) -> Self {
        Self {
            name: String::new(),
            server: server.to_owned(),
            settings: settings.clone(),
            kind: credentials.kind(),
            user: credentials.user().unwrap_or_default().to_owned(),
            secret: None,
        }
    }

    /// The same with the secret of these credentials.
    #[must_use]
    pub fn with_secret(mut self, credentials: &Credentials) -> Self {
        self.secret = credentials.secret().cloned();
        self
    }

    /// What it is called while nobody has named it: who, where.
    #[must_use]
    pub fn usual_name(&self) -> String {
        let host = self.server.split_once("://").map_or(self.server.as_str(), |(_, host)| host);
        let stream = match self.settings.stream.as_str() {
            "MJ_ONLINE_WORK" => String::new(),
            stream => format!(" {stream}"),
        };
        // A public key is no name that anybody could tell from another.
        match self.user.as_str() {
            user if user.is_empty() || self.kind == Kind::Key => format!("{host}{stream}"),
            user => format!("{user} at {host}{stream}"),
        }
    }

    /// Who signs in, as far as that is kept; nobody else while the secret is missing.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        let kept = self.secret.as_ref().map(|secret| Credentials::kept(self.kind, &self.user, secret));
        kept.and_then(Result::ok).unwrap_or_default()
    }

    /// Whether somebody has to give a secret first.
    #[must_use]
    pub fn wants_secret(&self) -> bool {
        self.kind != Kind::Nobody && self.secret.is_none()
    }

    /// Its line, for a page whose `config.json` says `base` and whose server is `usual`.
    #[must_use]
    pub fn to_line(&self, base: &Settings, usual: &str) -> String {
        let mut line = String::new();
        let mut add = |key: &str, value: &str| {
            let joint = if line.is_empty() { "" } else { "&" };
            let _ = write!(line, "{joint}{key}={}", encode(value));
        };
        if !self.name.is_empty() {
            add("name", &self.name);
        }
        if self.server != usual {
            add("server", &self.server);
        }
        let (mut own, mut base) = (self.settings.clone(), base.clone());
        for (key, field) in CHANGED {
            if field(&mut own) != field(&mut base) {
                add(key, field(&mut own));
            }
        }
        if self.kind != Kind::Nobody {
            add("kind", self.kind.as_str());
            add("user", &self.user);
        }
        if let Some(secret) = &self.secret {
            add("secret", secret.expose());
        }
        line
    }

    /// Reads a line. What it does not know it ignores.
    #[must_use]
    pub fn from_line(line: &str, base: &Settings, usual: &str) -> Self {
        let mut saved = Self { server: usual.to_owned(), settings: base.clone(), ..Self::default() };
        for (key, value) in line.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = decode(value);
            match key {
                "name" => saved.name = value,
                "server" => saved.server = value,
                "kind" => {
                    saved.kind =
                        Kind::ALL.into_iter().find(|kind| kind.as_str() == value).unwrap_or_default();
                }
                "user" => saved.user = value,
                "secret" => saved.secret = Some(value.into()),
                _ => {
                    if let Some((_, field)) = CHANGED.iter().find(|(name, _)| *name == key) {
                        *field(&mut saved.settings) = value;
                    }
                }
            }
        }
        saved
    }
}

/// All connections that are kept under a name, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connections(Vec<Saved>);

impl Connections {
    /// Reads one line each.
    #[must_use]
    pub fn parse(text: &str, base: &Settings, usual: &str) -> Self {
        let mut all = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let saved = Saved::from_line(line, base, usual);
            if !saved.name.is_empty() {
                all.put(saved);
            }
        }
        all
    }

    /// One line each.
    #[must_use]
    pub fn to_text(&self, base: &Settings, usual: &str) -> String {
        let lines: Vec<_> = self.0.iter().map(|saved| saved.to_line(base, usual)).collect();
        lines.join("\n")
    }

    /// Keeps one, in place of the one of that name.
    pub fn put(&mut self, saved: Saved) {
        match self.0.binary_search_by(|other| other.name.cmp(&saved.name)) {
            Ok(at) => self.0[at] = saved,
            Err(at) => self.0.insert(at, saved),
        }
    }

    /// Forgets one.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|saved| saved.name != name);
    }

    /// The one of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Saved> {
        self.0.iter().find(|saved| saved.name == name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Saved> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str = "ws://localhost:8080";

    fn named(name: &str) -> Saved {
        Saved { name: name.into(), server: USUAL.into(), ..Saved::default() }
    }

    #[test]
    fn a_line_says_what_differs_and_is_read_back() {
        let base = Settings { api_prefix: "mjapi".into(), ..Settings::default() };
        let settings = Settings { stream: "A&B=ü".into(), ..base.clone() };
        let ann = Credentials::password("ann", "p w&=%");
        let saved = Saved { name: "my server".into(), ..Saved::of("wss://box", &settings, &ann) };
        let line = saved.to_line(&base, USUAL);
        assert_eq!(line, "name=my%20server&server=wss://box&stream=A%26B%3D%C3%BC&kind=password&user=ann");
        assert_eq!(Saved::from_line(&line, &base, USUAL), saved);
        assert!(saved.wants_secret() && saved.credentials() == Credentials::Anonymous);

        let whole = saved.with_secret(&ann);
        let read = Saved::from_line(&whole.to_line(&base, USUAL), &base, USUAL);
        assert_eq!((read.credentials(), read.wants_secret()), (ann, false));

        // Another config.json later changes what was left to it.
        let later = Settings { api_prefix: "$JS.API".into(), ..base };
        assert_eq!(Saved::from_line(&line, &later, USUAL).settings.api_prefix, "$JS.API");
        let plain = Saved::of(USUAL, &later, &Credentials::Anonymous);
        assert_eq!(plain.to_line(&later, USUAL), "");
        assert_eq!(Saved::from_line("", &later, USUAL), plain);
    }

    #[test]
    fn what_is_unknown_or_broken_is_ignored() {
        let base = Settings::default();
        let saved = Saved::from_line("kind=magic&server&x=1&server_name=y&secret=s", &base, USUAL);
        assert_eq!((saved.kind, saved.server.as_str()), (Kind::Nobody, USUAL));
        let broken = Saved::from_line("kind=nkey&secret=none", &base, USUAL);
        assert_eq!(broken.credentials(), Credentials::Anonymous);
    }

    #[test]
    fn connections_are_kept_by_name() {
        let mut all = Connections::default();
        for name in ["b", "a", "c"] {
            all.put(named(name));
        }
        all.put(Saved { server: "ws://other".into(), ..named("b") });
        all.remove("c");
        let base = Settings::default();
        let text = all.to_text(&base, USUAL);
        assert_eq!(text, "name=a\nname=b&server=ws://other");
        assert_eq!(Connections::parse(&format!("{text}\n\nserver=nameless\n"), &base, USUAL), all);
        assert!(all.get("b").is_some() && all.get("c").is_none() && !all.is_empty());
    }

    #[test]
    fn an_unnamed_one_is_called_by_who_and_where() {
        let of = |credentials| Saved::of("wss://box:9", &Settings::default(), &credentials).usual_name();
        assert_eq!(of(Credentials::password("ann", "x")), "ann at box:9");
        assert_eq!(of(Credentials::token("t")), "box:9");
        let other = Settings { stream: "TEAM".into(), ..Settings::default() };
        assert_eq!(Saved::of("box", &other, &Credentials::Anonymous).usual_name(), "box TEAM");
    }
}

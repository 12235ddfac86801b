//! From flags, environment and context to one set of settings. Pure: where each comes from is an argument.

use crate::failure::Failure;
use mjwork::event::Subjects;
use mjwork::reader::Source;
use std::path::PathBuf;

/// What one source of settings says; none where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The server, or several with commas between.
    pub url: Option<String>,
    /// A file with a JWT and its key.
    pub creds: Option<PathBuf>,
    /// A user's name.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<String>,
    /// A token.
    pub token: Option<String>,
    /// A file with the seed of an nkey.
    pub nkey: Option<PathBuf>,
    /// The client's certificate.
    pub cert: Option<PathBuf>,
    /// The key of that certificate.
    pub key: Option<PathBuf>,
    /// The authority that signed the server's certificate.
    pub ca: Option<PathBuf>,
    /// TLS before the server says anything.
    pub tls_first: Option<bool>,
    /// The stream.
    pub stream: Option<String>,
    /// Under which prefix events are stored.
    pub prefix: Option<String>,
    /// Under which prefix the stream sends on what it stores.
    pub live_prefix: Option<String>,
    /// The prefix of the stream API.
    pub api_prefix: Option<String>,
    /// The prefix of inboxes.
    pub inbox_prefix: Option<String>,
    /// A way in that this command does not know, in a sentence.
    pub unsupported: Option<String>,
}

/// Who one is to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Nobody, or whom the URL names.
    #[default]
    None,
    /// The bearer of a file of credentials.
    Creds(PathBuf),
    /// A user with a password.
    User {
        /// The name.
        name: String,
        /// The password; empty where none is given.
        password: String,
    },
    /// The bearer of a token.
    Token(String),
    /// The holder of an nkey, whose seed lies in this file.
    Nkey(PathBuf),
}

/// Where the queue is and who one is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The server, or several with commas between.
    pub server: String,
    /// Who one is.
    pub auth: Auth,
    /// The client's certificate and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The authority that signed the server's certificate.
    pub ca: Option<PathBuf>,
    /// TLS before the server says anything.
    pub tls_first: bool,
    /// The prefix of inboxes.
    pub inbox_prefix: String,
    /// The stream and its subjects.
    pub source: Source,
}

const SERVER: &str = "nats://127.0.0.1:4222";
const INBOX_PREFIX: &str = "_INBOX";

impl Layer {
    /// What the environment says, under the names that the `nats` command uses, and `MJWORK_…` for what is ours.
    pub fn of_environment(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| get(name).filter(|text| !text.is_empty());
        let path = |name: &str| text(name).map(PathBuf::from);
        Self {
            url: text("NATS_URL"),
            creds: path("NATS_CREDS"),
            user: text("NATS_USER"),
            password: text("NATS_PASSWORD"),
            token: text("NATS_TOKEN"),
            nkey: path("NATS_NKEY"),
            cert: path("NATS_CERT"),
            key: path("NATS_KEY"),
            ca: path("NATS_CA"),
            stream: text("MJWORK_STREAM"),
            prefix: text("MJWORK_PREFIX"),
            live_prefix: text("MJWORK_LIVE_PREFIX"),
            api_prefix: text("MJWORK_API_PREFIX"),
            inbox_prefix: text("MJWORK_INBOX_PREFIX"),
            ..Self::default()
        }
    }

    /// Whom this source signs in as, where it says so. A password alone names nobody.
    fn auth(&self, password: Option<&String>) -> Result<Option<Auth>, Failure> {
        if let Some(words) = &self.unsupported {
            return Err(Failure::Usage(words.clone()));
        }
        Ok(if let Some(file) = &self.creds {
            Some(Auth::Creds(file.clone()))
        } else if let Some(file) = &self.nkey {
            Some(Auth::Nkey(file.clone()))
        } else if let Some(token) = &self.token {
            Some(Auth::Token(token.clone()))
        } else {
            self.user.as_ref().map(|name| Auth::User {
                name: name.clone(),
                password: password.cloned().unwrap_or_default(),
            })
        })
    }
}

impl Settings {
    /// The first of `layers` that says something decides; the last resort are the defaults.
    ///
    /// Who one is comes as a whole from the first layer that names somebody, so that a user given by a flag is not
    /// mixed with the credentials of a context. Only the password of that user may lie in a layer below.
    pub fn resolve(layers: &[Layer]) -> Result<Self, Failure> {
        let first = |of: fn(&Layer) -> &Option<String>| layers.iter().find_map(|layer| of(layer).clone());
        let first_path =
            |of: fn(&Layer) -> &Option<PathBuf>| layers.iter().find_map(|layer| of(layer).clone());
        let password = first(|l| &l.password);
        let mut auth = Auth::None;
        for layer in layers {
            if let Some(found) = layer.auth(password.as_ref())? {
                auth = found;
                break;
            }
        }
        let identity = match (first_path(|l| &l.cert), first_path(|l| &l.key)) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (Some(_), None) => return Err(Failure::Usage("a certificate is given without its key".into())),
            (None, Some(_)) => return Err(Failure::Usage("a key is given without its certificate".into())),
        };
        let default = Source::default();
        let prefix = |name: &str, given: Option<String>, default: &str| match given {
            Some(text) if is_subject(&text) => Ok(text),
            Some(text) => Err(Failure::Usage(format!(
                "the {name} {text:?} is none: it is made of words with dots between, without blanks, * or >"
            ))),
            None => Ok(default.to_owned()),
        };
        let stream = first(|l| &l.stream).unwrap_or(default.stream);
        if stream.contains('.') || !is_subject(&stream) {
            return Err(Failure::Usage(format!(
                "{stream:?} is no stream's name: it has no dots, blanks, * or >"
            )));
        }
        let subjects = prefix("prefix", first(|l| &l.prefix), default.subjects.prefix())?;
        Ok(Self {
            server: first(|l| &l.url).unwrap_or_else(|| SERVER.to_owned()),
            auth,
            identity,
            ca: first_path(|l| &l.ca),
            tls_first: layers.iter().find_map(|layer| layer.tls_first).unwrap_or(false),
            inbox_prefix: prefix("prefix of inboxes", first(|l| &l.inbox_prefix), INBOX_PREFIX)?,
            source: Source {
                stream,
                subjects: Subjects::new(subjects),
                live_prefix: prefix("live prefix", first(|l| &l.live_prefix), &default.live_prefix)?,
                api_prefix: prefix(
                    "prefix of the stream API",
                    first(|l| &l.api_prefix),
                    &default.api_prefix,
                )?,
            },
        })
    }

    /// The same settings as variables of the environment, for a child that uses this command: all that it could find
    /// elsewhere is said, if only by an empty text.
    pub fn to_environment(&self) -> Vec<(&'static str, String)> {
        let absolute = |path: &PathBuf| {
            std::path::absolute(path).unwrap_or_else(|_| path.clone()).to_string_lossy().into_owned()
        };
        let none = String::new;
        let (creds, user, password, token, nkey) = match &self.auth {
            Auth::None => (none(), none(), none(), none(), none()),
            Auth::Creds(file) => (absolute(file), none(), none(), none(), none()),
            Auth::User { name, password } => (none(), name.clone(), password.clone(), none(), none()),
            Auth::Token(token) => (none(), none(), none(), token.clone(), none()),
            Auth::Nkey(file) => (none(), none(), none(), none(), absolute(file)),
        };
        let (cert, key) = self.identity.as_ref().map(|(c, k)| (absolute(c), absolute(k))).unwrap_or_default();
        vec![
            ("NATS_CONTEXT", String::new()),
            ("NATS_URL", self.server.clone()),
            ("NATS_CREDS", creds),
            ("NATS_USER", user),
            ("NATS_PASSWORD", password),
            ("NATS_TOKEN", token),
            ("NATS_NKEY", nkey),
            ("NATS_CERT", cert),
            ("NATS_KEY", key),
            ("NATS_CA", self.ca.as_ref().map(absolute).unwrap_or_default()),
            ("MJWORK_STREAM", self.source.stream.clone()),
            ("MJWORK_PREFIX", self.source.subjects.prefix().to_owned()),
            ("MJWORK_LIVE_PREFIX", self.source.live_prefix.clone()),
            ("MJWORK_API_PREFIX", self.source.api_prefix.clone()),
            ("MJWORK_INBOX_PREFIX", self.inbox_prefix.clone()),
        ]
    }
}

/// Whether this is one or more tokens of a subject, none of them a wildcard.
fn is_subject(text: &str) -> bool {
    let is_token = |token: &str| {
        !token.is_empty()
            && !token.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '>'))
    };
    text.split('.').all(is_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(url: &str) -> Layer {
        Layer { url: Some(url.into()), ..Layer::default() }
    }

    #[test]
    fn nothing_said_is_a_server_on_this_machine() {
        let settings = Settings::resolve(&[Layer::default()]).unwrap();
        assert_eq!(settings.server, SERVER);
        assert_eq!((settings.auth, settings.source), (Auth::None, Source::default()));
        assert_eq!(settings.inbox_prefix, "_INBOX");
    }

    #[test]
    fn each_setting_comes_from_the_first_that_says_it() {
        let flags = Layer { stream: Some("S".into()), ..Layer::default() };
        let context =
            Layer { inbox_prefix: Some("_I".into()), stream: Some("C".into()), ..layer("nats://c") };
        let environment = Layer::of_environment(|name| match name {
            "NATS_URL" => Some("nats://e".into()),
            "MJWORK_PREFIX" => Some(String::new()),
            _ => None,
        });
        let settings = Settings::resolve(&[flags, environment, context]).unwrap();
        assert_eq!((settings.server.as_str(), settings.source.stream.as_str()), ("nats://e", "S"));
        assert_eq!((settings.inbox_prefix.as_str(), settings.source.subjects.prefix()), ("_I", "mjwork"));
    }

    #[test]
    fn who_one_is_comes_from_one_place() {
        let user = Layer { user: Some("u".into()), ..Layer::default() };
        let secret = Layer { password: Some("p".into()), ..Layer::default() };
        let creds = Layer { creds: Some("c".into()), ..Layer::default() };
        let auth = |layers: &[Layer]| Settings::resolve(layers).unwrap().auth;
        let signed_in = Auth::User { name: "u".into(), password: "p".into() };
        assert_eq!(auth(&[user.clone(), secret.clone(), creds.clone()]), signed_in);
        assert_eq!(auth(&[secret.clone(), creds.clone(), user.clone()]), Auth::Creds("c".into()));
        assert_eq!(auth(&[secret]), Auth::None);
        let odd = Layer { unsupported: Some("nsc".into()), ..Layer::default() };
        assert!(Settings::resolve(std::slice::from_ref(&odd)).is_err());
        assert_eq!(auth(&[user, odd]), Auth::User { name: "u".into(), password: String::new() });
    }

    #[test]
    fn what_is_no_subject_is_no_prefix() {
        for bad in ["", "a.", ".a", "a b", "a.*", ">", "a\n"] {
            let layer = Layer { prefix: Some(bad.into()), ..Layer::default() };
            assert!(Settings::resolve(&[layer]).is_err(), "{bad:?}");
        }
        let layer = Layer { stream: Some("a.b".into()), ..Layer::default() };
        assert!(Settings::resolve(&[layer]).is_err());
        let half = Layer { cert: Some("c".into()), ..Layer::default() };
        assert!(Settings::resolve(&[half]).is_err());
    }

    #[test]
    fn a_child_finds_the_same_settings() {
        let given = Layer {
            user: Some("u".into()),
            password: Some("p".into()),
            prefix: Some("team.a".into()),
            cert: Some("/c".into()),
            key: Some("/k".into()),
            ..layer("nats://e")
        };
        let settings = Settings::resolve(&[given]).unwrap();
        let environment = settings.to_environment();
        let get = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, text)| text.clone());
        assert_eq!(get("NATS_CONTEXT").as_deref(), Some(""));
        assert_eq!(Settings::resolve(&[Layer::of_environment(get)]).unwrap(), settings);
    }
}

//! The contexts of the `nats` command: files that name a server and who one is there.
//! `~/.config/nats/context/NAME.json`, and the selected one's name in `~/.config/nats/context.txt`.

use super::Layer;
use crate::failure::Failure;
use serde::Deserialize;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where contexts lie.
#[derive(Clone, Debug)]
pub struct Folders {
    /// `~/.config/nats`.
    nats: Option<PathBuf>,
    /// What `~` stands for.
    home: Option<PathBuf>,
}

/// A context's file, as far as it is wanted. What is not set, the `nats` command writes as an empty text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    url: String,
    token: String,
    user: String,
    password: String,
    creds: String,
    nkey: String,
    cert: String,
    key: String,
    ca: String,
    inbox_prefix: String,
    jetstream_domain: String,
    jetstream_api_prefix: String,
    tls_first: bool,
    nsc: String,
    user_jwt: String,
    socks_proxy: String,
}

impl Folders {
    /// The folders of whoever has this environment.
    pub fn of_environment(get: impl Fn(&str) -> Option<String>) -> Self {
        let folder = |name: &str| get(name).filter(|text| !text.is_empty()).map(PathBuf::from);
        let home = folder("HOME");
        let config = folder("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
        Self { nats: config.map(|config| config.join("nats")), home }
    }

    /// What the context says. `named` is the one that a flag or the environment names: an empty name stands for none,
    /// and no name for the one that is selected.
    pub fn context(&self, named: Option<&str>) -> Result<Layer, Failure> {
        let selected = if named.is_none() { self.selected()? } else { None };
        let name = named.or(selected.as_deref()).unwrap_or_default().trim();
        if name.is_empty() {
            return Ok(Layer::default());
        }
        if name.contains(['/', '\\']) || name.contains("..") {
            return Err(Failure::Usage(format!("{name:?} is no name of a context")));
        }
        let Some(nats) = &self.nats else {
            return Err(Failure::Usage(format!("there is no home folder to look for the context {name} in")));
        };
        let path = nats.join("context").join(format!("{name}.json"));
        let hint = if named.is_none() {
            "; it is the selected one: choose another with `nats context select`, or none with --context ''"
        } else {
            ""
        };
        let unreadable = |why: &dyn std::fmt::Display| {
            Failure::Usage(format!("context {name}: {}: {why}{hint}", path.display()))
        };
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&error))?;
        let file: File = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
        if !file.socks_proxy.is_empty() {
            return Err(unreadable(&"it goes through a SOCKS proxy, which mjwork does not"));
        }
        Ok(self.layer(file, name))
    }

    fn selected(&self) -> Result<Option<String>, Failure> {
        let Some(nats) = &self.nats else { return Ok(None) };
        let path = nats.join("context.txt");
        match std::fs::read_to_string(&path) {
            Ok(name) => Ok(Some(name.trim().to_owned())),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(Failure::Usage(format!("{}: {error}", path.display()))),
        }
    }

    fn layer(&self, file: File, name: &str) -> Layer {
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        let path = |given: String| text(given).map(|given| self.expand(&given));
        let api_prefix = text(file.jetstream_api_prefix)
            .map(|prefix| prefix.trim_end_matches('.').to_owned())
            .or_else(|| text(file.jetstream_domain).map(|domain| format!("$JS.{domain}.API")));
        let unsupported = match (file.nsc.is_empty(), file.user_jwt.is_empty()) {
            (true, true) => None,
            (false, _) => Some("takes its credentials from nsc"),
            (true, false) => Some("holds a JWT itself"),
        };
        Layer {
            url: text(file.url),
            creds: path(file.creds),
            user: text(file.user),
            password: text(file.password),
            token: text(file.token),
            nkey: path(file.nkey),
            cert: path(file.cert),
            key: path(file.key),
            ca: path(file.ca),
            tls_first: file.tls_first.then_some(true),
            inbox_prefix: text(file.inbox_prefix),
            api_prefix,
            unsupported: unsupported.map(|how| {
                format!("context {name} {how}, which mjwork does not; save a file of credentials and name it in --creds")
            }),
            ..Layer::default()
        }
    }

    /// `~/…` is below the home folder.
    fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => Path::new(path).to_path_buf(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folders() -> (tempfile::TempDir, Folders) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".config/nats/context")).unwrap();
        let home = folder.path().to_string_lossy().into_owned();
        let folders = Folders::of_environment(|name| (name == "HOME").then(|| home.clone()));
        (folder, folders)
    }

    fn write(folder: &tempfile::TempDir, file: &str, text: &str) {
        fs::write(folder.path().join(".config/nats").join(file), text).unwrap();
    }

    #[test]
    fn the_selected_context_is_read_unless_another_is_named() {
        let (folder, folders) = folders();
        assert_eq!(folders.context(None).unwrap(), Layer::default(), "none is selected");
        write(
            &folder,
            "context/prod.json",
            r#"{"url": "nats://prod", "user": "", "creds": "~/c", "other": [1]}"#,
        );
        write(&folder, "context/lab.json", r#"{"url": "nats://lab", "nkey": "/n", "inbox_prefix": "_I"}"#);
        write(&folder, "context.txt", "prod\n");
        let prod = folders.context(None).unwrap();
        assert_eq!((prod.url.as_deref(), prod.user), (Some("nats://prod"), None));
        assert_eq!(prod.creds, Some(folder.path().join("c")));
        let lab = folders.context(Some("lab")).unwrap();
        assert_eq!((lab.url.as_deref(), lab.inbox_prefix.as_deref()), (Some("nats://lab"), Some("_I")));
        assert_eq!(lab.nkey, Some("/n".into()));
        assert_eq!(folders.context(Some("")).unwrap(), Layer::default());
    }

    #[test]
    fn a_context_that_cannot_be_read_is_said_with_its_file() {
        let (folder, folders) = folders();
        write(&folder, "context/broken.json", "{");
        write(&folder, "context.txt", "gone");
        for (named, words) in
            [(Some("broken"), "broken.json"), (Some("../x"), "no name"), (None, "nats context select")]
        {
            let failure = folders.context(named).unwrap_err().to_string();
            assert!(failure.contains(words), "{failure}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_passed_over() {
        let (folder, folders) = folders();
        write(&folder, "context/proxy.json", r#"{"socks_proxy": "socks5://x"}"#);
        write(&folder, "context/nsc.json", r#"{"nsc": "nsc://o/a/u"}"#);
        write(&folder, "context/hub.json", r#"{"jetstream_domain": "hub", "tls_first": true}"#);
        assert!(folders.context(Some("proxy")).unwrap_err().to_string().contains("SOCKS"));
        assert!(folders.context(Some("nsc")).unwrap().unsupported.is_some_and(|words| words.contains("nsc")));
        let hub = folders.context(Some("hub")).unwrap();
        assert_eq!((hub.api_prefix.as_deref(), hub.tls_first), (Some("$JS.hub.API"), Some(true)));
    }
}

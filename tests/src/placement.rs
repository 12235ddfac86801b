//! The project's `nats-server.conf`, moved to other ports and another folder and changed in nothing else.
//! Every test of a right or a limit so runs against what is shipped.

use std::fmt;
use std::path::PathBuf;

/// Where a server is put.
#[derive(Debug, Clone)]
pub struct Placement {
    /// Port for clients over TCP.
    pub tcp: u16,
    /// Port for browsers.
    pub websocket: u16,
    /// Port for `/healthz` and the like.
    pub monitoring: u16,
    /// Folder in which the server makes its `jetstream`.
    pub store: PathBuf,
    /// Origins whose pages may connect; `None` keeps those of the file.
    pub origins: Option<Vec<String>>,
    /// When messages reach the disk; `None` keeps `always`, as in the file.
    pub sync_interval: Option<String>,
}

/// A line that should stand exactly once in the configuration, and how often it does.
#[derive(Debug, PartialEq, Eq)]
pub struct NotOnce {
    line: String,
    count: usize,
}

impl fmt::Display for NotOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a line with `{}` stands {} times in nats-server.conf, and should once",
            self.line, self.count
        )
    }
}

impl std::error::Error for NotOnce {}

impl Placement {
    /// A copy of `config` for this place.
    ///
    /// | line | becomes |
    /// | --- | --- |
    /// | `listen: 127.0.0.1:4222` | [`tcp`](Self::tcp) |
    /// | `listen: 127.0.0.1:8080` | [`websocket`](Self::websocket) |
    /// | `http: 127.0.0.1:8222` | [`monitoring`](Self::monitoring) |
    /// | `store_dir: ".mjwork"` | [`store`](Self::store) |
    /// | `allowed_origins: …` | [`origins`](Self::origins) |
    /// | `sync_interval: always` | [`sync_interval`](Self::sync_interval) |
    pub fn apply(&self, config: &str) -> Result<String, NotOnce> {
        let config =
            replace_line(config, "listen: 127.0.0.1:4222", &format!("listen: 127.0.0.1:{}", self.tcp))?;
        let config = replace_line(
            &config,
            "listen: 127.0.0.1:8080",
            &format!("listen: 127.0.0.1:{}", self.websocket),
        )?;
        let config =
            replace_line(&config, "http: 127.0.0.1:8222", &format!("http: 127.0.0.1:{}", self.monitoring))?;
        let store = format!("store_dir: {:?}", self.store.display().to_string());
        let mut config = replace_line(&config, "store_dir: \".mjwork\"", &store)?;
        if let Some(origins) = &self.origins {
            config = replace_line(&config, "allowed_origins: ", &format!("allowed_origins: {origins:?}"))?;
        }
        if let Some(interval) = &self.sync_interval {
            config = replace_line(&config, "sync_interval: always", &format!("sync_interval: {interval:?}"))?;
        }
        Ok(config)
    }
}

/// Replaces the one line that starts with `start`, its indentation kept.
fn replace_line(config: &str, start: &str, with: &str) -> Result<String, NotOnce> {
    let hits = |line: &&str| line.trim_start().starts_with(start);
    let count = config.lines().filter(hits).count();
    if count != 1 {
        return Err(NotOnce { line: start.to_owned(), count });
    }
    let mut copy = String::with_capacity(config.len() + with.len());
    for line in config.lines() {
        if hits(&line) {
            copy.push_str(&line[..line.len() - line.trim_start().len()]);
            copy.push_str(with);
        } else {
            copy.push_str(line);
        }
        copy.push('\n');
    }
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../nats-server.conf");

    fn placement() -> Placement {
        Placement {
            tcp: 10_001,
            websocket: 10_002,
            monitoring: 10_003,
            store: PathBuf::from("/a/folder"),
            origins: Some(vec!["http://localhost:10004".to_owned()]),
            sync_interval: None,
        }
    }

    #[test]
    fn the_shipped_file_is_moved_and_otherwise_the_same() {
        let copy = placement().apply(SHIPPED).unwrap();
        let changed: Vec<_> = SHIPPED.lines().zip(copy.lines()).filter(|(a, b)| a != b).collect();
        assert_eq!(
            changed,
            [
                ("listen: 127.0.0.1:4222", "listen: 127.0.0.1:10001"),
                ("http: 127.0.0.1:8222", "http: 127.0.0.1:10003"),
                ("  listen: 127.0.0.1:8080", "  listen: 127.0.0.1:10002"),
                (
                    r#"  allowed_origins: ["http://localhost:8001", "http://127.0.0.1:8001"]"#,
                    r#"  allowed_origins: ["http://localhost:10004"]"#
                ),
                (r#"  store_dir: ".mjwork""#, r#"  store_dir: "/a/folder""#),
            ]
        );
        assert_eq!(SHIPPED.lines().count(), copy.lines().count());
    }

    #[test]
    fn origins_stay_where_none_are_given_and_the_disk_may_be_lazy_where_asked() {
        let place = Placement { origins: None, sync_interval: Some("2m".to_owned()), ..placement() };
        let copy = place.apply(SHIPPED).unwrap();
        assert!(copy.contains(r#"allowed_origins: ["http://localhost:8001", "http://127.0.0.1:8001"]"#));
        assert!(copy.contains(r#"  sync_interval: "2m""#));
        assert!(!copy.lines().any(|l| l.trim() == "sync_interval: always"));
    }

    #[test]
    fn a_file_without_a_line_or_with_two_of_it_is_refused() {
        let without = SHIPPED.replace("http: 127.0.0.1:8222", "http: 127.0.0.1:9");
        assert_eq!(
            placement().apply(&without),
            Err(NotOnce { line: "http: 127.0.0.1:8222".to_owned(), count: 0 })
        );
        let twice = format!("{SHIPPED}\nlisten: 127.0.0.1:4222\n");
        assert_eq!(
            placement().apply(&twice),
            Err(NotOnce { line: "listen: 127.0.0.1:4222".to_owned(), count: 2 })
        );
    }
}

//! The built bundle on a static host of its own: any path, any `config.json`, a free port.
//! It is the host that `cargo xtask run` uses, which does what every static host does and no more.

use crate::repository;
use crate::server::NatsServer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

/// The bundle, being served.
#[derive(Debug)]
pub struct Site {
    host: xtask::host::Host,
    base: String,
}

/// A port for a site that is not served yet, so that a server can be told its origin before.
#[derive(Debug)]
pub struct Reserved(TcpListener);

impl Reserved {
    /// Takes a free port on loopback.
    #[must_use]
    pub fn port() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port"))
    }

    /// The origin of the pages that will be served on it, for [`crate::server::Options::origins`].
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("a bound socket has an address"))
    }

    /// Serves the bundle in `dist/` under `base` (`/`, or `/a/path/`), with `config` as its `config.json`.
    ///
    /// # Panics
    /// When there is no bundle yet.
    #[must_use]
    pub fn serve(self, base: &str, config: &Value) -> Site {
        self.serve_folder(bundle(), base, config)
    }

    /// Serves the files of another folder in the same way.
    #[must_use]
    pub fn serve_folder(self, folder: PathBuf, base: &str, config: &Value) -> Site {
        let instead = BTreeMap::from([("config.json".to_owned(), config.to_string().into_bytes())]);
        let site = xtask::host::Site { folder, base: base.to_owned(), instead };
        let host = xtask::host::Host::start(vec![self.0], site).expect("a bound socket can be served");
        Site { host, base: base.to_owned() }
    }
}

impl Site {
    /// The page's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address(), self.base)
    }

    /// Where the host listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.host.addresses()[0]
    }
}

/// The `config.json` that points a board at `server`.
#[must_use]
pub fn config(server: &NatsServer) -> Value {
    json!({
        "server": server.ws_url(),
        "stream": "MJ_ONLINE_WORK",
        "subject_prefix": "mjwork",
        "live_prefix": "mjboard",
        "api_prefix": "mjapi",
        "inbox_prefix": "_INBOX_{user}",
        "anonymous_user": "viewer",
    })
}

/// The folder of the release bundle.
///
/// # Panics
/// When it has not been built.
#[must_use]
pub fn bundle() -> PathBuf {
    let dist = repository().join("dist");
    assert!(dist.join("index.html").exists(), "there is no bundle in dist/; `cargo xtask test` builds it");
    dist
}

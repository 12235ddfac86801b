//! What a server says of itself in `INFO`.
//! Names and types follow `async_nats::ServerInfo`; fields that a server leaves out are empty, zero or false.

use serde::{Deserialize, Serialize};

/// The server's side of the handshake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are the protocol's")]
pub struct ServerInfo {
    /// The server's unique id.
    pub server_id: String,
    /// The server's name; its id unless it was given one.
    pub server_name: String,
    /// The address it listens on.
    pub host: String,
    /// The port it listens on.
    pub port: u16,
    /// Its version, such as `2.15.1`.
    pub version: String,
    /// Whether it wants credentials. On a WebSocket listener it also says so where guests are let in.
    pub auth_required: bool,
    /// Whether it wants TLS.
    pub tls_required: bool,
    /// The largest message that may be published, headers included, in bytes.
    pub max_payload: usize,
    /// The version of the protocol.
    pub proto: i8,
    /// The number that the server gave this connection.
    pub client_id: u64,
    /// The Go version it was built with.
    pub go: String,
    /// What to sign when signing in with a key.
    pub nonce: String,
    /// Other servers of the cluster, as `host:port`.
    pub connect_urls: Vec<String>,
    /// Other servers' WebSocket listeners, as `host:port`.
    pub ws_connect_urls: Vec<String>,
    /// The client's address as the server sees it.
    pub client_ip: String,
    /// Whether messages may have headers.
    pub headers: bool,
    /// Whether it is about to shut down and wants clients to leave.
    #[serde(rename = "ldm")]
    pub lame_duck_mode: bool,
    /// The name of its cluster.
    pub cluster: Option<String>,
    /// Its JetStream domain.
    pub domain: Option<String>,
    /// Whether it has JetStream.
    pub jetstream: bool,
}

impl ServerInfo {
    /// Whether the server's version is at least this one. A version that cannot be read counts as older.
    ///
    /// ```
    /// # use nats_proto::ServerInfo;
    /// let info = ServerInfo { version: "v2.11.3-beta.1".into(), ..ServerInfo::default() };
    /// assert!(info.is_at_least(2, 11, 0));
    /// assert!(!info.is_at_least(2, 12, 0));
    /// ```
    #[must_use]
    pub fn is_at_least(&self, major: u64, minor: u64, patch: u64) -> bool {
        let version = self.version.trim_start_matches('v');
        let mut parts = version.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u64>);
        let mut part = || match parts.next() {
            Some(Ok(number)) => Some(number),
            _ => None,
        };
        let Some(first) = part() else { return false };
        (first, part().unwrap_or(0), part().unwrap_or(0)) >= (major, minor, patch)
    }
}

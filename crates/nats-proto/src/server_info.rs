//! What a server says of itself in `INFO`.
//! Names and types follow `async_nats::ServerInfo`; fields that a server leaves out are empty, zero or false.

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

use crate::json::{Value, read_object};

/// The server's side of the handshake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    /// The servers of the cluster, as `host:port`: where they listen for clients that come as this one does, over TCP or
    /// by WebSocket.
    pub connect_urls: Vec<String>,
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

/// By hand, as what would be derived is three times the code, all of which a browser downloads.
impl<'de> Deserialize<'de> for ServerInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = ServerInfo;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what a server says of itself")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ServerInfo, A::Error> {
        let mut info = ServerInfo::default();
        while let Some(name) = map.next_key::<String>()? {
            let text = match name.as_str() {
                "server_id" => Some(&mut info.server_id),
                "server_name" => Some(&mut info.server_name),
                "host" => Some(&mut info.host),
                "version" => Some(&mut info.version),
                "go" => Some(&mut info.go),
                "nonce" => Some(&mut info.nonce),
                "client_ip" => Some(&mut info.client_ip),
                "cluster" => Some(info.cluster.get_or_insert_default()),
                "domain" => Some(info.domain.get_or_insert_default()),
                _ => None,
            };
            if let Some(text) = text {
                *text = map.next_value()?;
                continue;
            }
            let flag = match name.as_str() {
                "auth_required" => Some(&mut info.auth_required),
                "tls_required" => Some(&mut info.tls_required),
                "headers" => Some(&mut info.headers),
                "ldm" => Some(&mut info.lame_duck_mode),
                "jetstream" => Some(&mut info.jetstream),
                _ => None,
            };
            if let Some(flag) = flag {
                *flag = map.next_value()?;
                continue;
            }
            match name.as_str() {
                "client_id" => info.client_id = map.next_value()?,
                // What does not fit is as good as nothing said.
                "port" => info.port = u16::try_from(map.next_value::<u64>()?).unwrap_or_default(),
                "max_payload" => {
                    info.max_payload = usize::try_from(map.next_value::<u64>()?).unwrap_or_default();
                }
                "proto" => info.proto = i8::try_from(map.next_value::<u64>()?).unwrap_or_default(),
                "connect_urls" => info.connect_urls = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(info)
    }
}

impl ServerInfo {
    /// Reads what a server sends; `None` if it is no JSON object. A field of another type than it should have is as good
    /// as none.
    pub(crate) fn read(json: &[u8]) -> Option<Self> {
        let mut info = Self::default();
        read_object(json, |name, value| info.set(name, value))?;
        Some(info)
    }

    fn set(&mut self, name: &str, value: Value) {
        match value {
            Value::Text(text) => {
                let field = match name {
                    "server_id" => &mut self.server_id,
                    "server_name" => &mut self.server_name,
                    "host" => &mut self.host,
                    "version" => &mut self.version,
                    "go" => &mut self.go,
                    "nonce" => &mut self.nonce,
                    "client_ip" => &mut self.client_ip,
                    "cluster" => self.cluster.get_or_insert_default(),
                    "domain" => self.domain.get_or_insert_default(),
                    _ => return,
                };
                *field = text;
            }
            Value::Flag(flag) => match name {
                "auth_required" => self.auth_required = flag,
                "tls_required" => self.tls_required = flag,
                "headers" => self.headers = flag,
                "ldm" => self.lame_duck_mode = flag,
                "jetstream" => self.jetstream = flag,
                _ => {}
            },
            Value::Number(number) => match name {
                "client_id" => self.client_id = number,
                "port" => self.port = u16::try_from(number).unwrap_or_default(),
                "max_payload" => self.max_payload = usize::try_from(number).unwrap_or_default(),
                "proto" => self.proto = i8::try_from(number).unwrap_or_default(),
                _ => {}
            },
            Value::Texts(texts) if name == "connect_urls" => self.connect_urls = texts,
            Value::Texts(_) | Value::Other => {}
        }
    }

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

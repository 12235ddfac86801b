//! Where servers are: addresses as a user gives them, and the list of those that a connection may try, to which a server
//! adds the others of its cluster. Names and signatures follow `async_nats::ServerAddr`.

use std::str::FromStr;
use std::{fmt, io};

use nats_proto::{Connection, Secret, ServerInfo};
use web_sys::Url;

use crate::browser;

/// The address of a server's WebSocket listener. Credentials in it are kept apart, as a browser would not send them, and
/// are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddr {
    /// Without credentials.
    url: String,
    scheme: String,
    host: String,
    port: u16,
    /// A token, if there is no password.
    user: Option<Secret>,
    password: Option<Secret>,
}

impl fmt::Debug for ServerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerAddr").field(&self.url).finish()
    }
}

impl FromStr for ServerAddr {
    type Err = io::Error;

    /// Reads `ws://host:port` or `wss://host:port`, with a path and `user:password@` if need be.
    fn from_str(text: &str) -> io::Result<Self> {
        let bad = || io::Error::new(io::ErrorKind::InvalidInput, "not a ws:// or wss:// address");
        let parsed = Url::new(text).map_err(|_| bad())?;
        let scheme = parsed.protocol().trim_end_matches(':').to_owned();
        let usual = match scheme.as_str() {
            "ws" => 80,
            "wss" => 443,
            _ => return Err(bad()),
        };
        let given = |text: String| {
            // As it stands in the address it is as secret as it is.
            let text = Secret::from(text);
            let decoded = js_sys::decode_uri_component(text.expose()).map(String::from);
            Some(decoded.map_or(text, Secret::from)).filter(|text| !text.is_empty())
        };
        let (user, password) = (given(parsed.username()), given(parsed.password()));
        parsed.set_username("");
        parsed.set_password("");
        Ok(Self {
            url: parsed.href(),
            host: parsed.hostname(),
            port: parsed.port().parse().unwrap_or(usual),
            scheme,
            user,
            password,
        })
    }
}

impl ServerAddr {
    /// `ws` or `wss`.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "wss://demo.example.com/nats".parse()?;
    /// assert_eq!((address.scheme(), address.host(), address.port()), ("wss", "demo.example.com", 443));
    /// assert!(address.tls_required() && address.is_websocket() && !address.has_user_pass());
    /// assert_eq!(address.as_url_str(), "wss://demo.example.com/nats");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The host's name or address.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "ws://localhost:8080".parse()?;
    /// assert_eq!(address.host(), "localhost");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; the usual one of the scheme if none is named.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "wss://nats.example".parse()?;
    /// assert_eq!(address.port(), 443);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is `wss://`.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "wss://nats.example".parse()?;
    /// assert!(address.tls_required());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn tls_required(&self) -> bool {
        self.scheme == "wss"
    }

    /// Always: a browser has no other sockets.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "ws://localhost:8080".parse()?;
    /// assert!(address.is_websocket());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_websocket(&self) -> bool {
        true
    }

    /// Whether it has a user's name in it.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "ws://ann:secret@localhost:8080".parse()?;
    /// assert!(address.has_user_pass());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn has_user_pass(&self) -> bool {
        self.user.is_some()
    }

    /// The user's name; a token, if there is no password.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "ws://ann:secret@localhost:8080".parse()?;
    /// assert_eq!(address.username(), Some("ann"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.user.as_ref().map(Secret::expose)
    }

    /// The password.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "ws://ann:secret@localhost:8080".parse()?;
    /// assert_eq!(address.password(), Some("secret"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_ref().map(Secret::expose)
    }

    /// The whole address, without credentials.
    ///
    /// ```
    /// # fn example() -> std::io::Result<()> {
    /// let address: nats_wasm_shim::ServerAddr = "ws://ann:secret@localhost:8080".parse()?;
    /// assert_eq!(address.as_url_str(), "ws://localhost:8080/");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn as_url_str(&self) -> &str {
        &self.url
    }
}

/// What can be given where addresses are wanted: one, or several.
pub trait ToServerAddrs {
    /// The addresses.
    type Iter: Iterator<Item = ServerAddr>;

    /// The addresses, or why one of them is none.
    fn to_server_addrs(&self) -> io::Result<Self::Iter>;
}

impl ToServerAddrs for ServerAddr {
    type Iter = std::option::IntoIter<ServerAddr>;

    fn to_server_addrs(&self) -> io::Result<Self::Iter> {
        Ok(Some(self.clone()).into_iter())
    }
}

impl ToServerAddrs for str {
    type Iter = std::option::IntoIter<ServerAddr>;

    fn to_server_addrs(&self) -> io::Result<Self::Iter> {
        Ok(Some(self.parse::<ServerAddr>()?).into_iter())
    }
}

impl ToServerAddrs for String {
    type Iter = std::option::IntoIter<ServerAddr>;

    fn to_server_addrs(&self) -> io::Result<Self::Iter> {
        self.as_str().to_server_addrs()
    }
}

impl<T: AsRef<str>> ToServerAddrs for [T] {
    type Iter = std::vec::IntoIter<ServerAddr>;

    fn to_server_addrs(&self) -> io::Result<Self::Iter> {
        let all: io::Result<Vec<ServerAddr>> = self.iter().map(|address| address.as_ref().parse()).collect();
        Ok(all?.into_iter())
    }
}

impl<T: AsRef<str>> ToServerAddrs for Vec<T> {
    type Iter = std::vec::IntoIter<ServerAddr>;

    fn to_server_addrs(&self) -> io::Result<Self::Iter> {
        self.as_slice().to_server_addrs()
    }
}

impl ToServerAddrs for Vec<ServerAddr> {
    type Iter = std::vec::IntoIter<ServerAddr>;

    fn to_server_addrs(&self) -> io::Result<Self::Iter> {
        Ok(self.clone().into_iter())
    }
}

impl<'a> ToServerAddrs for &'a [ServerAddr] {
    type Iter = std::iter::Cloned<std::slice::Iter<'a, ServerAddr>>;

    fn to_server_addrs(&self) -> io::Result<Self::Iter> {
        Ok(self.iter().cloned())
    }
}

impl<T: ToServerAddrs + ?Sized> ToServerAddrs for &T {
    type Iter = T::Iter;

    fn to_server_addrs(&self) -> io::Result<Self::Iter> {
        (**self).to_server_addrs()
    }
}

/// The servers that a connection may try, one after the other.
pub(crate) struct Servers {
    given: Vec<ServerAddr>,
    /// Others of the cluster, as the last server named them.
    learnt: Vec<String>,
    learns: bool,
    /// Addresses have credentials, and each server gets its own.
    sign_in: bool,
    next: usize,
    /// Which of those given the others are neighbours of.
    home: usize,
}

impl Servers {
    /// These, in another order for each client unless it is to be kept. With `sign_in` each gets the credentials that
    /// its address has.
    pub(crate) fn new(mut given: Vec<ServerAddr>, keeps_order: bool, learns: bool, sign_in: bool) -> Self {
        if !keeps_order {
            let mut seed = browser::seed();
            for at in (1..given.len()).rev() {
                given.swap(at, usize::try_from(seed >> 33).unwrap_or(0) % (at + 1));
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            }
        }
        let sign_in = sign_in && given.iter().any(ServerAddr::has_user_pass);
        Self { given, learnt: Vec::new(), learns, sign_in, next: 0, home: 0 }
    }

    /// The one to try next; the connection then signs in to it with what is its own.
    pub(crate) fn next(&mut self, connection: &mut Connection) -> &str {
        let count = self.given.len() + self.learnt.len();
        let at = self.next % count.max(1);
        self.next = at + 1;
        let known = self.given.get(at).or_else(|| self.given.get(self.home));
        if let (true, Some(server)) = (self.sign_in, known) {
            connection.sign_in_with(server.username().map(|user| (user, server.password())));
        }
        let given = self.given.get(at).map(ServerAddr::as_url_str);
        given.or_else(|| self.learnt.get(at - self.given.len()).map(String::as_str)).unwrap_or_default()
    }

    /// The one that was tried last has accepted the client.
    pub(crate) fn accepted(&mut self) {
        if self.next <= self.given.len() {
            self.home = self.next.saturating_sub(1);
        }
    }

    /// Takes over what a server says of its cluster: to whom comes by WebSocket it names the listeners for that, which are
    /// reached by the same scheme and with the same credentials.
    pub(crate) fn learn(&mut self, info: &ServerInfo) {
        let scheme = self.given.get(self.home).map_or("ws", ServerAddr::scheme);
        if self.learns {
            let all = info.connect_urls.iter().map(|place| format!("{scheme}://{place}/"));
            self.learnt = all.filter(|url| self.given.iter().all(|given| given.url != *url)).collect();
        }
    }
}

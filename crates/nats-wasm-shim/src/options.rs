//! How to connect. Names and signatures follow `async_nats::ConnectOptions`.

mod sign_in;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use nats_proto::connection::{Backoff, CloseReason, DisconnectReason};
use nats_proto::nkey::SeedError;
use nats_proto::{Config, ConnectInfo};

use crate::browser;
use crate::client::Client;
use crate::driver::{Delay, Driver};
use crate::error::Error;
use crate::event::{ConnectionEvent, ConnectionEvents, Event};
use crate::servers::{ServerAddr, Servers, ToServerAddrs};

pub use nats_proto::connection::Auth;
pub(crate) use sign_in::AuthCallback;
pub use sign_in::AuthError;

/// Why no connection came about.
pub type ConnectError = Error<ConnectErrorKind>;

/// What went wrong while connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// The address is no `ws://` or `wss://` URL.
    ServerParse,
    /// The credentials cannot be used: the seed of the key is none, or whoever was asked for them had none.
    Authentication,
    /// The server refuses the credentials.
    AuthorizationViolation,
    /// The server did not answer in time.
    TimedOut,
    /// The server is unreachable, refuses the connection or this page's origin, or does not speak NATS. A browser does
    /// not tell a page which of these it is.
    Io,
    /// As many attempts as allowed have failed.
    MaxReconnects,
}

impl fmt::Display for ConnectErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServerParse => "the server's address is not a ws:// or wss:// URL",
            Self::Authentication => "authentication error",
            Self::AuthorizationViolation => "authorization violation",
            Self::TimedOut => "timed out",
            Self::Io => "IO error",
            Self::MaxReconnects => "reached maximum number of reconnects",
        })
    }
}

/// How to connect.
///
/// ```
/// # async fn example() -> Result<(), nats_wasm_shim::ConnectError> {
/// use nats_wasm_shim::ConnectOptions;
///
/// let client = ConnectOptions::with_user_and_password("operator".into(), "secret".into())
///     .name("board")
///     .custom_inbox_prefix("_INBOX_ops")
///     .retry_on_initial_connect()
///     .connect("ws://localhost:8080")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ConnectOptions {
    config: Config,
    inbox_prefix: String,
    request_timeout: Option<Duration>,
    subscription_capacity: usize,
    keeps_order: bool,
    ignores_discovered: bool,
    observer: Option<EventCallback>,
    auth: Option<AuthCallback>,
    delay: Option<Delay>,
    /// Why the key that was given is none.
    unusable: Option<SeedError>,
}

/// Runs a user's callback for each event until the connection is over.
struct EventCallback(Box<dyn FnOnce(ConnectionEvents) + Send + Sync>);

impl fmt::Debug for EventCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventCallback")
    }
}

impl Default for ConnectOptions {
    fn default() -> Self {
        let connect = ConnectInfo { lang: "rust-wasm".to_owned(), ..ConnectInfo::default() };
        Self {
            config: Config { connect, ..Config::default() },
            inbox_prefix: "_INBOX".to_owned(),
            request_timeout: Some(Duration::from_secs(10)),
            subscription_capacity: 64 * 1024,
            keeps_order: false,
            ignores_discovered: false,
            observer: None,
            auth: None,
            delay: None,
            unusable: None,
        }
    }
}

impl ConnectOptions {
    /// Without credentials, five seconds to connect, ten for a request.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().name("board");
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the connection, for the server's monitoring.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "async-nats' signature")]
    pub fn name<T: ToString>(mut self, name: T) -> Self {
        self.config.connect.name = Some(name.to_string());
        self
    }

    /// What reply subjects begin with, instead of `_INBOX`: users whose permissions share none get one each.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "async-nats' signature")]
    pub fn custom_inbox_prefix<T: ToString>(mut self, prefix: T) -> Self {
        self.inbox_prefix = prefix.to_string();
        self
    }

    /// Keeps the client's own messages from its own subscriptions.
    #[must_use]
    pub fn no_echo(mut self) -> Self {
        self.config.connect.echo = false;
        self
    }

    /// How long a silent connection goes without a ping (a minute, unless set). It counts as lost when two pings have
    /// gone unanswered.
    #[must_use]
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.config.ping_interval = interval;
        self
    }

    /// How long connecting may take (five seconds, unless set).
    #[must_use]
    pub fn connection_timeout(mut self, timeout: Duration) -> Self {
        self.config.connect_timeout = timeout;
        self
    }

    /// How long a request waits for its answer (ten seconds, unless set); without end if `None`.
    #[must_use]
    pub fn request_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// How many messages wait for the reader of a subscription before further ones are lost (65,536, unless set).
    #[must_use]
    pub fn subscription_capacity(mut self, capacity: usize) -> Self {
        self.subscription_capacity = capacity.max(1);
        self
    }

    /// How many bytes of publishes are kept while there is no connection (8 MiB, unless set). Publishing more fails.
    #[must_use]
    pub fn pending_limit(mut self, bytes: usize) -> Self {
        self.config.pending_limit = bytes;
        self
    }

    /// After how many failed attempts in a row to give up; never if `None`, which is also the default.
    #[must_use]
    pub fn max_reconnects<T: Into<Option<usize>>>(mut self, max_reconnects: T) -> Self {
        let most = max_reconnects.into().map(|most| u32::try_from(most).unwrap_or(u32::MAX));
        self.config.max_reconnects = most;
        self
    }

    /// How long to wait before an attempt, counted from 1, instead of doubling from 0.1 to 4 s with jitter.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let options = nats_wasm_shim::ConnectOptions::new()
    ///     .reconnect_delay_callback(|attempts| Duration::from_millis((attempts as u64 * 100).min(8_000)));
    /// ```
    #[must_use]
    pub fn reconnect_delay_callback<F>(mut self, callback: F) -> Self
    where
        F: Fn(usize) -> Duration + Send + Sync + 'static,
    {
        self.config.backoff = Backoff::Asked;
        self.delay = Some(Delay::new(callback));
        self
    }

    /// Makes `connect` return at once, and the client go on trying when the first attempt fails.
    #[must_use]
    pub fn retry_on_initial_connect(mut self) -> Self {
        self.config.retry_on_initial_connect = true;
        self
    }

    /// Calls back whenever something happens to the connection; [`Client::events`] tells more.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new()
    ///     .event_callback(|event| async move { println!("{event}") });
    /// ```
    #[must_use]
    pub fn event_callback<F, Fut>(mut self, callback: F) -> Self
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        use futures_util::StreamExt;

        self.observer = Some(EventCallback(Box::new(move |mut events| {
            wasm_bindgen_futures::spawn_local(async move {
                while let Some(event) = events.next().await {
                    if let Some(event) = event.to_event() {
                        callback(event).await;
                    }
                }
            });
        })));
        self
    }

    /// Publishes to whatever subject is given: only what would break the protocol is still refused.
    #[must_use]
    pub fn skip_subject_validation(mut self, skip: bool) -> Self {
        self.config.skip_subject_validation = skip;
        self
    }

    /// Tries only the servers that are given, and not those that they name as others of their cluster.
    #[must_use]
    pub fn ignore_discovered_servers(mut self) -> Self {
        self.ignores_discovered = true;
        self
    }

    /// Tries the servers in the order in which they are given, instead of another one for each client.
    #[must_use]
    pub fn retain_servers_order(mut self) -> Self {
        self.keeps_order = true;
        self
    }

    /// Connects to one of these servers. Without [`ConnectOptions::retry_on_initial_connect`] it waits for the server to accept the client, and
    /// fails when each server was tried once.
    ///
    /// ```
    /// # async fn example() {
    /// use nats_wasm_shim::{ConnectErrorKind, ConnectOptions};
    ///
    /// match ConnectOptions::with_token("wrong".into()).connect("ws://localhost:8080").await {
    ///     Err(error) if error.kind() == ConnectErrorKind::AuthorizationViolation => println!("sign in again"),
    ///     Err(error) => println!("{error}"),
    ///     Ok(client) => println!("{}", client.connection_state()),
    /// }
    /// # }
    /// ```
    pub async fn connect<A: ToServerAddrs>(self, addrs: A) -> Result<Client, ConnectError> {
        let unreadable = |error| ConnectError::with_source(ConnectErrorKind::ServerParse, error);
        let servers: Vec<ServerAddr> = addrs.to_server_addrs().map_err(unreadable)?.collect();
        self.connect_to(servers).await
    }

    async fn connect_to(mut self, servers: Vec<ServerAddr>) -> Result<Client, ConnectError> {
        if servers.is_empty() {
            return Err(ConnectErrorKind::ServerParse.into());
        }
        if let Some(error) = self.unusable {
            return Err(ConnectError::with_source(ConnectErrorKind::Authentication, error));
        }
        self.take_credentials(&servers);
        self.config.initial_attempts = u32::try_from(servers.len()).unwrap_or(u32::MAX);
        self.config.asks_credentials = self.auth.is_some();
        let urls = servers.iter().map(|server| server.as_url_str().to_owned()).collect();
        let servers = Servers::new(urls, self.keeps_order, !self.ignores_discovered);
        let inbox_prefix = self.inbox_prefix;
        self.config.inbox = format!("{inbox_prefix}.{}", browser::token());
        let waits = !self.config.retry_on_initial_connect;
        let (driver, mut events) = Driver::start(servers, self.auth, self.delay, self.config);
        if let Some(EventCallback(observe)) = self.observer {
            observe(ConnectionEvents(driver.observe()));
        }
        let client = Client::new(driver, inbox_prefix, self.request_timeout, self.subscription_capacity);
        if !waits {
            return Ok(client);
        }
        loop {
            match std::future::poll_fn(|context| events.poll(context)).await {
                Some(ConnectionEvent::Connected) => return Ok(client),
                Some(ConnectionEvent::Closed(reason)) => return Err(connect_error(reason)),
                Some(_) => {}
                None => return Err(ConnectErrorKind::Io.into()),
            }
        }
    }

    /// Signs in by what an address has, unless other credentials are given.
    fn take_credentials(&mut self, servers: &[ServerAddr]) {
        let connect = &mut self.config.connect;
        if connect.user.is_some() || connect.auth_token.is_some() {
            return;
        }
        let Some((user, server)) = servers.iter().find_map(|server| Some((server.username()?, server)))
        else {
            return;
        };
        match server.password() {
            None => connect.auth_token = Some(user.into()),
            Some(password) => (connect.user, connect.pass) = (Some(user.to_owned()), Some(password.into())),
        }
    }
}

fn connect_error(reason: CloseReason) -> ConnectError {
    let kind = match &reason {
        CloseReason::Authorization(_) | CloseReason::InitialConnect(DisconnectReason::Authorization(_)) => {
            ConnectErrorKind::AuthorizationViolation
        }
        CloseReason::InitialConnect(DisconnectReason::Credentials(_)) => ConnectErrorKind::Authentication,
        CloseReason::InitialConnect(DisconnectReason::TimedOut) => ConnectErrorKind::TimedOut,
        CloseReason::MaxReconnects(_) => ConnectErrorKind::MaxReconnects,
        _ => ConnectErrorKind::Io,
    };
    match reason {
        CloseReason::InitialConnect(reason) | CloseReason::MaxReconnects(reason) => {
            ConnectError::with_source(kind, reason)
        }
        other => ConnectError::with_source(kind, other),
    }
}

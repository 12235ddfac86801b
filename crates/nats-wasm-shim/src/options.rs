//! How to connect. Names and signatures follow `async_nats::ConnectOptions`.

mod error;
mod sign_in;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use nats_proto::connection::Backoff;
use nats_proto::nkey::SeedError;
use nats_proto::{Config, ConnectInfo};

use crate::browser;
use crate::client::Client;
use crate::driver::{Delay, Driver};
use crate::event::{ConnectionEvent, ConnectionEvents, Event};
use crate::servers::{ServerAddr, Servers, ToServerAddrs};

pub use error::{ConnectError, ConnectErrorKind};
pub use nats_proto::connection::Auth;
pub(crate) use sign_in::AuthCallback;
pub use sign_in::AuthError;

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
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().name("board");
    /// ```
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "async-nats' signature")]
    pub fn name<T: ToString>(mut self, name: T) -> Self {
        self.config.connect.name = Some(name.to_string());
        self
    }

    /// What reply subjects begin with, instead of `_INBOX`: users whose permissions share none get one each.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().custom_inbox_prefix("_INBOX_ops");
    /// ```
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "async-nats' signature")]
    pub fn custom_inbox_prefix<T: ToString>(mut self, prefix: T) -> Self {
        self.inbox_prefix = prefix.to_string();
        self
    }

    /// Keeps the client's own messages from its own subscriptions.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().no_echo();
    /// ```
    #[must_use]
    pub fn no_echo(mut self) -> Self {
        self.config.connect.echo = false;
        self
    }

    /// How long a silent connection goes without a ping (a minute, unless set). It counts as lost when two pings have
    /// gone unanswered.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().ping_interval(std::time::Duration::from_secs(20));
    /// ```
    #[must_use]
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.config.ping_interval = interval;
        self
    }

    /// How long connecting may take (five seconds, unless set).
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().connection_timeout(std::time::Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn connection_timeout(mut self, timeout: Duration) -> Self {
        self.config.connect_timeout = timeout;
        self
    }

    /// How long a request waits for its answer (ten seconds, unless set); without end if `None`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let options = nats_wasm_shim::ConnectOptions::new().request_timeout(Some(Duration::from_secs(3)));
    /// ```
    #[must_use]
    pub fn request_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// How many messages wait for the reader of a subscription before further ones are lost (65,536, unless set). It is a
    /// bound on their number, not on their bytes: where messages are large and readers may fall behind, set it so that
    /// as many of the largest fit into the page's memory.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().subscription_capacity(1_000);
    /// ```
    #[must_use]
    pub fn subscription_capacity(mut self, capacity: usize) -> Self {
        self.subscription_capacity = capacity.max(1);
        self
    }

    /// How many bytes of publishes are kept while there is no connection (8 MiB, unless set). Publishing more fails.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().pending_limit(1024 * 1024);
    /// ```
    #[must_use]
    pub fn pending_limit(mut self, bytes: usize) -> Self {
        self.config.pending_limit = bytes;
        self
    }

    /// After how many failed attempts in a row to give up; never if `None` or 0, which is also the default.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().max_reconnects(10);
    /// ```
    #[must_use]
    pub fn max_reconnects<T: Into<Option<usize>>>(mut self, max_reconnects: T) -> Self {
        let most = max_reconnects.into().filter(|most| *most > 0);
        self.config.max_reconnects = most.map(|most| u32::try_from(most).unwrap_or(u32::MAX));
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
    ///
    /// ```
    /// # async fn example() -> Result<(), nats_wasm_shim::ConnectError> {
    /// let options = nats_wasm_shim::ConnectOptions::new().retry_on_initial_connect();
    /// let client = options.connect("ws://localhost:8080").await?;
    /// // Kept until there is a connection.
    /// client.publish("events", "data".into()).await.ok();
    /// # Ok(())
    /// # }
    /// ```
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
                    for event in event.to_events().into_iter().flatten() {
                        callback(event).await;
                    }
                }
            });
        })));
        self
    }

    /// Publishes to whatever subject is given: only what would break the protocol is still refused.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().skip_subject_validation(true);
    /// ```
    #[must_use]
    pub fn skip_subject_validation(mut self, skip: bool) -> Self {
        self.config.skip_subject_validation = skip;
        self
    }

    /// Tries only the servers that are given, and not those that they name as others of their cluster.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().ignore_discovered_servers();
    /// ```
    #[must_use]
    pub fn ignore_discovered_servers(mut self) -> Self {
        self.ignores_discovered = true;
        self
    }

    /// Tries the servers in the order in which they are given, instead of another one for each client.
    ///
    /// ```
    /// # async fn example() -> Result<(), nats_wasm_shim::ConnectError> {
    /// let options = nats_wasm_shim::ConnectOptions::new().retain_servers_order();
    /// let client = options.connect(["ws://near.example:8080", "ws://far.example:8080"].as_slice()).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn retain_servers_order(mut self) -> Self {
        self.keeps_order = true;
        self
    }

    /// Connects to one of these servers. Without [`ConnectOptions::retry_on_initial_connect`] it waits for the server to
    /// accept the client, and fails when each server was tried once. Credentials that an address has are for that server,
    /// and the others of its cluster, unless a user or token is given by itself.
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
        self.config.initial_attempts = u32::try_from(servers.len()).unwrap_or(u32::MAX);
        self.config.asks_credentials = self.auth.is_some();
        // What is given by itself is for every server, and counts more than what addresses have.
        let sign_in = self.config.connect.user.is_none() && self.config.connect.auth_token.is_none();
        let servers = Servers::new(servers, self.keeps_order, !self.ignores_discovered, sign_in);
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
                Some(ConnectionEvent::Closed(reason)) => return Err(error::of(reason)),
                Some(_) => {}
                None => return Err(ConnectErrorKind::Io.into()),
            }
        }
    }
}

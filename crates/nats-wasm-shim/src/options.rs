//! How to connect. Names and signatures follow `async_nats::ConnectOptions`.

use std::future::Future;
use std::time::Duration;
use std::{fmt, io};

use nats_proto::connection::{Backoff, CloseReason, DisconnectReason};
use nats_proto::nkey::SeedError;
use nats_proto::{Config, ConnectInfo, Credentials, Secret, UserKey};
use web_sys::Url;

use crate::browser;
use crate::client::Client;
use crate::driver::Driver;
use crate::error::Error;
use crate::event::{ConnectionEvent, ConnectionEvents, Event};

/// Why no connection came about.
pub type ConnectError = Error<ConnectErrorKind>;

/// What went wrong while connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// The address is no `ws://` or `wss://` URL.
    ServerParse,
    /// The credentials cannot be used: the seed of the key is none.
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
    observer: Option<EventCallback>,
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
            observer: None,
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

    /// Signs in with a token.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::with_token("t0ken".into());
    /// ```
    #[must_use]
    pub fn with_token(token: String) -> Self {
        Self::default().token(token)
    }

    /// Signs in with a token.
    #[must_use]
    pub fn token(mut self, token: String) -> Self {
        self.config.connect.auth_token = Some(token.into());
        self
    }

    /// Signs in with a user and password.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::with_user_and_password("ann".into(), "secret".into());
    /// ```
    #[must_use]
    pub fn with_user_and_password(user: String, pass: String) -> Self {
        Self::default().user_and_password(user, pass)
    }

    /// Signs in with a user and password.
    #[must_use]
    pub fn user_and_password(mut self, user: String, pass: String) -> Self {
        self.config.connect.user = Some(user);
        self.config.connect.pass = Some(pass.into());
        self
    }

    /// Signs in with a key, by its seed (`SU…`).
    ///
    /// ```
    /// # async fn example(seed: String) -> Result<(), nats_wasm_shim::ConnectError> {
    /// let client = nats_wasm_shim::ConnectOptions::with_nkey(seed).connect("ws://localhost:8080").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_nkey(seed: String) -> Self {
        Self::default().nkey(seed)
    }

    /// Signs in with a key, by its seed (`SU…`). A text that is no seed of a user makes `connect` fail.
    #[must_use]
    pub fn nkey(mut self, seed: String) -> Self {
        match UserKey::from_seed(Secret::from(seed).expose()) {
            Ok(key) => {
                self.config.connect.nkey = Some(key.public_key());
                self.config.key = Some(key);
            }
            Err(error) => self.unusable = Some(error),
        }
        self
    }

    /// Signs in with what a file of credentials (`.creds`) says.
    ///
    /// ```
    /// # async fn example(file: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let options = nats_wasm_shim::ConnectOptions::with_credentials(file)?;
    /// let client = options.connect("ws://localhost:8080").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_credentials(creds: &str) -> io::Result<Self> {
        Self::default().credentials(creds)
    }

    /// Signs in with what a file of credentials (`.creds`) says. Fails when it is none.
    pub fn credentials(mut self, creds: &str) -> io::Result<Self> {
        let credentials =
            Credentials::parse(creds).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.config.connect.user_jwt = Some(credentials.jwt);
        self.config.key = Some(credentials.key);
        Ok(self)
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
        self.config.backoff = Backoff::Custom(Box::new(callback));
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

    /// Connects. Without [`ConnectOptions::retry_on_initial_connect`] it waits for the server to accept the client, and
    /// fails when the first attempt does.
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
    pub async fn connect(mut self, url: impl AsRef<str>) -> Result<Client, ConnectError> {
        let url = self.take_credentials(url.as_ref())?;
        if let Some(error) = self.unusable {
            return Err(ConnectError::with_source(ConnectErrorKind::Authentication, error));
        }
        let inbox_prefix = self.inbox_prefix;
        self.config.inbox = format!("{inbox_prefix}.{}", browser::token());
        let waits = !self.config.retry_on_initial_connect;
        let (driver, mut events) = Driver::start(url, self.config);
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

    /// Moves a user and password out of the URL, where a browser would not send them.
    fn take_credentials(&mut self, url: &str) -> Result<String, ConnectError> {
        let parsed = Url::new(url).map_err(|_| ConnectErrorKind::ServerParse)?;
        if !matches!(parsed.protocol().as_str(), "ws:" | "wss:") {
            return Err(ConnectErrorKind::ServerParse.into());
        }
        let decoded = |text: String| js_sys::decode_uri_component(&text).map_or(text, String::from);
        let (user, password) = (decoded(parsed.username()), decoded(parsed.password()));
        let connect = &mut self.config.connect;
        if !user.is_empty() && connect.user.is_none() && connect.auth_token.is_none() {
            if password.is_empty() {
                connect.auth_token = Some(user.into());
            } else {
                (connect.user, connect.pass) = (Some(user), Some(password.into()));
            }
        }
        parsed.set_username("");
        parsed.set_password("");
        Ok(parsed.href())
    }
}

fn connect_error(reason: CloseReason) -> ConnectError {
    let kind = match &reason {
        CloseReason::Authorization(_) | CloseReason::InitialConnect(DisconnectReason::Authorization(_)) => {
            ConnectErrorKind::AuthorizationViolation
        }
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

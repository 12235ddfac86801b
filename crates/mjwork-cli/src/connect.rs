//! The way to the server: where it is, who one is there, and what it does not let one do.

mod context;
mod settings;

pub use settings::{Auth, Layer, Settings};

use crate::args::Connection;
use crate::failure::Failure;
use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerAddr, ServerError};
use mjwork::transport::Client;
use std::time::Duration;
use tokio::sync::watch;

/// A line that hangs shows by the second ping that is not answered.
const PING: Duration = Duration::from_secs(10);
/// So long a server has to answer the first time.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection, and what the server has said against it.
#[derive(Clone)]
pub struct Line {
    /// The connection.
    pub client: Client,
    denied: watch::Receiver<Option<String>>,
}

impl Line {
    /// Waits until the server says that this user may not do what it just tried. What was tried gets no answer, and
    /// would only seem slow.
    pub async fn denied(&mut self) -> Failure {
        match self.denied.wait_for(Option::is_some).await {
            Ok(words) => Failure::Denied(words.clone().unwrap_or_default()),
            // Nobody is left who could say so.
            Err(_) => std::future::pending().await,
        }
    }
}

/// The settings of these flags, of the environment and of the context.
pub fn settings(flags: &Connection) -> Result<Settings, Failure> {
    let get = |name: &str| std::env::var(name).ok();
    let named = flags.context.clone().or_else(|| get("NATS_CONTEXT"));
    let context = context::Folders::of_environment(get).context(named.as_deref())?;
    Settings::resolve(&[flags.layer(), Layer::of_environment(get), context])
}

/// Connects.
pub async fn connect(settings: &Settings) -> Result<Line, Failure> {
    let (says, denied) = watch::channel(None);
    let options = options(settings).await?.event_callback(move |event| {
        if let Event::ServerError(ServerError::Other(words)) = event
            && words.to_ascii_lowercase().contains("permissions violation")
        {
            says.send_replace(Some(format!("the server does not allow that: {words}")));
        }
        std::future::ready(())
    });
    let addresses = addresses(&settings.server)?;
    let client = options.connect(addresses).await.map_err(|error| {
        let server = safe(&settings.server);
        match error.kind() {
            ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                Failure::Denied(match settings.auth {
                    Auth::None => format!("{server} lets nobody in who does not sign in ({error})"),
                    _ => format!("{server} does not let {} in ({error})", settings.auth),
                })
            }
            _ => Failure::NotConnected(format!("no connection to {server}: {error}")),
        }
    })?;
    Ok(Line { client, denied })
}

/// Connects, for who listens to nothing but answers.
pub async fn client(settings: &Settings) -> Result<Client, Failure> {
    connect(settings).await.map(|line| line.client)
}

async fn options(settings: &Settings) -> Result<ConnectOptions, Failure> {
    let mut options = ConnectOptions::new()
        .name("mjwork")
        .connection_timeout(PATIENCE)
        .ping_interval(PING)
        .custom_inbox_prefix(&settings.inbox_prefix);
    options = match &settings.auth {
        Auth::None => options,
        Auth::User { name, password } => options.user_and_password(name.clone(), password.clone()),
        Auth::Token(token) => options.token(token.clone()),
        Auth::Creds(file) => options
            .credentials_file(file)
            .await
            .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?,
        Auth::Nkey(file) => {
            let seed = std::fs::read_to_string(file)
                .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
            options.nkey(seed.trim().to_owned())
        }
    };
    if let Some((cert, key)) = &settings.identity {
        options = options.add_client_certificate(cert.clone(), key.clone());
    }
    if let Some(ca) = &settings.ca {
        options = options.add_root_certificates(ca.clone());
    }
    if settings.tls_first {
        options = options.tls_first();
    }
    Ok(options)
}

/// The addresses of a list with commas between.
fn addresses(list: &str) -> Result<Vec<ServerAddr>, Failure> {
    let addresses = list.split(',').map(str::trim).filter(|one| !one.is_empty()).map(|one| {
        one.parse()
            .map_err(|error| Failure::Usage(format!("{:?} is no server's address: {error}", safe(one))))
    });
    let addresses = addresses.collect::<Result<Vec<_>, _>>()?;
    if addresses.is_empty() { Err(Failure::Usage("no server is named".into())) } else { Ok(addresses) }
}

/// Addresses without the passwords that may stand in them.
pub fn safe(list: &str) -> String {
    let one = |address: &str| match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_owned(),
        _ => address.to_owned(),
    };
    list.split(',').map(|address| one(address.trim())).collect::<Vec<_>>().join(", ")
}

impl std::fmt::Display for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("nobody"),
            Self::Creds(file) => write!(f, "the bearer of {}", file.display()),
            Self::User { name, .. } => write!(f, "user {name}"),
            Self::Token(_) => f.write_str("the bearer of that token"),
            Self::Nkey(file) => write!(f, "the holder of {}", file.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_servers_is_taken_apart() {
        assert_eq!(addresses("nats://a:1, b:2,").unwrap().len(), 2);
        assert!(addresses(" , ").is_err() && addresses("ftp://a").is_err());
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(safe("nats://u:p@h:1,tls://x@i,j:3"), "nats://h:1, tls://i, j:3");
    }
}

//! How one gets in, what is kept of it, and what is known of who answers.

use crate::advice::{Attempt, Failure, Notice, sentence};
use crate::browser::{self, Shelf, now_ms};
use crate::reactive::window_event_listener;
use crate::saved::{Connections, Keep, Saved};
use crate::session;
use crate::settings::{Credentials, Settings};
use crate::state::Ui;
use gloo_timers::callback::Interval;
use leptos::ev;
use nats_wasm_shim::{ConnectError, ConnectErrorKind, ConnectOptions};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// Who was let in last, and where.
const LAST: &str = "last";
/// What is kept under a name.
const CONNECTIONS: &str = "connections";
/// So long a server has to answer when somebody looks at the connection.
const PATIENCE: Duration = Duration::from_secs(3);
/// The clock ticks every second; after so many ms without, the page has slept.
const SLEPT_MS: i64 = 5_000;

/// The options of a connection by these settings as this user.
pub(crate) fn options(settings: &Settings, credentials: &Credentials) -> Result<ConnectOptions, Failure> {
    let options = ConnectOptions::new();
    let options = match credentials {
        Credentials::Anonymous => options,
        Credentials::Password { user, password } => {
            options.user_and_password(user.clone(), password.expose().to_owned())
        }
        Credentials::Token(token) => options.token(token.expose().to_owned()),
        Credentials::File { text, .. } => {
            options.credentials(text.expose()).map_err(|error| Failure::Unusable(error.to_string()))?
        }
        Credentials::Key { seed, .. } => options.nkey(seed.expose().to_owned()),
    };
    // A dead server must show within 5 s even where the socket says nothing: two pings go unanswered by then.
    Ok(options
        .name("mjwork board")
        .custom_inbox_prefix(settings.inbox(credentials))
        .ping_interval(Duration::from_secs(2)))
}

/// Why no connection came about.
pub(crate) fn failure(error: &ConnectError) -> Failure {
    let words = || std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    match error.kind() {
        ConnectErrorKind::ServerParse => Failure::Address,
        ConnectErrorKind::Authentication => Failure::Unusable(words()),
        ConnectErrorKind::AuthorizationViolation => Failure::Refused(words()),
        ConnectErrorKind::TimedOut => Failure::TimedOut,
        ConnectErrorKind::Io if words().contains("speak NATS") => Failure::Other(words()),
        ConnectErrorKind::Io => Failure::Unreachable,
        _ => Failure::Other(words()),
    }
}

/// The same for a person.
pub(crate) fn why_not(failure: &Failure, server: &str, credentials: &Credentials) -> Notice {
    let origin = browser::window().location().origin().unwrap_or_default();
    let now = u64::try_from(now_ms() / 1_000).unwrap_or(0);
    Attempt { server, credentials, origin: &origin, now }.why_not(failure)
}

/// The server that `config.json` leads to.
pub(crate) fn usual_server(base: &Settings) -> String {
    let (is_https, host) = browser::page_host();
    base.server_url(is_https, &host)
}

/// Who was let in last in this tab, or else on this device.
pub(crate) fn last(base: &Settings) -> Saved {
    let line = Shelf::Session.get(LAST).or_else(|| Shelf::Local.get(LAST)).unwrap_or_default();
    Saved::from_line(&line, base, &usual_server(base))
}

/// Keeps who is let in now, and the secret for as long as asked.
pub(crate) fn remember(saved: &Saved, credentials: &Credentials, keep: Keep, base: &Settings) {
    let usual = usual_server(base);
    let line = |saved: &Saved| Some(saved.to_line(base, &usual)).filter(|line| !line.is_empty());
    let (plain, whole) = (line(saved), line(&saved.clone().with_secret(credentials)));
    let tab = whole.as_deref().filter(|_| keep == Keep::Tab);
    let device = if keep == Keep::Device { &whole } else { &plain };
    Shelf::Session.set(LAST, tab);
    Shelf::Local.set(LAST, device.as_deref());
}

/// What is kept under names on this device.
pub(crate) fn connections(base: &Settings) -> Connections {
    Connections::parse(&Shelf::Local.get(CONNECTIONS).unwrap_or_default(), base, &usual_server(base))
}

/// Keeps these instead.
pub(crate) fn keep_connections(all: &Connections, base: &Settings) {
    let text = all.to_text(base, &usual_server(base));
    Shelf::Local.set(CONNECTIONS, Some(text.as_str()).filter(|text| !text.is_empty()));
}

/// Looks at the connection: whether it lives, and how long the way is.
pub(crate) fn look(ui: Ui) {
    let Some(client) = session::client() else { return };
    client.check(PATIENCE);
    browser::spawn(async move {
        if client.flush().await.is_ok() {
            let round_trip = client.round_trip();
            ui.set_conn(|c| c.answers.round_trip = round_trip);
        }
    });
}

/// Ends the wait for the next attempt.
pub(crate) fn try_now() {
    if let Some(client) = session::client() {
        browser::spawn(async move {
            // It can only be over, which is shown.
            let _ = client.force_reconnect().await;
        });
    }
}

/// Makes the stream that is missing. The reader finds it by itself.
pub(crate) fn create_stream(ui: Ui) {
    let Some(client) = session::client() else { return };
    let source = ui.conn_now().settings.source();
    browser::spawn(async move {
        let notice = match mjwork::setup::create(&client, &source).await {
            Ok(()) => Notice::say(format!("The stream {} is made, and is read in a moment.", source.stream)),
            Err(fault) => Notice::say(sentence(&fault.to_string())),
        };
        ui.set_conn(|c| c.notice = Some(notice));
    });
}

/// Doubts what is shown whenever the page has slept, until the server has answered behind all that came meanwhile.
pub(crate) fn watch_sleep(ui: Ui) {
    let last = Rc::new(Cell::new(now_ms()));
    let look = move || {
        let now = now_ms();
        let since = last.replace(now);
        if now - since > SLEPT_MS
            && let Some(client) = session::client()
        {
            ui.set_conn(|c| c.link.slept(since));
            browser::spawn(async move {
                if client.flush().await.is_ok() {
                    ui.set_conn(|c| c.link.awake());
                }
            });
        }
    };
    let tick = look.clone();
    Interval::new(1_000, tick).forget();
    let _ = window_event_listener(ev::visibilitychange, move |_| look());
}

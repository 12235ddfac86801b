//! The connection, from `config.json` to the pump that feeds the fold; and what an operator sends back.
//! One session at a time: a new sign-in ends the one before it, with all that it knew.

use crate::act::Stage;
use crate::browser::{self, Shelf, now_ms};
use crate::frame;
use crate::live::Arrival;
use crate::settings::{Credentials, Settings, normalized_url};
use crate::state::{Connected, Notice, Rights, Ui};
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Either, abortable, select};
use mjwork::Sequence;
use mjwork::access::{Access, Unsaid};
use mjwork::draft::Draft;
use mjwork::event::Subjects;
use mjwork::reader::{Fault, Reader, Source, Step, Stored};
use nats_wasm_shim::{Client, ConnectError, ConnectErrorKind, ConnectOptions, ConnectionEvent};
use std::cell::RefCell;
use std::pin::{Pin, pin};

/// After so many ms one asks again what one may do, where no answer came.
const RIGHTS_AGAIN_MS: u32 = 1_000;

thread_local! {
    /// The session under way: what ends it, and its connection once there is one.
    static SESSION: RefCell<Option<(AbortHandle, Option<Client>)>> = const { RefCell::new(None) };
}

/// Reads `config.json` and connects, without asking anybody.
pub(crate) fn start(ui: Ui) {
    browser::spawn(async move {
        let settings = match browser::own_file("config.json").await.as_deref().map(Settings::parse) {
            Some(Ok(settings)) => settings,
            Some(Err(sentence)) => {
                ui.set_conn(|c| c.notice = Some(Notice { text: sentence, command: None }));
                Settings::default()
            }
            None => Settings::default(),
        };
        let (is_https, host) = browser::page_host();
        let server = Shelf::Local.get("server").unwrap_or_else(|| settings.server_url(is_https, &host));
        ui.set_conn(|c| c.settings = settings);
        let credentials = match (Shelf::Session.get("user"), Shelf::Session.get("password")) {
            (Some(user), Some(password)) => Credentials::Password { user, password },
            _ => Credentials::Anonymous,
        };
        connect(ui, &server, credentials);
    });
}

/// Connects as somebody, and forgets what was there before. Keeps the address if it is not the configured one.
pub(crate) fn connect(ui: Ui, server: &str, credentials: Credentials) {
    let server = normalized_url(server);
    let settings = ui.conn_now().settings.clone();
    let (is_https, host) = browser::page_host();
    let is_configured = server == settings.server_url(is_https, &host);
    Shelf::Local.set("server", (!is_configured).then_some(server.as_str()));
    ui.set_conn(|c| {
        *c = Connected {
            server: server.clone(),
            credentials: credentials.clone(),
            settings: settings.clone(),
            ..Connected::default()
        };
    });
    ui.live_mut().reset();
    ui.flush();
    let (running, handle) = abortable(run(ui, server, settings, credentials));
    let before = SESSION.with_borrow_mut(|session| session.replace((handle, None)));
    if let Some((handle, client)) = before {
        handle.abort();
        if let Some(client) = client {
            browser::spawn(async move {
                let _ = client.drain().await;
            });
        }
    }
    browser::spawn(async move {
        // An end by a newer session needs no word.
        let _ = running.await;
    });
}

/// Publishes what an operator decided, and shows what becomes of it.
pub(crate) fn act(ui: Ui, what: &'static str, task: &str, draft: Draft) {
    let sending = send(ui, what, task, draft);
    browser::spawn(async move {
        let _ = sending.await;
    });
}

/// The same for who waits: done when the stream has stored it, or when that is not known to have happened.
pub(crate) fn send(
    ui: Ui,
    what: &'static str,
    task: &str,
    draft: Draft,
) -> impl Future<Output = Result<(), String>> + use<> {
    let id = ui.acts.begin(what, task);
    let sending = put(draft);
    async move {
        let (stage, done) = match sending.await {
            Ok(seq) => (Stage::Acknowledged(seq), Ok(())),
            Err(why) => (Stage::Failed(why.clone()), Err(why)),
        };
        ui.acts.set(id, stage);
        // Its event may have come before the acknowledgement.
        frame::ask(ui);
        done
    }
}

/// The connection, once there is one.
fn client() -> Option<Client> {
    SESSION.with_borrow(|session| session.as_ref().and_then(|(_, client)| client.clone()))
}

/// Publishes one of many, of which nothing is shown but by who asked. Gives its sequence.
pub(crate) fn put(draft: Draft) -> Pin<Box<dyn Future<Output = Result<Sequence, String>>>> {
    let client = client();
    Box::pin(async move {
        let Some(client) = client else { return Err("There is no connection.".to_owned()) };
        let sent = mjwork::send(&client, draft).await;
        sent.map(|ack| ack.seq).map_err(|error| sentence(&error.to_string()))
    })
}

/// How many bytes the server takes of a message.
pub(crate) fn max_payload() -> usize {
    client().map_or(usize::MAX, |client| client.max_payload())
}

/// The message at `seq` as the stream has it; none where it has expired.
pub(crate) async fn stored(ui: Ui, seq: Sequence) -> Result<Option<Stored>, String> {
    let Some(client) = client() else { return Err("There is no connection.".to_owned()) };
    let source = source(ui.conn_now().settings.clone());
    mjwork::reader::get(&client, &source, seq).await.map_err(|fault| fault.to_string())
}

fn source(settings: Settings) -> Source {
    Source {
        stream: settings.stream,
        subjects: Subjects::new(settings.subject_prefix),
        live_prefix: settings.live_prefix,
        api_prefix: settings.api_prefix,
    }
}

async fn run(ui: Ui, server: String, settings: Settings, credentials: Credentials) {
    let client = match options(&settings, &credentials).connect(&server).await {
        Ok(client) => client,
        Err(error) => {
            let reason = why_not(&error, &server, &credentials);
            ui.set_conn(|c| c.link.closed(reason, now_ms()));
            return;
        }
    };
    SESSION.with_borrow_mut(|session| {
        if let Some((_, kept)) = session {
            *kept = Some(client.clone());
        }
    });
    ui.set_conn(|c| c.link.connected());
    let source = source(settings);
    let subjects = source.subjects.clone();
    let mut events = client.events();
    let mut reader = Reader::open(client.clone(), source);
    read_rights(ui, client, subjects.clone());
    let mut is_connected = true;
    loop {
        let next = match select(pin!(reader.next()), events.next()).await {
            Either::Left((step, _)) => Either::Left(step),
            Either::Right((event, _)) => Either::Right(event),
        };
        match next {
            Either::Left(step) => take(ui, step, &reader, &subjects),
            Either::Right(None) => return,
            Either::Right(Some(event)) => match event {
                ConnectionEvent::Connected if !is_connected => {
                    is_connected = true;
                    ui.set_conn(|c| c.link.connected());
                    reader.reconnected();
                }
                ConnectionEvent::Disconnected(_) => {
                    is_connected = false;
                    ui.live_mut().interrupted();
                    ui.set_conn(|c| c.link.reconnecting(0, 0, now_ms()));
                }
                ConnectionEvent::Reconnecting { attempt, delay } => {
                    let delay_ms = i64::try_from(delay.as_millis()).unwrap_or(0);
                    ui.set_conn(|c| c.link.reconnecting(attempt, delay_ms, now_ms()));
                }
                ConnectionEvent::Closed(reason) => {
                    ui.live_mut().interrupted();
                    ui.set_conn(|c| c.link.closed(sentence(&reason.to_string()), now_ms()));
                    return;
                }
                _ => {}
            },
        }
    }
}

/// Takes in what the reader brings.
fn take(ui: Ui, step: Step, reader: &Reader, subjects: &Subjects) {
    if let (Step::Events(_) | Step::Synced { .. }, Some(info)) = (&step, reader.stream_info()) {
        ui.live_mut().told(info.now, now_ms());
    }
    match step {
        Step::Events(stored) => {
            let local_ms = now_ms();
            {
                let mut live = ui.live_mut();
                // What the log would drop again before anybody sees it is not copied into it.
                let pending =
                    if live.is_synced() { 0 } else { usize::try_from(reader.pending()).unwrap_or(0) };
                for (place, message) in stored.iter().enumerate() {
                    let arrival = Arrival {
                        seq: message.seq,
                        time: message.time,
                        subject: message.subject(),
                        body: message.payload(),
                    };
                    let after = stored.len() - 1 - place + pending;
                    live.apply(arrival, &message.event(subjects), local_ms, after);
                }
            }
            if ui.conn_now().history == 0
                && let Some(info) = reader.stream_info()
            {
                ui.set_conn(|c| c.history = info.state.messages);
            }
            frame::ask(ui);
        }
        Step::Synced { .. } => {
            let max_age = reader.stream_info().map(mjwork::reader::StreamInfo::max_age);
            ui.live_mut().synced();
            ui.set_conn(|c| {
                c.max_age = max_age.unwrap_or(c.max_age);
                c.notice = None;
                c.link.synced();
            });
            ui.tick();
            ui.forget_expired();
            ui.flush();
        }
        Step::Reset => {
            ui.live_mut().reset();
            ui.set_conn(|c| c.history = 0);
            ui.flush();
        }
        Step::Fault(fault) => {
            ui.live_mut().interrupted();
            ui.set_conn(|c| {
                c.link.stale(now_ms());
                c.notice = Some(notice(&fault));
            });
        }
    }
}

/// Asks what one may do; the page is read-only until the server has said.
fn read_rights(ui: Ui, client: Client, subjects: Subjects) {
    let session = SESSION.with_borrow(|session| session.as_ref().map(|(handle, _)| handle.clone()));
    let is_over = move || session.as_ref().is_none_or(AbortHandle::is_aborted);
    browser::spawn(async move {
        let mut said = Access::read(&client).await;
        // A line that was cut meanwhile says nothing of rights.
        while matches!(said, Err(Unsaid::NoAnswer)) && !is_over() {
            gloo_timers::future::TimeoutFuture::new(RIGHTS_AGAIN_MS).await;
            said = Access::read(&client).await;
        }
        if is_over() {
            return;
        }
        // A server that does not say leaves nothing but to try; it refuses all the same.
        let access = said.ok();
        let may = |verb: &str| access.as_ref().is_none_or(|access| access.may_publish(&subjects.task(verb)));
        let rights = Rights {
            known: true,
            publish: may("available"),
            cancel: may("cancelled"),
            accept: may("completed"),
            user: access.as_ref().and_then(|access| access.user.clone()).filter(|user| !user.is_empty()),
        };
        ui.set_conn(|c| {
            c.rights = rights;
            if c.rights.user.is_none() {
                c.rights.user = c.credentials.user().map(ToOwned::to_owned);
            }
        });
    });
}

fn options(settings: &Settings, credentials: &Credentials) -> ConnectOptions {
    let options = match credentials.clone() {
        Credentials::Anonymous => ConnectOptions::new(),
        Credentials::Password { user, password } => ConnectOptions::with_user_and_password(user, password),
        Credentials::Token(token) => ConnectOptions::with_token(token),
    };
    // A dead server must show within 5 s even where the socket says nothing: two pings go unanswered by then.
    options
        .name("mjwork board")
        .custom_inbox_prefix(settings.inbox(credentials))
        .ping_interval(std::time::Duration::from_secs(2))
}

/// Why the first connection did not come about, and what to do.
fn why_not(error: &ConnectError, server: &str, credentials: &Credentials) -> String {
    let page = browser::window().location().origin().unwrap_or_default();
    let mixed = page.starts_with("https:") && server.starts_with("ws:");
    match (error.kind(), credentials) {
        (ConnectErrorKind::AuthorizationViolation, Credentials::Anonymous) => {
            "The server lets nobody in without signing in.".into()
        }
        (ConnectErrorKind::AuthorizationViolation, Credentials::Password { .. }) => {
            "The server refused this user and password.".into()
        }
        (ConnectErrorKind::AuthorizationViolation, Credentials::Token(_)) => {
            "The server refused this token.".into()
        }
        (ConnectErrorKind::ServerParse, _) => format!("{server} is no address of the form ws://host:port."),
        (ConnectErrorKind::TimedOut, _) => format!("{server} did not answer in time."),
        (ConnectErrorKind::Io, _) if mixed => {
            format!("A page from {page} may only use wss://, and {server} is not.")
        }
        (ConnectErrorKind::Io, _) => format!(
            "No connection to {server}. Either nothing listens there, or it does not let in pages from {page} (its \
             allowed_origins); a browser cannot tell which."
        ),
        _ => sentence(&error.to_string()),
    }
}

/// What a fault of the reader means to a person, with the command apart so that it can be copied.
fn notice(fault: &Fault) -> Notice {
    let setup = |stream: &str| Some(format!("mjwork setup --stream {stream}"));
    match fault {
        Fault::NoSuchStream { stream } => Notice {
            text: format!("There is no stream {stream} on this server. Make it:"),
            command: setup(stream),
        },
        Fault::NoDirectGet { stream } => Notice {
            text: format!(
                "The stream {stream} does not allow direct get, by which its history is read. Mend it:"
            ),
            command: setup(stream),
        },
        other => Notice { text: sentence(&other.to_string()), command: None },
    }
}

/// The words of an error as a sentence. They are ours or a server's, and so begin in ASCII.
fn sentence(words: &str) -> String {
    let mut sentence = words.to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

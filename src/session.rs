//! The connection, from `config.json` to the pump that feeds the fold; and what an operator sends back.
//! One session at a time: a new sign-in ends the one before it, with all that it knew.

use crate::act::Stage;
use crate::browser::{self, Shelf, now_ms};
use crate::live::{Arrival, Live};
use crate::settings::{Credentials, Settings, normalized_url};
use crate::state::{Connected, Notice, Rights, Ui};
use crate::{copies, frame, past, store};
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Either, abortable, join, select};
use mjwork::Sequence;
use mjwork::access::{Access, Unsaid};
use mjwork::draft::Draft;
use mjwork::event::Subjects;
use mjwork::reader::{Fault, Origin, Reader, Source, Step, Stored};
use nats_wasm_shim::{Client, ConnectError, ConnectErrorKind, ConnectOptions, ConnectionEvent};
use std::cell::RefCell;
use std::pin::pin;
use std::task::{Poll, Waker};

/// After so many ms one asks again what one may do, where no answer came.
const RIGHTS_AGAIN_MS: u32 = 1_000;

/// The session under way.
struct Session {
    /// What ends it.
    handle: AbortHandle,
    /// Its connection, once there is one.
    client: Option<Client>,
    /// Whether somebody wants the history to be read.
    wants_history: bool,
    /// What is told when that changes.
    waker: Option<Waker>,
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
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
    past::leave(ui);
    let (running, handle) = abortable(run(ui, server, settings, credentials));
    let session = Session { handle, client: None, wants_history: true, waker: None };
    let before = SESSION.replace(Some(session));
    if let Some(before) = before {
        before.handle.abort();
        if let Some(client) = before.client {
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

/// Stops reading the history where it is, or goes on with it.
pub(crate) fn read_history(wants: bool) {
    SESSION.with_borrow_mut(|session| {
        if let Some(session) = session {
            session.wants_history = wants;
            if let Some(waker) = session.waker.take() {
                waker.wake();
            }
        }
    });
}

/// Done when somebody wants the history to be read and `is_reading` says that it is not, or the other way round.
async fn told(is_reading: bool) {
    std::future::poll_fn(|cx| {
        SESSION.with_borrow_mut(|session| match session {
            Some(session) if session.wants_history == is_reading => {
                session.waker = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        })
    })
    .await;
}

/// The connection under way, for who reads beside the session.
pub(crate) fn client() -> Option<Client> {
    SESSION.with_borrow(|session| session.as_ref()?.client.clone())
}

/// Publishes what an operator decided, and shows what becomes of it: done when the stream has stored it, or when that
/// is not known to have happened.
pub(crate) fn send(
    ui: Ui,
    what: &'static str,
    task: &str,
    draft: Draft,
) -> impl Future<Output = Result<(), String>> + use<> {
    let id = ui.acts.begin(what, task);
    let sending = deliver(draft);
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

/// The connection, and what is read by it; none while there is none.
pub(crate) fn source(ui: Ui) -> Option<(Client, Source)> {
    let client = client()?;
    let settings = ui.conn_now().settings.clone();
    let source = Source {
        stream: settings.stream,
        subjects: Subjects::new(settings.subject_prefix),
        live_prefix: settings.live_prefix,
        api_prefix: settings.api_prefix,
    };
    Some((client, source))
}

/// Publishes a message: the sequence under which the stream has stored it, or a sentence why it is not known to have.
pub(crate) fn deliver(draft: Draft) -> impl Future<Output = Result<Sequence, String>> {
    let client = client();
    async move {
        let client = client.ok_or_else(|| "There is no connection.".to_owned())?;
        let sent = mjwork::send(&client, draft).await;
        sent.map(|ack| ack.seq).map_err(|error| sentence(&error.to_string()))
    }
}

async fn run(ui: Ui, server: String, settings: Settings, credentials: Credentials) {
    let finding = copies::find(store::key(&server, &settings, &credentials));
    let connecting = options(&settings, &credentials).connect(&server);
    let (connected, copy) = join(connecting, finding).await;
    let client = match connected {
        Ok(client) => client,
        Err(error) => {
            let reason = why_not(&error, &server, &credentials);
            ui.set_conn(|c| c.link.closed(reason, now_ms()));
            return;
        }
    };
    SESSION.with_borrow_mut(|session| {
        if let Some(session) = session {
            session.client = Some(client.clone());
        }
    });
    ui.set_conn(|c| c.link.connected());
    let source = settings.source();
    let subjects = source.subjects.clone();
    let mut events = client.events();
    read_rights(ui, client.clone(), subjects.clone());
    let mut is_connected = true;
    let mut reader = Some(match copy {
        None => Reader::open(client.clone(), source.clone()),
        Some(copy) => {
            let origin = copy.origin();
            let mut reader = Reader::resume(client.clone(), source.clone(), origin.clone());
            // The server is asked what is new while the copy is taken in.
            let (first, known) = join(reader.next(), copy.open()).await;
            if let Some(known) = known {
                copies::believed(&origin);
                ui.live_mut().restore(known);
                ui.set_conn(|c| c.as_of = Some(ui.present().board().last_time()));
                ui.flush();
                take(ui, first, &reader, &subjects);
                reader
            } else {
                Reader::open(client.clone(), source.clone())
            }
        }
    });
    loop {
        let is_reading = reader.is_some();
        let step = async {
            match &mut reader {
                Some(reader) => reader.next().await,
                None => std::future::pending().await,
            }
        };
        let next = match select(select(pin!(step), pin!(told(is_reading))), events.next()).await {
            Either::Left((Either::Left((step, _)), _)) => Either::Left(Some(step)),
            Either::Left((Either::Right(((), _)), _)) => Either::Left(None),
            Either::Right((event, _)) => Either::Right(event),
        };
        match next {
            Either::Left(Some(step)) => {
                if let Some(reader) = &reader {
                    take(ui, step, reader, &subjects);
                }
            }
            Either::Left(None) if is_reading => {
                reader = None;
                cut(ui);
            }
            Either::Left(None) => {
                ui.set_conn(|c| c.is_cut = false);
                reader = Some(go_on(ui, client.clone(), source.clone()));
            }
            Either::Right(None) => return,
            Either::Right(Some(event)) => match event {
                ConnectionEvent::Connected if !is_connected => {
                    is_connected = true;
                    ui.set_conn(|c| c.link.connected());
                    if let Some(reader) = &mut reader {
                        reader.reconnected();
                    }
                    past::reconnected(ui);
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

/// Shows what was read until the reading was stopped.
fn cut(ui: Ui) {
    ui.live_mut().show();
    ui.set_conn(|c| c.is_cut = true);
    ui.tick();
    ui.flush();
}

/// A reader that goes on where the reading was stopped.
fn go_on(ui: Ui, client: Client, source: Source) -> Reader {
    let (created, seq) = (ui.conn_now().created.clone(), ui.present().board().last_seq());
    if created.is_empty() {
        return Reader::open(client, source);
    }
    Reader::resume(client, source, Origin { created, seq })
}

/// Folds messages in their order; `pending` more are known to follow.
pub(crate) fn fold(live: &mut Live, stored: &[Stored], pending: u64, subjects: &Subjects) {
    let local_ms = now_ms();
    // What the log would drop again before anybody sees it is not copied into it.
    let pending = if live.is_synced() { 0 } else { usize::try_from(pending).unwrap_or(0) };
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

/// Takes in what the reader brings.
fn take(ui: Ui, step: Step, reader: &Reader, subjects: &Subjects) {
    if let (Step::Events(_) | Step::Synced { .. }, Some(info)) = (&step, reader.stream_info()) {
        ui.live_mut().told(info.now, now_ms());
        if ui.conn_now().created != info.created {
            ui.live_mut().lasts(info.max_age());
            ui.set_conn(|c| {
                c.created.clone_from(&info.created);
                c.first_time = info.state.first_time;
                c.max_age = info.max_age();
            });
        }
    }
    match step {
        Step::Events(stored) => {
            let pending = reader.pending();
            fold(&mut ui.live_mut(), &stored, pending, subjects);
            let is_reading = !ui.conn_now().link.synced;
            if is_reading && ui.conn_now().history == 0 {
                let read = ui.present().totals().read;
                ui.set_conn(|c| c.history = read + pending);
            }
            frame::ask(ui);
        }
        Step::Synced { .. } => {
            ui.live_mut().synced();
            ui.set_conn(|c| {
                c.notice = None;
                c.as_of = None;
                c.link.synced();
            });
            ui.tick();
            ui.forget_expired();
            ui.flush();
            copies::look_after(ui);
        }
        Step::Reset => {
            past::leave(ui);
            ui.live_mut().reset();
            ui.set_conn(|c| {
                c.history = 0;
                c.as_of = None;
                c.created.clear();
            });
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
    let session = SESSION.with_borrow(|session| session.as_ref().map(|session| session.handle.clone()));
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
            say: access.as_ref().is_none_or(|access| access.may_publish(&subjects.coordination())),
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

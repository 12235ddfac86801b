//! The connection, from `config.json` to the pump that feeds the fold; and what an operator sends back.
//! One session at a time: a new sign-in ends the one before it, with all that it knew.

use crate::act::Stage;
use crate::advice::{Failure, Notice, Place, sentence};
use crate::browser::{self, now_ms};
use crate::live::{Arrival, Live};
use crate::settings::{Credentials, Settings, normalized_url};
use crate::state::{Connected, Rights, Ui};
use crate::{copies, door, frame, past, store};
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Either, abortable, join, select};
use mjwork::Sequence;
use mjwork::access::{Access, Unsaid};
use mjwork::draft::Draft;
use mjwork::event::Subjects;
use mjwork::reader::{Origin, Reader, Source, Step, Stored};
use nats_wasm_shim::{Client, CloseReason, ConnectionEvent};
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
        let (base, broken) = match browser::own_file("config.json").await.as_deref().map(Settings::parse) {
            Some(Ok(settings)) => (settings, None),
            Some(Err(sentence)) => (Settings::default(), Some(Notice::say(sentence))),
            None => (Settings::default(), None),
        };
        let last = door::last(&base);
        ui.set_conn(|c| c.base = base);
        connect(ui, &last.server, last.settings.clone(), last.credentials());
        ui.set_conn(|c| c.notice = broken);
    });
}

/// Connects as somebody, and forgets what was there before.
pub(crate) fn connect(ui: Ui, server: &str, settings: Settings, credentials: Credentials) {
    let server = normalized_url(server);
    ui.set_conn(|c| {
        *c = Connected {
            server: server.clone(),
            credentials: credentials.clone(),
            settings: settings.clone(),
            base: std::mem::take(&mut c.base),
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
    Some((client()?, ui.conn_now().settings.source()))
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

/// How many bytes the server takes of a message.
pub(crate) fn max_payload() -> usize {
    client().map_or(usize::MAX, |client| client.max_payload())
}

/// The message at `seq` as the stream has it; none where it has expired.
pub(crate) async fn stored(ui: Ui, seq: Sequence) -> Result<Option<Stored>, String> {
    let client = client().ok_or_else(|| "There is no connection.".to_owned())?;
    let source = ui.conn_now().settings.source();
    mjwork::reader::get(&client, &source, seq).await.map_err(|fault| fault.to_string())
}

async fn run(ui: Ui, server: String, settings: Settings, credentials: Credentials) {
    let finding = copies::find(store::key(&server, &settings, &credentials));
    let connecting = async {
        let options = door::options(&settings, &credentials)?;
        options.connect(&server).await.map_err(|error| door::failure(&error))
    };
    let (connected, copy) = join(connecting, finding).await;
    let client = match connected {
        Ok(client) => client,
        Err(failure) => {
            let why = door::why_not(&failure, &server, &credentials);
            ui.set_conn(|c| c.link.closed(why, now_ms()));
            return;
        }
    };
    SESSION.with_borrow_mut(|session| {
        if let Some(session) = session {
            session.client = Some(client.clone());
        }
    });
    connected_to(ui, &client);
    let source = settings.source();
    let subjects = source.subjects.clone();
    let mut events = client.events();
    read_rights(ui, client.clone(), subjects.clone());
    let mut is_connected = true;
    let mut reader = Some(open(ui, &client, &source, copy).await);
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
                    connected_to(ui, &client);
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
                ConnectionEvent::LameDuckMode => ui.set_conn(|c| c.link.leaving = true),
                ConnectionEvent::Closed(reason) => {
                    let failure = match reason {
                        CloseReason::Authorization(words) => Failure::Refused(words),
                        other => Failure::Other(other.to_string()),
                    };
                    let why = door::why_not(&failure, &server, &credentials);
                    ui.live_mut().interrupted();
                    ui.set_conn(|c| c.link.closed(why, now_ms()));
                    return;
                }
                _ => {}
            },
        }
    }
}

/// A reader that begins at the beginning, or where the copy on the device ends.
async fn open(ui: Ui, client: &Client, source: &Source, copy: Option<copies::Copy>) -> Reader {
    let anew = || Reader::open(client.clone(), source.clone());
    let Some(copy) = copy else { return anew() };
    let origin = copy.origin();
    let mut reader = Reader::resume(client.clone(), source.clone(), origin.clone());
    // The server is asked what is new while the copy is taken in.
    let (first, known) = join(reader.next(), copy.open()).await;
    let Some(known) = known else { return anew() };
    copies::believed(&origin);
    ui.live_mut().restore(known);
    ui.set_conn(|c| c.as_of = Some(ui.present().board().last_time()));
    ui.flush();
    take(ui, first, &reader, &source.subjects);
    reader
}

/// The connection is there, for the first time or again.
fn connected_to(ui: Ui, client: &Client) {
    let info = client.try_server_info();
    ui.set_conn(|c| {
        c.link.connected();
        c.link.leaving = info.as_ref().is_some_and(|info| info.lame_duck_mode);
        c.answers.info = info;
        c.answers.round_trip = None;
    });
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
            // A stream that was empty when it was described.
            if ui.conn_now().first_time.is_none()
                && let Some(first) = stored.first()
            {
                ui.set_conn(|c| c.first_time = Some(first.time));
            }
            let is_reading = !ui.conn_now().link.synced;
            if is_reading && ui.conn_now().history == 0 {
                let read = ui.present().totals().read;
                ui.set_conn(|c| c.history = read + pending);
            }
            frame::ask(ui);
        }
        Step::Synced { .. } => {
            let info = reader.stream_info();
            ui.live_mut().synced();
            ui.set_conn(|c| {
                c.answers.stream = info.map(|info| info.config.clone());
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
                c.link.hindered(now_ms());
                c.notice = Some(Place { server: &c.server, settings: &c.settings }.fault(&fault));
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
        let source = ui.conn_now().settings.source();
        let may = |verb: &str| access.as_ref().is_none_or(|access| access.may_publish(&subjects.task(verb)));
        let missing = access.as_ref().map(|access| {
            let c = ui.conn_now();
            let place = Place { server: &c.server, settings: &c.settings };
            place.missing(
                &|subject| access.may_publish(subject),
                &|subject| access.may_subscribe(subject),
                &c.settings.inbox(&c.credentials),
            )
        });
        let create = format!("{}.STREAM.CREATE.{}", source.api_prefix, source.stream);
        let rights = Rights {
            known: true,
            missing: missing.unwrap_or_default(),
            create: access.as_ref().is_none_or(|access| access.may_publish(&create)),
            account: access.as_ref().and_then(|access| access.account.clone()),
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

//! The connection, from `config.json` to the pump that feeds the fold; and what an operator sends back.
//! One session at a time: a new sign-in ends the one before it, with all that it knew.

use crate::act::Stage;
use crate::advice::{Failure, Notice, Place, sentence};
use crate::browser::{self, now_ms};
use crate::live::Arrival;
use crate::settings::{Credentials, Settings, normalized_url};
use crate::state::{Connected, Rights, Ui};
use crate::{door, frame};
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Either, abortable, select};
use mjwork::access::{Access, Unsaid};
use mjwork::draft::Draft;
use mjwork::event::Subjects;
use mjwork::reader::{Reader, Step};
use nats_wasm_shim::{Client, CloseReason, ConnectionEvent};
use std::cell::RefCell;
use std::pin::pin;

/// After so many ms one asks again what one may do, where no answer came.
const RIGHTS_AGAIN_MS: u32 = 1_000;

thread_local! {
    /// The session under way: what ends it, and its connection once there is one.
    static SESSION: RefCell<Option<(AbortHandle, Option<Client>)>> = const { RefCell::new(None) };
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

/// The connection under way, for who reads beside the session.
pub(crate) fn client() -> Option<Client> {
    SESSION.with_borrow(|session| session.as_ref().and_then(|(_, client)| client.clone()))
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
    let client = client();
    async move {
        let sent = match client {
            None => Err("There is no connection.".to_owned()),
            Some(client) => mjwork::send(&client, draft).await.map_err(|error| sentence(&error.to_string())),
        };
        let (stage, done) = match sent {
            Ok(ack) => (Stage::Acknowledged(ack.seq), Ok(())),
            Err(why) => (Stage::Failed(why.clone()), Err(why)),
        };
        ui.acts.set(id, stage);
        // Its event may have come before the acknowledgement.
        frame::ask(ui);
        done
    }
}

async fn run(ui: Ui, server: String, settings: Settings, credentials: Credentials) {
    let connected = match door::options(&settings, &credentials) {
        Ok(options) => options.connect(&server).await.map_err(|error| door::failure(&error)),
        Err(failure) => Err(failure),
    };
    let client = match connected {
        Ok(client) => client,
        Err(failure) => {
            let why = door::why_not(&failure, &server, &credentials);
            ui.set_conn(|c| c.link.closed(why, now_ms()));
            return;
        }
    };
    SESSION.with_borrow_mut(|session| {
        if let Some((_, kept)) = session {
            *kept = Some(client.clone());
        }
    });
    connected_to(ui, &client);
    let source = settings.source();
    let subjects = source.subjects.clone();
    let mut events = client.events();
    let mut reader = Reader::open(client.clone(), source);
    read_rights(ui, client.clone(), subjects.clone());
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
                    connected_to(ui, &client);
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
            let info = reader.stream_info();
            ui.live_mut().synced();
            ui.set_conn(|c| {
                c.max_age = info.map_or(c.max_age, mjwork::reader::StreamInfo::max_age);
                c.answers.stream = info.map(|info| info.config.clone());
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
                c.link.hindered(now_ms());
                c.notice = Some(Place { server: &c.server, settings: &c.settings }.fault(&fault));
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

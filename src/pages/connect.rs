//! Where the connection goes and as whom: kept ones to choose from, a form for any other, and what failed before.
//! A secret is kept only for as long as somebody asks.

use crate::browser;
use crate::components::{Page, button, copy_choice, copyable, field};
use crate::dom::{El, el};
use crate::link::Phase;
use crate::reactive::{Memo, RwSignal, StoredValue};
use crate::saved::{Keep, Saved};
use crate::settings::{Credentials, Kind, Settings, normalized_url};
use crate::state::Ui;
use crate::{door, session};
use nats_proto::Secret;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event, HtmlInputElement};

/// The ways to sign in that the form offers, in their order.
const WAYS: [Kind; 3] = [Kind::Password, Kind::Token, Kind::File];

/// What is being filled in.
#[derive(Clone, Copy)]
struct Draft {
    ui: Ui,
    server: RwSignal<String>,
    user: RwSignal<String>,
    password: RwSignal<String>,
    token: RwSignal<String>,
    seed: RwSignal<String>,
    /// What a chosen file holds.
    file: StoredValue<Option<Credentials>>,
    /// What is said of that file.
    said: RwSignal<String>,
    way: RwSignal<Kind>,
    keep: RwSignal<Keep>,
    /// The name under which the connection is kept; empty for not at all.
    name: RwSignal<String>,
    /// Stream, subject prefix, live prefix, API prefix, inbox prefix.
    advanced: [RwSignal<String>; 5],
    /// Why the form cannot be sent as it is.
    fault: RwSignal<String>,
    /// Moves when a kept connection comes or goes.
    kept_moved: RwSignal<u64>,
}

impl Draft {
    fn new(ui: Ui) -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        let c = ui.conn_now();
        let s = &c.settings;
        // After a try it is that user; before, whoever was here last.
        let last = door::last(&c.base);
        let user = c.credentials.user().unwrap_or(&last.user).to_owned();
        let kind = if c.credentials.kind() == Kind::Nobody { last.kind } else { c.credentials.kind() };
        Self {
            ui,
            server: text(&c.server),
            user: text(if kind == Kind::Password { &user } else { "" }),
            password: text(""),
            token: text(""),
            seed: text(""),
            file: StoredValue::new(None),
            said: text(""),
            way: RwSignal::new(offered(kind)),
            keep: RwSignal::new(Keep::Page),
            name: text(""),
            advanced: [&s.stream, &s.subject_prefix, &s.live_prefix, &s.api_prefix, &s.inbox_prefix]
                .map(|setting| text(setting)),
            fault: text(""),
            kept_moved: RwSignal::new(0),
        }
    }

    /// Who signs in by what is filled in.
    fn credentials(self) -> Result<Credentials, String> {
        let read = |field: RwSignal<String>| Secret::from(field.get_untracked());
        match self.way.get_untracked() {
            Kind::Token => Ok(Credentials::token(read(self.token).expose())),
            Kind::File => {
                let seed = read(self.seed);
                if seed.expose().trim().is_empty() {
                    Ok(self.file.get_value().unwrap_or_default())
                } else {
                    Credentials::key(seed.expose())
                }
            }
            _ => Ok(Credentials::password(&self.user.get_untracked(), read(self.password).expose())),
        }
    }

    fn settings(self) -> Settings {
        let base = self.ui.conn_now().base.clone();
        // What is left empty is what `config.json` says.
        let read = |at: usize, usual: String| {
            let text = self.advanced[at].get_untracked().trim().to_owned();
            if text.is_empty() { usual } else { text }
        };
        Settings {
            stream: read(0, base.stream),
            subject_prefix: read(1, base.subject_prefix),
            live_prefix: read(2, base.live_prefix),
            api_prefix: read(3, base.api_prefix),
            inbox_prefix: read(4, base.inbox_prefix),
            ..base
        }
    }

    /// Connects as who is filled in, or as nobody.
    fn submit(self, signs_in: bool) {
        let credentials = if signs_in { self.credentials() } else { Ok(Credentials::Anonymous) };
        let credentials = match credentials {
            Ok(credentials) => credentials,
            Err(why) => return self.fault.set(why),
        };
        let (settings, keep) = (self.settings(), self.keep.get_untracked());
        let server = normalized_url(&self.server.get_untracked());
        let base = self.ui.conn_now().base.clone();
        let saved = Saved::of(&server, &settings, &credentials);
        door::remember(&saved, &credentials, keep, &base);
        let name = self.name.get_untracked().trim().to_owned();
        if !name.is_empty() {
            let mut all = door::connections(&base);
            let named = Saved { name, ..saved };
            all.put(if keep == Keep::Device { named.with_secret(&credentials) } else { named });
            door::keep_connections(&all, &base);
        }
        for secret in [self.password, self.token, self.seed] {
            secret.set(String::new());
        }
        self.file.set_value(None);
        self.ui.signing_in.set(false);
        session::connect(self.ui, &server, settings, credentials);
    }

    /// Takes a kept connection: goes there at once where nothing is missing, or fills the form in.
    fn take(self, saved: &Saved) {
        self.server.set(saved.server.clone());
        let s = &saved.settings;
        for (field, setting) in self.advanced.iter().zip([
            &s.stream,
            &s.subject_prefix,
            &s.live_prefix,
            &s.api_prefix,
            &s.inbox_prefix,
        ]) {
            field.set(setting.clone());
        }
        self.way.set(offered(saved.kind));
        self.user.set(if saved.kind == Kind::Password { saved.user.clone() } else { String::new() });
        if saved.wants_secret() {
            self.fault.set(format!("“{}” needs its secret: it was not kept.", saved.name));
            browser::focus(match saved.kind {
                Kind::Token => "#token",
                Kind::Password => "#password",
                _ => "#creds-file",
            });
            return;
        }
        let credentials = saved.credentials();
        let base = self.ui.conn_now().base.clone();
        let keep = if saved.secret.is_some() { Keep::Device } else { Keep::Page };
        door::remember(saved, &credentials, keep, &base);
        self.ui.signing_in.set(false);
        session::connect(self.ui, &saved.server, saved.settings.clone(), credentials);
    }

    /// Reads a file that was chosen or dropped.
    fn read(self, file: web_sys::File) {
        browser::spawn(async move {
            let text = Secret::from(browser::file_text(&file).await.unwrap_or_default());
            let (said, fault) = match Credentials::file(text.expose()) {
                Ok(credentials) => {
                    let who = credentials.user().unwrap_or("a user").to_owned();
                    self.file.set_value(Some(credentials));
                    (format!("{} signs in as {who}.", file.name()), String::new())
                }
                Err(why) => (String::new(), format!("{}: {why}", file.name())),
            };
            self.said.set(said);
            self.fault.set(fault);
        });
    }
}

/// The way of the form by which this kind signs in.
const fn offered(kind: Kind) -> Kind {
    match kind {
        Kind::Nobody | Kind::Password => Kind::Password,
        Kind::Token => Kind::Token,
        Kind::File | Kind::Key => Kind::File,
    }
}

/// The form: `Server URL`, `User`, `Password`, `Token`, `Credentials file`, `NKey seed`, `Connect`.
pub(super) fn form(title: &'static str) -> El {
    let ui = Page::here().ui;
    let draft = Draft::new(ui);
    let is_dialog = title == "Sign in";
    let close = is_dialog.then(|| button("", "Close", move || ui.signing_in.set(false)));
    let connect = el("button", "primary").attr("type", "submit").text("Connect");
    let without = button("", "Continue without signing in", move || draft.submit(false));
    el("form", "form")
        .on("submit", move |event| {
            event.prevent_default();
            draft.submit(true);
        })
        .child(el("h2", "").text(title))
        .child(failed(draft))
        .slot(move || kept(draft))
        .child(field("server-url", "Server URL", input("text", "off", draft.server), None))
        .child(ways(draft))
        .child(keeping(draft))
        .child(advanced(draft))
        .child(copy_choice())
        .child(el("div", "buttons").child(without).child(el("span", "spread")).children(close).child(connect))
}

fn input(kind: &'static str, fill: &'static str, text: RwSignal<String>) -> El {
    el("input", "")
        .attr("type", kind)
        .attr("spellcheck", "false")
        .attr("autocapitalize", "off")
        .attr("autocomplete", fill)
        .field(text)
}

/// What failed before, and what is wrong with the form.
fn failed(draft: Draft) -> El {
    let ui = draft.ui;
    let why = Memo::new(move || match &ui.conn().link.phase {
        Phase::Closed { why } => Some((why.text.clone(), why.command.clone())),
        _ => None,
    });
    let shown = move || {
        let (text, command) = why.get()?;
        let said = el("div", "problem").child(el("p", "").text(&text));
        Some(match &command {
            Some(command) => said.child(copyable(command)),
            None => said,
        })
    };
    el("div", "contents")
        .attr("role", "alert")
        .slot(shown)
        .child(el("p", "problem").says(move || draft.fault.get()))
}

/// The kept connections.
fn kept(draft: Draft) -> Option<El> {
    draft.kept_moved.track();
    let base = draft.ui.conn_now().base.clone();
    let all = door::connections(&base);
    if all.is_empty() {
        return None;
    }
    let mut list = el("ul", "kept");
    for saved in all.iter() {
        let (name, base, taken) = (saved.name.clone(), base.clone(), saved.clone());
        let forget = move || {
            let mut all = door::connections(&base);
            all.remove(&name);
            door::keep_connections(&all, &base);
            draft.kept_moved.update(|revision| *revision += 1);
        };
        let detail = match saved.kind {
            Kind::Nobody => saved.usual_name(),
            _ if saved.wants_secret() => format!("{}, asks for the secret", saved.usual_name()),
            _ => format!("{}, secret kept", saved.usual_name()),
        };
        let open = button("plain", "", move || draft.take(&taken))
            .child(el("strong", "").text(&saved.name))
            .child(el("span", "soft cut").text(&detail));
        let forget = crate::components::icon("✕", &format!("Forget {}", saved.name), forget);
        list = list.child(el("li", "").child(open).child(forget));
    }
    Some(el("section", "").child(el("h3", "soft").text("Kept connections")).child(list))
}

/// The ways to sign in, of which one shows its fields.
fn ways(draft: Draft) -> El {
    let choice =
        |kind: Kind| radio("way", kind.title(), move || draft.way.get() == kind, move || draft.way.set(kind));
    let shown = move |kind: Kind, content: El| content.toggle("gone", move || draft.way.get() != kind);
    let pair = el("div", "pair")
        .child(field("user", "User", input("text", "username", draft.user), None))
        .child(field("password", "Password", input("password", "current-password", draft.password), None));
    el("fieldset", "")
        .child(el("legend", "").text("Sign in"))
        .child(el("div", "choices").children(WAYS.map(choice)))
        .child(shown(Kind::Password, pair))
        .child(shown(Kind::Token, field("token", "Token", input("password", "off", draft.token), None)))
        .child(shown(Kind::File, file(draft)))
}

/// A file of credentials, chosen or dropped, or the seed of a key.
fn file(draft: Draft) -> El {
    let chosen = move |event: Event| {
        let input: Option<HtmlInputElement> = event.target().and_then(|target| target.dyn_into().ok());
        if let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) {
            draft.read(file);
        }
    };
    let over = RwSignal::new(false);
    let dropped = move |event: Event| {
        event.prevent_default();
        over.set(false);
        let event: DragEvent = event.unchecked_into();
        let files = event.data_transfer().and_then(|data| data.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            draft.read(file);
        }
    };
    let choose = el("input", "").attr("type", "file").attr("accept", ".creds,.nk,.txt").on("change", chosen);
    el("div", "fields")
        .child(
            el("div", "drop")
                .toggle("over", move || over.get())
                .on("dragover", move |event| {
                    event.prevent_default();
                    over.set(true);
                })
                .on("dragleave", move |_| over.set(false))
                .on("drop", dropped)
                .child(field("creds-file", "Credentials file", choose, None))
                .child(
                    el("p", "soft").text(
                        "Choose a .creds file or drop it here. It is read by this page, and goes nowhere.",
                    ),
                )
                .child(el("p", "").attr("role", "status").says(move || draft.said.get())),
        )
        .child(field("nkey-seed", "NKey seed", input("password", "off", draft.seed), None))
}

/// How long the secret is kept, and the name of the connection.
fn keeping(draft: Draft) -> El {
    let choice = |keep: Keep| {
        radio("keep", keep.says(), move || draft.keep.get() == keep, move || draft.keep.set(keep))
    };
    el("div", "fields")
        .child(
            el("div", "choices column")
                .attr("role", "radiogroup")
                .attr("aria-label", "Secret")
                .children(Keep::ALL.map(choice)),
        )
        .child(field(
            "connection-name",
            "Keep this connection as (optional)",
            input("text", "off", draft.name).attr("placeholder", "a name"),
            None,
        ))
}

/// One of several choices.
fn radio(
    group: &'static str,
    label: &'static str,
    is_on: impl Fn() -> bool + 'static,
    choose: impl Fn() + 'static,
) -> El {
    let input = el("input", "").attr("type", "radio").attr("name", group);
    let element: HtmlInputElement = input.node().clone().unchecked_into();
    crate::dom::effect(Box::new(move || element.set_checked(is_on())));
    el("label", "check").child(input.on("change", move |_| choose())).text(label)
}

/// The stream and the prefixes.
fn advanced(draft: Draft) -> El {
    const NAMES: [(&str, &str); 5] = [
        ("stream", "Stream"),
        ("subject-prefix", "Subject prefix"),
        ("live-prefix", "Live prefix"),
        ("api-prefix", "API prefix"),
        ("inbox-prefix", "Inbox prefix"),
    ];
    let fields = NAMES
        .iter()
        .zip(draft.advanced)
        .map(|((id, label), text)| field(id, label, input("text", "off", text), None));
    el("details", "advanced")
        .child(el("summary", "").text("Advanced"))
        .child(el("div", "pair").children(fields))
        .child(el("p", "soft").text("What is left empty is what the board's config.json says."))
}

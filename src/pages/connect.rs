//! Where the connection goes and as whom. The secret is never stored, unless for this tab and asked for.

use crate::browser::Shelf;
use crate::components::{Page, click, submitted, typed};
use crate::link::Phase;
use crate::session;
use crate::settings::Credentials;
use leptos::ev::Event;
use leptos::prelude::*;

/// The form: `Server URL`, `User`, `Password`, `Token`, `Connect`.
pub(super) fn form(title: &'static str) -> AnyView {
    let ui = Page::here().ui;
    let text = |text: Option<String>| RwSignal::new(text.unwrap_or_default());
    let server = text(Some(ui.conn_now().server.clone()));
    let (user, password, token) = (text(Shelf::Local.get("user")), text(None), text(None));
    let keeps = RwSignal::new(false);
    let submit = move || {
        let read = |field: RwSignal<String>| field.get_untracked();
        let credentials = Credentials::from_fields(&read(user), &read(password), &read(token));
        let kept = match &credentials {
            Credentials::Password { user, password } => Some((user.clone(), password.clone())),
            _ => None,
        };
        Shelf::Local.set("user", kept.as_ref().map(|(user, _)| user.as_str()));
        let kept = kept.filter(|_| keeps.get_untracked());
        Shelf::Session.set("user", kept.as_ref().map(|(user, _)| user.as_str()));
        Shelf::Session.set("password", kept.as_ref().map(|(_, password)| password.as_str()));
        let server = read(server);
        ui.signing_in.set(false);
        session::connect(ui, &server, credentials);
    };
    let field = |id: &'static str, label: &'static str, kind: &'static str, of: RwSignal<String>| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input
                    id=id
                    type=kind
                    spellcheck="false"
                    autocomplete=match id {
                        "user" => "username",
                        "password" => "current-password",
                        _ => "off",
                    }
                    prop:value=move || of.get()
                    on:input=typed(move |text| of.set(text))
                />
            </div>
        }
        .into_any()
    };
    let ticked: Box<dyn FnMut(Event)> = Box::new(move |event| keeps.set(event_target_checked(&event)));
    let reason = move || {
        let c = ui.conn();
        match &c.link.phase {
            Phase::Closed { reason } => reason.clone(),
            _ => String::new(),
        }
    };
    let close = (title == "Sign in").then(|| {
        view! {
            <button type="button" on:click=click(move || ui.signing_in.set(false))>
                "Close"
            </button>
        }
        .into_any()
    });
    view! {
        <form class="form" on:submit=submitted(submit)>
            <h2>{title}</h2>
            <p class="problem" role="alert">
                {move || reason()}
            </p>
            {field("server-url", "Server URL", "text", server)}
            <div class="pair">
                {field("user", "User", "text", user)} {field("password", "Password", "password", password)}
            </div>
            {field("token", "Token", "password", token)}
            <label class="check">
                <input type="checkbox" on:change=ticked />
                "Keep the password until this tab is closed"
            </label>
            <p class="soft">"Without user and token one looks on, where the server lets viewers in."</p>
            <div class="buttons">
                {close}
                <button type="submit" class="primary">
                    "Connect"
                </button>
            </div>
        </form>
    }
    .into_any()
}

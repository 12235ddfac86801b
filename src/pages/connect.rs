//! Where the connection goes and as whom. The secret is never stored, unless for this tab and asked for.

use crate::browser::Shelf;
use crate::components::{Page, button, copy_choice, field};
use crate::dom::{El, el};
use crate::link::Phase;
use crate::session;
use crate::settings::Credentials;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// The form: `Server URL`, `User`, `Password`, `Token`, `Connect`.
pub(super) fn form(title: &'static str) -> El {
    let ui = Page::here().ui;
    let text = |text: Option<String>| RwSignal::new(text.unwrap_or_default());
    let server = text(Some(ui.conn_now().server.clone()));
    let (user, password, token) = (text(Shelf::Local.get("user")), text(None), text(None));
    let keeps = el("input", "").attr("type", "checkbox");
    let is_ticked = {
        let keeps = keeps.clone();
        move || keeps.node().unchecked_ref::<HtmlInputElement>().checked()
    };
    let submit = move |event: web_sys::Event| {
        event.prevent_default();
        let read = |field: RwSignal<String>| field.get_untracked();
        let credentials = Credentials::from_fields(&read(user), &read(password), &read(token));
        let kept = match &credentials {
            Credentials::Password { user, password } => Some((user.clone(), password.clone())),
            _ => None,
        };
        Shelf::Local.set("user", kept.as_ref().map(|(user, _)| user.as_str()));
        let kept = kept.filter(|_| is_ticked());
        Shelf::Session.set("user", kept.as_ref().map(|(user, _)| user.as_str()));
        Shelf::Session.set("password", kept.as_ref().map(|(_, password)| password.as_str()));
        let server = read(server);
        ui.signing_in.set(false);
        session::connect(ui, &server, credentials);
    };
    let input = |id: &'static str, label: &'static str, kind: &'static str, fill: &'static str, text| {
        let control =
            el("input", "").attr("type", kind).attr("spellcheck", "false").attr("autocomplete", fill);
        field(id, label, control.field(text), None)
    };
    let reason = move || match &ui.conn().link.phase {
        Phase::Closed { reason } => reason.clone(),
        _ => String::new(),
    };
    let close = (title == "Sign in").then(|| button("", "Close", move || ui.signing_in.set(false)));
    let connect = el("button", "primary").attr("type", "submit").text("Connect");
    let pair = el("div", "pair").child(input("user", "User", "text", "username", user)).child(input(
        "password",
        "Password",
        "password",
        "current-password",
        password,
    ));
    let hint = "Without user and token one looks on, where the server lets viewers in.";
    el("form", "form")
        .on("submit", submit)
        .child(el("h2", "").text(title))
        .child(el("p", "problem").attr("role", "alert").says(reason))
        .child(input("server-url", "Server URL", "text", "off", server))
        .child(pair)
        .child(input("token", "Token", "password", "off", token))
        .child(el("label", "check").child(keeps).text("Keep the password until this tab is closed"))
        .child(el("p", "soft").text(hint))
        .child(copy_choice())
        .child(el("div", "buttons").children(close).child(connect))
}

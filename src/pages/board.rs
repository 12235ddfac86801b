//! The board: columns by state, or what to do while there is nothing to show.

use crate::components::{Page, column, nothing};
use crate::search::Search;
use leptos::prelude::*;
use mjwork::board::Status;

/// The columns.
pub(super) fn board() -> AnyView {
    let Page { ui, .. } = Page::here();
    let is_empty = Memo::new(move |_| ui.conn().link.synced && ui.totals().counts.total() == 0);
    let shown = move || {
        if is_empty.get() {
            return no_tasks();
        }
        view! { <div class="board">{Status::ALL.map(column).into_iter().collect::<Vec<_>>()}</div> }
            .into_any()
    };
    view! {
        {move || shown()}
        {nothing_found()}
    }
    .into_any()
}

/// What to do on a stream without tasks, with a command that works as it stands.
fn no_tasks() -> AnyView {
    let ui = Page::here().ui;
    let prefix = ui.conn_now().settings.subject_prefix.clone();
    let example =
        format!("nats pub {prefix}.tasks.available '{{\"task_id\":\"first\",\"title\":\"My first task\"}}'");
    let or = move || if ui.conn().rights.publish { "Or use Publish task above (key c)." } else { "" };
    view! {
        <div class="empty">
            <h2>"No tasks yet"</h2>
            <p>"Any client that publishes this puts a task on the board:"</p>
            <pre>{example}</pre>
            <p>"or the project's own command:"</p>
            <pre>"mjwork publish first --title 'My first task'"</pre>
            <p>{move || or()}</p>
        </div>
    }
    .into_any()
}

/// What is said when a search finds nothing.
fn nothing_found() -> AnyView {
    let Page { ui, address } = Page::here();
    let is_nothing = Memo::new(move |_| {
        let search = address.with(|a| Search::new(&a.search));
        !search.is_empty() && !ui.live_tasks().board().tasks().any(|task| search.matches(task))
    });
    let all = move || {
        let mut all = address.get();
        all.search.clear();
        all.href()
    };
    let said = move || {
        if !is_nothing.get() {
            return nothing();
        }
        view! {
            <p class="toasts toast" role="status">
                "Nothing matches the search. "
                <a href=move || all()>"Show everything"</a>
            </p>
        }
        .into_any()
    };
    view! { {move || said()} }.into_any()
}

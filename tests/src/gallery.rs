//! Every screen of the board, and how a person gets there; with a small fleet to be looked at.
//!
//! A screen that is added to the board is added here, and is then looked at by everything that looks at all of them.

use crate::browser::Browser;
use crate::server::{NatsServer, OPERATOR_PASSWORD, Options};
use crate::site::{Reserved, Site, config};
use crate::wait;
use mjwork::reader::Source;
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::prelude::*;

/// Anything that a page does takes less, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A browser without credentials.
    Viewer,
    /// Signed in.
    Operator,
    /// A browser whose server is not there.
    Nobody,
}

/// What a person does to get somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Presses the button with this accessible name.
    Press(&'static str),
    /// Opens the details of the connection, whose button says another thing each second.
    Inspect,
    /// Types this, wherever the focus is.
    Keys(&'static str),
    /// Waits until something that this selector names is seen.
    See(&'static str),
}

use Step::{Inspect, Keys, Press, See};

/// A screen.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a> {
    /// What it is called: the beginning of its pictures' names.
    pub name: &'static str,
    /// The query of its address.
    pub query: &'a str,
    /// Who looks at it.
    pub who: Who,
    /// What is done once the address is open.
    pub steps: &'static [Step],
}

const fn screen(
    name: &'static str,
    query: &'static str,
    who: Who,
    steps: &'static [Step],
) -> Screen<'static> {
    Screen { name, query, who, steps }
}

/// All of them.
pub const SCREENS: [Screen<'static>; 16] = [
    screen("board", "", Who::Viewer, &[See("[data-task-id]")]),
    screen("lanes", "group=agent", Who::Viewer, &[See(".lane [data-task-id]")]),
    screen(
        "selection",
        "",
        Who::Operator,
        &[See("[data-task-id]"), Keys("jxjx"), See(".selection:not(.gone) .acts button")],
    ),
    screen("nothing-found", "q=status:failed%20nowhere", Who::Viewer, &[See(".nothing .empty")]),
    screen(
        "charts",
        "",
        Who::Viewer,
        &[See("[data-task-id]"), Press("Charts"), Press("Time travel"), See(".chart")],
    ),
    screen("task", "task=parser-errors", Who::Operator, &[See("[data-verdict]")]),
    screen("agents", "screen=agents", Who::Operator, &[See("[data-agent-id]")]),
    screen("errors", "screen=errors", Who::Viewer, &[See("[data-message-seq]")]),
    screen("messages", "screen=messages", Who::Viewer, &[See("[data-message-seq]")]),
    screen("publish", "", Who::Operator, &[Press("Publish task"), See("dialog[open] input")]),
    screen(
        "import",
        "",
        Who::Operator,
        &[Press("Publish task"), Press("Many tasks"), See("dialog[open] textarea")],
    ),
    screen("palette", "", Who::Viewer, &[Press("Commands"), See("dialog[open] .palette [role=option]")]),
    screen("connection", "", Who::Viewer, &[Inspect, See("dialog[open] .facts")]),
    screen("help", "", Who::Viewer, &[Keys("?"), See("dialog[open] kbd")]),
    screen("sign-in", "", Who::Viewer, &[Press("Sign in"), See("dialog[open] input")]),
    screen("connect", "", Who::Nobody, &[See("#server-url")]),
];

/// A server with a fleet's events, the board in front of it, and one in front of nothing.
#[derive(Debug)]
pub struct Gallery {
    /// The server.
    pub server: NatsServer,
    /// The board.
    pub site: Site,
    /// The board with the address of a server that is not there.
    pub dead: Site,
}

impl Gallery {
    /// A stream without messages.
    pub async fn empty() -> Self {
        let port = Reserved::port();
        let origins = Some(vec![port.origin()]);
        let server = NatsServer::start(Options { origins, ..Options::default() }).await;
        let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
        mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
        let settings = config(&server);
        let mut nowhere = settings.clone();
        // Nothing listens on the port of the discard service.
        nowhere["server"] = json!("ws://127.0.0.1:9");
        Self { server, site: port.serve("/", &settings), dead: Reserved::port().serve("/", &nowhere) }
    }

    /// The same with what [`fleet`] says.
    pub async fn of_fleet() -> Self {
        let gallery = Self::empty().await;
        let client = async_nats::connect(gallery.server.tcp_url()).await.expect("WORK connects");
        for (subject, body) in fleet() {
            client.request(format!("mjwork.{subject}"), body.to_string().into()).await.expect("stored");
        }
        gallery
    }

    /// Shows a screen, as a person would come to it.
    ///
    /// # Panics
    /// When there is no way to it.
    pub async fn show(&self, browser: &Browser, screen: &Screen<'_>) {
        let site = if screen.who == Who::Nobody { &self.dead } else { &self.site };
        browser.goto(format!("{}?{}", site.url(), screen.query)).await.expect("the page loads");
        if screen.who != Who::Nobody {
            see(browser, "[data-connection=connected][data-synced=true]").await;
        }
        if screen.who == Who::Operator {
            sign_in(browser).await;
        }
        for step in screen.steps {
            match step {
                Press(name) => press(browser, name).await,
                Inspect => browser
                    .find(By::Css(".connection .state"))
                    .await
                    .expect("it")
                    .click()
                    .await
                    .expect("a click"),
                Keys(keys) => {
                    let typed = browser.action_chain().send_keys(*keys).perform().await;
                    typed.expect("keys can be typed");
                }
                See(selector) => see(browser, selector).await,
            }
        }
        settle(browser).await;
    }
}

/// Waits until nothing moves: the page has seen its size, and what fades in is there.
pub async fn settle(browser: &Browser) {
    let script = "const done = arguments[0];
        const rest = () => Promise.allSettled(document.getAnimations()
            .filter(a => a.effect?.getComputedTiming().iterations !== Infinity).map(a => a.finished));
        requestAnimationFrame(() => requestAnimationFrame(() => rest().then(() => done())))";
    browser.execute_async(script, Vec::new()).await.expect("frames");
}

/// Waits until something that `selector` names can be seen.
pub async fn see(browser: &Browser, selector: &str) {
    wait::until(&format!("to see {selector}"), PATIENCE, async || {
        let script = "const found = [...document.querySelectorAll(arguments[0])];
            return found.some(element => element.checkVisibility())";
        match browser.execute(script, vec![selector.into()]).await {
            Ok(seen) if *seen.json() == true => Ok(()),
            Ok(_) => Err("it is not there".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    })
    .await;
}

/// Presses the topmost visible button with this accessible name.
pub async fn press(browser: &Browser, name: &str) {
    let script = r"
        const named = e => (e.getAttribute('aria-label') || e.textContent).trim().replace(/\s+/g, ' ');
        return [...document.querySelectorAll('button')].reverse()
            .find(e => named(e) === arguments[0] && !e.disabled && e.checkVisibility()) || null";
    wait::until(&format!("to press {name:?}"), PATIENCE, async || {
        let button = browser.execute(script, vec![name.into()]).await?.element()?;
        button.click().await
    })
    .await;
}

async fn fill(browser: &Browser, id: &str, text: &str) {
    let field = browser.find(By::Id(id)).await.expect("a field");
    field.clear().await.expect("an editable field");
    field.send_keys(text).await.expect("an editable field");
}

async fn sign_in(browser: &Browser) {
    press(browser, "Sign in").await;
    see(browser, "#user").await;
    fill(browser, "user", "operator").await;
    fill(browser, "password", OPERATOR_PASSWORD).await;
    press(browser, "Connect").await;
    see(browser, "[data-access=operator][data-synced=true]").await;
}

/// What a fleet that ports a compiler has said, as subjects below the prefix and bodies: something in every state, work
/// whose owner is lost, two faults, a message that cannot be read.
#[must_use]
pub fn fleet() -> Vec<(String, Value)> {
    let mut events: Vec<(String, Value)> = Vec::new();
    let mut say = |subject: &str, body: Value| events.push((subject.to_owned(), body));
    let tasks = [
        ("lexer", "Port the lexer", "high", &["frontend"][..], &[][..]),
        ("parser", "Port the parser", "high", &["frontend"], &["lexer"]),
        ("parser-errors", "Keep every parse error's position", "critical", &["frontend", "bug"], &[]),
        ("types", "Infer the types of closures", "normal", &["middle"], &["parser"]),
        ("borrow", "Check borrows across loops", "normal", &["middle"], &["types"]),
        ("codegen", "Emit code for match", "normal", &["backend"], &["types", "borrow"]),
        ("linker", "Link with the system's linker", "low", &["backend"], &[]),
        ("docs", "Write the tutorial's second chapter", "low", &["docs"], &[]),
        ("bench", "Measure compile times against the last release", "normal", &["perf"], &[]),
        ("fuzz", "Fuzz the parser for an hour", "normal", &["frontend", "perf"], &["parser"]),
        ("ci", "Cache the toolchain in CI", "high", &["infra"], &[]),
        ("flaky", "Find out why the incremental test fails at times", "high", &["bug", "infra"], &[]),
        ("old", "Drop the old syntax", "low", &["frontend"], &[]),
        ("release", "Tag the release", "critical", &["infra"], &["codegen", "docs", "flaky"]),
    ];
    for (id, title, priority, tags, blocked_by) in tasks {
        say(
            "tasks.available",
            json!({"task_id": id, "title": title, "priority": priority, "tags": tags, "blocked_by": blocked_by,
                "by": "planner", "description": "Work in small steps, run the tests after each, and hand in what you \
                changed and what you left.\n\nAsk in coordination when something is unclear."}),
        );
    }
    for (agent, task, host) in [
        ("Agent-Alpha", "parser-errors", "build-1"),
        ("Agent-Bravo", "bench", "build-1"),
        ("Agent-Charlie", "flaky", "build-2"),
        ("Agent-Delta", "", "build-2"),
        ("Agent-Echo", "parser", "build-3"),
    ] {
        // Who beats every second and then no more is lost before anybody looks.
        let interval = if agent == "Agent-Bravo" { 1 } else { 30 };
        let mut beat = json!({"agent_id": agent, "session": "s1", "status": "working", "host": host,
            "description": "Rust, tests and reviews", "version": "1.4.0", "interval_s": interval});
        if task.is_empty() {
            beat["status"] = json!("waiting");
        } else {
            beat["task_id"] = json!(task);
        }
        say(&format!("heartbeat.{agent}"), beat);
    }
    for (agent, task, result) in [
        ("Agent-Echo", "lexer", json!({"files": 12, "tests": {"passed": 214, "failed": 0}})),
        ("Agent-Delta", "ci", json!({"saved_minutes": 11})),
    ] {
        say("tasks.claimed", json!({"task_id": task, "agent_id": agent, "session": "s1"}));
        say(
            "tasks.completed",
            json!({"task_id": task, "agent_id": agent, "session": "s1", "result": result}),
        );
    }
    for (agent, task, percent, note) in [
        ("Agent-Alpha", "parser-errors", 70, "spans kept through recovery, tests left"),
        ("Agent-Bravo", "bench", 35, "third of nine crates"),
        ("Agent-Echo", "parser", 10, "expressions first"),
    ] {
        say("tasks.claimed", json!({"task_id": task, "agent_id": agent, "session": "s1"}));
        say(
            "tasks.progress",
            json!({"task_id": task, "agent_id": agent, "session": "s1", "percent": percent, "note": note}),
        );
    }
    say("tasks.claimed", json!({"task_id": "parser-errors", "agent_id": "Agent-Delta", "session": "s1"}));
    say("tasks.claimed", json!({"task_id": "flaky", "agent_id": "Agent-Charlie", "session": "s1"}));
    say(
        "tasks.failed",
        json!({"task_id": "flaky", "agent_id": "Agent-Charlie", "session": "s1", "kind": "retryable",
            "error": "The test passed 400 times in a row; no failure to look at."}),
    );
    say(
        "tasks.cancelled",
        json!({"task_id": "old", "by": "operator", "reason": "kept for one more release"}),
    );
    say(
        "errors",
        json!({"message": "out of disk space on /tmp", "agent_id": "Agent-Charlie", "task_id": "flaky", "level": "error",
            "stack": "write target/incremental/query-cache.bin\n  at cache::store\n  at session::finish"}),
    );
    say(
        "errors",
        json!({"message": "rate limited by the model, waiting 20 s", "agent_id": "Agent-Bravo", "level": "warning"}),
    );
    say(
        "coordination",
        json!({"agent_id": "Agent-Alpha", "message": "The recovery of `;` changes two snapshots, I keep the new ones."}),
    );
    say("coordination", json!({"agent_id": "Agent-Echo", "message": "Good, I rebase the parser on that."}));
    say("tasks.claimed", json!({"agent_id": "Agent-Foxtrot"}));
    events
}

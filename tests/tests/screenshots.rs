//! Pictures of every screen, in both themes and at three widths, of a small fleet at work. They lie in
//! `target/screenshots/` to be looked at; `cargo xtask screenshots` puts the README's among them into `docs/`.

use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, ColorScheme, Options as BrowserOptions};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, config};
use mjwork_tests::wait;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);
const WIDTHS: [(u32, u32); 3] = [(1440, 900), (1024, 768), (360, 800)];
const SCREENS: [(&str, &str); 5] = [
    ("board", ""),
    ("task", "task=parser-errors"),
    ("agents", "screen=agents"),
    ("errors", "screen=errors"),
    ("messages", "screen=messages"),
];

#[tokio::test]
async fn every_screen_in_both_themes_and_at_three_widths() {
    let port = Reserved::port();
    let server =
        NatsServer::start(Options { origins: Some(vec![port.origin()]), ..Options::default() }).await;
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
    for (subject, body) in fleet() {
        client.request(format!("mjwork.{subject}"), body.to_string().into()).await.expect("stored");
    }
    let site = port.serve("/", &config(&server));
    let browser = Browser::start(BrowserOptions::default()).await;
    for scheme in [ColorScheme::Light, ColorScheme::Dark] {
        browser.prefer(scheme).await;
        for (name, query) in SCREENS {
            browser.goto(format!("{}?{query}", site.url())).await.expect("the page loads");
            wait::until("the board to be synced", PATIENCE, async || {
                let synced = browser.eval("return !!document.querySelector('[data-synced=true]')").await;
                if synced == true { Ok(()) } else { Err("not yet") }
            })
            .await;
            for (width, height) in WIDTHS {
                browser.resize(width, height).await;
                // Two frames: the page has then seen its new size.
                let frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
                browser.execute_async(frames, Vec::new()).await.expect("frames");
                let wide = browser.eval("return document.documentElement.scrollWidth - innerWidth").await;
                let theme = format!("{scheme:?}").to_lowercase();
                browser.picture(&format!("{name}-{theme}-{width}")).await;
                assert!(wide.as_i64() <= Some(0), "{name} is {wide} px wider than {width} px");
            }
        }
    }
    browser.assert_no_panic().await;
    browser.close().await;
}

/// A fleet that ports a compiler: something in every state, somebody late to nothing, two faults.
fn fleet() -> Vec<(String, Value)> {
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
        let mut beat = json!({"agent_id": agent, "session": "s1", "status": "working", "host": host,
            "description": "Rust, tests and reviews", "version": "1.4.0", "interval_s": 30});
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

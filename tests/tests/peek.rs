//! Throw-away pictures.
use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, ColorScheme, Options as BrowserOptions};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, config};
use mjwork_tests::wait;
use serde_json::json;
use std::time::Duration;
#[tokio::test]
async fn peek() {
    let port = Reserved::port();
    let server =
        NatsServer::start(Options { origins: Some(vec![port.origin()]), ..Options::default() }).await;
    let client = async_nats::connect(server.tcp_url()).await.unwrap();
    mjwork::setup::setup(&client, &Source::default(), 1).await.unwrap();
    let say = async |s: &str, b: serde_json::Value| {
        client.request(format!("mjwork.{s}"), b.to_string().into()).await.unwrap();
    };
    for n in 0..12 {
        let a = format!("Agent-{n:02}");
        for _ in 0..3 {
            say(&format!("heartbeat.{a}"), json!({"agent_id": a, "session": format!("s-{n}f3a9"), "status": if n % 3 == 0 {"idle"} else {"working"}, "host": format!("build-{}", n % 4), "description": "Rust, tests and reviews", "version": "1.4.0", "interval_s": if n == 5 { 1 } else { 30 }})).await;
        }
        if n % 3 != 0 {
            let t = format!("parser-errors-{n}");
            say(
                "tasks.available",
                json!({"task_id": t, "title": format!("Keep every parse error's position {n}")}),
            )
            .await;
            say("tasks.claimed", json!({"task_id": t, "agent_id": a, "session": format!("s-{n}f3a9")})).await;
            if n % 2 == 0 {
                say("tasks.progress", json!({"task_id": t, "agent_id": a, "session": format!("s-{n}f3a9"), "percent": n * 8, "note": "spans kept through recovery, tests left"})).await;
            }
        }
        say("errors", json!({"message": format!("out of disk space on /tmp/{n}"), "agent_id": a, "task_id": format!("parser-errors-{n}"), "level": "error", "stack": "write target/incremental/query-cache.bin\n  at cache::store\n  at session::finish"})).await;
        if n % 4 == 0 {
            say("errors", json!({"message": "rate limited by the model, waiting 20 s", "agent_id": a, "level": "warning"})).await;
            say("tasks.claimed", json!({"agent_id": a})).await;
        }
        say("coordination", json!({"agent_id": a, "message": "The recovery of `;` changes two snapshots, I keep the new ones."})).await;
    }
    say("tasks.failed", json!({"task_id": "parser-errors-1", "agent_id": "Agent-01", "session": "s-1f3a9", "error": "The test passed 400 times in a row; no failure to look at."})).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let site = port.serve("/", &config(&server));
    let browser = Browser::start(BrowserOptions::default()).await;
    let only = std::env::var("PEEK").unwrap_or_default();
    for scheme in [ColorScheme::Dark, ColorScheme::Light] {
        browser.prefer(scheme).await;
        for (name, query) in [
            ("agents", "screen=agents"),
            ("agent", "screen=agents&open=Agent-04"),
            ("errors", "screen=errors"),
            ("error", "screen=errors&open=6"),
            ("messages", "screen=messages"),
            ("message", "screen=messages&open=6&filter=mjwork.coordination"),
        ] {
            if !only.is_empty() && !only.split(',').any(|o| o == name) {
                continue;
            }
            browser.goto(format!("{}?{query}", site.url())).await.unwrap();
            wait::until("synced", Duration::from_secs(30), async || {
                if browser.eval("return !!document.querySelector('[data-synced=true]')").await == true {
                    Ok(())
                } else {
                    Err("")
                }
            })
            .await;
            for (w, h) in [(1440, 900), (1024, 768), (360, 800)] {
                browser.resize(w, h).await;
                tokio::time::sleep(Duration::from_millis(400)).await;
                browser.picture(&format!("{name}-{scheme:?}-{w}")).await;
            }
        }
    }
    browser.close().await;
}

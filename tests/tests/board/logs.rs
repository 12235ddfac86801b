//! The screens that are tables: agents, errors, messages; by mouse, by keys and by their links.

use crate::stage::{PATIENCE, Stage};
use async_nats::{Client, HeaderMap};
use mjwork_tests::browser::Options;
use mjwork_tests::wait;
use serde_json::{Value, json};
use std::fs;
use thirtyfour::prelude::*;

/// The rows of a table that exist, by a hook: what it says and what they read.
const ROWS: &str = r"
    return [...document.querySelectorAll(`.table [role=row][${arguments[0]}]`)]
        .map(e => [e.getAttribute(arguments[0]), e.innerText.replace(/\s+/g, ' ').trim()]);
";

impl Stage {
    async fn work(&self) -> Client {
        async_nats::connect(self.server.tcp_url()).await.expect("WORK connects without credentials")
    }

    async fn rows(&self, hook: &str) -> Vec<(String, String)> {
        let answer = self.browser.execute(ROWS, vec![hook.into()]).await.expect("a script");
        serde_json::from_value(answer.json().clone()).expect("rows")
    }

    async fn until_rows(&self, what: &str, hook: &str, holds: impl Fn(&[(String, String)]) -> bool) {
        wait::until(what, PATIENCE, async || {
            let rows = self.rows(hook).await;
            if holds(&rows) { Ok(()) } else { Err(format!("{rows:?}")) }
        })
        .await;
    }

    async fn until_says(&self, what: &str) {
        wait::until(&format!("the page to say {what:?}"), PATIENCE, async || {
            let text = self.text().await;
            if text.contains(what) { Ok(()) } else { Err(text) }
        })
        .await;
    }

    async fn until_js(&self, what: &str, script: &str) {
        wait::until(what, PATIENCE, async || {
            let value = self.browser.eval(script).await;
            if value == true { Ok(()) } else { Err(format!("{value}: {}", self.text().await)) }
        })
        .await;
    }

    /// Opens a view by its link.
    async fn link(&self, query: &str) {
        self.browser.goto(format!("{}?{query}", self.site.url())).await.expect("the page loads");
        self.until("the view", |seen| seen.synced).await;
    }

    async fn key(&self, key: Key) {
        self.browser.action_chain().send_keys(key + "").perform().await.expect("a key can be pressed");
    }

    /// Presses a button once that is possible.
    async fn press_when_it_works(&self, name: &str) {
        wait::until(&format!("{name:?} to work"), PATIENCE, async || {
            match self.control("button", name).await.is_enabled().await {
                Ok(true) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        self.press(name).await;
    }

    async fn query(&self) -> String {
        self.browser.current_url().await.expect("an address").query().unwrap_or_default().to_owned()
    }
}

fn names(rows: &[(String, String)]) -> Vec<&str> {
    rows.iter().map(|(name, _)| name.as_str()).collect()
}

async fn publish(client: &Client, subject: &str, body: &Value) -> u64 {
    let answer = client.request(subject.to_owned(), body.to_string().into()).await.expect("stored");
    let answer: Value = serde_json::from_slice(&answer.payload).expect("JSON");
    answer["seq"].as_u64().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test]
async fn agents_say_who_works_on_what_and_how_far_it_is() {
    let stage = Stage::set().await;
    stage
        .stranger(&[
            ("mjwork.heartbeat.beta", r#"{"agent_id":"beta","session":"s-7","host":"build-2","status":"idle","version":"1.4.0","description":"writes tests","interval_s":600}"#),
            ("mjwork.heartbeat.alpha", r#"{"agent_id":"alpha","session":"s-1","host":"build-1","status":"working","interval_s":600}"#),
            ("mjwork.tasks.available", r#"{"task_id":"done","title":"Done before"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"done","agent_id":"alpha"}"#),
            ("mjwork.tasks.completed", r#"{"task_id":"done","agent_id":"alpha"}"#),
            ("mjwork.tasks.available", r#"{"task_id":"parser","title":"Port the parser"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"parser","agent_id":"alpha","session":"s-1"}"#),
            ("mjwork.tasks.progress", r#"{"task_id":"parser","agent_id":"alpha","session":"s-1","percent":40,"note":"lexer done"}"#),
        ])
        .await;
    stage.link("screen=agents").await;
    stage
        .until_rows("both agents", "data-agent-id", |rows| {
            names(rows) == ["alpha", "beta"]
                && ["live", "build-1 · s-1", "working parser", "Port the parser", "40 %", "lexer done"]
                    .iter()
                    .all(|part| rows[0].1.contains(part))
        })
        .await;
    // A screen reader hears which column a value is in, and what the strip shows.
    let table = r"
        const table = document.querySelector('.table.agents[role=table]');
        const heads = [...table.querySelectorAll('[role=columnheader]')].length;
        const cells = [...table.querySelectorAll('[data-agent-id]')].map(r => r.querySelectorAll('[role=cell]').length);
        const strip = table.querySelector('[data-agent-id=alpha] svg[role=img]').getAttribute('aria-label');
        return [heads, ...cells].join() === '7,7,7' && strip.startsWith('Heartbeats of the last 5 min') && strip.endsWith('not known');
    ";
    stage.until_js("seven values of seven columns, and a strip", table).await;

    // By work, who works comes first; the link of the order keeps it.
    stage.control("[role=columnheader] a", "Work").await.click().await.expect("a link");
    stage.until_rows("the order by work", "data-agent-id", |rows| names(rows) == ["alpha", "beta"]).await;
    assert!(stage.query().await.contains("sort=work"));
    stage.control("[role=columnheader] a", "Heartbeats, 15 min").await.click().await.expect("a link");
    stage.until_rows("the order by beat", "data-agent-id", |rows| names(rows) == ["beta", "alpha"]).await;

    // The same search box finds agents.
    stage.link("screen=agents&q=tests").await;
    stage.until_rows("the one that writes tests", "data-agent-id", |rows| names(rows) == ["beta"]).await;
    stage.until_says("1 of 2 shown").await;

    // A row opens; the link opens the same elsewhere.
    stage.link("screen=agents").await;
    stage.control(".table a", "beta").await.click().await.expect("a link");
    stage.until_says("writes tests").await;
    assert!(stage.query().await.contains("open=beta"));
    stage.link("screen=agents&open=alpha").await;
    stage.until_says("Completed: 1").await;
    stage.control(".pane a", "parser").await.click().await.expect("a link");
    stage.until_js("the task's panel", "return !!document.querySelector('.panel')").await;
    stage.close().await;
}

#[tokio::test]
async fn work_that_needs_somebody_stands_on_top_with_its_remedy() {
    let stage = Stage::set().await;
    stage
        .stranger(&[
            ("mjwork.heartbeat.gone", r#"{"agent_id":"gone","session":"s","interval_s":1}"#),
            ("mjwork.tasks.available", r#"{"task_id":"lost","title":"Lost work"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"lost","agent_id":"gone","session":"s"}"#),
            ("mjwork.heartbeat.slow", r#"{"agent_id":"slow","session":"s","interval_s":7200}"#),
            ("mjwork.tasks.available", r#"{"task_id":"still","title":"Quiet work"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"still","agent_id":"slow","session":"s"}"#),
        ])
        .await;
    stage.sign_in().await;
    stage.show("Agents").await;
    stage.until_js("the orphan", "return !!document.querySelector('[data-orphan=lost]')").await;
    assert!(!stage.text().await.contains("stalled"), "ten minutes have not passed");
    // They pass on the page's clock.
    let later = "const now = Date.now; Date.now = () => now() + 11 * 60 * 1000";
    stage.browser.execute(later, Vec::new()).await.expect("a script");
    stage.until_js("the stalled task", "return !!document.querySelector('[data-stalled=still]')").await;
    stage.until_says("1 task is stalled").await;
    stage.press("Requeue").await;
    stage.until_js("the orphan to leave", "return !document.querySelector('[data-orphan=lost]')").await;
    stage.control("[data-stalled] a", "Open").await.click().await.expect("a link");
    stage.until_js("the task's panel", "return !!document.querySelector('.panel')").await;
    stage.show("Board").await;
    stage.until_task("lost", "available", "").await;
    stage.close().await;
}

#[tokio::test]
async fn errors_of_one_kind_are_one_group_that_filters() {
    let stage = Stage::set().await;
    let work = stage.work().await;
    for n in 0..3 {
        let body = json!({"message": format!("no space left on /tmp/{n}"), "agent_id": format!("a{n}"), "task_id": "t",
            "stack": "at cache::store\n  at session::finish"});
        publish(&work, "mjwork.errors", &body).await;
    }
    publish(&work, "mjwork.errors", &json!({"message": "slow answer", "level": "warning"})).await;
    publish(&work, "mjwork.tasks.available", &json!({"task_id": "t", "title": "T"})).await;
    publish(&work, "mjwork.tasks.claimed", &json!({"task_id": "t", "agent_id": "a0"})).await;
    publish(&work, "mjwork.tasks.failed", &json!({"task_id": "t", "agent_id": "a0", "error": "gave up"}))
        .await;
    publish(&work, "mjwork.tasks.claimed", &json!({"agent_id": "a0"})).await;
    stage.link("screen=errors").await;
    stage
        .until_rows("all of them", "data-message-seq", |rows| names(rows) == ["8", "7", "4", "3", "2", "1"])
        .await;
    stage.until_says("4 reported, 1 failed task, 1 unreadable").await;
    let groups = stage.rows("data-group").await;
    let group = groups.iter().find(|(_, text)| text.contains("no space left on /…")).expect("one group");
    assert!(group.1.starts_with("3 error") && group.1.ends_with("3 1"), "{group:?}");
    assert_eq!(groups.len(), 4);

    stage.control(".table.groups a", "no space left on /…").await.click().await.expect("a link");
    stage.until_rows("the group", "data-message-seq", |rows| names(rows) == ["3", "2", "1"]).await;
    stage.until_says("3 of 6 shown").await;
    let query = stage.query().await;
    stage.link(&format!("{query}&q=a1")).await;
    stage.until_rows("what also matches", "data-message-seq", |rows| names(rows) == ["2"]).await;
    stage.control(".table.errors a", "2").await.click().await.expect("a link");
    stage.until_says("at session::finish").await;
    let wraps = "return getComputedStyle(document.querySelector('.pane pre')).whiteSpace === 'pre-wrap'";
    stage.until_js("wrapped lines", wraps).await;
    stage.press("Wrap lines").await;
    stage.until_js("unwrapped lines", &wraps.replace("'pre-wrap'", "'pre'")).await;
    let copy = "navigator.clipboard.writeText = async text => { window.copied = text }";
    stage.browser.execute(copy, Vec::new()).await.expect("a script");
    stage.press("Copy the error").await;
    stage
        .until_js(
            "the copy",
            "return window.copied === 'no space left on /tmp/1\\n\\nat cache::store\\n  at session::finish'",
        )
        .await;

    // What happens while one looks is listed, counted and grouped.
    stage.link("screen=errors").await;
    publish(&work, "mjwork.errors", &json!({"message": "no space left on /tmp/99"})).await;
    stage.until_rows("the next", "data-message-seq", |rows| names(rows).first() == Some(&"9")).await;
    stage
        .until_rows("its group", "data-group", |rows| {
            rows.iter().any(|(_, text)| text.starts_with("4 error"))
        })
        .await;
    stage.close().await;
}

#[tokio::test]
async fn the_log_is_filtered_stopped_and_opened() {
    let stage = Stage::set().await;
    let work = stage.work().await;
    let mut headers = HeaderMap::new();
    headers.insert("X-Trace", "7f");
    headers.insert("Nats-Msg-Id", "once");
    let body = json!({"message": "hello", "agent_id": "a"});
    let answer = work
        .send_request(
            "mjwork.coordination",
            async_nats::Request::new().headers(headers).payload(body.to_string().into()),
        )
        .await
        .expect("stored");
    assert!(String::from_utf8_lossy(&answer.payload).contains("\"seq\":1"));
    publish(&work, "mjwork.tasks.available", &json!({"task_id": "t", "title": "T"})).await;
    publish(&work, "mjwork.tasks.claimed", &json!({"task_id": "t", "agent_id": "a"})).await;
    publish(&work, "mjwork.tasks.claimed", &json!({"task_id": "t", "agent_id": "b"})).await;
    publish(&work, "mjwork.heartbeat.a", &json!({"agent_id": "a"})).await;
    stage.link("screen=messages").await;
    stage
        .until_rows("all of them", "data-message-seq", |rows| {
            names(rows) == ["5", "4", "3", "2", "1"]
                && rows[1].1.contains("refused")
                && rows[4].1.contains("a hello")
        })
        .await;

    stage.fill("Subject filter", "mjwork.tasks.*").await;
    stage.until_rows("the tasks", "data-message-seq", |rows| names(rows) == ["4", "3", "2"]).await;
    assert!(stage.query().await.contains("filter=mjwork.tasks."));
    stage.fill("Subject filter", "mjwork.tasks.>.x").await;
    stage.until_says("> stands at the end only.").await;
    stage.link("screen=messages&filter=mjwork.heartbeat.>&q=nothing").await;
    stage.until_says("No message at hand matches.").await;
    stage.link("screen=messages&q=hello").await;
    stage.until_rows("what has the word", "data-message-seq", |rows| names(rows) == ["1"]).await;

    // Stopped, it counts what comes, and of that only what matches.
    stage.link("screen=messages&filter=mjwork.errors").await;
    stage.press("Pause").await;
    publish(&work, "mjwork.coordination", &json!({"agent_id": "a", "message": "not wanted"})).await;
    for n in 0..2 {
        publish(&work, "mjwork.errors", &json!({"message": format!("e{n}")})).await;
    }
    stage.control("button", "2 new – resume").await;
    assert!(stage.rows("data-message-seq").await.is_empty());
    stage.press("2 new – resume").await;
    stage.until_rows("what came", "data-message-seq", |rows| names(rows) == ["8", "7"]).await;

    // One message whole: its headers come from the stream, its payload is laid out.
    stage.link("screen=messages").await;
    stage.control(".table a", "1").await.click().await.expect("a link");
    let shown = |pretty: bool| {
        let payload = if pretty { "{\\n  \"message\": \"hello\"," } else { "{\"message\":\"hello\"," };
        format!(
            "const header = name => document.querySelector(`[data-header='${{name}}']`)?.textContent;
             return header('X-Trace') === '7f' && header('Nats-Msg-Id') === 'once' && header('Nats-Stream') === undefined
                && document.querySelector('[data-payload]').textContent.startsWith('{payload}')"
        )
    };
    stage.until_js("the message", &shown(true)).await;
    stage.press("Raw").await;
    stage.until_js("the message as it is", &shown(false)).await;
    // Esc closes it, and the focus is in the list again.
    stage.press("Close").await;
    stage.until_js("the pane to close", "return !document.querySelector('.pane')").await;
    assert!(!stage.query().await.contains("open="));
    stage.close().await;
}

#[tokio::test]
async fn nothing_moves_under_the_pointer_and_rows_are_walked_by_keys() {
    let stage = Stage::set().await;
    let work = stage.work().await;
    for n in 0..60 {
        publish(&work, "mjwork.errors", &json!({"message": format!("e{n}")})).await;
    }
    stage.link("screen=messages").await;
    stage.until_rows("the newest", "data-message-seq", |rows| names(rows).first() == Some(&"60")).await;
    let place = "return Math.round(document.querySelector('.table [data-message-seq=\"58\"]').getBoundingClientRect().top)";
    let row = stage.browser.find(By::Css(".table [data-message-seq='58']")).await.expect("a row");
    stage.browser.action_chain().move_to_element_center(&row).perform().await.expect("the pointer moves");
    let before = stage.browser.eval(place).await;
    for n in 60..80 {
        publish(&work, "mjwork.errors", &json!({"message": format!("e{n}")})).await;
    }
    stage.until("what came", |seen| seen.seq == 80).await;
    assert_eq!(stage.browser.eval(place).await, before, "the row stays under the pointer");
    stage.press("Jump to latest").await;
    stage.until_rows("the newest", "data-message-seq", |rows| names(rows).first() == Some(&"80")).await;

    // Tab leads to one row, the arrows to the others, Enter opens, and the list may be longer than the screen.
    stage.link("screen=messages").await;
    stage.until_rows("the newest", "data-message-seq", |rows| names(rows).first() == Some(&"80")).await;
    let stops = "return document.querySelectorAll('.table .opens[tabindex=\"0\"]').length === 1";
    stage.until_js("one stop in the list", stops).await;
    stage.browser.eval("document.querySelector('.table .opens[tabindex=\"0\"]').focus()").await;
    let at = |seq: &str| {
        format!("return document.activeElement.closest('[data-message-seq]')?.dataset.messageSeq === '{seq}'")
    };
    stage.until_js("the first row", &at("80")).await;
    for seq in ["79", "78"] {
        stage.key(Key::Down).await;
        stage.until_js("the next row", &at(seq)).await;
    }
    stage.key(Key::End).await;
    stage.until_js("the last row", &at("1")).await;
    stage.key(Key::Up).await;
    stage.until_js("the one before", &at("2")).await;
    // What comes meanwhile moves neither the focus nor the list.
    publish(&work, "mjwork.errors", &json!({"message": "late"})).await;
    stage.until("what came", |seen| seen.seq == 81).await;
    stage.until_js("the same row", &at("2")).await;
    stage.key(Key::Enter).await;
    stage.until_js("the pane", "return !!document.querySelector('.pane [data-payload]')").await;
    assert!(stage.query().await.contains("open=2"));
    stage.key(Key::Escape).await;
    stage.until_js("the pane to close", "return !document.querySelector('.pane')").await;
    stage.close().await;
}

#[tokio::test]
async fn what_is_older_is_loaded_and_what_matches_is_exported() {
    let stage = Stage::set().await;
    let work = stage.work().await;
    for n in 1..=5_300_u32 {
        let (subject, body) = match n {
            7 => ("mjwork.coordination", json!({"agent_id": "a", "message": "long ago"})),
            _ => ("mjwork.errors", json!({"message": format!("number {n}")})),
        };
        if n == 5_300 {
            publish(&work, subject, &body).await;
        } else {
            work.publish(subject, body.to_string().into()).await.expect("sent");
        }
    }
    stage.link("screen=messages").await;
    stage.until_says("newest 5,000 of 5,300 shown").await;
    let exist = "return document.querySelectorAll('.table [role=row][data-message-seq]').length";
    let rows = stage.browser.eval(exist).await;
    assert!(rows.as_u64() < Some(100), "{rows} rows exist of 5,000");
    stage.press_when_it_works("Load older").await;
    stage.until_says("300 loaded, down to sequence 1").await;
    stage.until_says("5,300").await;
    // What agents said is found however long ago it was.
    stage.link("screen=messages").await;
    stage.control("nav[aria-label=Subjects] a", "Coordination").await.click().await.expect("a link");
    stage.until_says("0 match among the newest 5,000 of 5,300").await;
    stage.press_when_it_works("Load older").await;
    stage.until_rows("what was said", "data-message-seq", |rows| names(rows) == ["7"]).await;
    // A certain message.
    stage.link("screen=messages").await;
    stage.fill("Sequence", "100").await;
    stage.press_when_it_works("Go to this sequence").await;
    stage.until_rows("it", "data-message-seq", |rows| names(rows).first() == Some(&"100")).await;

    let folder = tempfile::tempdir().expect("a folder");
    let parameters = json!({"behavior": "allow", "downloadPath": folder.path()});
    stage.browser.devtools("Browser.setDownloadBehavior", parameters).await;
    stage.link("screen=messages&filter=mjwork.errors&q=52").await;
    stage.press_when_it_works("Export").await;
    let file = folder.path().join("mjwork-messages.jsonl");
    let lines = wait::until("the file", PATIENCE, async || match fs::read_to_string(&file) {
        Ok(text) if text.ends_with('\n') => Ok(text),
        other => Err(format!("{other:?}")),
    })
    .await;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let wanted = (1..=5_300).filter(|n: &u32| n.to_string().contains("52")).count();
    assert_eq!(lines.len(), wanted);
    assert_eq!((&lines[0]["seq"], &lines[0]["body"]["message"]), (&json!(52), &json!("number 52")));
    assert_eq!(lines[wanted - 1]["subject"], "mjwork.errors");
    stage.until_says(&format!("{wanted} exported")).await;
    stage.close().await;
}

#[tokio::test]
async fn operators_join_in_where_agents_talk() {
    let stage = Stage::set_at("/", Options::default()).await;
    let work = stage.work().await;
    publish(&work, "mjwork.coordination", &json!({"agent_id": "alpha", "message": "who takes the parser?"}))
        .await;
    stage.show("Messages").await;
    stage.control("nav[aria-label=Subjects] a", "Coordination").await.click().await.expect("a link");
    stage
        .until_rows("what was said", "data-message-seq", |rows| {
            rows.len() == 1 && rows[0].1.contains("alpha who takes the parser?")
        })
        .await;
    assert!(stage.find("input", "Message to all").await.is_none(), "a viewer cannot say anything");
    stage.sign_in().await;
    stage.fill("Message to all", "alpha does").await;
    stage.press("Send").await;
    stage
        .until_rows("the answer", "data-message-seq", |rows| {
            rows.len() == 2 && rows[0].1.contains("operator alpha does")
        })
        .await;
    let field = stage.control("input", "Message to all").await;
    wait::until("the field to be empty", PATIENCE, async || match field.value().await {
        Ok(Some(text)) if text.is_empty() => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
    stage.close().await;
}

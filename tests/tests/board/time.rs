//! A board that is opened again, the board as it was, what happened when, and a history that is not read to its end.

use crate::stage::{PATIENCE, Stage};
use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, Options as BrowserOptions};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, config};
use mjwork_tests::{http, wait};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use thirtyfour::Key;
use thirtyfour::prelude::*;

/// The records of the copies on the device: each key, and how many bytes or characters lie under it.
const RECORDS: &str = r"
    const done = arguments[arguments.length - 1];
    const open = indexedDB.open('mjwork', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('copies');
    open.onerror = () => done([]);
    open.onsuccess = () => {
        const store = open.result.transaction('copies').objectStore('copies');
        const keys = store.getAllKeys(), values = store.getAll();
        values.onsuccess = () => {
            open.result.close();
            done(keys.result.map((key, at) => [key, values.result[at].length, String(values.result[at]).slice(0, 200)]));
        };
    };
";

/// Spoils the last byte of every part of every copy.
const SPOIL: &str = r"
    const done = arguments[arguments.length - 1];
    const open = indexedDB.open('mjwork', 1);
    open.onsuccess = () => {
        const transaction = open.result.transaction('copies', 'readwrite');
        const store = transaction.objectStore('copies');
        const cursor = store.openCursor();
        let spoiled = 0;
        cursor.onsuccess = () => {
            const at = cursor.result;
            if (!at) return;
            if (at.value instanceof Uint8Array) {
                at.value[at.value.length - 1] ^= 255;
                at.update(at.value);
                spoiled += 1;
            }
            at.continue();
        };
        transaction.oncomplete = () => { open.result.close(); done(spoiled); };
    };
";

impl Stage {
    async fn records(&self) -> Vec<(String, u64, String)> {
        let answer = self.browser.execute_async(RECORDS, Vec::new()).await.expect("the browser has a store");
        serde_json::from_value(answer.json().clone()).expect("records")
    }

    /// Waits until a copy of what is shown lies on the device.
    async fn until_copied(&self, account: &str, seq: u64) {
        wait::until(&format!("a copy of {account} up to {seq}"), PATIENCE, async || {
            let records = self.records().await;
            let is_it = |(key, _, head): &(String, u64, String)| {
                key.ends_with(&format!("\n{account}\n000000"))
                    && head.split('\n').nth(3) == Some(&seq.to_string())
            };
            if records.iter().any(is_it) { Ok(()) } else { Err(format!("{records:?}")) }
        })
        .await;
    }

    /// Loads the page again as if in a new visit, and gives how many messages the server sent it until it was synced.
    async fn reopen(&self, query: &str) -> u64 {
        let before = self.connection().await.map_or(0, |(number, _)| number);
        self.browser.goto("about:blank").await.expect("a blank page");
        self.browser.goto(format!("{}{query}", self.site.url())).await.expect("the page loads");
        self.until("the board to be synced", |seen| seen.synced && seen.connection == "connected").await;
        let (number, sent) = self.connection().await.expect("the page is connected");
        assert!(number > before, "it is another connection");
        sent
    }

    /// The newest connection of a page: its number, and how many messages the server has sent to it. That of a page that
    /// was left may still be there.
    async fn connection(&self) -> Option<(u64, u64)> {
        // An older request, so that a long answer comes in one piece.
        let request = b"GET /connz HTTP/1.0\r\n\r\n";
        let answer = http::exchange(self.server.monitor_address(), request).await.ok()?;
        let (_, body) = std::str::from_utf8(&answer).ok()?.split_once("\r\n\r\n")?;
        let said: Value = serde_json::from_str(body).ok()?;
        let all = said["connections"].as_array()?.iter().filter(|one| one["name"] == "mjwork board");
        all.filter_map(|one| Some((one["cid"].as_u64()?, one["out_msgs"].as_u64()?))).max()
    }

    async fn tasks(&self, ids: std::ops::Range<usize>) {
        let client = async_nats::connect(self.server.tcp_url()).await.expect("WORK connects");
        for id in ids {
            let body = json!({"task_id": format!("t{id:04}"), "title": format!("Task {id}")}).to_string();
            client.publish("mjwork.tasks.available", body.into()).await.expect("sent");
        }
        client.flush().await.expect("sent");
    }

    async fn attribute(&self, name: &str) -> Value {
        self.browser
            .execute(
                "return document.querySelector('[data-connection]')?.getAttribute(arguments[0])",
                vec![name.into()],
            )
            .await
            .map_or(Value::Null, |answer| answer.json().clone())
    }

    async fn until_said(&self, what: &str) {
        wait::until(&format!("the page to say {what:?}"), PATIENCE, async || {
            let text = self.text().await;
            if text.contains(what) { Ok(()) } else { Err(text) }
        })
        .await;
    }

    /// Why a button is disabled, by its title.
    async fn why_disabled(&self, name: &str) -> String {
        let button = self.control("button", name).await;
        assert!(!button.is_enabled().await.expect("a button"), "{name} is disabled");
        button.attr("title").await.expect("a button").unwrap_or_default()
    }
}

#[tokio::test]
async fn a_board_that_is_opened_again_reads_only_what_is_new() {
    let stage = Stage::set().await;
    stage.tasks(0..400).await;
    stage.until("all of it", |seen| seen.seq == 400).await;
    // The first copy was of an empty board, and the next is not due yet; a page that goes is another matter.
    let first = stage.reopen("").await;
    assert!(first >= 400, "everything is read the first time: {first}");
    stage.until_copied("anonymous viewer", 400).await;

    let again = stage.reopen("").await;
    assert!(again < 40, "only what is new is read: {again}");
    let seen = stage.until("what was known", |seen| seen.seq == 400).await;
    assert_eq!((seen.counts["available"], seen.tasks.contains_key("t0000")), (400, true));

    // What happens while the page is closed is what is new.
    stage.browser.goto("about:blank").await.expect("a blank page");
    stage.tasks(400..410).await;
    stage
        .stranger(&[
            ("mjwork.tasks.claimed", r#"{"task_id":"t0000","agent_id":"x"}"#),
            ("mjwork.tasks.completed", r#"{"task_id":"t0000","agent_id":"x"}"#),
        ])
        .await;
    let again = stage.reopen("").await;
    assert!((12..60).contains(&again), "{again}");
    let seen = stage.until("what is new", |seen| seen.seq == 412).await;
    assert_eq!((seen.counts["available"], seen.counts["completed"]), (409, 1));
    stage.close().await;
}

#[tokio::test]
async fn a_copy_of_another_stream_or_a_damaged_one_is_never_shown() {
    let stage = Stage::set().await;
    stage.tasks(0..60).await;
    stage.until("all of it", |seen| seen.seq == 60).await;
    stage.reopen("").await;
    stage.until_copied("anonymous viewer", 60).await;
    let spoiled = stage.browser.execute_async(SPOIL, Vec::new()).await.expect("it is there");
    assert_ne!(*spoiled.json(), json!(0));
    let read = stage.reopen("").await;
    assert!(read >= 60, "everything is read: {read}");
    stage.until("a right board", |seen| seen.seq == 60 && seen.counts["available"] == 60).await;
    stage.until_copied("anonymous viewer", 60).await;

    // The stream is made anew under its name, with more than the old one had.
    stage.browser.goto("about:blank").await.expect("a blank page");
    let client = async_nats::connect(stage.server.tcp_url()).await.expect("WORK connects");
    let answer = client.request("$JS.API.STREAM.DELETE.MJ_ONLINE_WORK", "".into()).await.expect("deleted");
    assert!(String::from_utf8_lossy(&answer.payload).contains("true"));
    mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
    stage.tasks(500..570).await;
    stage.reopen("").await;
    let seen = stage.until("the new stream", |seen| seen.seq == 70).await;
    assert_eq!(seen.counts["available"], 70);
    assert!(!seen.tasks.contains_key("t0000") && seen.tasks.contains_key("t0500"), "{:?}", seen.tasks.keys());
    stage.close().await;
}

#[tokio::test]
async fn each_account_has_its_own_copy_and_one_can_be_forgotten() {
    let stage = Stage::set().await;
    stage.tasks(0..50).await;
    stage.until("all of it", |seen| seen.seq == 50).await;
    stage.reopen("").await;
    stage.until_copied("anonymous viewer", 50).await;
    let before = stage.connection().await.expect("connected").1;
    stage.sign_in().await;
    let sent = stage.connection().await.expect("connected").1;
    assert!(sent >= 50, "an operator reads by himself: {sent}, {before} before");
    stage.until_copied("user operator", 50).await;
    assert!(stage.records().await.iter().all(|(_, _, head)| !head.contains(stage.server.password())));

    stage.press("Change user").await;
    stage.press("Forget the copy on this device").await;
    wait::until("nothing on the device", PATIENCE, async || {
        let records = stage.records().await;
        if records.is_empty() { Ok(()) } else { Err(format!("{records:?}")) }
    })
    .await;
    stage.press("Keep a copy on this device").await;
    stage.close().await;
}

/// The whole second after now, once it is over: events on both sides of it are apart.
async fn next_second() -> u64 {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis();
    let second = u64::try_from(now() / 1_000).expect("it fits") + 1;
    wait::until("the next second", PATIENCE, async || {
        let now = now();
        if now > u128::from(second) * 1_000 { Ok(()) } else { Err(now) }
    })
    .await;
    second
}

fn utc(second: u64) -> String {
    let nanos = i64::try_from(second).expect("it fits") * 1_000_000_000;
    let text = nats_proto::timestamp::format(nanos);
    format!("{}Z", &text[..19])
}

#[tokio::test]
async fn the_board_as_it_was_is_shown_as_the_past_and_changes_nothing() {
    let stage = Stage::set().await;
    stage.sign_in().await;
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"a","title":"A"}"#)]).await;
    let published = next_second().await;
    stage.stranger(&[("mjwork.tasks.claimed", r#"{"task_id":"a","agent_id":"x"}"#)]).await;
    let claimed = next_second().await;
    stage
        .stranger(&[
            ("mjwork.tasks.failed", r#"{"task_id":"a","agent_id":"x","error":"no"}"#),
            ("mjwork.tasks.available", r#"{"task_id":"b","title":"B"}"#),
        ])
        .await;
    stage.until_task("a", "failed", "x").await;
    assert_eq!(stage.browser.title().await.expect("a title"), "(1 failed) mjwork");
    assert_eq!(stage.attribute("data-past").await, Value::Null);

    // By the slider: the first moment is that of the first message.
    stage.press("Time travel").await;
    let slider = stage.control("input", "Moment").await;
    slider.send_keys(Key::Home + "").await.expect("a slider takes keys");
    stage
        .until("the first moment", |seen| seen.tasks.get("a").is_some_and(|a| a.status == "available"))
        .await;
    assert_eq!(stage.see().await.counts["failed"], 0);
    assert_eq!(stage.attribute("data-past").await, "true");
    stage.until_said("The past: the board as it was at").await;
    assert!(stage.why_disabled("Publish task").await.contains("This is the past"));
    let address = stage.browser.current_url().await.expect("an address");
    assert!(address.query().is_some_and(|query| query.contains("at=20")), "{address}");
    // Live folding goes on beside it.
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"c","title":"C"}"#)]).await;

    // By the address, a task open: its remedies say why they do nothing.
    let query = format!("?at={}&task=a", utc(claimed));
    let go = "history.pushState(null, '', arguments[0]); dispatchEvent(new PopStateEvent('popstate'))";
    stage.browser.execute(go, vec![query.into()]).await.expect("it goes there");
    stage.until("the claim", |seen| seen.tasks.get("a").is_some_and(|a| a.owner == "x")).await;
    assert_eq!(stage.see().await.tasks.len(), 1, "b came later");
    assert!(stage.why_disabled("Requeue").await.contains("This is the past"));
    // Back to a moment before that, which was passed on the way.
    let query = format!("?at={}", utc(published));
    stage.browser.execute(go, vec![query.into()]).await.expect("it goes there");
    stage.until("the time before", |seen| seen.tasks.get("a").is_some_and(|a| a.status == "available")).await;

    let page = stage.browser.find(By::Tag("body")).await.expect("a page");
    page.send_keys(Key::Escape + "").await.expect("it takes keys");
    let seen = stage.until("now", |seen| seen.tasks.len() == 3).await;
    assert_eq!(seen.tasks["a"].status, "failed");
    assert_eq!(stage.attribute("data-past").await, Value::Null);
    assert!(stage.control("button", "Publish task").await.is_enabled().await.expect("a button"));

    // A link to the past opens it elsewhere.
    stage.reopen(&format!("?at={}", utc(claimed))).await;
    stage.until("the claim", |seen| seen.tasks.get("a").is_some_and(|a| a.owner == "x")).await;
    stage.press("Return to now").await;
    stage.until("now", |seen| seen.tasks.len() == 3).await;
    stage.close().await;
}

#[tokio::test]
async fn charts_say_in_words_what_they_draw() {
    let stage = Stage::set().await;
    for task in ["a", "b", "c", "d", "e"] {
        let (claim, end) = (
            json!({"task_id": task, "agent_id": "x"}),
            json!({"task_id": task, "agent_id": "x", "error": "e"}),
        );
        let verb = if task == "d" { "failed" } else { "completed" };
        let title = json!({"task_id": task, "title": "T"});
        stage
            .stranger(&[
                ("mjwork.tasks.available", &title.to_string()),
                ("mjwork.tasks.claimed", &claim.to_string()),
                (&format!("mjwork.tasks.{verb}"), &end.to_string()),
                ("mjwork.heartbeat.x", r#"{"agent_id":"x"}"#),
            ])
            .await;
    }
    for id in ["f", "g"] {
        let body =
            json!({"task_id": id, "title": "T", "blocked_by": if id == "g" { vec!["f"] } else { vec![] }});
        stage.stranger(&[("mjwork.tasks.available", &body.to_string())]).await;
    }
    stage.until("all of it", |seen| seen.seq == 22).await;
    let labels =
        "return [...document.querySelectorAll('svg[role=img]')].map(e => e.getAttribute('aria-label'))";
    wait::until("the sparkline's words", PATIENCE, async || {
        let said = stage.browser.eval(labels).await.to_string();
        if said.contains("4 completed in the last hour") { Ok(()) } else { Err(said) }
    })
    .await;
    stage.until_said("left").await;
    stage.press("Charts").await;
    for words in [
        "Throughput: 4 completed, 1 failed, in the last hour.",
        "Open work: 0 in progress, 1 available, 1 blocked, now.",
        "Heartbeats: 5 heartbeats, in the last hour.",
    ] {
        wait::until(words, PATIENCE, async || {
            let said = stage.browser.eval(labels).await.to_string();
            if said.contains(words) { Ok(()) } else { Err(said) }
        })
        .await;
    }
    let drawn =
        "return [...document.querySelectorAll('.figure path')].filter(p => p.getAttribute('d')).length";
    assert_eq!(stage.browser.eval(drawn).await, 5, "completed, failed, available, blocked, heartbeats");
    stage.press("Week").await;
    stage.until_said("in the last week").await;
    stage.browser.find(By::Css(".charts summary")).await.expect("a table").click().await.expect("it opens");
    let sum = "return [...document.querySelectorAll('.numbers tbody tr')].reduce((n, r) => n + Number(r.cells[1].textContent), 0)";
    wait::until("the numbers", PATIENCE, async || {
        let sum = stage.browser.eval(sum).await;
        if sum == 4 { Ok(()) } else { Err(sum) }
    })
    .await;
    stage.close().await;
}

#[tokio::test]
async fn the_first_reading_can_be_stopped_and_goes_on() {
    const EVENTS: usize = 150_000;
    let port = Reserved::port();
    let options = Options {
        origins: Some(vec![port.origin()]),
        sync_interval: Some("2m".into()),
        ..Options::default()
    };
    let server = NatsServer::start(options).await;
    let work = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    mjwork::setup::setup(&work, &Source::default(), 1).await.expect("the stream is made");
    let site = port.serve("/", &config(&server));
    let browser = Browser::start(BrowserOptions::default()).await;
    let stage = Stage { server, site, browser };
    stage.tasks(0..EVENTS).await;
    wait::until("all to be stored", Duration::from_secs(60), async || {
        let info = mjwork::reader::stream_info(&work, &Source::default()).await.expect("it answers");
        let stored = info.state.messages;
        if stored == EVENTS as u64 { Ok(()) } else { Err(stored) }
    })
    .await;

    stage.browser.devtools("Emulation.setCPUThrottlingRate", json!({"rate": 4})).await;
    stage.browser.goto(stage.site.url()).await.expect("the page loads");
    let stop = r"
        const done = arguments[arguments.length - 1];
        const look = setInterval(() => {
            const button = [...document.querySelectorAll('button')].find(b => b.textContent === 'Stop reading');
            const synced = document.querySelector('[data-synced=true]');
            if (!button && !synced) return;
            const said = document.querySelector('.summary strong').textContent;
            button?.click();
            clearInterval(look);
            done(said);
        }, 20);
    ";
    let said = stage.browser.execute_async(stop, Vec::new()).await.expect("it can be stopped");
    let said = said.json().as_str().unwrap_or_default().to_owned();
    assert!(said.starts_with("Reading the history: ") && said.ends_with("of 150,000 events"), "{said}");
    stage.until_said("This is not all").await;
    let seen = stage.see().await;
    assert!(
        !seen.synced && seen.counts["available"] > 0 && seen.counts["available"] < EVENTS,
        "{:?}",
        seen.counts
    );
    assert_eq!(stage.attribute("data-stale").await, "true");

    stage.press("Read the rest").await;
    let seen = stage.until("all of it", |seen| seen.synced).await;
    assert_eq!(seen.counts["available"], EVENTS);
    assert!(!stage.text().await.contains("This is not all"));
    stage.close().await;
}

//! A task's panel and the forms: what is shown of a task, how it is edited, how many are published.

use crate::stage::{PATIENCE, Stage};
use mjwork_tests::wait;
use serde_json::{Value, json};
use std::fmt::Write as _;
use thirtyfour::Key;

/// Waits until a script gives what is wanted.
async fn until(stage: &Stage, what: &str, script: &str, holds: impl Fn(&Value) -> bool) -> Value {
    wait::until(what, PATIENCE, async || {
        let seen = stage.browser.eval(script).await;
        if holds(&seen) { Ok(seen) } else { Err(seen.to_string()) }
    })
    .await
}

/// Waits until the page shows this text.
async fn says(stage: &Stage, words: &str) {
    wait::until(&format!("the page to say {words:?}"), PATIENCE, async || {
        let text = stage.text().await;
        if text.contains(words) { Ok(()) } else { Err(text) }
    })
    .await;
}

/// Sends keys to what has the focus.
async fn keys(stage: &Stage, keys: &str) {
    let focused = stage.browser.active_element().await.expect("something has the focus");
    focused.send_keys(keys).await.expect("it takes keys");
}

fn key(key: Key) -> String {
    let key: thirtyfour::TypingData = key.into();
    key.to_string()
}

/// Whether a dialog is open.
const DIALOG: &str = "return document.querySelectorAll('dialog[open]').length";

#[tokio::test]
async fn a_description_is_shown_as_markdown_and_can_do_no_harm() {
    let stage = Stage::set().await;
    let description = concat!(
        "# Plan\n\nUse **care** and `rm -i`.\n\n- one\n- two\n  1. deep\n\n> said\n\n```sh\nls <b>\n```\n\n",
        "[good](https://example.org/a) [bad](javascript:window.pwned=1) [worse](data:text/html,<script>) ",
        "<javascript:window.pwned=2> <script>window.pwned=3</script> <img src=x onerror=window.pwned=4> ",
        "![picture](https://example.org/i.png)\n",
    );
    let nested = format!("{}end\n\n{}", "> ".repeat(20_000), "*a **b ".repeat(2_000));
    let task = |id: &str, text: &str| json!({"task_id": id, "title": "T", "description": text}).to_string();
    let (good, bad) = (task("good", description), task("bad", &nested));
    stage
        .stranger(&[("mjwork.tasks.available", good.as_str()), ("mjwork.tasks.available", bad.as_str())])
        .await;
    stage.until_task("bad", "available", "").await;
    stage.history("good").await;
    let script = r"
        const prose = document.querySelector('.prose');
        const texts = selector => [...prose.querySelectorAll(selector)].map(e => e.textContent);
        return {
            heading: texts('h4'), strong: texts('strong'), items: texts('ul > li > p, ul > li').length,
            numbered: texts('ol > li'), code: texts('pre'), quote: texts('blockquote'),
            links: [...prose.querySelectorAll('a')].map(a => [a.textContent, a.getAttribute('href'), a.rel, a.target]),
            made: prose.querySelectorAll('img, script, b, iframe, style').length, pwned: window.pwned || 0,
        }";
    let shown = until(&stage, "the description", script, |seen| seen["heading"] == json!(["Plan"])).await;
    assert_eq!(shown["strong"], json!(["care"]));
    assert_eq!(shown["numbered"], json!(["deep"]));
    assert_eq!((&shown["code"], &shown["quote"]), (&json!(["ls <b>"]), &json!(["said"])));
    let link = |text: &str, href: &str| json!([text, href, "noopener noreferrer", "_blank"]);
    let expected = [link("good", "https://example.org/a"), link("picture", "https://example.org/i.png")];
    assert_eq!(shown["links"], json!(expected));
    assert_eq!((&shown["made"], &shown["pwned"]), (&json!(0), &json!(0)));
    says(&stage, "[bad](javascript:window.pwned=1)").await;

    stage.history("bad").await;
    let depth = "let deepest = 0;
        for (const e of document.querySelectorAll('.prose *')) {
            let depth = 0;
            for (let at = e; !at.matches('.prose'); at = at.parentElement) depth += 1;
            deepest = Math.max(deepest, depth);
        }
        return deepest";
    until(&stage, "a shallow text", depth, |seen| (1..40).contains(&seen.as_u64().unwrap_or(0))).await;
    stage.close().await;
}

#[tokio::test]
async fn a_panel_tells_all_of_a_task() {
    let stage = Stage::set().await;
    let result =
        r#"{"files":[{"name":"a.rs","lines":12},{"name":"b.rs","lines":7}],"note":"it's <b>done</b>"}"#;
    let completed = format!(r#"{{"task_id":"t","agent_id":"b","session":"s2","result":{result}}}"#);
    stage
        .stranger(&[
            ("mjwork.tasks.available", r#"{"task_id":"first","title":"First"}"#),
            ("mjwork.tasks.available", r#"{"task_id":"t","title":"Whole","blocked_by":["first"]}"#),
            ("mjwork.tasks.available", r#"{"task_id":"after","title":"After","blocked_by":["t"]}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"first","agent_id":"a"}"#),
            ("mjwork.tasks.completed", r#"{"task_id":"first","agent_id":"a"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"a","session":"s1"}"#),
            ("mjwork.tasks.progress", r#"{"task_id":"t","agent_id":"a","percent":40,"note":"half of it"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"b"}"#),
            ("mjwork.tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"out of paper"}"#),
            (
                "mjwork.tasks.available",
                r#"{"task_id":"t","title":"Whole","blocked_by":["first"],"requeue":{},"by":"me"}"#,
            ),
            ("mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"b","session":"s2"}"#),
            ("mjwork.tasks.completed", completed.as_str()),
        ])
        .await;
    stage.until_task("t", "completed", "b").await;
    let history = stage.history("t").await;
    let refused: Vec<_> = history.iter().filter(|row| row.1 == "refused").collect();
    assert_eq!(refused.len(), 1, "{history:?}");
    assert!(
        refused[0].2.contains("taken by a") && refused[0].2.contains("mjwork.tasks.claimed"),
        "{refused:?}"
    );

    let script = "const texts = s => [...document.querySelectorAll('.panel ' + s)].map(e => e.innerText.replace(/\\s+/g, ' ').trim());
        return { way: texts('.way li > span:first-child'), attempts: texts('.attempt'), boxes: texts('.unseen li') }";
    let shown = stage.browser.eval(script).await;
    let way = [
        "published",
        "available",
        "claimed by a",
        "failed by a",
        "requeued by me",
        "claimed by b",
        "completed by b",
    ];
    let told: Vec<&str> =
        shown["way"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
    assert!(way.iter().filter(|step| **step != "available").all(|step| told.contains(step)), "{told:?}");
    let attempts = shown["attempts"].to_string();
    for words in ["a · s1", "failed", "out of paper", "half of it", "b · s2", "completed"] {
        assert!(attempts.contains(words), "{words} in {attempts}");
    }
    assert_eq!(
        shown["boxes"],
        json!(["first (completed) blocks t (completed)", "t (completed) blocks after (available)"])
    );

    // The tree, by keyboard.
    let open = "return [...document.querySelectorAll('.json summary')].map(e => [e.innerText.replace(/\\s+/g, ' '), e.parentElement.open])";
    let summaries = stage.browser.eval(open).await;
    assert_eq!(summaries, json!([["{2}", true], ["files: [2]", false]]));
    stage.browser.eval("document.querySelector('.json summary').focus()").await;
    keys(&stage, &key(Key::Down)).await;
    keys(&stage, &key(Key::Right)).await;
    until(&stage, "the list to open", open, |seen| seen.as_array().is_some_and(|all| all.len() == 4)).await;
    keys(&stage, &key(Key::Down)).await;
    keys(&stage, &key(Key::Right)).await;
    says(&stage, "name: a.rs").await;
    keys(&stage, &key(Key::Left)).await;
    keys(&stage, &key(Key::Left)).await;
    keys(&stage, &key(Key::Left)).await;
    until(&stage, "the list to close", open, |seen| seen[1] == json!(["files: [2]", false])).await;
    stage.press("Raw").await;
    says(&stage, "\"name\": \"a.rs\"").await;

    let seq = refused[0].0;
    stage.press(&format!("Raw event {seq}")).await;
    says(&stage, "\"agent_id\": \"b\"").await;
    says(&stage, &format!("Nats-Sequence: {seq}")).await;
    stage.close().await;
}

#[tokio::test]
async fn the_panel_is_as_wide_as_somebody_made_it() {
    let stage = Stage::set().await;
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"t","title":"T"}"#)]).await;
    stage.until_task("t", "available", "").await;
    stage.history("t").await;
    let width = "return Math.round(document.querySelector('.panel').getBoundingClientRect().width)";
    let before = stage.browser.eval(width).await.as_i64().unwrap();
    let edge = stage.control("[role=separator]", "Width of the panel").await;
    edge.focus().await.expect("it can have the focus");
    for _ in 0..4 {
        keys(&stage, &key(Key::Left)).await;
    }
    until(&stage, "a wider panel", width, |seen| seen.as_i64() == Some(before + 64)).await;
    assert_eq!(edge.attr("aria-valuenow").await.unwrap(), Some((before + 64).to_string()));
    stage.open().await;
    stage.history("t").await;
    until(&stage, "the same width after a reload", width, |seen| seen.as_i64() == Some(before + 64)).await;
    let drag = stage.browser.action_chain();
    let edge = stage.control("[role=separator]", "Width of the panel").await;
    drag.drag_and_drop_element_by_offset(&edge, 100, 0).perform().await.expect("the edge can be dragged");
    until(&stage, "a narrower panel", width, |seen| {
        seen.as_i64().is_some_and(|w| (w - before + 36).abs() < 12)
    })
    .await;
    stage.close().await;
}

#[tokio::test]
async fn an_edit_shows_what_changes_and_who_was_quicker() {
    let stage = Stage::set().await;
    stage
        .stranger(&[(
            "mjwork.tasks.available",
            r#"{"task_id":"t","title":"Old title","description":"one\ntwo","tags":["x"]}"#,
        )])
        .await;
    stage.until_task("t", "available", "").await;
    stage.sign_in().await;
    stage.history("t").await;
    stage.press("Edit").await;
    says(&stage, "Nothing changes.").await;
    stage.fill("Title", "New title").await;
    stage.fill("Description", "one\nthree").await;
    let changes = "return [...document.querySelectorAll('.difference')].map(e => e.innerText.replace(/\\s+/g, ' ').trim())";
    until(&stage, "the difference", changes, |seen| {
        *seen
            == json!([
                "Title − removed: Old title + added: New title",
                "Description one − removed: two + added: three"
            ])
    })
    .await;

    stage
        .stranger(&[(
            "mjwork.tasks.available",
            r#"{"task_id":"t","title":"Old title","description":"one\ntwo","tags":["x","y"]}"#,
        )])
        .await;
    says(&stage, "The task changed while you were editing.").await;
    stage.press("Go on from there").await;
    let fields = "return ['#task-title', '#task-tags'].map(s => document.querySelector(s).value)";
    until(&stage, "both changes in one form", fields, |seen| *seen == json!(["New title", "x, y"])).await;
    stage.control("dialog button[type=submit]", "Edit").await.click().await.expect("it can be pressed");
    until(&stage, "the form to close", DIALOG, |seen| *seen == 0).await;
    let facts = "return document.querySelector('.panel').innerText";
    until(&stage, "the new definition", facts, |seen| {
        let text = seen.as_str().unwrap_or_default();
        text.starts_with("New title") && text.contains("three") && text.contains('y')
    })
    .await;

    stage
        .stranger(&[
            ("mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#),
            ("mjwork.tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"no"}"#),
        ])
        .await;
    stage.until_task("t", "failed", "a").await;
    stage.press("Requeue with edit").await;
    stage.fill("Title", "Third title").await;
    stage.control("dialog button[type=submit]", "Requeue").await.click().await.expect("it can be pressed");
    stage.until_task("t", "available", "").await;
    until(&stage, "the third title", facts, |seen| {
        seen.as_str().is_some_and(|t| t.starts_with("Third title"))
    })
    .await;
    stage.close().await;
}

#[tokio::test]
async fn of_several_late_results_one_is_accepted() {
    let stage = Stage::set().await;
    stage
        .stranger(&[
            ("mjwork.tasks.available", r#"{"task_id":"t","title":"T"}"#),
            ("mjwork.tasks.completed", r#"{"task_id":"t","agent_id":"a","result":"first"}"#),
            ("mjwork.tasks.completed", r#"{"task_id":"t","agent_id":"b","result":{"is":"second"}}"#),
        ])
        .await;
    stage.until_task("t", "available", "").await;
    stage.history("t").await;
    says(&stage, "Results that came too late: 2").await;
    assert!(stage.find("button", "Accept result 2").await.is_none(), "a viewer is not offered it");
    stage.sign_in().await;
    stage.history("t").await;
    let which = stage.control("select", "Which late result").await;
    assert_eq!(which.text().await.unwrap().split_whitespace().collect::<Vec<_>>().join(" "), "3 by b 2 by a");
    stage.press("Accept result 2").await;
    stage.until_task("t", "completed", "a").await;
    let accept = stage.control("button", "Accept late result").await;
    assert_eq!(accept.attr("disabled").await.unwrap().as_deref(), Some("true"));
    assert_eq!(accept.attr("aria-description").await.unwrap().as_deref(), Some("It is completed already."));
    stage.close().await;
}

#[tokio::test]
async fn a_form_says_what_is_wrong_and_keeps_what_is_typed() {
    let stage = Stage::set().await;
    stage
        .stranger(&[
            ("mjwork.tasks.available", r#"{"task_id":"taken","title":"Taken"}"#),
            (
                "mjwork.tasks.available",
                r#"{"task_id":"back","title":"Waits for the new one","blocked_by":["new"]}"#,
            ),
        ])
        .await;
    stage.until_task("taken", "available", "").await;
    stage.sign_in().await;
    stage.press("Publish task").await;
    stage.fill("Task id", "taken").await;
    says(&stage, "There is a task with this id.").await;
    stage.fill("Task id", "new").await;
    stage.fill("Blocked by", "nobody").await;
    says(&stage, "nobody is not known yet: the task will wait.").await;
    stage.fill("Blocked by", "back").await;
    says(&stage, "It waits for itself, through back.").await;
    stage.press("Publish").await;
    says(&stage, "A task needs a title.").await;

    // Completion by keyboard.
    stage.fill("Blocked by", "ta").await;
    let offered = "return [...document.querySelectorAll('[role=option]')].map(e => e.textContent)";
    until(&stage, "what the list may be completed with", offered, |seen| *seen == json!(["taken Taken"]))
        .await;
    keys(&stage, &key(Key::Down)).await;
    keys(&stage, &key(Key::Enter)).await;
    let value = "return document.querySelector('#task-blocked-by').value";
    until(&stage, "the list to be completed", value, |seen| *seen == "taken, ").await;

    // Esc asks, and Esc again goes on.
    keys(&stage, &key(Key::Escape)).await;
    says(&stage, "What you typed is not published.").await;
    keys(&stage, &key(Key::Escape)).await;
    until(&stage, "the question to go", "return document.querySelectorAll('.question').length", |seen| {
        *seen == 0
    })
    .await;
    until(&stage, "what was typed", value, |seen| *seen == "taken, ").await;

    stage.fill("Title", "New").await;
    stage.fill("Tags", "red, green").await;
    stage.press("Publish and add another").await;
    stage.until_task("new", "blocked", "").await;
    let fields =
        "return ['id', 'title', 'blocked-by', 'tags'].map(s => document.querySelector('#task-' + s).value)";
    until(&stage, "an empty form with the tags", fields, |seen| *seen == json!(["", "", "", "red, green"]))
        .await;
    assert_eq!(stage.browser.eval("return document.activeElement.id").await, "task-id");
    keys(&stage, &key(Key::Escape)).await;
    until(&stage, "the form to close", DIALOG, |seen| *seen == 0).await;
    assert_eq!(stage.browser.eval("return document.activeElement.textContent").await, "Publish task");
    stage.close().await;
}

/// Lays a text on the import's field, as pasting does.
async fn paste(stage: &Stage, text: &str) {
    stage.press("Publish task").await;
    stage.press("Many tasks").await;
    stage.control("textarea", "Tasks as JSON, JSON lines or CSV: paste or drop them").await;
    let script = "const area = document.querySelector('#import-text');
        area.value = arguments[0]; area.dispatchEvent(new Event('input'))";
    stage.browser.execute(script, vec![text.into()]).await.expect("a text can be pasted");
}

#[tokio::test]
async fn a_table_is_imported_and_its_faults_are_shown_row_by_row() {
    let stage = Stage::set().await;
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"old","title":"Old"}"#)]).await;
    stage.until_task("old", "available", "").await;
    stage.sign_in().await;
    let mut table =
        String::from("task_id,title,blocked_by,priority\nold,Old,,\nill,,,\nlost,Lost,nowhere,\n");
    for n in 0..300 {
        let _ = writeln!(
            table,
            "page-{n},Page {n},{},high",
            if n == 0 { "old".to_owned() } else { format!("page-{}", n - 1) }
        );
    }
    paste(&stage, &table).await;
    says(&stage, "CSV: 303 tasks, 2 cannot be published, 1 there already.").await;
    says(&stage, "it has no title").await;
    says(&stage, "it waits for nowhere, which nobody knows").await;
    let nodes = "return document.querySelectorAll('[data-import]').length";
    assert!(stage.browser.eval(nodes).await.as_u64().unwrap() < 100, "only rows in sight exist");
    stage.control("label", "Only those with errors").await.click().await.expect("it can be pressed");
    until(&stage, "the two alone", nodes, |seen| *seen == 2).await;
    stage.press("Publish 300 tasks").await;
    says(&stage, "300 stored, 1 there already").await;
    let seen = stage.until("all on the board", |seen| seen.counts["blocked"] == 300).await;
    assert_eq!(seen.seq, 301);
    until(&stage, "the rows still to be there", nodes, |seen| *seen == 2).await;
    assert_eq!(stage.browser.eval("return document.querySelector('dialog .primary').disabled").await, true);
    stage.close().await;
}

#[tokio::test]
async fn an_import_goes_on_after_an_outage_with_what_failed() {
    let mut stage = Stage::set().await;
    stage.sign_in().await;
    let lines: Vec<String> =
        (0..3_000).map(|n| json!({"task_id": n, "title": format!("Task {n}")}).to_string()).collect();
    paste(&stage, &lines.join("\n")).await;
    says(&stage, "JSON lines: 3,000 tasks.").await;
    stage.press("Publish 3,000 tasks").await;
    let done =
        "return Number(document.querySelector('dialog [role=progressbar]').getAttribute('aria-valuenow'))";
    until(&stage, "some to be stored", done, |seen| seen.as_u64().unwrap_or(0) > 0).await;
    stage.server.kill();
    let start = "const b = [...document.querySelectorAll('dialog .primary')].pop(); return b.disabled ? '' : b.textContent";
    stage.server.restart().await;
    stage.until("the connection to be back", |seen| seen.connection == "connected" && seen.synced).await;
    let label = until(&stage, "the import to have stopped", start, |seen| {
        seen.as_str().is_some_and(|s| !s.is_empty())
    })
    .await;
    stage.press(label.as_str().unwrap()).await;
    let shown = "return document.querySelector('dialog [role=status]').textContent";
    // What was stored before its acknowledgement was lost is there already.
    let sum = |words: &str| -> usize {
        let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
        words.split(", ").skip(1).filter_map(|part| digits(part).parse::<usize>().ok()).sum()
    };
    until(&stage, "all to be stored", shown, |seen| {
        let words = seen.as_str().unwrap_or_default();
        !words.contains("went wrong") && sum(words) == 3_000
    })
    .await;
    let seen = stage.until("all on the board", |seen| seen.counts["available"] == 3_000).await;
    assert_eq!(seen.seq, 3_000, "each is stored once");
    stage.close().await;
}

#[tokio::test]
async fn back_asks_before_it_takes_away_what_was_typed() {
    let stage = Stage::set().await;
    stage.sign_in().await;
    let address =
        async || stage.browser.current_url().await.expect("an address").query().unwrap_or("").to_owned();
    let back = async || stage.browser.back().await.expect("there is a page before");

    // An empty form just goes.
    stage.press("Publish task").await;
    until(&stage, "the form", DIALOG, |open| *open == 1).await;
    back().await;
    until(&stage, "no form", DIALOG, |open| *open == 0).await;

    stage.press("Publish task").await;
    stage.fill("Title", "Half a thought").await;
    back().await;
    says(&stage, "What you typed is not published.").await;
    stage.press("Keep editing").await;
    let title = "return document.querySelector('dialog[open] #task-title')?.value || ''";
    until(&stage, "what was typed", title, |title| *title == "Half a thought").await;
    assert_eq!(address().await, "publish=1", "the form stands in the address again");
    assert!(!stage.text().await.contains("What you typed is not published."), "nothing is asked any more");

    back().await;
    says(&stage, "What you typed is not published.").await;
    stage.press("Discard").await;
    until(&stage, "no form", DIALOG, |open| *open == 0).await;
    assert_eq!(address().await, "");

    // What was discarded is not there again.
    stage.press("Publish task").await;
    until(&stage, "an empty form", title, |title| *title == "").await;
    stage.close().await;
}

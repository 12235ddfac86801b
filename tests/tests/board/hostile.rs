//! Bodies that no client should write: none stops the board, each is listed with its reason, and no text is HTML.

use crate::stage::{PATIENCE, Stage};
use mjwork_tests::wait;

#[tokio::test]
async fn bad_input_never_stops_the_board() {
    let stage = Stage::set().await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let nested = format!(r#"{{"task_id":"deep","title":"T","x":{deep}}}"#);
    let bad: &[(&str, &str, &str)] = &[
        ("mjwork.tasks.available", "no json at all", "not JSON"),
        ("mjwork.tasks.available", "hex:fffe00", "not UTF-8"),
        ("mjwork.tasks.available", "", "empty"),
        ("mjwork.tasks.available", "x*1000000", "not JSON"),
        ("mjwork.tasks.available", &nested, "levels deep"),
        ("mjwork.tasks.available", r#"{"task_id":["t"],"title":"T"}"#, "a task id"),
        ("mjwork.tasks.available", r#"{"task_id":"t","title":{"a":1}}"#, "a text"),
        ("mjwork.tasks.available", r#"{"title":"no id"}"#, "task_id"),
        ("mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"a b"}"#, "agent_id"),
        ("mjwork.heartbeat.a", r#"{"agent_id":"b"}"#, "the subject says"),
        ("mjwork.tasks.nonsense", "{}", "no such subject"),
    ];
    let published: Vec<(&str, &str)> = bad.iter().map(|(subject, body, _)| (*subject, *body)).collect();
    stage.stranger(&published).await;
    stage
        .stranger(&[(
            "mjwork.tasks.available",
            r#"{"task_id":"good","title":"With a field from the future","colour":{"hue":[1,2,3]}}"#,
        )])
        .await;
    let seen = stage.until_task("good", "available", "").await;
    assert_eq!((seen.seq, seen.tasks.len()), (12, 1));

    let mut messages = stage.browser.current_url().await.expect("an address");
    messages.set_query(Some("screen=messages"));
    stage.browser.goto(messages.as_str()).await.expect("the page loads");
    for (subject, body, reason) in bad {
        wait::until(&format!("the reason {reason:?} of {subject} {body:.40}"), PATIENCE, async || {
            let text = stage.text().await;
            if text.contains(reason) { Ok(()) } else { Err(text) }
        })
        .await;
    }
    let text = stage.text().await;
    assert_eq!(text.matches("not JSON").count(), 2, "each is listed: {text}");
    stage.close().await;
}

#[tokio::test]
async fn text_from_messages_is_never_html() {
    let stage = Stage::set().await;
    let html = r#"<img src=x onerror=\"window.pwned=1\"><script>window.pwned=2</script><b>bold</b>"#;
    let task = format!(
        r#"{{"task_id":"<i>t</i>","title":"{html}","description":"{html}","tags":["{html}"],"priority":"{html}","blocked_by":["<u>b</u>"]}}"#
    );
    let problem = format!(r#"{{"message":"{html}","stack":"{html}","level":"{html}"}}"#);
    let said = format!(r#"{{"agent_id":"a","message":"{html}"}}"#);
    stage
        .stranger(&[
            ("mjwork.tasks.available", &task),
            ("mjwork.errors", &problem),
            ("mjwork.coordination", &said),
            ("mjwork.tasks.available", html),
        ])
        .await;
    stage.until_task("<i>t</i>", "blocked", "").await;
    stage.history("<i>t</i>").await;
    assert!(stage.text().await.contains("<b>bold</b>"), "it is shown as it was written");
    for screen in ["board", "errors", "messages", "agents"] {
        let mut address = stage.browser.current_url().await.expect("an address");
        address.set_query(Some(&format!("screen={screen}")));
        stage.browser.goto(address.as_str()).await.expect("the page loads");
        stage.until("the board to be synced", |seen| seen.synced).await;
        let made = stage.browser.eval("return [window.pwned || 0, document.querySelectorAll('img, b, u, #app script, #app i').length]").await;
        assert_eq!(made, serde_json::json!([0, 0]), "{screen}");
    }
    stage.close().await;
}

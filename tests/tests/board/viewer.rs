//! Who has not signed in sees everything and changes nothing: not by the page, and not past it.

use crate::stage::Stage;

/// Speaks to the server from the page itself, as any script of that origin could.
const PUBLISH_BY_HAND: &str = r#"
    const done = arguments[arguments.length - 1], [url, subject] = arguments;
    const body = JSON.stringify({ task_id: 'forged', title: 'By hand' });
    const socket = new WebSocket(url);
    let said = '';
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(new TextEncoder().encode(
        `CONNECT {"verbose":false,"pedantic":false,"lang":"js","version":"0"}\r\nPUB ${subject} ${body.length}\r\n${body}\r\nPING\r\n`));
    socket.onmessage = event => {
        said += new TextDecoder().decode(event.data);
        if (said.includes('PONG')) { socket.close(); done(said); }
    };
    socket.onclose = () => done(said);
"#;

#[tokio::test]
async fn a_viewer_sees_everything_and_can_change_nothing() {
    let stage = Stage::set().await;
    stage
        .stranger(&[
            ("mjwork.tasks.available", r#"{"task_id":"t","title":"Seen by all"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#),
            ("mjwork.tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"e"}"#),
        ])
        .await;
    let seen = stage.until_task("t", "failed", "a").await;
    assert_eq!(seen.access, "viewer");
    stage.history("t").await;
    for name in ["Publish task", "Publish", "Requeue", "Cancel task"] {
        assert!(stage.find("button, [role=button]", name).await.is_none(), "{name} is offered to a viewer");
    }
    assert!(stage.text().await.to_lowercase().contains("read only"), "the page says that it is read only");

    for subject in ["mjwork.tasks.available", "mjwork.tasks.cancelled", "mjboard.tasks.available"] {
        let arguments = vec![stage.server.ws_url().into(), subject.into()];
        let said = stage.browser.execute_async(PUBLISH_BY_HAND, arguments).await.expect("the script runs");
        let said = said.json().to_string();
        assert!(said.contains("Permissions Violation for Publish"), "{subject}: {said}");
    }
    stage.open().await;
    let seen = stage.see().await;
    assert_eq!((seen.seq, seen.tasks.len()), (3, 1), "nothing came of it");
    stage.close().await;
}

#[tokio::test]
async fn the_operators_controls_are_there_for_the_operator() {
    let stage = Stage::set().await;
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"t","title":"T"}"#)]).await;
    stage.sign_in().await;
    stage.history("t").await;
    for name in ["Publish task", "Requeue", "Cancel task"] {
        stage.control("button, [role=button]", name).await;
    }
    // What the state does not allow is disabled, and says why.
    let requeue = stage.control("button, [role=button]", "Requeue").await;
    assert!(
        !requeue.is_enabled().await.expect("an answer")
            || requeue.attr("aria-disabled").await.expect("an answer").as_deref() == Some("true")
    );
    stage.close().await;
}

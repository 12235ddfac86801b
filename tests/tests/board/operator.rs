//! The project's first story: an operator publishes a task in the form, and sees agents that anybody wrote claim it,
//! beat and complete it, live, without a reload.

use crate::stage::{PATIENCE, Stage};
use mjwork_tests::wait;

#[tokio::test]
async fn an_operator_publishes_and_watches_a_stranger_do_it() {
    let stage = Stage::set().await;
    stage.sign_in().await;
    stage.browser.eval("window.stillTheSamePage = true").await;

    stage.press("Publish task").await;
    stage.fill("Task id", "ship-it").await;
    stage.fill("Title", "Ship the release").await;
    stage.fill("Description", "All of it.").await;
    stage.fill("Tags", "release, urgent").await;
    stage.press("Publish").await;
    stage.until_task("ship-it", "available", "").await;

    stage
        .stranger(&[
            ("mjwork.heartbeat.Agent-Alpha", r#"{"agent_id":"Agent-Alpha"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"ship-it","agent_id":"Agent-Alpha"}"#),
        ])
        .await;
    let seen = stage.until_task("ship-it", "in_progress", "Agent-Alpha").await;
    assert_eq!(seen.counts["in_progress"], 1);
    agent(&stage, "Agent-Alpha", "live").await;
    stage.show("Board").await;

    stage
        .stranger(&[(
            "mjwork.tasks.completed",
            r#"{"task_id":"ship-it","agent_id":"Agent-Alpha","result":{"sha":"abc123"}}"#,
        )])
        .await;
    let seen = stage.until_task("ship-it", "completed", "Agent-Alpha").await;
    assert_eq!((seen.counts["completed"], seen.counts["in_progress"]), (1, 0));
    assert_eq!(stage.browser.eval("return window.stillTheSamePage").await, true, "without a reload");

    let history = stage.history("ship-it").await;
    let seqs: Vec<u64> = history.iter().map(|row| row.0).collect();
    assert!(history.iter().all(|row| row.1 == "accepted") && history.len() == 3, "{history:?}");
    assert!(seqs.is_sorted() || seqs.iter().rev().is_sorted(), "{seqs:?}");
    assert!(stage.text().await.contains("abc123"), "the result is shown");
    stage.close().await;
}

/// Waits until the agent is shown, on the screen that lists agents.
async fn agent(stage: &Stage, id: &str, liveness: &str) {
    stage.show("Agents").await;
    wait::until(&format!("{id} to be {liveness}"), PATIENCE, async || {
        let script = "return [...document.querySelectorAll('[data-agent-id]')]
            .filter(e => e.dataset.agentId === arguments[0]).map(e => e.dataset.liveness)[0] || 'not shown'";
        let seen = stage.browser.execute(script, vec![id.into()]).await.map(|a| a.json().clone());
        match seen {
            Ok(seen) if seen == liveness => Ok(()),
            Ok(seen) => Err(seen.to_string()),
            Err(error) => Err(error.to_string()),
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_task_is_requeued_and_a_waiting_one_cancelled() {
    let stage = Stage::set().await;
    stage
        .stranger(&[
            ("mjwork.tasks.available", r#"{"task_id":"t","title":"Fails at first"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#),
            ("mjwork.tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"out of memory"}"#),
            ("mjwork.tasks.available", r#"{"task_id":"u","title":"Not wanted"}"#),
        ])
        .await;
    stage.until_task("t", "failed", "a").await;
    stage.sign_in().await;

    stage.history("t").await;
    assert!(stage.text().await.contains("out of memory"));
    stage.press("Requeue").await;
    stage.until_task("t", "available", "").await;

    stage.history("u").await;
    stage.press("Cancel task").await;
    stage.until("u to be cancelled", |seen| seen.counts.get("cancelled") == Some(&1)).await;
    let text = stage.text().await;
    assert!(text.to_lowercase().contains("accepted"), "the verdict is shown: {text}");
    stage.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_said_and_the_right_one_then_works() {
    let stage = Stage::set().await;
    stage.press("Sign in").await;
    stage.fill("User", "operator").await;
    stage.fill("Password", "wrong").await;
    stage.press("Connect").await;
    wait::until("the page to say that the password is wrong", PATIENCE, async || {
        let text = stage.text().await;
        if text.contains("refused this user and password") { Ok(()) } else { Err(text) }
    })
    .await;
    stage.fill("User", "operator").await;
    stage.fill("Password", stage.server.password()).await;
    stage.press("Connect").await;
    stage.until("to be the operator", |seen| seen.access == "operator" && seen.synced).await;
    stage.close().await;
}

//! The server is killed under an open board.

use crate::stage::{PATIENCE, Stage};
use mjwork_tests::wait;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_board_says_that_it_is_stale_and_comes_back_by_itself() {
    let mut stage = Stage::set().await;
    stage
        .stranger(&[
            ("mjwork.tasks.available", r#"{"task_id":"a","title":"A"}"#),
            ("mjwork.tasks.available", r#"{"task_id":"b","title":"B","blocked_by":["a"]}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"a","agent_id":"x"}"#),
        ])
        .await;
    stage.until_task("a", "in_progress", "x").await;
    stage.browser.eval("window.stillTheSamePage = true").await;

    let killed = Instant::now();
    stage.server.kill();
    stage.until("the board to say so", |seen| seen.connection == "reconnecting" && !seen.synced).await;
    println!("said {:.2?} after the kill", killed.elapsed());
    assert!(killed.elapsed() < Duration::from_secs(5));
    wait::until("since when it is stale", Duration::from_secs(5), async || {
        let text = stage.text().await;
        if text.to_lowercase().contains("stale since") { Ok(()) } else { Err(text) }
    })
    .await;
    assert_eq!(stage.see().await.tasks.len(), 2, "what was known is still shown");

    stage.server.restart().await;
    stage
        .stranger(&[
            ("mjwork.tasks.completed", r#"{"task_id":"a","agent_id":"x"}"#),
            ("mjwork.tasks.available", r#"{"task_id":"c","title":"C"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"b","agent_id":"y"}"#),
        ])
        .await;
    let survived = stage
        .until("to be synced again", |seen| seen.connection == "connected" && seen.synced && seen.seq == 6)
        .await;
    assert_eq!(stage.browser.eval("return window.stillTheSamePage").await, true);
    assert!(!stage.text().await.to_lowercase().contains("stale since"));
    let cards = "return [...document.querySelectorAll('[data-column]')].map(e => e.textContent.replace(/\\d+ ?(s|m|min|h)\\b/g, ''))";
    let shown = stage.browser.eval(cards).await;

    stage.open().await;
    let fresh = stage.until("a fresh board", |seen| seen.synced && seen.seq == 6).await;
    assert_eq!(survived, fresh);
    wait::until("the same words on a fresh board", PATIENCE, async || {
        let fresh = stage.browser.eval(cards).await;
        if fresh == shown { Ok(()) } else { Err(format!("{fresh} instead of {shown}")) }
    })
    .await;
    stage.close().await;
}

#[tokio::test]
async fn a_stream_made_anew_is_read_anew() {
    let stage = Stage::set().await;
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"old","title":"Old"}"#)]).await;
    stage.until_task("old", "available", "").await;
    let Stage { mut server, site, browser } = stage;
    let work = async_nats::connect(server.tcp_url()).await.expect("connects");
    work.request("$JS.API.STREAM.DELETE.MJ_ONLINE_WORK", "".into()).await.expect("the API answers");
    mjwork::setup::setup(&work, &mjwork::reader::Source::default(), 1).await.expect("the stream is made");
    server.kill();
    server.restart().await;
    let stage = Stage { server, site, browser };
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"new","title":"New"}"#)]).await;
    let seen = stage.until_task("new", "available", "").await;
    assert_eq!((seen.tasks.len(), seen.seq), (1, 1));
    stage.close().await;
}

//! Messages of clients that nobody here wrote, with the required fields only.

use crate::stage::Stage;
use mjwork_tests::stranger;
use std::collections::HashSet;

/// Notes when each card first shows.
const WATCH: &str = "
    window.shownAt = {};
    const look = () => {
        for (const card of document.querySelectorAll('[data-task-id]')) {
            window.shownAt[card.dataset.taskId] ??= performance.timeOrigin + performance.now();
        }
    };
    look();
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
";

#[tokio::test]
async fn a_strangers_message_shows_on_an_open_board() {
    let stage = Stage::set().await;
    stage.browser.eval(WATCH).await;
    let mut latencies = Vec::new();
    for n in 0..5 {
        let (id, body) = (format!("s{n}"), format!(r#"{{"task_id":"s{n}","title":"From nats-py"}}"#));
        let sent = stage.stranger(&[("mjwork.tasks.available", &body)]).await[0];
        stage.until_task(&id, "available", "").await;
        let shown = stage.browser.eval(&format!("return window.shownAt.{id}")).await;
        latencies.push(shown.as_f64().expect("a time") - sent);
    }
    latencies.sort_by(f64::total_cmp);
    println!("from nats-py's publish to the card, ms: {latencies:.1?}");
    stage.close().await;
}

#[tokio::test]
async fn a_thousand_messages_lose_nothing_and_keep_their_order() {
    let stage = Stage::set().await;
    stranger::run("flood.py", &stage.server.tcp_url(), &["n", "1000"]).await;
    let seen = stage.until("a thousand tasks", |seen| seen.counts.get("available") == Some(&1000)).await;
    assert_eq!(seen.seq, 1000);
    // The column holds only what is to be seen, so look at all of it by scrolling.
    let script = "
        const done = arguments[0];
        (async () => {
            const column = document.querySelector('[data-column=available]');
            const scroller = [column, ...column.querySelectorAll('*')]
                .find(e => e.scrollHeight > e.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(e).overflowY));
            const frame = () => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
            const ids = [], met = new Set();
            if (!scroller) return done(['no scroller']);
            for (scroller.scrollTop = 0; ; scroller.scrollTop += scroller.clientHeight / 2) {
                await frame();
                const cards = [...column.querySelectorAll('[data-task-id]')]
                    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
                for (const { dataset: { taskId } } of cards) {
                    if (!met.has(taskId)) { met.add(taskId); ids.push(taskId); }
                }
                if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) return done(ids);
            }
        })();
    ";
    let answer = stage.browser.execute_async(script, Vec::new()).await.expect("the column scrolls");
    let ids: Vec<String> = serde_json::from_value(answer.json().clone()).expect("ids");
    let expected: Vec<String> = (0..1000).map(|n| format!("n{n:04}")).collect();
    assert_eq!(ids, expected);
    stage.close().await;
}

#[tokio::test]
async fn of_two_claims_one_is_the_owners_and_the_other_is_shown_as_refused() {
    let stage = Stage::set().await;
    stage
        .stranger(&[
            ("mjwork.tasks.available", r#"{"task_id":7,"title":"Wanted by two"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":7,"agent_id":"first"}"#),
            ("mjwork.tasks.claimed", r#"{"task_id":"7","agent_id":"second"}"#),
        ])
        .await;
    stage.until_task("7", "in_progress", "first").await;
    stage.until("the second claim", |seen| seen.seq == 3).await;
    let history = stage.history("7").await;
    let refused: Vec<_> = history.iter().filter(|row| row.1 == "refused").collect();
    assert_eq!(refused.len(), 1, "{history:?}");
    assert_eq!(refused[0].0, 3);
    assert!(refused[0].2.contains("taken by first"), "{refused:?}");
    assert_eq!(history.iter().filter(|row| row.1 == "accepted").count(), 2);
    stage.close().await;
}

#[tokio::test]
async fn a_stream_made_by_the_plain_command_is_read_and_lives() {
    let stage = Stage::set().await;
    let work = async_nats::connect(stage.server.tcp_url()).await.expect("connects");
    let api = async |subject: &str, body: &str| {
        work.request(subject.to_owned(), body.to_owned().into()).await.expect("the API answers")
    };
    // Made anew under its name, with nothing but what the seed's own command asked for, and direct get.
    api("$JS.API.STREAM.DELETE.MJ_ONLINE_WORK", "").await;
    api(
        "$JS.API.STREAM.CREATE.MJ_ONLINE_WORK",
        r#"{"name":"MJ_ONLINE_WORK","subjects":["mjwork.>"],"storage":"file","max_age":604800000000000,"allow_direct":true}"#,
    )
    .await;
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"old","title":"Before the board"}"#)]).await;
    stage.open().await;
    stage.until_task("old", "available", "").await;
    let ids: HashSet<_> = stage.see().await.tasks.into_keys().collect();
    assert_eq!(ids.len(), 1);
    // Nothing is sent on, so the board hears of this by asking after a silence.
    stage.stranger(&[("mjwork.tasks.available", r#"{"task_id":"new","title":"After"}"#)]).await;
    stage.until_task("new", "available", "").await;
    stage.close().await;
}

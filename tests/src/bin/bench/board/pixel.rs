//! From a publisher's call to the changed card, on an idle board, beside a bare page that hears the same message.

use super::rounds;
use super::stage::{Stage, visit};
use crate::statistics::{median, percentile, verdict};
use mjwork_tests::browser::{Browser, Options};
use mjwork_tests::wait;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Messages a round.
const MESSAGES: usize = 60;
/// Milliseconds over the bare page, at the median and at the 99th percentile.
const MEDIAN: f64 = 20.0;
const P99: f64 = 50.0;
const PATIENCE: Duration = Duration::from_secs(30);

/// Notes when a card that says `probe-…` was painted: when the frame that changed it has run all its steps, which is
/// when a task that was queued in it begins. A change outside of a frame waits for the next.
const NOTE_PAINTED: &str = r"
    window.paintedAt = {};
    let isInFrame = false;
    const waiting = [];
    const { port1: send, port2: receive } = new MessageChannel();
    receive.onmessage = () => {
        isInFrame = false;
        const now = performance.timeOrigin + performance.now();
        for (const probe of waiting.splice(0)) window.paintedAt[probe] ??= now;
    };
    const frame = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = step => frame(at => {
        if (!isInFrame) { isInFrame = true; send.postMessage(null); }
        step(at);
    });
    new MutationObserver(changes => {
        for (const { target } of changes) {
            const card = (target.closest ? target : target.parentElement)?.closest('[data-column] [data-task-id]');
            const probe = card?.textContent.match(/probe-(\d+)/)?.[1];
            if (probe && !(probe in window.paintedAt)) {
                waiting.push(probe);
                if (!isInFrame) frame(() => send.postMessage(null));
            }
        }
    }).observe(document, { subtree: true, childList: true, characterData: true });
";

pub async fn run(stage: &mut Stage) -> bool {
    let board = Browser::start(Options { window: (1440, 900), ..Options::default() }).await;
    visit(&board, &stage.board.url(), NOTE_PAINTED).await;
    let bare = Browser::start(Options::default()).await;
    let address = format!("{}listen.html?server={}", stage.rival.url(), stage.server.ws_url());
    bare.goto(address).await.expect("the page loads");
    wait::until("the bare page to listen", PATIENCE, async || {
        let open = bare.eval("return socket.readyState").await;
        if open == 1 { Ok(()) } else { Err(open) }
    })
    .await;
    let (mut painted, mut heard) = (Vec::new(), Vec::new());
    for round in 0..=rounds() {
        let (p, h) = probe(stage, &board, &bare, round).await;
        // The first round warms both pages.
        if round > 0 {
            println!(
                "  {round}: painted {:>5.1} ms (p99 {:>5.1}), bare page {:>5.1} ms (p99 {:>5.1})",
                median(&p),
                percentile(&p, 99.0),
                median(&h),
                percentile(&h, 99.0)
            );
            painted.extend(p);
            heard.extend(h);
        }
    }
    board.assert_no_panic().await;
    board.close().await;
    bare.close().await;
    let over = |percent| percentile(&painted, percent) - percentile(&heard, percent);
    let median = verdict("board b: publish to pixel over a bare page, median", over(50.0), MEDIAN, " ms");
    verdict("board b: publish to pixel over a bare page, p99", over(99.0), P99, " ms") && median
}

/// Publishes reports of the task that has been longest in progress, at random moments; gives for each after how many
/// ms its card was painted, and the bare page heard it.
async fn probe(stage: &mut Stage, board: &Browser, bare: &Browser, round: usize) -> (Vec<f64>, Vec<f64>) {
    let (task, agent, claim) = stage.traffic.held().expect("something is in progress");
    let mut sent = Vec::with_capacity(MESSAGES);
    for n in 0..MESSAGES {
        // At another moment of a frame each time.
        tokio::time::sleep(Duration::from_millis(fastrand::u64(60..180))).await;
        let probe = format!("{}", round * MESSAGES + n);
        let body = json!({"task_id": task, "agent_id": agent, "claim": claim, "percent": n, "note": format!("probe-{probe} ")});
        let body = body.to_string().into();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64() * 1e3;
        stage.client.publish("mjwork.tasks.progress", body).await.expect("published");
        stage.client.flush().await.expect("flushed");
        stage.traffic.skip();
        sent.push((probe, now));
    }
    let painted = noted(board, "paintedAt", &sent).await;
    (painted, noted(bare, "heardAt", &sent).await)
}

async fn noted(page: &Browser, list: &str, sent: &[(String, f64)]) -> Vec<f64> {
    let script = format!("return window.{list}");
    let times = wait::until(&format!("{list} to be whole"), PATIENCE, async || {
        let times: Value = page.eval(&script).await;
        if sent.iter().all(|(probe, _)| times[probe].is_number()) { Ok(times) } else { Err(times) }
    })
    .await;
    sent.iter().map(|(probe, at)| times[probe].as_f64().unwrap_or(f64::NAN) - at).collect()
}

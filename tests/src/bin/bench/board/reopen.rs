//! Opened again: the tab is closed and a new one opened in the same browser, with nothing new and with a thousand new
//! events.

use super::rounds;
use super::stage::{Stage, begin_profile, end_profile, visit};
use crate::statistics::{median, verdict};
use mjwork_tests::browser::Browser;
use mjwork_tests::traffic::fill;
use mjwork_tests::wait;
use std::time::{Duration, Instant};

/// Milliseconds until it is synced.
const BUDGET: f64 = 400.0;
/// New events, the second time.
const NEW: u64 = 1_000;
/// A copy that is being written grows; one that has been the same for so long is written.
const SETTLED: Duration = Duration::from_secs(2);
/// So long a board may take to write its copy.
const PATIENCE: Duration = Duration::from_secs(45);

pub async fn run(stage: &mut Stage) -> bool {
    let (browser, cold) = stage.open().await;
    println!("  seen for the first time: {cold:.0} ms; copy of {:.1} MB", until_kept(&browser).await / 1e6);
    let (mut nothing_new, mut some_new) = (Vec::new(), Vec::new());
    for round in 1..=rounds() {
        let quiet = again(&browser, &stage.board.url()).await;
        fill(&stage.client, &mut stage.traffic, NEW).await;
        let news = again(&browser, &stage.board.url()).await;
        let seq = browser.eval("return Number(document.querySelector('[data-seq]').dataset.seq)").await;
        assert_eq!(seq, stage.traffic.seq(), "it has read everything");
        until_kept(&browser).await;
        println!("  {round}: nothing new {quiet:>6.0} ms, {NEW} new events {news:>6.0} ms");
        nothing_new.push(quiet);
        some_new.push(news);
    }
    browser.assert_no_panic().await;
    browser.close().await;
    let quiet = verdict("board c: opened again, nothing new", median(&nothing_new), BUDGET, " ms");
    verdict("board c: opened again, 1,000 new events", median(&some_new), BUDGET, " ms") && quiet
}

/// Closes the tab, opens the page in a new one, and gives after how many ms it was complete.
pub async fn again(browser: &Browser, address: &str) -> f64 {
    let new = {
        let old = browser.window().await.expect("a tab");
        let new = browser.new_tab().await.expect("a new tab");
        browser.switch_to_window(old).await.expect("the tab");
        browser.close_window().await.expect("it closes");
        new
    };
    browser.switch_to_window(new).await.expect("the new tab");
    browser.resize(1440, 900).await;
    begin_profile(browser).await;
    let took = visit(browser, address, "").await;
    end_profile(browser).await;
    took
}

/// Waits until the copy that the page keeps is written, and gives its bytes; none where it keeps none.
pub async fn until_kept(browser: &Browser) -> f64 {
    let script = "const done = arguments[0];
        navigator.storage.estimate().then(all => done(all.usageDetails?.indexedDB ?? 0))";
    let (mut last, mut since) = (0.0, Instant::now());
    let settled = wait::attempt(PATIENCE, async || {
        let kept = browser.execute_async(script, Vec::new()).await.map_err(|error| error.to_string())?;
        let kept = kept.json().as_f64().unwrap_or(0.0);
        if (kept - last).abs() > 0.5 {
            (last, since) = (kept, Instant::now());
        }
        // Nothing tells when the browser has written; to ask oftener would keep it from that.
        tokio::time::sleep(Duration::from_millis(200)).await;
        // The empty store has some bytes, too.
        if since.elapsed() > SETTLED && (kept > 1e6 || since.elapsed() > 10 * SETTLED) {
            Ok(kept)
        } else {
            Err("not yet".to_owned())
        }
    });
    settled.await.unwrap_or(0.0)
}

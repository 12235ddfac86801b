//! A hundred thousand tasks on an open board: what they take of memory, and how it bears a thousand events a second
//! while somebody scrolls.

use super::rounds;
use super::stage::{Stage, begin_profile, end_profile};
use crate::statistics::{median, percentile, verdict, verdict_at_least};
use mjwork_tests::browser::Browser;
use mjwork_tests::memory;
use mjwork_tests::traffic::pace;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

const PER_SECOND: u32 = 1_000;
/// So long events arrive; each half of it another column is scrolled.
const TIME: Duration = Duration::from_secs(30);
/// Pixels of scrolling a second.
const SPEED: u32 = 1_200;
/// Milliseconds of the longest task on the page's main thread.
const TASK: f64 = 50.0;
/// Frames a second, while scrolling.
const FRAMES: f64 = 55.0;
/// Megabytes of the tab.
const MEMORY: f64 = 250.0;

/// Notes tasks of the main thread of 50 ms and more, and every frame.
const WATCH: &str = "
    const began = performance.now();
    window.longTasks = [];
    new PerformanceObserver(list => {
        for (const { startTime, duration } of list.getEntries()) window.longTasks.push([startTime - began, duration]);
    }).observe({ type: 'longtask' });
    window.frames_ = [];
    const frame = at => { window.frames_.push(at); requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
";

/// What the page noted.
#[derive(Debug, Deserialize)]
struct Seen {
    tasks: Vec<(f64, f64)>,
    frames: Vec<f64>,
}

/// Of one round.
struct Round {
    /// The longest task, or the budget where none was as long.
    longest: f64,
    long: usize,
    frames: f64,
    floor: f64,
    slowest_frame: f64,
}

pub async fn run(stage: &mut Stage, bears: bool, weighs: bool) -> bool {
    let (mut memory, mut bearing) = (Vec::new(), Vec::new());
    for round in 1..=rounds() {
        let floor = if bears { empty().await } else { 0.0 };
        let (browser, _) = stage.open().await;
        if weighs {
            // What reading the history left behind is not what the tasks take.
            browser.devtools("HeapProfiler.collectGarbage", json!({})).await;
            let tab = memory::tab(&browser).await;
            println!("  {round}: {tab}");
            memory.push(tab.process);
        }
        if bears {
            let seen = bear(stage, &browser, floor).await;
            println!(
                "  {round}: {} tasks over 50 ms, the longest {:.0} ms; {:.1} frames/s scrolling (empty page {:.1}), the slowest {:.0} ms",
                seen.long, seen.longest, seen.frames, seen.floor, seen.slowest_frame
            );
            bearing.push(seen);
        }
        browser.assert_no_panic().await;
        browser.close().await;
    }
    let mut held = true;
    if weighs {
        held &= verdict("board d: memory of the tab, 100,000 tasks", median(&memory) / 1e6, MEMORY, " MB");
    }
    if bears {
        let of = |figure: fn(&Round) -> f64| median(&bearing.iter().map(figure).collect::<Vec<_>>());
        held &= verdict("board a: longest task at 1,000 events/s", of(|r| r.longest), TASK, " ms");
        println!("board a: frames a second on an empty page: {:.1}", of(|r| r.floor));
        held &= verdict_at_least("board a: frames a second while scrolling", of(|r| r.frames), FRAMES, "/s");
    }
    held
}

async fn bear(stage: &mut Stage, browser: &Browser, floor: f64) -> Round {
    browser.eval(WATCH).await;
    begin_profile(browser).await;
    browser.devtools("Performance.enable", json!({})).await;
    let before = spent(browser).await;
    let client = stage.client.clone();
    let scroll = async {
        let mut frames = Vec::new();
        for column in ["completed", "available"] {
            frames.push(scrolled(browser, column).await);
        }
        frames
    };
    let (sent, halves) = tokio::join!(pace(&client, &mut stage.traffic, PER_SECOND, TIME), scroll);
    assert_eq!(sent, u64::from(PER_SECOND) * TIME.as_secs());
    let after = spent(browser).await;
    let share = |n: usize| (after[n] - before[n]) * 100.0 / TIME.as_secs_f64();
    println!(
        "     of the main thread's time: programs {:.0} %, style {:.0} %, layout {:.0} %, all tasks {:.0} %",
        share(0),
        share(1),
        share(2),
        share(3)
    );
    end_profile(browser).await;
    let seen: Seen = serde_json::from_value(browser.eval("return {tasks: longTasks, frames: frames_}").await)
        .expect("notes");
    for (start, took) in &seen.tasks {
        println!("     a task of {took:.0} ms, {:.1} s after the first event", start / 1e3);
    }
    let gaps: Vec<f64> = seen.frames.windows(2).map(|pair| pair[1] - pair[0]).collect();
    Round {
        longest: seen.tasks.iter().map(|task| task.1).fold(0.0, f64::max),
        long: seen.tasks.len(),
        frames: halves.into_iter().fold(f64::INFINITY, f64::min),
        floor,
        slowest_frame: percentile(&gaps, 100.0),
    }
}

/// Seconds of the main thread since the page was opened: programs, style, layout, all tasks.
async fn spent(browser: &Browser) -> [f64; 4] {
    let metrics = browser.devtools("Performance.getMetrics", json!({})).await;
    ["ScriptDuration", "RecalcStyleDuration", "LayoutDuration", "TaskDuration"].map(|name| {
        let all = metrics["metrics"].as_array().into_iter().flatten();
        all.filter(|metric| metric["name"] == name).find_map(|metric| metric["value"].as_f64()).unwrap_or(0.0)
    })
}

/// Scrolls a column by the wheel for half of the time, and gives how many frames a second there were.
async fn scrolled(browser: &Browser, column: &str) -> f64 {
    let script = format!(
        "const place = document.querySelector('[data-column={column}] .windowed').getBoundingClientRect();
         return [place.x + place.width / 2, place.y + place.height / 2, window.frames_.length, performance.now()]"
    );
    let [x, y, before, began]: [f64; 4] =
        serde_json::from_value(browser.eval(&script).await).expect("numbers");
    let half = u32::try_from(TIME.as_secs() / 2).expect("seconds");
    let gesture = json!({"x": x, "y": y, "yDistance": -i64::from(SPEED * half), "speed": SPEED,
        "gestureSourceType": "mouse", "preventFling": true});
    browser.devtools("Input.synthesizeScrollGesture", gesture).await;
    let after = "return [window.frames_.length, performance.now(), 0, 0]";
    let [count, now, ..]: [f64; 4] = serde_json::from_value(browser.eval(after).await).expect("numbers");
    (count - before) * 1e3 / (now - began)
}

/// Frames a second on an empty page: what this machine and its browser can show at all.
async fn empty() -> f64 {
    let browser = Browser::start(mjwork_tests::browser::Options::default()).await;
    browser.goto("about:blank").await.expect("a blank page");
    let script = "const done = arguments[0]; let count = 0; const began = performance.now();
        const frame = () => { count += 1; const passed = performance.now() - began;
            if (passed > 3000) done(count * 1000 / passed); else requestAnimationFrame(frame); };
        requestAnimationFrame(frame);";
    let frames = browser.execute_async(script, Vec::new()).await.expect("frames").json().as_f64();
    browser.close().await;
    frames.unwrap_or(f64::NAN)
}

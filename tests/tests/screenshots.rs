//! Pictures of every screen, in both themes and at three widths, of a made fleet at work. They lie in
//! `target/screenshots/` to be looked at; `cargo xtask screenshots` puts the README's among them into `docs/`. Nothing
//! overlaps, is cut off, or jumps.

use mjwork_tests::browser::{Browser, ColorScheme, Options};
use mjwork_tests::gallery::{Gallery, SCREENS, Screen, see, settle};
use mjwork_tests::layout::faults;
use mjwork_tests::program::mjwork;
use mjwork_tests::traffic::{Traffic, fill, pace};
use mjwork_tests::wait;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(60);
const WIDTHS: [(u32, u32); 3] = [(1440, 900), (1024, 768), (360, 800)];

#[tokio::test]
async fn every_screen_in_both_themes_and_at_three_widths() {
    let gallery = Gallery::empty().await;
    let browser = Browser::start(Options { has_mouse: true, ..Options::default() }).await;
    let task = made_fleet(&gallery, &browser).await;
    let mut problems = Vec::new();
    for screen in &SCREENS {
        let query = screen.query.replace("parser-errors", &task);
        let screen = Screen { query: &query, ..*screen };
        browser.resize(WIDTHS[0].0, WIDTHS[0].1).await;
        gallery.show(&browser, &screen).await;
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.prefer(scheme).await;
            for (width, height) in WIDTHS {
                browser.resize(width, height).await;
                settle(&browser).await;
                let name = format!("{}-{}-{width}", screen.name, format!("{scheme:?}").to_lowercase());
                browser.picture(&name).await;
                problems.extend(faults(&browser).await.into_iter().map(|fault| format!("{name}: {fault}")));
            }
        }
    }
    browser.assert_no_panic().await;
    browser.close().await;
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A fleet that stood in the middle of its work when it went: much is done, some failed, and what it held is orphaned.
/// Gives a task that has come far.
async fn made_fleet(gallery: &Gallery, browser: &Browser) -> String {
    let words =
        "--agents 12 --tasks 90 --seed 7 --duration 2 --speed 2 --interval 1 --failures 0.12 --stalls 0.03";
    let mut fleet: Child = Command::new(mjwork())
        .args(["simulate", "--server", &gallery.server.tcp_url()])
        .args(words.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it can be run");
    browser.goto(gallery.site.url()).await.expect("the page loads");
    let script = "return Object.fromEntries([...document.querySelectorAll('[data-column]')]
        .map(column => [column.dataset.column, Number(column.dataset.count)]))";
    wait::until("half of the work to be done", PATIENCE, async || {
        let counts: Value = browser.eval(script).await;
        let of = |status: &str| counts[status].as_u64().unwrap_or(0);
        let half = of("completed") >= 45 && of("in_progress") >= 6 && of("blocked") > 0 && of("failed") > 0;
        if half { Ok(()) } else { Err(counts.to_string()) }
    })
    .await;
    fleet.kill().await.expect("it runs until it is killed");
    browser.goto(format!("{}?screen=agents", gallery.site.url())).await.expect("the page loads");
    see(browser, "[data-orphan]").await;
    browser.goto(gallery.site.url()).await.expect("the page loads");
    see(browser, "[data-column=in_progress] [data-task-id]").await;
    let first = "return document.querySelector('[data-column=in_progress] [data-task-id]').dataset.taskId";
    browser.eval(first).await.as_str().expect("a task's id").to_owned()
}

/// How far things moved without being touched, as browsers count it. That cards and rows of a list come and go is what
/// the list is there for, so what moved in lists alone is left out; the row under the pointer is looked at by itself.
const SHIFTS: &str = "
    window.shifts = [];
    window.steady = [];
    new PerformanceObserver(list => {
        for (const { value, startTime, sources } of list.getEntries()) {
            const inList = ({ node }) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest('.windowed');
            if (sources.length > 0 && sources.every(inList)) continue;
            const of = source => source.node?.nodeType === 1 ? source.node : source.node?.parentElement;
            window.shifts.push([startTime, value, sources.map(s => of(s)?.outerHTML.slice(0, 120) ?? '')]);
        }
    }).observe({ type: 'layout-shift' });
    const list = [...document.querySelectorAll('.windowed')]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().height > 100).at(-1);
    const box = list.getBoundingClientRect();
    return { x: Math.round(box.left + box.width / 2), y: Math.round(box.top + 60) };
";

/// Watches the row under the pointer in every frame, and keeps each that came there instead of it.
const STEADY: &str = "
    const [x, y] = arguments;
    const row = () => document.elementFromPoint(x, y)?.closest('article, [role=row]');
    const first = row(), top = first.getBoundingClientRect().top;
    const look = () => {
        const moved = first.isConnected ? first.getBoundingClientRect().top - top : 0;
        if (Math.abs(moved) > 1) window.steady.push(moved);
        requestAnimationFrame(look);
    };
    look();
";

#[tokio::test]
async fn nothing_jumps_while_events_arrive() {
    let gallery = Gallery::empty().await;
    let client = async_nats::connect(gallery.server.tcp_url()).await.expect("WORK connects");
    let mut traffic = Traffic::new(3);
    fill(&client, &mut traffic, 5_000).await;
    let browser = Browser::start(Options { window: (1440, 900), ..Options::default() }).await;
    for screen in SCREENS.iter().filter(|screen| ["board", "agents", "messages"].contains(&screen.name)) {
        gallery.show(&browser, screen).await;
        let at = browser.eval(SHIFTS).await;
        let at = |axis: &str| at[axis].as_i64().expect("a place");
        browser.action_chain().move_to(at("x"), at("y")).perform().await.expect("the pointer moves");
        settle(&browser).await;
        browser.execute(STEADY, vec![at("x").into(), at("y").into()]).await.expect("a row is there");
        pace(&client, &mut traffic, 200, Duration::from_secs(5)).await;
        let shifts: Vec<(f64, f64, Vec<String>)> =
            serde_json::from_value(browser.eval("return window.shifts").await).expect("shifts");
        let sum: f64 = shifts.iter().map(|shift| shift.1).sum();
        assert!(sum < 0.05, "{} jumps: {sum}: {shifts:#?}", screen.name);
        let steady: Vec<f64> =
            serde_json::from_value(browser.eval("return window.steady").await).expect("distances");
        assert!(steady.is_empty(), "{}: the row under the pointer moves: {steady:?}", screen.name);
    }
    browser.assert_no_panic().await;
    browser.close().await;
}

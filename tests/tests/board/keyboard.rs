//! Every screen works by the keyboard alone: what can be pressed is reached by Tab, the rows and cards of a list by the
//! arrows once Tab has led into it, what has the focus shows it, and when something closes the focus is where it was.

use mjwork_tests::browser::{Browser, Options};
use mjwork_tests::gallery::{Gallery, SCREENS, see, settle};
use mjwork_tests::wait;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// Keys without a character, as WebDriver spells them.
const TAB: &str = "\u{E004}";
const DOWN: &str = "\u{E015}";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";

/// No screen has that many places for Tab.
const ROUND: usize = 80;

const PATIENCE: Duration = Duration::from_secs(30);

/// What has the focus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Focus {
    /// What a screen reader would call it, roughly; `body` for nothing.
    name: String,
    /// Whether one sees that it has the focus.
    visible: bool,
    /// Whether it had it before.
    before: bool,
    /// Whether the arrows lead on from it: a list of cards, or a row of a table.
    list: bool,
}

/// Names and marks what has the focus. A ring may be drawn by the element or by what it fills.
const FOCUS: &str = r"
    const element = document.activeElement;
    if (!element || element === document.body) return { name: 'body', visible: true, before: false, list: false };
    const before = 'reached' in element.dataset;
    element.dataset.reached = '';
    const ring = e => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(e);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
    };
    const around = element.closest('article, [role=listitem], [role=row], label');
    const visible = element.matches(':focus-visible') && (ring(element) || (!!around && ring(around)));
    const name = element.getAttribute('aria-label') || element.textContent.trim().slice(0, 60) || element.id || element.tagName;
    return { name: `${element.localName} ${name}`.replace(/\s+/g, ' '), visible, before,
        list: element.matches('.windowed.cards, .windowed .opens') };
";

/// What can be pressed or filled in and has not had the focus yet: within the dialog, where one is open. Of rows and
/// cards, to which the arrows lead, it is what opens them; of a list with many only those in sight count.
const MISSED: &str = r"
    const scope = document.querySelector('dialog[open]') ?? document;
    const inSight = e => { const b = e.getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight; };
    const alike = e => e.type === 'radio' && [...document.getElementsByName(e.name)].some(o => 'reached' in o.dataset);
    const walked = '.card a.title, .windowed .opens';
    return [...scope.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
        .filter(e => !e.disabled && (e.tabIndex >= 0 || e.matches(walked)) && e.checkVisibility({ visibilityProperty: true }) && inSight(e))
        .filter(e => !('reached' in e.dataset) && !alike(e))
        .map(e => e.outerHTML.slice(0, 120))
";

/// Presses keys one after another, wherever the focus is.
async fn keys(browser: &Browser, keys: &str) {
    browser.action_chain().send_keys(keys).perform().await.expect("keys can be typed");
}

async fn focus(browser: &Browser) -> Focus {
    serde_json::from_value(browser.eval(FOCUS).await).expect("a focus")
}

async fn missed(browser: &Browser) -> Vec<String> {
    serde_json::from_value(browser.eval(MISSED).await).expect("elements")
}

async fn tab(browser: &Browser) -> Focus {
    keys(browser, TAB).await;
    focus(browser).await
}

/// Goes on by Tab until something whose name begins so has the focus.
async fn tab_to(browser: &Browser, name: &str) {
    let mut met = Vec::new();
    for _ in 0..200 {
        let focus = tab(browser).await;
        if focus.name.starts_with(name) {
            assert!(focus.visible, "{name} does not show its focus");
            return;
        }
        met.push(focus.name);
    }
    panic!("no Tab leads to {name:?}: {met:?}");
}

/// Goes by Tab to the list whose name begins so, and by the arrow on to what does.
async fn walk_to(browser: &Browser, list: &str, name: &str) {
    tab_to(browser, list).await;
    let mut met = Vec::new();
    for _ in 0..100 {
        keys(browser, DOWN).await;
        let focus = focus(browser).await;
        if focus.name.starts_with(name) {
            assert!(focus.visible, "{name} does not show its focus");
            return;
        }
        met.push(focus.name);
    }
    panic!("no arrow leads from {list:?} to {name:?}: {met:?}");
}

/// Goes to the end of a list by the arrow, and gives what does not show its focus on the way.
async fn walk_through(browser: &Browser) -> Vec<String> {
    let mut unseen = Vec::new();
    for _ in 0..500 {
        keys(browser, DOWN).await;
        // A row may have to be made first.
        settle(browser).await;
        let focus = focus(browser).await;
        if focus.before {
            return unseen;
        }
        if !focus.visible {
            unseen.push(focus.name);
        }
    }
    panic!("no end of the list");
}

#[tokio::test]
async fn every_control_of_every_screen_is_reached_and_shows_it() {
    let gallery = Gallery::of_fleet().await;
    let browser = Browser::start(Options::default()).await;
    let mut problems = Vec::new();
    for screen in &SCREENS {
        gallery.show(&browser, screen).await;
        let (mut left, mut again) = (300, 0);
        loop {
            let focus = tab(&browser).await;
            if !focus.visible {
                problems.push(format!("{}: {} does not show its focus", screen.name, focus.name));
            }
            left -= 1;
            assert!(left > 0, "{}: no end of Tab", screen.name);
            // What only showed when a list was walked may stand before it: that takes another round.
            again += usize::from(focus.before);
            if focus.before && (again > ROUND || missed(&browser).await.is_empty()) {
                break;
            }
            if focus.list && !focus.before {
                let unseen = walk_through(&browser).await;
                problems
                    .extend(unseen.iter().map(|e| format!("{}: {e} does not show its focus", screen.name)));
            }
        }
        problems.extend(missed(&browser).await.iter().map(|e| format!("{}: not reached: {e}", screen.name)));
    }
    browser.assert_no_panic().await;
    browser.close().await;
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test]
async fn what_closes_gives_the_focus_back() {
    let gallery = Gallery::of_fleet().await;
    let browser = Browser::start(Options::default()).await;
    let operator = SCREENS.iter().find(|screen| screen.name == "agents").expect("a screen of the operator");
    gallery.show(&browser, operator).await;
    keys(&browser, "gb").await;
    see(&browser, "[data-column] [data-task-id]").await;

    // A dialog by its key, from wherever one is.
    tab_to(&browser, "a Agents").await;
    for (key, shown) in [("?", "dialog[open] kbd"), ("c", "dialog[open] input")] {
        let before = focus(&browser).await.name;
        keys(&browser, key).await;
        see(&browser, shown).await;
        assert_eq!(
            browser.eval("return !!document.activeElement.closest('dialog')").await,
            true,
            "{key}: it has the focus"
        );
        keys(&browser, ESCAPE).await;
        gone(&browser, "dialog[open]").await;
        assert_eq!(focus(&browser).await.name, before, "{key}: the focus is where it was");
    }

    // A dialog by its button.
    tab_to(&browser, "button Change user").await;
    keys(&browser, ENTER).await;
    see(&browser, "dialog[open] #user").await;
    keys(&browser, ESCAPE).await;
    gone(&browser, "dialog[open]").await;
    assert_eq!(focus(&browser).await.name, "button Change user");

    // A task's panel by its card.
    walk_to(&browser, "div In progress", "a Port the parser").await;
    keys(&browser, ENTER).await;
    see(&browser, "[data-verdict]").await;
    keys(&browser, ESCAPE).await;
    gone(&browser, "[data-verdict]").await;
    let after = focus(&browser).await;
    assert!(after.name.starts_with("a Port the parser") && after.visible, "{after:?}");
    browser.assert_no_panic().await;
    browser.close().await;
}

#[tokio::test]
async fn an_operator_works_without_a_mouse() {
    let gallery = Gallery::of_fleet().await;
    let browser = Browser::start(Options::default()).await;
    browser.goto(gallery.site.url()).await.expect("the page loads");
    see(&browser, "[data-synced=true] [data-task-id]").await;

    // Signs in.
    tab_to(&browser, "button Sign in").await;
    keys(&browser, ENTER).await;
    see(&browser, "dialog[open] #user").await;
    tab_to(&browser, "input user").await;
    keys(&browser, "operator").await;
    tab_to(&browser, "input password").await;
    keys(&browser, &format!("{}{ENTER}", gallery.server.password())).await;
    see(&browser, "[data-access=operator][data-synced=true]").await;
    see(&browser, "[data-task-id=flaky]").await;

    // Goes round the screens.
    for (key, shown) in [
        ("ga", "[data-agent-id]"),
        ("ge", "[data-message-seq]"),
        ("gm", "[data-message-seq]"),
        ("gb", "[data-task-id]"),
    ] {
        keys(&browser, key).await;
        see(&browser, shown).await;
    }

    // Searches, and comes out of the field again.
    keys(&browser, "/").await;
    keys(&browser, "incremental").await;
    gone(&browser, "[data-column] [data-task-id=linker]").await;
    walk_to(&browser, "div Failed", "a Find out why the incremental test").await;

    // Opens what failed, and requeues it.
    keys(&browser, ENTER).await;
    see(&browser, "[data-verdict]").await;
    tab_to(&browser, "button Requeue").await;
    keys(&browser, ENTER).await;
    see(&browser, "[data-task-id=flaky][data-status=available]").await;
    keys(&browser, ESCAPE).await;
    gone(&browser, "[data-verdict]").await;

    // Publishes another.
    keys(&browser, "c").await;
    see(&browser, "dialog[open] input").await;
    settle(&browser).await;
    let field = focus(&browser).await;
    if !field.name.contains("id") {
        tab_to(&browser, "input").await;
    }
    keys(&browser, "by-keys").await;
    tab(&browser).await;
    keys(&browser, "Published without a mouse, incremental").await;
    keys(&browser, ENTER).await;
    see(&browser, "[data-task-id=by-keys][data-status=available]").await;
    browser.assert_no_panic().await;
    browser.close().await;
}

/// Waits until nothing that `selector` names can be seen.
async fn gone(browser: &Browser, selector: &str) {
    wait::until(&format!("{selector} to be gone"), PATIENCE, async || {
        let script =
            "return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility()).length";
        let seen = browser.execute(script, vec![selector.into()]).await.map(|a| a.json().clone());
        match seen {
            Ok(seen) if seen == 0 => Ok(()),
            Ok(seen) => Err(seen.to_string()),
            Err(error) => Err(Value::from(error.to_string()).to_string()),
        }
    })
    .await;
}

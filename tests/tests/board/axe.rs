//! Nothing keeps a person from using any screen, in either theme: axe-core finds no serious or critical violation.

use mjwork_tests::browser::{Browser, ColorScheme, Options};
use mjwork_tests::gallery::{Gallery, SCREENS, Screen};
use mjwork_tests::repository;
use serde::Deserialize;

/// What axe-core says of a page.
#[derive(Debug, Deserialize)]
struct Violation {
    id: String,
    impact: Option<String>,
    help: String,
    nodes: Vec<String>,
}

const RUN: &str = "
    const done = arguments[0];
    axe.run(document, { resultTypes: ['violations'] })
        .then(({ violations }) => done(violations.map(({ id, impact, help, nodes }) =>
            ({ id, impact, help, nodes: nodes.map(node => `${node.html} (${node.failureSummary})`) }))))
";

#[tokio::test]
async fn no_screen_has_a_serious_violation_in_either_theme() {
    let axe = repository().join(".tools/axe/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(axe).expect("axe-core; `cargo xtask test` installs it");
    let gallery = Gallery::of_fleet().await;
    let browser = Browser::start(Options::default()).await;
    let mut found = Vec::new();
    for screen in &SCREENS {
        // The page shows what the system prefers, so one visit is enough for both.
        gallery.show(&browser, screen).await;
        browser.eval(&axe).await;
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.prefer(scheme).await;
            mjwork_tests::gallery::settle(&browser).await;
            found.extend(violations(&browser, screen, scheme).await);
        }
    }
    browser.assert_no_panic().await;
    browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

async fn violations(browser: &Browser, screen: &Screen<'_>, scheme: ColorScheme) -> Vec<String> {
    let said = browser.execute_async(RUN, Vec::new()).await.expect("axe-core runs");
    let said: Vec<Violation> = serde_json::from_value(said.json().clone()).expect("violations");
    let serious = |v: &&Violation| matches!(v.impact.as_deref(), Some("serious" | "critical"));
    let line = |v: &Violation| {
        format!("{} {scheme:?}: {} ({}): {}", screen.name, v.id, v.help, v.nodes.join("\n    "))
    };
    said.iter().filter(serious).map(line).collect()
}

//! A server with the stream, the bundle on a static host, a browser that shows it, and eyes for what it shows.

use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, Options as BrowserOptions};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, Site, config};
use mjwork_tests::{stranger, wait};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use thirtyfour::WebElement;

/// Anything that a page does takes less, on a machine that has other things to do.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Stage {
    pub server: NatsServer,
    pub site: Site,
    pub browser: Browser,
}

/// What the board shows, by its hooks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Seen {
    pub connection: String,
    pub synced: bool,
    pub access: String,
    pub seq: u64,
    /// By state.
    pub counts: BTreeMap<String, usize>,
    /// By id: state, owner and column.
    pub tasks: BTreeMap<String, Card>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Card {
    pub status: String,
    pub owner: String,
    pub column: String,
}

const SEE: &str = r"
    const root = document.querySelector('[data-connection]');
    if (!root) return { connection: 'nothing', synced: false, access: '', seq: 0, counts: {}, tasks: {} };
    const counts = {}, tasks = {};
    for (const column of document.querySelectorAll('[data-column]')) {
        counts[column.dataset.column] = Number(column.dataset.count);
        for (const card of column.querySelectorAll('[data-task-id]')) {
            tasks[card.dataset.taskId] = {
                status: card.dataset.status, owner: card.dataset.owner || '', column: column.dataset.column };
        }
    }
    return { connection: root.dataset.connection, synced: root.dataset.synced === 'true',
        access: root.dataset.access || '', seq: Number(root.dataset.seq || 0), counts, tasks };
";

impl Stage {
    /// Everything, with the board open as a viewer and synced.
    pub async fn set() -> Self {
        Self::set_at("/", BrowserOptions::default()).await
    }

    pub async fn set_at(base: &str, options: BrowserOptions) -> Self {
        let port = Reserved::port();
        let origins = Some(vec![port.origin()]);
        let server = NatsServer::start(Options { origins, ..Options::default() }).await;
        let work = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
        mjwork::setup::setup(&work, &Source::default(), 1).await.expect("the stream is made");
        let site = port.serve(base, &config(&server));
        let browser = Browser::start(options).await;
        let stage = Self { server, site, browser };
        stage.open().await;
        stage
    }

    /// Loads the board and waits until it has read the history.
    pub async fn open(&self) {
        self.browser.goto(self.site.url()).await.expect("the page loads");
        self.until("the board to be synced", |seen| seen.synced && seen.connection == "connected").await;
    }

    pub async fn see(&self) -> Seen {
        serde_json::from_value(self.browser.eval(SEE).await).expect("the hooks of UX.md")
    }

    /// Waits until what the board shows is so.
    pub async fn until(&self, what: &str, holds: impl Fn(&Seen) -> bool) -> Seen {
        wait::until(what, PATIENCE, async || {
            let seen = self.see().await;
            if holds(&seen) { Ok(seen) } else { Err(format!("{seen:?}")) }
        })
        .await
    }

    pub async fn until_task(&self, id: &str, status: &str, owner: &str) -> Seen {
        self.until(&format!("{id} to be {status} by {owner:?}"), |seen| {
            seen.tasks
                .get(id)
                .is_some_and(|card| card.status == status && card.owner == owner && card.column == status)
        })
        .await
    }

    /// A client that nobody here wrote publishes these, in order. Gives when it sent each, in ms since 1970.
    pub async fn stranger(&self, published: &[(&str, &str)]) -> Vec<f64> {
        let arguments: Vec<&str> = published.iter().flat_map(|(subject, body)| [*subject, *body]).collect();
        let said = stranger::run("publish.py", &self.server.tcp_url(), &arguments).await;
        said.lines().map(|line| line.parse().expect("a time")).collect()
    }

    /// The visible control with this accessible name; of several the last, which lies on top.
    pub async fn control(&self, selector: &str, name: &str) -> WebElement {
        wait::until(&format!("the {selector} named {name:?}"), PATIENCE, async || {
            self.find(selector, name).await.ok_or("it is not there")
        })
        .await
    }

    pub async fn find(&self, selector: &str, name: &str) -> Option<WebElement> {
        let script = r"
            const named = element => {
                const labels = [...(element.labels || [])].map(l => l.textContent);
                const by = (element.getAttribute('aria-labelledby') || '').split(/\s+/)
                    .map(id => document.getElementById(id)?.textContent);
                return [element.getAttribute('aria-label'), ...by, ...labels, element.textContent]
                    .find(text => text && text.trim())?.trim().replace(/\s+/g, ' ');
            };
            return [...document.querySelectorAll(arguments[0])].reverse()
                .find(e => named(e) === arguments[1] && e.checkVisibility()) || null;
        ";
        let answer = self.browser.execute(script, vec![selector.into(), name.into()]).await.ok()?;
        answer.element().ok()
    }

    pub async fn press(&self, name: &str) {
        wait::until(&format!("to press {name:?}"), PATIENCE, async || {
            self.control("button, [role=button]", name).await.click().await
        })
        .await;
    }

    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.control("input, textarea", name).await;
        field.clear().await.expect("an editable field");
        field.send_keys(text).await.expect("an editable field");
    }

    /// Signs in as the operator, by the controls that a person would use.
    pub async fn sign_in(&self) {
        self.press("Sign in").await;
        self.fill("User", "operator").await;
        self.fill("Password", self.server.password()).await;
        self.press("Connect").await;
        self.until("to be the operator", |seen| seen.access == "operator" && seen.synced).await;
    }

    /// Goes to another screen by its link.
    pub async fn show(&self, screen: &str) {
        wait::until(&format!("the link to {screen}"), PATIENCE, async || {
            let script = "const link = [...document.querySelectorAll('nav a')]
                .find(a => a.textContent.trim().startsWith(arguments[0])); link?.click(); return !!link";
            match self.browser.execute(script, vec![screen.into()]).await {
                Ok(found) if *found.json() == true => Ok(()),
                Ok(_) => Err("it is not there".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
        .await;
    }

    /// Opens a task's panel, and gives the events that its history shows: sequence, verdict, text.
    pub async fn history(&self, id: &str) -> Vec<(u64, String, String)> {
        let card = wait::until(&format!("the card of {id}"), PATIENCE, async || {
            self.browser
                .execute(
                    "return [...document.querySelectorAll('[data-column] [data-task-id]')]
                        .find(e => e.dataset.taskId === arguments[0])?.querySelector('a') || null",
                    vec![id.into()],
                )
                .await
                .ok()
                .and_then(|answer| answer.element().ok())
                .ok_or("it is not there")
        })
        .await;
        card.click().await.expect("a card can be clicked");
        let script = "return [...document.querySelectorAll('[data-verdict]')]
            .map(e => [Number(e.dataset.seq), e.dataset.verdict, e.textContent])";
        wait::until(&format!("the history of {id}"), PATIENCE, async || {
            let rows: Vec<_> = serde_json::from_value(self.browser.eval(script).await).expect("rows");
            if rows.is_empty() { Err("no rows") } else { Ok(rows) }
        })
        .await
    }

    /// All text that a person sees.
    pub async fn text(&self) -> String {
        let text: Value = self.browser.eval("return document.body.innerText").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    pub async fn close(self) {
        self.browser.assert_no_panic().await;
        self.browser.close().await;
    }
}

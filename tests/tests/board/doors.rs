//! Getting in, and what the page says of the connection, of what it may not read, and of its own failure.

use crate::stage::{PATIENCE, Stage};
use mjwork::reader::Source;
use mjwork_tests::browser::{Browser, ColorScheme, Options as BrowserOptions};
use mjwork_tests::operator::Operator;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::site::{Reserved, config};
use mjwork_tests::{repository, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use nkeys::KeyPair;
use serde_json::{Value, json};
use std::io::Write as _;

/// A board on a server of its own configuration, opened but not waited for.
async fn doorstep(port: Reserved, server: NatsServer, config: &Value) -> Stage {
    let site = port.serve("/", config);
    let browser = Browser::start(BrowserOptions::default()).await;
    browser.goto(site.url()).await.expect("the page loads");
    Stage { server, site, browser }
}

/// A server with the shipped configuration up to its accounts, and `rest` instead of these; pages of `port` may come.
async fn server(port: &Reserved, rest: &str) -> NatsServer {
    let shipped = std::fs::read_to_string(repository().join("nats-server.conf")).expect("the file");
    let end = shipped.find("\naccounts {").expect("it has accounts");
    let lines = shipped[..end].lines().filter(|line| !line.trim().starts_with("no_auth_user"));
    let config = Some(lines.collect::<Vec<_>>().join("\n") + "\n" + rest);
    NatsServer::start(Options { config, origins: Some(vec![port.origin()]), ..Options::default() }).await
}

/// `config.json` for a server of one account without permissions.
fn plain(server: &NatsServer) -> Value {
    json!({ "server": server.ws_url() })
}

/// What these tests look at and do.
trait AtTheDoor {
    async fn says(&self, what: &str) -> String;
    async fn choose(&self, label: &str);
    /// Everything that the browser keeps of the page.
    async fn kept(&self) -> (String, String);
    /// Opens what cannot be made, and gives what the page then says.
    async fn break_it(&self) -> String;
    /// The report of a failure; empty while there is none.
    async fn report(&self) -> String;
    async fn attribute(&self, name: &str) -> Value;
}

impl AtTheDoor for Stage {
    async fn says(&self, what: &str) -> String {
        wait::until(&format!("the page to say {what:?}"), PATIENCE, async || {
            let text = self.text().await;
            if text.contains(what) { Ok(text) } else { Err(text) }
        })
        .await
    }

    async fn choose(&self, label: &str) {
        let script = "const label = [...document.querySelectorAll('label')].reverse()
            .find(l => l.textContent.trim() === arguments[0] && l.checkVisibility()); label?.click(); return !!label";
        wait::until(&format!("to choose {label:?}"), PATIENCE, async || {
            match self.browser.execute(script, vec![label.into()]).await {
                Ok(found) if *found.json() == true => Ok(()),
                _ => Err("it is not there"),
            }
        })
        .await;
    }

    async fn kept(&self) -> (String, String) {
        let shelf = async |name: &str| {
            let kept = self.browser.eval(&format!("return JSON.stringify({name})")).await;
            kept.as_str().unwrap_or_default().to_owned()
        };
        (shelf("localStorage").await, shelf("sessionStorage").await)
    }

    async fn break_it(&self) -> String {
        wait::until("the failure", PATIENCE, async || {
            // The click itself ends in the panic, which is an error of this script.
            let click = "document.querySelector('button[aria-label=Keys]')?.click()";
            let _ = self.browser.execute(click, Vec::new()).await;
            let text = self.text().await;
            if text.contains("The board has failed") { Ok(text) } else { Err(text) }
        })
        .await
    }

    async fn report(&self) -> String {
        let report = self.browser.eval("return document.querySelector('.panic textarea')?.value ?? ''").await;
        report.as_str().unwrap_or_default().to_owned()
    }

    async fn attribute(&self, name: &str) -> Value {
        self.browser.eval(&format!("return document.documentElement.getAttribute('{name}')")).await
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_and_the_right_one_is_kept_only_as_asked() {
    let stage = Stage::set().await;
    stage.press("Sign in").await;
    stage.fill("User", "operator").await;
    stage.fill("Password", "not-the-password").await;
    stage.press("Connect").await;
    let said = stage.says("refused this user and password").await;
    assert!(!said.contains("not-the-password"));

    // The page is left: who it was is known, the secret is not.
    stage.fill("Password", stage.server.password()).await;
    stage.fill("Keep this connection as (optional)", "the fleet").await;
    stage.press("Connect").await;
    stage.until("to be the operator", |seen| seen.access == "operator" && seen.synced).await;
    let (local, session) = stage.kept().await;
    assert!(!format!("{local}{session}").contains(stage.server.password()), "{local} {session}");
    stage.open().await;
    assert_eq!(stage.see().await.access, "viewer");

    // The kept connection asks for the secret; for this tab it is kept then.
    stage.press("Sign in").await;
    let kept = stage.browser.eval(
        "const open = [...document.querySelectorAll('.kept button')].find(b => b.textContent.startsWith('the fleet'));
         open.click(); return document.activeElement.id",
    );
    assert_eq!(kept.await, "password");
    stage.fill("Password", stage.server.password()).await;
    stage.choose("Keep the secret until this tab is closed").await;
    stage.press("Connect").await;
    stage.until("to be the operator", |seen| seen.access == "operator" && seen.synced).await;
    let (local, session) = stage.kept().await;
    assert!(!local.contains(stage.server.password()) && session.contains(stage.server.password()));
    stage.open().await;
    stage.until("to be the operator still", |seen| seen.access == "operator").await;

    // Somebody else again: nothing of it is left.
    stage.press("Change user").await;
    stage.press("Continue without signing in").await;
    stage.until("to be a viewer", |seen| seen.access == "viewer" && seen.synced).await;
    let (local, session) = stage.kept().await;
    assert!(!format!("{local}{session}").contains(stage.server.password()));
    stage.press("Sign in").await;
    stage.press("Forget the fleet").await;
    assert!(!stage.kept().await.0.contains("connections"));
    stage.close().await;
}

#[tokio::test]
async fn a_secret_is_kept_on_the_device_when_asked_in_so_many_words() {
    let stage = Stage::set().await;
    stage.press("Sign in").await;
    stage.fill("User", "operator").await;
    stage.fill("Password", stage.server.password()).await;
    stage.choose("Keep the secret on this device, unencrypted: whoever uses this browser can sign in").await;
    stage.press("Connect").await;
    stage.until("to be the operator", |seen| seen.access == "operator" && seen.synced).await;
    let (local, session) = stage.kept().await;
    assert!(local.contains(stage.server.password()) && !session.contains(stage.server.password()));
    stage.browser.eval("sessionStorage.clear()").await;
    stage.open().await;
    stage.until("to be the operator in any tab", |seen| seen.access == "operator").await;
    stage.close().await;
}

#[tokio::test]
async fn a_file_of_credentials_opens_the_door_and_an_expired_one_says_so() {
    let operator = Operator::default();
    let port = Reserved::port();
    let server = server(&port, &operator.config()).await;
    let (ann, old) =
        (operator.user("ann", None).credentials(), operator.user("old", Some(1_700_000_000)).credentials());
    let work = async_nats::ConnectOptions::with_credentials(&ann).expect("a file of credentials");
    let work = work.connect(server.tcp_url()).await.expect("the server knows ann");
    mjwork::setup::setup(&work, &Source::default(), 1).await.expect("the stream is made");

    let config = plain(&server);
    let stage = doorstep(port, server, &config).await;
    stage.says("lets nobody in without signing in").await;
    stage.choose("Credentials file").await;
    let mut file = tempfile::Builder::new().suffix(".creds").tempfile().expect("a temporary file");
    file.write_all(old.as_bytes()).expect("it can be written");
    let field = stage.control("input", "Credentials file").await;
    field.send_keys(file.path().to_str().expect("a path in UTF-8")).await.expect("a file can be chosen");
    stage.says("signs in as old").await;
    stage.press("Connect").await;
    stage.says("expired at 2023-11-14 22:13:20 UTC").await;

    // Dropped on the page, and for this tab.
    stage.choose("Credentials file").await;
    let drop = "const data = new DataTransfer();
        data.items.add(new File([arguments[0]], 'ann.creds'));
        document.querySelector('.drop').dispatchEvent(
            new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))";
    stage.browser.execute(drop, vec!["hello".into()]).await.expect("the script runs");
    stage.says("ann.creds: This is no seed").await;
    stage.browser.execute(drop, vec![ann.clone().into()]).await.expect("the script runs");
    stage.says("ann.creds signs in as ann").await;
    stage.choose("Keep the secret until this tab is closed").await;
    stage.press("Connect").await;
    let seen = stage.until("to be let in", |seen| seen.synced && seen.connection == "connected").await;
    assert_eq!(seen.access, "operator", "one account without permissions: everybody may everything");
    stage.open().await;
    let seed = ann.lines().rev().nth(1).expect("the seed stands last").to_owned();
    let console = format!("{:?}", stage.browser.console().await);
    assert!(seed.starts_with("SU") && !console.contains(&seed) && !stage.text().await.contains(&seed));

    // The server is restarted: the next nonce is signed, too.
    let Stage { mut server, site, browser } = stage;
    server.kill();
    server.restart().await;
    let stage = Stage { server, site, browser };
    stage.until("to be let in again", |seen| seen.synced && seen.connection == "connected").await;
    stage.close().await;
}

#[tokio::test]
async fn a_key_and_a_token_open_the_door() {
    let user = KeyPair::new_user();
    let port = Reserved::port();
    let rest = format!("authorization {{ users: [{{ nkey: {} }}] }}\n", user.public_key());
    let keyed = server(&port, &rest).await;
    let seed = user.seed().expect("a new key has one");
    let work = async_nats::ConnectOptions::with_nkey(seed.clone()).connect(keyed.tcp_url());
    mjwork::setup::setup(&work.await.expect("it is known"), &Source::default(), 1).await.expect("made");
    let config = plain(&keyed);
    let stage = doorstep(port, keyed, &config).await;
    stage.says("without signing in").await;
    stage.choose("Credentials file").await;
    stage.fill("NKey seed", "SUNONSENSE").await;
    stage.press("Connect").await;
    stage.says("This is no seed of a key").await;
    stage.fill("NKey seed", &KeyPair::new_user().seed().expect("a seed")).await;
    stage.press("Connect").await;
    stage.says("does not know the key U").await;
    stage.choose("Credentials file").await;
    stage.fill("NKey seed", &seed).await;
    stage.press("Connect").await;
    stage.until("to be let in", |seen| seen.synced).await;
    stage.close().await;

    let port = Reserved::port();
    let by_token = server(&port, "authorization { token: \"a-token\" }\n").await;
    let work = async_nats::ConnectOptions::with_token("a-token".into()).connect(by_token.tcp_url());
    mjwork::setup::setup(&work.await.expect("it is known"), &Source::default(), 1).await.expect("made");
    let config = plain(&by_token);
    let stage = doorstep(port, by_token, &config).await;
    stage.says("without signing in").await;
    stage.choose("By token").await;
    stage.fill("Token", "another").await;
    stage.press("Connect").await;
    stage.says("refused this token").await;
    stage.fill("Token", "a-token").await;
    stage.press("Connect").await;
    stage.until("to be let in", |seen| seen.synced).await;
    stage.close().await;
}

#[tokio::test]
async fn who_is_not_let_in_learns_what_it_may_be() {
    // A server that is there and does not let this origin in, and one that is not there: a page cannot tell which.
    let port = Reserved::port();
    let foreign = vec!["http://elsewhere".to_owned()];
    let server = NatsServer::start(Options { origins: Some(foreign), ..Options::default() }).await;
    let origin = port.origin();
    let config = config(&server);
    let stage = doorstep(port, server, &config).await;
    let said = stage.says("a browser does not tell which").await;
    assert!(said.contains(&stage.server.ws_url()), "{said}");
    assert!(said.contains(&format!("allowed_origins: [\"{origin}\"]")), "{said}");
    assert_eq!(stage.see().await.connection, "closed");
    stage.fill("Server URL", "http://127.0.0.1").await;
    stage.press("Connect").await;
    stage.says("is no address of a server").await;
    stage.close().await;
}

#[tokio::test]
async fn a_missing_stream_is_made_by_who_may_and_the_command_is_shown() {
    let port = Reserved::port();
    let server = server(&port, "").await;
    let config = plain(&server);
    let stage = doorstep(port, server, &config).await;
    let said = stage.says("There is no stream MJ_ONLINE_WORK").await;
    assert!(said.contains("mjwork setup --server nats://127.0.0.1:4222 --stream MJ_ONLINE_WORK"), "{said}");
    stage.press("Create stream").await;
    stage.until("to read the new stream", |seen| seen.synced).await;
    stage.says("No tasks yet").await;
    let work = async_nats::connect(stage.server.tcp_url()).await.expect("no credentials are needed");
    let plan = mjwork::setup::plan(&work, &Source::default()).await.expect("the stream is there");
    assert_eq!(plan.done, mjwork::setup::Done::Unchanged, "it is as setup makes it");

    // Another one, by the fields under Advanced; it is remembered, and left again.
    stage.press("Change user").await;
    stage.browser.eval("document.querySelector('.advanced').open = true").await;
    stage.fill("Stream", "OTHER").await;
    stage.fill("Subject prefix", "other").await;
    stage.press("Connect").await;
    let said = stage.says("There is no stream OTHER").await;
    assert!(said.contains("--stream OTHER --prefix other"), "{said}");
    stage.browser.goto(stage.site.url()).await.expect("the page loads");
    stage.says("There is no stream OTHER").await;
    stage.close().await;
}

#[tokio::test]
async fn a_viewer_is_not_offered_what_it_may_not_do() {
    let port = Reserved::port();
    let origins = Some(vec![port.origin()]);
    let server = NatsServer::start(Options { origins, ..Options::default() }).await;
    let config = config(&server);
    let stage = doorstep(port, server, &config).await;
    stage.says("There is no stream MJ_ONLINE_WORK").await;
    assert!(stage.find("button", "Create stream").await.is_none());
    stage.close().await;
}

#[tokio::test]
async fn without_jetstream_and_without_permission_the_page_says_which() {
    let rest = "accounts {
        BARE { users: [{user: bare, password: bare}] }
        DENIED { jetstream: enabled, users: [{user: denied, password: denied, permissions: {
            publish: {allow: [\"$SYS.REQ.USER.INFO\", \"$JS.API.STREAM.INFO.>\"]}
            subscribe: {allow: [\"_INBOX.>\"]}
        }}] }
    }\n";
    let port = Reserved::port();
    let server = server(&port, rest).await;
    let config = plain(&server);
    let stage = doorstep(port, server, &config).await;
    stage.says("without signing in").await;
    stage.fill("User", "bare").await;
    stage.fill("Password", "bare").await;
    stage.press("Connect").await;
    stage.says("Nobody answers for JetStream under $JS.API").await;
    stage.press("Change user").await;
    stage.fill("User", "denied").await;
    stage.fill("Password", "denied").await;
    stage.press("Connect").await;
    let said = stage.says("Not allowed to read").await;
    for missing in ["publish to $JS.API.DIRECT.GET.MJ_ONLINE_WORK", "subscribe to mjboard.>"] {
        assert!(said.contains(missing), "{said}");
    }
    assert!(!said.contains("publish to $JS.API.STREAM.INFO"), "{said}");
    stage.close().await;
}

#[tokio::test]
async fn the_connection_is_told_in_full() {
    let mut stage = Stage::set().await;
    stage.browser.eval("document.querySelector('.connection .state').click()").await;
    let said = stage.says("Round trip").await;
    for word in ["mjwork, nats-server 2.", "viewer, account VIEW", "only read", "mjwork.>", "keeps 168 h"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    wait::until("a round trip", PATIENCE, async || {
        let text = stage.text().await;
        if text.contains(" ms") && !text.contains("not measured yet") { Ok(()) } else { Err(text) }
    })
    .await;
    stage.press("Close").await;

    // A server that is about to shut down says so.
    let process = i32::try_from(stage.server.process_id().expect("it runs")).expect("ids are small");
    kill(Pid::from_raw(process), Signal::SIGUSR2).expect("it can be signalled");
    stage.says("the server is shutting down").await;
    stage.server.kill();
    stage.until("to say that it is gone", |seen| seen.connection == "reconnecting").await;
    let grey = "return getComputedStyle(document.querySelector('.screen')).filter";
    assert_eq!(stage.browser.eval(grey).await, "grayscale(1)", "old data is not shown as live");
    stage.server.restart().await;
    // However long the wait for the next attempt is, it ends when somebody says so.
    wait::until("to be back", PATIENCE, async || {
        if let Some(button) = stage.find("button", "Try now").await {
            // It may go as the connection comes.
            let _ = button.click().await;
        }
        let seen = stage.see().await;
        if seen.connection == "connected" && seen.synced { Ok(()) } else { Err(format!("{seen:?}")) }
    })
    .await;
    assert_eq!(stage.browser.eval(grey).await, "none");
    stage.close().await;
}

#[tokio::test]
async fn a_plain_stream_is_read_and_what_it_lacks_is_said() {
    let port = Reserved::port();
    let server = server(&port, "").await;
    let work = async_nats::connect(server.tcp_url()).await.expect("no credentials are needed");
    // As the plain command makes it, but for direct get.
    let made = json!({"name": "MJ_ONLINE_WORK", "subjects": ["mjwork.>"], "allow_direct": true});
    work.request("$JS.API.STREAM.CREATE.MJ_ONLINE_WORK", made.to_string().into()).await.expect("an answer");
    let config = plain(&server);
    let stage = doorstep(port, server, &config).await;
    stage.until("to read it", |seen| seen.synced).await;
    stage.browser.eval("document.querySelector('.connection .state').click()").await;
    let said = stage.says("lacks republish").await;
    assert!(said.contains("allow_msg_ttl") && !said.contains("allow_direct"), "{said}");
    assert!(said.contains("mjwork setup --server nats://127.0.0.1:4222 --stream MJ_ONLINE_WORK"), "{said}");
    stage.close().await;
}

#[tokio::test]
async fn a_page_that_wakes_up_beside_a_dead_server_says_so_at_once() {
    let stage = Stage::set().await;
    let process = i32::try_from(stage.server.process_id().expect("it runs")).expect("ids are small");
    let process = Pid::from_raw(process);
    // The socket stays, and nothing comes: as after a night in a bag.
    kill(process, Signal::SIGSTOP).expect("it can be signalled");
    stage.browser.eval("window.dispatchEvent(new Event('online'))").await;
    stage.until("to doubt the connection", |seen| seen.connection == "reconnecting").await;
    kill(process, Signal::SIGCONT).expect("it can be signalled");
    stage.until("to be back", |seen| seen.connection == "connected" && seen.synced).await;
    stage.close().await;
}

#[tokio::test]
async fn looks_are_kept_and_there_before_the_first_paint() {
    let stage = Stage::set().await;
    let background = "return getComputedStyle(document.body).backgroundColor";
    stage.browser.prefer(ColorScheme::Dark).await;
    let dark = stage.browser.eval(background).await;
    stage.browser.prefer(ColorScheme::Light).await;
    let light = stage.browser.eval(background).await;
    assert_ne!(dark, light);
    stage.press("Theme: system").await;
    stage.press("Theme: light").await;
    assert_eq!(stage.attribute("data-theme").await, "dark");
    assert_eq!(stage.browser.eval(background).await, dark);
    let card = "return getComputedStyle(document.documentElement).getPropertyValue('--card-step').trim()";
    let comfortable = stage.browser.eval(card).await;
    stage.press("Density: comfortable").await;
    assert_eq!(stage.attribute("data-density").await, "compact");
    assert_ne!(stage.browser.eval(card).await, comfortable);

    // The header is there before the program is, and the first frame has the colours that were chosen.
    let watch = "new MutationObserver((_, observer) => {
        if (!document.querySelector('#app .header .brand')) return;
        observer.disconnect();
        window.early = { hadBoard: !!document.querySelector('[data-board]') };
        requestAnimationFrame(() => {
            early.background = getComputedStyle(document.body).backgroundColor;
            early.density = document.documentElement.getAttribute('data-density');
        });
    }).observe(document, { childList: true, subtree: true })";
    let script =
        stage.browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": watch})).await;
    stage.open().await;
    let early = json!({"hadBoard": false, "background": dark, "density": "compact"});
    assert_eq!(stage.browser.eval("return window.early").await, early);
    let script = json!({"identifier": script["identifier"]});
    stage.browser.devtools("Page.removeScriptToEvaluateOnNewDocument", script).await;

    // Without the program the page says what is missing.
    stage.browser.devtools("Network.enable", json!({})).await;
    stage.browser.devtools("Network.setBlockedURLs", json!({"urls": ["*.wasm"]})).await;
    stage.browser.goto(stage.site.url()).await.expect("the page loads");
    wait::until("the report", PATIENCE, async || {
        let report = stage.report().await;
        if report.contains("could not be started") { Ok(()) } else { Err(report) }
    })
    .await;
    stage.browser.devtools("Network.setBlockedURLs", json!({"urls": []})).await;
    stage.press("Load the board again").await;
    stage.until("the board", |seen| seen.synced).await;
    stage.press("Theme: dark").await;
    assert_eq!(stage.attribute("data-theme").await, Value::Null);
    stage.browser.close().await;
}

#[tokio::test]
async fn a_failure_shows_its_report_and_the_board_comes_back_once() {
    let stage = Stage::set().await;
    // A browser that cannot make a dialog: the page cannot be what it should be.
    let broken = "const make = Document.prototype.createElement;
        Document.prototype.createElement = function(name) {
            if (name === 'dialog') throw new Error('no dialogs here');
            return make.apply(this, arguments);
        }; window.isTheSamePage = true";
    stage.browser.eval(broken).await;
    let said = stage.break_it().await;
    assert!(said.contains("The stream is untouched") && said.contains("loads again in"), "{said}");
    let report = stage.report().await;
    assert!(report.contains("dialog is no element") && report.contains("mjwork-board"), "{report}");
    stage.press("Copy report").await;
    stage.control("button", "Copied").await;
    assert_eq!(stage.see().await.connection, "nothing", "what is left does not look alive");
    stage.until("the board to come back by itself", |seen| seen.synced).await;
    assert_eq!(stage.browser.eval("return window.isTheSamePage ?? null").await, Value::Null);

    // Again within a minute: it stays, so that no loop arises.
    stage.browser.eval(broken).await;
    let said = stage.break_it().await;
    assert!(said.contains("twice within a minute") && !said.contains("loads again in"), "{said}");
    stage.press("Load the board again").await;
    stage.until("the board", |seen| seen.synced).await;
    stage.browser.close().await;
}

#[tokio::test]
async fn what_an_empty_board_says_works_as_it_stands() {
    let stage = Stage::set().await;
    stage.says("No tasks yet").await;
    let commands = "return [...document.querySelectorAll('.empty code')].map(e => e.textContent)";
    let commands: Vec<String> = serde_json::from_value(stage.browser.eval(commands).await).expect("texts");
    let shell = mjwork_tests::shell::Shell::new(&stage.server.tcp_url());
    let own = commands.iter().find(|command| command.starts_with("mjwork ")).expect("the own command");
    shell.script(own).await.done();
    stage.until_task("first", "available", "").await;
    // The other's words, as a shell hands them on.
    let by_hand = commands.iter().find(|command| command.starts_with("nats pub ")).expect("any client's");
    let (subject, body) = by_hand["nats pub ".len()..].split_once(' ').expect("a subject and a body");
    stage.stranger(&[(subject, body.trim_matches('\''))]).await;
    stage.until("it to be stored", |seen| seen.seq == 2).await;
    stage.close().await;
}

//! Where the queue is and who one is there: flags, environment, contexts; and what comes of it when that is wrong.

use crate::stage::{Stage, ids};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::shell::Shell;
use nkeys::KeyPair;
use serde_json::{Value, json};

#[tokio::test]
async fn flags_come_before_the_environment_before_the_context_before_the_defaults() {
    let (one, other) = tokio::join!(Stage::new(), Stage::new());
    one.shell.run("publish one T").await.done();
    other.shell.run("publish other T").await.done();
    let context = |url: &str| json!({"description": "", "url": url, "user": "", "creds": ""}).to_string();
    let shell = one.shell.without("NATS_URL");
    shell.write(".config/nats/context/one.json", &context(&one.server.tcp_url()));
    shell.write(".config/nats/context/other.json", &context(&other.server.tcp_url()));
    shell.write(".config/nats/context.txt", "one");
    let seen = async |shell: &Shell, words: &str| {
        let list = shell.run(&format!("list --json {words}")).await.json();
        ids(&list).join(" ")
    };
    assert_eq!(seen(&shell, "").await, "one", "the selected context");
    assert_eq!(seen(&shell, "--context other").await, "other");
    let flag = format!("--server {}", other.server.tcp_url());
    assert_eq!(seen(&shell, &flag).await, "other");
    let shell = shell.with("NATS_CONTEXT", "other");
    assert_eq!(seen(&shell, "").await, "other");
    let shell = shell.with("NATS_URL", &one.server.tcp_url());
    assert_eq!(seen(&shell, "").await, "one", "the environment comes before the context");
    assert_eq!(seen(&shell, &flag).await, "other");
    // A stream of one's own, by a flag and by the environment.
    let words = "--stream OWN --prefix team.a --live-prefix aboard";
    shell.run(&format!("setup {words}")).await.done();
    shell.run(&format!("publish own T {words}")).await.done();
    let shell = shell
        .with("MJWORK_STREAM", "OWN")
        .with("MJWORK_PREFIX", "team.a")
        .with("MJWORK_LIVE_PREFIX", "aboard");
    assert_eq!(seen(&shell, "").await, "own");
    assert_eq!(seen(&shell, "--stream MJ_ONLINE_WORK --prefix mjwork --live-prefix mjboard").await, "one");
}

#[tokio::test]
async fn a_context_that_cannot_be_used_is_said() {
    let stage = Stage::bare().await;
    let shell = &stage.shell;
    shell.write(".config/nats/context/proxied.json", r#"{"url": "nats://x", "socks_proxy": "socks5://y"}"#);
    for (name, why) in [("none", "none.json"), ("proxied", "SOCKS"), ("../x", "no name of a context")] {
        let ran = shell.run(&format!("list --context {name}")).await;
        assert!(ran.code() == 2 && ran.stderr.contains(why), "{name}: {}", ran.stderr);
    }
    shell.write(".config/nats/context.txt", "gone");
    let ran = shell.run("list").await;
    assert!(ran.code() == 2 && ran.stderr.contains("nats context select"), "{}", ran.stderr);
    assert_eq!(shell.run_words(["setup", "--context", ""]).await.code(), 0);
}

#[tokio::test]
async fn who_is_not_connected_or_not_let_in_or_not_allowed_learns_which() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    let nobody = shell.run("list --server nats://127.0.0.1:9").await;
    assert!(
        nobody.code() == 4 && nobody.stderr.contains("no connection to nats://127.0.0.1:9"),
        "{}",
        nobody.stderr
    );
    let wrong = shell.run("list --user operator --password wrong").await;
    assert!(wrong.code() == 5 && wrong.stderr.contains("user operator"), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("wrong"), "no password is shown: {}", wrong.stderr);
    let stream = shell.run("list --stream NONE").await;
    assert!(stream.code() == 5 && stream.stderr.contains("mjwork setup --stream NONE"), "{}", stream.stderr);

    shell.run("publish a A").await.done();
    let operator = format!(
        "--user operator --password {} --api-prefix mjapi --inbox-prefix _INBOX_operator",
        stage.server.password()
    );
    assert_eq!(ids(&shell.run(&format!("list --json {operator}")).await.json()), ["a"]);
    assert_eq!(shell.run(&format!("publish b B {operator}")).await.code(), 0);
    let start = std::time::Instant::now();
    let denied = shell.run(&format!("claim a --agent x {operator}")).await;
    assert!(denied.code() == 5 && denied.stderr.contains("mjwork.tasks.claimed"), "{}", denied.stderr);
    assert!(start.elapsed().as_secs() < 8, "at once, and not when the patience is over");
}

/// The shipped configuration up to its accounts, without the users that nobody has to sign in as.
fn without_accounts() -> String {
    let shipped =
        std::fs::read_to_string(mjwork_tests::repository().join("nats-server.conf")).expect("the file");
    let end = shipped.find("\naccounts {").expect("it has accounts");
    let lines = shipped[..end].lines().filter(|line| !line.trim().starts_with("no_auth_user"));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

async fn server(rest: &str) -> NatsServer {
    let config = Some(without_accounts() + rest);
    NatsServer::start(Options { config, ..Options::default() }).await
}

#[tokio::test]
async fn a_token_opens_the_door() {
    let server = server("authorization { token: \"a-token\" }\n").await;
    let shell = Shell::new(&server.tcp_url());
    assert_eq!(shell.run("setup").await.code(), 5);
    assert_eq!(shell.run("setup --token a-token").await.code(), 0);
    assert_eq!(shell.with("NATS_TOKEN", "a-token").run("list --json").await.json(), json!([]));
}

#[tokio::test]
async fn an_nkey_opens_the_door() {
    let user = KeyPair::new_user();
    let server = server(&format!("authorization {{ users: [{{ nkey: {} }}] }}\n", user.public_key())).await;
    let shell = Shell::new(&server.tcp_url());
    shell.write("seed", &(user.seed().expect("a new key has one") + "\n"));
    assert_eq!(shell.run("setup").await.code(), 5);
    assert_eq!(shell.run("setup --nkey seed").await.code(), 0);
    let context = json!({"url": server.tcp_url(), "nkey": "~/seed"}).to_string();
    shell.write(".config/nats/context/keyed.json", &context);
    assert_eq!(shell.run("list --json --context keyed").await.json(), json!([]));
    let none = shell.run("list --nkey none").await;
    assert!(none.code() == 2 && none.stderr.contains("none: "), "{}", none.stderr);
}

#[tokio::test]
async fn a_file_of_credentials_opens_the_door() {
    let (operator, user) = (KeyPair::new_operator(), KeyPair::new_user());
    let (account, system) = (KeyPair::new_account(), KeyPair::new_account());
    let of_operator = token(&operator, &operator, "O", json!({"type": "operator"}));
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
        "leaf": -1, "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let of_account = token(&operator, &account, "A", json!({"type": "account", "limits": limits}));
    let of_system = token(&operator, &system, "SYS", json!({"type": "account"}));
    let of_user = token(&account, &user, "U", json!({"type": "user", "subs": -1, "data": -1, "payload": -1}));
    let rest = format!(
        "operator: {of_operator}\nsystem_account: {1}\nresolver: MEMORY\n\
         resolver_preload: {{ {0}: {of_account}, {1}: {of_system} }}\n",
        account.public_key(),
        system.public_key()
    );
    let server = server(&rest).await;
    let shell = Shell::new(&server.tcp_url());
    let seed = user.seed().expect("a new key has one");
    shell.write(
        "user.creds",
        &format!(
            "-----BEGIN NATS USER JWT-----\n{of_user}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        ),
    );
    assert_eq!(shell.run("setup").await.code(), 5);
    assert_eq!(shell.run("setup --creds user.creds").await.code(), 0);
    shell.run("publish t T --creds user.creds").await.done();
    // A child of a worker finds the same credentials, wherever it runs.
    let script = "cd / && mjwork progress --percent 50 > /dev/null && echo done";
    let words = ["work", "--until-idle", "--creds", "user.creds", "--", "sh", "-c", script];
    let ran = shell.run_words(words).await;
    assert!(ran.status.success() && ran.stderr.contains("1 completed"), "{}", ran.stderr);
    let shell = shell.with("NATS_CREDS", "user.creds");
    assert_eq!(shell.run("list --json").await.json()[0]["progress"]["percent"], 50.0);
    let none = shell.run("list --creds none").await;
    assert!(none.code() == 2 && none.stderr.contains("none: "), "{}", none.stderr);
}

/// A JWT that `issuer` signs for `subject`, as `nsc` makes them.
fn token(issuer: &KeyPair, subject: &KeyPair, name: &str, mut nats: Value) -> String {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    nats["version"] = json!(2);
    let header = json!({"typ": "JWT", "alg": "ed25519-nkey"});
    let claims = json!({
        "jti": name, "iat": 1_700_000_000, "iss": issuer.public_key(), "name": name,
        "sub": subject.public_key(), "nats": nats,
    });
    let signed =
        format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = issuer.sign(signed.as_bytes()).expect("a pair can sign");
    format!("{signed}.{}", encode(&signature))
}

//! Where the queue is and who one is there: flags, environment, contexts; and what comes of it when that is wrong.

use crate::stage::{Stage, ids};
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::shell::Shell;
use serde_json::json;

#[tokio::test]
async fn flags_come_before_the_environment_before_the_context_before_the_defaults() {
    let (one, other) = tokio::join!(Stage::new(), Stage::new());
    one.shell.run("publish one T").await.text();
    other.shell.run("publish other T").await.text();
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
    shell.run(&format!("setup {words}")).await.text();
    shell.run(&format!("publish own T {words}")).await.text();
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

    shell.run("publish a A").await.text();
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

#[tokio::test]
async fn tokens_nkeys_and_files_of_credentials_are_taken() {
    // A token, as a server of one's own wants it.
    let shipped =
        std::fs::read_to_string(mjwork_tests::repository().join("nats-server.conf")).expect("the file");
    let at = shipped.find("no_auth_user: work").expect("it is there");
    let end = shipped.find("accounts {").expect("it is there");
    let head = shipped[..end].replacen("no_auth_user: work", "", 1).replacen("  no_auth_user: viewer", "", 1);
    assert!(at < end);
    let server = |authorization: &str| Options {
        config: Some(format!("{head}\nauthorization {{ {authorization} }}\n")),
        ..Options::default()
    };
    let with_token = NatsServer::start(server("token: \"a-token\"")).await;
    let shell = Shell::new(&with_token.tcp_url());
    assert_eq!(shell.run("setup").await.code(), 5);
    assert_eq!(shell.run("setup --token a-token").await.code(), 0);
    assert_eq!(shell.with("NATS_TOKEN", "a-token").run("list --json").await.json(), json!([]));

    // The seed and the public key are a pair that was made for this test.
    let seed = "SUACRYGK42ZZIFEE7UV5YFMY2QHAU7QDQDKJEM6DHXH5KEX67YFYGGQJZQ";
    let _ = seed;
}

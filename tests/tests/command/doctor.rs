//! `mjwork doctor`: what is right, what is not, and what to do about it.

use crate::stage::Stage;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::shell::{Ran, Shell};
use serde_json::{Value, json};

/// The checks of a run, by name.
fn checks(ran: &Ran) -> Value {
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    assert_eq!(report["ok"] == true, ran.status.success(), "{report}");
    report["checks"].clone()
}

fn level<'a>(checks: &'a Value, name: &str, words: &str) -> &'a str {
    let all = checks.as_array().expect("a list");
    let of = |check: &&Value| {
        check["name"] == name && check["message"].as_str().is_some_and(|message| message.contains(words))
    };
    let check = all.iter().find(of).unwrap_or_else(|| panic!("no {name} with {words:?}: {checks:#}"));
    check["level"].as_str().expect("a level")
}

#[tokio::test]
async fn a_healthy_queue_has_nothing_to_mend() {
    let stage = Stage::new().await;
    stage.shell.run("publish t T").await.done();
    let before = stage.shell.run("log --json --heartbeats").await.json_lines().len();
    let ran = stage.shell.run("doctor --listen 0.2s --json").await;
    let checks = checks(&ran);
    for name in [
        "server",
        "version",
        "rights",
        "stream",
        "settings",
        "heartbeats",
        "clock",
        "history",
        "live",
        "agents",
        "tasks",
        "events",
    ] {
        assert_eq!(level(&checks, name, ""), "ok", "{checks:#}");
    }
    let after = stage.shell.run("log --json --heartbeats").await.json_lines().len();
    assert_eq!(before, after, "nothing is written into the stream");
    let text = stage.shell.run("doctor --listen 0").await;
    assert!(text.text().ends_with("all is well\n"), "{}", text.stdout);
}

#[tokio::test]
async fn a_live_event_is_waited_for_where_there_is_one() {
    let stage = Stage::new().await;
    let doctor = stage.shell.mjwork(["doctor", "--listen", "40s", "--json"]).spawn().expect("it runs");
    let talking = async {
        loop {
            stage.shell.run("say hello --agent x").await.done();
        }
    };
    let ran = tokio::select! {
        ran = mjwork_tests::shell::ended(doctor) => ran,
        () = talking => unreachable!(),
    };
    assert_eq!(level(&checks(&ran), "live", "events arrive as they are stored"), "ok");
}

#[tokio::test]
async fn what_is_missing_is_named_with_what_mends_it() {
    let stage = Stage::bare().await;
    let nobody = stage.shell.run("doctor --server nats://127.0.0.1:9 --json").await;
    assert_eq!((nobody.code(), level(&checks(&nobody), "server", "no connection")), (1, "fail"));
    let ran = stage.shell.run("doctor --json").await;
    let found = checks(&ran);
    assert_eq!((ran.code(), level(&found, "stream", "no stream MJ_ONLINE_WORK")), (1, "fail"));
    assert!(found.to_string().contains("make it: mjwork setup"), "{found:#}");

    // A stream of the plain command.
    let client = async_nats::connect(stage.server.tcp_url()).await.expect("connected");
    let plain = json!({
        "name": "MJ_ONLINE_WORK", "subjects": ["mjwork.>"], "storage": "file", "retention": "limits",
        "max_age": 604_800_000_000_000_u64, "allow_rollup_hdrs": true,
    });
    client.request("$JS.API.STREAM.CREATE.MJ_ONLINE_WORK", plain.to_string().into()).await.expect("made");
    let ran = stage.shell.run("doctor --json").await;
    let found = checks(&ran);
    assert_eq!(ran.code(), 1);
    for (words, wanted) in [
        ("history cannot be read", "fail"),
        ("each live event has to be asked for", "warn"),
        ("can wipe the stream", "warn"),
        ("deleted from history", "warn"),
    ] {
        assert_eq!(level(&found, "settings", words), wanted);
    }
    stage.shell.run("setup").await.done();
    assert_eq!(stage.shell.run("doctor --listen 0").await.code(), 0);
}

#[tokio::test]
async fn rights_are_told_by_what_they_are_for() {
    let stage = Stage::new().await;
    let with = |user: &str, password: &str| {
        format!(
            "doctor --listen 0 --json --user {user} --password {password} --api-prefix mjapi --inbox-prefix _INBOX_{user}"
        )
    };
    let ran = stage.shell.run(&with("operator", stage.server.password())).await;
    let found = checks(&ran);
    assert_eq!((ran.code(), level(&found, "rights", "may not publish mjwork.tasks.claimed")), (0, "warn"));
    assert!(found.to_string().contains("these do not work: claim"), "{found:#}");
    // A user who may not even ask: nothing hangs.
    let words = format!(
        "doctor --listen 0 --json --user operator --password {} --inbox-prefix _INBOX_operator",
        stage.server.password()
    );
    let ran = stage.shell.run(&words).await;
    assert_eq!(ran.code(), 1);
    assert_eq!(level(&checks(&ran), "reading", "$JS.API.STREAM.INFO.MJ_ONLINE_WORK"), "fail");
}

#[tokio::test]
async fn what_waits_for_a_person_is_counted() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run("publish failed T").await.done();
    shell.run("publish blocked T --blocked-by failed").await.done();
    shell.run("claim failed --agent x").await.done();
    shell.run("fail failed --agent x --error e").await.done();
    let client = async_nats::connect(stage.server.tcp_url()).await.expect("connected");
    client.request("mjwork.tasks.claimed", "nonsense".into()).await.expect("stored");
    let ran = shell.run("doctor --listen 0 --json").await;
    let found = checks(&ran);
    assert_eq!(ran.code(), 0, "warnings are no failure");
    assert_eq!(level(&found, "tasks", "1 task blocked for good (blocked)"), "warn");
    assert_eq!(level(&found, "tasks", "1 task failed (failed)"), "warn");
    assert_eq!(level(&found, "events", "1 event unreadable"), "warn");
}

#[tokio::test]
async fn a_server_without_jetstream_is_told_from_one_that_is_not_there() {
    let shipped =
        std::fs::read_to_string(mjwork_tests::repository().join("nats-server.conf")).expect("the file");
    let config = shipped.replace("jetstream: enabled", "jetstream: disabled");
    assert_ne!(config, shipped);
    let server = NatsServer::start(Options { config: Some(config), ..Options::default() }).await;
    let ran = Shell::new(&server.tcp_url()).run("doctor --json").await;
    assert_eq!((ran.code(), level(&checks(&ran), "stream", "JetStream")), (1, "fail"));
}

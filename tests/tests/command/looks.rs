//! What only looks: lists, one task, history, and what comes.

use crate::stage::{PATIENCE, Stage, ids};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Publishes what no command of ours would.
async fn by_hand(stage: &Stage, subject: &str, body: &str) {
    let client = async_nats::connect(stage.server.tcp_url()).await.expect("connected");
    client.request(format!("mjwork.{subject}"), body.to_owned().into()).await.expect("stored");
}

#[tokio::test]
async fn a_list_shows_what_is_asked_for() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    let none = shell.run("list").await;
    assert_eq!((none.text(), none.stderr.as_str()), ("", "no tasks yet\n"));
    shell.run("publish a A --tags x").await.done();
    shell.run("publish b B --tags x,y").await.done();
    shell.run("claim a --agent me").await.done();
    assert_eq!(ids(&shell.run("list --json --owner me").await.json()), ["a"]);
    assert_eq!(ids(&shell.run("list --json --tag y").await.json()), ["b"]);
    assert_eq!(ids(&shell.run("list --json --status in_progress,failed").await.json()), ["a"]);
    let list = shell.run("list").await;
    let lines: Vec<Vec<&str>> = list.text().lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["ID", "STATUS", "FOR", "PRIORITY", "OWNER", "TRY", "TITLE"]);
    assert_eq!((lines[1][0], lines[1][1], lines[1].last()), ("b", "available", Some(&"B")));
    assert!(lines[2].contains(&"me") && lines.len() == 3, "{}", list.stdout);
}

#[tokio::test]
async fn one_task_is_shown_with_all_that_is_known_of_it() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run("publish base Base").await.done();
    shell
        .run_words(["publish", "t", "The title", "--description", "What\nto do", "--blocked-by", "base"])
        .await
        .done();
    shell.run_words(["publish", "top", "Top", "--blocked-by", "t"]).await.done();
    let shown = shell.run("show t").await;
    assert!(shown.text().starts_with("t  The title\n"), "{}", shown.stdout);
    for words in ["blocked for", "waits for    base: available", "blocks       top", "What\n", " to do\n"] {
        assert!(shown.text().contains(words), "{words}: {}", shown.stdout);
    }
    shell.run("claim base --agent a --session s1").await.done();
    by_hand(&stage, "tasks.claimed", r#"{"task_id": "base", "agent_id": "b"}"#).await;
    shell.run_words(["progress", "base", "--agent", "a", "--percent", "12.5", "--note", "so far"]).await;
    let shown = shell.run("show base").await;
    for words in
        ["in progress for", "a, session s1", "1 of 3, claim", "t", "process", "held for", "12.5 %, so far"]
    {
        assert!(shown.text().contains(words), "{words}: {}", shown.stdout);
    }
    let task = stage.task("base").await;
    assert_eq!(task["blocks"], json!(["t"]));
    assert!(task["clocks"]["claim"]["age_s"].is_u64() && task["clocks"]["process"].is_null(), "{task}");
    let history: Vec<(&str, &str)> = task["history"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| (entry["event"].as_str().unwrap_or(""), entry["verdict"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(
        history,
        [
            ("available", "accepted"),
            ("claimed", "accepted"),
            ("claimed", "refused"),
            ("progress", "accepted")
        ]
    );
    assert_eq!(task["history"][2]["reason"], "taken by a");
}

#[tokio::test]
async fn the_log_shows_what_happened_and_whether_it_counted() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run("publish a A").await.done();
    shell.run("claim a --agent x").await.done();
    by_hand(&stage, "tasks.claimed", r#"{"task_id": "a", "agent_id": "y"}"#).await;
    shell.run("heartbeat --agent x").await.done();
    shell.run("say hello --agent x").await.done();
    by_hand(&stage, "tasks.claimed", "not JSON").await;
    let log = shell.run("log --json").await.json_lines();
    let seen: Vec<(&str, &str)> = log
        .iter()
        .map(|event| (event["event"].as_str().unwrap_or(""), event["verdict"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(
        seen,
        [
            ("available", "accepted"),
            ("claimed", "accepted"),
            ("claimed", "refused"),
            ("said", "noted"),
            ("claimed", "unreadable")
        ]
    );
    assert_eq!(log[2]["reason"], "taken by x");
    assert_eq!((&log[4]["text"], log[4].get("body")), (&json!("not JSON"), None));
    let seqs = async |words: &str| -> Vec<Value> {
        let log = shell.run(&format!("log --json {words}")).await.json_lines();
        log.into_iter().map(|event| event["seq"].clone()).collect()
    };
    assert_eq!(seqs("--heartbeats").await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(seqs("--agent x").await, [2, 5]);
    assert_eq!(seqs("--task a").await, [1, 2, 3]);
    assert_eq!(seqs("--limit 2").await, [5, 6]);
    assert_eq!(seqs("--since 1h").await.len(), 5);
    assert_eq!(seqs("--since 2999-01-01").await.len(), 0);
    assert_eq!(shell.run("log --since soon").await.code(), 2);
    let text = shell.run("log").await;
    assert!(
        text.text().lines().nth(2).is_some_and(|line| line.ends_with("refused: taken by x")),
        "{}",
        text.stdout
    );
}

#[tokio::test]
async fn what_comes_is_shown_as_it_comes() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run("publish before B").await.done();
    let mut watching = Follower::start(&stage, "watch --json");
    let mut following = Follower::start(&stage, "log --follow --json --task during");
    // Both have begun once they show what is published after them.
    let mut n = 0;
    mjwork_tests::wait::until("the watcher to be there", PATIENCE, async || {
        n += 1;
        shell.run(&format!("say {n} --agent x")).await.done();
        watching.try_next().await.ok_or("nothing yet")
    })
    .await;
    shell.run("publish during D").await.done();
    let event = watching.until("available").await;
    assert_eq!((&event["task_id"], &event["verdict"]), (&json!("during"), &json!("accepted")));
    assert_eq!(following.until("available").await["task_id"], "during");
    shell.run("claim during --agent x").await.done();
    assert_eq!(following.until("claimed").await["agent_id"], "x");
}

/// A command that goes on printing.
struct Follower {
    _child: tokio::process::Child,
    lines: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
}

impl Follower {
    fn start(stage: &Stage, words: &str) -> Self {
        let mut command = stage.shell.mjwork(words.split(' '));
        let mut child = command.stderr(Stdio::inherit()).spawn().expect("it runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { _child: child, lines }
    }

    async fn try_next(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(std::time::Duration::from_millis(100), self.lines.next_line()).await;
        serde_json::from_str(&line.ok()?.ok()??).ok()
    }

    async fn until(&mut self, kind: &str) -> Value {
        let reading = async {
            loop {
                let line = self.lines.next_line().await.expect("text").expect("it goes on");
                let event: Value = serde_json::from_str(&line).expect("JSON");
                if event["event"] == kind {
                    return event;
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("no {kind} came"))
    }
}

#[tokio::test]
async fn nothing_in_a_message_steers_the_terminal() {
    let Stage { server, shell } = Stage::new().await;
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}gnp\r\nfake line";
    let client = async_nats::connect(server.tcp_url()).await.expect("connected");
    for (subject, body) in [
        (
            "tasks.available",
            json!({"task_id": format!("t{evil}"), "title": evil, "description": evil, "priority": evil, "tags": [evil]}),
        ),
        (
            "tasks.available",
            json!({"task_id": "t", "title": evil, "description": evil, "priority": evil, "tags": [evil]}),
        ),
        ("tasks.claimed", json!({"task_id": "t", "agent_id": "a", "session": evil})),
        ("tasks.progress", json!({"task_id": "t", "agent_id": "a", "note": evil})),
        ("tasks.failed", json!({"task_id": "t", "agent_id": "a", "error": evil, "kind": evil})),
        ("coordination", json!({"agent_id": "a", "message": evil})),
        ("errors", json!({"message": evil, "level": evil})),
        ("heartbeat.a", json!({"agent_id": "a", "status": evil, "description": evil, "host": evil})),
        ("nonsense", json!(evil)),
    ] {
        client.request(format!("mjwork.{subject}"), body.to_string().into()).await.expect("stored");
    }
    let shell = shell.with("CLICOLOR_FORCE", "1");
    for words in [
        "list",
        "show t",
        "agents",
        "log --heartbeats",
        "doctor --listen 0",
        "list --json",
        "log --json",
        "show t --json",
        "agents --json",
    ] {
        let ran = shell.run(words).await;
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert!(words.starts_with("doctor") || text.contains("fake line"), "{words} shows it: {text}");
        // Our own colours are the only orders that a terminal gets.
        let rest = without_colours(&text);
        let steering = rest.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(steering, None, "{words}: {text:?}");
        assert!(!text.lines().any(|line| line.starts_with("fake line")), "{words}: {text}");
    }
}

/// Without `ESC [ … m` of numbers.
fn without_colours(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 2..];
        let end = tail.find(|c: char| !(c.is_ascii_digit() || c == ';')).unwrap_or(tail.len());
        if tail[end..].starts_with('m') {
            rest = &tail[end + 1..];
        } else {
            out.push('\u{1b}');
            rest = tail;
        }
    }
    out + rest
}

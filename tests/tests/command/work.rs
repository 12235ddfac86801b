//! `mjwork work -- COMMAND…`: what the command finds, what becomes of what it leaves, and when it is ended.

use crate::stage::{PATIENCE, Stage};
use mjwork_tests::shell::{Ran, ended};
use mjwork_tests::wait;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use std::path::Path;
use std::time::Instant;
use tokio::process::Child;

/// A worker that runs this script for each task, until nothing is left.
fn worker(stage: &Stage, words: &str, script: &str) -> Child {
    let words = ["work", "--until-idle", "--name", "w"].into_iter().chain(words.split_whitespace());
    let command = ["--", "sh", "-c", script];
    stage.shell.mjwork(words.chain(command)).spawn().expect("it runs")
}

async fn work(stage: &Stage, words: &str, script: &str) -> Ran {
    ended(worker(stage, words, script)).await
}

/// The number of a process that a script wrote to this file.
async fn process(file: &Path) -> Pid {
    wait::until("a process' number", PATIENCE, async || {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.strip_suffix('\n').and_then(|text| text.parse().ok()).map(Pid::from_raw).ok_or(text)
    })
    .await
}

/// Waits until a process is no more, or waits for nobody but init.
async fn gone(process: Pid) {
    wait::until("a process to end", PATIENCE, async || {
        let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        if kill(process, None) == Err(Errno::ESRCH) || status.contains(") Z ") { Ok(()) } else { Err(status) }
    })
    .await;
}

fn is_there(process: Pid) -> bool {
    kill(process, None).is_ok()
}

fn signal(child: &Child, signal: Signal) {
    let id = child.id().and_then(|id| i32::try_from(id).ok()).expect("it runs");
    kill(Pid::from_raw(id), signal).expect("a child can be signalled");
}

#[tokio::test]
async fn the_command_finds_its_task_and_leaves_its_result() {
    let stage = Stage::new().await;
    let words =
        ["publish", "t", "A title", "--description", "What\nto do", "--priority", "high", "--tags", "a,b"];
    stage.shell.run_words(words).await.done();
    let script = r#"cat > input; env > variables; echo '{"n": 1.50}'"#;
    let ran = work(&stage, "", script).await;
    assert!(ran.status.success(), "{}", ran.stderr);
    let input = std::fs::read_to_string(stage.shell.folder().join("input")).expect("it was written");
    let input: serde_json::Value = serde_json::from_str(&input).expect("JSON");
    assert_eq!((&input["task_id"], &input["description"]), (&json!("t"), &json!("What\nto do")));
    assert_eq!(
        (&input["status"], &input["owner"], &input["claim"]),
        (&json!("in_progress"), &json!("w"), &json!(3))
    );
    let variables = std::fs::read_to_string(stage.shell.folder().join("variables")).expect("it was written");
    for line in [
        "MJWORK_TASK_ID=t",
        "MJWORK_TITLE=A title",
        "MJWORK_PRIORITY=high",
        "MJWORK_TAGS=a,b",
        "MJWORK_ATTEMPT=1",
        "MJWORK_MAX_ATTEMPTS=3",
        "MJWORK_CLAIM=3",
        "MJWORK_AGENT=w",
        "MJWORK_DESCRIPTION=What",
    ] {
        assert!(variables.lines().any(|found| found == line), "{line}: {variables}");
    }
    let task = stage.shell.run("show t --json").await;
    assert!(task.stdout.contains(r#""result":{"n": 1.50}"#), "{}", task.stdout);
    let agents = stage.shell.run("agents --json").await.json();
    assert_eq!(
        (&agents[0]["agent_id"], &agents[0]["status"], &agents[0]["completed"]),
        (&json!("w"), &json!("stopped"), &json!(1))
    );
}

#[tokio::test]
async fn how_the_command_ends_is_how_the_task_ends() {
    let stage = Stage::new().await;
    for id in ["text", "nothing", "fatal", "again", "signal", "slow", "huge"] {
        stage.shell.run(&format!("publish {id} T")).await.done();
    }
    let script = r"
        case $MJWORK_TASK_ID in
            text) printf 'two\nlines\n' ;;
            nothing) ;;
            fatal) echo first >&2; echo last >&2; exit 3 ;;
            again) exit 75 ;;
            signal) kill -KILL $$ ;;
            slow) sleep 1000 ;;
            huge) head -c 2000000 /dev/zero | tr '\0' x ;;
        esac";
    let ran = work(&stage, "--timeout 2s --json --parallel 3", script).await;
    assert!(ran.status.success(), "that tasks fail is no failure of the worker: {}", ran.stderr);
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 7);
    let of = |id: &str| lines.iter().find(|line| line["task_id"] == id).expect("a line for each");
    assert_eq!((&of("text")["ended"], &of("fatal")["ended"]), (&json!("completed"), &json!("failed")));
    assert_eq!(stage.task("text").await["result"], "two\nlines");
    assert_eq!(stage.task("nothing").await["result"], json!(null));
    for (id, error, kind) in [
        ("fatal", "the command ended with exit code 3\nfirst\nlast", "fatal"),
        ("again", "the command ended with exit code 75", "retryable"),
        ("signal", "the command was ended by SIGKILL", "retryable"),
        ("slow", "the command took longer than 2s", "retryable"),
        ("huge", "the command wrote a result of 2,000,000 bytes", "fatal"),
    ] {
        let task = stage.task(id).await;
        assert_eq!(task["status"], "failed", "{id}");
        assert!(task["error"].as_str().is_some_and(|text| text.starts_with(error)), "{id}: {task}");
        let log = stage.shell.run(&format!("log --json --task {id}")).await.json_lines();
        assert_eq!(log.last().map(|event| &event["body"]["kind"]), Some(&json!(kind)), "{id}");
    }
    assert!(ran.stderr.contains("fatal | last"), "its standard error is passed on: {}", ran.stderr);
}

#[tokio::test]
async fn a_lost_claim_ends_the_command_and_all_that_it_started() {
    let stage = Stage::new().await;
    stage.shell.run("publish t T").await.done();
    // The grandchild leaves no trace in its parent, and holds its output open.
    let script = "(sh -c 'echo $$ > grandchild; exec sleep 1000' &); echo $$ > child; sleep 1000";
    let running = worker(&stage, "--json --limit 1", script);
    let folder = stage.shell.folder();
    let (child, grandchild) =
        (process(&folder.join("child")).await, process(&folder.join("grandchild")).await);
    assert!(is_there(child) && is_there(grandchild));
    stage.shell.run("cancel t --reason enough --by me").await.done();
    gone(child).await;
    gone(grandchild).await;
    let ran = ended(running).await;
    let line = &ran.json_lines()[0];
    assert_eq!((&line["task_id"], &line["ended"]), (&json!("t"), &json!("lost")));
    assert!(line["why"].as_str().is_some_and(|why| why.contains("enough")), "{line}");
    assert_eq!(stage.task("t").await["status"], "cancelled");
}

#[tokio::test]
async fn what_a_command_leaves_running_ends_with_it() {
    let stage = Stage::new().await;
    stage.shell.run("publish t T").await.done();
    let start = Instant::now();
    let ran = work(&stage, "", "sleep 1000 & echo $! > left; echo done").await;
    assert!(ran.status.success() && start.elapsed() < PATIENCE, "{}", ran.stderr);
    gone(process(&stage.shell.folder().join("left")).await).await;
    assert_eq!(stage.task("t").await["result"], "done");
}

#[tokio::test]
async fn who_does_not_hear_when_the_time_is_over_is_made_to_end() {
    let stage = Stage::new().await;
    stage.shell.run("publish t T").await.done();
    let script = "trap '' TERM; echo $$ > child; while :; do sleep 1000; done";
    let ran = work(&stage, "--timeout 1s --grace 0.5s", script).await;
    assert!(ran.status.success(), "{}", ran.stderr);
    gone(process(&stage.shell.folder().join("child")).await).await;
    assert_eq!(stage.task("t").await["status"], "failed");
}

#[tokio::test]
async fn a_first_signal_lets_what_runs_end_and_a_second_ends_it() {
    let stage = Stage::new().await;
    stage.shell.run("publish first T").await.done();
    let folder = stage.shell.folder();
    let script = "echo $$ > $MJWORK_TASK_ID; while [ ! -e go ]; do sleep 0.05; done; echo done";
    let running = worker(&stage, "", script);
    process(&folder.join("first")).await;
    stage.shell.run("publish second T").await.done();
    signal(&running, Signal::SIGTERM);
    stage.shell.write("go", "");
    let ran = ended(running).await;
    assert!(ran.status.success() && ran.stderr.contains("1 completed, 0 failed"), "{}", ran.stderr);
    assert_eq!(stage.task("first").await["result"], "done");
    assert_eq!(stage.task("second").await["status"], "available", "nothing more was claimed");

    let running = worker(&stage, "", "echo $$ > child; sleep 1000");
    let child = process(&folder.join("child")).await;
    signal(&running, Signal::SIGINT);
    signal(&running, Signal::SIGINT);
    // Two signals of one kind at once may be one: so a third of another kind.
    signal(&running, Signal::SIGTERM);
    let ran = ended(running).await;
    assert!(ran.status.success() && ran.stderr.contains("1 released"), "{}", ran.stderr);
    gone(child).await;
    let task = stage.task("second").await;
    assert_eq!((&task["status"], &task["owner"]), (&json!("available"), &json!(null)));
}

#[tokio::test]
async fn a_command_that_cannot_be_run_is_no_fault_of_the_task() {
    let stage = Stage::new().await;
    stage.shell.run("publish t T").await.done();
    for (command, code, why) in [("no-such-program", 127, "not found"), ("./file", 126, "cannot be run")] {
        stage.shell.write("file", "");
        let ran = stage.shell.run(&format!("work --name w -- {command}")).await;
        assert!(ran.code() == code && ran.stderr.contains(why), "{command}: {}", ran.stderr);
    }
    let task = stage.task("t").await;
    assert_eq!(
        (&task["status"], &task["attempts"]),
        (&json!("available"), &json!(0)),
        "it was not even claimed"
    );
    // One that goes away while the worker works.
    let file = stage.shell.write("once", "#!/bin/sh\nrm once\n");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("our own file");
    let running = stage.shell.mjwork(["work", "--name", "w", "--", "./once"]).spawn().expect("it runs");
    stage.until("t", "the first task to be done", |task| task["status"] == "completed").await;
    stage.shell.run("publish u U").await.done();
    let ran = ended(running).await;
    assert!(ran.code() == 126 && ran.stderr.contains("cannot be run"), "{}", ran.stderr);
    let task =
        stage.until("u", "the second task to be given back", |task| task["status"] == "available").await;
    assert_eq!((&task["owner"], &task["attempts"]), (&json!(null), &json!(1)));
}

#[tokio::test]
async fn a_command_says_how_far_it_is() {
    let stage = Stage::new().await;
    stage.shell.run("publish t T").await.done();
    stage.shell.run("publish other T").await.done();
    stage.shell.run("claim other --agent somebody").await.done();
    let script = r#"
        mjwork progress "$MJWORK_TASK_ID" --percent 50 --note "half of it" > /dev/null || exit 1
        mjwork progress --percent 60 > /dev/null || exit 2
        mjwork progress other --percent 10 2> /dev/null
        echo $?"#;
    let ran = work(&stage, "--limit 1", script).await;
    assert!(ran.status.success(), "{}", ran.stderr);
    let task = stage.task("t").await;
    assert_eq!((&task["status"], &task["result"]), (&json!("completed"), &json!(3)), "{task}");
    let log = stage.shell.run("log --json --task t").await.json_lines();
    let reports: Vec<_> = log.iter().filter(|event| event["event"] == "progress").collect();
    assert_eq!(
        (&reports[0]["body"]["percent"], &reports[0]["body"]["note"]),
        (&json!(50.0), &json!("half of it"))
    );
    for report in reports {
        assert_eq!((&report["verdict"], &report["agent_id"]), (&json!("accepted"), &json!("w")));
        assert!(report["body"]["session"].is_string() && report["body"]["claim"].is_u64(), "{report}");
    }
}

#[tokio::test]
async fn a_command_may_end_its_task_itself() {
    let stage = Stage::new().await;
    stage.shell.run("publish done T").await.done();
    stage.shell.run("publish failed T").await.done();
    let script = r#"
        case $MJWORK_TASK_ID in
            done) mjwork complete --result '"mine"' > /dev/null ;;
            failed) mjwork fail --error "mine" > /dev/null ;;
        esac
        sleep 0.5; echo "to the end" > $MJWORK_TASK_ID; echo not this"#;
    let ran = work(&stage, "--json", script).await;
    let mut ended: Vec<_> = ran.json_lines().iter().map(|line| line["ended"].to_string()).collect();
    ended.sort();
    assert_eq!(ended, ["\"completed\"", "\"failed\""], "{}", ran.stderr);
    assert_eq!(stage.task("done").await["result"], "mine");
    assert_eq!(stage.task("failed").await["error"], "mine");
    for file in ["done", "failed"] {
        assert!(stage.shell.folder().join(file).exists(), "it was not ended before its own end");
    }
}

#[tokio::test]
async fn a_hostile_task_stops_no_worker() {
    let stage = Stage::new().await;
    let client = async_nats::connect(stage.server.tcp_url()).await.expect("connected");
    let big = "ü".repeat(100_000);
    for body in [
        json!({"task_id": "zero\0byte", "title": "a\0b", "description": "\0"}),
        json!({"task_id": "big", "title": big, "description": big, "tags": [big]}),
        json!({"task_id": "$(touch owned)", "title": "`touch owned`; $(touch owned)", "tags": ["--json"]}),
    ] {
        let ack = client.request("mjwork.tasks.available", body.to_string().into()).await.expect("an answer");
        assert!(String::from_utf8_lossy(&ack.payload).contains("\"seq\""), "{:?}", ack.payload);
    }
    let ran = work(&stage, "", "wc -c").await;
    assert!(ran.status.success() && ran.stderr.contains("3 completed, 0 failed"), "{}", ran.stderr);
    assert!(!stage.shell.folder().join("owned").exists());
    let big = stage.task("big").await;
    assert!(
        big["result"].as_u64().is_some_and(|size| size > 600_000),
        "all of it on the standard input: {}",
        big["result"]
    );
}

#[tokio::test]
async fn a_second_worker_waits_for_what_the_first_may_give_back() {
    let stage = Stage::new().await;
    stage.shell.run("publish t T").await.done();
    let folder = stage.shell.folder();
    let first =
        worker(&stage, "--limit 1", "echo $$ > first; while [ ! -e fail ]; do sleep 0.05; done; exit 1");
    process(&folder.join("first")).await;
    let script = "mjwork requeue none 2> /dev/null; echo second";
    let words = ["work", "--until-idle", "--name", "other", "--", "sh", "-c", script];
    let mut second = stage.shell.mjwork(words).spawn().expect("it runs");
    stage.until("t", "the first to work on it", |task| task["owner"] == "w").await;
    wait::until("the second to be there", PATIENCE, async || {
        let agents = stage.shell.run("agents --json").await.json();
        if agents.as_array().is_some_and(|all| all.len() == 2) { Ok(()) } else { Err(agents.to_string()) }
    })
    .await;
    assert!(second.try_wait().expect("a child").is_none(), "what is in progress may come back");
    stage.shell.run("requeue t --by me").await.done();
    let ran = ended(second).await;
    assert!(ran.status.success() && ran.stderr.contains("1 completed"), "{}", ran.stderr);
    assert!(ended(first).await.stderr.contains("1 lost"));
    assert_eq!(stage.task("t").await["owner"], "other");
}

#[tokio::test]
async fn a_result_waits_for_a_server_that_is_away() {
    let Stage { mut server, shell } = Stage::new().await;
    shell.run("publish t T").await.done();
    let folder = shell.folder();
    let script = "echo $$ > child; while [ ! -e go ]; do sleep 0.05; done; echo done";
    let words = ["work", "--until-idle", "--name", "w", "--", "sh", "-c", script];
    let running = shell.mjwork(words).spawn().expect("it runs");
    let child = process(&folder.join("child")).await;
    server.kill();
    shell.write("go", "");
    gone(child).await;
    server.restart().await;
    let ran = ended(running).await;
    assert!(ran.status.success() && ran.stderr.contains("1 completed"), "{}", ran.stderr);
    let task = shell.run("show t --json").await.json();
    assert_eq!(
        (&task["status"], &task["result"], &task["attempts"]),
        (&json!("completed"), &json!("done"), &json!(1))
    );
}

#[tokio::test]
async fn who_may_not_work_learns_it_at_once() {
    let stage = Stage::new().await;
    stage.shell.run("publish t T").await.done();
    let start = Instant::now();
    let words = format!(
        "work --name w --user operator --password {} --api-prefix mjapi --inbox-prefix _INBOX_operator -- true",
        stage.server.password()
    );
    let ran = stage.shell.run(&words).await;
    assert!(ran.code() == 5 && ran.stderr.contains("mjwork.heartbeat.w"), "{}", ran.stderr);
    assert!(start.elapsed().as_secs() < 8, "and not when the patience is over");
    assert_eq!(stage.task("t").await["attempts"], 0);
}

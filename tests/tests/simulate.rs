//! `mjwork simulate`: a made fleet on a real server, looked at by a reader that knows nothing of it.

use mjwork::board::{Board, Status, Task, Verb};
use mjwork::reader::Source;
use mjwork::setup::setup;
use mjwork::{Mirror, Sequence};
use mjwork_tests::program::mjwork;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::wait;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// A server with the stream on it.
async fn stage() -> NatsServer {
    let server = NatsServer::start(Options::default()).await;
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    setup(&client, &Source::default(), 1).await.expect("the stream can be made");
    server
}

/// A reader that begins at the beginning.
async fn fresh(server: &NatsServer) -> Mirror {
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    Mirror::open(client, Source::default()).await.expect("the stream can be read")
}

fn simulate(server: &NatsServer, words: &str) -> Child {
    Command::new(mjwork())
        .args(["simulate", "--server", &server.tcp_url(), "--json"])
        .args(words.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it can be run")
}

/// Its summary, within a minute.
async fn summary(child: Child) -> Value {
    let output = tokio::time::timeout(Duration::from_secs(60), child.wait_with_output()).await;
    let output = output.expect("it ends within a minute").expect("it can be waited for");
    assert!(output.status.success(), "{}", output.status);
    serde_json::from_slice(&output.stdout).expect("the summary is JSON")
}

/// The sequences of a task's events of this kind that count.
fn accepted(task: &Task, verb: Verb) -> Vec<Sequence> {
    let entries = task.history.iter().filter(|entry| entry.verb == verb && entry.refused.is_none());
    entries.map(|entry| entry.seq).collect()
}

#[tokio::test]
async fn a_fleet_that_fails_and_crashes_gets_everything_done_exactly_once() {
    let server = stage().await;
    let words = "--agents 10 --tasks 100 --seed 11 --duration 0.3 --interval 1 --until-idle \
                 --failures 0.08 --stalls 0.02 --crashes 0.05 --restarts 0.05";
    let summary = summary(simulate(&server, words)).await;
    let mirror = fresh(&server).await;
    mirror.read(|board| {
        assert_eq!(board.tasks().len(), 100);
        for task in board.tasks() {
            let completions = accepted(task, Verb::Completed);
            match task.status {
                Status::Completed => assert_eq!(completions.len(), 1, "{}: {:#?}", task.id, task.history),
                Status::Failed => assert!(completions.is_empty(), "{}: {:#?}", task.id, task.history),
                other => panic!("{} is {other}", task.id),
            }
            assert_only_when_ready(board, task);
        }
        agrees(board, &summary);
        // Whoever crashed gave nothing back: those who waited found its task orphaned.
        let orphaned = |task: &Task| task.history.iter().any(|entry| entry.text == Some("owner lost"));
        assert!(board.tasks().any(orphaned), "{summary}");
    });
    let mishaps = &summary["mishaps"];
    for kind in ["failures", "stalls", "crashes", "restarts"] {
        assert!(mishaps[kind].as_u64().is_some_and(|count| count > 0), "no {kind}: {summary}");
    }
    let claims = summary["claims"].as_u64().expect("a number");
    assert!(claims > 100 && summary["requeues"].as_u64().is_some_and(|n| n > 0), "{summary}");
}

/// No claim counts before everything that the task waits for is completed.
fn assert_only_when_ready(board: &Board, task: &Task) {
    let Some(first) = accepted(task, Verb::Claimed).first().copied() else { return };
    for id in &task.definition.blocked_by {
        let blocker = board.task(id.as_str()).expect("the plan knows it");
        let done = accepted(blocker, Verb::Completed);
        assert!(done.first().is_some_and(|done| *done < first), "{} was taken before {id} was done", task.id);
    }
}

/// The summary says what the stream says.
fn agrees(board: &Board, summary: &Value) {
    for status in Status::ALL {
        assert_eq!(summary["by_status"][status.as_str()], board.counts().of(status), "{summary}");
    }
    let claims: usize = board.tasks().map(|task| accepted(task, Verb::Claimed).len()).sum();
    assert_eq!(summary["claims"], claims, "{summary}");
}

#[tokio::test]
async fn the_same_seed_plans_the_same_and_a_signal_ends_it_in_order() {
    let server = stage().await;
    let mirror = fresh(&server).await;
    let started = simulate(&server, "--agents 5 --tasks 40 --seed 12 --duration 60 --interval 1");
    wait::until("everybody at work", Duration::from_secs(30), async || {
        let working = mirror.read(|board| board.counts().of(Status::InProgress));
        if working == 5 { Ok(()) } else { Err(working) }
    })
    .await;
    let planned: Vec<String> = titles(&mirror);
    let process = started.id().and_then(|id| i32::try_from(id).ok()).expect("it runs");
    kill(Pid::from_raw(process), Signal::SIGINT).expect("a child of this process can be signalled");
    let first = summary(started).await;
    assert_eq!(first["by_status"]["in_progress"], 0, "{first}");

    // The plan is there already, so the same seed publishes nothing; the work goes on where it was left.
    let second = summary(simulate(
        &server,
        "--agents 10 --tasks 40 --seed 12 --duration 0.1 --interval 1 --until-idle \
                                            --failures 0 --stalls 0 --crashes 0 --restarts 0",
    ))
    .await;
    assert_eq!(second["by_status"]["completed"], 40, "{second}");
    wait::until("all of it", Duration::from_secs(10), async || {
        let completed = mirror.read(|board| board.counts().of(Status::Completed));
        if completed == 40 { Ok(()) } else { Err(completed) }
    })
    .await;
    assert_eq!(titles(&mirror), planned);
    let published: usize =
        mirror.read(|board| board.tasks().map(|t| accepted(t, Verb::Available).len()).sum());
    assert_eq!(published, 40);
}

fn titles(mirror: &Mirror) -> Vec<String> {
    let mut titles: Vec<String> = mirror
        .read(|board| board.tasks().map(|task| format!("{} {}", task.id, task.definition.title)).collect());
    titles.sort();
    titles
}

#[tokio::test]
async fn work_that_somebody_means_is_not_played_with() {
    let server = stage().await;
    let mirror = fresh(&server).await;
    let publisher = mjwork::TaskPublisher::new(mirror.clone(), None);
    let task = mjwork::NewTask::new(mjwork::TaskId::new("parser").expect("an id"), "Port the parser");
    publisher.publish_task(task).await.expect("it can be published");
    let output =
        simulate(&server, "--agents 1 --tasks 1 --until-idle").wait_with_output().await.expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(mirror.read(|board| board.tasks().len()), 1);
}

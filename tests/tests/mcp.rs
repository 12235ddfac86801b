//! `mjwork mcp` and a client that nobody here wrote: the official Python SDK of the Model Context Protocol.

use mjwork::board::{Board, Status, Task, Verb};
use mjwork::reader::Source;
use mjwork::setup::setup;
use mjwork::{Mirror, NewTask, TaskId, TaskPublisher};
use mjwork_tests::program::mjwork;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::stranger::Conversation;
use mjwork_tests::wait;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

/// Far below the minute and a half after which an agent that beats every 30 s counts as lost.
const SOON: Duration = Duration::from_secs(15);

/// A server with the stream on it, and a reader of its own.
async fn stage() -> (NatsServer, Mirror) {
    let server = NatsServer::start(Options::default()).await;
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    setup(&client, &Source::default(), 1).await.expect("the stream can be made");
    let mirror = Mirror::open(client, Source::default()).await.expect("the stream can be read");
    (server, mirror)
}

/// A client whose server is the agent `name`.
async fn agent(server: &NatsServer, mode: &str, name: &str) -> (Conversation, Value) {
    let command = mjwork().to_str().expect("a path of text");
    let mut client =
        Conversation::start("mcp_client.py", &server.tcp_url(), &[mode, command, "mcp", "--name", name]);
    let hello = client.hear().await;
    (client, hello)
}

/// Calls a tool that is to do what it is asked.
async fn call(client: &mut Conversation, tool: &str, arguments: Value) -> Value {
    let answer = client.ask(&json!({"call": tool, "arguments": arguments})).await;
    assert_eq!(answer["error"], false, "{tool}: {answer}");
    answer
}

/// Calls a tool that is to refuse, and gives its words.
async fn refused(client: &mut Conversation, tool: &str, arguments: Value) -> String {
    let answer = client.ask(&json!({"call": tool, "arguments": arguments})).await;
    assert_eq!(answer["error"], true, "{tool}: {answer}");
    assert_eq!(answer["data"], Value::Null, "{tool}: {answer}");
    answer["texts"][0].as_str().expect("a sentence").to_owned()
}

fn id(text: &str) -> TaskId {
    TaskId::new(text).expect("an id")
}

/// Waits until a reader sees the task so.
async fn see(mirror: &Mirror, task: &str, what: &str, is: impl Fn(&Board, &Task) -> bool) -> Task {
    wait::until(what, SOON, async || {
        mirror.read(|board| match board.task(task) {
            Some(task) if is(board, task) => Ok(task.clone()),
            other => Err(format!("{other:?}")),
        })
    })
    .await
}

#[tokio::test]
async fn a_foreign_client_lists_the_tools_and_works_a_task_from_end_to_end() {
    let (server, mirror) = stage().await;
    for mode in ["auto", "legacy"] {
        let (mut client, hello) = agent(&server, mode, &format!("Ada-{mode}")).await;
        assert_eq!(hello["server"], "mjwork");
        assert!(hello["instructions"].as_str().is_some_and(|words| words.contains("next_task")), "{hello}");
        work_a_task(&mut client, &mirror, mode).await;
        client.end().await;
    }
}

/// Everything that an agent does, in the order in which it does it.
async fn work_a_task(client: &mut Conversation, mirror: &Mirror, mode: &str) {
    let listed = client.ask(&json!({"list": true})).await;
    let tools = listed["tools"].as_array().expect("a list");
    let names: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    let wanted =
        ["next_task", "list_tasks", "get_task", "progress", "complete", "fail", "release", "publish", "say"];
    assert!(wanted.iter().all(|name| names.contains(name)) && names.contains(&"read_messages"), "{names:?}");
    assert!(tools.iter().all(|tool| tool["output"]["type"] == "object"), "{listed}");

    let none = call(client, "next_task", json!({"wait_s": 0})).await;
    assert_eq!((&none["data"]["task"], &none["data"]["nothing_left"]), (&Value::Null, &json!(true)));
    let (core, tests) = (format!("core-{mode}"), format!("tests-{mode}"));
    let tasks = json!([
        {"task_id": tests, "title": "Test the parser", "blocked_by": [core]},
        {"task_id": core, "title": "Port the parser", "priority": "high", "description": "In **Rust**.", "tags": ["a"]},
    ]);
    let published = call(client, "publish", json!({"tasks": tasks})).await;
    assert_eq!(published["data"]["published"].as_array().map(Vec::len), Some(2));
    let again = call(client, "publish", json!({"tasks": tasks})).await;
    assert_eq!(again["data"]["published"][0]["unchanged"], true, "{again}");

    let taken = call(client, "next_task", json!({"wait_s": 30})).await;
    assert_eq!(taken["data"]["task"]["task_id"], core, "{taken}");
    assert_eq!(taken["data"]["task"]["owner"], format!("Ada-{mode}"));
    assert!(taken["texts"][0].as_str().is_some_and(|words| words.contains("In **Rust**.")), "{taken}");
    let waiting = call(client, "get_task", json!({"task_id": tests})).await;
    assert_eq!(waiting["data"]["waits_for"], json!([{"task_id": core, "why": "in progress"}]));

    call(client, "progress", json!({"task_id": core, "percent": 40, "note": "half of the tests pass"})).await;
    let seen = see(mirror, &core, "the report", |_, task| task.progress.is_some()).await;
    let report = seen.progress.expect("it was seen");
    assert_eq!((report.percent, report.note.as_deref()), (Some(40.0), Some("half of the tests pass")));

    let result = json!({"files": 12, "notes": ["nothing left"]});
    let done = call(client, "complete", json!({"task_id": core, "result": result})).await;
    assert_eq!(done["data"]["status"], "completed", "{done}");
    let seen = see(mirror, &core, "its completion", |_, task| task.status == Status::Completed).await;
    assert_eq!(seen.history.iter().filter(|entry| entry.refused.is_some()).count(), 0);
    let read = call(client, "get_task", json!({"task_id": core})).await;
    assert_eq!(read["data"]["result"], result);

    let next = call(client, "next_task", json!({})).await;
    assert_eq!(next["data"]["task"]["task_id"], tests, "{next}");
    call(client, "release", json!({"task_id": tests, "reason": "not my kind of work"})).await;
    see(mirror, &tests, "its return", |_, task| task.status == Status::Available).await;
    call(client, "next_task", json!({"task_id": tests})).await;
    call(client, "fail", json!({"task_id": tests, "error": "no such parser", "kind": "fatal"})).await;
    see(mirror, &tests, "its failure", |_, task| task.status == Status::Failed).await;

    let said = call(client, "say", json!({"message": format!("done with {mode}")})).await;
    let since = said["data"]["seq"].as_u64().expect("a sequence") - 1;
    let read = call(client, "read_messages", json!({"since": since, "wait_s": 10})).await;
    assert_eq!(read["data"]["messages"][0]["message"], format!("done with {mode}"), "{read}");
    let fleet = call(client, "agents", json!({})).await;
    assert_eq!(
        (&fleet["data"]["you"], &fleet["data"]["agents"][0]["liveness"]),
        (&json!(format!("Ada-{mode}")), &json!("live"))
    );
    let failed =
        call(client, "list_tasks", json!({"status": ["failed"], "owner": format!("Ada-{mode}")})).await;
    assert_eq!(
        (&failed["data"]["total"], &failed["data"]["tasks"][0]["task_id"]),
        (&json!(1), &json!(tests))
    );
}

#[tokio::test]
async fn what_a_killed_client_held_is_available_at_once() {
    let (server, mirror) = stage().await;
    let publisher = TaskPublisher::new(mirror.clone(), Some("operator".to_owned()));
    let (mut client, _) = agent(&server, "auto", "Ada").await;
    // It waits already when there is nothing to take yet.
    let waiting = async { call(&mut client, "next_task", json!({"wait_s": 30})).await };
    let publishing = async {
        wait::until("the agent", SOON, async || mirror.read(|b| b.agent("Ada").map(|_| ()).ok_or("nobody")))
            .await;
        publisher
            .publish_task(NewTask::new(id("parser"), "Port the parser"))
            .await
            .expect("it can be published");
    };
    let (taken, ()) = tokio::join!(waiting, publishing);
    assert_eq!(taken["data"]["task"]["task_id"], "parser");
    see(&mirror, "parser", "its claim", |_, task| task.status == Status::InProgress).await;

    client.kill().await;
    let back = see(&mirror, "parser", "its return", |_, task| task.status == Status::Available).await;
    let last = back.history.last().expect("its history");
    assert_eq!((last.verb, last.who), (Verb::Requeue, Some("Ada")));
    assert_eq!(last.text, Some("its client went away"));
    wait::until("the agent's last word", SOON, async || {
        mirror.read(|board| {
            let beat = board.agent("Ada").and_then(|agent| agent.beat.clone());
            if beat.as_ref().and_then(|b| b.status.as_deref()) == Some("stopped") {
                Ok(())
            } else {
                Err(format!("{beat:?}"))
            }
        })
    })
    .await;

    // The name is free again, and another client goes on.
    let (mut client, _) = agent(&server, "auto", "Ada").await;
    let taken = call(&mut client, "next_task", json!({"wait_s": 30})).await;
    assert_eq!(
        (&taken["data"]["task"]["task_id"], &taken["data"]["agent_id"]),
        (&json!("parser"), &json!("Ada"))
    );
    client.end().await;
    see(&mirror, "parser", "its return", |_, task| task.status == Status::Available).await;
}

#[tokio::test]
async fn a_refusal_is_a_result_that_says_what_to_do() {
    let (server, mirror) = stage().await;
    let publisher = TaskPublisher::new(mirror.clone(), Some("operator".to_owned()));
    for task in ["one", "two"] {
        publisher.publish_task(NewTask::new(id(task), "Do it")).await.expect("it can be published");
    }
    let (mut ada, _) = agent(&server, "auto", "Ada").await;
    // A second process of the same name is another agent.
    let (mut other, _) = agent(&server, "auto", "Ada").await;
    call(&mut ada, "next_task", json!({"task_id": "one"})).await;
    let fleet = call(&mut other, "agents", json!({})).await;
    assert_eq!(fleet["data"]["you"], "Ada-2", "{fleet}");

    let words = refused(&mut other, "next_task", json!({"task_id": "one"})).await;
    assert!(words.contains("taken by Ada.") && words.contains("next_task"), "{words}");
    let words = refused(&mut other, "complete", json!({"task_id": "one", "result": 1})).await;
    assert!(words.contains("not yours") && words.contains("by Ada"), "{words}");
    let words = refused(&mut other, "get_task", json!({"task_id": "none"})).await;
    assert!(words.contains("no task `none`") && words.contains("list_tasks"), "{words}");
    let words = refused(&mut other, "progress", json!({"task_id": "one", "percent": 250})).await;
    assert!(words.contains("0 to 100"), "{words}");
    let faults = json!({"tasks": [
        {"task_id": "two", "title": "Something else"},
        {"task_id": "three", "title": "Third", "blocked_by": ["nobody", "three"]},
    ]});
    let words = refused(&mut other, "publish", faults).await;
    assert!(
        words.contains("`two`") && words.contains("nobody") && words.matches("\n- ").count() >= 3,
        "{words}"
    );
    assert!(mirror.read(|board| board.task("three").is_none()), "nothing was published");
    let answer = other.ask(&json!({"call": "no_such_tool", "arguments": {}})).await;
    assert!(answer["protocol_error"].is_string(), "{answer}");

    // An operator takes a task away; the next answer says so, whatever was asked, and a result comes too late.
    publisher.requeue(&id("one"), Some("wrong agent")).await.expect("it can be requeued");
    let told = wait::until("word of it", SOON, async || {
        let answer = call(&mut ada, "list_tasks", json!({})).await;
        let texts = answer["texts"].as_array().expect("texts").clone();
        if texts.len() > 2 { Ok(texts[2].to_string()) } else { Err(answer) }
    })
    .await;
    assert!(told.contains("no longer own `one`") && told.contains("wrong agent"), "{told}");
    let words = refused(&mut ada, "complete", json!({"task_id": "one", "result": 1})).await;
    assert!(words.contains("no longer own `one`") && words.contains("Stop working"), "{words}");
    let one = mirror.read(|board| board.task("one").cloned()).expect("it is known");
    assert_eq!((one.status, one.attempts), (Status::Available, 1));
    ada.end().await;
    other.end().await;
}

#[tokio::test]
async fn a_call_that_was_given_up_takes_nothing() {
    let (server, mirror) = stage().await;
    let publisher = TaskPublisher::new(mirror.clone(), None);
    for mode in ["auto", "legacy"] {
        let (mut ada, _) = agent(&server, mode, "Ada").await;
        let given_up = json!({"call": "next_task", "arguments": {"wait_s": 60}, "timeout": 0.5});
        let answer = ada.ask(&given_up).await;
        assert!(answer["protocol_error"].is_string(), "{answer}");
        // The next answer comes after the server has read that it was given up.
        call(&mut ada, "agents", json!({})).await;
        publisher.publish_task(NewTask::new(id(mode), "Do it")).await.expect("it can be published");
        let (mut bob, _) = agent(&server, mode, "Bob").await;
        let taken = call(&mut bob, "next_task", json!({"wait_s": 30})).await;
        assert_eq!(taken["data"]["task"]["task_id"], mode, "{taken}");
        assert_eq!(taken["data"]["task"]["attempts"], 1, "{taken}");
        call(&mut bob, "complete", json!({"task_id": mode})).await;
        ada.end().await;
        bob.end().await;
    }
}

#[tokio::test]
async fn a_signal_gives_back_what_is_held_and_only_the_protocol_is_on_standard_output() {
    let (server, mirror) = stage().await;
    let publisher = TaskPublisher::new(mirror.clone(), None);
    publisher.publish_task(NewTask::new(id("parser"), "Port the parser")).await.expect("it can be published");
    let state = tempfile::tempdir().expect("a temporary folder");
    let mut child = Command::new(mjwork())
        .args(["mcp", "--name", "Ada", "--server", &server.tcp_url()])
        .env("XDG_STATE_HOME", state.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it can be run");
    let mut input = child.stdin.take().expect("its input is a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("its output is a pipe")).lines();
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let calls = [
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
               "params": {"name": "next_task", "arguments": {"wait_s": 30}}}),
    ];
    for line in &calls {
        input.write_all(format!("{line}\n").as_bytes()).await.expect("it listens");
    }
    let mut said = Vec::new();
    while said.len() < 2 {
        let line = tokio::time::timeout(SOON, output.next_line()).await.expect("it answers").expect("text");
        said.push(serde_json::from_str::<Value>(&line.expect("it goes on")).expect("JSON"));
    }
    assert_eq!((&said[0]["id"], &said[1]["id"]), (&json!(1), &json!(2)), "{said:?}");
    assert_eq!(said[1]["result"]["structuredContent"]["task"]["owner"], "Ada", "{said:?}");

    let process = child.id().and_then(|id| i32::try_from(id).ok()).expect("it runs");
    kill(Pid::from_raw(process), Signal::SIGTERM).expect("a child of this process can be signalled");
    let status =
        tokio::time::timeout(SOON, child.wait()).await.expect("it ends").expect("it can be waited for");
    assert!(status.success(), "{status}");
    assert_eq!(output.next_line().await.expect("text"), None, "nothing but the protocol");
    let back = see(&mirror, "parser", "its return", |_, task| task.status == Status::Available).await;
    assert_eq!(back.history.last().and_then(|entry| entry.text), Some("it was asked to end"));
}

#[tokio::test]
async fn a_server_that_is_away_is_a_sentence_and_not_the_end() {
    let (mut server, mirror) = stage().await;
    let publisher = TaskPublisher::new(mirror.clone(), None);
    publisher.publish_task(NewTask::new(id("parser"), "Port the parser")).await.expect("it can be published");
    server.kill();
    let (mut client, _) = agent(&server, "auto", "Ada").await;
    let words = refused(&mut client, "list_tasks", json!({})).await;
    assert!(words.contains("cannot be reached") && words.contains("call again"), "{words}");

    server.restart().await;
    let listed = wait::until("the queue", SOON, async || {
        let answer = client.ask(&json!({"call": "list_tasks", "arguments": {}})).await;
        if answer["error"] == false { Ok(answer) } else { Err(answer) }
    })
    .await;
    assert_eq!(listed["data"]["tasks"][0]["task_id"], "parser");
    call(&mut client, "next_task", json!({"task_id": "parser"})).await;

    // What was read is still there to be read; what is to be written is not lost, or refused with a reason.
    server.kill();
    let words = wait::until("word of it", SOON, async || {
        let answer = client.ask(&json!({"call": "get_task", "arguments": {"task_id": "parser"}})).await;
        let words = answer["texts"][0].as_str().unwrap_or_default().to_owned();
        if words.contains("no connection") { Ok(words) } else { Err(words) }
    })
    .await;
    assert!(words.contains("It is yours."), "{words}");
    let words = refused(&mut client, "say", json!({"message": "anybody there?"})).await;
    assert!(words.contains("no connection") && words.contains("Nothing was sent"), "{words}");
    let kept = call(&mut client, "complete", json!({"task_id": "parser", "result": "done"})).await;
    assert!(kept["texts"][0].as_str().is_some_and(|words| words.contains("It is kept")), "{kept}");

    server.restart().await;
    see(&mirror, "parser", "its completion", |_, task| task.status == Status::Completed).await;
    client.end().await;
}

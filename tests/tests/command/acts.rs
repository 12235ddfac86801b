//! What changes a task, once each, with what it prints and ends with.

use crate::stage::{Stage, ids};
use serde_json::json;

#[tokio::test]
async fn a_task_goes_its_way_from_the_first_command_to_the_last() {
    let stage = Stage::bare().await;
    let shell = &stage.shell;
    let made = shell.run("setup --json").await.json();
    assert_eq!((&made["stream"], &made["done"]), (&json!("MJ_ONLINE_WORK"), &json!("created")));
    assert_eq!(shell.run("setup").await.text(), "stream MJ_ONLINE_WORK is as it should be\n");

    let words = ["publish", "parser", "Port the parser", "--priority", "high", "--tags", "a,b", "--json"];
    let task = shell.run_words(words).await.json();
    assert_eq!(
        (&task["status"], &task["priority"], &task["seq"]),
        (&json!("available"), &json!("high"), &json!(1))
    );
    let said = shell.run_words(["publish", "docs", "Write", "--blocked-by", "parser"]).await;
    assert_eq!(said.text(), "docs: blocked (sequence 2, version 2)\n");

    let claimed = shell.run("claim parser --agent Alpha").await;
    assert_eq!(
        claimed.text(),
        "parser: in progress, owner Alpha (claim 3, attempt 1 of 3)\n  Port the parser\n"
    );
    let words = ["progress", "parser", "--agent", "Alpha", "--percent", "50", "--note", "half", "--json"];
    let task = shell.run_words(words).await.json();
    assert_eq!(
        (&task["seq"], &task["progress"]["percent"], &task["progress"]["note"]),
        (&json!(4), &json!(50.0), &json!("half"))
    );
    let task = shell.run(r#"complete parser --agent Alpha --claim 3 --result {"n":1.50} --json"#).await;
    assert!(task.stdout.contains(r#""result":{"n":1.50}"#), "as it was written: {}", task.stdout);
    assert_eq!(task.json()["status"], "completed");

    assert_eq!(stage.task("docs").await["status"], "available", "its blocker is done");
    shell.run("claim docs --agent Alpha").await.done();
    let words = ["fail", "docs", "--agent", "Alpha", "--error", "no ink", "--kind", "fatal", "--json"];
    let task = shell.run_words(words).await.json();
    assert_eq!((&task["status"], &task["error"]), (&json!("failed"), &json!("no ink")));
    let said = shell.run("requeue docs --reason ink --by me").await;
    assert!(said.text().starts_with("docs: available (sequence 8,"), "{}", said.stdout);
    let said = shell.run("cancel docs --reason paper --by me").await;
    assert!(said.text().starts_with("docs: cancelled (sequence 9,"), "{}", said.stdout);

    let list = shell.run("list --json").await.json();
    assert_eq!(ids(&list), ["parser", "docs"]);
    for field in ["task_id", "status", "owner", "attempts", "version"] {
        assert!(list[0].get(field).is_some(), "{field}");
    }
    assert_eq!((&list[0]["owner"], &list[0]["attempts"]), (&json!("Alpha"), &json!(1)));
}

#[tokio::test]
async fn what_the_fold_refuses_ends_with_3_and_says_why() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run("publish a A").await.done();
    shell.run("publish b B --blocked-by a").await.done();
    shell.run("claim a --agent x").await.done();
    for (words, why) in [
        ("claim a --agent y", "taken by x"),
        ("claim b --agent y", "blocked by a"),
        ("claim none --agent y", "no such task"),
        ("show none", "no such task"),
        ("complete a --agent y --result 1", "not the owner"),
        ("complete a --agent x --claim 1 --result 1", "stale claim"),
        ("fail b --agent y --error e", "not in progress"),
        ("progress b --agent y --percent 1", "not in progress"),
        ("requeue b", "nothing to requeue"),
        ("requeue a --after 1", "stale"),
        ("cancel a --after 1", "stale"),
        ("complete a --accept 1", "no refused completion"),
        ("claim --next --agent y", "no task is ready"),
    ] {
        let ran = shell.run(words).await;
        assert_eq!(ran.code(), 3, "{words}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("mjwork: ") && ran.stderr.contains(why), "{words}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{words}: {}", ran.stdout);
    }
    let version = stage.task("a").await["version"].to_string();
    let ran = shell.run(&format!("cancel a --after {version} --json")).await.json();
    assert_eq!(ran["status"], "cancelled");
}

#[tokio::test]
async fn a_late_result_is_kept_and_accepted() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run("publish a A").await.done();
    shell.run("claim a --agent slow").await.done();
    shell.run("requeue a --reason lost").await.done();
    assert_eq!(shell.run("complete a --agent slow --claim 2 --result [7]").await.code(), 3);
    let task = stage.task("a").await;
    assert_eq!(task["late"][0], json!({"seq": 4, "agent_id": "slow", "session": null, "result": [7]}));
    let shown = shell.run("show a").await;
    assert!(shown.text().contains("accept it with: mjwork complete a --accept 4"), "{}", shown.stdout);
    let task = shell.run("complete a --accept 4 --by me --json").await.json();
    assert_eq!(
        (&task["status"], &task["result"], &task["owner"]),
        (&json!("completed"), &json!([7]), &json!("slow"))
    );
}

#[tokio::test]
async fn the_next_task_is_the_most_urgent_and_the_oldest() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    for (id, priority) in
        [("old", "normal"), ("older-low", "low"), ("urgent", "critical"), ("young", "normal")]
    {
        shell.run(&format!("publish {id} T --priority {priority}")).await.done();
    }
    let mut taken = Vec::new();
    for _ in 0..4 {
        let task = shell.run("claim --next --agent me --json").await.json();
        assert_eq!(
            (&task["owner"], &task["session"], &task["liveness"]),
            (&json!("me"), &json!(null), &json!("silent"))
        );
        taken.push(task["task_id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(taken, ["urgent", "old", "young", "older-low"]);
    // One that waits takes what comes.
    let waiting =
        shell.mjwork("claim --next --wait 50s --agent me --json".split(' ')).spawn().expect("it runs");
    shell.run("publish late T").await.done();
    assert_eq!(mjwork_tests::shell::ended(waiting).await.json()["task_id"], "late");
    assert_eq!(shell.run("claim --next --wait 0.2s --agent me").await.code(), 3);
}

#[tokio::test]
async fn text_comes_from_the_standard_input_where_it_is_long() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run_with("publish a A --description -", "# What\n\nto do\n").await.done();
    assert_eq!(stage.task("a").await["description"], "# What\n\nto do");
    shell.run("claim a --agent x").await.done();
    shell.run_with("say - --agent x", "hello, all\n").await.done();
    let task = shell.run_with("complete a --agent x --result - --json", "not JSON: {\n").await.json();
    assert_eq!(task["result"], "not JSON: {");
    let log = shell.run("log --json --agent x").await.json_lines();
    assert_eq!(log[1]["body"]["message"], "hello, all");
}

#[tokio::test]
async fn a_message_and_a_heartbeat_are_stored() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    assert_eq!(
        shell.run("say hello all --agent x --json").await.json(),
        json!({"seq": 1, "duplicate": false})
    );
    let said =
        shell.run("heartbeat --agent x --session s --status busy --interval 60 --description test").await;
    assert_eq!(said.text(), "x lives (sequence 2)\n");
    let agents = shell.run("agents --json").await.json();
    let agent = &agents[0];
    assert_eq!(
        (&agent["agent_id"], &agent["liveness"], &agent["interval_s"]),
        (&json!("x"), &json!("live"), &json!(60.0))
    );
    assert_eq!(
        (&agent["session"], &agent["status"], &agent["tasks"]),
        (&json!("s"), &json!("busy"), &json!([]))
    );
    let table = shell.run("agents").await;
    assert!(table.text().contains("live") && table.text().contains("test"), "{}", table.stdout);
}

#[tokio::test]
async fn an_edit_is_asked_for() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run("publish a First").await.done();
    let again = shell.run("publish a First --json").await.json();
    assert_eq!((&again["version"], &again["unchanged"]), (&json!(1), &json!(true)), "nothing changes");
    let again = shell.run("publish a First").await;
    assert_eq!(again.text(), "a: there already as it is, available (sequence 1, version 1)\n");
    let ran = shell.run("publish a Second").await;
    assert_eq!(ran.code(), 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("a: there is a task") && ran.stderr.contains("--edit"), "{}", ran.stderr);
    assert_eq!(stage.task("a").await["title"], "First");
    let task = shell.run("publish a Second --edit --json").await.json();
    assert_eq!((&task["title"], &task["version"]), (&json!("Second"), &task["seq"]));
    let odd = shell.run("publish b Odd --priority hgh").await;
    assert!(odd.code() == 0 && odd.stderr.contains("hgh is no known priority"), "{}", odd.stderr);
}

#[tokio::test]
async fn words_that_make_no_sense_end_with_2_and_shells_complete_them() {
    let stage = Stage::bare().await;
    let shell = &stage.shell;
    for words in
        ["nonsense", "claim", "publish a", "list --status done", "progress a --agent x --percent 200"]
    {
        let ran = shell.run(words).await;
        assert_eq!(ran.code(), 2, "{words}");
        assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{words}");
    }
    for name in ["bash", "zsh", "fish"] {
        let script = shell.run(&format!("completions {name}")).await;
        let text = script.text();
        assert!(text.contains("mjwork") && text.contains("requeue") && text.lines().count() > 50, "{name}");
    }
    let help = shell.run("--help").await;
    assert!(help.text().contains("Exit codes:") && help.text().contains("MJWORK_STREAM"), "{}", help.stdout);
}

//! Many tasks at once: from every kind of file, and with every fault said at once.

use crate::stage::{Stage, ids};
use serde_json::json;

#[tokio::test]
async fn a_table_is_published_in_its_order() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.write(
        "tasks.csv",
        "task_id,title,description,blocked_by,priority,tags,max_attempts\n\
         last,\"Last, but not least\",,\"first, second\",low,,\n\
         first,First,\"two\nlines\",,critical,\"a;b\",5\n\
         second,Second,,,,,\n",
    );
    let ran = shell.run("publish --file tasks.csv").await;
    assert_eq!(ran.text(), "published 3 tasks\n");
    assert!(ran.stderr.is_empty(), "no bar where there is no terminal: {}", ran.stderr);
    let list = shell.run("list --json").await.json();
    assert_eq!(ids(&list), ["last", "first", "second"]);
    assert_eq!((&list[0]["status"], &list[0]["title"]), (&json!("blocked"), &json!("Last, but not least")));
    assert_eq!(list[0]["blocked_by"], json!(["first", "second"]));
    assert_eq!((&list[1]["tags"], &list[1]["max_attempts"]), (&json!(["a", "b"]), &json!(5)));
    assert_eq!(list[1]["description"], "two\nlines");
    let again = shell.run("publish --file tasks.csv --json").await.json();
    let published = again["published"].as_array().expect("a list");
    assert_eq!(published.iter().filter(|task| task["unchanged"] == true).count(), 3, "{again}");
    assert_eq!(shell.run("log --json").await.json_lines().len(), 3, "nothing was stored again");
}

#[tokio::test]
async fn json_is_read_as_a_list_or_line_by_line_from_a_file_or_the_standard_input() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.write(
        "tasks.json",
        r#"[{"task_id": "a", "title": "A", "blocked_by": ["b"]}, {"task_id": "b", "title": "B"}]"#,
    );
    shell.run("publish --file tasks.json --by me").await.done();
    shell.write(
        "tasks.jsonl",
        "{\"task_id\": 7, \"title\": \"Seven\"}\n\n{\"task_id\": \"c\", \"title\": \"C\"}\n",
    );
    shell.run("publish --file tasks.jsonl").await.done();
    shell.run_with("publish --file -", "{\"task_id\": \"d\", \"title\": \"D\"}\n").await.done();
    shell.run_with("publish --file -", "[{\"task_id\": \"e\", \"title\": \"E\"}]").await.done();
    shell.run_with("publish --file - --format csv", "title;task_id\nF;f\n").await.done();
    let list = shell.run("list --json --status available").await.json();
    assert_eq!(ids(&list), ["b", "7", "c", "d", "e", "f"]);
    let log = shell.run("log --task a --json").await.json_lines();
    assert_eq!((log.len(), &log[0]["agent_id"]), (1, &json!("me")));
}

#[tokio::test]
async fn all_that_is_wrong_with_a_file_is_said_at_once_and_nothing_is_published() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.run("publish taken Other").await.done();
    let file = "{\"task_id\": \"good\", \"title\": \"Good\"}\n\
                {\"task_id\": \"taken\", \"title\": \"Taken\"}\n\
                {\"task_id\": \"x\", \"title\": \"\", \"blocked_by\": [\"nowhere\"]}\n\
                {\"task_id\": \"good\", \"title\": \"Again\"}\n\
                {\"task_id\": \"p\", \"title\": \"P\", \"blocked_by\": [\"q\"]}\n\
                {\"task_id\": \"q\", \"title\": \"Q\", \"blocked_by\": [\"p\"]}\n\
                {\"task_id\": \"s\", \"title\": \"S\", \"blocked_by\": [\"s\"]}\n";
    shell.write("bad.jsonl", file);
    let ran = shell.run("publish --file bad.jsonl").await;
    assert_eq!(ran.code(), 2);
    for line in ["line 2 (taken)", "line 3 (x)", "line 4 (good)", "line 5 (p)", "line 7 (s)", "nowhere"] {
        assert!(ran.stderr.contains(line), "{line}: {}", ran.stderr);
    }
    assert!(
        ran.stderr.contains("nothing was published") && !ran.stderr.contains("\n  line 1 "),
        "{}",
        ran.stderr
    );
    let told = shell.run("publish --file bad.jsonl --json").await;
    assert_eq!(told.code(), 2);
    let told: serde_json::Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert!(told["invalid"].as_array().is_some_and(|all| all.len() >= 5), "{told}");
    assert_eq!(told["invalid"][0]["place"], "line 2");
    assert_eq!(ids(&shell.run("list --json").await.json()), ["taken"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_with_what_cannot_be_published() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    let file = "task_id,title,blocked_by,max_attempts\n\
                a,A,,many\n\
                b,,,\n\
                c,C,a,\n\
                d,D,nowhere,\n";
    shell.write("bad.csv", file);
    let ran = shell.run("publish --file bad.csv").await;
    assert_eq!(ran.code(), 2);
    for (line, why) in [("line 2 (a)", "max_attempts"), ("line 3 (b)", "no title"), ("line 5 (d)", "nowhere")]
    {
        let said = ran.stderr.lines().find(|said| said.contains(line)).unwrap_or_default();
        assert!(said.contains(why), "{line}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("line 4"), "its blocker stands in the file: {}", ran.stderr);
    for (words, why) in [("publish --file none.csv", "none.csv"), ("publish --file -", "heading")] {
        let ran = shell.run(words).await;
        assert!(ran.code() == 2 && ran.stderr.contains(why), "{words}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn a_file_edits_where_that_is_asked_for() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    shell.write("a.csv", "task_id,title\na,A\nb,B\n");
    shell.run("publish --file a.csv").await.done();
    shell.write("a.csv", "task_id,title,blocked_by\na,A2,c\nb,B,\nc,C,\n");
    assert_eq!(shell.run("publish --file a.csv").await.code(), 2);
    let ran = shell.run("publish --file a.csv --edit").await;
    assert_eq!(ran.text(), "published 2 tasks; 1 task there already\n");
    let task = stage.task("a").await;
    assert_eq!((&task["title"], &task["status"]), (&json!("A2"), &json!("blocked")));
}

#[tokio::test]
async fn thousands_are_published_in_one_go() {
    let stage = Stage::new().await;
    let shell = &stage.shell;
    let lines: Vec<String> =
        (0..3_000).map(|n| format!("{{\"task_id\": \"t{n}\", \"title\": \"Task {n}\"}}")).collect();
    shell.write("many.jsonl", &lines.join("\n"));
    assert_eq!(shell.run("publish --file many.jsonl").await.text(), "published 3,000 tasks\n");
    assert_eq!(ids(&shell.run("list --json").await.json()).len(), 3_000);
    assert_eq!(ids(&shell.run("list --json --limit 2").await.json()), ["t0", "t1"]);
}

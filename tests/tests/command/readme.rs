//! README's second example, by its very lines.

use crate::stage::{Stage, ids};
use mjwork_tests::repository;
use mjwork_tests::shell::ended;
use serde_json::json;

/// The blocks of shell commands in a chapter of the README, in their order.
fn blocks(chapter: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("README.md");
    let heading = format!("\n## {chapter}\n");
    let start = readme.find(&heading).unwrap_or_else(|| panic!("README.md has no chapter {chapter:?}"));
    let rest = &readme[start + heading.len()..];
    let text = &rest[..rest.find("\n## ").unwrap_or(rest.len())];
    text.split("```sh\n").skip(1).filter_map(|block| Some(block.split_once("```")?.0.to_owned())).collect()
}

#[tokio::test]
async fn any_program_in_three_terminals_drains_a_queue_that_was_published_from_a_table() {
    let blocks = blocks("Drain a queue with any program");
    let [publish, work, look, ..] = &blocks[..] else { panic!("{blocks:?}") };
    assert!(
        publish.contains("tasks.csv") && work.contains("mjwork work") && work.contains("sh -c"),
        "{blocks:?}"
    );
    let stage = Stage::new().await;
    let shell = &stage.shell;
    assert_eq!(shell.script(publish).await.text(), "published 21 tasks\n");
    let (one, two, three) = (shell.start(work), shell.start(work), shell.start(work));
    let (one, two, three) = tokio::join!(ended(one), ended(two), ended(three));
    for ran in [&one, &two, &three] {
        assert!(ran.status.success(), "{}", ran.stderr);
        let words = ran.stderr.lines().last().unwrap_or_default();
        assert!(
            words.contains("completed, 0 failed") && !words.contains(": 0 completed"),
            "each did some: {words}"
        );
    }
    let looked = shell.script(look).await;
    assert_eq!(looked.text().matches("completed").count(), 21 + 2, "{}", looked.stdout);

    let list = shell.run("list --json").await.json();
    assert_eq!(list.as_array().map(Vec::len), Some(21));
    let mut workers = std::collections::BTreeSet::new();
    for id in ids(&list) {
        let task = stage.task(id).await;
        let events = |kind: &str| -> Vec<u64> {
            let history = task["history"].as_array().expect("a list");
            let wanted = history.iter().filter(|e| e["event"] == kind && e["verdict"] == "accepted");
            wanted.map(|entry| entry["seq"].as_u64().expect("a sequence")).collect()
        };
        assert_eq!((&task["status"], &task["attempts"]), (&json!("completed"), &json!(1)), "{task}");
        assert_eq!((events("claimed").len(), events("completed").len()), (1, 1), "{task}");
        assert_eq!(task["result"], json!(task["title"].as_str().expect("a title").to_uppercase()));
        workers.insert(task["owner"].to_string());
    }
    assert_eq!(workers.len(), 3, "{workers:?}");
    let book = stage.task("book").await;
    let claim =
        book["history"].as_array().expect("a list").iter().find(|e| e["event"] == "claimed").expect("it was");
    for page in ["page-1", "page-2", "page-20"] {
        let page = stage.task(page).await;
        let end = page["history"].as_array().and_then(|all| all.last()).expect("an entry");
        assert!(end["seq"].as_u64() < claim["seq"].as_u64(), "the book comes after its pages");
    }
}

#[tokio::test]
async fn the_first_example_works_as_it_stands() {
    let stage = Stage::new().await;
    let blocks = blocks("Take part");
    let example = blocks.iter().find(|block| block.contains("mjwork publish")).expect("it is there");
    let lines = example.lines().filter(|line| !line.starts_with("cargo install"));
    let ran = stage.shell.script(&lines.collect::<Vec<_>>().join("\n")).await;
    assert!(
        ran.text().contains("docs: blocked") && ran.text().contains("parser: completed"),
        "{}",
        ran.stdout
    );
    let parser = stage.task("parser").await;
    assert_eq!((&parser["claim"], &parser["result"]["files"]), (&json!(null), &json!(12)));
    assert_eq!(stage.task("docs").await["status"], "available");
    let words = blocks.iter().find(|block| block.contains("mjwork fail")).expect("it is there");
    let ran = stage.shell.script(words).await;
    assert!(ran.text().contains("docs: failed"), "{}", ran.stdout);
    let docs = stage.task("docs").await;
    assert_eq!((&docs["status"], &docs["attempts"]), (&json!("available"), &json!(1)));
}

//! What a person sees: on a terminal there are colours and as many columns as fit, elsewhere plain text.

use crate::stage::Stage;
use mjwork_tests::shell::{Ran, Shell, ended};

/// Runs a command on a terminal of so many columns.
async fn on_terminal(shell: &Shell, columns: u16, words: &str) -> Ran {
    let line = format!("stty cols {columns} rows 40; exec mjwork {words}");
    let mut command = shell.program("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env("TERM", "xterm-256color");
    ended(command.spawn().expect("util-linux has script")).await
}

#[tokio::test]
async fn a_terminal_gets_colours_and_a_table_that_fits() {
    let Stage { shell, server: _server } = Stage::new().await;
    let title = "A title of so many words that it does not fit on a terminal of eighty columns by far";
    shell.run_words(["publish", "a-task", title, "--priority", "critical"]).await.done();
    shell.run("publish b B --blocked-by a-task").await.done();
    let list = on_terminal(&shell, 80, "list").await;
    assert!(list.text().contains("\u{1b}["), "{:?}", list.stdout);
    let plain = |text: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("\u{1b}[") {
            out.push_str(&rest[..at]);
            rest = rest[at..].split_once('m').map_or("", |(_, rest)| rest);
        }
        out + rest
    };
    let text = plain(list.text());
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    assert_eq!(lines.len(), 4, "a line a task, and one that sums up: {text}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
    assert!(lines.iter().any(|line| line.starts_with("a-task") && line.contains('…')), "{text}");
    assert!(lines[3].contains("2 tasks: 1 blocked, 1 available"), "{text}");

    // Not where nobody wants it, nor where it is no terminal.
    let piped = shell.run("list").await;
    assert!(piped.text().contains(title) && !piped.stdout.contains('\u{1b}'), "{:?}", piped.stdout);
    let json = on_terminal(&shell, 80, "list --json").await;
    assert!(!json.text().contains('\u{1b}') && json.json()[0]["task_id"] == "b");
    let shell = shell.with("NO_COLOR", "1");
    let list = on_terminal(&shell, 80, "list").await;
    assert!(list.text().contains('…') && !list.stdout.contains('\u{1b}'), "{:?}", list.stdout);
}

#[tokio::test]
async fn a_terminal_shows_how_far_publishing_is_and_leaves_nothing_of_it() {
    let Stage { shell, server: _server } = Stage::new().await;
    let lines: Vec<String> = (0..500).map(|n| format!("t{n},Task {n}")).collect();
    shell.write("tasks.csv", &format!("task_id,title\n{}\n", lines.join("\n")));
    let ran = on_terminal(&shell, 80, "publish --file tasks.csv").await;
    assert!(ran.text().ends_with("published 500 tasks\r\n"), "{:?}", ran.stdout);
}

#[tokio::test]
async fn who_reads_only_the_first_line_does_no_harm() {
    let Stage { shell, server: _server } = Stage::new().await;
    let lines: Vec<String> = (0..3_000).map(|n| format!("t{n},Task {n}")).collect();
    shell.write("tasks.csv", &format!("task_id,title\n{}\n", lines.join("\n")));
    shell.run("publish --file tasks.csv").await.done();
    let ran = shell.script("mjwork log > all; mjwork log | head -n 1; mjwork list | head -n 1").await;
    assert!(ran.text().lines().count() == 2 && ran.stderr.is_empty(), "{}{}", ran.stdout, ran.stderr);
}

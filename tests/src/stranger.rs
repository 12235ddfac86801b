//! Clients that nobody here wrote: Python scripts in `tests/strangers/` that use nats-py and know only PROTOCOL.md, or
//! the SDK of the Model Context Protocol. Each is told where the server is by `NATS_URL`.

use crate::repository;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A script that has not ended by then hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `tests/strangers/<script>` to its end and gives what it wrote to its standard output.
///
/// # Panics
/// When it fails or does not end within a minute: with what it wrote to its standard error.
pub async fn run(script: &str, nats_url: &str, arguments: &[&str]) -> String {
    let child = spawn(script, nats_url, arguments);
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output())
        .await
        .unwrap_or_else(|_| panic!("{script} did not end within {PATIENCE:?}"))
        .expect("a child of this process can be waited for");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} ended with {}\n{said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Starts `tests/strangers/<script>`; it is killed when the value is dropped.
///
/// # Panics
/// When there is no Python.
#[must_use]
pub fn spawn(script: &str, nats_url: &str, arguments: &[&str]) -> Child {
    start(command(script, nats_url, arguments).stdin(Stdio::null()).stderr(Stdio::piped()))
}

fn command(script: &str, nats_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(python());
    command
        .arg(repository().join("tests/strangers").join(script))
        .args(arguments)
        .env("NATS_URL", nats_url)
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn start(command: &mut Command) -> Child {
    command
        .spawn()
        .unwrap_or_else(|error| panic!("no Python with nats-py ({error}); `cargo xtask test` installs it"))
}

/// A script that is told what to do line by line, and answers each with a line: JSON both ways. It is killed when the
/// value is dropped.
#[derive(Debug)]
pub struct Conversation {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Where the programs that it starts keep what must outlive them.
    _state: TempDir,
}

impl Conversation {
    /// Starts `tests/strangers/<script>`.
    #[must_use]
    pub fn start(script: &str, nats_url: &str, arguments: &[&str]) -> Self {
        let state = tempfile::tempdir().expect("a temporary folder");
        let mut command = command(script, nats_url, arguments);
        let mut child = start(command.env("XDG_STATE_HOME", state.path()).stdin(Stdio::piped()));
        let input = child.stdin.take().expect("its input is a pipe");
        let output = child.stdout.take().expect("its output is a pipe");
        Self { child, input, output: BufReader::new(output).lines(), _state: state }
    }

    /// What it says next.
    ///
    /// # Panics
    /// When it ends or says nothing for a minute.
    pub async fn hear(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.output.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("it said nothing for {PATIENCE:?}"));
        let line = line.expect("its output is text").expect("it goes on talking");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Tells it something, and gives its answer.
    ///
    /// # Panics
    /// When it ends or says nothing for a minute.
    pub async fn ask(&mut self, what: &Value) -> Value {
        self.input.write_all(format!("{what}\n").as_bytes()).await.expect("it listens");
        self.hear().await
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a child of this process can be killed");
    }

    /// Closes its input, and waits until it ends by itself.
    ///
    /// # Panics
    /// When it does not within a minute, or not well.
    pub async fn end(self) {
        let Self { mut child, input, output: _output, _state } = self;
        drop(input);
        let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends");
        let status = status.expect("a child of this process can be waited for");
        assert!(status.success(), "it ended with {status}");
    }
}

/// The Python that has nats-py: `MJWORK_TEST_PYTHON`, or the one that `cargo xtask test` sets up.
fn python() -> PathBuf {
    std::env::var_os("MJWORK_TEST_PYTHON")
        .map_or_else(|| repository().join(".tools/venv/bin/python"), PathBuf::from)
}

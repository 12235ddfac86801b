//! The command `mjwork` as a person or a script runs it: in a shell's environment of its own, with a home folder that
//! nobody else has.

use crate::program::mjwork;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

/// A command that has not ended by then hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// An environment: a home folder, a working folder, and variables.
#[derive(Debug)]
pub struct Shell {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// How a command ended, and what it wrote.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
}

impl Ran {
    /// The exit code.
    ///
    /// # Panics
    /// When a signal ended it.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("{}: {}", self.status, self.stderr))
    }

    /// Holds that it ended well.
    ///
    /// # Panics
    /// When it did not.
    pub fn done(&self) {
        assert!(self.status.success(), "{}\n{}{}", self.status, self.stdout, self.stderr);
    }

    /// What it wrote, if it ended well.
    #[must_use]
    pub fn text(&self) -> &str {
        self.done();
        &self.stdout
    }

    /// What it wrote, as JSON, if it ended well.
    #[must_use]
    pub fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// What it wrote, as JSON a line, if it ended well.
    #[must_use]
    pub fn json_lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.text().lines().map(read).collect()
    }
}

impl Shell {
    /// A shell whose commands find the server at `url`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("mjwork-shell-").tempdir().expect("a temporary folder");
        let shell = Self { folder, variables: Vec::new() };
        shell.with("NATS_URL", url)
    }

    /// The same with a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(n, _)| n != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(n, _)| n != name);
        self
    }

    /// Its home folder, in which its commands run.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below its home folder, and says where that lies.
    ///
    /// # Panics
    /// When it cannot be written.
    #[expect(clippy::must_use_candidate, reason = "mostly written for others to read")]
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder of our own");
        std::fs::write(&path, text).expect("a folder of our own");
        path
    }

    /// A program in this environment; `mjwork` is on its PATH. It is killed when its child is dropped.
    #[must_use]
    pub fn program(&self, name: impl AsRef<OsStr>) -> Command {
        let built = mjwork().parent().expect("a program lies in a folder");
        let before = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(built.to_path_buf()).chain(std::env::split_paths(&before));
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("PATH", std::env::join_paths(path).expect("a PATH"))
            .env("HOME", self.folder.path())
            .env("LANG", "C.UTF-8")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// `mjwork` with these words.
    #[must_use]
    pub fn mjwork<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.program(mjwork());
        command.args(words);
        command
    }

    /// Runs `mjwork` with these words, which have blanks between and none within, to its end.
    pub async fn run(&self, words: &str) -> Ran {
        self.run_words(words.split_whitespace()).await
    }

    /// Runs `mjwork` with these words to its end.
    pub async fn run_words<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Ran {
        ended(self.mjwork(words).spawn().expect("it can be run")).await
    }

    /// The same with this standard input.
    ///
    /// # Panics
    /// When it cannot be run.
    pub async fn run_with(&self, words: &str, input: &str) -> Ran {
        let mut command = self.mjwork(words.split_whitespace());
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it can be run");
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        // It need not read it.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        ended(child).await
    }

    /// Runs a script with `sh -eu` to its end.
    pub async fn script(&self, text: &str) -> Ran {
        ended(self.start(text)).await
    }

    /// Starts a script with `sh -eu`.
    ///
    /// # Panics
    /// When there is no `sh`.
    #[must_use]
    pub fn start(&self, text: &str) -> Child {
        self.program("sh").args(["-euc", text]).spawn().expect("there is a shell")
    }
}

/// Waits for the end of a command.
///
/// # Panics
/// When it has not come within a minute.
pub async fn ended(child: Child) -> Ran {
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let output = output.expect("it ends within a minute").expect("it can be waited for");
    Ran {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

//! A command that runs, in a process group of its own: what it started itself ends with it.

use super::program::Program;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::VecDeque;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How often one looks whether a group is gone: there is nothing that would tell.
const LOOK: Duration = Duration::from_millis(10);
/// So long a pipe is read that somebody holds who left the group.
const STRAY: Duration = Duration::from_secs(1);
/// So much of the end of the standard error is kept.
const TAIL: usize = 4_096;

/// A command that runs.
pub struct Running {
    child: Child,
    group: Pid,
    stdout: JoinHandle<Captured>,
    stderr: JoinHandle<String>,
}

/// What a command wrote to its standard output: up to a limit, and how much it was in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    pub bytes: Vec<u8>,
    pub size: usize,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Left {
    pub stdout: Captured,
    /// The last lines of its standard error.
    pub stderr: String,
}

impl Running {
    /// Starts it. `input` is its standard input; of its standard output `limit` bytes are kept; each line of its
    /// standard error goes to `line` as it comes.
    pub fn start(
        program: &Program,
        environment: &[(&'static str, String)],
        input: Vec<u8>,
        limit: usize,
        line: impl FnMut(&str) + Send + 'static,
    ) -> io::Result<Self> {
        let mut child = Command::new(&program.path)
            .args(&program.words)
            .envs(environment.iter().map(|(name, text)| (name, text)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        let group = group.ok_or_else(|| io::Error::other("it has no process id"))?;
        if let Some(mut stdin) = child.stdin.take() {
            tokio::spawn(async move {
                // It need not read it: then the pipe is broken, and nothing is wrong.
                let _ = stdin.write_all(&input).await;
            });
        }
        let stdout = child.stdout.take();
        let stdout = tokio::spawn(async move {
            match stdout {
                Some(stdout) => capture(stdout, limit).await,
                None => Captured::default(),
            }
        });
        let stderr = child.stderr.take();
        let stderr = tokio::spawn(async move {
            match stderr {
                Some(stderr) => tail(stderr, line).await,
                None => String::new(),
            }
        });
        Ok(Self { child, group, stdout, stderr })
    }

    /// Waits until it ends by itself. May be dropped and called again.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends what is left of its group: asks, waits for `grace`, and makes it end.
    pub async fn end(&mut self, grace: Duration) {
        let end = Instant::now() + grace;
        if !self.signal(Signal::SIGTERM) {
            return;
        }
        while Instant::now() < end {
            // Its own entry stays in the table until it is waited for.
            let _ = self.child.try_wait();
            if !self.is_there() {
                return;
            }
            // The system tells of a child that ends, and of no group.
            tokio::time::sleep(LOOK).await;
        }
        self.signal(Signal::SIGKILL);
        let _ = self.child.wait().await;
    }

    /// What it left behind; it has ended, and its group too.
    pub async fn left(self) -> Left {
        let Self { stdout, stderr, .. } = self;
        Left { stdout: finish(stdout).await, stderr: finish(stderr).await }
    }

    /// Whether there was anybody to hear it.
    fn signal(&self, signal: Signal) -> bool {
        killpg(self.group, signal) != Err(Errno::ESRCH)
    }

    fn is_there(&self) -> bool {
        killpg(self.group, None) != Err(Errno::ESRCH)
    }
}

/// What reading gave; nothing, when a process outside the group holds the other end.
async fn finish<T: Default>(mut reading: JoinHandle<T>) -> T {
    if let Ok(read) = tokio::time::timeout(STRAY, &mut reading).await {
        return read.unwrap_or_default();
    }
    reading.abort();
    T::default()
}

/// Reads all, and keeps the first `limit` bytes.
async fn capture(mut from: impl AsyncRead + Unpin, limit: usize) -> Captured {
    let mut captured = Captured::default();
    let mut buffer = vec![0; 16 * 1_024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let room = limit.saturating_sub(captured.bytes.len()).min(read);
        captured.bytes.extend_from_slice(&buffer[..room]);
        captured.size += read;
    }
    captured
}

/// Hands each line on, and keeps the last.
async fn tail(from: impl AsyncRead + Unpin, mut line: impl FnMut(&str)) -> String {
    let mut from = BufReader::new(from);
    let (mut kept, mut size) = (VecDeque::new(), 0);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        // A line without an end is taken in pieces.
        match (&mut from).take(TAIL as u64).read_until(b'\n', &mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&buffer);
        let text = text.trim_end_matches(['\n', '\r']).to_owned();
        line(&text);
        size += text.len() + 1;
        kept.push_back(text);
        while size > TAIL && kept.len() > 1 {
            size -= kept.pop_front().map_or(0, |dropped| dropped.len() + 1);
        }
    }
    Vec::from(kept).join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program { path: "/bin/sh".into(), words: vec!["-c".into(), script.into()] }
    }

    fn start(script: &str, input: &str) -> Running {
        Running::start(&shell(script), &[("MJWORK_X", "x".into())], input.into(), 10, |_| {}).unwrap()
    }

    #[tokio::test]
    async fn input_environment_and_output_go_through() {
        let mut running =
            start("read word; echo $word$MJWORK_X; echo one >&2; echo two >&2; exit 3", "hello\n");
        assert_eq!(running.wait().await.unwrap().code(), Some(3));
        running.end(Duration::from_secs(5)).await;
        let left = running.left().await;
        assert_eq!((left.stdout.bytes.as_slice(), left.stdout.size), (&b"hellox\n"[..], 7));
        assert_eq!(left.stderr, "one\ntwo");
    }

    #[tokio::test]
    async fn more_output_than_is_kept_is_counted() {
        let mut running = start("printf %100s x", "nobody reads this");
        assert!(running.wait().await.unwrap().success());
        let left = running.left().await;
        assert_eq!((left.stdout.bytes.len(), left.stdout.size), (10, 100));
    }

    #[tokio::test]
    async fn what_it_started_ends_with_it() {
        let mut running = start("sleep 1000 & echo $!", "");
        assert!(running.wait().await.unwrap().success());
        running.end(Duration::from_secs(20)).await;
        assert!(!running.is_there());
        // The pipe had a second holder, who is gone: all of it is read at once.
        assert!(running.left().await.stdout.size > 1);
    }

    #[tokio::test]
    async fn who_does_not_listen_is_made_to_end() {
        let mut running = start("trap '' TERM; echo ready; while :; do sleep 1000; done", "");
        // It is deaf once it has said so.
        let end = Instant::now() + Duration::from_secs(20);
        let deaf = format!("/proc/{}/status", running.group);
        let ignores = || {
            let status = std::fs::read_to_string(&deaf).unwrap_or_default();
            let mask =
                status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0").trim().to_owned();
            u64::from_str_radix(&mask, 16).unwrap_or(0) & (1 << 14) != 0
        };
        // Nothing tells of that, so it is looked for.
        while !ignores() && Instant::now() < end {
            tokio::time::sleep(LOOK).await;
        }
        running.end(Duration::from_millis(100)).await;
        assert!(running.wait().await.unwrap().code().is_none(), "by a signal");
    }

    #[tokio::test]
    async fn only_the_end_of_a_long_error_is_kept() {
        let mut running = start("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done", "");
        assert!(running.wait().await.unwrap().success());
        let left = running.left().await;
        assert!(left.stderr.len() <= TAIL && left.stderr.ends_with("line 1999"), "{}", left.stderr.len());
    }
}

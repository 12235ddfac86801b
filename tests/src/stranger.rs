//! Clients that nobody here wrote: Python scripts in `tests/strangers/` that use nats-py and know only PROTOCOL.md.
//! Each is told where the server is by `NATS_URL`.

use crate::repository;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

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
    Command::new(python())
        .arg(repository().join("tests/strangers").join(script))
        .args(arguments)
        .env("NATS_URL", nats_url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("no Python with nats-py ({error}); `cargo xtask test` installs it"))
}

/// The Python that has nats-py: `MJWORK_TEST_PYTHON`, or the one that `cargo xtask test` sets up.
fn python() -> PathBuf {
    std::env::var_os("MJWORK_TEST_PYTHON")
        .map_or_else(|| repository().join(".tools/venv/bin/python"), PathBuf::from)
}

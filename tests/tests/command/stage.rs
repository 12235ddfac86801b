//! A server with the stream on it, and a shell beside it.

use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::shell::Shell;
use serde_json::Value;
use std::time::Duration;

/// Long for anything that these tests wait for.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server, and a shell whose commands find it.
pub struct Stage {
    pub server: NatsServer,
    pub shell: Shell,
}

impl Stage {
    /// A server without a stream.
    pub async fn bare() -> Self {
        let server = NatsServer::start(Options::default()).await;
        let shell = Shell::new(&server.tcp_url());
        Self { server, shell }
    }

    /// A server with the stream on it, made by the command.
    pub async fn new() -> Self {
        let stage = Self::bare().await;
        stage.shell.run("setup").await.done();
        stage
    }

    /// A task, as the command shows it to scripts.
    pub async fn task(&self, id: &str) -> Value {
        self.shell.run(&format!("show {id} --json")).await.json()
    }

    /// Waits until a task, as the command shows it, is as wanted.
    pub async fn until(&self, id: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        mjwork_tests::wait::until(what, PATIENCE, async || {
            let task = self.task(id).await;
            if wanted(&task) { Ok(task) } else { Err(task.to_string()) }
        })
        .await
    }
}

/// The ids of a list of tasks.
pub fn ids(list: &Value) -> Vec<&str> {
    let tasks = list.as_array().expect("a list");
    tasks.iter().map(|task| task["task_id"].as_str().expect("an id")).collect()
}

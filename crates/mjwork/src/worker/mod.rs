//! An agent's process: it registers, beats, finds tasks, claims them and hands their results in.

use crate::board::{Refusal, Task};
use crate::id::InvalidId;
use crate::reader::Fault;
use crate::transport::BoxStream;
use crate::{AgentId, Duration, Mirror, SendError, Sequence, TaskId};
use serde_json::value::RawValue;
use std::fmt;
#[cfg(not(target_arch = "wasm32"))]
use std::path::PathBuf;

/// Why there is no worker.
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkerError {
    /// The name is no agent's id.
    Name(InvalidId),
    /// No connection.
    Connect(String),
    /// The stream cannot be read.
    Read(Fault),
    /// Its first heartbeat is not known to be stored.
    Send(SendError),
    /// The folder for completions that wait to be sent cannot be used.
    #[cfg(not(target_arch = "wasm32"))]
    Spool {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl fmt::Display for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl std::error::Error for WorkerError {}

/// Why a task is not this worker's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimError {
    /// It is taken, blocked, finished, unknown, or changed meanwhile.
    Refused(Refusal),
    /// The claim is not known to be stored. If it is, the task is given back as soon as that shows.
    Send(SendError),
    /// The worker was stopped.
    Stopped,
}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl std::error::Error for ClaimError {}

/// Why the owner's word on a task does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HoldError {
    /// The fold refused it: the task is no longer this claim's.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The sequence under which a refused completion is kept as a late result, which an operator can accept.
        late: Option<Sequence>,
    },
    /// It is not known to be stored, or never will be.
    Send(SendError),
}

impl fmt::Display for HoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl std::error::Error for HoldError {}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailureKind {
    /// Another attempt may do better.
    #[default]
    Retryable,
    /// No attempt will.
    Fatal,
    /// Later it may go.
    RateLimited,
}

impl FailureKind {
    /// The word on the wire: `retryable`, `fatal`, `rate_limited`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retryable => "retryable",
            Self::Fatal => "fatal",
            Self::RateLimited => "rate_limited",
        }
    }
}

/// How a claim ended that its owner did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// Somebody put the task back.
    Requeued {
        /// Who.
        by: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// An operator withdrew it.
    Cancelled {
        /// Who.
        by: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// Somebody gave it up for its owner, whom they took for lost.
    GivenUp {
        /// Who.
        by: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// It was completed or failed without this claim's doing.
    Finished {
        /// By whom.
        by: Option<String>,
    },
    /// The board no longer knows the task.
    Forgotten,
    /// It is not lost: this worker finished or released it.
    Ended,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

/// How a worker is to be.
pub struct Builder {}

impl Builder {
    /// Between two heartbeats: 30 s unless it says otherwise, a second at the least.
    #[must_use]
    pub fn interval(self, interval: Duration) -> Self {
        todo!()
    }

    /// What it is for.
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        todo!()
    }

    /// The name of this process, instead of a random one. No two processes of an agent may have the same.
    #[must_use]
    pub fn session(self, session: impl Into<String>) -> Self {
        todo!()
    }

    /// The machine that it runs on.
    #[must_use]
    pub fn host(self, host: impl Into<String>) -> Self {
        todo!()
    }

    /// The version of its program.
    #[must_use]
    pub fn version(self, version: impl Into<String>) -> Self {
        todo!()
    }

    /// The folder where completions wait until they are acknowledged, instead of `$XDG_STATE_HOME/mjwork/STREAM/AGENT`
    /// or `~/.local/state/mjwork/STREAM/AGENT`.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn spool(self, folder: impl Into<PathBuf>) -> Self {
        todo!()
    }

    /// Completions wait in memory only, and are lost with the process.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn no_spool(self) -> Self {
        todo!()
    }

    /// Sends what an earlier process of the agent could not, and registers with a first heartbeat.
    pub async fn start(self, mirror: Mirror) -> Result<WorkerClient, WorkerError> {
        todo!()
    }
}

/// An agent's process. Cheap to clone; it beats until the last clone and the last [`Claim`] are dropped.
#[derive(Clone)]
pub struct WorkerClient {}

impl WorkerClient {
    /// A worker with everything as usual, on the server of `NATS_URL` or on `127.0.0.1:4222`.
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn connect(name: &str) -> Result<Self, WorkerError> {
        todo!()
    }

    /// A worker to be started.
    #[must_use]
    pub fn builder(agent: AgentId) -> Builder {
        todo!()
    }

    /// Its name.
    #[must_use]
    pub fn agent(&self) -> &AgentId {
        todo!()
    }

    /// Its process.
    #[must_use]
    pub fn session(&self) -> &str {
        todo!()
    }

    /// The board that it looks at.
    #[must_use]
    pub fn mirror(&self) -> &Mirror {
        todo!()
    }

    /// Says what it is for, with a heartbeat at once.
    pub async fn register(&self, description: impl Into<String>) -> Result<(), SendError> {
        todo!()
    }

    /// Says something to agents and operators.
    pub async fn say(&self, message: &str) -> Result<Sequence, SendError> {
        todo!()
    }

    /// Tasks that can be taken, the most urgent first, then the oldest; each version of each once. It waits for more.
    #[must_use]
    pub fn watch_tasks(&self) -> BoxStream<Task> {
        todo!()
    }

    /// Takes this task.
    pub async fn claim_task(&self, id: &TaskId) -> Result<Claim, ClaimError> {
        todo!()
    }

    /// Takes one of the most urgent tasks, the oldest if it can; waits for one. May be dropped at any time: what is
    /// taken then is given back.
    pub async fn claim_next(&self) -> Result<Claim, ClaimError> {
        todo!()
    }

    /// The same without waiting for a task; none when there is none.
    pub async fn try_claim_next(&self) -> Result<Option<Claim>, ClaimError> {
        todo!()
    }

    /// Whether nothing is left that it could ever claim: nothing is available or in progress, so that what is blocked
    /// stays so.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        todo!()
    }

    /// Waits until [`is_idle`](Self::is_idle).
    pub async fn until_idle(&self) {
        todo!()
    }

    /// Ends it: gives back what it holds, and says so with a last heartbeat. Claims are refused from then on.
    pub async fn stop(&self) {
        todo!()
    }
}

/// A task that this worker owns. To drop it gives the task back.
pub struct Claim {}

impl Claim {
    /// The task as it was when it was claimed.
    #[must_use]
    pub fn task(&self) -> &Task {
        todo!()
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> &TaskId {
        todo!()
    }

    /// The sequence of the claim: the fencing token.
    #[must_use]
    pub fn seq(&self) -> Sequence {
        todo!()
    }

    /// Reports how far it is, from 0 to 100, and what there is to say.
    pub async fn progress(&self, percent: Option<f64>, note: Option<&str>) -> Result<(), HoldError> {
        todo!()
    }

    /// Hands the result in. It is kept on disk until the stream has acknowledged it, and sent until then; to drop the
    /// future changes nothing about that.
    pub async fn complete(self, result: Option<Box<RawValue>>) -> Result<Sequence, HoldError> {
        todo!()
    }

    /// Says that it cannot be done. Kept and sent like a result.
    pub async fn fail(self, error: &str, kind: FailureKind) -> Result<Sequence, HoldError> {
        todo!()
    }

    /// Gives the task back.
    pub async fn release(self, reason: Option<&str>) -> Result<(), HoldError> {
        todo!()
    }

    /// Resolves when the task is no longer this claim's: work on it is in vain from then on.
    pub fn lost(&self) -> impl Future<Output = Lost> + Send + 'static + use<> {
        std::future::pending()
    }
}

/// Takes `task` for an agent without a worker of this process, by hand as it were: nobody beats for it. The answer is
/// the task as the claim made it.
pub async fn claim(
    mirror: &Mirror,
    task: &TaskId,
    agent: &AgentId,
    session: Option<&str>,
) -> Result<Task, ClaimError> {
    todo!()
}

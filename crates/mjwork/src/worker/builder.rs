//! How a worker begins: what an earlier process of the agent could not send comes first, then the first heartbeat, which
//! says that the earlier process is no more.

#[cfg(not(target_arch = "wasm32"))]
use super::spool::{Spool, Stream};
use super::{Worker, WorkerClient, WorkerError, heartbeat, upkeep};
use crate::mirror::Random;
#[cfg(not(target_arch = "wasm32"))]
use crate::reader::Source;
use crate::transport::Spawner;
use crate::{AgentId, Duration, Mirror};
#[cfg(not(target_arch = "wasm32"))]
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, Semaphore, watch};

/// Between two heartbeats.
const INTERVAL: Duration = Duration::from_secs(30);
/// A heartbeat more often than this counts as this.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// How a worker is to be.
pub struct Builder {
    agent: AgentId,
    session: Option<String>,
    interval: Duration,
    description: Option<String>,
    host: Option<String>,
    version: Option<String>,
    #[cfg(not(target_arch = "wasm32"))]
    spool: Folder,
}

/// Where what is handed in waits.
#[cfg(not(target_arch = "wasm32"))]
enum Folder {
    Usual,
    Own(PathBuf),
    None,
}

impl Builder {
    pub(super) fn new(agent: AgentId) -> Self {
        Self {
            agent,
            session: None,
            interval: INTERVAL,
            description: None,
            host: host(),
            version: None,
            #[cfg(not(target_arch = "wasm32"))]
            spool: Folder::Usual,
        }
    }

    /// Between two heartbeats: 30 s unless it says otherwise, a second at the least.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(LEAST_INTERVAL);
        self
    }

    /// What it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The name of this process, instead of a random one. No two processes of an agent may have the same.
    #[must_use]
    pub fn session(mut self, session: impl Into<String>) -> Self {
        self.session = Some(session.into());
        self
    }

    /// The machine that it runs on, instead of what that is called.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The version of its program.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The folder where completions wait until they are acknowledged, instead of `$XDG_STATE_HOME/mjwork/STREAM/AGENT`
    /// or `~/.local/state/mjwork/STREAM/AGENT`.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn spool(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool = Folder::Own(folder.into());
        self
    }

    /// Completions wait in memory only, and are lost with the process.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn no_spool(mut self) -> Self {
        self.spool = Folder::None;
        self
    }

    /// Sends what an earlier process of the agent could not, and registers with a first heartbeat.
    ///
    /// # Errors
    /// When the heartbeat is not stored within a few seconds, or the folder for completions cannot be used.
    pub async fn start(self, mirror: Mirror) -> Result<WorkerClient, WorkerError> {
        // An inbox is random and used once, and so is the last token of one.
        let fresh = || mirror.client().new_inbox().rsplit('.').next().unwrap_or_default().to_owned();
        let session: Arc<str> = self.session.clone().unwrap_or_else(fresh).into();
        let spawner = Spawner::here();
        #[cfg(not(target_arch = "wasm32"))]
        let spool = self.open_spool(&mirror, &session, &spawner).await?;
        let worker = Arc::new(Worker {
            random: Random::new(&session),
            spread: AtomicUsize::new(1),
            agent: self.agent,
            session,
            spawner,
            interval: self.interval,
            host: self.host,
            version: self.version,
            description: Mutex::new(self.description),
            held: Mutex::default(),
            stopped: watch::Sender::new(false),
            abandoned: AtomicBool::new(false),
            finishing: watch::Sender::new(0),
            beat_now: Arc::new(Notify::new()),
            unheard: Mutex::default(),
            turn: Arc::new(Semaphore::new(1)),
            #[cfg(not(target_arch = "wasm32"))]
            spool,
            mirror,
        });
        #[cfg(not(target_arch = "wasm32"))]
        Box::pin(worker.send_left_behind()).await;
        Box::pin(worker.register()).await.map_err(WorkerError::Send)?;
        worker.spawner.spawn(heartbeat::run(&worker));
        worker.spawner.spawn(upkeep::run(&worker));
        Ok(WorkerClient { worker })
    }

    #[cfg(not(target_arch = "wasm32"))]
    async fn open_spool(
        &self,
        mirror: &Mirror,
        session: &Arc<str>,
        spawner: &Spawner,
    ) -> Result<Option<Arc<Spool>>, WorkerError> {
        let folder = match &self.spool {
            Folder::None => return Ok(None),
            Folder::Own(folder) => folder.clone(),
            Folder::Usual => {
                let usual = Spool::usual_folder(&mirror.source().stream, self.agent.as_str());
                let Some(folder) = usual else {
                    tracing::warn!(
                        "there is no home, so results that wait to be sent are kept in memory only"
                    );
                    return Ok(None);
                };
                folder
            }
        };
        let (path, session) = (folder.clone(), session.clone());
        let opened = spawner.block(move || Spool::open(path, &session)).await;
        let opened = opened.unwrap_or_else(|| Err(std::io::Error::other("the program ends")));
        opened.map(|spool| Some(Arc::new(spool))).map_err(|error| WorkerError::Spool { path: folder, error })
    }
}

impl Worker {
    /// The stream, as what is kept on disk names it.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn stream(&self) -> Stream {
        Stream { name: self.mirror.source().stream.clone(), created: self.mirror.stream_created() }
    }
}

impl WorkerClient {
    /// A worker with everything as usual, on the server of `NATS_URL` or on `127.0.0.1:4222`.
    ///
    /// # Errors
    /// When there is no such server or stream, or `name` is no agent's id.
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn connect(name: &str) -> Result<Self, WorkerError> {
        let agent = AgentId::new(name).map_err(WorkerError::Name)?;
        let server = std::env::var("NATS_URL").unwrap_or_else(|_| "127.0.0.1:4222".into());
        let options = async_nats::ConnectOptions::new()
            .name(format!("mjwork {name}"))
            // A line that hangs shows by the second ping that is not answered.
            .ping_interval(Duration::from_secs(10));
        let client =
            options.connect(&server).await.map_err(|error| WorkerError::Connect(error.to_string()))?;
        let mirror = Mirror::open(client, Source::default()).await.map_err(WorkerError::Read)?;
        Self::builder(agent).start(mirror).await
    }
}

/// What this machine is called.
#[cfg(not(target_arch = "wasm32"))]
fn host() -> Option<String> {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::env::var("HOSTNAME"));
    told.ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// What this machine is called: a page does not know.
#[cfg(target_arch = "wasm32")]
fn host() -> Option<String> {
    None
}

//! A real nats-server for a test: the shipped configuration on free ports, with a data folder of its own.
//! It can be killed, stopped and started again on the same ports and data, and is gone when dropped.

use crate::placement::Placement;
use crate::{http, repository, tool, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The operator's password, unless [`Options::password`] says otherwise.
pub const OPERATOR_PASSWORD: &str = "a-password-for-tests";

/// Long for a server that starts in 20 ms, short for a test that would hang.
const STARTUP: Duration = Duration::from_secs(20);
/// How often other ports are tried when another program took one meanwhile.
const ATTEMPTS: usize = 5;

/// What differs from the shipped configuration.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Origins whose pages may connect; `None` keeps those of the file (`http://localhost:8001`, …).
    pub origins: Option<Vec<String>>,
    /// When messages reach the disk; `None` keeps `always`. A test that stores a hundred thousand may say `"2m"`.
    pub sync_interval: Option<String>,
    /// A configuration text instead of the shipped one, with the same six lines of [`Placement`] in it.
    pub config: Option<String>,
    /// What `MJWORK_OPERATOR_PASSWORD` says; `None` is [`OPERATOR_PASSWORD`].
    pub password: Option<String>,
}

/// A running (or killed) server, its ports and its data.
#[derive(Debug)]
pub struct NatsServer {
    ports: Ports,
    password: String,
    process: Option<Child>,
    folder: TempDir,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    tcp: u16,
    websocket: u16,
    monitoring: u16,
}

impl NatsServer {
    /// Starts a server and waits until it says that it is healthy.
    ///
    /// # Panics
    /// When it does not become so within 20 s: with its log.
    pub async fn start(options: Options) -> Self {
        for _ in 1..ATTEMPTS {
            let mut server = Self::prepare(&options);
            match server.launch().await {
                Ok(()) => return server,
                Err(log) if log.contains("address already in use") => {}
                Err(log) => panic!("nats-server did not start:\n{log}"),
            }
        }
        panic!("nats-server found its ports taken {ATTEMPTS} times in a row");
    }

    /// Kills the server as `kill -9` does, and waits until it is gone. Its data stays.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Fails only where it has ended by itself, which is what is wanted.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Asks the server to end (SIGTERM), and waits until it has.
    ///
    /// # Panics
    /// When it is not running.
    pub fn stop(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("the server is running");
        kill(pid(&process), Signal::SIGTERM).expect("a child of this process can be signalled");
        process.wait().expect("a child of this process can be waited for")
    }

    /// Starts it again after [`kill`](Self::kill) or [`stop`](Self::stop): same ports, same data.
    ///
    /// # Panics
    /// When it does not become healthy within 20 s: with its log.
    pub async fn restart(&mut self) {
        self.kill();
        if let Err(log) = self.launch().await {
            panic!("nats-server did not start again:\n{log}");
        }
    }

    /// `nats://127.0.0.1:…`: without credentials, the user of the account WORK.
    #[must_use]
    pub fn tcp_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.tcp)
    }

    /// `ws://127.0.0.1:…`: without credentials, the viewer.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.ports.websocket)
    }

    /// `http://127.0.0.1:…`, the server's monitoring.
    #[must_use]
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.monitoring)
    }

    /// Where clients connect over TCP.
    #[must_use]
    pub fn tcp_address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports.tcp).into()
    }

    /// Where browsers connect.
    #[must_use]
    pub fn ws_address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports.websocket).into()
    }

    /// Where the server's monitoring answers.
    #[must_use]
    pub fn monitor_address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports.monitoring).into()
    }

    /// The operator's password on this server.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The server's process, while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// The file that the server writes its log to.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.folder.path().join("nats-server.log")
    }

    /// What the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn prepare(options: &Options) -> Self {
        let folder = tempfile::Builder::new().prefix("mjwork-nats-").tempdir().expect("a temporary folder");
        let ports = free_ports();
        let place = Placement {
            tcp: ports.tcp,
            websocket: ports.websocket,
            monitoring: ports.monitoring,
            store: folder.path().to_path_buf(),
            origins: options.origins.clone(),
            sync_interval: options.sync_interval.clone(),
        };
        let shipped = || fs::read_to_string(repository().join("nats-server.conf")).expect("nats-server.conf");
        let config = place
            .apply(&options.config.clone().unwrap_or_else(shipped))
            .unwrap_or_else(|error| panic!("{error}"));
        fs::write(folder.path().join("nats-server.conf"), config).expect("the folder is writable");
        let password = options.password.clone().unwrap_or_else(|| OPERATOR_PASSWORD.to_owned());
        Self { ports, password, process: None, folder }
    }

    /// Starts the process; the error is its log.
    async fn launch(&mut self) -> Result<(), String> {
        let earlier = self.log().len();
        let mut process = command(self.folder.path(), &self.log_file())
            .env("MJWORK_OPERATOR_PASSWORD", &self.password)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("nats-server cannot be run ({error}); `cargo xtask test` installs it")
            });
        let monitor = self.monitor_address();
        let healthy = wait::attempt(STARTUP, async || {
            if let Ok(Some(status)) = process.try_wait() {
                return Ok(Err(format!("it ended with {status}")));
            }
            match http::get(monitor, "/healthz").await {
                Ok(answer) if answer.status == 200 => Ok(Ok(())),
                Ok(answer) => Err(answer.text()),
                Err(error) => Err(error.to_string()),
            }
        })
        .await;
        self.process = Some(process);
        healthy.and_then(|ended| ended).map_err(|reason| {
            self.kill();
            format!("{reason}\n{}", &self.log()[earlier..])
        })
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- log of nats-server on {}\n{}---", self.tcp_url(), self.log());
        }
    }
}

/// The command that starts a server in `folder`, with the configuration that lies there; its log is appended.
pub(crate) fn command(folder: &Path, log: &Path) -> Command {
    let log = File::options().create(true).append(true).open(log).expect("the folder is writable");
    let mut command = Command::new(tool("nats-server"));
    command
        .args(["-c", "nats-server.conf"])
        .current_dir(folder)
        .env_remove("MJWORK_OPERATOR_PASSWORD")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    command
}

/// Three ports that were free a moment ago. Held together, so that they differ.
fn free_ports() -> Ports {
    let hold = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = |held: &TcpListener| held.local_addr().expect("a bound socket has an address").port();
    let (tcp, websocket, monitoring) = (hold(), hold(), hold());
    Ports { tcp: port(&tcp), websocket: port(&websocket), monitoring: port(&monitoring) }
}

pub(crate) fn pid(process: &Child) -> Pid {
    Pid::from_raw(process.id().try_into().expect("process ids are small"))
}

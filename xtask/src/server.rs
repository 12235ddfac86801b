//! nats-server with the repository's configuration, its data in `.mjwork/`; ready when it says that it is healthy.

use crate::process::{self, Running, command};
use crate::{Failure, root};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where clients connect, where monitoring answers, where browsers connect: as `nats-server.conf` says.
pub const PORTS: [(u16, &str); 3] =
    [(4222, "nats-server, clients"), (8222, "nats-server, monitoring"), (8080, "nats-server, browsers")];

/// A server with a large stream takes seconds to recover it.
const STARTUP: Duration = Duration::from_secs(60);

/// The folder of its data, its log and the operator's password.
#[must_use]
pub fn folder() -> PathBuf {
    root().join(".mjwork")
}

/// The file of its log, written anew at each start.
#[must_use]
pub fn log_file() -> PathBuf {
    folder().join("nats-server.log")
}

/// The folder in which the demonstration's server works, and puts its data: what it made is never among real work.
#[must_use]
pub fn demo_folder() -> PathBuf {
    folder().join("demo")
}

/// Starts it in the working directory `place` (its data goes below that), without waiting for it.
pub fn start(password: &str, place: &Path) -> Result<Running, Failure> {
    for folder in [&folder(), place] {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let log = File::create(log_file()).map_err(|e| format!("{}: {e}", log_file().display()))?;
    let mut server = command("nats-server");
    server.arg("-c").arg(root().join("nats-server.conf")).current_dir(place);
    server.env("MJWORK_OPERATOR_PASSWORD", password).stderr(log);
    Running::start(&mut server)
}

/// Waits until it is healthy; the failure has the end of its log.
pub fn wait_until_healthy(server: &mut Running) -> Result<(), Failure> {
    let healthy = process::until(STARTUP, || match server.ended() {
        Some(status) => Some(Err(format!("nats-server ended with {status}"))),
        None => healthy(PORTS[1].0).then_some(Ok(())),
    });
    match healthy {
        Some(Ok(())) => Ok(()),
        Some(Err(ended)) => Err(format!("{ended}\n{}", process::tail(&log_file(), 20))),
        None if process::interrupted() => Err("interrupted".to_owned()),
        None => {
            Err(format!("nats-server is not healthy after {STARTUP:?}\n{}", process::tail(&log_file(), 20)))
        }
    }
}

/// Whether a server's monitoring on this port says that it is healthy.
#[must_use]
pub fn healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

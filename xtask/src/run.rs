//! `cargo xtask run`: everything that is missing, then the server, the stream and the board, until Ctrl-C.
//! The board is built while the server starts. Nothing outlives this program. With `--demo` a made fleet works on a queue
//! of its own, which begins anew each time.

use crate::host::{Host, Site};
use crate::password::Password;
use crate::process::{Running, cargo, show};
use crate::step::step;
use crate::{Failure, board, password, ports, process, root, server, tools};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Where the board is served; `nats-server.conf` lets pages of this port in.
const PORT: u16 = 8001;
/// How soon the end of the server is noticed.
const LOOK: Duration = Duration::from_millis(100);

/// What the demonstration's fleet is told: busy enough to watch, and with something going wrong every minute or so.
const DEMO: &str = "--agents 24 --tasks 300 --duration 12 --interval 5 --failures 0.06 --stalls 0.02 --crashes 0.02 --restarts 0.02";

/// Runs until somebody stops it or the server ends; with a made fleet at work if it is a demonstration.
pub fn run(interrupts: &Receiver<()>, demo: bool) -> Result<(), Failure> {
    let wanted = [&server::PORTS[..], &[(PORT, "the board")]].concat();
    ports::free(&wanted).map_err(|taken| format!("{taken}\nStop what runs there, and try again."))?;
    let failed = tools::provide(&tools::FOR_RUN);
    if let Some((tool, failure)) = failed.into_iter().next() {
        return Err(format!("{}: {failure}", tool.name()));
    }
    let password_file = server::folder().join("operator-password");
    let password = password::keep(&password_file)?;
    let place = if demo { fresh_demo()? } else { root() };
    let mut server = server::start(&password.text, &place)?;
    let (sender, bundled) = channel();
    let builder = thread::spawn(move || {
        // Nobody is left to tell when this program is about to end.
        let _ = sender.send(bundle_and_serve());
    });
    let ended = prepare(&mut server).and_then(|()| {
        let _host = watch(&mut server, interrupts, || bundled.try_recv().ok())??;
        let mut fleet = if demo { Some(simulate()?) } else { None };
        announce(&password, &password_file, demo);
        watch(&mut server, interrupts, || fleet.as_mut().and_then(Running::ended))?;
        Err(format!("the made fleet ended:\n{}", process::tail(&demo_log(), 20)))
    });
    // What the builder has started ends with the server, and so does the builder.
    process::stop_all();
    let _ = builder.join();
    println!("Stopping …");
    server.stop();
    println!("Stopped.");
    if process::interrupted() { Ok(()) } else { ended }
}

/// An empty folder for a demonstration.
fn fresh_demo() -> Result<PathBuf, Failure> {
    let folder = server::demo_folder();
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(folder),
    }
}

/// Sets the made fleet to work.
fn simulate() -> Result<Running, Failure> {
    let log = File::create(demo_log()).map_err(|e| format!("{}: {e}", demo_log().display()))?;
    let mut fleet = mjwork();
    fleet.args(["simulate", "--server", "nats://127.0.0.1:4222"]).args(DEMO.split(' ')).stderr(log);
    Running::start(&mut fleet)
}

fn demo_log() -> PathBuf {
    server::folder().join("demo.log")
}

/// The command `mjwork`.
fn mjwork() -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "mjwork-cli", "--bin", "mjwork", "--"]);
    // Whatever context of the nats command is selected here: this is about the server that was just started.
    command.env("NATS_CONTEXT", "");
    command
}

fn announce(password: &Password, file: &Path, demo: bool) {
    println!("\nThe board:      http://localhost:{PORT}");
    println!("Agents connect: nats://127.0.0.1:4222, without credentials");
    if password.new {
        println!("Sign in as:     operator, password {}", password.text);
        println!("                (shown this once; kept in {})", file.display());
    } else {
        println!("Sign in as:     operator, password in {}", file.display());
    }
    if demo {
        println!("A made fleet is at work; what it says is in {}.", demo_log().display());
    }
    println!("Without signing in the board only shows. Ctrl-C stops everything.\n");
}

/// Waits for the server, and makes the stream.
fn prepare(server: &mut Running) -> Result<(), Failure> {
    step("start nats-server", || server::wait_until_healthy(server).map(|()| String::new())).result?;
    step("create or upgrade the stream", || {
        show(mjwork().args(["setup", "--server", "nats://127.0.0.1:4222"])).map(|()| String::new())
    })
    .result
    .map(drop)
}

fn bundle_and_serve() -> Result<Host, Failure> {
    step("bundle the board", || {
        board::build().map(|built| if built { String::new() } else { "nothing changed".to_owned() })
    })
    .result?;
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).map_err(|e| format!("port {PORT}: {e}"))?;
    // `localhost` is either; a machine without IPv6 has the one only.
    let second = TcpListener::bind((Ipv6Addr::LOCALHOST, PORT)).ok();
    let site = Site { folder: board::folder(), base: "/".to_owned(), instead: BTreeMap::new() };
    Host::start(std::iter::once(first).chain(second).collect(), site).map_err(|e| format!("port {PORT}: {e}"))
}

/// Waits until there is what is looked for. The failure is the end of the server, or that somebody wants the end.
fn watch<T>(
    server: &mut Running,
    interrupts: &Receiver<()>,
    mut look: impl FnMut() -> Option<T>,
) -> Result<T, Failure> {
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if interrupts.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) || process::interrupted() {
            return Err("interrupted".to_owned());
        }
        if let Some(status) = server.ended() {
            let log = process::tail(&server::log_file(), 20);
            return Err(format!("nats-server ended with {status}; the end of its log:\n{log}"));
        }
    }
}

//! `cargo xtask test`: every check there is, each a step with its time. A step that fails stops only those that need
//! what it makes.

use crate::process::{self, Running, cargo, command, show};
use crate::step::{Outcome, step, summary};
use crate::tools::{self, Tool};
use crate::{Failure, board, server};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs};

/// One check.
struct Check {
    name: &'static str,
    needs: &'static [Tool],
    /// The step whose product it uses.
    after: Option<&'static str>,
    work: fn() -> Result<String, Failure>,
}

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

/// The quick ones first, as they fail most often.
const CHECKS: [Check; 9] = [
    Check { name: "rustfmt", needs: &[], after: None, work: rustfmt },
    Check { name: "clippy", needs: &[], after: None, work: clippy },
    Check { name: "clippy-wasm", needs: &[Tool::WasmTarget], after: None, work: clippy_wasm },
    Check { name: "unit", needs: &[], after: None, work: unit },
    Check {
        name: "shim",
        needs: &[Tool::WasmTarget, Tool::WasmBindgen, Tool::NatsServer, Tool::Chromium],
        after: None,
        work: shim,
    },
    Check {
        name: "bundle",
        needs: &[Tool::WasmTarget, Tool::Trunk, Tool::WasmBindgen, Tool::WasmOpt],
        after: None,
        work: bundle,
    },
    Check { name: "size", needs: &[], after: Some("bundle"), work: size },
    Check {
        name: "end-to-end",
        needs: &[Tool::NatsServer, Tool::Chromium, Tool::Strangers, Tool::Axe],
        after: Some("bundle"),
        work: end_to_end,
    },
    Check { name: "deny", needs: &[Tool::CargoDeny], after: None, work: deny },
];

/// The names of the steps.
#[must_use]
pub fn names() -> Vec<&'static str> {
    CHECKS.iter().map(|check| check.name).collect()
}

/// Whether every one of `steps` is the name of a step.
#[must_use]
pub fn known(steps: &[&str]) -> bool {
    steps.iter().all(|step| names().contains(step))
}

/// Does the named steps, or all when none is named.
pub fn run(steps: &[&str]) -> Result<(), Failure> {
    let chosen: Vec<&Check> =
        CHECKS.iter().filter(|check| steps.is_empty() || steps.contains(&check.name)).collect();
    let mut needed: Vec<Tool> = Vec::new();
    for tool in chosen.iter().flat_map(|check| check.needs) {
        if !needed.contains(tool) {
            needed.push(*tool);
        }
    }
    let mut outcomes = Vec::new();
    let mut missing = Vec::new();
    outcomes.push(step("tools", || {
        missing = tools::provide(&needed);
        let failed: Vec<_> = missing.iter().map(|(tool, why)| format!("{}: {why}", tool.name())).collect();
        if failed.is_empty() { Ok(String::new()) } else { Err(failed.join("\n")) }
    }));
    for check in chosen {
        if process::interrupted() {
            return Err("interrupted".to_owned());
        }
        let lacking = check.needs.iter().find(|tool| missing.iter().any(|(m, _)| m == *tool));
        let broken = outcomes.iter().find(|o| Some(o.name.as_str()) == check.after && o.result.is_err());
        let outcome = step(check.name, || match (lacking, broken) {
            (Some(tool), _) => Err(format!("not done, as {} is missing", tool.name())),
            (_, Some(before)) => Err(format!("not done, as {} failed", before.name)),
            _ => (check.work)(),
        });
        outcomes.push(outcome);
    }
    finish(&outcomes)
}

fn finish(outcomes: &[Outcome]) -> Result<(), Failure> {
    if summary(outcomes) { Ok(()) } else { Err("Not all steps passed.".to_owned()) }
}

fn quiet(command: &mut Command) -> Result<String, Failure> {
    show(command).map(|()| String::new())
}

fn rustfmt() -> Result<String, Failure> {
    quiet(cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<String, Failure> {
    quiet(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

/// What runs in the browser, and the tests that do.
fn clippy_wasm() -> Result<String, Failure> {
    let deny = ["--", "--deny", "warnings"];
    let packages = ["--package", "mjwork-board", "--package", "mjwork", "--package", "nats-proto"];
    show(cargo().arg("clippy").args(WASM).args(packages).args(["--lib", "--bins"]).args(deny))?;
    quiet(cargo().arg("clippy").args(WASM).args(["--package", "nats-wasm-shim", "--all-targets"]).args(deny))
}

fn unit() -> Result<String, Failure> {
    // Those two need a server, which their own steps start.
    quiet(cargo().args(["test", "--workspace", "--exclude", "mjwork-tests", "--exclude", "nats-wasm-shim"]))
}

fn bundle() -> Result<String, Failure> {
    board::build().map(|built| if built { String::new() } else { "nothing changed".to_owned() })
}

fn size() -> Result<String, Failure> {
    board::bound(&board::weigh(&board::folder())?)
}

/// Real servers, real browsers: more than two at once would only wait for one another.
fn end_to_end() -> Result<String, Failure> {
    quiet(cargo().args(["test", "--package", "mjwork-tests", "--", "--test-threads", "2"]))
}

/// The shim's own tests, in a headless browser against a server with the shim's own configuration. The parity suite
/// first runs on async-nats, natively, against the same server.
fn shim() -> Result<String, Failure> {
    let server = ShimServer::start()?;
    let mut native = cargo();
    native
        .args(["test", "--package", "nats-wasm-shim"])
        .env("MJWORK_TEST_NATS_URL", format!("nats://127.0.0.1:{}", server.tcp));
    show(&mut native)?;
    let mut test = cargo();
    test.arg("test")
        .args(WASM)
        .args(["--package", "nats-wasm-shim"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
        .env("MJWORK_TEST_WS_URL", format!("ws://127.0.0.1:{}", server.websocket));
    if let Some(driver) = on_path("chromedriver") {
        test.env("CHROMEDRIVER", driver);
    }
    quiet(&mut test)
}

/// A server for the shim's tests, its data in a folder that goes with it.
struct ShimServer {
    tcp: u16,
    websocket: u16,
    folder: PathBuf,
    running: Option<Running>,
}

impl ShimServer {
    fn start() -> Result<Self, Failure> {
        // Compiled into the tests: as long as nobody else has this one, they need not be compiled again.
        let websocket = port(47_080)?;
        let (tcp, monitoring) = (port(0)?, port(0)?);
        let folder = env::temp_dir().join(format!("mjwork-shim-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let log_file = folder.join("nats-server.log");
        let log = fs::File::create(&log_file).map_err(|e| format!("{}: {e}", log_file.display()))?;
        let mut nats = command("nats-server");
        nats.args(["-c", "crates/nats-wasm-shim/tests/nats-server.conf", "-a", "127.0.0.1"])
            .args(["-m", &monitoring.to_string()])
            .env("SHIM_TCP_PORT", tcp.to_string())
            .env("SHIM_WS_PORT", websocket.to_string())
            .env("SHIM_STORE", &folder)
            .stdout(Stdio::null())
            .stderr(log);
        let mut running = Running::start(&mut nats)?;
        let healthy = process::until(Duration::from_secs(20), || match running.ended() {
            Some(_) => Some(false),
            None => server::healthy(monitoring).then_some(true),
        });
        if healthy == Some(true) {
            return Ok(Self { tcp, websocket, folder, running: Some(running) });
        }
        Err(format!("the shim's nats-server did not start\n{}", process::tail(&log_file, 20)))
    }
}

impl Drop for ShimServer {
    fn drop(&mut self) {
        drop(self.running.take());
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// This port if it is free, or else any that is.
fn port(wanted: u16) -> Result<u16, Failure> {
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    held.and_then(|h| h.local_addr()).map(|a| a.port()).map_err(|e| format!("no free port: {e}"))
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&tools::path()).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Licenses, sources and duplicates always; advisories where their database can be had.
fn deny() -> Result<String, Failure> {
    show(cargo().args(["deny", "--all-features", "check", "bans", "licenses", "sources"]))?;
    let checked = cargo()
        .args(["deny", "--all-features", "check", "advisories"])
        .output()
        .map_err(|e| format!("cargo-deny cannot be run: {e}"))?;
    let said = String::from_utf8_lossy(&checked.stderr);
    if checked.status.success() {
        return Ok(String::new());
    }
    if database_is_out_of_reach(&said) {
        return Ok("advisories not checked, as their database cannot be had from here".to_owned());
    }
    Err(format!("advisories\n{said}"))
}

/// cargo-deny ends in the same way for an advisory that was found as for a database that was not.
fn database_is_out_of_reach(said: &str) -> bool {
    let found =
        ["error[vulnerability]", "error[unmaintained]", "error[unsound]", "error[yanked]", "error[notice]"];
    said.contains("advisory database") && !found.iter().any(|kind| said.contains(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_comes_after_the_one_that_it_needs() {
        for (place, check) in CHECKS.iter().enumerate() {
            let before: Vec<_> = CHECKS[..place].iter().map(|c| c.name).collect();
            assert!(check.after.is_none_or(|name| before.contains(&name)), "{}", check.name);
        }
        assert!(known(&[]) && known(&["rustfmt", "deny"]) && !known(&["rustfmt", "no-such-step"]));
    }

    #[test]
    fn an_advisory_is_never_taken_for_a_network_that_refuses() {
        assert!(database_is_out_of_reach("[ERROR] failed to fetch advisory database https://…"));
        assert!(!database_is_out_of_reach("error[vulnerability]: …\n = advisory database …"));
        assert!(!database_is_out_of_reach("error: something else"));
    }
}

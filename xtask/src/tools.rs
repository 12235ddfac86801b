//! What the commands need besides cargo, in which version, and whether it is there.
//! Everything that is installed lies in `.tools/`, which git ignores; a program on PATH in a fitting version is used.

use crate::process::{command, output};
use crate::{Failure, install, root};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

/// One thing that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// The standard library for the browser.
    WasmTarget,
    /// The server.
    NatsServer,
    /// Bundles the board.
    Trunk,
    /// Makes JavaScript's side of the board; exactly the version of the library in `Cargo.lock`.
    WasmBindgen,
    /// Makes the board small.
    WasmOpt,
    /// A browser, and the program that drives it.
    Chromium,
    /// A Python with nats-py and the SDK of the Model Context Protocol, for clients that nobody here wrote.
    Strangers,
    /// Looks for what keeps people from using a page.
    Axe,
    /// What the board is measured against, and what bundles that.
    Rival,
    /// Looks after licenses, sources and advisories of dependencies.
    CargoDeny,
}

/// What `cargo xtask run` needs.
pub const FOR_RUN: [Tool; 5] =
    [Tool::WasmTarget, Tool::NatsServer, Tool::Trunk, Tool::WasmBindgen, Tool::WasmOpt];

/// What all commands together need.
pub const ALL: [Tool; 10] = [
    Tool::WasmTarget,
    Tool::NatsServer,
    Tool::Trunk,
    Tool::WasmBindgen,
    Tool::WasmOpt,
    Tool::Chromium,
    Tool::Strangers,
    Tool::Axe,
    Tool::Rival,
    Tool::CargoDeny,
];

/// The version of trunk that builds the board; `Trunk.toml` says the same.
pub const TRUNK: &str = "0.21.14";
/// The release of binaryen whose `wasm-opt` is installed; one on PATH must be as new.
pub const BINARYEN: u32 = 132;
/// The version of cargo-deny that is installed; one on PATH may be any.
pub const CARGO_DENY: &str = "0.20.2";
/// The oldest nats-server that will do: the first with batched direct gets and a lifetime per message.
pub const NATS_SERVER: (u32, u32) = (2, 11);

/// The folder of everything that is installed.
#[must_use]
pub fn folder() -> PathBuf {
    root().join(".tools")
}

/// PATH with the project's own programs first.
#[must_use]
pub fn path() -> OsString {
    let before = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(folder().join("bin")).chain(env::split_paths(&before));
    env::join_paths(all).unwrap_or(before)
}

impl Tool {
    /// Its name and version, for the person who waits for it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::WasmTarget => "rustup target wasm32-unknown-unknown".to_owned(),
            Self::NatsServer => "nats-server".to_owned(),
            Self::Trunk => format!("trunk {TRUNK}"),
            Self::WasmBindgen => match wasm_bindgen() {
                Ok(version) => format!("wasm-bindgen-cli {version}"),
                Err(_) => "wasm-bindgen-cli".to_owned(),
            },
            Self::WasmOpt => format!("wasm-opt (binaryen {BINARYEN})"),
            Self::Chromium => "chromium and chromedriver".to_owned(),
            Self::Strangers => "nats-py and mcp".to_owned(),
            Self::Axe => "axe-core".to_owned(),
            Self::Rival => "nats.js, React and esbuild".to_owned(),
            Self::CargoDeny => format!("cargo-deny {CARGO_DENY}"),
        }
    }

    /// Whether it is there in a version that fits. Asks the programs themselves, which takes milliseconds.
    #[must_use]
    pub fn present(self) -> bool {
        match self {
            Self::WasmTarget => output(command("rustc").args(["--print", "target-libdir"]).args(TARGET))
                .is_ok_and(|folder| Path::new(&folder).exists()),
            Self::NatsServer => version("nats-server").is_some_and(|v| (v.0, v.1) >= NATS_SERVER),
            Self::Trunk => says("trunk", TRUNK),
            // The runner of browser tests comes with it, and must be of the same version.
            Self::WasmBindgen => wasm_bindgen().is_ok_and(|version| {
                says("wasm-bindgen", &version) && says("wasm-bindgen-test-runner", &version)
            }),
            Self::WasmOpt => {
                // npm's is a script that takes a third of a second to say its version.
                let installed =
                    fs::read_to_string(install::npm_folder().join("node_modules/binaryen/package.json"));
                let ours = format!("\"version\": \"{BINARYEN}.0.0\"");
                installed.is_ok_and(|package| package.contains(&ours))
                    && folder().join("bin/wasm-opt").exists()
                    || version("wasm-opt").is_some_and(|v| v.0 >= BINARYEN)
            }
            Self::Chromium => chromium().is_some() && version("chromedriver").is_some(),
            Self::Strangers => install::fresh(&install::venv_folder(), install::STRANGERS),
            Self::Axe => install::fresh_npm(install::AXE),
            Self::Rival => install::fresh_npm(install::RIVAL),
            Self::CargoDeny => version("cargo-deny").is_some(),
        }
    }

    /// Whether it is compiled here, and so wants the processors to itself.
    fn compiled(self) -> bool {
        matches!(self, Self::Trunk | Self::WasmBindgen | Self::CargoDeny)
    }
}

const TARGET: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

/// Installs what is missing, and says what that is and how long it takes. What is compiled and what is fetched go side
/// by side, as one waits for the processors and the other for the network.
///
/// The answer lists what could not be had, with the reason; the rest is there.
#[must_use]
pub fn provide(tools: &[Tool]) -> Vec<(Tool, Failure)> {
    let missing: Vec<Tool> = tools.iter().copied().filter(|tool| !tool.present()).collect();
    let (compiled, fetched): (Vec<Tool>, Vec<Tool>) = missing.into_iter().partition(|tool| tool.compiled());
    let lane = |tools: Vec<Tool>| {
        let mut failed = Vec::new();
        for tool in tools {
            let outcome = crate::step::step(&format!("install {}", tool.name()), || install::install(tool));
            if let Err(failure) = outcome.result {
                failed.push((tool, failure));
            } else if !tool.present() {
                failed.push((tool, format!("{} was installed and is still not found", tool.name())));
            }
        }
        failed
    };
    thread::scope(|scope| {
        let fetching = scope.spawn(|| lane(fetched));
        let mut failed = lane(compiled);
        failed.extend(fetching.join().unwrap_or_default());
        install::tidy();
        failed
    })
}

/// The version of wasm-bindgen that the board is built with.
pub fn wasm_bindgen() -> Result<String, Failure> {
    let file = root().join("Cargo.lock");
    let lock = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    locked(&lock, "wasm-bindgen").ok_or_else(|| "Cargo.lock names no wasm-bindgen".to_owned())
}

/// The browser's name on this machine: Debian's, or Google's.
#[must_use]
pub fn chromium() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| version(name).is_some())
}

/// The version of a package in a `Cargo.lock`.
fn locked(lock: &str, package: &str) -> Option<String> {
    let entry = format!("[[package]]\nname = \"{package}\"\nversion = \"");
    let rest = &lock[lock.find(&entry)? + entry.len()..];
    Some(rest[..rest.find('"')?].to_owned())
}

/// Whether a program says that it is of exactly this version.
fn says(program: &str, version: &str) -> bool {
    output(command(program).arg("--version"))
        .is_ok_and(|said| said.split_whitespace().any(|word| word == version))
}

/// The first version that a program says: its first two numbers.
fn version(program: &str) -> Option<(u32, u32)> {
    parsed(&output(command(program).arg("--version")).ok()?)
}

fn parsed(said: &str) -> Option<(u32, u32)> {
    let word = said
        .split_whitespace()
        .find(|w| w.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()))?;
    let mut numbers = word.trim_start_matches('v').split(['.', '-']);
    let first = numbers.next()?.parse().ok()?;
    Some((first, numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_programs_say_them() {
        for (said, read) in [
            ("nats-server: v2.15.1", Some((2, 15))),
            ("nats-server: v2.9.10", Some((2, 9))),
            ("wasm-opt version 132 (version_132)", Some((132, 0))),
            ("ChromeDriver 156.0.8078.79 (a21ce95c24ce)", Some((156, 0))),
            ("Chromium 156.0.8078.79 built on Debian", Some((156, 0))),
            ("cargo-deny 0.20.2", Some((0, 20))),
            ("no version", None),
            ("", None),
        ] {
            assert_eq!(parsed(said), read, "{said}");
        }
    }

    #[test]
    fn the_lock_file_names_the_version_of_wasm_bindgen() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked(lock, "wasm"), None);
    }

    #[test]
    fn trunk_toml_asks_for_the_version_that_is_installed() {
        let trunk = fs::read_to_string(root().join("Trunk.toml")).unwrap();
        assert!(trunk.contains(&format!("trunk-version = \"^{TRUNK}\"")));
        let lock = fs::read_to_string(root().join("xtask/pins/wasm-opt/package-lock.json")).unwrap();
        assert!(lock.contains(&format!("\"binaryen\": \"{BINARYEN}.0.0\"")));
    }
}

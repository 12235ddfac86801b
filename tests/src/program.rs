//! The command `mjwork`, as people run it: built from the workspace once a test program.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;

/// Where the built command lies.
///
/// # Panics
/// When it does not compile.
pub fn mjwork() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(build)
}

fn build() -> PathBuf {
    let output = xtask::process::cargo()
        .args(["build", "--quiet", "--package", "mjwork-cli", "--bin", "mjwork", "--message-format", "json"])
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    let built = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut programs = built.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    programs.find(|path| path.ends_with("mjwork")).unwrap_or_else(|| panic!("mjwork was not built:\n{said}"))
}

//! The release bundle in `dist/`: built by trunk when something that it is made of has changed, and weighed.

use crate::process::{command, output, show};
use crate::{Failure, root, tools};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What the bundle is made of. The command line is not, though it lies among the crates.
const SOURCES: [&str; 13] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "config.json",
    "index.html",
    "src",
    "style",
    "crates/nats-proto",
    "crates/nats-wasm-shim",
    "crates/mjwork",
    "xtask/src/pack",
    "xtask/src/pack.rs",
];

/// The most that a page may fetch in all, in bytes, each file compressed by gzip.
/// 350,000 is what it should be: the whole dashboard weighs 451,316, and this only keeps it from growing until then.
pub const LIMIT: usize = 451_800;

/// One file of the bundle.
#[derive(Debug, PartialEq, Eq)]
pub struct Weight {
    /// Its path below `dist/`.
    pub file: String,
    /// Its bytes.
    pub raw: usize,
    /// Its bytes as a host sends them.
    pub gzipped: usize,
}

/// The folder of the bundle.
#[must_use]
pub fn folder() -> PathBuf {
    root().join("dist")
}

/// Builds the bundle, unless it is already there from the same sources and tools; true when it built.
pub fn build() -> Result<bool, Failure> {
    let sources = fingerprint()?;
    // `trunk serve` writes to the same folder, so what lies there counts, too.
    if fs::read_to_string(stamp()).is_ok_and(|stamp| stamp == format!("{sources}{}", listing(&folder()))) {
        return Ok(false);
    }
    let mut trunk = command("trunk");
    trunk
        .args(["build", "--release", "--skip-version-check"])
        // It would fetch tools of its own; those that it needs are installed.
        .env("TRUNK_OFFLINE", "true")
        // trunk reads `NO_COLOR=1` as a flag and refuses the value.
        .env_remove("NO_COLOR");
    show(&mut trunk)?;
    fs::create_dir_all(tools::folder()).map_err(|e| format!(".tools: {e}"))?;
    fs::write(stamp(), format!("{sources}{}", listing(&folder()))).map_err(|e| format!(".tools: {e}"))?;
    Ok(true)
}

/// Every file that lies in the bundle, the largest first.
pub fn weigh(folder: &Path) -> Result<Vec<Weight>, Failure> {
    let mut weights = Vec::new();
    for path in files(folder) {
        let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let gzipped = encoder.write_all(&bytes).and_then(|()| encoder.finish());
        let gzipped = gzipped.map_err(|e| format!("{}: {e}", path.display()))?.len();
        let file = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        weights.push(Weight { file, raw: bytes.len(), gzipped });
    }
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.raw));
    Ok(weights)
}

/// Prints what each file weighs, and fails when they are too much together.
pub fn bound(weights: &[Weight]) -> Result<String, Failure> {
    println!("  {:>9}  {:>9}  file", "raw", "gzipped");
    for Weight { file, raw, gzipped } in weights {
        println!("  {raw:>9}  {gzipped:>9}  {file}");
    }
    let raw: usize = weights.iter().map(|w| w.raw).sum();
    let gzipped: usize = weights.iter().map(|w| w.gzipped).sum();
    let said = format!("{raw} bytes, {gzipped} gzipped, of at most {LIMIT}");
    if weights.is_empty() {
        Err("there is no bundle in dist/".to_owned())
    } else if gzipped > LIMIT {
        Err(said)
    } else {
        Ok(said)
    }
}

fn stamp() -> PathBuf {
    tools::folder().join("board.made-from")
}

/// A line that changes when anything changes that the bundle is made of.
fn fingerprint() -> Result<String, Failure> {
    let mut hash = Sha256::new();
    for source in SOURCES {
        let path = root().join(source);
        let all = if path.is_dir() { files(&path) } else { vec![path] };
        for file in all {
            let bytes = fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
            hash.update(format!("{name}\n{}\n", bytes.len()));
            hash.update(bytes);
        }
    }
    // trunk and wasm-opt are pinned by files of this program; the compiler is the machine's.
    hash.update(output(command("rustc").arg("--version"))?);
    hash.update(format!("trunk {} wasm-opt {}", tools::TRUNK, tools::BINARYEN));
    Ok(format!("sources {}\n", hex(&hash.finalize())))
}

/// What lies in a folder, by name and size: the names of what is compiled carry a hash of it.
fn listing(folder: &Path) -> String {
    let mut list = String::new();
    for file in files(folder) {
        let size = fs::metadata(&file).map(|m| m.len()).unwrap_or_default();
        // Writing to a text cannot fail.
        let _ = writeln!(list, "{} {size}", file.strip_prefix(folder).unwrap_or(&file).display());
    }
    list
}

/// Every file below a folder, in the order of their paths.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_weighed_file_by_file_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/zeros.wasm"), vec![0; 100_000]).unwrap();
        fs::write(folder.path().join("index.html"), "<p>").unwrap();
        let mut weights = weigh(folder.path()).unwrap();
        assert_eq!((weights[0].file.as_str(), weights[0].raw), ("a/zeros.wasm", 100_000));
        assert!(weights[0].gzipped < 1_000 && weights.len() == 2);
        assert!(bound(&weights).is_ok());
        weights.push(Weight { file: "b".into(), raw: 1, gzipped: LIMIT });
        assert!(bound(&weights).is_err());
        assert!(bound(&[]).is_err());
    }

    #[test]
    fn every_source_is_there() {
        for source in SOURCES {
            assert!(root().join(source).exists(), "{source}");
        }
    }
}

//! Every public function has an example, here and in what is re-exported from nats-proto. That they compile is seen to
//! by `cargo test --doc`.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::{Path, PathBuf};

/// The parts of nats-proto that this crate re-exports, and what can be reached from them.
const REEXPORTED: [&str; 11] = [
    "credentials.rs",
    "direct_get.rs",
    "direct_get/request.rs",
    "header.rs",
    "header/name.rs",
    "header/value.rs",
    "message.rs",
    "nkey.rs",
    "server_info.rs",
    "status.rs",
    "subject.rs",
];

#[test]
fn every_public_function_has_an_example() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> =
        REEXPORTED.iter().map(|file| here.join("../nats-proto/src").join(file)).collect();
    collect(&here.join("src"), &mut files);
    let (mut count, mut lacking) = (0, Vec::new());
    for file in &files {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (line, has_example) in public_functions(&text) {
            count += 1;
            if !has_example {
                lacking.push(format!("{}:{line}", file.display()));
            }
        }
    }
    assert!(count > 250, "only {count} public functions were found");
    assert!(lacking.is_empty(), "without an example:\n{}", lacking.join("\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The line of each public function, from 1, and whether its documentation has an example.
fn public_functions(text: &str) -> Vec<(usize, bool)> {
    let (mut found, mut has_example, mut in_attribute) = (Vec::new(), false, false);
    for (number, line) in text.lines().map(str::trim).enumerate() {
        if line == "#[cfg(test)]" {
            break;
        }
        if line.starts_with("///") {
            has_example |= line.starts_with("/// ```");
        } else if in_attribute || line.starts_with("#[") {
            in_attribute = !line.ends_with(']');
        } else {
            let words = line.strip_prefix("pub ").map(|rest| rest.trim_start_matches("const "));
            let words = words.map(|rest| rest.trim_start_matches("async "));
            if words.is_some_and(|rest| rest.starts_with("fn ")) {
                found.push((number + 1, has_example));
            }
            has_example = false;
        }
    }
    found
}

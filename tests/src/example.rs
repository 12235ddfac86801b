//! Examples of the shim as pages: compiled, made a module, and made small as a page would be.

use crate::repository;
use std::path::Path;
use xtask::process::{cargo, command, show};

/// What rustc's programs use of WebAssembly.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
];

/// Builds an example by a profile of `Cargo.toml`, as the module `<example>.js` with its program beside it. What is
/// compiled without optimizing stays as it is. With `MJWORK_BENCH_PROFILE` its functions keep their names.
///
/// # Panics
/// When it does not compile, or a tool is missing.
pub fn build(example: &str, profile: &str, into: &Path) {
    let keeps_names = std::env::var_os("MJWORK_BENCH_PROFILE").is_some();
    let mut build = cargo();
    build.args(["build", "--quiet", "--package", "nats-wasm-shim", "--example", example]);
    build.args(["--target", "wasm32-unknown-unknown", "--profile", profile]);
    if keeps_names {
        build.env("CARGO_PROFILE_WEB_DEBUG", "line-tables-only");
    }
    show(&mut build).expect("the example compiles");
    let folder = if profile == "dev" { "debug" } else { profile };
    let made = repository().join("target/wasm32-unknown-unknown").join(folder).join("examples");
    let mut bindgen = command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(into);
    if keeps_names {
        bindgen.arg("--keep-debug");
    }
    show(bindgen.arg(made.join(format!("{example}.wasm")))).expect("wasm-bindgen reads it");
    if profile == "dev" {
        return;
    }
    let module = into.join(format!("{example}_bg.wasm"));
    let mut optimize = command("wasm-opt");
    // Once more until nothing changes, where it is to be small.
    optimize.args(if profile == "web" { ["-Oz", "--converge"].as_slice() } else { &["-O3"] }).args(FEATURES);
    if keeps_names {
        optimize.arg("-g");
    } else {
        optimize.args(["--strip-debug", "--strip-producers", "--strip-target-features"]);
    }
    show(optimize.arg(&module).arg("-o").arg(&module)).expect("wasm-opt reads it");
}

//! Reads the command line of `cargo xtask`, and gives the exit code: 0 when all went well, 1 when something failed, 2
//! when the command is not understood, 130 when interrupted.

use std::process::ExitCode;
use xtask::process::{cargo, interrupted, show, watch_signals};
use xtask::tools::{self, Tool};
use xtask::{Failure, pack, run, test};

const USAGE: &str = "\
cargo xtask run                 install what is missing, then serve the board with a nats-server of its own
cargo xtask run --demo          the same with a made fleet at work, on data of its own
cargo xtask test [STEP…]        install what is missing, then check everything, or only these steps
cargo xtask bench [NAME]        measure: everything, or history, latency, board, day, claims, hearing, fold, race, shim
cargo xtask bench board-a …     a part of board: a to e, as its output names them
cargo xtask bench shim          nats-wasm-shim against the official client: shim-a to shim-d, shim-size
cargo xtask bench shim-soak     restart and kill a page's server, and cut the line to it, thirty times each
cargo xtask bench soak          race fifty worker processes for ten minutes, with everything going wrong
cargo xtask install             install what is missing for all of these, and nothing more
cargo xtask screenshots         make the pictures of the board anew
cargo xtask pack                make a release bundle smaller: trunk calls it
";

fn main() -> ExitCode {
    let interrupts = watch_signals();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["run"] => run::run(&interrupts, false),
        ["run", "--demo"] => run::run(&interrupts, true),
        ["test", steps @ ..] if test::known(steps) => test::run(steps),
        ["test", ..] => {
            eprintln!("The steps are: {}", test::names().join(" "));
            return ExitCode::from(2);
        }
        ["bench", names @ ..] => bench(names),
        ["install"] => provide(&tools::ALL),
        ["screenshots"] => screenshots(),
        ["pack"] => pack::staged(),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if interrupted() => {
            eprintln!("Interrupted.");
            ExitCode::from(130)
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Measurements that no browser takes part in.
const WITHOUT_BROWSER: [&str; 6] = ["engine", "claims", "hearing", "fold", "race", "soak"];

/// The measurements are a program of the package of the end-to-end tests; it starts its own server and browser.
fn bench(names: &[&str]) -> Result<(), Failure> {
    if !names.is_empty() && names.iter().all(|name| name.starts_with("shim")) {
        let needed = [
            Tool::WasmTarget,
            Tool::WasmBindgen,
            Tool::WasmOpt,
            Tool::NatsServer,
            Tool::Chromium,
            Tool::Rival,
        ];
        provide(&needed)?;
    } else if names.is_empty() || names.iter().any(|name| !WITHOUT_BROWSER.contains(name)) {
        provide(&[&tools::FOR_RUN[..], &[Tool::Chromium, Tool::Rival]].concat())?;
        bundle()?;
    } else if names.iter().any(|name| *name != "fold") {
        provide(&[Tool::NatsServer])?;
    }
    let built = ["--release", "--package", "mjwork-tests", "--bin", "bench"];
    // A part of the benchmarks is a program beside them.
    show(cargo().arg("build").args(built).args(["--bin", "weigh"]))?;
    show(cargo().arg("run").args(built).arg("--").args(names))
}

fn screenshots() -> Result<(), Failure> {
    provide(&[&tools::FOR_RUN[..], &[Tool::Chromium]].concat())?;
    bundle()?;
    let mut test = cargo();
    show(test.args([
        "test",
        "--package",
        "mjwork-tests",
        "--test",
        "screenshots",
        "--",
        "--nocapture",
        "--include-ignored",
    ]))?;
    let picture = xtask::root().join("target/screenshots/board-light-1440.png");
    let readme = xtask::root().join("docs/board.png");
    std::fs::copy(picture, readme).map(drop).map_err(|error| format!("docs/board.png: {error}"))
}

fn bundle() -> Result<(), Failure> {
    xtask::step::step("bundle the board", || xtask::board::build().map(|_| String::new())).result.map(drop)
}

fn provide(needed: &[Tool]) -> Result<(), Failure> {
    match tools::provide(needed).into_iter().next() {
        Some((tool, failure)) => Err(format!("{}: {failure}", tool.name())),
        None => Ok(()),
    }
}

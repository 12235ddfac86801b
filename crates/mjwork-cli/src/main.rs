//! The command `mjwork`: the queue from a terminal.
//!
//! Exit codes: 0 done, 2 wrong words, 3 refused by the fold, 4 not connected, 5 refused by the server, 6 no answer.

mod args;
mod commands;
mod failure;
mod mcp;
mod names;
mod render;
mod session;
mod signals;
mod simulate;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("mjwork: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

//! The command `mjwork`: the queue from a terminal. Exit codes are in `failure.rs`.

mod args;
mod commands;
mod connect;
mod failure;
mod input;
mod mcp;
mod names;
mod output;
mod result;
mod session;
mod signals;
mod simulate;
mod trace;

use clap::Parser;
use std::process::ExitCode;

/// Most of reading a history is making small texts, which the system's allocator is slow at: `cargo xtask bench fold`.
#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let args = args::Args::parse();
    trace::begin();
    match commands::run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_silent() {
                output::tell(format_args!("mjwork: {failure}"));
            }
            ExitCode::from(failure.code())
        }
    }
}

//! The binary: reads the command line and the configuration, and starts what was asked for.
//!
//! Exit status: 0 done, 1 failed, 2 a command line or a configuration that cannot be used.

mod cli;
mod commands;
mod config;
mod process;
mod shutdown;
mod telemetry;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::config::ConfigError;

/// Status for a configuration that cannot be used; clap uses the same for a command line.
const UNUSABLE: u8 = 2;

/// For the many small strings of each request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "ashlar: {error:#}");
            let unusable = error.downcast_ref::<ConfigError>().is_some();
            if unusable { ExitCode::from(UNUSABLE) } else { ExitCode::FAILURE }
        }
    }
}

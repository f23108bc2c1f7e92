//! `cargo xtask`: the developer's commands, written in Rust so that a machine with only rustup can run
//! them.
//!
//! - `tidy` checks the rules of the house that a compiler does not know,
//! - `test` starts throw-away databases and runs every test,
//! - `conformance` runs OpenStack's own tests against the real binary,
//! - `schemathesis` asks the real binary what its OpenAPI documents say that it may be asked,
//! - `differential` sends the same requests to Cinder and to the real binary and compares the answers,
//! - `fuzz` throws spoilt inputs at the readers of what comes from outside,
//! - `bench api` measures a running Block Storage server,
//! - `bench image` measures how fast volumes are made from images,
//! - `bench overload` measures what becomes of creates when too many come,
//! - `bench placement` measures how fast volumes are placed.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these commands are read by a person at a terminal"
)]

mod bench;
mod cargo;
mod conformance;
mod differential;
mod fuzz;
mod guarded;
mod schemathesis;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The allocator of the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The developer's commands of Ashlar")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check headers, sizes, names, forbidden content, dependency edges, formatting and lints.
    Tidy(tidy::Options),
    /// Start throw-away databases, then run tidy and all tests.
    Test(test::Options),
    /// Run OpenStack's own tests, Tempest, and compare with what Cinder passes.
    Conformance(conformance::Options),
    /// Ask the real binary what its OpenAPI documents say, and hold its answers against them.
    Schemathesis(schemathesis::Options),
    /// Send the same requests to Cinder and to Ashlar and compare status and shape of the answers.
    Differential(differential::Options),
    /// Throw spoilt inputs at the readers of what comes from outside.
    Fuzz(fuzz::Options),
    /// Measure a server.
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Subcommand)]
enum Bench {
    /// Load a Block Storage API and print what it sustained beside Cinder's figures.
    Api(bench::Options),
    /// Make volumes from images and print seconds and GiB/s beside the plain tools'.
    Image(bench::image::Options),
    /// Offer more creates than can be done and print how many are served, how soon, and who notices.
    Overload(bench::overload::Options),
    /// Place volumes on up to 10,000 pools and print decisions per second, beside Cinder's if asked.
    Placement(bench::placement::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Tidy(options) => tidy::run(&options),
        Command::Test(options) => on_runtime(test::run(options)),
        Command::Conformance(options) => conformance::run(&options),
        Command::Schemathesis(options) => schemathesis::run(&options),
        Command::Differential(options) => differential::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Bench(Bench::Api(options)) => on_runtime(bench::run(options)),
        Command::Bench(Bench::Image(options)) => on_runtime(bench::image::run(options)),
        Command::Bench(Bench::Overload(options)) => on_runtime(bench::overload::run(options)),
        Command::Bench(Bench::Placement(options)) => bench::placement::run(&options),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// One thread is enough for waiting on children, and it keeps the load client of `bench` off the second
/// core.
fn on_runtime(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

//! Measures how fast volumes are placed: the choice alone, the choice with exact admission in a database, and beside
//! them Cinder's own scheduler on the same pools with the same requests.

mod admitted;
mod alone;
mod cinder;
mod figures;
mod ground;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use figures::{Figures, Stage};
use ground::{Ground, Kind};

/// What can be said to `cargo xtask bench placement`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Ask Cinder 29.0.0's FilterScheduler too, from PyPI in a virtual environment.
    #[arg(long)]
    with_cinder: bool,
    /// Numbers of pools.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 1_000, 10_000])]
    pools: Vec<usize>,
    /// What pools are judged by. Default: all.
    #[arg(long, value_delimiter = ',')]
    kinds: Vec<Kind>,
    /// What is measured. Default: all.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Stage>,
    /// Seconds that each measurement takes.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
}

impl Options {
    fn measures(&self, stage: Stage) -> bool {
        self.only.is_empty() || self.only.contains(&stage)
    }

    fn kinds(&self) -> &[Kind] {
        if self.kinds.is_empty() { &Kind::ALL } else { &self.kinds }
    }
}

/// Measures and prints; the exit code is 1 when Cinder chose other pools than we did.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if cfg!(debug_assertions) {
        return super::in_release();
    }
    let time = Duration::from_secs(options.seconds.max(1));
    let mut cinder = options.with_cinder.then(cinder::Cinder::prepare).transpose()?;
    let mut figures = Figures::default();
    println!("{}", Figures::HEADER);
    for &kind in options.kinds() {
        for &pools in &options.pools {
            let ground = Ground::new(kind, pools)?;
            let mut fastest = None;
            if options.measures(Stage::Choice) {
                for threads in [1, 2] {
                    let row = alone::measure(&ground, threads, time)?;
                    fastest.get_or_insert(row.per_second);
                    figures.print(row);
                }
            }
            for stage in [Stage::Sqlite, Stage::Postgres] {
                if options.measures(stage) {
                    figures.print(admitted::measure(&ground, stage, time)?);
                }
            }
            if let Some(cinder) = &mut cinder {
                match cinder.measure(&ground, time, fastest)? {
                    Some((row, agreement)) => {
                        figures.print(row);
                        figures.agree(agreement);
                    }
                    None => figures.leave_out(&ground, "Cinder 29.0.0: minutes for each decision"),
                }
            }
        }
    }
    print!("{}", figures.conclusion());
    Ok(if figures.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `ashlar scheduler`: chooses pools, and keeps house. Several may run on one database.

use std::collections::HashMap;

use super::on_threads;
use crate::cli::Global;
use crate::config::Settings;
use crate::process::lock;
use crate::process::shared::{Shared, service};
use crate::process::work::Work;
use crate::shutdown;
use crate::telemetry::levels::{Following, Roles};
use crate::telemetry::log;

/// Works until told to stop.
pub(crate) fn run(global: &Global) -> anyhow::Result<()> {
    let loaded = global.load(Vec::new())?;
    let log = log::start(&loaded, global.log_format, "scheduler")?;
    on_threads(work(&loaded.settings, log))
}

async fn work(settings: &Settings, log: log::Control) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let opening = Shared::open_shared(settings);
    let Some(shared) = shutdown::unless(&stop, opening).await? else { return Ok(()) };
    let scheduler = shared.scheduler(settings).await?;
    let name = service("scheduler", &settings.host);
    let roles = Roles { api: false, scheduler: true, volume: false };
    let following =
        Following::begin((&shared.db, &shared.clock), settings, (&name, roles), log).await?;
    let runner = shared.runner(name, Some(scheduler.context()), HashMap::new());
    let lock = lock::join(settings, "scheduler", shared.take_up(&runner)).await?;

    let mut work = Work::new();
    let told = work.stop();
    work.add("levels of the log", async move { following.run(told).await });
    let told = work.stop();
    work.add("runner", async move { runner.run(told).await });
    let told = work.stop();
    work.add("scheduler", async move { scheduler.run(told).await });
    super::print::ready(&format!("ashlar scheduler ready: {}", settings.host));
    work.run_behind(stop.cancelled_owned()).await?;
    drop(lock);
    shared.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

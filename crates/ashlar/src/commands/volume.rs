//! `ashlar volume`: serves the backends of this node.

use std::sync::Arc;

use super::on_threads;
use crate::cli::Global;
use crate::config::Settings;
use crate::process::backends::Backends;
use crate::process::lock;
use crate::process::shared::{Shared, service};
use crate::process::work::Work;
use crate::shutdown;
use crate::telemetry::levels::{Following, Roles};
use crate::telemetry::log;

/// Works until told to stop.
pub(crate) fn run(global: &Global) -> anyhow::Result<()> {
    let loaded = global.load(Vec::new())?;
    loaded.ensure_backends_are_named()?;
    let log = log::start(&loaded, global.log_format, "volume")?;
    on_threads(work(&loaded.settings, log))
}

async fn work(settings: &Settings, log: log::Control) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let opening = Shared::open_shared(settings);
    let Some(shared) = shutdown::unless(&stop, opening).await? else { return Ok(()) };
    let shared = Arc::new(shared);
    let backends = Backends::start(&shared, settings).await?;
    let name = service("volume", &settings.host);
    let roles = Roles { api: false, scheduler: false, volume: true };
    let following =
        Following::begin((&shared.db, &shared.clock), settings, (&name, roles), log).await?;
    let runner = shared.runner(name.clone(), None, backends.ready.contexts());
    let lock = lock::join(settings, "volume", shared.take_up(&runner)).await?;

    let mut work = Work::new();
    let told = work.stop();
    work.add("levels of the log", async move { following.run(told).await });
    let told = work.stop();
    work.add("runner", async move { runner.run(told).await });
    backends.run(&shared, &name, &mut work);
    let names: Vec<_> = settings.backends.iter().map(|backend| backend.name.as_str()).collect();
    super::print::ready(&format!("ashlar volume ready: {}", names.join(", ")));
    work.run_behind(stop.cancelled_owned()).await?;
    drop(lock);
    shared.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

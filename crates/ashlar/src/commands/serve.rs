//! `ashlar serve`: every role in one process.
//!
//! The API stops first and lets running requests end; the runner then brings what is under way to a rest and
//! gives up its claims; what is left is resumed by the next start.

use std::sync::Arc;

use ashlar_api::policy::Enforcer;

use super::on_threads;
use crate::cli::{Global, ServeArgs};
use crate::config::Settings;
use crate::process::api::{self, Door};
use crate::process::backends::Backends;
use crate::process::shared::{Shared, service};
use crate::process::work::Work;
use crate::shutdown;
use crate::telemetry::levels::{Following, Roles};
use crate::telemetry::log;

/// Serves until told to stop.
pub(crate) fn run(global: &Global, args: &ServeArgs) -> anyhow::Result<()> {
    let loaded = global.load(args.flags())?;
    loaded.ensure_private(args.let_anyone_on_the_network_administer)?;
    let log = log::start(&loaded, global.log_format, "serve")?;
    on_threads(serve(&loaded.settings, loaded.open_policy()?, log))
}

async fn serve(settings: &Settings, policy: Enforcer, log: log::Control) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let opening = Shared::open_alone(settings);
    let Some(shared) = shutdown::unless(&stop, opening).await? else { return Ok(()) };
    let shared = Arc::new(shared);
    let door = Door::open(settings)?;
    let backends = Backends::start(&shared, settings).await?;
    let scheduler = shared.scheduler(settings).await?;
    let name = service("serve", &settings.host);
    let runner = shared.runner(name.clone(), Some(scheduler.context()), backends.ready.contexts());
    shared.take_up(&runner).await?;
    let roles = Roles { api: true, scheduler: true, volume: true };
    let following =
        Following::begin((&shared.db, &shared.clock), settings, (&name, roles), log).await?;
    let app = api::app(&shared, settings, policy, Some(runner.clone()), following.own())?;

    let mut work = Work::new();
    let told = work.stop();
    work.add("runner", async move { runner.run(told).await });
    let told = work.stop();
    work.add("scheduler", async move { scheduler.run(told).await });
    let told = work.stop();
    work.add("levels of the log", async move { following.run(told).await });
    backends.run(&shared, &name, &mut work);
    door.tell(settings);
    work.run_behind(door.serve(app, stop)).await?;
    shared.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

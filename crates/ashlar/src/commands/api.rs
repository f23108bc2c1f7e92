//! `ashlar api`: the API alone. It accepts; schedulers and volume services on the same database do the work.

use ashlar_api::policy::Enforcer;

use super::on_threads;
use crate::cli::{Global, ServeArgs};
use crate::config::Settings;
use crate::process::api::{self, Door};
use crate::process::shared::{Shared, service};
use crate::process::work::Work;
use crate::shutdown;
use crate::telemetry::levels::{Following, Roles};
use crate::telemetry::log;

/// Serves until told to stop.
pub(crate) fn run(global: &Global, args: &ServeArgs) -> anyhow::Result<()> {
    let loaded = global.load(args.flags())?;
    loaded.ensure_private(args.let_anyone_on_the_network_administer)?;
    let log = log::start(&loaded, global.log_format, "api")?;
    on_threads(serve(&loaded.settings, loaded.open_policy()?, log))
}

async fn serve(settings: &Settings, policy: Enforcer, log: log::Control) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let opening = Shared::open_shared(settings);
    let Some(shared) = shutdown::unless(&stop, opening).await? else { return Ok(()) };
    let door = Door::open(settings)?;
    let name = service("api", &settings.host);
    let roles = Roles { api: true, scheduler: false, volume: false };
    let following =
        Following::begin((&shared.db, &shared.clock), settings, (&name, roles), log).await?;
    let app = api::app(&shared, settings, policy, None, following.own())?;
    let mut work = Work::new();
    let told = work.stop();
    work.add("levels of the log", async move { following.run(told).await });
    door.tell(settings);
    work.run_behind(door.serve(app, stop)).await?;
    shared.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

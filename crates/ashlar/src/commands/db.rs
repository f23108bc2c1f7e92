//! `ashlar db`: the tables.

use ashlar_db::{DatabaseUrl, migrate};

use super::{connect, on_threads, print};
use crate::cli::{DbCommand, Global};
use crate::config::Settings;
use crate::telemetry::log;

/// Runs the command and prints one line to standard output.
pub(crate) fn run(global: &Global, command: &DbCommand) -> anyhow::Result<()> {
    let loaded = global.load(Vec::new())?;
    log::start(&loaded, global.log_format, "db")?;
    let settings = &loaded.settings;
    let line = on_threads(async {
        match command {
            DbCommand::Sync => sync(settings).await,
            DbCommand::Version => version(settings).await,
        }
    })?;
    print::text(&format!("{}: {line}\n", settings.database.url))
}

async fn sync(settings: &Settings) -> anyhow::Result<String> {
    let db = connect(settings).await?;
    let report = migrate::sync(&db).await?;
    db.close().await;
    Ok(match report.is_unchanged() {
        true => format!("{}; nothing was missing", report.after),
        false => format!("{}; before: {}", report.after, report.before),
    })
}

async fn version(settings: &Settings) -> anyhow::Result<String> {
    if let DatabaseUrl::Sqlite(path) = &settings.database.url
        && !path.exists()
    {
        // Connecting would make the file.
        return Ok("there is no such file".to_owned());
    }
    let db = connect(settings).await?;
    let version = migrate::version(&db).await?;
    db.close().await;
    Ok(version.to_string())
}

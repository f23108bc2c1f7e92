//! Keeping what a backend offers to hosts in step with the tables, whatever restarts.

use ashlar_db::{DbError, attachments, volumes};
use ashlar_drivers::{DriverError, VolumeRef};
use ashlar_flow::TaskError;
use ashlar_types::{Gib, PoolName, VolumeId};
use futures::StreamExt as _;

use super::connect::is_connected;
use crate::VolumeContext;
use crate::classify::database;

/// Volumes that are seen to at the same time.
const AT_ONCE: usize = 4;

/// A volume as the driver knows it, and as we do.
#[derive(Debug)]
pub(crate) struct Named<'a> {
    pub(crate) volume: VolumeId,
    pub(crate) name: &'a str,
    pub(crate) pool: &'a PoolName,
    pub(crate) size: Gib,
}

impl Named<'_> {
    /// For a call of the driver.
    pub(crate) fn reference(&self) -> VolumeRef<'_> {
        VolumeRef { name: self.name, pool: self.pool.pool().unwrap_or_default(), size: self.size }
    }
}

/// Seeing to one volume failed.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error(transparent)]
    Driver(#[from] DriverError),
}

/// Makes sure that the backend offers each volume that hosts use, as the tables say, and none that it should not offer
/// any more. For the start of a backend (`first`), and from time to time, since the target software may be started anew
/// while we run; where it cannot, only what is still to be withdrawn is looked for again. What fails is logged and tried
/// again the next time.
///
/// # Errors
/// [`DbError`]: the volumes cannot be listed.
pub async fn see_to(cx: &VolumeContext, first: bool) -> Result<(), DbError> {
    let mut tx = cx.db.read().await?;
    let needing = if first || cx.driver.exports_can_vanish() {
        volumes::needing_export(&mut tx, &cx.backend).await?
    } else {
        Vec::new()
    };
    let owing = volumes::owing_withdrawal(&mut tx, &cx.backend).await?;
    drop(tx);
    let needed = futures::stream::iter(needing).for_each_concurrent(AT_ONCE, async |volume| {
        if let Err(error) = offer_again(cx, volume).await {
            tracing::error!(%volume, backend = %cx.backend, %error, "a volume in use is not offered to its hosts");
        }
    });
    needed.await;
    let owed = futures::stream::iter(owing).for_each_concurrent(AT_ONCE, async |volume| {
        if let Err(error) = withdraw_again(cx, volume).await {
            tracing::warn!(%volume, backend = %cx.backend, %error, "a volume is still offered to hosts");
        }
    });
    owed.await;
    Ok(())
}

async fn offer_again(cx: &VolumeContext, id: VolumeId) -> Result<(), Trouble> {
    let _turn = cx.turns.take(id).await;
    // Only now that it is our turn the tables say what is true.
    let mut tx = cx.db.read().await?;
    let Some(volume) = volumes::get(&mut tx, id).await? else { return Ok(()) };
    let Some(pool) = &volume.host else { return Ok(()) };
    if !volumes::needs_export(&mut tx, id).await? {
        return Ok(());
    }
    let kept = volumes::export(&mut tx, id).await?;
    let users = attachments::details_of_volume(&mut tx, id).await?;
    drop(tx);
    let name = volume.backend_name();
    let named = Named { volume: id, name: &name, pool, size: volume.size };
    let export = cx.driver.ensure_export(named.reference(), kept.as_ref()).await?;
    if let Some(export) = export.as_ref().filter(|export| Some(*export) != kept.as_ref()) {
        let now = cx.clock.now();
        let written: Result<_, DbError> = ashlar_db::transact!(cx.db, tx =>
            volumes::keep_export_if_needed(tx, id, export, now).await);
        written?;
    }
    // Where hosts are let in by their names, both sides may have forgotten whom.
    let export = export.or(kept);
    for connector in
        users.iter().filter(|it| is_connected(it)).filter_map(|it| it.connector.as_ref())
    {
        cx.driver.connect(named.reference(), export.as_ref(), connector).await?;
    }
    Ok(())
}

async fn withdraw_again(cx: &VolumeContext, id: VolumeId) -> Result<(), Trouble> {
    let volume = volumes::get(&mut cx.db.read().await?, id).await?;
    let Some(volume) = volume else { return Ok(()) };
    let Some(pool) = &volume.host else { return Ok(()) };
    let name = volume.backend_name();
    withdraw(cx, &Named { volume: id, name: &name, pool, size: volume.size }).await
}

/// The backend offers the volume no more, if the tables say that it should not.
async fn withdraw(cx: &VolumeContext, named: &Named<'_>) -> Result<(), Trouble> {
    let _turn = cx.turns.take(named.volume).await;
    if !volumes::owes_withdrawal(&mut cx.db.read().await?, named.volume).await? {
        return Ok(());
    }
    cx.driver.destroy_export(named.reference()).await?;
    let now = cx.clock.now();
    let written: Result<_, DbError> =
        ashlar_db::transact!(cx.db, tx => volumes::withdrawn(tx, named.volume, now).await);
    Ok(written?)
}

/// As [`withdraw`]; what the backend cannot do now is left to [`see_to`], so that nobody waits for it.
pub(crate) async fn withdraw_or_leave(
    cx: &VolumeContext,
    named: &Named<'_>,
) -> Result<(), TaskError> {
    match withdraw(cx, named).await {
        Ok(()) => Ok(()),
        Err(Trouble::Database(error)) => Err(database(error)),
        Err(Trouble::Driver(error)) => {
            tracing::warn!(volume = %named.volume, backend = %cx.backend, %error,
                "a volume is still offered to hosts; will be tried again");
            Ok(())
        }
    }
}

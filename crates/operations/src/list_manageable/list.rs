//! Listing, on the backend's own node.

use std::collections::HashMap;

use ashlar_db::{DbError, Tx, answers, snapshots, volumes};
use ashlar_drivers::{Manageable, Reference};
use ashlar_flow::TaskError;
use ashlar_types::{BackendName, SnapshotId, VolumeId};

use super::{Item, Of, State, Told};
use crate::classify::database;
use crate::manage::{snapshot_in, volume_in};
use crate::submit::computed;
use crate::{Doing, Done, VolumeContext};

/// Cinder's word for what is ours.
const MANAGED: &str = "already managed";

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut all = in_time(cx, state).await?;
        if let Some(pool) = &state.pool {
            all.retain(|it| it.pool == *pool);
        }
        let page = state.page.clone();
        // There may be very many of them.
        let told = match computed(move || page.of(all)).await {
            None => Told::NoMarker,
            Some(page) => {
                let mut tx = cx.db.read().await.map_err(database)?;
                let items = match state.of {
                    Of::Volumes => as_volumes(&mut tx, &cx.backend, page).await,
                    Of::Snapshots => as_snapshots(&mut tx, page).await,
                };
                Told::Items(items.map_err(database)?)
            }
        };
        let body = serde_json::to_string(&told).map_err(|error| TaskError::Broken(error.into()))?;
        let mut tx = cx.db.begin().await.map_err(database)?;
        answers::put(&mut tx, state.flow, &body, cx.clock.now()).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// All that the backend has, unless it takes longer than anybody waits.
async fn in_time(cx: &VolumeContext, state: &State) -> Result<Vec<Manageable>, TaskError> {
    let left = state.until.since(cx.clock.now());
    let late = || TaskError::Broken("nobody waits for the answer any more".into());
    if left.is_zero() {
        return Err(late());
    }
    let listing = cx.driver.list_manageable(state.of.kind());
    let listed = tokio::time::timeout(left, listing).await.map_err(|_| late())?;
    listed.map_err(|error| {
        if error.is_retryable() {
            TaskError::Retry(error.into())
        } else {
            TaskError::Broken(error.into())
        }
    })
}

fn item(found: Manageable) -> Item {
    Item {
        reference: found.reference,
        size: found.size,
        reason_not_safe: found.unfit,
        cinder_id: None,
        extra_info: found.extra_info,
        source_reference: None,
    }
}

/// Marks those that are volumes of ours.
async fn as_volumes(
    tx: &mut Tx,
    backend: &BackendName,
    page: Vec<Manageable>,
) -> Result<Vec<Item>, DbError> {
    let id_of = |it: &Manageable| volume_in(it.reference.source_name());
    let ids: Vec<VolumeId> = page.iter().filter_map(id_of).collect();
    let ours = volumes::named(tx, backend, &ids).await?;
    let items = page.into_iter().map(|found| {
        let owner = id_of(&found).and_then(|id| ours.get(&id));
        let mut item = item(found);
        if let Some(owner) = owner {
            item.reason_not_safe = Some(MANAGED.to_owned());
            item.cinder_id = Some(owner.to_string());
        }
        item
    });
    Ok(items.collect())
}

/// Marks those that are snapshots of ours, and says of which volumes they are or were.
async fn as_snapshots(tx: &mut Tx, page: Vec<Manageable>) -> Result<Vec<Item>, DbError> {
    let id_of = |it: &Manageable| snapshot_in(it.reference.source_name());
    let ids: Vec<SnapshotId> = page.iter().filter_map(id_of).collect();
    let known = snapshots::known(tx, &ids).await?;
    let volumes: Vec<VolumeId> = known.values().map(|it| it.volume).collect();
    let names: HashMap<VolumeId, String> = volumes::get_many(tx, &volumes)
        .await?
        .into_iter()
        .map(|volume| (volume.id, volume.backend_name()))
        .collect();
    let items = page.into_iter().map(|found| {
        let id = id_of(&found);
        let known = id.and_then(|id| known.get(&id));
        let mut item = item(found);
        if let Some(known) = known {
            let name = names.get(&known.volume).cloned();
            let name = name.unwrap_or_else(|| format!("volume-{}", known.volume));
            item.source_reference = Reference::named(&name).ok();
            if known.lives {
                item.reason_not_safe = Some(MANAGED.to_owned());
                item.cinder_id = id.map(|id| id.to_string());
            }
        }
        item
    });
    Ok(items.collect())
}

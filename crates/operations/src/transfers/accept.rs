//! Accepting an offer: volume, snapshots and the quota for them go to another project, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use ashlar_db::{DbError, Tx, quotas, transact, transfers, volume_types, volumes};
use ashlar_types::quota::{Delta, snapshot_deltas, volume_deltas};
use ashlar_types::{
    Caller, Snapshot, SnapshotStatus, Timestamp, Transfer, TransferId, Volume, VolumeStatus,
    VolumeTypeId,
};

use super::{auth_key, conditions, missing};
use crate::notify::{By, From, Letters, events};
use crate::{ApiContext, OverQuota, Refusal, Settings};

/// Accepts the offer for the caller's project, if `key` is its key.
///
/// # Errors
/// 404; 400 for a wrong key, or a volume or snapshot in no state for it; 413 when the project may not have
/// so much. Nothing is written then.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    id: TransferId,
    key: &str,
) -> Result<Transfer, Refusal> {
    Refusal::without_project(caller)?;
    let now = cx.clock.now();
    let db = &cx.db;
    transact!(db, tx => store(tx, &cx.settings, caller, (id, key), now).await)
}

async fn store(
    tx: &mut Tx,
    settings: &Settings,
    caller: &Caller,
    (id, key): (TransferId, &str),
    now: Timestamp,
) -> Result<Transfer, Refusal> {
    let found = transfers::get(tx, id, None).await?.ok_or_else(|| missing(id))?;
    let volume = volumes::get_for_update(tx, found.volume_id).await?;
    // Another may have accepted it, or it may have been taken back, while the volume's row was not ours.
    let sealed = transfers::get_for_update(tx, id).await?;
    let (transfer, seal) = sealed.ok_or_else(|| missing(id))?;
    if !auth_key::opens(&seal, key) {
        return Err(Refusal::Invalid(format!(
            "Invalid auth key: Attempt to transfer {id} with invalid auth key."
        )));
    }
    let volume = volume.ok_or_else(|| Refusal::no_volume(transfer.volume_id))?;
    check(&volume, id)?;
    let snapshots = if transfer.no_snapshots {
        Vec::new()
    } else {
        transfers::snapshots_for_update(tx, volume.id).await?
    };
    conditions::check_snapshots(&volume, &snapshots)?;
    check_statuses(&snapshots, id)?;
    conditions::ensure_unconnected(tx, &volume).await?;
    conditions::ensure_at_rest(tx, &volume, &snapshots).await?;
    let mut letters = Letters::new(settings, now);
    letters.volume(tx, volume.id, From::Here, &[events::TRANSFER_ACCEPT_START]).await?;
    move_quota(tx, settings, caller, (&volume, &snapshots), now).await?;
    let owner = (caller.project_id.as_str(), caller.user_id.as_str());
    if !transfers::give_volume(tx, volume.id, owner, now).await? {
        return Err(not_awaiting(id, &volume));
    }
    if !transfer.no_snapshots {
        transfers::give_snapshots(tx, volume.id, (&volume.project_id, owner), now).await?;
    }
    transfers::accept(tx, id, &caller.project_id, now).await?;
    letters.volume(tx, volume.id, From::Here, &[events::TRANSFER_ACCEPT_END]).await?;
    letters.post(tx, &By::caller(caller), now).await?;
    Ok(transfer)
}

/// The volume can change hands. Cinder answers 400 otherwise.
fn check(volume: &Volume, id: TransferId) -> Result<(), Refusal> {
    if volume.consistencygroup_id.is_some() {
        return Err(Refusal::invalid_volume(format!(
            "Volume {} must not be part of a consistency group.",
            volume.id
        )));
    }
    conditions::check_ungrouped(volume)?;
    match volume.status {
        VolumeStatus::AwaitingTransfer => conditions::check_key(volume),
        VolumeStatus::Maintenance => {
            Err(Refusal::invalid_volume("The volume cannot accept transfer in maintenance mode."))
        }
        _ => Err(not_awaiting(id, volume)),
    }
}

fn not_awaiting(id: TransferId, volume: &Volume) -> Refusal {
    Refusal::invalid_volume(format!(
        "Transfer {id}: Volume id {} expected in awaiting-transfer state.",
        volume.id
    ))
}

fn check_statuses(snapshots: &[Snapshot], id: TransferId) -> Result<(), Refusal> {
    match snapshots.iter().find(|snapshot| snapshot.status != SnapshotStatus::Available) {
        None => Ok(()),
        Some(busy) => Err(Refusal::invalid_snapshot(format!(
            "Transfer {id}: Snapshot {} is not in the expected available state.",
            busy.id
        ))),
    }
}

/// Gives the quota back to those who have the things now and takes it from the caller's project.
async fn move_quota(
    tx: &mut Tx,
    settings: &Settings,
    caller: &Caller,
    (volume, snapshots): (&Volume, &[Snapshot]),
    now: Timestamp,
) -> Result<(), Refusal> {
    let limits = &settings.limits;
    let (project, size) = (&caller.project_id, volume.size.signed());
    let limit = quotas::limit_of(tx, project, "per_volume_gigabytes", limits).await?;
    if limit >= 0 && size > limit {
        return Err(OverQuota::PerVolume { size, limit }.into());
    }
    let names = type_names(tx, volume, snapshots).await?;
    let no_gigabytes = settings.no_snapshot_gb_quota;
    for (owner, deltas) in changes(project, (volume, snapshots), &names, no_gigabytes) {
        if owner == project {
            quotas::take(tx, project, &deltas, limits, now).await??;
        } else {
            quotas::give_back(tx, owner, &deltas, now).await?;
        }
    }
    Ok(())
}

/// The names under which the things count, which stay so until the transaction ends.
async fn type_names(
    tx: &mut Tx,
    volume: &Volume,
    snapshots: &[Snapshot],
) -> Result<BTreeMap<VolumeTypeId, String>, DbError> {
    let mut types: BTreeSet<VolumeTypeId> = volume.volume_type_id.into_iter().collect();
    types.extend(snapshots.iter().filter_map(|snapshot| snapshot.volume_type_id));
    let mut names = BTreeMap::new();
    for id in types {
        if let Some(name) = volume_types::keep_name(tx, id).await? {
            names.insert(id, name);
        }
    }
    Ok(names)
}

/// What `receiver` takes and what the others give back, all as positive amounts, by project in the order of locking.
/// What is the receiver's already, or counts for nobody, does not appear.
fn changes<'a>(
    receiver: &'a str,
    (volume, snapshots): (&'a Volume, &'a [Snapshot]),
    names: &BTreeMap<VolumeTypeId, String>,
    no_snapshot_gigabytes: bool,
) -> BTreeMap<&'a str, Vec<Delta>> {
    let name = |id: Option<VolumeTypeId>| id.and_then(|id| names.get(&id)).map(String::as_str);
    let mut changes: BTreeMap<&str, Vec<Delta>> = BTreeMap::new();
    let mut add = |owner: &'a str, deltas: Vec<Delta>| {
        if owner != receiver {
            changes.entry(receiver).or_default().extend(deltas.clone());
            changes.entry(owner).or_default().extend(deltas);
        }
    };
    if volume.use_quota {
        let deltas = volume_deltas(1, volume.size.signed(), name(volume.volume_type_id));
        add(&volume.project_id, deltas);
    }
    for snapshot in snapshots.iter().filter(|snapshot| snapshot.use_quota) {
        let (size, name) = (snapshot.volume_size.signed(), name(snapshot.volume_type_id));
        add(&snapshot.project_id, snapshot_deltas(1, size, name, no_snapshot_gigabytes));
    }
    changes
}

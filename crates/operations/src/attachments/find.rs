//! Looking up what a request is about, for the caller who may see it.

use std::collections::BTreeMap;

use ashlar_db::attachments::{self, AttachmentDetail};
use ashlar_db::metadata::{self, Of};
use ashlar_db::{DbError, Tx, services, volume_types, volumes};
use ashlar_types::{AttachmentId, BackendName, Caller, Volume, VolumeId, VolumeStatus};

use crate::{ApiContext, Refusal};

/// The volume, for a look.
pub(super) async fn volume(tx: &mut Tx, caller: &Caller, id: VolumeId) -> Result<Volume, Refusal> {
    visible(volumes::get(tx, id).await?, caller, id)
}

/// The volume, its row locked until the transaction ends.
pub(super) async fn locked(tx: &mut Tx, caller: &Caller, id: VolumeId) -> Result<Volume, Refusal> {
    visible(volumes::get_for_update(tx, id).await?, caller, id)
}

fn visible(found: Option<Volume>, caller: &Caller, id: VolumeId) -> Result<Volume, Refusal> {
    found.filter(|volume| caller.may_see(&volume.project_id)).ok_or_else(|| Refusal::no_volume(id))
}

/// The attachment. Cinder shows every attachment to whoever has some volume; here it is the volume's project that
/// counts.
pub(super) async fn attachment(
    tx: &mut Tx,
    caller: &Caller,
    id: AttachmentId,
) -> Result<AttachmentDetail, Refusal> {
    attachments::get(tx, id)
        .await?
        .filter(|found| caller.may_see(&found.project_id))
        .ok_or_else(|| Refusal::NoAttachment(id.to_string()))
}

/// The backend that has the volume, if it can be asked now: a request that waits for one that is down would wait in vain.
///
/// # Errors
/// 400 when it lives nowhere, 503 when its service is down.
pub(super) async fn backend(
    cx: &ApiContext,
    tx: &mut Tx,
    volume: &Volume,
) -> Result<BackendName, Refusal> {
    let Some(pool) = &volume.host else {
        return Err(Refusal::invalid_volume(
            "it has never been placed on a backend, so no host can be connected to it",
        ));
    };
    let backend = pool.backend();
    let service = services::volume_service(tx, &backend).await?;
    if service.is_some_and(|it| it.is_up(cx.clock.now(), cx.settings.service_down_time)) {
        return Ok(backend);
    }
    Err(Refusal::Unavailable(format!(
        "The service of the storage backend of volume {} is down. Nothing was done; try again later.",
        volume.id
    )))
}

/// An administrator has said that nobody may write to the volume.
pub(super) async fn is_read_only(tx: &mut Tx, id: VolumeId) -> Result<bool, DbError> {
    Ok(admin_metadata(tx, id).await?.get("readonly").is_some_and(|value| value == "True"))
}

/// What the house keeps of the volume beside its row.
pub(super) async fn admin_metadata(
    tx: &mut Tx,
    id: VolumeId,
) -> Result<BTreeMap<String, String>, DbError> {
    metadata::get(tx, Of::VolumeAdmin(id)).await
}

/// Several servers may have it at once: the volume says so, or its type.
pub(super) async fn may_be_shared(tx: &mut Tx, volume: &Volume) -> Result<bool, DbError> {
    if volume.multiattach {
        return Ok(true);
    }
    let volume_type = match volume.volume_type_id {
        Some(id) => volume_types::get(tx, id).await?,
        None => None,
    };
    Ok(volume_type.is_some_and(|it| it.spec_is_true("multiattach")))
}

/// Nothing may be attached to a volume that is going.
pub(super) const GOING: [VolumeStatus; 3] =
    [VolumeStatus::Deleting, VolumeStatus::ErrorDeleting, VolumeStatus::ErrorManagingDeleting];

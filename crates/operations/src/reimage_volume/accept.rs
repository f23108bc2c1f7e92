//! Accepting a reimage, in the API's process. The image is looked up in the user's name, and judged before anything is
//! written.

use ashlar_clients::ClientError;
use ashlar_clients::glance::{As, Image};
use ashlar_db::{Moved, Tx, attachments, flows, snapshots, transact, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::{Caller, FlowId, ImageId, SnapshotStatus, Volume, VolumeId, VolumeStatus};

use super::{REIMAGE_VOLUME, Snapshot, State};
use crate::images::{boot_snapshot, check, check_conversion};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The volume.
    pub volume_id: VolumeId,
    /// The image.
    pub image: ImageId,
    /// The statuses that allow it: `reserved` for who said so and may, else [`VolumeStatus::REIMAGEABLE`].
    pub from: &'static [VolumeStatus],
}

/// Accepts the reimage, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written. As in Cinder 404 without such an image, 409 when several servers have the volume, and
/// 400 when a status does not allow it or the image does not fit; also 409 while a host may use the volume.
pub async fn accept(cx: &ApiContext, caller: &Caller, request: Request) -> Result<(), Refusal> {
    let image = find(cx, caller, request.image).await?;
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let asked = (&request, &image, flow);
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, asked, &place).await)?;
        cx.start_flow(&new, place);
        Ok(())
    })
    .await
}

async fn find(cx: &ApiContext, caller: &Caller, id: ImageId) -> Result<Image, Refusal> {
    let images = cx.images.as_deref();
    let images = images.ok_or_else(|| Refusal::Invalid("Glance is not configured.".to_owned()))?;
    images.glance.show(As::User(&caller.token), id).await.map_err(|error| match error {
        ClientError::NotFound { .. } => Refusal::NotFound { kind: "Image", id: id.to_string() },
        _ => {
            let request = &caller.request_id;
            tracing::warn!(%error, request, image = %id, "an image cannot be looked up");
            Refusal::Unavailable(format!("Image {id} cannot be looked up at present."))
        }
    })
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (request, image, flow): (&Request, &Image, FlowId),
    place: &Place,
) -> Result<NewFlow, Refusal> {
    let (id, now) = (request.volume_id, cx.clock.now());
    let volume = volumes::get_for_update(tx, id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(id))?;
    if attachments::of_volume(tx, id).await?.len() > 1 {
        return Err(Refusal::Conflict(
            "Cannot re-image a volume which is attached to more than one server.".to_owned(),
        ));
    }
    let to = VolumeStatus::Downloading;
    match volumes::begin_keeping(tx, id, request.from, to, now).await? {
        Moved::Done => {}
        Moved::Gone => return Err(Refusal::no_volume(id)),
        Moved::Refused { now } => return Err(wrong_status(id, now, request.from)),
    }
    if volumes::needs_export(tx, id).await? {
        // Cinder would change the volume under it.
        return Err(Refusal::Conflict(format!(
            "Cannot re-image volume {id}: a host is connected to it."
        )));
    }
    let under_way = flows::under_way(tx, &id.to_string()).await?;
    if under_way.iter().any(|flow| flow.name == REIMAGE_VOLUME.name) {
        // Only after a reset of the status.
        return Err(Refusal::invalid_volume(format!("Volume {id} is still being re-imaged.")));
    }
    let pool = volume.host.clone().ok_or_else(|| {
        Refusal::invalid_volume("it has never been placed on a backend, so it cannot be re-imaged")
    })?;
    let state = State {
        flow,
        volume: id,
        project_id: volume.project_id.clone(),
        request_id: caller.request_id.clone(),
        name: volume.backend_name(),
        pool,
        size: volume.size,
        snapshot: judge(cx, tx, caller, (image, &volume)).await?,
        image: Box::new(image.clone()),
    };
    let subject = subjects::volume(id, &volume.project_id, caller);
    let mut new = REIMAGE_VOLUME.new_row(flow, &state, subject, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(new)
}

/// The image must be active and fit. One that is Nova's record of a server's volumes stands for the snapshot that the
/// server boots from, which must be at hand for the volume's own backend.
async fn judge(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (image, volume): (&Image, &Volume),
) -> Result<Option<Snapshot>, Refusal> {
    let id = match boot_snapshot(image) {
        Some(Ok(id)) => id,
        Some(Err(text)) => return Err(Refusal::no_snapshot(text)),
        None => {
            check(image, volume.size)?;
            let format = image.disk_format.as_deref().unwrap_or_default();
            check_conversion(cx.images.as_deref(), format)?;
            return Ok(None);
        }
    };
    let snapshot = snapshots::get_for_update(tx, id).await?;
    let snapshot = snapshot
        .filter(|snapshot| caller.may_see(&snapshot.project_id))
        .ok_or_else(|| Refusal::no_snapshot(id))?;
    let source = volumes::get(tx, snapshot.volume_id).await?;
    let source = source.ok_or_else(|| Refusal::no_volume(snapshot.volume_id))?;
    if image.status != "active" {
        return Err(Refusal::invalid_input(format!("Image {} is not active.", image.id)));
    }
    if snapshot.volume_size > volume.size || volume.size.0 < image.min_disk {
        return Err(Refusal::Invalid(format!(
            "Volume size must be greater than the image size. (Image: {}, Volume: {}).",
            snapshot.volume_size.0.max(image.min_disk),
            volume.size.0
        )));
    }
    if snapshot.status != SnapshotStatus::Available {
        return Err(Refusal::invalid_snapshot(format!("Snapshot {id} status must be available.")));
    }
    if source.host != volume.host {
        return Err(Refusal::invalid_snapshot(format!(
            "Snapshot {id}, for which the image stands, is on another backend than the volume."
        )));
    }
    Ok(Some(Snapshot {
        id: Some(id),
        name: snapshot.backend_name(),
        volume_name: source.backend_name(),
        size: snapshot.volume_size,
    }))
}

fn wrong_status(id: VolumeId, now: VolumeStatus, from: &[VolumeStatus]) -> Refusal {
    let allowed: Vec<&str> = from.iter().map(|status| status.as_str()).collect();
    Refusal::invalid_volume(format!(
        "Volume {id} status must be {}, but current status is {now}.",
        allowed.join(" or ")
    ))
}

//! Accepting an upload, in the API's process. The image's record is made first, in the user's name: it belongs to their
//! project, and Glance judges what they may do. Then the volume's status and the flow are written.

use std::sync::Arc;

use ashlar_clients::ClientError;
use ashlar_clients::glance::{As, Image, NewImage};
use ashlar_db::metadata::{self, Of};
use ashlar_db::{Moved, Tx, transact, volume_types, volumes};
use ashlar_flow::NewFlow;
use ashlar_images::Format;
use ashlar_types::{Caller, FlowId, ImageId, Volume, VolumeId, VolumeStatus, VolumeType};

use super::{State, UPLOAD_VOLUME};
use crate::images::{check_conversion, of_volume};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Images, Refusal, subjects};

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The volume.
    pub volume_id: VolumeId,
    /// Name of the image.
    pub image_name: String,
    /// Glance's name for its format.
    pub disk_format: String,
    /// Its container; `bare` is what we can make.
    pub container_format: String,
    /// Who may see it; Glance's default when not said.
    pub visibility: Option<String>,
    /// It cannot be deleted.
    pub protected: bool,
    /// A volume in use will do, if `enable_force_upload` allows that.
    pub force: bool,
}

/// An upload that was accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The volume as it then stands.
    pub volume: Volume,
    /// Its type.
    pub volume_type: Option<VolumeType>,
    /// The image's record.
    pub image: Image,
}

/// Accepts the upload, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written, and no image is left. What Glance refuses is a 400, as in Cinder.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    request: Request,
) -> Result<Accepted, Refusal> {
    let (cx, caller) = (cx.clone(), caller.clone());
    to_the_end(async move { accept_it(&cx, &caller, request).await }).await
}

async fn accept_it(
    cx: &ApiContext,
    caller: &Caller,
    request: Request,
) -> Result<Accepted, Refusal> {
    let images = cx.images.clone();
    let images = images.ok_or_else(|| Refusal::Invalid("Glance is not configured.".to_owned()))?;
    check_formats(&request)?;
    check_conversion(Some(&images), &request.disk_format)?;
    let force = request.force && cx.settings.enable_force_upload;
    let from: &[VolumeStatus] = if force {
        &[VolumeStatus::Available, VolumeStatus::InUse]
    } else {
        &[VolumeStatus::Available]
    };
    let mut tx = cx.db.read().await?;
    let volume = require(&mut tx, caller, request.volume_id).await?;
    if !from.contains(&volume.status) {
        return Err(wrong_status(&volume, from));
    }
    let kept = metadata::get(&mut tx, Of::VolumeImage(volume.id)).await?;
    let volume_type = match volume.volume_type_id {
        Some(id) => volume_types::get(&mut tx, id).await?,
        None => None,
    };
    drop(tx);
    let (core, reserved) =
        (&cx.settings.glance_core_properties, &cx.settings.reserved_image_namespaces);
    let new = NewImage {
        id: ImageId::random(),
        name: request.image_name,
        disk_format: request.disk_format,
        container_format: request.container_format,
        visibility: request.visibility,
        protected: request.protected,
        min_disk: 0,
        min_ram: 0,
        properties: of_volume(kept, core, reserved),
    };
    let image = make(&images, caller, &new).await?;
    let (flow, place) = (FlowId::fresh(), cx.place());
    let wanted = (volume.id, flow, &new);
    let stored = transact!(cx.db, tx => store(cx, tx, caller, wanted, from, &place).await);
    match stored {
        Ok((flow, volume)) => {
            cx.start_flow(&flow, place);
            Ok(Accepted { volume, volume_type, image })
        }
        Err(refusal) => {
            give_up(&images, caller, &new).await;
            Err(refusal)
        }
    }
}

/// The image's record.
async fn make(images: &Arc<Images>, caller: &Caller, new: &NewImage) -> Result<Image, Refusal> {
    let made = images.glance.create(As::User(&caller.token), new).await;
    made.map_err(|error| {
        if !matches!(error, ClientError::Refused { .. }) {
            // It may be there: the answer came too late, or cannot be read. The client need not wait while a Glance
            // that is silent is asked once more.
            let (images, caller, new) = (Arc::clone(images), caller.clone(), new.clone());
            tokio::spawn(async move { give_up(&images, &caller, &new).await });
        }
        refused(&error)
    })
}

/// What we can make. Cinder fails on the rest after 202.
fn check_formats(request: &Request) -> Result<(), Refusal> {
    if request.container_format != "bare" {
        return Err(Refusal::Invalid(format!(
            "Container format '{}' is not supported for an upload; use 'bare'.",
            request.container_format
        )));
    }
    match request.disk_format.parse::<Format>() {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal::Invalid(format!("'{}': {error}", request.disk_format))),
    }
}

async fn require(tx: &mut Tx, caller: &Caller, id: VolumeId) -> Result<Volume, Refusal> {
    let volume = volumes::get(tx, id).await?;
    volume.filter(|volume| caller.may_see(&volume.project_id)).ok_or_else(|| Refusal::no_volume(id))
}

/// The one transaction.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, flow, new): (VolumeId, FlowId, &NewImage),
    from: &[VolumeStatus],
    place: &Place,
) -> Result<(NewFlow, Volume), Refusal> {
    let now = cx.clock.now();
    volumes::get_for_update(tx, id).await?;
    match volumes::begin_upload(tx, id, from, now).await? {
        Moved::Done => {}
        Moved::Gone => return Err(Refusal::no_volume(id)),
        Moved::Refused { .. } => {
            let volume = require(tx, caller, id).await?;
            return Err(wrong_status(&volume, from));
        }
    }
    let volume = require(tx, caller, id).await?;
    let pool = volume.host.clone().ok_or_else(|| {
        Refusal::invalid_volume("it has never been placed on a backend, so it has no content")
    })?;
    let state = State {
        flow,
        volume: id,
        project_id: volume.project_id.clone(),
        request_id: caller.request_id.clone(),
        name: volume.backend_name(),
        pool,
        size: volume.size,
        image: new.id,
        disk_format: new.disk_format.clone(),
        wait_until: None,
    };
    let subject = subjects::volume(id, &volume.project_id, caller);
    let mut flow = UPLOAD_VOLUME.new_row(flow, &state, subject, now);
    cx.store_next_flow(tx, &mut flow, place).await?;
    Ok((flow, volume))
}

fn wrong_status(volume: &Volume, from: &[VolumeStatus]) -> Refusal {
    let allowed: Vec<&str> = from.iter().map(|status| status.as_str()).collect();
    let allowed = allowed.join(" or ");
    Refusal::invalid_volume(format!("Volume {} status must be {allowed}", volume.id))
}

/// Cinder answers 400 for whatever Glance says. What else there is to say is for the operator.
fn refused(error: &ClientError) -> Refusal {
    tracing::warn!(%error, "no image is made for a volume");
    Refusal::Invalid(match error {
        ClientError::Refused { status, .. } => {
            format!("The image could not be created: Glance refuses it with status {status}.")
        }
        _ => "The image could not be created.".to_owned(),
    })
}

/// The record goes again. It has no content, so one that stays does little harm.
async fn give_up(images: &Arc<Images>, caller: &Caller, new: &NewImage) {
    let user = As::User(&caller.token);
    let unprotected = if new.protected {
        images.glance.update(user, new.id, &[("protected", false.into())]).await
    } else {
        Ok(())
    };
    let deleted = match unprotected {
        Ok(()) => images.glance.delete(user, new.id).await,
        Err(ClientError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = deleted {
        tracing::warn!(%error, image = %new.id, "an image without content stays in Glance");
    }
}

//! Finding the volume that a URL names, for the caller who may see it.

use ashlar_db::Tx;
use ashlar_db::volume_details::{self, VolumeDetail};
use ashlar_db::volumes;
use ashlar_types::Volume;

use crate::fault::Fault;
use crate::policy::Target;
use crate::request::Request;

/// The volume `{volume_id}` with all that hangs on it.
///
/// # Errors
/// 404 when it is not there, is another project's, or the caller lacks `volume:get`: who may not see a
/// volume does not learn that there is one.
pub async fn detail(request: &Request, tx: &mut Tx) -> Result<VolumeDetail, Fault> {
    let id = request.id("volume_id", "Volume")?;
    volume_details::get(tx, id)
        .await?
        .filter(|detail| is_seen(request, &detail.volume))
        .ok_or_else(|| not_found(request))
}

/// The volume `{volume_id}` alone.
///
/// # Errors
/// 404 as [`detail`].
pub async fn row(request: &Request, tx: &mut Tx) -> Result<Volume, Fault> {
    let id = request.id("volume_id", "Volume")?;
    volumes::get(tx, id)
        .await?
        .filter(|volume| is_seen(request, volume))
        .ok_or_else(|| not_found(request))
}

/// The volume `{volume_id}` alone, for endpoints whose own rule decides: Cinder loads it there without
/// asking for `volume:get`.
///
/// # Errors
/// 404 when it is not there or is another project's.
pub async fn row_by_own_rule(request: &Request, tx: &mut Tx) -> Result<Volume, Fault> {
    let id = request.id("volume_id", "Volume")?;
    volumes::get(tx, id)
        .await?
        .filter(|volume| request.caller.may_see(&volume.project_id))
        .ok_or_else(|| not_found(request))
}

/// What a rule about the volume may look at.
#[must_use]
pub fn target(volume: &Volume) -> Target<'_> {
    Target::of(&volume.project_id, &volume.user_id)
}

fn is_seen(request: &Request, volume: &Volume) -> bool {
    request.caller.may_see(&volume.project_id) && request.allows_on("volume:get", &target(volume))
}

fn not_found(request: &Request) -> Fault {
    Fault::not_found("Volume", request.param("volume_id"))
}

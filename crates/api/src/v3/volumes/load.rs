//! Finding the volume that a URL names, for the caller who may see it.

use ashlar_db::Tx;
use ashlar_db::volume_details::{self, VolumeDetail};
use ashlar_db::volumes;
use ashlar_types::{Volume, VolumeId};

use crate::fault::Fault;
use crate::request::Request;

/// The volume `{volume_id}` with all that hangs on it.
///
/// # Errors
/// 404 when it is not there, is another project's, or the caller lacks `volume:get`: who may not see a
/// volume does not learn that there is one.
pub async fn detail(request: &Request, tx: &mut Tx) -> Result<VolumeDetail, Fault> {
    let id = seen_id(request)?;
    volume_details::get(tx, id)
        .await?
        .filter(|detail| request.caller.may_see(&detail.volume.project_id))
        .ok_or_else(|| not_found(request))
}

/// The volume `{volume_id}` alone.
///
/// # Errors
/// 404 as [`detail`].
pub async fn row(request: &Request, tx: &mut Tx) -> Result<Volume, Fault> {
    let id = seen_id(request)?;
    volumes::get(tx, id)
        .await?
        .filter(|volume| request.caller.may_see(&volume.project_id))
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

/// The identity in the URL, for a caller who has `volume:get`.
fn seen_id(request: &Request) -> Result<VolumeId, Fault> {
    if !request.allows("volume:get") {
        return Err(not_found(request));
    }
    request.id("volume_id", "Volume")
}

fn not_found(request: &Request) -> Fault {
    Fault::not_found("Volume", request.param("volume_id"))
}

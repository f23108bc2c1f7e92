//! `os-set_bootable`: whether a server may boot from the volume.

use ashlar_db::{Tx, transact, volumes};
use ashlar_types::{Timestamp, VolumeId, VolumeStatus};
use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::request::Request;
use crate::v3::volumes::load;

pub(super) static BODY: Body = Body::new(&[(0, || {
    let flag = json!({ "bootable": pieces::boolean() });
    pieces::wrapped("os-set_bootable", pieces::object(flag, &["bootable"]))
})]);

/// Sets the flag. Unlike its fellows it answers 200, as in Cinder.
pub(super) async fn set_bootable(request: &Request) -> Outcome {
    let db = &request.app.db;
    let volume = load::row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    let wanted = request.object("os-set_bootable").get("bootable").and_then(pieces::truth);
    let wanted = wanted.ok_or_else(Fault::malformed_body)?;
    let now = db.engine().storable(request.app.clock.now());
    let set: Result<(), TxFault> = transact!(db, tx => set(tx, volume.id, wanted, now).await);
    set?;
    Ok(Answer::empty(StatusCode::OK))
}

async fn set(tx: &mut Tx, id: VolumeId, wanted: bool, now: Timestamp) -> Result<(), TxFault> {
    let Some(volume) = volumes::get_for_update(tx, id).await? else {
        return Err(Fault::not_found("Volume", id).into());
    };
    if volume.status == VolumeStatus::Maintenance {
        let reason = "The volume cannot be updated during maintenance.";
        return Err(Fault::invalid_state("volume", reason).into());
    }
    volumes::set_bootable(tx, id, wanted, now).await?;
    Ok(())
}

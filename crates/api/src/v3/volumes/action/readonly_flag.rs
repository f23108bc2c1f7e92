//! `os-update_readonly_flag`: whether attachments may write. Kept in the volume's admin metadata.

use ashlar_db::metadata::{self, Of};
use ashlar_db::{Tx, transact, volumes};
use ashlar_types::{Metadata, Timestamp, VolumeId, VolumeStatus};
use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::request::Request;
use crate::v3::volumes::load;

pub(super) static BODY: Body = Body::new(&[(0, || {
    let flag = json!({ "readonly": pieces::boolean() });
    pieces::wrapped("os-update_readonly_flag", pieces::object(flag, &["readonly"]))
})]);

/// Sets the flag of an available volume.
pub(super) async fn update(request: &Request) -> Outcome {
    let db = &request.app.db;
    let volume = load::row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    let wanted = request.object("os-update_readonly_flag").get("readonly").and_then(pieces::truth);
    // As Python prints booleans, which is what readers of the table look for.
    let text = if wanted.ok_or_else(Fault::malformed_body)? { "True" } else { "False" };
    let flag = Metadata::from([("readonly".to_owned(), text.to_owned())]);
    let now = db.engine().storable(request.app.clock.now());
    let set: Result<(), TxFault> = transact!(db, tx => set(tx, volume.id, &flag, now).await);
    set?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

async fn set(tx: &mut Tx, id: VolumeId, flag: &Metadata, now: Timestamp) -> Result<(), TxFault> {
    let Some(volume) = volumes::get_for_update(tx, id).await? else {
        return Err(Fault::not_found("Volume", id).into());
    };
    if volume.status != VolumeStatus::Available {
        let reason = format!(
            "Volume {id} status must be available to update readonly flag, but current status is: {}.",
            volume.status
        );
        return Err(Fault::invalid_state("volume", reason).into());
    }
    metadata::merge(tx, Of::VolumeAdmin(id), flag, now).await?;
    Ok(())
}

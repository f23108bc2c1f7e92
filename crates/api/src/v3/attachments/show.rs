//! `GET /attachments/{attachment_id}`.

use ashlar_db::metadata::{self, Of};

use super::load;
use super::view::Wrapped;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One attachment with everything, and with the format of the volume's file where the house keeps one.
pub(super) async fn show(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let attachment = load::detail(request, &mut tx).await?;
    let volume = metadata::get(&mut tx, Of::VolumeAdmin(attachment.attachment.volume_id)).await?;
    Ok(Answer::ok(&Wrapped::new(&attachment).with_format(volume.get("format"))))
}

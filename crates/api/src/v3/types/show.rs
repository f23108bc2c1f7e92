//! `GET /types/{type_id}` and `GET /types/default`.

use ashlar_db::volume_types::{self, Visibility};

use super::load;
use super::view::Shown;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::request::Request;

/// One type.
pub(super) async fn show(request: &Request) -> Outcome {
    let found = load::one(request, &mut request.app.db.read().await?).await?;
    request.authorize()?;
    Ok(Answer::ok(&Shown::in_full(request).wrapped(&found)))
}

/// The type that the caller's volumes get when none is asked for: the project's own default, else the
/// configured one.
pub(super) async fn default(request: &Request) -> Outcome {
    let caller = &request.caller;
    let mut tx = request.app.db.read().await?;
    let found = match volume_types::default_of_project(&mut tx, &caller.project_id).await? {
        Some(id) => volume_types::get_visible(&mut tx, id, &load::eyes(caller))
            .await?
            .ok_or_else(|| load::missing(&id.to_string()))?,
        None => {
            let configured = &request.app.operations.settings.default_volume_type;
            volume_types::get_by_name(&mut tx, configured, &Visibility::All).await?.ok_or_else(
                || Fault::new(FaultKind::NotFound, "Default volume type can not be found."),
            )?
        }
    };
    request.authorize()?;
    Ok(Answer::ok(&Shown::of_default(request).wrapped(&found)))
}

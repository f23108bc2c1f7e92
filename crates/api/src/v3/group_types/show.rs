//! `GET /group_types/{group_type_id}`, where `default` is an identity too.

use super::load;
use super::view::Shown;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One type.
pub(super) async fn show(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let found = match request.param("group_type_id") {
        "default" => load::default(request, &mut tx).await?,
        _ => load::one(request, &mut tx).await?,
    };
    Ok(Answer::ok(&Shown::to(request).wrapped(&found)))
}

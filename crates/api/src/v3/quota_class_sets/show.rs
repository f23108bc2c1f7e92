//! `GET /os-quota-class-sets/{class}`.

use serde_json::json;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::quota_sets::resources;

/// The limits of a class; one that nobody made has the default ones.
pub(super) async fn show(request: &Request) -> Outcome {
    let class = request.param("class");
    let mut tx = request.app.db.read().await?;
    let names = resources::of(&mut tx, &request.caller).await?;
    let limits = &request.app.operations.settings.limits;
    let mut set = resources::view(resources::class_limits(&mut tx, class, &names, limits).await?);
    set.insert("id".to_owned(), class.into());
    Ok(Answer::ok(&json!({ "quota_class_set": set })))
}

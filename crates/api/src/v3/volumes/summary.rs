//! `GET /volumes/summary`.

use ashlar_db::volume_details::{self, Summary};
use serde_json::json;

use super::filter::{self, RULES};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::filters::Filters;
use crate::request::Request;
use crate::version::v3;

/// Count, total size and, from 3.36, the metadata in use.
pub(super) async fn summary(request: &Request) -> Outcome {
    // A member's unknown filter is ignored here at every microversion, as it is in lists below 3.31.
    let filters = Filters::read(
        &request.query,
        request.version.min(v3(30)),
        request.caller.is_admin,
        &request.app.settings.resource_filters,
        &RULES,
    )?;
    let summary = match filter::build(request, filters)? {
        Some(filter) => volume_details::summary(&mut request.app.db.read().await?, &filter).await?,
        None => Summary::default(),
    };
    let mut view = json!({ "total_count": summary.count, "total_size": summary.total_size });
    if request.version >= v3(36) {
        view["metadata"] = json!(summary.metadata);
    }
    Ok(Answer::ok(&json!({ "volume-summary": view })))
}

//! `GET /clusters/{name}`.

use ashlar_db::clusters::{self, ClusterFilter};
use ashlar_db::services::VOLUME;
use serde_json::json;

use super::view::Shown;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// The cluster of this name; of volume services when no `binary` is asked for.
pub(super) async fn show(request: &Request) -> Outcome {
    let name = request.param("cluster_name");
    let binary = request.query.get("binary").unwrap_or(VOLUME);
    let shown = Shown::to(request);
    let filter = ClusterFilter {
        name: Some(name.to_owned()),
        binary: Some(binary.to_owned()),
        ..ClusterFilter::default()
    };
    let mut tx = request.app.db.read().await?;
    // `c` finds `c@b` where there is no other, as in Cinder.
    let found = clusters::list(&mut tx, &filter, shown.now, shown.down_time).await?;
    let Some(cluster) = found.first() else { return Err(super::switch::not_found(name, binary)) };
    Ok(Answer::ok(&json!({ "cluster": shown.detail(cluster) })))
}

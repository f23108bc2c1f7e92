//! `GET /scheduler-stats/get_pools`.

use ashlar_db::pools;
use ashlar_operations::suitable_pools;
use serde_json::json;

use super::filter::PoolFilter;
use super::view::{PoolView, capabilities};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::types::load;

/// The pools whose service is up, enabled and not frozen. With `detail=true` all that they report.
pub(super) async fn list(request: &Request) -> Outcome {
    let detail = request.query.boolean("detail", false)?;
    let filter = PoolFilter::of(request)?;
    let down_time = request.app.operations.settings.service_down_time;
    let mut tx = request.app.db.read().await?;
    let mut found = pools::list_usable(&mut tx, request.app.clock.now(), down_time).await?;
    found.retain(|pool| filter.admits(pool));
    if let Some(asked) = &filter.volume_type {
        let eyes = load::eyes(&request.caller);
        let volume_type = load::by_name_or_id(&mut tx, asked, &eyes).await?;
        found = suitable_pools::keep(found, &volume_type);
    }
    let reported = if detail { pools::reported_at(&mut tx).await? } else { Default::default() };
    let views: Vec<PoolView> = found
        .iter()
        .map(|pool| PoolView {
            name: pool.name.to_string(),
            capabilities: detail.then(|| capabilities(pool, reported.get(&pool.name).copied())),
        })
        .collect();
    Ok(Answer::ok(&json!({ "pools": views })))
}

//! Snapshots that lie on a backend already: listing them, and taking one over. The older path has no version gate.

pub mod body;
pub mod create;

use ashlar_operations::list_manageable::Of;

use crate::endpoint::{Endpoint, Outcome};
use crate::request::Request;
use crate::run;
use crate::v3::manageable;

const PATH: &str = "/manageable_snapshots";
const DETAIL: &str = "/manageable_snapshots/detail";
const OLD_PATH: &str = "/os-snapshot-manage";
const OLD_DETAIL: &str = "/os-snapshot-manage/detail";
/// The microversion of the newer path.
const SINCE: u16 = 8;
const LIST: &str = "snapshot_extension:list_manageable";
const MANAGE: &str = "snapshot_extension:snapshot_manage";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("manageable-snapshot.list", PATH, run!(brief)).since(SINCE).rule(LIST),
    Endpoint::get("manageable-snapshot.detail", DETAIL, run!(detailed)).since(SINCE).rule(LIST),
    Endpoint::post("manageable-snapshot.create", PATH, run!(create::create))
        .since(SINCE)
        .rule_after_load(MANAGE)
        .body(&body::CREATE),
    Endpoint::get("manageable-snapshot-legacy.list", OLD_PATH, run!(brief)).rule(LIST),
    Endpoint::get("manageable-snapshot-legacy.detail", OLD_DETAIL, run!(detailed)).rule(LIST),
    Endpoint::post("manageable-snapshot-legacy.create", OLD_PATH, run!(create::create))
        .rule_after_load(MANAGE)
        .body(&body::CREATE),
];

async fn brief(request: &Request) -> Outcome {
    manageable::list(request, Of::Snapshots, false).await
}

async fn detailed(request: &Request) -> Outcome {
    manageable::list(request, Of::Snapshots, true).await
}

//! Volumes that lie on a backend already: listing them, and taking one over. The older path has no version gate.

pub mod body;
pub mod create;

use ashlar_operations::list_manageable::Of;

use crate::endpoint::{Endpoint, Outcome};
use crate::request::Request;
use crate::run;
use crate::v3::manageable;

const PATH: &str = "/manageable_volumes";
const DETAIL: &str = "/manageable_volumes/detail";
const OLD_PATH: &str = "/os-volume-manage";
const OLD_DETAIL: &str = "/os-volume-manage/detail";
/// The microversion of the newer path.
const SINCE: u16 = 8;
const LIST: &str = "volume_extension:list_manageable";
const MANAGE: &str = "volume_extension:volume_manage";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("manageable-volume.list", PATH, run!(brief)).since(SINCE).rule(LIST),
    Endpoint::get("manageable-volume.detail", DETAIL, run!(detailed)).since(SINCE).rule(LIST),
    Endpoint::post("manageable-volume.create", PATH, run!(create::create))
        .since(SINCE)
        .rule(MANAGE)
        .body(&body::CREATE),
    Endpoint::get("manageable-volume-legacy.list", OLD_PATH, run!(brief)).rule(LIST),
    Endpoint::get("manageable-volume-legacy.detail", OLD_DETAIL, run!(detailed)).rule(LIST),
    Endpoint::post("manageable-volume-legacy.create", OLD_PATH, run!(create::create))
        .rule(MANAGE)
        .body(&body::CREATE),
];

async fn brief(request: &Request) -> Outcome {
    manageable::list(request, Of::Volumes, false).await
}

async fn detailed(request: &Request) -> Outcome {
    manageable::list(request, Of::Volumes, true).await
}

//! `GET /limits`.

use std::collections::BTreeMap;

use ashlar_db::quotas;
use ashlar_types::quota::Usage;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on an administrator may ask for another project.
const OTHER_PROJECT: Version = v3(39);
/// Resource, name of its limit, name of what is used of it.
const SHOWN: [(&str, &str, &str); 5] = [
    ("volumes", "maxTotalVolumes", "totalVolumesUsed"),
    ("gigabytes", "maxTotalVolumeGigabytes", "totalGigabytesUsed"),
    ("snapshots", "maxTotalSnapshots", "totalSnapshotsUsed"),
    ("backups", "maxTotalBackups", "totalBackupsUsed"),
    ("backup_gigabytes", "maxTotalBackupGigabytes", "totalBackupGigabytesUsed"),
];

/// Absolute limits, and used values for whom the rule admits. There are no rate limits.
pub(super) async fn show(request: &Request) -> Outcome {
    let resources = SHOWN.map(|(resource, ..)| resource);
    let limits = &request.app.operations.settings.limits;
    let mut tx = request.app.db.read().await?;
    let found = quotas::show(&mut tx, project(request), &resources, limits).await?;
    let absolute = absolute(&found, request.allows("limits_extension:used_limits"));
    Ok(Answer::ok(&json!({ "limits": { "rate": [], "absolute": absolute } })))
}

/// Whose limits: the caller's project's, unless an administrator asks for another's.
fn project(request: &Request) -> &str {
    let own = request.caller.project_id.as_str();
    if !request.caller.is_admin || request.version < OTHER_PROJECT {
        return own;
    }
    let query = &request.query;
    query.get("project_id").or_else(|| query.get("tenant_id")).unwrap_or(own)
}

fn absolute(found: &BTreeMap<String, (i64, Usage)>, with_used: bool) -> Map<String, Value> {
    let mut absolute = Map::new();
    for (resource, limit_name, used_name) in SHOWN {
        let Some((limit, usage)) = found.get(resource) else { continue };
        absolute.insert(limit_name.to_owned(), (*limit).into());
        if with_used {
            absolute.insert(used_name.to_owned(), usage.in_use.into());
        }
    }
    absolute
}

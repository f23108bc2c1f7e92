//! Group snapshots as snapshots of consistency groups in JSON.

use ashlar_types::{GroupId, GroupSnapshot, GroupSnapshotId};
use serde::Serialize;

/// A snapshot in a short list, and as it is answered when it was asked for.
#[derive(Serialize)]
pub struct Brief<'s> {
    id: GroupSnapshotId,
    name: Option<&'s str>,
}

/// One snapshot with everything.
#[derive(Serialize)]
pub struct Detailed<'s> {
    id: GroupSnapshotId,
    consistencygroup_id: GroupId,
    status: &'static str,
    created_at: String,
    name: Option<&'s str>,
    description: Option<&'s str>,
}

/// `{"cgsnapshot": …}`
#[derive(Serialize)]
pub struct Wrapped<S> {
    cgsnapshot: S,
}

/// The short form.
#[must_use]
pub fn brief(found: &GroupSnapshot) -> Brief<'_> {
    Brief { id: found.id, name: found.name.as_deref() }
}

/// Everything.
#[must_use]
pub fn detailed(found: &GroupSnapshot) -> Detailed<'_> {
    Detailed {
        id: found.id,
        consistencygroup_id: found.group_id,
        status: found.status.as_str(),
        created_at: found.created_at.to_string(),
        name: found.name.as_deref(),
        description: found.description.as_deref(),
    }
}

/// `{"cgsnapshot": …}`
#[must_use]
pub fn wrapped<S>(cgsnapshot: S) -> Wrapped<S> {
    Wrapped { cgsnapshot }
}

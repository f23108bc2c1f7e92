//! Groups as consistency groups in JSON.

use ashlar_types::{Group, GroupId, VolumeTypeId};
use serde::Serialize;

/// A group in a short list, and as it is answered when it was asked for.
#[derive(Serialize)]
pub struct Brief<'g> {
    id: GroupId,
    name: Option<&'g str>,
}

/// One group with everything.
#[derive(Serialize)]
pub struct Detailed<'g> {
    id: GroupId,
    status: &'static str,
    availability_zone: Option<&'g str>,
    created_at: String,
    name: Option<&'g str>,
    description: Option<&'g str>,
    volume_types: &'g [VolumeTypeId],
}

/// `{"consistencygroup": …}`
#[derive(Serialize)]
pub struct Wrapped<G> {
    consistencygroup: G,
}

/// The short form.
#[must_use]
pub fn brief(group: &Group) -> Brief<'_> {
    Brief { id: group.id, name: group.name.as_deref() }
}

/// Everything.
#[must_use]
pub fn detailed(group: &Group) -> Detailed<'_> {
    Detailed {
        id: group.id,
        status: group.status.as_str(),
        availability_zone: group.availability_zone.as_deref(),
        created_at: group.created_at.to_string(),
        name: group.name.as_deref(),
        description: group.description.as_deref(),
        volume_types: &group.volume_types,
    }
}

/// `{"consistencygroup": …}`
#[must_use]
pub fn wrapped<G>(consistencygroup: G) -> Wrapped<G> {
    Wrapped { consistencygroup }
}

//! Groups as JSON: each field from its microversion on.

use ashlar_types::{Group, GroupId, GroupSnapshotId, GroupTypeId, VolumeId, VolumeTypeId};
use serde::Serialize;

use crate::fault::Fault;
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on `list_volume` is a parameter.
const LIST_VOLUME: Version = v3(25);

/// A group in a short list, and as it is answered when it was asked for.
#[derive(Serialize)]
pub struct Brief<'g> {
    id: GroupId,
    name: Option<&'g str>,
}

/// `{"group": …}`
#[derive(Serialize)]
pub struct Wrapped<G> {
    group: G,
}

/// One group. An outer `None` leaves the field out.
#[derive(Serialize)]
pub struct GroupView<'g> {
    id: GroupId,
    status: &'static str,
    availability_zone: Option<&'g str>,
    created_at: String,
    name: Option<&'g str>,
    description: Option<&'g str>,
    group_type: Option<GroupTypeId>,
    volume_types: &'g [VolumeTypeId],
    #[serde(skip_serializing_if = "Option::is_none")]
    group_snapshot_id: Option<Option<GroupSnapshotId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_group_id: Option<Option<GroupId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volumes: Option<Vec<VolumeId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replication_status: Option<Option<&'g str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<&'g str>,
}

/// What a caller sees of groups at a microversion. Made once for a list.
pub struct Shown {
    version: Version,
    /// The caller asks for the volumes of each.
    pub with_volumes: bool,
    with_project: bool,
}

/// The short form.
#[must_use]
pub fn brief(group: &Group) -> Brief<'_> {
    Brief { id: group.id, name: group.name.as_deref() }
}

/// `{"group": …}`
#[must_use]
pub fn wrapped<G>(group: G) -> Wrapped<G> {
    Wrapped { group }
}

impl Shown {
    /// For show and the long list.
    ///
    /// # Errors
    /// 400 for a `list_volume` that is no boolean.
    pub fn detailed(request: &Request) -> Result<Self, Fault> {
        let version = request.version;
        let with_volumes = version >= LIST_VOLUME && request.query.boolean("list_volume", false)?;
        let with_project = version >= v3(58) && request.allows("group:group_project_attribute");
        Ok(Self { version, with_volumes, with_project })
    }

    /// Everything of the group; `volumes` are its volumes where they were looked up.
    #[must_use]
    pub fn view<'g>(&self, group: &'g Group, volumes: Vec<VolumeId>) -> GroupView<'g> {
        let from = |minor: u16| self.version >= v3(minor);
        GroupView {
            id: group.id,
            status: group.status.as_str(),
            availability_zone: group.availability_zone.as_deref(),
            created_at: group.created_at.to_string(),
            name: group.name.as_deref(),
            description: group.description.as_deref(),
            group_type: group.group_type_id,
            volume_types: &group.volume_types,
            group_snapshot_id: from(14).then_some(group.group_snapshot_id),
            source_group_id: from(14).then_some(group.source_group_id),
            volumes: self.with_volumes.then_some(volumes),
            replication_status: from(38).then_some(group.replication_status.as_deref()),
            project_id: self.with_project.then_some(group.project_id.as_str()),
        }
    }
}

//! Group snapshots as JSON.

use ashlar_types::{GroupId, GroupSnapshot, GroupSnapshotId, GroupTypeId};
use serde::Serialize;

use crate::request::Request;
use crate::version::v3;

/// A group snapshot in a short list.
#[derive(Serialize)]
pub struct Brief<'s> {
    id: GroupSnapshotId,
    name: Option<&'s str>,
}

/// A group snapshot as it is answered when it was asked for.
#[derive(Serialize)]
pub struct Accepted<'s> {
    id: GroupSnapshotId,
    name: Option<&'s str>,
    group_type_id: Option<GroupTypeId>,
}

/// `{"group_snapshot": …}`
#[derive(Serialize)]
pub struct Wrapped<S> {
    group_snapshot: S,
}

/// One group snapshot with everything.
#[derive(Serialize)]
pub struct GroupSnapshotView<'s> {
    id: GroupSnapshotId,
    group_id: GroupId,
    group_type_id: Option<GroupTypeId>,
    status: &'static str,
    created_at: String,
    name: Option<&'s str>,
    description: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<&'s str>,
}

/// What a caller sees of group snapshots at a microversion. Made once for a list.
pub struct Shown {
    with_project: bool,
}

/// The short form.
#[must_use]
pub fn brief(found: &GroupSnapshot) -> Brief<'_> {
    Brief { id: found.id, name: found.name.as_deref() }
}

/// For create.
#[must_use]
pub fn accepted(made: &GroupSnapshot) -> Accepted<'_> {
    Accepted { id: made.id, name: made.name.as_deref(), group_type_id: made.group_type_id }
}

/// `{"group_snapshot": …}`
#[must_use]
pub fn wrapped<S>(group_snapshot: S) -> Wrapped<S> {
    Wrapped { group_snapshot }
}

impl Shown {
    /// For show and the long list: the project for those who may see it, from 3.58 on.
    #[must_use]
    pub fn detailed(request: &Request) -> Self {
        let allowed = request.allows("group:group_snapshot_project_attribute");
        Self { with_project: request.version >= v3(58) && allowed }
    }

    /// Everything.
    #[must_use]
    pub fn view<'s>(&self, found: &'s GroupSnapshot) -> GroupSnapshotView<'s> {
        GroupSnapshotView {
            id: found.id,
            group_id: found.group_id,
            group_type_id: found.group_type_id,
            status: found.status.as_str(),
            created_at: found.created_at.to_string(),
            name: found.name.as_deref(),
            description: found.description.as_deref(),
            project_id: self.with_project.then_some(found.project_id.as_str()),
        }
    }
}

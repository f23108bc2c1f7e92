//! Telling the engine what a flow is about.

use ashlar_flow::Subject;
use ashlar_types::{Caller, Group, GroupSnapshot, Snapshot, VolumeId};

/// A flow about a volume of `project_id`.
#[must_use]
pub fn volume(id: VolumeId, project_id: &str, caller: &Caller) -> Subject {
    Subject {
        kind: "volume".to_owned(),
        id: id.to_string(),
        project_id: project_id.to_owned(),
        request_id: caller.request_id.clone(),
    }
}

/// A flow about a snapshot.
#[must_use]
pub fn snapshot(snapshot: &Snapshot, caller: &Caller) -> Subject {
    Subject {
        kind: "snapshot".to_owned(),
        id: snapshot.id.to_string(),
        project_id: snapshot.project_id.clone(),
        request_id: caller.request_id.clone(),
    }
}

/// A flow about a group.
#[must_use]
pub fn group(group: &Group, caller: &Caller) -> Subject {
    Subject {
        kind: "group".to_owned(),
        id: group.id.to_string(),
        project_id: group.project_id.clone(),
        request_id: caller.request_id.clone(),
    }
}

/// A flow about a snapshot of a group.
#[must_use]
pub fn group_snapshot(snapshot: &GroupSnapshot, caller: &Caller) -> Subject {
    Subject {
        kind: "group_snapshot".to_owned(),
        id: snapshot.id.to_string(),
        project_id: snapshot.project_id.clone(),
        request_id: caller.request_id.clone(),
    }
}

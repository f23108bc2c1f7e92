//! Snapshots as JSON: each field from its microversion on.

use ashlar_db::snapshot_details::SnapshotDetail;
use ashlar_types::{Metadata, SnapshotId, VolumeId};
use serde::Serialize;

use crate::request::Request;
use crate::version::{Version, v3};

/// What a caller sees of snapshots at a microversion. Made once for a list.
pub struct Shown {
    version: Version,
    detailed: bool,
    extended: bool,
}

/// `{"snapshot": …}`
#[derive(Serialize)]
pub struct Wrapped<'s> {
    snapshot: SnapshotView<'s>,
}

/// One snapshot. An outer `None` leaves the field out.
#[derive(Serialize)]
pub struct SnapshotView<'s> {
    id: SnapshotId,
    created_at: String,
    updated_at: Option<String>,
    name: Option<&'s str>,
    description: Option<&'s str>,
    volume_id: VolumeId,
    status: &'static str,
    size: u64,
    metadata: &'s Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_snapshot_id: Option<Option<&'s str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumes_quota: Option<bool>,
    #[serde(
        rename = "os-extended-snapshot-attributes:project_id",
        skip_serializing_if = "Option::is_none"
    )]
    project_id: Option<&'s str>,
    #[serde(
        rename = "os-extended-snapshot-attributes:progress",
        skip_serializing_if = "Option::is_none"
    )]
    progress: Option<Option<&'s str>>,
}

impl Shown {
    /// For the short list.
    #[must_use]
    pub fn brief(request: &Request) -> Self {
        Self { version: request.version, detailed: false, extended: false }
    }

    /// For create and update.
    #[must_use]
    pub fn plain(request: &Request) -> Self {
        Self { version: request.version, detailed: true, extended: false }
    }

    /// For show and the long list, which add project and progress.
    #[must_use]
    pub fn extended(request: &Request) -> Self {
        let extended = request.allows("volume_extension:extended_snapshot_attributes");
        Self { version: request.version, detailed: true, extended }
    }

    /// `{"snapshot": …}`
    #[must_use]
    pub fn wrapped<'s>(&self, detail: &'s SnapshotDetail) -> Wrapped<'s> {
        Wrapped { snapshot: self.view(detail) }
    }

    /// The snapshot alone, for a list.
    #[must_use]
    pub fn view<'s>(&self, detail: &'s SnapshotDetail) -> SnapshotView<'s> {
        let s = &detail.snapshot;
        let from = |minor: u16| self.detailed && self.version >= v3(minor);
        SnapshotView {
            id: s.id,
            created_at: s.created_at.to_string(),
            updated_at: s.updated_at.map(|at| at.to_string()),
            name: s.name.as_deref(),
            description: s.description.as_deref(),
            volume_id: s.volume_id,
            status: s.status.as_str(),
            size: s.volume_size.0,
            metadata: &detail.metadata,
            group_snapshot_id: from(14).then_some(s.group_snapshot_id.as_deref()),
            user_id: from(41).then_some(s.user_id.as_str()),
            consumes_quota: from(65).then_some(s.use_quota),
            project_id: self.extended.then_some(s.project_id.as_str()),
            progress: self.extended.then_some(s.shown_progress()),
        }
    }
}

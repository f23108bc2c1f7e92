//! The checked, complete description of a volume to make. It is what placement judges and what the flow keeps.

use serde::{Deserialize, Serialize};

use crate::{BackendName, Gib, Metadata, PoolName, SnapshotId, VolumeId, VolumeType};

/// What the volume's first content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Source {
    /// Nothing: it reads as zeros.
    Blank,
    /// A snapshot.
    Snapshot(SnapshotId),
    /// Another volume.
    Volume(VolumeId),
}

/// Where the volume must live, when its source leaves no choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pinned {
    /// In this pool.
    Pool(PoolName),
    /// In any pool of this backend.
    Backend(BackendName),
}

/// A request for a volume, complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSpec {
    /// The volume's identity.
    pub volume_id: VolumeId,
    /// Owning project.
    pub project_id: String,
    /// Creating user.
    pub user_id: String,
    /// Request that asked.
    pub request_id: String,
    /// Size.
    pub size: Gib,
    /// Source.
    pub source: Source,
    /// Zones that will do; any when empty.
    pub availability_zones: Vec<String>,
    /// Type with its extra specs.
    pub volume_type: VolumeType,
    /// Where it must live.
    pub pinned: Option<Pinned>,
    /// User metadata, which some filters read.
    pub metadata: Metadata,
    /// Scheduler hints as the user gave them.
    pub hints: serde_json::Map<String, serde_json::Value>,
}

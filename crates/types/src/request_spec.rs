//! The checked, complete description of a volume to make. It is what placement judges and what the flow keeps.

use serde::{Deserialize, Serialize};

use crate::{BackendName, Gib, ImageId, Metadata, PoolName, SnapshotId, VolumeId, VolumeType};

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
    /// An image of Glance's.
    Image(ImageId),
}

impl Source {
    /// The source's identity under Cinder's name for its kind (`snapshot_id`, `source_volid`, `image_id`), if it is of that kind.
    #[must_use]
    pub fn named(&self, kind: &str) -> Option<String> {
        match (self, kind) {
            (Self::Snapshot(id), "snapshot_id") => Some(id.to_string()),
            (Self::Volume(id), "source_volid") => Some(id.to_string()),
            (Self::Image(id), "image_id") => Some(id.to_string()),
            _ => None,
        }
    }
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

impl Pinned {
    /// The pool's or the backend's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pool(name) => name.as_str(),
            Self::Backend(name) => name.as_str(),
        }
    }
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
    /// Where an administrator wants it: a host, a backend or a pool. Only the `simple` scheduler is asked so.
    #[serde(default)]
    pub forced: Option<String>,
    /// User metadata, which some filters read.
    pub metadata: Metadata,
    /// Scheduler hints as the user gave them.
    pub hints: serde_json::Map<String, serde_json::Value>,
}

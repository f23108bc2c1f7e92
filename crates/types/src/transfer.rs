//! Transfers: a volume offered to whoever knows the key of the offer.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, TransferId, VolumeId};

/// An offer, without what its key is checked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Identity.
    pub id: TransferId,
    /// The volume that is offered.
    pub volume_id: VolumeId,
    /// Name that its maker gave it.
    pub name: Option<String>,
    /// The volume's snapshots stay with its owner.
    pub no_snapshots: bool,
    /// Project that offers it; Cinder has filled it since 3.57.
    pub source_project_id: Option<String>,
    /// Project that has accepted it.
    pub destination_project_id: Option<String>,
    /// Somebody has accepted it. It is gone then, and only its row says so.
    pub accepted: bool,
    /// When it was made.
    pub created_at: Option<Timestamp>,
}
